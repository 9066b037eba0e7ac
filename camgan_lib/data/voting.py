"""Reads one photo of an unknown camera: crops on an even grid over it, each of which a network then asks for a vote."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from camgan_lib.data.crops import CROP
from camgan_lib.data.metadata import read_metadata
from camgan_lib.data.pictures import Limits, Unusable, crops_shown, opened, read_file, size_shown
from camgan_lib.data.reading import PICTURE, fingerprint, remarks

_PERIOD = 8
"""Side of JPEG's blocks in pixels, and a multiple of that of a mosaic's cells (2)."""


@dataclass(frozen=True)
class Voting:
    """What is kept of a photo: crops uint8 n×32×32×3, their corners int64 n×2, and what is known of the file.

    A corner is (top, left) in pixels of the photo as it is shown, `size` its height and width. `thumbnail` is a small
    copy, uint8 h×w×3, or None. `sha256` is that of the file, `picture` as in what `photos.load_crops` reports.
    `notes`: remarks for whoever reads the answer.
    """

    crops: np.ndarray
    corners: np.ndarray
    size: tuple[int, int]
    thumbnail: np.ndarray | None
    sha256: str
    picture: str
    notes: tuple[str, ...]


def read_for_voting(path: Path, crops: int, limits: Limits, thumbnail: int | None) -> Voting | str:
    """What is kept of a photo, or a few words that say why it can't be used. Call it within `no_warnings`.

    `crops`: how many are cut, fewer from a photo that has no room for them (see `grid`). `thumbnail`: pixels of a small
    copy's longer side; None for none.
    """
    try:
        content = read_file(path)
        with opened(content, limits, CROP) as picture:
            about = read_metadata(picture.image)
            size = size_shown(picture, about.orientation)
            corners = grid(crops, *size)
            cut = crops_shown(picture, about.orientation, corners.tolist(), CROP)
            small = None if thumbnail is None else _thumbnail(picture.image, about.orientation, thumbnail)
            same = fingerprint(picture, content)[:PICTURE]
            notes = (*remarks(path, picture.image, cut), *_crowded(len(cut), size))
            return Voting(cut, corners, size, small, hashlib.sha256(content).hexdigest(), same, notes)
    except Unusable as error:
        return str(error)
    except Exception as error:
        return f"can't be used ({' '.join(str(error).split())[:120] or type(error).__name__})"


def _crowded(count: int, size: tuple[int, int]) -> tuple[str, ...]:
    """A note on a photo so small that its crops share pixels."""
    if count * CROP**2 <= size[0] * size[1]:
        return ()
    return (f"its {count} crops overlap, as it has {size[1]}×{size[0]} pixels: their votes say less for it",)


# --- the grid


def grid(count: int, height: int, width: int) -> np.ndarray:
    """Corners (top, left) of `count` crops, spread evenly over a photo: int64 n×2, all inside it, no two the same.

    Each crop lies in the middle of its cell (see `cells`). It is then moved by at most 4 pixels, so that 64 crops begin
    at all 64 places of JPEG's 8×8 blocks: traces with that period differ from place to place. A photo of fewer than
    `count` places gives one crop for each of them. Raises ValueError where a photo is smaller than a crop.
    """
    if count < 1 or min(height, width) < CROP:
        raise ValueError(f"expected 1 crop or more of {CROP}×{CROP} pixels, got {count} of {height}×{width}")
    rows = _rows(count, height, width)
    tops = _middles(len(rows), height)
    lefts = np.concatenate([_middles(columns, width) for columns in rows])
    phase = np.arange(len(lefts)) * 37 % _PERIOD**2  # 37 and 64 share no divisor: all phases, in a mixed order
    if len(rows) * _PERIOD <= height - CROP + 1:
        tops = _moved(np.repeat(tops, rows), phase // _PERIOD)
    else:
        tops = np.repeat(tops, rows)
    if max(rows) * _PERIOD <= width - CROP + 1:
        lefts = _moved(lefts, phase % _PERIOD)
    return np.stack([tops, lefts], 1)


def cells(count: int, height: int, width: int) -> np.ndarray:
    """The part of a photo that each of the crops of `grid` stands for: (top, left, height, width) n×4.

    They are shares of the photo's height and width, 0 to 1. Together the cells cover the photo, and none overlap.
    """
    rows = _rows(count, height, width)
    return np.array(
        [
            (row / len(rows), column / columns, 1 / len(rows), 1 / columns)
            for row, columns in enumerate(rows)
            for column in range(columns)
        ]
    )


def _rows(count: int, height: int, width: int) -> list[int]:
    """How many crops each row has: cells as square as can be, rows that differ by one crop at most."""
    down, across = height - CROP + 1, width - CROP + 1
    count = min(count, down * across)
    rows = int(np.clip(round((count * height / width) ** 0.5), -(-count // across), min(count, down)))
    return np.diff(np.arange(rows + 1) * count // rows).tolist()


def _middles(parts: int, side: int) -> np.ndarray:
    """Where crops begin that lie in the middle of equal parts of a side: different places, if there are so many."""
    return (2 * np.arange(parts) + 1) * (side - CROP + 1) // (2 * parts)


def _moved(places: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Places moved by −4 to +3 pixels to the nearest one with this remainder by 8."""
    return places + (phase - places + _PERIOD // 2) % _PERIOD - _PERIOD // 2


# --- the small copy


def _thumbnail(image: Image.Image, orientation: int, longest: int) -> np.ndarray:
    """A small copy of a photo as it is shown, uint8 h×w×3; its longer side has at most `longest` pixels."""
    image.draft("RGB", (2 * longest, 2 * longest))  # a JPEG that is not decoded yet is decoded coarsely
    factor = min(1.0, longest / max(image.size))
    width, height = (max(1, round(side * factor)) for side in image.size)
    small = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0))
    small = small.swapaxes(0, 1) if orientation >= 5 else small
    upside_down, mirrored = orientation in (3, 4, 7, 8), orientation in (2, 3, 6, 7)
    return np.ascontiguousarray(small[:: -1 if upside_down else 1, :: -1 if mirrored else 1])
