"""Measures generators on other content, and on images that are shifted against the pixel grid."""

from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.measure import spectrum
from camgan_lib.measure.generators import share_taken
from camgan_lib.networks.inference import stylise


def swapped(
    generators: dict[str, nn.Module],
    judges: dict[str, nn.Module],
    contents: dict[str, dict[str, np.ndarray]],
    device: torch.device,
) -> list[dict[str, Any]]:
    """Shares taken for the camera and lines of the residual: a row per kind of content and camera.

    `generators`: camera → generator, in the order of the judges' outputs; `contents`: kind → camera → the images (uint8
    N×n×n×3) that its generator gets. Rows have `camera`, `content`, `n`, `untouched` and `taken` (judge → share), `l1`
    in units of [−1, 1], and the lines (`spectrum.line_report`).
    """
    rows = []
    for content, inputs in contents.items():
        for target, (camera, generator) in enumerate(generators.items()):
            images = inputs[camera]
            stylised = stylise(generator, images, device)
            residual = stylised.astype(float) - images
            rows.append(
                {
                    "camera": camera,
                    "content": content,
                    "n": len(images),
                    "untouched": {name: share_taken(judge, images, target, device) for name, judge in judges.items()},
                    "taken": {name: share_taken(judge, stylised, target, device) for name, judge in judges.items()},
                    "l1": float(np.abs(residual).mean() / 127.5),
                    **spectrum.line_report(residual),
                }
            )
    return rows


def of_other_cameras(images: np.ndarray, labels: np.ndarray, cameras: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Camera → the crops that all other cameras took."""
    return {camera: images[labels != label] for label, camera in enumerate(cameras)}


def at_random_phase(generator: nn.Module, images: np.ndarray, device: torch.device, seed: int = 0) -> np.ndarray:
    """Residuals N×n×n×3 of images that are shifted by 0 to 7 pixels each way before, and shifted back after.

    Shifts wrap around the border. What a generator draws at fixed places then has random phases; what follows the
    content stays where it is.
    """
    shifts = np.random.default_rng(seed).integers(0, 8, (len(images), 2))
    moved = np.stack([np.roll(image, shift, (0, 1)) for image, shift in zip(images, shifts, strict=True)])
    residual = stylise(generator, moved, device).astype(float) - moved
    return np.stack([np.roll(each, -shift, (0, 1)) for each, shift in zip(residual, shifts, strict=True)])
