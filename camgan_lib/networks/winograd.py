"""3×3 convolutions on a CPU by Winograd's minimal filtering F(4×4, 3×3) (Lavin & Gray 2016): fewer products.

A tile of 4×4 outputs takes 36 products per pair of channels, where the plain way takes 144; so do the gradients of
inputs and weights. Compiled loops (`winograd_loops`) make the tiles and put them together. Sums are taken in another
order than the plain way's, so that results differ by rounding, about 1e-5 of the largest.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base import devices
from camgan_lib.base.devices import pixels
from camgan_lib.networks import winograd_loops as loops
from camgan_lib.networks.winograd_loops import POINTS, TILE

FEWEST_CHANNELS = 64
"""With fewer channels, making tiles takes longer than the products that it saves."""

FROM_KERNEL = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
"""What turns three weights of a kernel into their values at six points."""

_LAST = torch.channels_last
_NONE = torch.empty(0, 0, 0, 0)


class Winograd(nn.Module):
    """A 3×3 convolution without stride of images N×C×H×W, in inference mode.

    `mirrored`: borders are mirrored, else they are zeros. `relu`: negative results become 0.
    """

    def __init__(self, conv: nn.Conv2d, *, mirrored: bool = False, relu: bool = False):
        super().__init__()
        bias = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias
        self.conv, self.bias = conv, bias.detach().contiguous()
        self.weights, self.mirrored, self.relu = _at_points(conv.weight.detach()), mirrored, relu

    def forward(self, x: Tensor, skip: Tensor = _NONE) -> Tensor:
        """The result, to which `skip` (shaped as it) is added before negative values become 0."""
        if x.shape[2] % TILE or x.shape[3] % TILE:
            return _plain(x, self.conv.weight, self.conv.bias, skip, self.mirrored, self.relu)
        return _outputs(_tiles(x, self.mirrored), self.weights, self.bias, x, skip, self.relu)


def suits(x: Tensor, weight: Tensor) -> bool:
    """Whether `convolve` is faster than the plain way for images N×C×H×W and weights K×C×3×3."""
    outputs, inputs, *kernel = weight.shape
    fits = kernel == [3, 3] and min(outputs, inputs) >= FEWEST_CHANNELS
    return fits and x.shape[2] % TILE == 0 and x.shape[3] % TILE == 0 and devices.on_cpu_in_float32(x)


def convolve(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    skip: Tensor | None = None,
    *,
    mirrored: bool = False,
    relu: bool = False,
) -> Tensor:
    """A 3×3 convolution without stride of images N×C×H×W by weights K×C×3×3, with gradients; H, W multiples of 4.

    `skip`, shaped as the result, is added. `mirrored`: borders are mirrored, else they are zeros. `relu`: negative
    results become 0. Raises ValueError for `relu` with a `skip`.
    """
    if relu and skip is not None:
        raise ValueError("a convolution takes a skip or ReLU, not both: the gradient of the sum is not built")
    return _Convolution.apply(x, weight, bias, skip, mirrored, relu)


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x, weight, bias, skip, mirrored, relu) -> Tensor:
        tiles, weights = _tiles(x, mirrored), _at_points(weight)
        added = weight.new_zeros(len(weight)) if bias is None else bias.detach()
        out = _outputs(tiles, weights, added, x, _NONE if skip is None else skip, relu)
        ctx.save_for_backward(tiles, weights, out if relu else _NONE)
        ctx.shape, ctx.mirrored, ctx.relu = x.shape, mirrored, relu
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        tiles, weights, out = ctx.saved_tensors
        outputs, inputs = weights.shape[1:]
        gradient = gradient.contiguous(memory_format=_LAST)
        points, bias = torch.empty(POINTS, tiles.shape[1], outputs), torch.zeros(outputs)
        seen = pixels(out if ctx.relu else gradient)
        loops.from_outputs(pixels(gradient), seen, ctx.relu, points.numpy(), bias.numpy())
        of_x = of_weight = None
        if ctx.needs_input_grad[0]:
            n, _, height, width = ctx.shape
            of_x = torch.empty(n, height, width, inputs)
            loops.to_pixels(torch.bmm(points, weights).numpy(), of_x.numpy(), ctx.mirrored)
            of_x = of_x.permute(0, 3, 1, 2)
        if ctx.needs_input_grad[1]:
            of_points = torch.bmm(points.transpose(1, 2), tiles).view(POINTS, -1)
            of_weight = (_by_point().T @ of_points).view(3, 3, outputs, inputs).permute(2, 3, 0, 1)
        of_bias, of_skip = ctx.needs_input_grad[2:4]
        return of_x, of_weight, bias if of_bias else None, gradient if of_skip else None, None, None


def _tiles(x: Tensor, mirrored: bool) -> Tensor:
    """The values of images N×C×H×W at the points of each tile: 36×T×C."""
    n, channels, height, width = x.shape
    made = torch.empty(POINTS, n * height * width // TILE**2, channels)
    loops.to_points(pixels(x.detach().contiguous(memory_format=_LAST)), made.numpy(), mirrored)
    return made


def _outputs(tiles: Tensor, weights: Tensor, bias: Tensor, x: Tensor, skip: Tensor, relu: bool) -> Tensor:
    """The convolution's result N×K×H×W from tiles of its input `x`."""
    n, _, height, width = x.shape
    made = torch.bmm(tiles, weights.transpose(1, 2))
    out = torch.empty(n, height, width, made.shape[2])
    if skip.numel():
        skip = skip.detach().contiguous(memory_format=_LAST)
    loops.from_points(made.numpy(), bias.numpy(), pixels(skip), out.numpy(), relu)
    return out.permute(0, 3, 1, 2)


def _plain(x: Tensor, weight: Tensor, bias: Tensor | None, skip: Tensor, mirrored: bool, relu: bool) -> Tensor:
    padded = F.pad(x, (1, 1, 1, 1), mode="reflect" if mirrored else "constant")
    out = F.conv2d(padded, weight, bias)
    out = out + skip if skip.numel() else out
    return F.relu(out) if relu else out


def _at_points(weight: Tensor) -> Tensor:
    """The values of weights K×C×3×3 at the 36 points: 36×K×C."""
    outputs, inputs = weight.shape[:2]
    return (_by_point() @ weight.detach().permute(2, 3, 0, 1).reshape(9, -1)).view(POINTS, outputs, inputs)


def _by_point() -> Tensor:
    """What turns the nine weights of a kernel into their values at the 36 points: 36×9."""
    line = torch.tensor(FROM_KERNEL)
    return torch.einsum("ia,jb->ijab", line, line).reshape(POINTS, 9)
