"""Batch normalisation with what comes after it, a sum and ReLU, in two passes over memory in place of five.

On a CPU, in training, images are larger than the processor's cache, and each pass waits for memory.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base import devices
from camgan_lib.base.compiled import compiled
from camgan_lib.base.devices import pixels

_LAST = torch.channels_last
_NONE = torch.empty(0, 0, 0, 0)


def normalised(x: Tensor, norm: nn.Module, skip: Tensor | None = None) -> Tensor:
    """relu(norm(x) + skip) of images N×C×H×W; `norm` may be any layer; an nn.BatchNorm2d is made faster."""
    if not (isinstance(norm, nn.BatchNorm2d) and norm.training and devices.on_cpu_in_float32(x)):
        made = norm(x)
        return F.relu(made if skip is None else made + skip)
    out, mean, variance = _Normalised.apply(x, norm.weight, norm.bias, skip, norm.eps)
    count = x.numel() / x.shape[1]
    with torch.no_grad():
        norm.num_batches_tracked.add_(1)
        share = 1 / float(norm.num_batches_tracked) if norm.momentum is None else norm.momentum
        norm.running_mean.lerp_(mean, share)
        norm.running_var.lerp_(variance * (count / (count - 1)), share)
    return out


class _Normalised(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x, weight, bias, skip, eps) -> tuple[Tensor, Tensor, Tensor]:
        x = x.detach().contiguous(memory_format=_LAST)
        more = _NONE if skip is None else skip.detach().contiguous(memory_format=_LAST)
        sums = torch.zeros(2, x.shape[1], dtype=torch.float64)
        _sums(pixels(x), sums.numpy())
        mean, square = sums / (x.numel() / x.shape[1])
        variance = (square - mean**2).clamp_min_(0)
        factor = weight.detach() / (variance + eps).sqrt()
        term = bias.detach() - factor * mean
        out = torch.empty(x.shape, memory_format=_LAST)
        _apply(pixels(x), factor.float().numpy(), term.float().numpy(), pixels(more), pixels(out))
        ctx.save_for_backward(x, out, mean, (variance + eps).rsqrt(), weight.detach())
        means = mean.float(), variance.float()
        ctx.mark_non_differentiable(*means)
        return out, *means

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        x, out, mean, scale, weight = ctx.saved_tensors
        kept, sums = torch.empty(x.shape, memory_format=_LAST), torch.zeros(2, x.shape[1], dtype=torch.float64)
        gradient = gradient.contiguous(memory_format=_LAST)
        _gradient_sums(pixels(gradient), pixels(out), pixels(x), pixels(kept), sums.numpy())
        of_bias, with_x = sums
        of_weight = scale * (with_x - mean * of_bias)
        count, factor = x.numel() / x.shape[1], weight * scale
        by_x = -factor * scale * of_weight / count
        term = -factor * of_bias / count - by_x * mean
        skipped = ctx.needs_input_grad[3]
        of_x = torch.empty(x.shape, memory_format=_LAST) if skipped else kept
        parts = (each.float().numpy() for each in (factor, by_x, term))
        _of_x(pixels(kept), pixels(x), *parts, pixels(of_x))
        return of_x, of_weight.float(), of_bias.float(), kept if skipped else None, None


@compiled
def _sums(x: np.ndarray, sums: np.ndarray) -> None:
    """Adds up the values of x (N×H×W×C) and their squares by channel: float64 2×C, by way of float32 for each row."""
    n, height, width, channels = x.shape
    one, two = np.empty(channels, np.float32), np.empty(channels, np.float32)
    for image in range(n):
        for y in range(height):
            one[:], two[:] = 0, 0
            for column in range(width):
                pixel = x[image, y, column]
                for k in range(channels):
                    one[k] += pixel[k]
                    two[k] += pixel[k] * pixel[k]
            for k in range(channels):
                sums[0, k] += one[k]
                sums[1, k] += two[k]


@compiled
def _apply(x: np.ndarray, factor: np.ndarray, term: np.ndarray, skip: np.ndarray, out: np.ndarray) -> None:
    """Writes x times `factor` plus `term` (by channel) and `skip`, without what is below 0.

    It begins with the last image, which is still in the cache after `_sums`.
    """
    n, height, width, channels = x.shape
    zero = np.float32(0)
    for image in range(n - 1, -1, -1):
        for y in range(height):
            for column in range(width):
                pixel, made = x[image, y, column], out[image, y, column]
                if len(skip):
                    more = skip[image, y, column]
                    for k in range(channels):
                        made[k] = max(factor[k] * pixel[k] + term[k] + more[k], zero)
                else:
                    for k in range(channels):
                        made[k] = max(factor[k] * pixel[k] + term[k], zero)


@compiled
def _gradient_sums(gradient: np.ndarray, out: np.ndarray, x: np.ndarray, kept: np.ndarray, sums: np.ndarray) -> None:
    """Writes the gradient where `out` is above 0, else 0; adds it up by channel, and its product with x: 2×C."""
    n, height, width, channels = x.shape
    zero = np.float32(0)
    one, two = np.empty(channels, np.float32), np.empty(channels, np.float32)
    for image in range(n):
        for y in range(height):
            one[:], two[:] = 0, 0
            for column in range(width):
                given, made = gradient[image, y, column], out[image, y, column]
                pixel, left = x[image, y, column], kept[image, y, column]
                for k in range(channels):
                    left[k] = given[k] if made[k] > zero else zero
                for k in range(channels):
                    one[k] += left[k]
                    two[k] += left[k] * pixel[k]
            for k in range(channels):
                sums[0, k] += one[k]
                sums[1, k] += two[k]


@compiled
def _of_x(
    kept: np.ndarray, x: np.ndarray, factor: np.ndarray, by_x: np.ndarray, term: np.ndarray, out: np.ndarray
) -> None:
    """Writes `factor`·kept + `by_x`·x + `term`, all by channel, the last image first; `out` may be `kept`."""
    n, height, width, channels = x.shape
    for image in range(n - 1, -1, -1):
        for y in range(height):
            for column in range(width):
                left, pixel, made = kept[image, y, column], x[image, y, column], out[image, y, column]
                for k in range(channels):
                    made[k] = factor[k] * left[k] + by_x[k] * pixel[k] + term[k]
