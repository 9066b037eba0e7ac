"""Copies a run's results and networks into `published/`, each folder whole or not at all."""

import json
import re
import shutil
from pathlib import Path

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import folder_aside, write_json
from camgan_lib.base.versions import changed
from camgan_lib.book.model_card import write_cards
from camgan_lib.book.published import results, store_folder
from camgan_lib.networks.store import Store


def publish(name: str, build: Path, own: Store, *, weights: bool) -> Path:
    """Publishes a build's results as `published/<name>/` and returns that folder.

    With `weights`, the run's networks are copied from the store `own` to the published one; without, only their
    manifests go beside the results. Published networks that no published run uses any more are removed, and each that
    is left gets its model card.

    Raises CamganError for a name that can't be one, where the build has no results or its networks are gone, where the
    code that trains is not the recorded one, and where `published/` can't be written. What was published under that
    name before is then still there.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or name in ("store", "trials", "sweeps"):
        rule = "has letters, digits, - and _ and is not 'store', 'trials' or 'sweeps'"
        raise CamganError(f"a published run's name {rule}, got {name!r}")
    if kinds := changed():
        words = "is not the recorded one; the first lines of camgan_lib/base/versions.py tell what to do"
        raise CamganError(f"the code that makes {', '.join(kinds)} {words}")
    if not (build / "results.json").is_file():
        raise CamganError(f"there is no results.json in {build}; run 'camgan book' first")
    found = json.loads((build / "results.json").read_text("utf-8"))
    folders = _folders([each["id"] for each in found["run"]["networks"]], own)
    folder = paths.published_folder() / name
    try:
        if weights:
            _copy_weights(folders)
        with folder_aside(folder) as aside:
            write_json(aside / "results.json", found)
            for made in [] if weights else folders:
                manifest = json.loads((made / "manifest.json").read_text("utf-8"))
                write_json(aside / made.parent.name / f"{made.name}.json", manifest)
    except OSError as error:
        words = " ".join(str(error).split())
        raise CamganError(f"can't publish {name} ({words}); what was published before is unchanged") from None
    _remove_unused()
    write_cards()
    return folder


def _copy_weights(folders: list[Path]) -> None:
    for made in folders:
        kept = store_folder() / made.parent.name / made.name
        if made != kept:
            with folder_aside(kept) as aside:
                shutil.copytree(made, aside, dirs_exist_ok=True)


def _folders(identities: list[str], own: Store) -> list[Path]:
    """The folders of networks, those in the store `own` before published ones."""
    roots = (own.root, store_folder())
    found = {each: [path for root in roots for path in root.glob(f"*/{each}")] for each in identities}
    if missing := sorted(identity for identity, places in found.items() if not places):
        raise CamganError(f"networks {', '.join(missing)} are not in {own.root}; run 'camgan book --fresh'")
    return [places[0] for places in found.values()]


def _remove_unused() -> None:
    runs = [path.parent.name for path in paths.published_folder().glob("[!.]*/results.json")]
    used = {each["id"] for run in runs for each in results(run)["run"]["networks"]}
    for path in store_folder().glob("*/*"):
        if path.name not in used:
            shutil.rmtree(path)
