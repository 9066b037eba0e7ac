"""Which executed copies are still what a plan would make now.

An executed copy is kept with a stamp: the hash of all that decided it (source, parameters, library, what the chapters
before it left), and the hash of the record that it left. Questions here change nothing on disk.
"""

import json
from pathlib import Path
from typing import Any

from camgan_lib.base import paths
from camgan_lib.base.files import file_sha256
from camgan_lib.base.identity import recipe_id
from camgan_lib.book import chapters
from camgan_lib.book.plan import Plan
from camgan_lib.book.profiles import FILES
from camgan_lib.book.records import networks_of, read_record
from camgan_lib.networks.store import open_store

FOLDERS = {"dataset": "crops", "nostyle": "nostyle"}
"""The store's folder of each kind of data that a record names."""


def library_hashes() -> list[str]:
    """Hashes of the files of the library, as they are now."""
    library = paths.ROOT / "camgan_lib"
    return [file_sha256(path) for path in sorted([*library.rglob("*.py"), *library.rglob("*.json")])]


def chapter_key(plan: Plan, chapter: str, library: list[str] | None = None) -> str:
    """Hash of what decides an executed copy: source, parameters, the user's files, library, kernel, earlier records.

    `library`: its hashes when the run began. Without them they are read now.
    """
    from camgan_lib.data.listing import listing

    parameters = plan.parameters[chapter]
    shown = paths.published_folder() / str(parameters.get("published_run")) / "results.json"
    named = [Path(parameters[name]).expanduser() for name in FILES if _names_files(parameters, name)]
    return recipe_id(
        {
            "source": file_sha256(chapters.source(chapter)),
            "parameters": parameters,
            "files": [listing(path) for path in named],
            "library": library_hashes() if library is None else library,
            "published": file_sha256(shown) if shown.exists() else None,
            "trials": [file_sha256(path) for path in sorted(paths.published_folder().glob("trials/*.json"))],
            "sweeps": [file_sha256(path) for path in _sweeps(plan, chapter)],
            "kernel": plan.kernel,
            "fresh": plan.settings.fresh,
            "upstream": {name: _what_counts(plan, name) for name in chapters.UPSTREAM[chapter]},
        }
    )


def _names_files(parameters: dict[str, Any], name: str) -> bool:
    return parameters.get(name, "simulated") not in ("simulated", "scenes")


def _what_counts(plan: Plan, chapter: str) -> dict[str, Any] | None:
    record = read_record(plan.build / "records", chapter)
    return record and {part: record[part] for part in ("parameters", "results", "products")}


def _sweeps(plan: Plan, chapter: str) -> list[Path]:
    from camgan_lib.book.published import sweep_files

    return sweep_files("*", plan.build) if chapter in chapters.SHOW_SWEEPS else []


def is_current(plan: Plan, chapter: str, key: str | None = None) -> bool:
    """Whether the chapter's copy and record are those that this plan would make now, and all that it made is whole.

    `key` is its key, where that is known.
    """
    stamp = read_stamp(plan, chapter)
    record = plan.build / "records" / f"{chapter}.json"
    return bool(
        stamp
        and record.exists()
        and stamp["key"] == (key or chapter_key(plan, chapter))
        and stamp["record"] == file_sha256(record)
        and products_are_whole(plan, chapter)
    )


def products_are_whole(plan: Plan, chapter: str) -> bool:
    """Whether the store has all that the chapter's record says that it made."""
    store, record = open_store(plan.settings), read_record(plan.build / "records", chapter) or {"products": {}}
    return all(
        (store.root / FOLDERS[name] / product["file"]).is_file()
        if isinstance(product.get("file"), str)
        else all(store.has(each["kind"], each["key"]) for each in networks_of(product))
        for name, product in record["products"].items()
    )


def stale_chapters(plan: Plan) -> list[str]:
    """Chapters with a copy that this plan would not make now, or that stands on one that is stale or missing."""
    stale: list[str] = []
    missing: list[str] = []
    library = library_hashes()
    for chapter, source in chapters.sources().items():
        if not (plan.build / "executed" / source.name).exists():
            missing.append(chapter)
        elif not is_current(plan, chapter, chapter_key(plan, chapter, library)) or {*stale, *missing} & set(
            chapters.UPSTREAM[chapter]
        ):
            stale.append(chapter)
    return stale


def write_stamp(copy: Path, record: Path, key: str, seconds: float) -> None:
    """Stamps an executed copy with its key, its record's hash and the seconds that it took."""
    notebook = json.loads(copy.read_text("utf-8"))
    notebook["metadata"].pop("papermill", None)
    notebook["metadata"]["camgan"] = {"key": key, "record": file_sha256(record), "seconds": seconds}
    copy.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read_stamp(plan: Plan, chapter: str) -> dict[str, Any] | None:
    """The stamp of a chapter's executed copy, or None where there is no whole copy."""
    try:
        copy = plan.build / "executed" / chapters.source(chapter).name
        return json.loads(copy.read_text("utf-8"))["metadata"].get("camgan")
    except (FileNotFoundError, ValueError, KeyError):
        return None
