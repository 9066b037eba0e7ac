"""Which chapters there are, and which stand on which."""

import re
from pathlib import Path

from camgan_lib.base.errors import CamganError
from camgan_lib.base.paths import book_folder

_CHAPTER = re.compile(r"^\d\d_(\w+)\.ipynb$")

UPSTREAM = {
    "dataset": (),
    "classifier": ("dataset",),
    "explanations": ("dataset", "classifier"),
    "style_gan": ("dataset", "classifier"),
    "frequency": ("dataset", "classifier", "style_gan"),
    "summary": ("dataset", "classifier", "explanations", "style_gan", "frequency"),
    "real_cameras": (),
    "controls": (),
    "causes": ("dataset", "classifier", "style_gan"),
    "truth": ("dataset",),
    "verdict": (
        "dataset",
        "classifier",
        "explanations",
        "style_gan",
        "frequency",
        "controls",
        "causes",
        "truth",
    ),
    "other_question": (),
}
"""Chapters whose products and results a chapter reads."""

SHOW_SWEEPS = ("controls", "truth")
"""Chapters that show what sweeps left."""


def downstream(chapter: str) -> list[str]:
    """A chapter and all that stand on it, in reading order."""
    found = {chapter}
    for name, upstream in UPSTREAM.items():
        if found & set(upstream):
            found.add(name)
    return [name for name in UPSTREAM if name in found]


def sources() -> dict[str, Path]:
    """Chapter name → source notebook, in reading order."""
    found = {match[1]: path for path in sorted(book_folder().iterdir()) if (match := _CHAPTER.match(path.name))}
    return {name: found[name] for name in UPSTREAM if name in found}


def source(chapter: str) -> Path:
    """The notebook of a chapter. Raises CamganError for a name that is none."""
    known = sources()
    if chapter not in known:
        raise CamganError(f"there is no chapter {chapter!r}; the chapters are {', '.join(known)}")
    return known[chapter]
