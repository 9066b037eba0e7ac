"""Where the book's sources and a run's build folder are, and which chapters there are."""

import os
import re
from pathlib import Path

from camgan_lib.errors import CamganError

ROOT = Path(__file__).resolve().parents[1]
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


def book_folder() -> Path:
    """The folder of the book's sources. Raises CamganError where the library was installed without them."""
    folder = ROOT / "book"
    if not folder.is_dir():
        raise CamganError(f"the book's sources were expected in {folder}; install with 'pip install -e .' from a clone")
    return folder


def chapters() -> dict[str, Path]:
    """Chapter name → source notebook, in reading order."""
    found = {match[1]: path for path in sorted(book_folder().iterdir()) if (match := _CHAPTER.match(path.name))}
    return {name: found[name] for name in UPSTREAM if name in found}


def chapter_source(chapter: str) -> Path:
    """The notebook of a chapter. Raises CamganError for a name that is none."""
    known = chapters()
    if chapter not in known:
        raise CamganError(f"there is no chapter {chapter!r}; the chapters are {', '.join(known)}")
    return known[chapter]


def build_folder() -> Path:
    """Where runs leave their files: the environment's CAMGAN_BUILD, or `_build` in the project."""
    return Path(os.environ.get("CAMGAN_BUILD") or ROOT / "_build").resolve()


def store_folder() -> Path:
    """Where trained things and made data are kept: the environment's CAMGAN_STORE, or `store` in the build folder."""
    return Path(os.environ.get("CAMGAN_STORE") or build_folder() / "store").resolve()


def published_folder() -> Path:
    """The weights and results that come with the project: see its README."""
    return ROOT / "published"
