"""Stages of a camera on batches of images, all differentiable: places of the mosaic, light, grids, JPEG's constants.

`camera_generator` puts them together.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

PERIOD = 16
"""Pixels after which mosaic (2), blocks of luminance (8) and blocks of halved chroma (16) have all come round."""
CELL = (0, 1, 1, 2)
"""The channel that the mosaic measures at each place of its 2×2 cell: red, green, green, blue."""
LUMA_TABLE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
CHROMA_CORNER = ((17, 18, 24, 47), (18, 21, 26, 66), (24, 26, 56, 99), (47, 66, 99, 99))
"""The tables of JPEG's Annex K, for quality 50. Those of chroma are 99 outside this corner."""

REACH = 3
"""Pixels to each side that a filter of demosaicing sees."""


def rounded(x: Tensor) -> Tensor:
    return x + (x.round() - x).detach()


def light(display: Tensor) -> Tensor:
    """Linear light in [0, 1] of display values in [−1, 1]."""
    return (((display + 1) / 2).clamp(0, 1) + 1e-4) ** 2.2


def colours(matrix: Tensor, images: Tensor) -> Tensor:
    return torch.einsum("ij,njhw->nihw", matrix, images)


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
    place = torch.arange(-2, 3).abs()
    pairs = torch.stack(torch.broadcast_tensors(place[:, None], place)).sort(0).values.flatten(1)
    orbit = (pairs[1] * (pairs[1] + 1) // 2 + pairs[0]).long()
    guessed = torch.tensor([[float(channel != own) for channel in range(3)] for own in CELL])[:, :, None, None]
    found = {"grey": grey, "wave": wave, "tables": tables, "start": bilinear(), "guessed": guessed, "orbit": orbit}
    return found


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
