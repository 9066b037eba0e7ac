"""Simulated cameras with a known pipeline: from linear light to a JPEG file.

mosaic → noise → demosaicing → white balance and colour matrix → denoising → tone → sharpening → chroma subsampling
and JPEG.
Colour and tone are the same for all, so that a picture's colours do not give its camera away.
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

DEMOSAICING = ("bilinear", "malvar", "menon")
SUBSAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}
COLOUR_MATRIX = np.array([[1.50, -0.38, -0.12], [-0.22, 1.42, -0.20], [-0.04, -0.46, 1.50]], np.float32)
"""Sensor RGB to display RGB; rows add up to 1, so grey stays grey."""

SHOT_NOISE, READ_NOISE = 2e-4, 1.2e-3
"""Variance per unit of signal, and standard deviation in the dark, at base sensitivity."""


@dataclass(frozen=True)
class CameraModel:
    """One simulated camera. `denoising` and `sharpening` are strengths ≥ 0 (0: off), `quality` is JPEG's, 1 to 100.

    `demosaicing` is one of DEMOSAICING, or "none": a sensor that measures all three channels at every pixel.
    `noise`: factor on the sensitivity, and so on the noise, that a photo is drawn with.
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
    """The Bayer mosaic (RGGB) of linear light H×W×3 ≥ 0 (1 saturates): H×W, the one channel that a pixel measures."""
    raw = light[..., 1].copy()
    raw[0::2, 0::2] = light[0::2, 0::2, 0]
    raw[1::2, 1::2] = light[1::2, 1::2, 2]
    return raw


def add_noise(raw: np.ndarray, gain: float, rng: np.random.Generator) -> np.ndarray:
    """Shot and read noise on what a sensor measures, H×W or H×W×3, then the sensor clips at 0 and 1.

    The variance is gain·SHOT_NOISE·signal + (gain·READ_NOISE)², gain ≥ 1 the sensitivity over the base one.
    """
    deviation = np.sqrt(gain * SHOT_NOISE * np.maximum(raw, 0) + (gain * READ_NOISE) ** 2)
    return np.clip(raw + deviation * rng.standard_normal(raw.shape, np.float32), 0, 1).astype(np.float32)


def demosaic(raw: np.ndarray, method: str) -> np.ndarray:
    """Linear float32 H×W×3 from an RGGB mosaic H×W, mirrored at its borders so that the pattern goes on there.

    `method` is "bilinear", "malvar" (Malvar, He & Cutler 2004) or "menon" (Menon, Andriani & Calvagno 2007).
    """
    import colour_demosaicing

    functions = {
        "bilinear": colour_demosaicing.demosaicing_CFA_Bayer_bilinear,
        "malvar": colour_demosaicing.demosaicing_CFA_Bayer_Malvar2004,
        "menon": colour_demosaicing.demosaicing_CFA_Bayer_Menon2007,
    }
    margin = 4
    framed = np.pad(raw, margin, mode="reflect")
    return np.asarray(functions[method](framed, "RGGB")[margin:-margin, margin:-margin], np.float32)


def correct_colour(image: np.ndarray, balance: np.ndarray) -> np.ndarray:
    """White balance (a factor per sensor channel, then display RGB by COLOUR_MATRIX) of linear H×W×3."""
    return image * balance @ COLOUR_MATRIX.T


def denoise(image: np.ndarray, strength: float, gain: float) -> np.ndarray:
    """Pulls detail no larger than the noise towards its surroundings: x + s·w·(blur(x) − x), w → 0 across edges.

    `image` is linear H×W×3, `strength` s in [0, 1] (0: off), `gain` the photo's sensitivity, which sets the noise.
    """
    if strength == 0:
        return image
    detail = gaussian_filter(image, (0.8, 0.8, 0)) - image
    scale = 4 * np.sqrt(gain * SHOT_NOISE * np.clip(image, 0, 1) + (gain * READ_NOISE) ** 2)
    return image + strength * np.exp(-((detail / scale) ** 2)) * detail


def tone(image: np.ndarray) -> np.ndarray:
    """Linear light to display values in [0, 1]: the sRGB power law with a gentle S-curve."""
    display = np.clip(image, 0, 1) ** (1 / 2.2)
    return display + 0.15 * display * (1 - display) * (2 * display - 1)


def sharpen(image: np.ndarray, amount: float) -> np.ndarray:
    """Unsharp mask on the lightness of display values H×W×3, radius one pixel: x + amount · (x − blur(x)); 0 is off."""
    if amount == 0:
        return image
    lightness = image @ np.float32([0.299, 0.587, 0.114])
    return image + amount * (lightness - gaussian_filter(lightness, 1.0))[..., None]


def develop(scene: np.ndarray, camera: CameraModel, rng: np.random.Generator) -> np.ndarray:
    """The picture before compression, uint8 H×W×3, of a scene in linear light (H, W even).

    The photo's sensitivity (noise gain 1 to 4, times the camera's own factor) and white balance are drawn alike for all
    cameras.
    """
    gain, balance = 4.0 ** rng.random(), np.exp(rng.normal(0, 0.05, 3)).astype(np.float32)
    gain *= camera.noise
    if camera.demosaicing == "none":
        measured = add_noise(scene, gain, rng)
    else:
        measured = demosaic(add_noise(mosaic(scene), gain, rng), camera.demosaicing)
    image = correct_colour(measured, balance)
    image = sharpen(tone(denoise(image, camera.denoising, gain)), camera.sharpening)
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)


def compress(image: np.ndarray, quality: int, subsampling: str) -> bytes:
    """JPEG bytes of a uint8 picture H×W×3: baseline, tables of Annex K of the standard scaled by `quality` (1 to 100).

    `subsampling` of chroma is "4:4:4", "4:2:2" or "4:2:0".
    """
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=quality, subsampling=SUBSAMPLING[subsampling])
    return stream.getvalue()


def shoot(scene: np.ndarray, camera: CameraModel, rng: np.random.Generator) -> bytes:
    """The JPEG file that a camera makes of a scene."""
    return compress(develop(scene, camera, rng), camera.quality, camera.subsampling)
