"""Records: what each chapter leaves for later ones, `<folder>/<chapter>.json`.

A record holds the chapter's parameters, its results, and under `products` what it made, by name. A product is data
(`file`, `fingerprint`, `made_by`), a network (`kind`, and `key`: the recipe that names it in the store), or several
networks by name.
"""

import json
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def read_record(folder: Path, chapter: str) -> Record | None:
    """A chapter's record, or None where there is none that can be read."""
    try:
        return json.loads((folder / f"{chapter}.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def networks_of(product: dict[str, Any]) -> list[dict[str, Any]]:
    """The networks in a product, each with `kind` and `key`. Of data: an empty list."""
    if isinstance(product.get("file"), str):
        return []
    return [product] if isinstance(product.get("kind"), str) else list(product.values())
