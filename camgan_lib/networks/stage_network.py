"""The small network of a camera generator: what its other stages can't do."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.networks.padding import Reflect


class StageNetwork(nn.Module):
    """What is added to display values N×3×n×n, from them, the place in the mosaic's cell (4×n×n) and noise N×1×n×n.

    In each block a gain per channel and place multiplies the features. It begins by adding next to nothing.
    """

    def __init__(self, width: int, blocks: int):
        super().__init__()
        self.mirrored = Reflect(1)
        self.first = nn.Conv2d(8, width, 3)
        self.blocks = nn.ModuleList([PlacedBlock(width) for _ in range(blocks)])
        self.last = nn.Conv2d(width, 3, 3)
        nn.init.normal_(self.last.weight, 0.0, 0.002)
        nn.init.zeros_(self.last.bias)

    def forward(self, display: Tensor, places: Tensor, noise: Tensor) -> Tensor:
        placed = places.expand(len(display), -1, -1, -1)
        x = F.relu(self.first(self.mirrored(torch.cat([display, placed, noise], 1))))
        for block in self.blocks:
            x = block(x, placed)
        return self.last(self.mirrored(x))


class PlacedBlock(nn.Module):
    """(x + f(x)) · (1 + gain), f two 3×3 convolutions, the gain a linear function of the place in the mosaic's cell."""

    def __init__(self, width: int):
        super().__init__()
        self.mirrored = Reflect(1)
        self.inner, self.outer, self.gain = (
            nn.Conv2d(width, width, 3),
            nn.Conv2d(width, width, 3),
            nn.Conv2d(4, width, 1),
        )
        for layer in (self.outer, self.gain):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, placed: Tensor) -> Tensor:
        changed = x + self.outer(self.mirrored(F.relu(self.inner(self.mirrored(x)))))
        return changed * (1 + self.gain(placed))
