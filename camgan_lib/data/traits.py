"""Tells what can be seen of one photo's file and light without a network: what a camera could be confounded with.

What has passed through a program, a messenger or a website says so in many ways, and none of them has to be there.
`origins` looks for these; this module reads the file's compression, the place of its blocks, and its light.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from camgan_lib.data import origins
from camgan_lib.data.jpeg_files import quality_of
from camgan_lib.data.jpeg_grid import BLOCK, earlier_grid, grid

FORMATS = {"MPO": "JPEG"}
"""Formats that Pillow has a name of its own for: a JPEG with a second picture behind the first."""

SUBSAMPLING = {
    **{(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"},
    **{(1, 2): "4:4:0", (4, 1): "4:1:1", (4, 2): "4:1:0"},
}
"""How many samples of luma there are for one of chroma, across and down, and how that is called."""

PART = 512
"""The grid is looked for in the middle of a photo, in at most so many pixels a side."""

_SAMPLE = 256
"""Light is measured on at most about so many pixels a side, evenly spread."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_PNG, _BITS_OF_PNG, _BITS_OF_TIFF = b"\x89PNG\r\n\x1a\n", 24, 258


def traits(
    content: bytes,
    image: Image.Image,
    pixels: np.ndarray,
    exif: Mapping[str, str],
    *,
    name: str = "",
    corner: tuple[int, int] | None = (0, 0),
) -> dict[str, Any]:
    """The traits of a photo as plain JSON values. Nothing in its file or its EXIF data raises an error.

    `content`: all bytes of its file; `image`: the photo as Pillow opened it, not a copy of it; `exif`: texts by the
    names make, model, software, orientation and comment, as far as there are; `name`: the file's.
    `pixels`: uint8 H×W×3 as stored, before any turning by orientation, of the photo or of a part that begins `corner`
    pixels (down, right) from its upper left corner. `corner` None: not adjoining pixels, which have no grid.

    format ("JPEG", "PNG", …), width, height as stored, orientation (1 to 8), bits per channel;
    quality (1 to 100, see `jpeg_files.quality_of`), tables (a hash of the tables of quantisation), subsampling
    ("4:2:0", …, "other"), progressive: of a JPEG, else None;
    software, marks: programs and messengers that the photo went through, as far as it says, or "" (see `origins`);
    grid: "x,y", the column and row at which a block of JPEG's begins, from 0 to 7. "0,0" if the photo was not cropped
    or turned after it was compressed. In a JPEG the grid of an earlier compression is named, where there is one besides
    its own; in any other file "0,0" says that it was a JPEG before. None where no grid is found;
    brightness, contrast: mean and standard deviation of luma; red, green, blue: means, all from 0 (black) to 1;
    saturated: the share of pixels of which a channel is at its maximum.
    """
    kind = str(image.format or "")
    kind = FORMATS.get(kind, kind)
    return {
        "format": kind,
        **_compression(image),
        "width": int(image.width),
        "height": int(image.height),
        "orientation": _orientation(exif),
        "bits": _bits(content, image),
        **origins.origins(content, image, exif, name),
        "grid": _grid(pixels, corner, kind == "JPEG"),
        **_light(pixels),
    }


def _compression(image: Image.Image) -> dict[str, Any]:
    """What a JPEG says of its compression; each None for other files."""
    quantization: dict[int, list[int]] = getattr(image, "quantization", None) or {}
    layers = getattr(image, "layer", None) or []
    if not quantization:
        return dict.fromkeys(("quality", "tables", "subsampling", "progressive"))
    ordered = sorted((number, tuple(table)) for number, table in quantization.items())
    return {
        "quality": round(quality_of(sum(ordered[0][1])), 1),
        "tables": hashlib.sha256(repr(ordered).encode()).hexdigest()[:8],
        "subsampling": _subsampling([(layer[1], layer[2]) for layer in layers]),
        "progressive": bool(image.info.get("progressive")),
    }


def _subsampling(factors: list[tuple[int, int]]) -> str:
    """The name of the way in which chroma is subsampled, by each channel's factors across and down."""
    if len(factors) != 3 or factors[1] != factors[2] or 0 in factors[1]:
        return "other"
    (across, down), (chroma_across, chroma_down), _ = factors
    whole = across % chroma_across == 0 and down % chroma_down == 0
    return SUBSAMPLING.get((across // chroma_across, down // chroma_down), "other") if whole else "other"


def _orientation(exif: Mapping[str, str]) -> int:
    """The orientation from 1 to 8; 1, as stored, where there is none that makes sense."""
    text = exif.get("orientation")
    return int(text) if isinstance(text, str) and text.strip() in tuple("12345678") else 1


def _bits(content: bytes, image: Image.Image) -> int | None:
    """Bits per channel as the file says, None where it does not say."""
    if content.startswith(_PNG):
        return content[_BITS_OF_PNG] if len(content) > _BITS_OF_PNG else None
    try:
        found = getattr(image, "bits", None) or image.info.get("bit_depth") or image.tag_v2.get(_BITS_OF_TIFF)  # type: ignore[attr-defined]  # of TIFF alone
        return int(found[0] if isinstance(found, tuple) else found)
    except Exception:
        return 8 if image.format == "WEBP" else None


def _grid(pixels: np.ndarray, corner: tuple[int, int] | None, is_jpeg: bool) -> str | None:
    """The place of JPEG's grid in the photo as "x,y" (see `traits`), or None."""
    if corner is None:
        return "0,0" if is_jpeg else None
    top, left = (max(0, (side - PART) // 2) for side in pixels.shape[:2])
    luma = pixels[top : top + PART, left : left + PART].astype(np.float32) @ _LUMA
    down, right = corner[0] + top, corner[1] + left
    found = earlier_grid(luma, (-right % BLOCK, -down % BLOCK)) if is_jpeg else grid(luma)
    if found is None:
        return "0,0" if is_jpeg else None
    return f"{(found[0] + right) % BLOCK},{(found[1] + down) % BLOCK}"


def _light(pixels: np.ndarray) -> dict[str, float | None]:
    """Brightness, contrast, colour and the share of saturated pixels (see `traits`); None if there are no pixels."""
    if not pixels.size:
        return dict.fromkeys(("brightness", "contrast", "red", "green", "blue", "saturated"))
    down, right = (-(-side // _SAMPLE) for side in pixels.shape[:2])
    sample = pixels[::down, ::right].reshape(-1, 3)
    luma, means = sample.astype(np.float32) @ _LUMA / 255, sample.mean(0) / 255
    values = {
        **{"brightness": luma.mean(), "contrast": luma.std()},
        **dict(zip(("red", "green", "blue"), means, strict=True)),
        "saturated": (sample.max(1) == 255).mean(),
    }
    return {key: round(float(value), 5) for key, value in values.items()}
