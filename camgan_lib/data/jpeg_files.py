"""What a JPEG file says of its own compression: the way of chroma subsampling, and the quality of its tables."""

from pathlib import Path

import numpy as np
from PIL import Image, JpegImagePlugin

from camgan_lib.base.errors import CamganError
from camgan_lib.data.cameras import SUBSAMPLING

LUMA_TABLE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
"""The table of luma for quality 50 (Annex K of the standard)."""


def compression(path: Path) -> tuple[str, float]:
    """The way of chroma subsampling ("4:2:0" and so on, "other" for a rare one) and the quality, 1 to 100.

    Makers have tables of their own. The quality is the one whose table of luma, Annex K's scaled, has the same sum.
    Raises CamganError where the file is no JPEG.
    """
    try:
        with Image.open(path) as image:
            if not isinstance(image, JpegImagePlugin.JpegImageFile):
                raise CamganError(f"a JPEG file was expected, {path} is {image.format}")
            way, table = JpegImagePlugin.get_sampling(image), image.quantization[0]
    except OSError as error:
        raise CamganError(f"a JPEG file was expected, {path} can't be read ({error})") from None
    names = {number: name for name, number in SUBSAMPLING.items()}
    return names.get(way, "other"), quality_of(sum(table))


def quality_of(total: float) -> float:
    """The quality at which Annex K's table of luma, scaled, has this sum, between whole qualities by interpolation."""
    qualities = np.arange(1, 101)
    return float(np.interp(-total, -_sums(qualities), qualities))


def _sums(qualities: np.ndarray) -> np.ndarray:
    scale = np.where(qualities < 50, 50 / qualities, (100 - qualities) / 50)
    scaled = np.floor(np.array(LUMA_TABLE).ravel()[None] * scale[:, None] + 0.5)
    return np.clip(scaled, 1, 255).sum(1)
