"""Reads what comes with the project in `published/`: results of runs, sweeps and trials, and where weights lie."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.measure.estimates import Estimate, read

if TYPE_CHECKING:
    from camgan_lib.networks.style_gan import Generator


def store_folder() -> Path:
    """The folder of the published store. It is only read."""
    return paths.published_folder() / "store"


def names() -> list[str]:
    """The names of all published runs, sorted."""
    return sorted(path.parent.name for path in paths.published_folder().glob("[!.]*/results.json"))


def results(name: str) -> dict:
    """The results.json of a published run: `run` (profile, data, commit, networks …) and each chapter's results,
    with estimates as such.

    Raises CamganError where no run of that name is published.
    """
    path = paths.published_folder() / name / "results.json"
    if not path.is_file():
        raise CamganError(f"there is no published run {name!r}; there are {', '.join(names()) or 'none'}")
    return read(json.loads(path.read_text("utf-8")))


def older(found: dict[str, Any]) -> str:
    """A note that a run was recorded by an earlier version, in which numbers had no typed intervals, or "" if not."""
    if isinstance(found["classifier"]["auxiliary_accuracy"], Estimate):
        return ""
    return (
        f"This run was made by an earlier version (commit {found['run'].get('commit')}): its numbers are shown without "
        "intervals, and its verdicts can't be given by the present rules."
    )


def verdicts() -> dict[str, list[dict[str, Any]]]:
    """The verdicts that each published run recorded, by its name; an empty list if it recorded none."""
    return {name: results(name).get("verdict", {}).get("verdicts", []) for name in names()}


def trial(name: str) -> dict:
    """What `trials/<name>.py` left: its `rows`, with estimates as such, and under `run` how they were made."""
    return read(json.loads((paths.published_folder() / "trials" / f"{name}.json").read_text("utf-8")))


def trial_generators(name: str) -> "dict[str, Generator]":
    """The generators that `trials/<name>.py` left beside its record: camera → generator, in evaluation mode.

    The record's `shown` holds their `recipe`; the file `<name>.safetensors` holds their weights, by camera.
    """
    from safetensors.torch import load_file

    from camgan_lib.networks.recipes import GanRecipe
    from camgan_lib.networks.style_gan import Generator

    shown = trial(name)["shown"]
    found = load_file(paths.published_folder() / "trials" / f"{name}.safetensors")
    made = {}
    for camera in shown["ids"]:
        made[camera] = Generator.from_recipe(GanRecipe(**shown["recipe"]), seed=0).eval()
        own = {key.removeprefix(f"{camera}/"): each for key, each in found.items() if key.startswith(f"{camera}/")}
        made[camera].load_state_dict(own)
    return made


def sweep(name: str, build: Path, cameras: Sequence[str] = (), seeds: int = 2) -> dict:
    """The result of `camgan sweep sweeps/<name>.yml`: the build's own, or else the published one (`published` is true).

    A result of fewer than `seeds` seeds is passed over, because one seed gives no interval. So is one of other cameras,
    where `cameras` are named. Raises CamganError where no result is left.
    """
    for path in sweep_files(name, build):
        found = json.loads(path.read_text("utf-8"))
        of = list(dict.fromkeys(row.get("camera") for row in found["rows"]))
        of_seeds = {row[axis] for row in found["rows"] for axis in found["sweep"]["axes"] if axis.endswith("seed")}
        if len(of_seeds) >= seeds and (not cameras or of == list(cameras)):
            return {**found, "published": path.parent.parent == paths.published_folder()}
    raise CamganError(f"the sweep {name} has not run; run 'camgan sweep sweeps/{name}.yml'")


def sweep_files(name: str, build: Path) -> list[Path]:
    """The files of sweeps' results, the build's own first. `name` may be a pattern."""
    return [path for root in (build, paths.published_folder()) for path in sorted(root.glob(f"sweeps/{name}.json"))]


def files() -> list[Path]:
    """The records of all published runs, sweeps and trials."""
    folder = paths.published_folder()
    runs = [folder / name / "results.json" for name in names()]
    return [*runs, *sorted(folder.glob("sweeps/*.json")), *sorted(folder.glob("trials/*.json"))]


@cache
def made_at(path: Path) -> tuple[list[str], list[str]]:
    """The commits and the machines that a record says it was made at: as a whole, or each of its parts."""
    found = json.loads(path.read_text("utf-8"))
    parts = [found["run"]] if "commit" in found.get("run", {}) else list(_dicts(found))
    commits, devices = (
        sorted({part[key] for part in parts if isinstance(part.get(key), str)}) for key in ("commit", "device")
    )
    return commits, devices


def _dicts(found: Any, depth: int = 4) -> Iterator[dict[str, Any]]:
    """All dicts in plain JSON down to a depth."""
    if isinstance(found, dict):
        yield found
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    for part in parts if depth else ():
        yield from _dicts(part, depth - 1)


def results_file(where: str) -> Path:
    """The file that holds a run's results, whether it is there or not.

    `where` is a results.json, a folder that holds one, or the name of a published run.
    """
    path, named = Path(where).expanduser(), paths.published_folder() / where / "results.json"
    if not path.exists() and named.is_file():
        return named
    return path / "results.json" if path.is_dir() else path


def read_results(where: str) -> dict[str, Any]:
    """A run's results, with estimates as such. For `where` see `results_file`.

    Raises CamganError where there is no such file, or it is not a run's results.
    """
    path = results_file(where)
    wanted = "a results.json, a build folder or the name of a published run was expected"
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CamganError(f"{wanted}, there is nothing at {where}; 'camgan book' makes one") from None
    except (OSError, ValueError) as error:
        raise CamganError(f"{wanted}, {where} can't be read ({' '.join(str(error).split())})") from None
    if not isinstance(found, dict) or not isinstance(found.get("run"), dict):
        raise CamganError(f"{wanted}, {where} is another JSON file")
    return read(found)
