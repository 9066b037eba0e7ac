"""A generator that is built as a camera: stages whose parameters are trained, and can be read afterwards.

light (tone and colour matrix undone) → mosaic (RGGB) → noise → demosaicing (a linear filter per place of the mosaic's
cell and channel) → colour matrix and tone → a small network for what filters can't do → sharpening → JPEG (chroma
subsampling, then quantised cosine coefficients of 8×8 blocks, by the tables of the standard's Annex K, scaled).

Mosaic and blocks begin at a place of a grid of PERIOD pixels that is drawn for each image, as a crop's place is random:
a generator that treats all pixels alike can't draw what is periodic at a phase that nobody knows. Noise is drawn, too.
Rounding has the gradient of the identity (straight-through; Bengio et al. 2013). For the scale of JPEG's tables that
gradient says nothing of what coarser steps do to an image. So it comes from differences: the loss of the same images
with the same draws, at a little more and a little less of it (SPSA; Spall 1992).
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.networks import camera_stages as stages
from camgan_lib.networks.camera_stages import PERIOD, REACH

SUBSAMPLING = ("4:4:4", "4:2:2", "4:2:0")
SPEED = 5.0
"""How much faster the stages' parameters move than the network's weights, at one learning rate."""

STEP = 0.15
"""How far the logarithm of the tables' scale is moved to either side."""

START_COLOUR = ((1.4, -0.3, -0.1), (-0.2, 1.4, -0.2), (0.0, -0.4, 1.4))
START_NOISE = 4e-4, 2e-3
"""Shot noise (variance per unit of signal) and read noise (standard deviation) that a generator begins with."""
START_QUALITY = 95.0


class Draws(NamedTuple):
    """What is drawn for N images: `corner`, where each begins in the grid (int64 N×2, y and x, 0 to PERIOD − 1), and
    `noise`, standard normal, float32 N×2×(H + PERIOD)×(W + PERIOD). `signs` (float32 2, ±1) are drawn for all of them:
    which way the two tables' scales are moved to see what the loss does."""

    corner: Tensor
    noise: Tensor
    signs: Tensor

    @classmethod
    def of(cls, rng: np.random.Generator, count: int, side: int, device: torch.device) -> "Draws":
        """Draws for `count` images of side×side pixels."""
        corner = rng.integers(0, PERIOD, (count, 2))
        noise = rng.standard_normal((count, 2, side + PERIOD, side + PERIOD), np.float32)
        signs = (2 * rng.integers(0, 2, 2) - 1).astype(np.float32)
        return cls(*(torch.from_numpy(each).to(device) for each in (corner, noise, signs)))


class CameraGenerator(nn.Module):
    """Images N×3×n×n in [−1, 1] and `Draws` to stylised images of the same shape, in whole levels of 8 bits.

    `width` and `blocks` are those of the small network. Parameters of stages are kept as changes from what the stage
    begins as, a camera with bilinear demosaicing, no sharpening and JPEG of quality 95 without subsampling known.
    """

    grey: Tensor
    wave: Tensor
    tables: Tensor
    start: Tensor
    orbit: Tensor

    def __init__(self, width: int, blocks: int = 2):
        super().__init__()
        for name, value in stages.constants().items():
            self.register_buffer(name, value, persistent=False)
        side = 2 * REACH + 1
        self.filters = nn.Parameter(torch.zeros(4, 3, side, side))
        self.colour = nn.Parameter(torch.zeros(3, 3))
        self.noise = nn.Parameter(torch.zeros(2))
        self.sharpening = nn.Parameter(torch.zeros(6))
        self.subsampling = nn.Parameter(torch.zeros(3))
        self.scale = nn.Parameter(torch.zeros(2))
        self.network = StageNetwork(width, blocks)

    def draws(self, rng: np.random.Generator, count: int, side: int, device: torch.device) -> Draws:
        """What `forward` takes for `count` images."""
        return Draws.of(rng, count, side, device)

    def forward(self, images: Tensor, draws: Draws) -> Tensor:
        with torch.autocast(images.device.type, enabled=False):
            field = stages.field(images.float(), draws.corner)
            display = self._developed(field, draws.noise)
            return stages.cut(self._compressed(display), draws.corner, images.shape[-1])

    @torch.no_grad()
    def set_differences(self, images: Tensor, draws: Draws, loss: Callable[[Tensor], Tensor]) -> None:
        """Sets the gradient of the tables' scale to what `loss` of the stylised images does when it is moved."""
        here, step = self.scale.clone(), draws.signs * STEP / SPEED
        above, below = (loss(self(images, draws)) for _ in self._moved(here, step))
        self.scale.copy_(here)
        gradient = (above - below) / (2 * step)
        if self.scale.grad is None:
            self.scale.grad = gradient
        else:
            self.scale.grad.copy_(gradient)

    def _moved(self, here: Tensor, step: Tensor) -> Iterator[None]:
        for way in (1, -1):
            self.scale.copy_(here + way * step)
            yield

    def _developed(self, field: Tensor, noise: Tensor) -> Tensor:
        """Display values N×3×n×n in [−1, 1] of the mosaic's picture of a field N×3×n×n."""
        matrix = self.colour_matrix()
        light = stages.colours(torch.linalg.inv(matrix), stages.light(field)).clamp(0, 1)
        places = stages.places(field.shape[-1], field.device)
        masks = torch.stack([places[0], places[1] + places[2], places[3]])
        raw = (light * masks).sum(1, keepdim=True)
        shot, read = self.noise_model()
        raw = raw + noise[:, :1] * torch.sqrt(raw * shot + read**2)
        margin = (REACH,) * 4
        kernels = (self.start + SPEED * self.filters).reshape(12, 1, *self.filters.shape[2:])
        filtered = F.conv2d(F.pad(raw, margin, mode="reflect"), kernels).unflatten(1, (4, 3))
        colours = stages.colours(matrix, (filtered * places[None, :, None]).sum(1))
        display = 2 * (colours.clamp(0, 1) + 1e-4) ** (1 / 2.2) - 1
        display = display + self.network(display, places, noise[:, 1:])
        lightness = stages.colours(self.grey[:1], display)
        return display + F.conv2d(F.pad(lightness, (2,) * 4, mode="reflect"), self.sharpening_kernel())

    def _compressed(self, display: Tensor) -> Tensor:
        """What JPEG keeps of display values N×3×n×n in [−1, 1], n a multiple of PERIOD."""
        pixels = stages.rounded(((display + 1) * 127.5).clamp(0, 255))
        planes = stages.rounded(stages.colours(self.grey, pixels))
        luma, chroma = planes[:, :1] - 128, planes[:, 1:]
        luma_table, chroma_table = self.quantisation()
        kept = stages.rounded(self._quantised(luma, luma_table))
        ways = []
        for reduced in ((1, 1), (1, 2), (2, 2)):
            small = stages.rounded(self._quantised(stages.rounded(F.avg_pool2d(chroma, reduced)), chroma_table))
            ways.append(F.interpolate(small, scale_factor=reduced, mode="bilinear", align_corners=False))
        shares = F.softmax(SPEED * self.subsampling, 0)
        mixed = sum(share * way for share, way in zip(shares, ways, strict=True))
        pixels = stages.colours(torch.linalg.inv(self.grey), torch.cat([kept + 128, mixed], 1))
        return stages.rounded(pixels.clamp(0, 255)) / 127.5 - 1

    def _quantised(self, plane: Tensor, table: Tensor) -> Tensor:
        n, c, height, width = plane.shape
        blocks = plane.reshape(n, c, height // 8, 8, width // 8, 8).transpose(3, 4)
        coefficients = self.wave @ blocks @ self.wave.T
        blocks = self.wave.T @ (table * stages.rounded(coefficients / table)) @ self.wave
        return blocks.transpose(3, 4).reshape(n, c, height, width)

    # --- the stages as they are now

    def colour_matrix(self) -> Tensor:
        """From sensor RGB to display RGB, 3×3. Each row adds up to 1, so that grey stays grey."""
        change = SPEED * self.colour
        return torch.tensor(START_COLOUR, device=change.device) + change - change.mean(1, keepdim=True)

    def noise_model(self) -> tuple[Tensor, Tensor]:
        """Variance of the noise per unit of signal, and its standard deviation in the dark."""
        start = torch.tensor(START_NOISE, device=self.noise.device)
        shot, read = start * torch.exp(SPEED * self.noise)
        return shot, read

    def sharpening_kernel(self) -> Tensor:
        """What is added of lightness, 1×1×5×5; it adds up to 0 and is the same in all eight directions."""
        kernel = SPEED * self.sharpening[self.orbit].reshape(1, 1, 5, 5)
        return kernel - kernel.mean()

    def quantisation(self) -> Tensor:
        """The tables of luma and chroma, 2×8×8, whole numbers from 1 on."""
        scale = torch.exp(SPEED * self.scale.detach())[:, None, None] * (100 - START_QUALITY) / 50
        return (self.tables * scale).round().clamp_min(1.0)

    @torch.no_grad()
    def reading(self) -> dict[str, Any]:
        """What the stages hold, in words and numbers that a person can check.

        `quality` of luma and of chroma (1 to 100), `subsampling`: the share of each way, `shot` and `read` noise,
        `sharpening`: how much stronger the highest frequency of lightness on an axis becomes (1: as it was), `colour`:
        the matrix, `filters`: of demosaicing, 4×3×7×7.
        """
        scale = torch.exp(SPEED * self.scale) * (100 - START_QUALITY) / 50
        quality = [float(100 - 50 * each if each <= 1 else 50 / each) for each in scale]
        shares = F.softmax(SPEED * self.subsampling, 0).tolist()
        shot, read = (float(each) for each in self.noise_model())
        along = torch.tensor([(-1.0) ** x for x in range(-2, 3)], device=self.noise.device)
        sharper = 1 + float(self.sharpening_kernel()[0, 0].sum(0) @ along)
        return {
            "quality": {"luma": quality[0], "chroma": quality[1]},
            "subsampling": dict(zip(SUBSAMPLING, shares, strict=True)),
            "noise": {"shot": shot, "read": read},
            "sharpening": sharper,
            "colour": self.colour_matrix().tolist(),
            "filters": (self.start + SPEED * self.filters).tolist(),
        }


class StageNetwork(nn.Module):
    """What is added to display values N×3×n×n, from them, the place in the mosaic's cell (4×n×n) and noise N×1×n×n.

    In each block a gain per channel and place multiplies the features. It begins by adding next to nothing.
    """

    def __init__(self, width: int, blocks: int):
        super().__init__()
        self.first = nn.Conv2d(8, width, 3)
        self.blocks = nn.ModuleList([PlacedBlock(width) for _ in range(blocks)])
        self.last = nn.Conv2d(width, 3, 3)
        nn.init.normal_(self.last.weight, 0.0, 0.002)
        nn.init.zeros_(self.last.bias)

    def forward(self, display: Tensor, places: Tensor, noise: Tensor) -> Tensor:
        placed = places.expand(len(display), -1, -1, -1)
        x = F.relu(self.first(stages.mirrored(torch.cat([display, placed, noise], 1))))
        for block in self.blocks:
            x = block(x, placed)
        return self.last(stages.mirrored(x))


class PlacedBlock(nn.Module):
    """(x + f(x)) · (1 + gain), f two 3×3 convolutions, the gain a linear function of the place in the mosaic's cell."""

    def __init__(self, width: int):
        super().__init__()
        self.inner, self.outer, self.gain = (
            nn.Conv2d(width, width, 3),
            nn.Conv2d(width, width, 3),
            nn.Conv2d(4, width, 1),
        )
        for layer in (self.outer, self.gain):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, placed: Tensor) -> Tensor:
        changed = x + self.outer(stages.mirrored(F.relu(self.inner(stages.mirrored(x)))))
        return changed * (1 + self.gain(placed))
