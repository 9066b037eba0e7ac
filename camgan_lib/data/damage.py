"""Finds photos of which a part is missing although they decode: the rest is one colour, or one block over and over.

Where a JPEG's data end too early, decoders go on without an error. With no data left, every block is as the last one
was: one flat colour. Where a faulty card left zeros, every block is the same pattern.
"""

import re
from collections.abc import Iterator

import numpy as np
from PIL import Image

_MARKER = re.compile(rb"\xff+[\xc0-\xcf\xd9-\xfe]")
_BLOCK = 16
"""A multiple of the width of JPEG's units, 8 or 16 pixels."""

_BLACK, _WHITE = 5, 250
"""What a sensor's limits become: white balance leaves a colour near white, and JPEG changes it a little."""

ROWS = 96
"""Rows that are looked at."""


def missing_part(numbers: np.ndarray, rows: np.ndarray, image: Image.Image, content: bytes) -> str:
    """What is missing of a decoded photo, in a few words; an empty text where nothing is, as far as can be seen.

    `rows`: some rows of its pixels, uint8 n×width×3, and their `numbers`, the last row among them. Only JPEGs can lack
    a part in silence. A row counts as lost if it repeats from unit to unit over its whole width, and is neither black
    nor burnt out: a white sky is a sky.
    """
    if image.format not in ("JPEG", "MPO") or image.height < 2 * _BLOCK or image.width < 4 * _BLOCK:
        return ""
    if image.info.get("progressive") and (scans := _missing_scans(content)):
        return scans
    lost = (rows[:, _BLOCK:] == rows[:, :-_BLOCK]).all((1, 2)) & ~_clipped(rows)
    if lost.all() or not lost[-1]:
        return ""  # a picture of one colour was taken so
    first = len(lost) - int(np.argmin(lost[::-1]))
    if image.height - numbers[first] < _BLOCK:
        return ""
    share = 1 - numbers[first] / image.height
    return f"a part is missing: the lowest {share:.0%} is one block over and over, as where a file was cut off"


def _clipped(rows: np.ndarray) -> np.ndarray:
    """Which rows hold nothing but black, or a colour of which a channel is at its limit."""
    return (rows <= _BLACK).all((1, 2)) | (rows.max(2) >= _WHITE).all(1)


def _missing_scans(content: bytes) -> str:
    """What is missing where a progressive JPEG ends before its last scans: its picture is then coarse."""
    left: set[tuple[int, int]] = set()
    for marker, body, _ in segments(content):
        if marker == 0xC2 and len(body) > 5:
            left = {(body[6 + 3 * i], k) for i in range(body[5]) if 6 + 3 * i < len(body) for k in range(64)}
        elif marker == 0xDA and left and len(body) >= 2 * body[0] + 4:
            lowest, highest, bits = body[2 * body[0] + 1 : 2 * body[0] + 4]
            if not bits & 15:
                names = body[1 : 2 * body[0] + 1 : 2]
                left -= {(name, k) for name in names for k in range(lowest, highest + 1)}
    return "a part is missing: the file ends before the last passes over the picture" if left else ""


def segments(content: bytes) -> Iterator[tuple[int, bytes, int]]:
    """The segments of a JPEG's first picture in order: marker (0xC0 to 0xFE), body, and where it ends in the file.

    A scan's data are left out.
    """
    at = 2
    while match := _MARKER.search(content, at):
        marker = match[0][-1]
        if marker == 0xD9:
            return
        length = int.from_bytes(content[match.end() : match.end() + 2], "big")
        if length < 2:
            return
        yield marker, content[match.end() + 2 : match.end() + length], match.end() + length
        at = match.end() + length
