"""Stages of a camera on batches of images, all differentiable: places of the mosaic, light, grids, JPEG's constants.

`camera_generator` puts them together.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from camgan_lib.data.jpeg_files import LUMA_TABLE

PERIOD = 16
"""Pixels after which mosaic (2), blocks of luminance (8) and blocks of halved chroma (16) have all come round."""
CELL = (0, 1, 1, 2)
"""The channel that the mosaic measures at each place of its 2×2 cell: red, green, green, blue."""
CHROMA_CORNER = ((17, 18, 24, 47), (18, 21, 26, 66), (24, 26, 56, 99), (47, 66, 99, 99))
"""The table of chroma in JPEG's Annex K, for quality 50. It is 99 outside this corner."""

BLUR = 0.8
"""Standard deviation, in pixels, of the blur that denoising uses."""

TIED = 36
"""How many numbers the filters of demosaicing are made of (see `tied`)."""

COUNTS = (1.0, 4.0, 4.0, 4.0, 8.0, 4.0)
"""How many places of a 5×5 kernel lie at each distance from its centre (see `filtered`)."""

REACH = 3
"""Pixels to each side that a filter of demosaicing sees."""


def rounded(x: Tensor) -> Tensor:
    return x + (x.round() - x).detach()


def light(display: Tensor) -> Tensor:
    """Linear light in [0, 1] of display values in [−1, 1]."""
    return (((display + 1) / 2).clamp(0, 1) + 1e-4) ** 2.2


def display(light: Tensor) -> Tensor:
    """Display values in [−1, 1] of linear light: what `light` takes back."""
    return 2 * (light.clamp(0, 1) + 1e-4) ** (1 / 2.2) - 1


def colours(matrix: Tensor, images: Tensor) -> Tensor:
    return torch.einsum("ij,njhw->nihw", matrix, images)


def filtered(images: Tensor, values: Tensor) -> Tensor:
    """Images N×C×H×W filtered by a 5×5 kernel that is the same in all eight directions, mirrored at their borders.

    `values`: the kernel at distances (0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2) from its centre.
    """
    wide = F.pad(images, (2,) * 4, mode="reflect")
    across = _by_distance(wide, 3)
    (a0, a1, a2), (b0, b1, b2), (c0, c1, c2) = (_by_distance(each, 2) for each in across)
    parts = a0, a1 + b0, b1, a2 + c0, b2 + c1, c2
    return sum(value * part for value, part in zip(values, parts, strict=True))


def _by_distance(x: Tensor, axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """x without two lines at either end, and the sums of the lines 1 and 2 away on both sides."""
    at = [x.narrow(axis, start, x.shape[axis] - 4) for start in range(5)]
    return at[2], at[1] + at[3], at[0] + at[4]


def balanced(values: Tensor) -> Tensor:
    """`values` of a 5×5 kernel as `filtered` takes them, less its mean: what it adds to flat colour is 0."""
    return values - (values * torch.tensor(COUNTS, device=values.device)).sum() / 25


def interpolated(raw: Tensor, filters: Tensor) -> Tensor:
    """Colours N×3×H×W of a mosaic N×1×H×W by linear filters 4×3×7×7, for each place of the cell and channel."""
    side = 2 * REACH + 1
    kernels = torch.zeros(3, 4, side + 1, side + 1, device=filters.device)
    for place in range(4):
        y, x = divmod(place, 2)
        kernels[:, place, y : y + side, x : x + side] = filters[place]
    wide = F.pad(raw, (REACH,) * 4, mode="reflect")
    return F.pixel_shuffle(F.conv2d(wide, kernels.flatten(0, 1)[:, None], stride=2), 2)


def places(side: int, device: torch.device) -> Tensor:
    """For each place of the mosaic's 2×2 cell where it lies: 4×side×side of zeros and ones."""
    odd = torch.arange(side, device=device) % 2
    return F.one_hot(2 * odd[:, None] + odd, 4).permute(2, 0, 1).float()


def field(images: Tensor, corner: Tensor) -> Tensor:
    """Images N×3×n×n mirrored at their borders, in a field of n + PERIOD pixels in which they begin at `corner`."""
    wide = F.pad(images, (PERIOD,) * 4, mode="reflect")
    return cut(wide, PERIOD - corner, images.shape[-1] + PERIOD)


def cut(images: Tensor, corner: Tensor, side: int) -> Tensor:
    """The side×side pixels of each image N×C×H×W that begin at its `corner` (N×2)."""
    at = torch.arange(side, device=images.device)
    y, x = (corner[:, k, None] + at for k in (0, 1))
    number = torch.arange(len(images), device=images.device)[:, None, None]
    return images.permute(0, 2, 3, 1)[number, y[:, :, None], x[:, None, :]].permute(0, 3, 1, 2)


def constants() -> dict[str, Tensor]:
    """What all camera generators share: colour conversion, cosine transform, tables, filters that they begin with."""
    grey = torch.tensor([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
    k = torch.arange(8.0)
    wave = torch.cos(math.pi * (2 * k + 1) * k[:, None] / 16) / 2
    wave[0] /= math.sqrt(2)
    tables = torch.full((2, 8, 8), 99.0)
    tables[0], tables[1, :4, :4] = torch.tensor(LUMA_TABLE), torch.tensor(CHROMA_CORNER)
    line = torch.exp(-(torch.arange(3.0) ** 2) / (2 * BLUR**2))
    blur = torch.stack([line[i] * line[j] for i, j in ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2))])
    blur = blur / (blur * torch.tensor(COUNTS)).sum()
    blur[0] -= 1
    return {"grey": grey, "wave": wave, "tables": tables, "start": bilinear(), "tied": tied(), "blur": blur}


def tied() -> Tensor:
    """Which number stands at each place of each filter of demosaicing: int64 4×3×7×7, from 0 to TIED.

    TIED stands for what was measured, which stays. A mosaic looks the same mirrored and turned with red and blue
    exchanged, so a way of demosaicing needs three filters: green at red and blue (10 numbers, the same in all eight
    directions), red and blue at green (16, the same mirrored; turned for the other of the two), and red at blue (10).
    """
    away = torch.arange(-REACH, REACH + 1).abs()
    y, x = away[:, None].expand(2 * REACH + 1, -1), away.expand(2 * REACH + 1, -1)
    far, near = torch.maximum(y, x), torch.minimum(y, x)
    cross = far * (far + 1) // 2 + near
    beside, diagonal, own = 10 + 4 * y + x, 26 + cross, torch.full_like(cross, TIED)
    rows = (own, cross, diagonal), (beside, own, beside.T), (beside.T, own, beside), (diagonal, cross, own)
    return torch.stack([torch.stack(row) for row in rows])


def bilinear() -> Tensor:
    """Bilinear demosaicing: the mean of the nearest measurements of a channel, for each place of the cell. 4×3×7×7."""
    filters = torch.zeros(4, 3, 2 * REACH + 1, 2 * REACH + 1)
    near = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    for place in range(4):
        for channel in range(3):
            y, x = divmod(place, 2)
            found = [(dy, dx) for dy, dx in near if CELL[(y + dy) % 2 * 2 + (x + dx) % 2] == channel]
            closest = min(abs(dy) + abs(dx) for dy, dx in found)
            nearest = [(dy, dx) for dy, dx in found if abs(dy) + abs(dx) == closest]
            for dy, dx in nearest:
                filters[place, channel, REACH + dy, REACH + dx] = 1 / len(nearest)
    return filters
