"""Simulated cameras: each turns linear light into a JPEG file by a pipeline of known stages.

mosaic → noise → demosaicing → white balance and colour matrix → denoising → tone → sharpening → chroma subsampling
and JPEG.
Colour and tone are the same for all cameras, so the colours of a picture do not tell which camera took it.
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from camgan_lib.base.compiled import compiled
from camgan_lib.data import demosaicing
from camgan_lib.data.filters import blurred

DEMOSAICING = ("bilinear", "malvar", "menon")
SUBSAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}
COLOUR_MATRIX = np.array([[1.50, -0.38, -0.12], [-0.22, 1.42, -0.20], [-0.04, -0.46, 1.50]], np.float32)
"""Turns sensor RGB into display RGB. Each row adds up to 1, so grey stays grey."""

SHOT_NOISE, READ_NOISE = 2e-4, 1.2e-3
"""At the lowest sensitivity: the variance of the noise per unit of signal, and its standard deviation in the dark."""


@dataclass(frozen=True)
class CameraModel:
    """One simulated camera.

    `demosaicing` is one of DEMOSAICING, or "none" for a sensor that measures all three channels at every pixel.
    `denoising` and `sharpening` are strengths ≥ 0 (0: off). `subsampling` is a key of SUBSAMPLING. `quality` is that
    of JPEG, 1 to 100. `noise` multiplies the sensitivity that is drawn for a photo, and with it the noise.
    """

    name: str
    demosaicing: str
    denoising: float
    sharpening: float
    subsampling: str
    quality: int
    noise: float = 1.0


CAMERAS = (
    CameraModel("sim-A-bilinear", "bilinear", 0.3, 0.5, "4:2:0", 93),
    CameraModel("sim-B-malvar", "malvar", 0.2, 0.3, "4:4:4", 92),
    CameraModel("sim-C-malvar-sharp", "malvar", 0.6, 0.9, "4:2:0", 95),
    CameraModel("sim-D-menon", "menon", 0.4, 0.5, "4:2:2", 90),
)


def mosaic(light: np.ndarray) -> np.ndarray:
    """What a sensor with a Bayer mosaic (RGGB) measures, H×W: one channel per pixel of linear light H×W×3 ≥ 0."""
    raw = light[..., 1].copy()
    raw[0::2, 0::2] = light[0::2, 0::2, 0]
    raw[1::2, 1::2] = light[1::2, 1::2, 2]
    return raw


def add_noise(raw: np.ndarray, gain: float, rng: np.random.Generator) -> np.ndarray:
    """What a sensor measures (H×W or H×W×3) with shot and read noise, clipped to 0…1.

    The variance is gain·SHOT_NOISE·signal + (gain·READ_NOISE)²; gain ≥ 1 is the sensitivity over the lowest one.
    """
    variances = np.float32(gain * SHOT_NOISE), np.float32((gain * READ_NOISE) ** 2)
    flat = np.ascontiguousarray(raw, np.float32).reshape(-1)
    return _noisy(flat, rng.standard_normal(raw.shape, np.float32).reshape(-1), *variances).reshape(raw.shape)


@compiled
def _noisy(raw: np.ndarray, noise: np.ndarray, shot: float, read: float) -> np.ndarray:
    """Values 0…1 with normal `noise`, whose variance is shot·value + read: float32 N."""
    out, zero, one = np.empty_like(raw), np.float32(0), np.float32(1)
    for k in range(len(raw)):
        deviation = np.sqrt(shot * max(raw[k], zero) + read)
        out[k] = min(max(raw[k] + deviation * noise[k], zero), one)
    return out


def demosaic(raw: np.ndarray, method: str) -> np.ndarray:
    """Linear light, float32 H×W×3, from an RGGB mosaic H×W, which is mirrored at its borders.

    `method` is "bilinear", "malvar" (Malvar, He & Cutler 2004) or "menon" (Menon, Andriani & Calvagno 2007).
    """
    framed = np.pad(np.asarray(raw, np.float32), demosaicing.MARGIN, mode="reflect")
    return getattr(demosaicing, method)(framed)


def correct_colour(image: np.ndarray, balance: np.ndarray) -> np.ndarray:
    """Display RGB of linear sensor RGB …×H×W×3: a factor per channel (`balance`), then COLOUR_MATRIX."""
    balanced = image.reshape(-1, 3 * image.shape[-2]) * np.tile(balance, image.shape[-2])
    return balanced.reshape(image.shape) @ COLOUR_MATRIX.T


def denoise(image: np.ndarray, strength: float, gain: float) -> np.ndarray:
    """The image with detail that is no larger than the noise blurred: x + s·w·(blur(x) − x), w near 0 across edges.

    `image` is linear H×W×3, `strength` s is in [0, 1] (0: off), `gain` is the photo's sensitivity and sets the noise.
    """
    if strength == 0:
        return image
    image = np.ascontiguousarray(image, np.float32)
    blur, variances = blurred(image, 0.8), (np.float32(gain * SHOT_NOISE), np.float32((gain * READ_NOISE) ** 2))
    kept = np.exp(_exponents(image, blur, *variances))
    return _pulled(image, blur, kept, np.float32(strength))


@compiled
def _exponents(image: np.ndarray, blur: np.ndarray, shot: float, read: float) -> np.ndarray:
    """Minus the squares of detail, measured in four standard deviations of the noise: float32 H×W×3."""
    out, zero, one, four = np.empty_like(image), np.float32(0), np.float32(1), np.float32(4)
    x, y, found = image.reshape(-1), blur.reshape(-1), out.reshape(-1)
    for k in range(len(x)):
        ratio = (y[k] - x[k]) / (four * np.sqrt(shot * min(max(x[k], zero), one) + read))
        found[k] = -(ratio * ratio)
    return out


@compiled
def _pulled(image: np.ndarray, blur: np.ndarray, by: np.ndarray, strength: float) -> np.ndarray:
    """The image, float32 H×W×3, pulled towards its blurred form by `strength` times `by`."""
    out = np.empty_like(image)
    x, y, weight, found = image.reshape(-1), blur.reshape(-1), by.reshape(-1), out.reshape(-1)
    for k in range(len(x)):
        found[k] = x[k] + strength * weight[k] * (y[k] - x[k])
    return out


def tone(image: np.ndarray) -> np.ndarray:
    """Display values in [0, 1] of linear light: a power law (1 / 2.2) with a gentle S-curve."""
    display = np.clip(np.asarray(image, np.float32), 0, 1)
    np.power(display, 1 / 2.2, out=display)
    return _curved(display.reshape(-1)).reshape(image.shape)


@compiled
def _curved(display: np.ndarray) -> np.ndarray:
    """The S-curve on display values in [0, 1]: float32 N."""
    out, strength, one, two = np.empty_like(display), np.float32(0.15), np.float32(1), np.float32(2)
    for k in range(len(display)):
        here = display[k]
        out[k] = here + strength * here * (one - here) * (two * here - one)
    return out


def sharpen(image: np.ndarray, amount: float) -> np.ndarray:
    """Display values H×W×3 with sharper lightness x: x + amount · (x − blur(x)), a radius of one pixel; 0 is off."""
    if amount == 0:
        return image
    lightness = image @ np.array([0.299, 0.587, 0.114], np.float32)
    return _sharper(np.ascontiguousarray(image, np.float32), lightness, blurred(lightness, 1.0), np.float32(amount))


@compiled
def _sharper(image: np.ndarray, lightness: np.ndarray, blur: np.ndarray, amount: float) -> np.ndarray:
    """The image, float32 H×W×3, with `amount` times what its lightness H×W has and its blurred form has not."""
    out = np.empty_like(image)
    height, width = lightness.shape
    for row in range(height):
        for column in range(width):
            more = amount * (lightness[row, column] - blur[row, column])
            for channel in range(3):
                out[row, column, channel] = image[row, column, channel] + more
    return out


def develop(scene: np.ndarray, camera: CameraModel, rng: np.random.Generator) -> np.ndarray:
    """The picture that a camera takes of a scene, before compression: uint8 H×W×3 of linear light H×W×3 (H, W even).

    Sensitivity (1 to 4, times the camera's `noise`) and white balance are drawn for each photo, in the same way for
    all cameras.
    """
    gain, balance = 4.0 ** rng.random(), np.exp(rng.normal(0, 0.05, 3)).astype(np.float32)
    gain *= camera.noise
    if camera.demosaicing == "none":
        measured = add_noise(scene, gain, rng)
    else:
        measured = demosaic(add_noise(mosaic(scene), gain, rng), camera.demosaicing)
    image = correct_colour(measured, balance)
    image = sharpen(tone(denoise(image, camera.denoising, gain)), camera.sharpening)
    return _bytes(image)


@compiled
def _bytes(image: np.ndarray) -> np.ndarray:
    """Display values, float32 H×W×3, as uint8: 0 and less is 0, 1 and more is 255."""
    out, zero, one, top = np.empty(image.shape, np.uint8), np.float32(0), np.float32(1), np.float32(255)
    x, found = image.reshape(-1), out.reshape(-1)
    for k in range(len(x)):
        found[k] = np.uint8(np.rint(min(max(x[k], zero), one) * top))
    return out


def compress(image: np.ndarray, quality: int, subsampling: str) -> bytes:
    """The bytes of a baseline JPEG file of a uint8 picture H×W×3.

    Its tables are those in Annex K of the standard, scaled by `quality` (1 to 100). `subsampling` of chroma is "4:4:4",
    "4:2:2" or "4:2:0".
    """
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=quality, subsampling=SUBSAMPLING[subsampling])
    return stream.getvalue()


def shoot(scene: np.ndarray, camera: CameraModel, rng: np.random.Generator) -> bytes:
    """The bytes of the JPEG file that a camera makes of a scene (linear light H×W×3; H, W even)."""
    return compress(develop(scene, camera, rng), camera.quality, camera.subsampling)
