"""Chapters' records, `<folder>/<chapter>.json`: parameters, results, and what the chapter made.

A record's `products` are by name data (`file`, `fingerprint`, `made_by`) or networks (`kind` and `key`, the recipe that
names it in the store; generators one per camera).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from camgan_lib.base.identity import recipe_id

Record = dict[str, Any]


def read_record(folder: Path, chapter: str) -> Record | None:
    """A chapter's record, or None where it has left none that can be read."""
    try:
        return json.loads((folder / f"{chapter}.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def networks_of(product: dict[str, Any]) -> list[dict[str, Any]]:
    """The networks of a product, each with `kind` and `key`: itself, those of each camera, or none of data."""
    if "file" in product:
        return []
    return [product] if "key" in product else list(product.values())


def networks_of_records(folder: Path) -> set[str]:
    """Recipe ids of the networks that the records in a folder name, its sub-folders included."""
    return {recipe_id(each["key"]) for record in _records(folder) for each in _networks(record)}


def files_of_records(folder: Path) -> set[str]:
    """Names of the files of data that the records in a folder name, its sub-folders included."""
    products = [product for record in _records(folder) for product in record.get("products", {}).values()]
    return {product[key] for product in products if "file" in product for key in ("file", "all") if key in product}


def _records(folder: Path) -> Iterator[Record]:
    for path in sorted(folder.rglob("*.json")):
        if (record := read_record(path.parent, path.stem)) is not None:
            yield record


def _networks(record: Record) -> list[dict[str, Any]]:
    return [each for product in record.get("products", {}).values() for each in networks_of(product)]
