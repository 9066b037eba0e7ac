"""What the published runs left, in `published/`: their results, and the weights of some (see its README)."""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from camgan_lib import paths
from camgan_lib.errors import CamganError
from camgan_lib.store import Store, write_json
from camgan_lib.versions import changed


def store_folder() -> Path:
    """The store of published weights, to be read only."""
    return paths.published_folder() / "store"


def results(name: str) -> dict:
    """A published run's results.json: `run` (profile, data, commit, networks …) and each chapter's results.

    Raises CamganError for a name that is none.
    """
    path = paths.published_folder() / name / "results.json"
    if not path.is_file():
        known = ", ".join(sorted(each.parent.name for each in paths.published_folder().glob("*/results.json")))
        raise CamganError(f"there is no published run {name!r}; there are {known or 'none'}")
    return json.loads(path.read_text("utf-8"))


def trial(name: str) -> dict:
    """What `trials/<name>.py` left: `rows`, and under `run` how it was made."""
    return json.loads((paths.published_folder() / "trials" / f"{name}.json").read_text("utf-8"))


def sweep(name: str, build: Path, cameras: Sequence[str] = (), seeds: int = 2) -> dict:
    """What `camgan sweep sweeps/<name>.yml` left in a build, or else in `published/sweeps/`; `published` says which.

    Where `cameras` are named, one that trained generators of others is passed over, and so is one of fewer than `seeds`
    seeds: a single one has no intervals. Raises CamganError where none is left.
    """
    for path in sweep_files(name, build):
        found = json.loads(path.read_text("utf-8"))
        of = list(dict.fromkeys(row.get("camera") for row in found["rows"]))
        of_seeds = {row[axis] for row in found["rows"] for axis in found["sweep"]["axes"] if axis.endswith("seed")}
        if len(of_seeds) >= seeds and (not cameras or of == list(cameras)):
            return {**found, "published": path.parent.parent == paths.published_folder()}
    raise CamganError(f"the sweep {name} has not run; run 'camgan sweep sweeps/{name}.yml'")


def sweep_files(name: str, build: Path) -> list[Path]:
    """Results of sweeps, the build's own first; `name` may be a pattern."""
    return [path for root in (build, paths.published_folder()) for path in sorted(root.glob(f"sweeps/{name}.json"))]


def publish(name: str, build: Path, own: Store, *, weights: bool) -> Path:
    """Copies a build's results to `published/<name>/`, its networks from the store `own` to the published one or,
    without `weights`, only their manifests beside the results. Returns `published/<name>`.

    Published networks that no published run uses any more are removed. Raises CamganError for a name that can't be one,
    where the build has no results or its networks are gone, and where the code that trains is not the recorded one.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or name in ("store", "trials", "sweeps"):
        rule = "has letters, digits, - and _ and is not 'store', 'trials' or 'sweeps'"
        raise CamganError(f"a published run's name {rule}, got {name!r}")
    if kinds := changed():
        words = "is not the recorded one; the first lines of camgan_lib/versions.py tell what to do"
        raise CamganError(f"the code that makes {', '.join(kinds)} {words}")
    if not (build / "results.json").is_file():
        raise CamganError(f"there is no results.json in {build}; run 'camgan book' first")
    found = json.loads((build / "results.json").read_text("utf-8"))
    folders = _folders([each["id"] for each in found["run"]["networks"]], own)
    folder = paths.published_folder() / name
    shutil.rmtree(folder, ignore_errors=True)
    write_json(folder / "results.json", found)
    for made in folders:
        kept = store_folder() / made.parent.name / made.name
        if not weights:
            write_json(
                folder / made.parent.name / f"{made.name}.json", json.loads((made / "manifest.json").read_text())
            )
        elif made != kept:
            shutil.copytree(made, kept, dirs_exist_ok=True)
    _remove_unused()
    return folder


def _folders(identities: list[str], own: Store) -> list[Path]:
    """Where networks lie, own ones before published ones."""
    roots = (own.root, store_folder())
    found = {each: [path for root in roots for path in root.glob(f"*/{each}")] for each in identities}
    if missing := sorted(identity for identity, places in found.items() if not places):
        raise CamganError(f"networks {', '.join(missing)} are not in {own.root}; run 'camgan book --fresh'")
    return [places[0] for places in found.values()]


def _remove_unused() -> None:
    runs = [path.parent.name for path in paths.published_folder().glob("*/results.json")]
    used = {each["id"] for run in runs for each in results(run)["run"]["networks"]}
    for path in store_folder().glob("*/*"):
        if path.name not in used:
            shutil.rmtree(path)
