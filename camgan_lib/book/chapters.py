"""The chapters: their notebooks, and which chapters each one needs."""

import re
from pathlib import Path

from camgan_lib.base.errors import CamganError, did_you_mean
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
    "faithfulness": ("dataset", "classifier"),
    "truth": ("dataset", "classifier", "style_gan"),
    "verdict": (
        "dataset",
        "classifier",
        "explanations",
        "style_gan",
        "frequency",
        "controls",
        "causes",
        "faithfulness",
        "truth",
    ),
    "other_question": (),
    "extraction": (),
}
"""By chapter, the earlier chapters whose products and results it reads."""

SHOW_SWEEPS = ("controls", "truth")
"""Chapters that show the results of sweeps."""


def downstream(chapter: str) -> list[str]:
    """A chapter and all chapters that need its results, directly or not, in reading order."""
    found = {chapter}
    for name, upstream in UPSTREAM.items():
        if found & set(upstream):
            found.add(name)
    return [name for name in UPSTREAM if name in found]


def sources() -> dict[str, Path]:
    """The source notebook of every chapter, by the chapter's name, in reading order."""
    found = {match[1]: path for path in sorted(book_folder().iterdir()) if (match := _CHAPTER.match(path.name))}
    return {name: found[name] for name in UPSTREAM if name in found}


def source(chapter: str) -> Path:
    """The source notebook of a chapter. Raises CamganError if there is no chapter of that name."""
    known = sources()
    if chapter not in known:
        raise CamganError(
            f"there is no chapter {chapter!r}; the chapters are {', '.join(known)}{did_you_mean(chapter, known)}"
        )
    return known[chapter]
