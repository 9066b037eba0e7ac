"""The terms of the style GAN's loss. Images are float N×3×H×W in [−1, 1], scores and logits as networks give them."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

REAL_TARGET = 0.9
"""One-sided label smoothing, as in Gated-GAN's code."""


def adversarial(scores: Tensor, real: bool, kind: str) -> Tensor:
    """Mean distance of discriminator scores from the target: 0.9 for real, 0 for stylised.

    "lsgan": least squares (Mao et al. 2017); "bce": binary cross-entropy with logits. Raises ValueError for others.
    """
    target = torch.full_like(scores, REAL_TARGET if real else 0.0)
    if kind == "lsgan":
        return F.mse_loss(scores, target)
    if kind == "bce":
        return F.binary_cross_entropy_with_logits(scores, target)
    raise ValueError(f"adversarial loss is 'lsgan' or 'bce', got {kind!r}")


def content(stylised: Tensor, images: Tensor) -> Tensor:
    """L1: mean |G(x) − x| over pixels and channels, in units of [−1, 1]."""
    return (stylised - images).abs().mean()


def total_variation(images: Tensor) -> Tensor:
    """Mean absolute difference of vertical neighbours plus that of horizontal ones (anisotropic TV)."""
    vertical = (images[:, :, 1:] - images[:, :, :-1]).abs().mean()
    horizontal = (images[:, :, :, 1:] - images[:, :, :, :-1]).abs().mean()
    return vertical + horizontal


def towards(logits: Tensor, target: int) -> Tensor:
    """Cross-entropy of classifier logits N×C towards one camera, or, for `target` C, towards all of them alike."""
    if target == logits.shape[1]:
        return -F.log_softmax(logits, 1).mean()
    return F.cross_entropy(logits, torch.full((len(logits),), target, device=logits.device))


def embedding(features: Tensor, target: Tensor) -> Tensor:
    """Mean squared distance of features N×F from the `target` F, in units of the target's own mean square."""
    return (features - target).square().mean() / target.square().mean().clamp_min(1e-6)


ROUNDING = 1 / 12
"""Power of the rounding to 8 bits, in squared levels."""


def levels(images: Tensor) -> Tensor:
    """Spectra in dB, N×3×H×(W/2 + 1): Hann window, squared 8-bit levels, above those of rounding."""
    return _levels(images, 127.5, ROUNDING)


def _levels(images: Tensor, unit: float, floor: float) -> Tensor:
    n, m = images.shape[-2:]
    lines = (0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(k, device=images.device) / k) for k in (n, m))
    window = torch.outer(*lines)
    centred = unit * (images - (window * images).sum((2, 3), keepdim=True) / window.sum())
    power = torch.fft.rfft2(centred * window).abs() ** 2 / (window**2).sum()
    return 10 * torch.log10(power + floor)


def mean_level(images: Tensor) -> Tensor:
    """Mean over images of their `levels`, 3×H×(W/2 + 1)."""
    return levels(images).mean(0)


def variance_levels(images: Tensor) -> Tensor:
    """Spectra in dB, N×1×H×(W/2 + 1), of how strong the fine detail of green is from place to place.

    It is log(|e| + 1), e the mean of a pixel's four neighbours minus the pixel, in levels (`spectrum.log_variance`). A
    mosaic and JPEG's blocks make it periodic, at a phase that differs from image to image.
    """
    green = 127.5 * images[:, 1:2]
    wide = F.pad(green, (1,) * 4, mode="reflect")
    around = wide[..., :-2, 1:-1] + wide[..., 2:, 1:-1] + wide[..., 1:-1, :-2] + wide[..., 1:-1, 2:]
    return _levels(torch.log1p((around / 4 - green).abs()), 1.0, 1e-2)


def variance(stylised: Tensor, target: Tensor) -> Tensor:
    """Mean squared distance of a batch's mean `variance_levels` from `target`, in units of (10 dB)²."""
    return ((variance_levels(stylised).mean(0) - target) / 10).square().mean()


def spectral(stylised: Tensor, target: Tensor) -> Tensor:
    """Mean squared distance of a batch's mean level from `target` (3×H×(W/2 + 1), dB), in units of (10 dB)²."""
    return ((mean_level(stylised) - target) / 10).square().mean()
