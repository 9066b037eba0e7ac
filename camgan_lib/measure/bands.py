"""Removes bands of frequencies from images, and asks classifiers about what is left."""

import functools
from typing import Any

import numpy as np
import torch
from scipy import fft
from torch import nn

from camgan_lib.data.crops import Crops
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.spectrum import frequencies
from camgan_lib.measure.statistics import by_photo, difference, p_within
from camgan_lib.networks.inference import predict

RADII = (*(k / 16 for k in range(9)), 0.71)
"""Radii in cycles/pixel, from none to beyond the corner of the spectrum, √½."""


def ring(n: int, inner: float, outer: float) -> np.ndarray:
    """Bins of a shifted spectrum n×n with inner ≤ radius ≤ outer, in cycles/pixel: bool n×n."""
    radius = np.hypot(*np.meshgrid(frequencies(n), frequencies(n), indexing="ij"))
    return (radius >= inner) & (radius <= outer)


def filtered(images: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Images with only the bins of `keep`; takes and returns uint8 N×n×n×3, rounded and clipped.

    `keep`: bool n×n, frequency zero in the middle, symmetric about it. No window is applied. Each channel's mean stays.
    """
    keep = np.fft.ifftshift(keep.copy())
    keep[0, 0] = True
    kept = fft.ifft2(fft.fft2(images, axes=(1, 2)) * keep[None, :, :, None], axes=(1, 2)).real
    return np.clip(np.rint(kept), 0, 255).astype(np.uint8)


STRENGTHS = tuple(k / 4 for k in range(9))
"""Strengths of a residual, from none to twice what the generator gives."""


def by_strength(
    classifier: nn.Module, inputs: np.ndarray, stylised: dict[str, np.ndarray], device: torch.device
) -> dict[str, Any]:
    """How often x + s·(G(x) − x) is taken for the camera, over STRENGTHS s.

    `inputs`: x, uint8 N×n×n×3; `stylised`: camera → G(x), likewise, in the order of the classifier's outputs. Gives
    `strengths`, `n` images and `shares` (camera → one per strength). Strength 0 is the untouched inputs, 1 the stylised
    images.
    """
    shares = {}
    for label, (camera, images) in enumerate(stylised.items()):
        residual = images.astype(np.float64) - inputs
        mixed = (np.clip(np.rint(inputs + s * residual), 0, 255).astype(np.uint8) for s in STRENGTHS)
        taken = [predict(classifier, each, device).argmax(1) == label for each in mixed]
        shares[camera] = [round(float(each.mean()), 4) for each in taken]
    return {"strengths": list(STRENGTHS), "n": len(inputs), "shares": shares}


def accuracy_by_radius(classifier: nn.Module, test: Crops, device: torch.device) -> dict[str, list[Estimate]]:
    """Accuracy on test crops with frequencies removed: name → an estimate by photo for each of RADII.

    Names: "stop below" (all up to the radius removed), "stop above" (all beyond it) and "stop a ring" (a sixteenth
    wide, from the radius outwards).
    """
    n = test.images.shape[1]
    stopped = {
        "stop below": [ring(n, 0, radius) for radius in RADII],
        "stop above": [~ring(n, 0, radius) for radius in RADII],
        "stop a ring": [ring(n, radius, radius + 1 / 16) for radius in RADII],
    }

    @functools.cache
    def of(kept: bytes) -> Estimate:
        keep = np.frombuffer(kept, bool).reshape(n, n)
        right = predict(classifier, filtered(test.images, keep), device).argmax(1) == test.labels
        return by_photo(right, test.photo, test.labels, bounds=(0, 1))

    def accuracy(mask: np.ndarray) -> Estimate:
        keep = ~mask
        keep[n // 2, n // 2] = True  # as `filtered` does: masks that leave the same are asked about once
        return of(keep.tobytes())

    return {name: [accuracy(mask) for mask in masks] for name, masks in stopped.items()}


def causal(curves: dict[str, list[Estimate]], chance: float, radius: float = 0.25) -> dict[str, Any]:
    """Accuracies at one radius from the curves of `accuracy_by_radius`, and what was lost there.

    `all`: with nothing removed; `without_high`: with all beyond the radius removed; `without_low`: with all up to it
    removed; `lost_high` and `lost_low`: `all` minus these, paired by photo. Also `chance` and `radius`.
    """
    at, everything = RADII.index(radius), curves["stop above"][-1]
    without = {"high": curves["stop above"][at], "low": curves["stop below"][at]}
    return {
        "all": everything,
        **{f"without_{name}": each for name, each in without.items()},
        **{f"lost_{name}": difference(everything, each) for name, each in without.items()},
        "chance": chance,
        "radius": radius,
    }


MARGIN = 0.05
"""A loss of accuracy up to this counts as none that matters: 5 points, one crop in twenty."""


def finding(lost: Estimate, margin: float = MARGIN) -> str:
    """What a paired loss of accuracy shows, in words: "a loss is shown", "no loss beyond 5 points" or "undecided".

    A loss is shown if the whole interval lies above 0. That there is none beyond `margin` needs a test of its own,
    for equivalence (two one-sided tests at 2.5 %). An interval that holds 0 shows neither by itself.
    """
    small = p_within(lost, margin) <= 0.05
    if lost.low > 0:
        return f"a loss is shown, of less than {100 * margin:g} points" if small else "a loss is shown"
    return f"no loss beyond {100 * margin:g} points" if small else "undecided"
