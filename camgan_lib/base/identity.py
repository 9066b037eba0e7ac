"""A recipe's identity: a hash of its canonical JSON, the same on every Python, machine and file system."""

import hashlib
import json
from typing import Any


def recipe_id(recipe: Any) -> str:
    """The first 16 hex digits of the SHA-256 of a recipe's canonical JSON."""
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def seed_words(*texts: str) -> list[int]:
    """Text as seed words: the same on every machine, unlike hash()."""
    digest = hashlib.sha256("\0".join(texts).encode()).digest()
    return [int.from_bytes(digest[at : at + 4], "little") for at in (0, 4, 8)]
