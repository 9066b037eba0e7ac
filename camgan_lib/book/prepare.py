"""Makes or reads a run's data by a chapter's parameters, and keeps it in the store under its recipe.

Each function returns the data and its product: the `file` in the store, the `fingerprint` of the content, and
`made_by`, which stands for the data in the recipes of networks.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import say
from camgan_lib.base.identity import recipe_id
from camgan_lib.book import recipes
from camgan_lib.data.crops import CameraData, fingerprint
from camgan_lib.data.listing import listing
from camgan_lib.data.nostyle import NoStyle, load_nostyle
from camgan_lib.data.photos import load_crops, report_lines
from camgan_lib.data.pictures import Limits
from camgan_lib.data.simulation import simulate_cameras
from camgan_lib.measure.confounders import confounders, sentences
from camgan_lib.networks.store import Store
from camgan_lib.show.figures import confounders as figures

Data = TypeVar("Data")
Product = dict[str, Any]
FACTS = 1
"""Version of what is kept of each photo beside its crops."""


def crops(parameters: dict[str, Any], store: Store) -> tuple[CameraData, Product]:
    """Crops of every camera by chapter dataset's parameters. Simulates the photos first where that is needed."""
    p, simulated = parameters, parameters["data"] == "simulated"
    folder = _simulated_photos(p, store) if simulated else Path(p["data"]).expanduser()
    cut = recipes.cut(p)
    of_files = {"photos": recipes.simulation(p)} if simulated else {"photos": listing(folder), **recipes.reading(p)}
    recipe = {**of_files, **cut, "facts": FACTS}
    path = store.root / "crops" / f"{recipe_id(recipe)}.npz"
    with store.locked("crops", recipe):
        data = load_if_whole(CameraData.load, path)
        if data is None:
            data = _cut(p, folder)
            data.save(path)
    if not simulated:
        _tell(data)
    content = fingerprint(data)
    made_by = simulated_by(p) if simulated else content
    return data, {"file": path.name, "fingerprint": content, "made_by": made_by}


def _tell(data: CameraData) -> None:
    """Tells on the terminal what was done with the photos, and what in them may be confounded with the camera."""
    rows = confounders(data.report["facts"], data.cameras)
    for lines in (report_lines(data), sentences(rows, data.cameras)):
        say(repr(figures.notes(lines)))
    say(figures.text(rows, data.cameras))


def simulated_by(parameters: dict[str, Any]) -> str:
    """What `made_by` of simulated crops is. It needs no photo."""
    return recipe_id({"simulated": recipes.simulation(parameters), **recipes.cut(parameters)})


def _cut(p: dict[str, Any], folder: Path) -> CameraData:
    data = load_crops(
        folder,
        photos_per_camera=p["photos_per_camera"],
        test_share=p["test_share"],
        crops_per_photo=p["crops_per_photo"],
        split=p["split"],
        on_bad=p["bad_files"],
        bad_cameras=p["bad_cameras"],
        limits=Limits(p["largest_photo"], p["pixels_per_byte"]),
        seed=p["seed"],
        workers=p["workers"],
    )
    if p["data"] == "simulated":
        data.report["lines"].clear()  # they are for who has photos of one's own
    return data


def _simulated_photos(p: dict[str, Any], store: Store) -> Path:
    if p["photos_per_camera"] < 2:
        raise CamganError(
            f"simulated cameras take at least 2 photos_per_camera, got {p['photos_per_camera']}; "
            "0 (all there are) is for a folder of photos"
        )
    folder = store.root / "simulated" / recipes.simulated_folder(p)
    with store.locked("simulated", {"folder": folder.name}):
        simulate_cameras(
            folder, photos=p["photos_per_camera"], size=p["photo_size"], seed=p["seed"], workers=p["workers"]
        )
    return folder


def nostyle(
    parameters: dict[str, Any], store: Store, *, shown: int, needed: Callable[[Product], bool]
) -> tuple[NoStyle, Product]:
    """No-style images by chapter style_gan's parameters.

    Scenes take long to render. With `shown`, only so many of them are rendered for `train`. The whole set, the
    product's `all`, is then rendered only if `needed(product)` is true, which means that a generator must be trained.
    """
    rendered = parameters["nostyle"] == "scenes"
    source = "scenes" if rendered else listing(Path(parameters["nostyle"]).expanduser())
    recipe = recipes.nostyle_images(parameters, source)
    file = f"{recipe_id(recipe)}.npz"
    product: Product = {"file": file, "all": file, "fingerprint": None, "made_by": recipe_id(recipe)}
    partly = bool(shown) and rendered
    if not partly or needed(product):
        images = _kept_nostyle(parameters, store, recipe)
        product["fingerprint"] = images.fingerprint()
        if not rendered:
            product["made_by"] = product["fingerprint"]
    if partly:
        part = {**recipe, "shown": shown}
        images = _kept_nostyle(parameters, store, part, shown)
        product["file"] = f"{recipe_id(part)}.npz"
    return images, product


def _kept_nostyle(parameters: dict[str, Any], store: Store, recipe: dict[str, Any], shown: int = 0) -> NoStyle:
    path = store.root / "nostyle" / f"{recipe_id(recipe)}.npz"
    with store.locked("nostyle", recipe):
        images = load_if_whole(NoStyle.load, path)
        if images is None:
            counts = {"train": parameters["nostyle_train"], "test": parameters["nostyle_test"]}
            how = {"seed": parameters["seed"], "workers": parameters["workers"]}
            images = load_nostyle(parameters["nostyle"], **counts, **how, shown=shown)
            images.save(path)
    return images


def load_if_whole(load: Callable[[Path], Data], path: Path) -> Data | None:
    """What `load` reads from a file of the store. None where it is missing; None, and a line, where it is damaged."""
    try:
        return load(path)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, OSError, CamganError) as error:
        say(f"{path.name} is damaged ({error}); it will be made again")
        return None
