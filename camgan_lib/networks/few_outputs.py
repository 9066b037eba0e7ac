"""A convolution to few channels on a CPU, row by row of its kernel.

Three outputs leave most of a vector instruction empty. So each row of the kernel is taken as a convolution of its own,
all in one, and a compiled loop adds the results of the rows where they belong. Sums are taken in another order than the
plain way's, so that results differ by rounding.
"""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base import devices
from camgan_lib.base.compiled import compiled

VECTOR = 8
"""Channels come in multiples of so many: whole vectors are twice as fast."""

_LAST = torch.channels_last


class FewOutputs(nn.Conv2d):
    """A convolution without padding and stride of images N×C×H×W to few channels, with gradients."""

    def forward(self, x: Tensor) -> Tensor:
        if not devices.on_cpu_in_float32(x):
            return super().forward(x)
        made = F.conv2d(x.contiguous(memory_format=_LAST), rows(self.weight))
        return _Sum.apply(made, self.bias, self.weight.shape[2])


class Rows(nn.Module):
    """`FewOutputs` in inference mode."""

    def __init__(self, conv: nn.Conv2d):
        super().__init__()
        assert conv.bias is not None
        self.height, self.bias = conv.kernel_size[0], conv.bias.detach()
        self.rows = rows(conv.weight.detach())

    def forward(self, x: Tensor) -> Tensor:
        return _sum(F.conv2d(x.contiguous(memory_format=_LAST), self.rows), self.bias, self.height)


def rows(weight: Tensor) -> Tensor:
    """Weights K×C×H×W as those of H·K convolutions by one row, and some more of zeros: M×C×1×W."""
    outputs, inputs, height, width = weight.shape
    each = weight.permute(2, 0, 1, 3).reshape(height * outputs, inputs, 1, width)
    return F.pad(each, (0,) * 7 + (-len(each) % VECTOR,)).contiguous(memory_format=_LAST)


class _Sum(torch.autograd.Function):
    """The sum of the rows' results, each `height` − 1 of them lower than the one before, plus the bias."""

    @staticmethod
    def forward(ctx: Any, made: Tensor, bias: Tensor, height: int) -> Tensor:
        ctx.shape = made.shape
        return _sum(made.detach(), bias.detach(), height)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        n, channels, height, width = ctx.shape
        given = gradient.permute(0, 2, 3, 1).contiguous()
        made = torch.zeros(n, height, width, channels)
        _spread(given.numpy(), made.numpy())
        return made.permute(0, 3, 1, 2), given.sum((0, 1, 2)), None


def _sum(made: Tensor, bias: Tensor, height: int) -> Tensor:
    made = made.permute(0, 2, 3, 1).contiguous()
    n, tall, width, _ = made.shape
    out = torch.empty(n, tall - height + 1, width, len(bias))
    _add(made.numpy(), bias.contiguous().numpy(), out.numpy())
    return out.permute(0, 3, 1, 2)


@compiled
def _add(made: np.ndarray, bias: np.ndarray, out: np.ndarray) -> None:
    """Adds to each row of `out` N×H×W×K what the rows below give for it: channels K·d to K·d + K of the d-th."""
    n, height, width, channels = out.shape
    for image in range(n):
        for y in range(height):
            line = out[image, y]
            for x in range(width):
                for k in range(channels):
                    line[x, k] = bias[k]
            for d in range(made.shape[1] - height + 1):
                row = made[image, y + d]
                for x in range(width):
                    for k in range(channels):
                        line[x, k] += row[x, channels * d + k]


@compiled
def _spread(gradient: np.ndarray, made: np.ndarray) -> None:
    """The adjoint of `_add`: gives each row of `made`, zeros before, the gradient of what was made of it."""
    n, height, width, channels = gradient.shape
    for image in range(n):
        for y in range(height):
            line = gradient[image, y]
            for d in range(made.shape[1] - height + 1):
                row = made[image, y + d]
                for x in range(width):
                    for k in range(channels):
                        row[x, channels * d + k] = line[x, k]
