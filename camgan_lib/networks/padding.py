"""Mirrored borders, for images in memory channels-last."""

import torch
from torch import Tensor, nn

_LAST = torch.channels_last


class Reflect(nn.Module):
    """Pads N×C×H×W by `margin` mirrored pixels: nn.ReflectionPad2d, but channels-last, forward and backward."""

    def __init__(self, margin: int):
        super().__init__()
        self.margin = margin

    def forward(self, x: Tensor) -> Tensor:
        return _Mirror.apply(x, self.margin)


class _Mirror(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, m: int) -> Tensor:
        ctx.margin = m
        n, c, h, w = x.shape
        out = torch.empty((n, c, h + 2 * m, w + 2 * m), dtype=x.dtype, device=x.device, memory_format=_LAST)
        inner = out[:, :, m:-m]
        inner[..., m:-m] = x
        inner[..., :m], inner[..., -m:] = x[..., 1 : m + 1].flip(3), x[..., -m - 1 : -1].flip(3)
        out[:, :, :m], out[:, :, -m:] = inner[:, :, 1 : m + 1].flip(2), inner[:, :, -m - 1 : -1].flip(2)
        return out

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, None]:
        m = ctx.margin
        grad = grad.clone(memory_format=_LAST)
        inner = grad[:, :, m:-m]
        inner[:, :, 1 : m + 1] += grad[:, :, :m].flip(2)
        inner[:, :, -m - 1 : -1] += grad[:, :, -m:].flip(2)
        out = inner[..., m:-m]
        out[..., 1 : m + 1] += inner[..., :m].flip(3)
        out[..., -m - 1 : -1] += inner[..., -m:].flip(3)
        return out.contiguous(memory_format=_LAST), None
