"""The oracle: images as a simulated camera would have taken them, by the camera's own pipeline.

A style transfer that knows the camera could do no better. So the share of oracle's images that a judge takes for the
camera is what a generator could reach, and the size of their change is what the style costs.
"""

import functools
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from camgan_lib.data.cameras import CAMERAS, COLOUR_MATRIX, CameraModel, shoot, tone
from camgan_lib.data.scenes import no_style_crops
from camgan_lib.measure.generators import mean_level

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


def taken_by_each(images: np.ndarray, cameras: Sequence[str], seed: int = 0) -> dict[str, np.ndarray]:
    """Camera → the images as it takes them (`taken_by`); empty unless all the cameras named are simulated ones."""
    known = {camera.name: camera for camera in CAMERAS}
    return {name: taken_by(images, known[name], seed) for name in cameras} if known.keys() >= set(cameras) else {}


def l1(stylised: dict[str, np.ndarray], images: np.ndarray) -> dict[str, float]:
    """Camera → mean |stylised − image| in units of [−1, 1]."""
    return {name: float(np.abs(each.astype(np.int16) - images).mean() / 127.5) for name, each in stylised.items()}


def level_ratios(images: int, seeds: int, cameras: Sequence[CameraModel] = CAMERAS) -> np.ndarray:
    """Mean level of the oracle's outputs over that of its inputs, in dB: seeds×cameras×32×32×3.

    Each seed has `images` no-style images of its own, which all cameras take.
    """
    found = []
    for seed in range(seeds):
        crops = no_style_crops(images, seed, workers=1)
        level = mean_level(crops)
        found.append([mean_level(taken_by(crops, camera, seed)) - level for camera in cameras])
    return np.array(found)
