"""Measures a generator: how often it fools, how much it changes, the lines it draws, and its spectra, packed small."""

import base64
from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.measure import lines, spectrum
from camgan_lib.measure.spectrum import mean_level
from camgan_lib.networks.camera_generator import CameraGenerator
from camgan_lib.networks.inference import predict, stylise


def measure(
    generator: nn.Module, images: np.ndarray, target: int, judges: dict[str, nn.Module], device: torch.device
) -> dict[str, Any]:
    """Numbers on the generator of camera `target`, from what it makes of no-style images (uint8 N×32×32×3).

    `taken` and `untouched`: judge → share of stylised images, and of inputs, taken for the camera; `l1`: mean
    |G(x) − x| in units of [−1, 1]; the lines of its residual (`lines.line_report`). Packed (see `unpack`), in dB:
    `residual_db`, the mean power of its residuals, 32×32, and `ratio_db`, the mean level (`spectrum.mean_level`) of its
    outputs minus that of its inputs, 32×32×3. `reading`: what the stages of a camera generator hold, if it is one.
    """
    stylised = stylise(generator, images, device)
    residual = stylised.astype(float) - images
    held = {"reading": generator.reading()} if isinstance(generator, CameraGenerator) else {}
    return {
        "taken": {name: share_taken(model, stylised, target, device) for name, model in judges.items()},
        "untouched": {name: share_taken(model, images, target, device) for name, model in judges.items()},
        "l1": float(np.abs(residual).mean() / 127.5),
        **lines.line_report(residual),
        "residual_db": pack(spectrum.decibel(spectrum.power(residual).mean((0, -1)))),
        "ratio_db": pack(mean_level(stylised) - mean_level(images)),
        **held,
    }


def share_taken(model: nn.Module, images: np.ndarray, target: int, device: torch.device) -> float:
    """Share of images that a classifier takes for the camera `target`."""
    return float((predict(model, images, device).argmax(1) == target).mean())


def pack(spectrum_db: np.ndarray) -> str:
    """A spectrum n×n or n×n×C of real images, in dB, as text.

    Only one half is kept, in half precision; the other half mirrors it.
    """
    n = spectrum_db.shape[0]
    return base64.b64encode(spectrum_db[:, : n // 2 + 1].astype("<f2").tobytes()).decode("ascii")


def unpack(text: str, n: int = 32) -> np.ndarray:
    """The spectrum that `pack` packed: float64 n×n for one channel, n×n×C for several."""
    half = np.frombuffer(base64.b64decode(text), "<f2").astype(float).reshape(n, n // 2 + 1, -1)
    back = (-np.arange(n)) % n
    full = np.concatenate([half, half[back][:, n // 2 - 1 : 0 : -1]], 1)
    return full[..., 0] if full.shape[-1] == 1 else full
