"""Opens a photo's file, finds out whether it is a whole photo, and cuts its crops without a copy of the picture.

Pillow decodes, and pillow-heif for HEIF. What the file holds counts, not how its name ends.
"""

import io
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageFile, UnidentifiedImageError

from camgan_lib.data import damage
from camgan_lib.data.jpeg_strips import in_strips
from camgan_lib.data.kinds import kind_of

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)

Image.init()

FORMATS = ("JPEG", "PNG", "TIFF", "HEIF", "AVIF", "WEBP")
"""What Pillow is asked to try; it calls a JPEG with a second picture behind the first an MPO."""

LARGEST_FILE = 2**30
"""Bytes that a photo's file has at most."""

LARGE = 50_000_000
"""Pixels from which on a photo counts as large."""

_MODES = {
    "L": "grey (L)",
    "LA": "grey with transparency (LA)",
    "P": "a palette (P)",
    "PA": "a palette (PA)",
    "RGBA": "RGB with transparency (RGBA)",
    "1": "black and white (1)",
}
_one_large = threading.Lock()
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Limits:
    """What a file may claim to be: at most so many megapixels, and so many pixels for each of its bytes."""

    megapixels: float = 250.0
    pixels_per_byte: float = 100.0


class Unusable(Exception):
    """A file that is no photo, or not one that can be used; the message says why in a few words."""


@contextmanager
def no_warnings() -> Iterator[None]:
    """Within, Pillow neither warns of odd metadata nor of large pictures: this module has its own limits."""
    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises Unusable where it can't be read, is no file, or is too large for a photo."""
    try:
        if not path.is_file():
            raise Unusable("no file: a link that leads nowhere, or a device")
        if (size := path.stat().st_size) > LARGEST_FILE:
            raise Unusable(f"it has {size / 2**30:.1f} GB, a photo has at most {LARGEST_FILE / 2**30:.0f}")
        return path.read_bytes()
    except OSError as error:
        raise Unusable(f"can't be read ({error.strerror})") from None


@dataclass(frozen=True)
class Picture:
    """A photo that can be read: Pillow's `image` of it, and `crop`, its part in a box (left, top, right, bottom).

    The image is decoded, but for a large JPEG of which strips can be decoded alone.
    """

    image: Image.Image
    crop: Callable[[tuple[int, int, int, int]], Image.Image]

    @property
    def height(self) -> int:
        return self.image.height

    @property
    def width(self) -> int:
        return self.image.width


@contextmanager
def opened(content: bytes, limits: Limits, smallest: int) -> Iterator[Picture]:
    """Yields the first picture of a file, RGB of 8 bits, `smallest` pixels or more a side.

    Raises Unusable for anything else, and for a photo of which a part is missing. Of large ones only the parts that are
    cut out are decoded where that is possible, else they are decoded one at a time.
    """
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except Exception as error:
        raise Unusable(_why(error, content)) from None
    with image:
        _check(image, content, limits, smallest)
        large = image.width * image.height > LARGE
        strips = in_strips(content) if large and image.format in ("JPEG", "MPO") else None
        with _one_large if large and strips is None else nullcontext():
            try:
                picture = Picture(image, strips.crop if strips else _decoded(image).crop)
                part = damage.missing_part(*rows(picture, damage.ROWS), image, content)
            except Exception as error:
                raise Unusable(_why(error, content)) from None
            if part:
                raise Unusable(part)
            yield picture


def _decoded(image: Image.Image) -> Image.Image:
    image.load()
    return image


def _check(image: Image.Image, content: bytes, limits: Limits, smallest: int) -> None:
    if raw := _raw(image):
        raise Unusable(raw)
    if (found := _pixel_format(image, content)) != "RGB":
        raise Unusable(f"expected 8-bit RGB, it is {_MODES.get(found, found)}")
    if min(image.size) < smallest:
        raise Unusable(f"expected at least {smallest}×{smallest} pixels, it has {image.width}×{image.height}")
    pixels = image.width * image.height
    if pixels > 1e6 * limits.megapixels:
        raise Unusable(f"it has {pixels / 1e6:.0f} megapixels, and largest_photo allows {limits.megapixels:g}")
    if pixels > 1e6 and pixels > limits.pixels_per_byte * len(content):
        raise Unusable(
            f"it claims {pixels / 1e6:.1f} megapixels in {len(content):,} bytes, and pixels_per_byte allows "
            f"{limits.pixels_per_byte:g}"
        )


def _raw(image: Image.Image) -> str:
    """Why a TIFF holds no finished picture, or an empty text: RAW files have a thumbnail, which is no photo."""
    tags: Any = getattr(image, "tag_v2", None)
    if image.format != "TIFF" or tags is None:
        return ""
    if 0xC612 in tags:
        return "a DNG (RAW): give the JPEG that the camera made, a RAW file has not been through its pipeline"
    if _number(tags.get(0x00FE)) & 1 or 0x014A in tags or _number(tags.get(0x0106)) in (32803, 34892):
        return "a RAW file: give the JPEG that the camera made, this one has not been through its pipeline"
    return ""


def _number(value: Any) -> int:
    value = value[0] if isinstance(value, tuple) and value else value
    return value if isinstance(value, int) else 0


def _pixel_format(image: Image.Image, content: bytes) -> str:
    """The image's mode in Pillow, such as "RGB", or "16-bit RGB" for more than 8 bits per channel.

    Pillow itself calls the latter "RGB" and drops half of the bits without a word.
    """
    bits = _bits(image, content)
    return f"{bits}-bit {image.mode}" if bits > 8 else image.mode


def _bits(image: Image.Image, content: bytes) -> int:
    """The bits per channel as the file itself says."""
    if image.format == "PNG":
        return content[24] if len(content) > 24 else 8
    if image.format == "TIFF":
        bits = getattr(image, "tag_v2", {}).get(0x0102, 8)
        return max(
            (each for each in (bits if isinstance(bits, tuple) else (bits,)) if isinstance(each, int)), default=8
        )
    if image.format == "AVIF":
        at = content.find(b"av1C", 0, 8192)
        return 8 if at < 0 or not content[at + 6] & 0x40 else 10 + 2 * bool(content[at + 6] & 0x20)
    depth = image.info.get("bit_depth")
    tile = image.tile[0][3] if isinstance(image, ImageFile.ImageFile) and image.tile else ""
    raw = tile if isinstance(tile, str) else str(tile[0]) if tile else ""
    return depth if isinstance(depth, int) else 16 if ";16" in raw else 8


def _why(error: Exception, content: bytes) -> str:
    """Why a file can't be opened or decoded, in a few words."""
    if isinstance(error, UnidentifiedImageError):
        return f"no photo that can be read, it is {kind_of(content)}"
    words = " ".join(str(error).split()) or type(error).__name__
    if "truncated" in words or "broken" in words:
        return f"can't be read to its end: cut off or damaged ({words[:80]})"
    return f"can't be read ({words[:120]})"


def size_shown(picture: Picture, orientation: int) -> tuple[int, int]:
    """Height and width of a photo as it is shown, turned by its orientation."""
    return (picture.width, picture.height) if orientation >= 5 else (picture.height, picture.width)


def crops_shown(picture: Picture, orientation: int, corners: Iterable[tuple[int, int]], side: int) -> np.ndarray:
    """Crops of the photo as it is shown by their top left corners, uint8 n×side×side×3.

    The photo itself is not turned, only its crops are, and no copy of it is made.
    """
    parts = [_crop_shown(picture, orientation, int(top), int(left), side) for top, left in corners]
    together = Image.new("RGB", (side, side * len(parts)))
    for number, part in enumerate(parts):
        together.paste(part, (0, side * number))
    return np.asarray(together).reshape(-1, side, side, 3)


def _crop_shown(picture: Picture, orientation: int, top: int, left: int, side: int) -> Image.Image:
    below, right = picture.height - side, picture.width - side
    y, x = {
        2: (top, right - left),
        3: (below - top, right - left),
        4: (below - top, left),
        5: (left, top),
        6: (below - left, top),
        7: (below - left, right - top),
        8: (left, right - top),
    }.get(orientation, (top, left))
    part = picture.crop((x, y, x + side, y + side))
    return part.transpose(_TURNS[orientation]) if orientation in _TURNS else part


def rows(picture: Picture, most: int) -> tuple[np.ndarray, np.ndarray]:
    """At most so many rows of the photo as stored, evenly from first to last: their numbers, and uint8 n×width×3."""
    numbers = np.unique(np.linspace(0, picture.height - 1, most).round().astype(int))
    together = Image.new("RGB", (picture.width, len(numbers)))
    for at, row in enumerate(numbers.tolist()):
        together.paste(picture.crop((0, row, picture.width, row + 1)), (0, at))
    return numbers, np.asarray(together)
