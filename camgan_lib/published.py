"""What the published runs left, in `published/`: their results, and the weights of some (see its README)."""

import json
import shutil
from pathlib import Path

from camgan_lib import paths
from camgan_lib.errors import CamganError
from camgan_lib.store import Store, write_json


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


def publish(name: str, build: Path, *, weights: bool) -> Path:
    """Copies a build's results to `published/<name>/`, its networks to the published store or, without `weights`, only
    their manifests beside the results. Returns `published/<name>`.

    Raises CamganError where the build has no results, or they are not of networks in its own store.
    """
    if not (build / "results.json").is_file():
        raise CamganError(f"there is no results.json in {build}; run 'camgan book' first")
    found = json.loads((build / "results.json").read_text("utf-8"))
    used = [each["id"] for each in found["run"]["networks"]]
    own, folder = Store(build / "store"), paths.published_folder() / name
    manifests = {each["id"]: each for each in own.manifests()}
    if missing := sorted(set(used) - set(manifests)):
        raise CamganError(f"networks {', '.join(missing)} are not in {own.root}; run 'camgan book --fresh'")
    shutil.rmtree(folder, ignore_errors=True)
    write_json(folder / "results.json", found)
    for identity in used:
        kind = manifests[identity]["kind"]
        made = own.root / kind / identity
        if weights:
            shutil.copytree(made, store_folder() / kind / identity, dirs_exist_ok=True)
        else:
            (folder / kind).mkdir(exist_ok=True)
            shutil.copyfile(made / "manifest.json", folder / kind / f"{identity}.json")
    return folder
