"""Convolutions for evaluation on a CPU that need fewer products than the plain way.

3×3 convolutions by Winograd's minimal filtering F(4×4, 3×3) (Lavin & Gray 2016): a tile of 4×4 outputs takes 36
products per pair of channels, where the plain way takes 144. Compiled loops make the tiles and put them together. A 7×7
convolution to few channels leaves most of a vector instruction empty; each row of its kernel is taken as a convolution
of its own, and the seven results are added. Sums are taken in another order than the plain way's, so that results
differ by rounding, about 1e-5 of the largest.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base.compiled import compiled

TILE, POINTS = 4, 36
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
    """A 3×3 convolution without stride of images N×C×H×W, H and W multiples of 4, in inference mode.

    `mirrored`: borders are mirrored, else they are zeros. `relu`: negative results become 0.
    """

    def __init__(self, conv: nn.Conv2d, *, mirrored: bool = False, relu: bool = False):
        super().__init__()
        bias = torch.zeros(conv.out_channels) if conv.bias is None else conv.bias
        self.conv, self.bias = conv, bias.detach().contiguous()
        self.products, self.mirrored, self.relu = _products(conv.weight.detach()), mirrored, relu

    def forward(self, x: Tensor, skip: Tensor = _NONE) -> Tensor:
        """The result, to which `skip` (shaped as it) is added before negative values become 0."""
        n, _, height, width = x.shape
        if height % TILE or width % TILE:
            return self._plain(x, skip)
        x = x.contiguous(memory_format=_LAST)
        tiles = torch.empty(POINTS, n * height * width // TILE**2, x.shape[1])
        _spread(_pixels(x), tiles.numpy(), self.mirrored)
        made = torch.bmm(tiles, self.products)
        out = torch.empty(n, height, width, made.shape[2])
        if skip.numel():
            skip = skip.contiguous(memory_format=_LAST)
        _gather(made.numpy(), self.bias.numpy(), _pixels(skip), out.numpy(), self.relu)
        return out.permute(0, 3, 1, 2)

    def _plain(self, x: Tensor, skip: Tensor) -> Tensor:
        padded = F.pad(x, (1, 1, 1, 1), mode="reflect" if self.mirrored else "constant")
        out = F.conv2d(padded, self.conv.weight, self.bias)
        out = out + skip if skip.numel() else out
        return F.relu(out) if self.relu else out


class Rows(nn.Module):
    """A convolution without padding of images N×C×H×W to few channels, in inference mode, row by row of its kernel."""

    def __init__(self, conv: nn.Conv2d):
        super().__init__()
        outputs, inputs, self.height, width = conv.weight.shape
        rows = conv.weight.detach().permute(2, 0, 1, 3).reshape(self.height * outputs, inputs, 1, width)
        full = -(-len(rows) // 8) * 8  # whole vectors of outputs: twice as fast
        rows = torch.cat([rows, rows.new_zeros(full - len(rows), inputs, 1, width)])
        assert conv.bias is not None
        self.rows, self.bias = rows.contiguous(memory_format=_LAST), conv.bias.detach().contiguous()

    def forward(self, x: Tensor) -> Tensor:
        made = F.conv2d(x.contiguous(memory_format=_LAST), self.rows).contiguous(memory_format=_LAST)
        n, _, height, width = made.shape
        out = torch.empty(n, height - self.height + 1, width, len(self.bias))
        _add_rows(_pixels(made), self.bias.numpy(), out.numpy())
        return out.permute(0, 3, 1, 2)


def _pixels(x: Tensor) -> np.ndarray:
    """N×C×H×W in memory channels-last as an array N×H×W×C that shares it."""
    return x.permute(0, 2, 3, 1).numpy()


def _products(weight: Tensor) -> Tensor:
    """The values of kernels K×C×3×3 at the 36 points: 36×C×K."""
    by = torch.tensor(FROM_KERNEL, dtype=torch.float64)
    points = torch.einsum("ia,jb,kcab->ijck", by, by, weight.double())
    return points.reshape(POINTS, weight.shape[1], weight.shape[0]).float().contiguous()


@compiled
def _spread(x: np.ndarray, tiles: np.ndarray, mirrored: bool) -> None:
    """Writes the values at 36 points of each 6×6 window of x (N×H×W×C), four pixels apart: 36×T×C."""
    n, height, width, channels = x.shape
    lines, nothing = np.zeros((6, width + 2, channels), np.float32), np.zeros(channels, np.float32)
    for image in range(n):
        for down in range(height // TILE):
            y = TILE * down - 1
            for place in range(width + 2):
                at = place - 1
                if mirrored:
                    at = abs(at) if at < width else width - 2
                elif at < 0 or at >= width:
                    continue
                above = x[image, y, at] if y >= 0 else x[image, 1, at] if mirrored else nothing
                below = x[image, y + 5, at] if y + 5 < height else x[image, height - 2, at] if mirrored else nothing
                six = (above, x[image, y + 1, at], x[image, y + 2, at], x[image, y + 3, at], x[image, y + 4, at], below)
                _to_points(six, lines[:, place])
            for across in range(width // TILE):
                tile = (image * (height // TILE) + down) * (width // TILE) + across
                for i in range(6):
                    line = lines[i, TILE * across : TILE * across + 6]
                    six = (line[0], line[1], line[2], line[3], line[4], line[5])
                    _to_points(six, tiles[6 * i : 6 * i + 6, tile])


@compiled
def _to_points(six: tuple, out: np.ndarray) -> None:
    """Six values in a row, each of C channels, as the values at six points: 6×C."""
    two, four, five = np.float32(2), np.float32(4), np.float32(5)
    d0, d1, d2, d3, d4, d5 = six
    o0, o1, o2, o3, o4, o5 = out[0], out[1], out[2], out[3], out[4], out[5]
    for k in range(len(d0)):
        even, odd = d4[k] - four * d2[k], d3[k] - four * d1[k]
        outer, inner = d4[k] - d2[k], two * (d3[k] - d1[k])
        o0[k] = four * d0[k] - five * d2[k] + d4[k]
        o1[k], o2[k], o3[k], o4[k] = even + odd, even - odd, outer + inner, outer - inner
        o5[k] = four * d1[k] - five * d3[k] + d5[k]


@compiled
def _gather(made: np.ndarray, bias: np.ndarray, skip: np.ndarray, out: np.ndarray, relu: bool) -> None:
    """Puts tiles 36×T×K together into `out` N×H×W×K, adds bias and `skip`, and may cut off what is below 0."""
    n, height, width, channels = out.shape
    lines, square = np.empty((6, TILE, channels), np.float32), np.empty((TILE, channels), np.float32)
    nothing = np.zeros(channels, np.float32)
    for image in range(n):
        for down in range(height // TILE):
            for across in range(width // TILE):
                tile = (image * (height // TILE) + down) * (width // TILE) + across
                for j in range(6):
                    m0, m1, m2 = made[j, tile], made[6 + j, tile], made[12 + j, tile]
                    m3, m4, m5 = made[18 + j, tile], made[24 + j, tile], made[30 + j, tile]
                    _from_points((m0, m1, m2, m3, m4, m5), lines[j])
                for i in range(TILE):
                    six = (lines[0, i], lines[1, i], lines[2, i], lines[3, i], lines[4, i], lines[5, i])
                    _from_points(six, square)
                    for j in range(TILE):
                        y, x = TILE * down + i, TILE * across + j
                        more = skip[image, y, x] if len(skip) else nothing
                        _finish(square[j], bias, more, relu, out[image, y, x])


@compiled
def _from_points(six: tuple, out: np.ndarray) -> None:
    """Values at six points, each of K channels, as the four results in a row: 4×K."""
    two, four, eight = np.float32(2), np.float32(4), np.float32(8)
    m0, m1, m2, m3, m4, m5 = six
    o0, o1, o2, o3 = out[0], out[1], out[2], out[3]
    for k in range(len(m0)):
        plus, minus, more, less = m1[k] + m2[k], m1[k] - m2[k], m3[k] + m4[k], m3[k] - m4[k]
        o0[k], o1[k] = m0[k] + plus + more, minus + two * less
        o2[k], o3[k] = plus + four * more, minus + eight * less + m5[k]


@compiled
def _finish(made: np.ndarray, bias: np.ndarray, skip: np.ndarray, relu: bool, out: np.ndarray) -> None:
    """Writes the sum of three, without what is below 0 where `relu` says so."""
    zero = np.float32(0)
    if relu:
        for k in range(len(out)):
            out[k] = max(made[k] + bias[k] + skip[k], zero)
    else:
        for k in range(len(out)):
            out[k] = made[k] + bias[k] + skip[k]


@compiled
def _add_rows(made: np.ndarray, bias: np.ndarray, out: np.ndarray) -> None:
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
