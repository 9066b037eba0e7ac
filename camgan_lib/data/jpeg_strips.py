"""Decodes strips of a large JPEG alone, where it has restart markers: at these a decoder can begin anew.

Many phones and cameras write them. Strips are exactly the rows that decoding the whole picture gives: the units above
and below, from which colour is interpolated, are decoded with them.
"""

import io
import itertools
import math

import numpy as np
from PIL import Image

from camgan_lib.data.damage import segments

_KEPT = (0xDB, 0xC4, 0xDD, 0xE0, 0xEE)
"""Segments that decoding needs beside the frame and the scan: tables, restart interval, JFIF, Adobe's colour mark."""

_MOST_ROWS = 64
"""Rows of units between two places where a strip can begin, at most."""


class Strips:
    """A JPEG photo of which only the parts that are asked for are decoded; `width` and `height` in pixels."""

    def __init__(self, head: dict[str, bytes], frame: tuple[int, int, int, int], interval: int, pieces: list[bytes]):
        self._head, self._interval, self._pieces = head, interval, pieces
        self.width, self.height, unit_width, self._unit = frame
        self._across = -(-self.width // unit_width)
        self._rows = -(-self.height // self._unit)
        self._step = interval // math.gcd(self._across, interval)

    def crop(self, box: tuple[int, int, int, int]) -> Image.Image:
        """The part of the photo as stored in a box (left, top, right, bottom). Raises OSError for damaged data."""
        left, top, right, bottom = box
        first = max(0, top // self._unit - 1) // self._step * self._step
        last = min(self._rows, -(-(-(-bottom // self._unit) + 1) // self._step) * self._step)
        strip = self._decoded(first, last)
        return strip.crop((left, top - first * self._unit, right, bottom - first * self._unit))

    def _decoded(self, first: int, last: int) -> Image.Image:
        """Rows `first` to `last` of units, the last one not included."""
        height = (self.height if last == self._rows else last * self._unit) - first * self._unit
        frame = self._head["frame"]
        content = [
            b"\xff\xd8",
            self._head["tables"],
            frame[:5],
            height.to_bytes(2, "big"),
            frame[7:],
            self._head["scan"],
        ]
        begin, end = (-(-row * self._across // self._interval) for row in (first, last))
        for number, piece in enumerate(self._pieces[begin:end]):
            content += [bytes((0xFF, 0xD0 + (number - 1) % 8))] * bool(number) + [piece]
        image = Image.open(io.BytesIO(b"".join([*content, b"\xff\xd9"])), formats=("JPEG",))
        image.load()
        return image


def in_strips(content: bytes) -> Strips | None:
    """The photo in strips; None where its JPEG has no restart markers, or others than its header tells.

    It must be a baseline JPEG with all colours in one scan, as cameras write.
    """
    tables, frame, interval = b"", b"", 0
    for marker, body, end in segments(content):
        segment = b"\xff" + bytes((marker,)) + (len(body) + 2).to_bytes(2, "big") + body
        if marker in _KEPT:
            tables += segment
            interval = int.from_bytes(body[:2], "big") if marker == 0xDD else interval
        elif marker in (0xC0, 0xC1) and len(body) == 15 and body[5] == 3:
            frame = segment
        elif 0xC0 <= marker <= 0xCF:
            return None
        elif marker == 0xDA:
            if not frame or not interval or body[:1] != b"\3":
                return None
            return _made({"tables": tables, "frame": frame, "scan": segment}, interval, content, end)
    return None


def _made(head: dict[str, bytes], interval: int, content: bytes, at: int) -> Strips | None:
    """The strips of a scan whose data begin at `at`, if all its restart markers are there."""
    body = head["frame"][4:]
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    across, down = (max((body[7 + 3 * i] >> shift) & 15 for i in range(3)) for shift in (4, 0))
    if not (height and width and across and down):
        return None
    pieces = _pieces(content, at)
    found = Strips(head, (width, height, 8 * across, 8 * down), interval, pieces)
    wanted = -(-found._across * found._rows // interval)
    return found if len(pieces) == wanted and found._step <= _MOST_ROWS else None


def _pieces(content: bytes, at: int) -> list[bytes]:
    """The data of a scan that begin at `at`, parted at restart markers; none where more than the scan follows."""
    data = np.frombuffer(content, np.uint8)[at:]
    marks = np.flatnonzero(data[:-1] == 0xFF)
    after = data[marks + 1]
    restarts = (after >= 0xD0) & (after <= 0xD7)
    others = marks[~restarts & (after != 0) & (after != 0xFF)]
    if not len(others) or data[others[0] + 1] != 0xD9:
        return []
    cuts = [-2, *marks[restarts & (marks < others[0])].tolist(), int(others[0])]
    return [content[at + begin + 2 : at + end] for begin, end in itertools.pairwise(cuts)]
