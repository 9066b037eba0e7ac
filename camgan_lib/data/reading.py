"""Reads one photo: its crops, and what is known of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from camgan_lib.data.crops import CROP
from camgan_lib.data.dates import Date
from camgan_lib.data.metadata import read_metadata
from camgan_lib.data.names import readable, suffix
from camgan_lib.data.pictures import Limits, Picture, Unusable, crops_shown, opened, read_file, rows, size_shown
from camgan_lib.data.traits import traits

_SAMPLE = 512
"""Side in pixels of the part of a photo by which its traits are known."""

PICTURE = 12
"""Letters of a fingerprint by which pictures are told apart in reports."""

_SUFFIX_OF = {"MPO": "JPEG"}


@dataclass(frozen=True)
class Photo:
    """What is kept of a photo: crops uint8 n×32×32×3, date, traits (see `traits`), notes.

    `picture` is a hash that the same picture has in another file, `size` height and width as shown.
    """

    crops: np.ndarray
    taken: Date | None
    traits: dict[str, Any]
    notes: tuple[str, ...]
    picture: str
    size: tuple[int, int]


def read_photo(path: Path, crops: int, seed: list[int], limits: Limits) -> Photo | str:
    """What is kept of a photo, or a few words that say why it can't be used. Call it within `no_warnings`."""
    try:
        content = read_file(path)
        with opened(content, limits, CROP) as picture:
            about = read_metadata(picture.image)
            height, width = size_shown(picture, about.orientation)
            rng = np.random.default_rng(seed)
            tops, lefts = (rng.integers(0, side - CROP + 1, crops) for side in (height, width))
            cut = crops_shown(picture, about.orientation, zip(tops, lefts, strict=True), CROP)
            return Photo(
                cut,
                about.taken,
                _traits(path, content, picture, about.texts | {"orientation": str(about.orientation)}),
                (*about.notes, *remarks(path, picture.image, cut)),
                fingerprint(picture, content),
                (height, width),
            )
    except Unusable as error:
        return str(error)
    except Exception as error:
        return f"can't be used ({' '.join(str(error).split())[:120] or type(error).__name__})"


def _traits(path: Path, content: bytes, picture: Picture, texts: dict[str, str]) -> dict[str, Any]:
    left, top = (max(0, (side - _SAMPLE) // 32 * 16) for side in (picture.width, picture.height))
    box = (left, top, min(left + _SAMPLE, picture.width), min(top + _SAMPLE, picture.height))
    part = np.asarray(picture.crop(box))
    known = traits(content, picture.image, part, texts, name=readable(path.name), corner=(top, left))
    return {"model": _model(texts), **known}


def _model(texts: dict[str, str]) -> str:
    """The camera's maker and model as EXIF data tell them, the maker once; "" where they don't."""
    make, model = (readable(texts.get(name, "")).strip() for name in ("make", "model"))
    named = model if not make or model.lower().startswith(make.split()[0].lower()) else f"{make} {model}"
    return named if model else ""


def remarks(path: Path, image: Image.Image, crops: np.ndarray) -> Iterable[str]:
    """What a user should know of a photo that is used."""
    if image.format in ("HEIF", "AVIF", "WEBP"):
        yield f"read as {image.format}: where that is not the camera's own file, its traces are those of the conversion"
    elif (end := suffix(path.name)) and not _fits(end, str(image.format)):
        yield f"it is a {_SUFFIX_OF.get(str(image.format), image.format)}, whatever its name says"
    if (crops == crops[:, :1, :1]).all():
        yield "all its crops are of one colour (lens cap, burnt out?)"
    elif (crops == crops[..., :1]).all():
        yield "it is black and white"


def _fits(end: str, kind: str) -> bool:
    names = {
        "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
        "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
        "PNG": (".png",),
        "TIFF": (".tif", ".tiff"),
    }
    return end in names.get(kind, (end,))


def fingerprint(picture: Picture, content: bytes) -> str:
    """A hash of a photo's size and of 64 of its rows of pixels, which does not depend on its metadata.

    Photos of one colour, such as those of a lens cap, are the same only if their files are.
    """
    pixels = rows(picture, 64)[1]
    digest = hashlib.blake2b(f"{picture.width}×{picture.height}".encode(), digest_size=12)
    digest.update(content if (pixels == pixels[:1, :1]).all() else pixels.tobytes())
    return digest.hexdigest()
