"""Which stored things a build still needs: every id that one of its records names.

Records are JSON files of several kinds, and each names what it needs by an id or by the recipe whose hash is the id:

    records/       chapters: the networks that they made or used
    sweeps/        results of sweeps, whose rows are measurements; records of their classifiers; and in begun/ what a
                   sweep needs that has begun and not finished
    trials/        what the scripts in trials/ left
    results.json   the book's results, which `camgan publish` reads

Kept is also what a needed thing stands on: a measurement's network and judges, a generator's auxiliary classifier.
"""

import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.locks import locked
from camgan_lib.networks.store import Store

RECORDS = ("records/**/*.json", "sweeps/**/*.json", "trials/**/*.json", "results.json")
_ID = re.compile(r"[0-9a-f]{16}")


def needed(build: Path, store: Store, stands: dict[str, list[str]] | None = None) -> set[str]:
    """Ids of the stored things that a build's records name, and of those that they stand on.

    `stands`: of each stored thing the ids that it stands on (see `stands_on`), where the caller has read them all.
    Raises CamganError where a record can't be read: what it needs is then unknown.
    """
    kinds = {identity: kind for kind, identity in store.names()} if stands is None else {}
    found: set[str] = set()
    new = {each for path in _records(build) for each in _ids(_read(path))}
    while new:
        found |= new
        if stands is not None:
            beneath = (stands.get(identity, []) for identity in new)
        else:
            outlines = (store.outline(kinds[identity], identity) for identity in new & kinds.keys())
            beneath = (stands_on(outline) for outline in outlines if outline)
        new = {each for ids in beneath for each in ids} - found
    return found


def stands_on(manifest: dict[str, Any]) -> list[str]:
    """Ids of what a stored thing stands on: those that its recipe names."""
    return _ids(manifest["recipe"])


def _records(build: Path) -> Iterator[Path]:
    for pattern in RECORDS:
        yield from (path for path in sorted(build.glob(pattern)) if not path.name.startswith("."))


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        words = " ".join(str(error).split())
        raise CamganError(f"{path} can't be read ({words}), so what it needs is unknown; mend or remove it") from None


def _ids(value: Any) -> list[str]:
    """Every id in a JSON value: texts that are one, and the ids of recipes, which records keep as `key`."""
    found, left = [], [value]
    while left:
        value = left.pop()
        if isinstance(value, str):
            found += [value] if len(value) == 16 and _ID.fullmatch(value) else []
        elif isinstance(value, dict):
            found += [recipe_id(value["key"])] if isinstance(value.get("key"), dict) else []
            left += value.values()
        elif isinstance(value, list):
            left += value
    return found


def naming(build: Path) -> AbstractContextManager[None]:
    """Holds the lock of the build's needs. A sweep names its needs under it, `camgan store prune` removes under it.

    So nothing is removed that a sweep has just named.
    """
    return locked(build / "sweeps" / ".naming.lock", f"another run is looking through what {build} needs")


def begin(build: Path, sweep: str, ids: list[str]) -> None:
    """Notes what a sweep needs before it begins, so that its work is kept even where it is killed."""
    write_json(_begun(build, sweep), {"sweep": sweep, "needs": ids})


def end(build: Path, sweep: str) -> None:
    """Removes that note. The sweep's results name what it made from now on."""
    _begun(build, sweep).unlink(missing_ok=True)


def _begun(build: Path, sweep: str) -> Path:
    return build / "sweeps" / "begun" / f"{sweep}.json"
