"""Names for recipes and seeds from texts: hashes that are the same on every Python, machine and file system."""

import hashlib
import json
from typing import Any


def recipe_id(recipe: Any) -> str:
    """A recipe's id: the first 16 hex digits of the SHA-256 of its JSON, with sorted keys and no spaces."""
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def seed_words(*texts: str) -> list[int]:
    """Three numbers below 2³² to seed a generator with, which depend on the texts alone, unlike hash()."""
    digest = hashlib.sha256("\0".join(texts).encode()).digest()
    return [int.from_bytes(digest[at : at + 4], "little") for at in (0, 4, 8)]
