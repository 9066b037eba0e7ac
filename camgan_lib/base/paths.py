"""Paths of the project's own folders."""

from pathlib import Path

from camgan_lib.base.errors import CamganError

ROOT = Path(__file__).resolve().parents[2]


def book_folder() -> Path:
    """The folder of the book's sources. Raises CamganError if the library was installed without them."""
    folder = ROOT / "book"
    if not folder.is_dir():
        raise CamganError(f"the book's sources were expected in {folder}; install with 'pip install -e .' from a clone")
    return folder


def published_folder() -> Path:
    """The folder of the weights and results that come with the project; its README describes them."""
    return ROOT / "published"
