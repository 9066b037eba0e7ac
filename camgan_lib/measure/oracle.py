"""The oracle: images as a simulated camera would have taken them, by the camera's own pipeline.

A style transfer that knows the camera could do no better. So the share of oracle's images that a judge takes for the
camera is what a generator could reach, and the size of their change is what the style costs.
"""

import functools
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from camgan_lib.data.cameras import COLOUR_MATRIX, CameraModel, shoot, tone

PERIOD = 16
"""Pixels after which mosaic (2), blocks of luminance (8) and blocks of halved chroma (16) have all come round."""


def to_light(images: np.ndarray) -> np.ndarray:
    """The light that a camera would have to see to show these pictures: float32 in [0, 1], shaped as uint8 N×H×W×3.

    Tone and colour matrix are undone. Colours that no light gives are taken to the nearest that one does, by channel.
    """
    inverse = np.linalg.inv(COLOUR_MATRIX.astype(float)).T
    return np.clip(_inverse_tone()[images] @ inverse, 0, 1).astype(np.float32)


@functools.cache
def _inverse_tone() -> np.ndarray:
    """Linear light of each of the 256 levels."""
    light = np.linspace(0, 1, 2**16) ** 2.2
    return np.interp(np.arange(256) / 255, tone(light), light)


def taken_by(images: np.ndarray, camera: CameraModel, seed: int = 0) -> np.ndarray:
    """The images (uint8 N×H×W×3) as `camera` takes them: uint8 of the same shape.

    Each is a photo of its own, with its own noise, sensitivity and white balance. It lies in a larger picture, mirrored
    at its borders, at a random place, so that mosaic and JPEG's blocks begin anywhere. All draws come from `seed` and
    the image's number, the same for all cameras.
    """
    height, width = images.shape[1:3]
    made = np.empty_like(images)
    for number, light in enumerate(to_light(images)):
        rng = np.random.default_rng([seed, 91, number])
        top, left = PERIOD + rng.integers(0, PERIOD, 2)
        below, right = (-(start + side) % PERIOD + PERIOD for start, side in ((top, height), (left, width)))
        field = np.pad(light, ((top, below), (left, right), (0, 0)), mode="symmetric")
        photo = np.asarray(Image.open(io.BytesIO(shoot(field, camera, rng))))
        made[number] = photo[top : top + height, left : left + width]
    return made


def taken_by_all(images: np.ndarray, cameras: Sequence[CameraModel], seed: int = 0) -> dict[str, np.ndarray]:
    """Camera's name → the images as it takes them (`taken_by`)."""
    return {camera.name: taken_by(images, camera, seed) for camera in cameras}
