"""A generator that is built as a camera: stages whose parameters are trained, and can be read afterwards.

light (tone and colour matrix undone) → lens (a blur) → mosaic (RGGB) → noise → demosaicing (a linear filter per place
of the mosaic's cell and channel; what was measured stays) → colour matrix → denoising (detail no larger than noise is
blurred) → tone → a small network for what these can't do → sharpening → JPEG (chroma subsampling, then quantised cosine
coefficients of 8×8 blocks, by the tables of the standard's Annex K, scaled).

Mosaic and blocks begin at a place of a grid of PERIOD pixels that is drawn for each image, as a crop's place is random:
a generator that treats all pixels alike can't draw what is periodic at a phase that nobody knows. Noise is drawn, too,
and how much of it a photo has. Rounding has the gradient of the identity (straight-through; Bengio et al. 2013).

For two things no such gradient exists. The scale of JPEG's tables: straight-through says nothing of what coarser steps
do to an image. And the way of subsampling, one of three. What the loss of the same images with the same draws becomes
at a little more and a little less of the scale (SPSA; Spall 1992), and by each of the three ways, says how to change
them. While a generator is trained its way is drawn for each batch by the ways' probabilities; then it is the likeliest.
"""

import contextlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base.devices import autocast
from camgan_lib.networks import camera_stages as stages
from camgan_lib.networks.camera_stages import PERIOD, TIED
from camgan_lib.networks.recipes import DRAWN
from camgan_lib.networks.stage_network import StageNetwork

SUBSAMPLING = ("4:4:4", "4:2:2", "4:2:0")
WAYS = ((1, 1), (1, 2), (2, 2))
"""By how much chroma is smaller, in height and width, in each way of SUBSAMPLING."""

SPEED = 5.0
"""How much faster the stages' parameters move than the network's weights, at one learning rate."""

WAY_SPEED = 3 * SPEED
"""How much faster the ways' likelihood moves: the other stages learn what fits the way that is taken."""

STEP = 0.15
"""How far the logarithm of the tables' scale is moved to either side."""

START_COLOUR = ((1.4, -0.3, -0.1), (-0.2, 1.4, -0.2), (0.0, -0.4, 1.4))
START_NOISE = 4e-4, 2e-3, 0.3
"""Shot noise (variance per unit of signal), read noise (standard deviation) and their spread that a generator begins
with."""
START_QUALITY = 95.0
START_LENS, START_MOSAIC, START_DENOISING = -2.0, 2.0, -1.0
"""The logits of how much of the light the lens blurs, of how much of the picture comes by way of the mosaic, and of how
much is denoised."""


class Draws(NamedTuple):
    """What is drawn for N images: `corner`, where each begins in the grid (int64 N×2, y and x, 0 to PERIOD − 1),
    `noise`, standard normal, float32 N×4×(H + PERIOD)×(W + PERIOD), and `gain`, standard normal, float32 N, how much
    more or less noise each has. Two are drawn for all of them: `signs` (float32 2, ±1), which way the two tables'
    scales are moved to see what the loss does, and `way` (float32, 0 to 1), which decides the way of subsampling."""

    corner: Tensor
    noise: Tensor
    gain: Tensor
    signs: Tensor
    way: Tensor

    @classmethod
    def of(cls, rng: np.random.Generator, count: int, side: int, device: torch.device, drawn: str = "both") -> "Draws":
        """Draws for `count` images of side×side pixels. What `drawn`, one of DRAWN, leaves out is 0."""
        corner = rng.integers(0, PERIOD, (count, 2))
        noise = rng.standard_normal((count, 4, side + PERIOD, side + PERIOD), np.float32)
        gain = rng.standard_normal(count, np.float32)
        if drawn not in ("both", "phase"):
            corner[:] = 0
        if drawn not in ("both", "noise"):
            noise[:], gain[:] = 0, 0
        signs = (2 * rng.integers(0, 2, 2) - 1).astype(np.float32)
        way = rng.random((), np.float32)
        return cls(*(torch.as_tensor(each).to(device) for each in (corner, noise, gain, signs, way)))


class CameraGenerator(nn.Module):
    """Images N×3×n×n in [−1, 1] and `Draws` to stylised images of the same shape, in whole levels of 8 bits.

    `width` and `blocks` are those of the small network; without blocks there is none. `drawn`: what is drawn for each
    image, one of DRAWN. Parameters of stages are kept as changes from what they begin as: bilinear demosaicing, no
    sharpening, JPEG of quality 95.
    """

    grey: Tensor
    blur: Tensor
    wave: Tensor
    tables: Tensor
    start: Tensor
    tied: Tensor

    def __init__(self, width: int, blocks: int = 2, drawn: str = "both"):
        super().__init__()
        if drawn not in DRAWN:
            raise ValueError(f"drawn is one of {DRAWN}, got {drawn!r}")
        self.drawn = drawn
        for name, value in stages.constants().items():
            self.register_buffer(name, value, persistent=False)
        self.filters = nn.Parameter(torch.zeros(TIED))
        self.colour = nn.Parameter(torch.zeros(3, 3))
        self.mosaic = nn.Parameter(torch.zeros(()))
        self.lens = nn.Parameter(torch.zeros(()))
        self.noise = nn.Parameter(torch.zeros(3))
        self.denoising = nn.Parameter(torch.zeros(()))
        self.sharpening = nn.Parameter(torch.zeros(6))
        self.subsampling = nn.Parameter(torch.zeros(3))
        self.scale = nn.Parameter(torch.zeros(2))
        self.network = StageNetwork(width, blocks) if blocks else None

    def draws(self, rng: np.random.Generator, count: int, side: int, device: torch.device) -> Draws:
        """What `forward` takes for `count` images."""
        return Draws.of(rng, count, side, device, self.drawn)

    def forward(self, images: Tensor, draws: Draws) -> Tensor:
        with torch.autocast(images.device.type, enabled=False):
            photo = self._compressed(self._developed(images, draws), self.quantisation(), self.way(draws))
            return stages.cut(photo, draws.corner, images.shape[-1])

    @torch.no_grad()
    def set_differences(self, images: Tensor, draws: Draws, loss: Callable[[Tensor], Tensor]) -> None:
        """Sets the gradients of the tables' scale and of the ways' likelihood by the `loss` of stylised images."""
        display, step = self._developed(images, draws), draws.signs * STEP
        way, tables, chances = self.way(draws), self.quantisation(), self.chances()

        def loss_by(tables: Tensor, way: int) -> Tensor:
            return loss(stages.cut(self._compressed(display, tables, way), draws.corner, images.shape[-1]))

        above, below = (loss_by(self.quantisation(move), way) for move in (step, -step))
        by_way = torch.stack([loss_by(tables, each) for each in range(len(WAYS))])
        _set(self.scale, SPEED * (above - below) / (2 * step))
        _set(self.subsampling, WAY_SPEED * chances * (by_way - (chances * by_way).sum()))

    def _light(self, images: Tensor, matrix: Tensor) -> Tensor:
        """The light behind the lens, in [0, 1], that shows images N×3×H×W in [−1, 1]."""
        light = stages.colours(torch.linalg.inv(matrix), stages.light(images)).clamp(0, 1)
        return (light + stages.filtered(light, self.lens_kernel())).clamp(0, 1)

    def _developed(self, images: Tensor, draws: Draws) -> Tensor:
        """Display values N×3×n×n in [−1, 1], n = H + PERIOD, of the mosaic's picture of images N×3×H×H."""
        field, noise = stages.field(images.float(), draws.corner), draws.noise
        matrix = self.colour_matrix()
        light = self._light(field, matrix)
        places = stages.places(field.shape[-1], field.device)
        masks = torch.stack([places[0], places[1] + places[2], places[3]])
        shot, read, spread = self.noise_model()
        gain = torch.exp(spread * draws.gain)[:, None, None, None]
        light = light + noise[:, :3] * torch.sqrt(gain * light * shot + (gain * read) ** 2)
        raw = (light * masks).sum(1, keepdim=True)
        demosaiced = stages.interpolated(raw, self.demosaicing())
        picture = stages.colours(matrix, torch.lerp(light, demosaiced, self.mosaic_share()))
        deviation = torch.sqrt(gain * picture.detach().clamp(0, 1) * shot + (gain * read) ** 2)
        detail = stages.filtered(picture, self.blur)
        picture = picture + self.denoising_strength() * torch.exp(-((detail / (4 * deviation)) ** 2)) * detail
        display = stages.display(picture)
        if self.network is not None:
            with autocast(display.device) if self.training else contextlib.nullcontext():
                added = self.network(display, places, noise[:, 3:])
            display = display + added.float()
        lightness = stages.colours(self.grey[:1], display)
        return display + stages.filtered(lightness, self.sharpening_kernel())

    def _compressed(self, display: Tensor, tables: Tensor, way: int) -> Tensor:
        """What JPEG by `tables` and a way of subsampling keeps of display values N×3×n×n, n a multiple of PERIOD."""
        pixels = stages.rounded(((display + 1) * 127.5).clamp(0, 255))
        planes = stages.rounded(stages.colours(self.grey, pixels))
        luma, chroma, reduced = planes[:, :1] - 128, planes[:, 1:], WAYS[way]
        kept = stages.rounded(self._quantised(luma, tables[0])) + 128
        small = stages.rounded(self._quantised(stages.rounded(F.avg_pool2d(chroma, reduced)), tables[1]))
        whole = F.interpolate(small, scale_factor=reduced, mode="bilinear", align_corners=False)
        pixels = stages.colours(torch.linalg.inv(self.grey), torch.cat([kept, whole], 1))
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

    def mosaic_share(self) -> Tensor:
        """How much of the picture comes by way of the mosaic, 0 to 1. The rest measures all channels at every pixel."""
        return torch.sigmoid(START_MOSAIC + SPEED * self.mosaic)

    def demosaicing(self) -> Tensor:
        """A filter per place of the mosaic's cell and channel, 4×3×7×7. Each adds up to 1; what was measured stays."""
        change = F.pad(SPEED * self.filters, (0, 1))[self.tied]
        return self.start + change - change.mean((2, 3), keepdim=True)

    def noise_model(self) -> tuple[Tensor, Tensor, Tensor]:
        """Variance of the noise per unit of signal, its standard deviation in the dark, and how much both differ from
        image to image: the standard deviation of the gain's logarithm."""
        start = torch.tensor(START_NOISE, device=self.noise.device)
        shot, read, spread = start * torch.exp(SPEED * self.noise)
        return shot, read, spread

    def chances(self) -> Tensor:
        """How likely each way of subsampling is, a probability for each of WAYS."""
        return F.softmax(WAY_SPEED * self.subsampling.detach(), 0)

    def way(self, draws: Draws) -> int:
        """The number of the way of subsampling: drawn while the generator is trained, then the likeliest."""
        if self.training:
            return int((draws.way > self.chances().cumsum(0)[:-1]).sum())
        return int(self.subsampling.argmax())

    def lens_kernel(self) -> Tensor:
        """What the lens adds of light around: a 5×5 kernel, as `stages.filtered` takes it, that adds up to 0.

        A lens only blurs. One that could sharpen would stand for the camera's sharpening.
        """
        return torch.sigmoid(START_LENS + SPEED * self.lens) * self.blur

    def denoising_strength(self) -> Tensor:
        """How much of detail that is no larger than noise is blurred, 0 to 1."""
        return torch.sigmoid(START_DENOISING + SPEED * self.denoising)

    def sharpening_kernel(self) -> Tensor:
        """What sharpening adds of lightness around: a 5×5 kernel, as `stages.filtered` takes it, that adds up to 0."""
        return stages.balanced(SPEED * self.sharpening)

    def quantisation(self, move: Tensor | float = 0.0) -> Tensor:
        """The tables of luma and chroma, 2×8×8, whole numbers from 1 on; `move` is added to their scales' logarithm."""
        scale = torch.exp(SPEED * self.scale.detach() + move)[:, None, None] * (100 - START_QUALITY) / 50
        return (self.tables * scale).round().clamp_min(1.0)

    @torch.no_grad()
    def reading(self) -> dict[str, Any]:
        """What the stages hold, in words and numbers that a person can check.

        `mosaic`: the share that comes by way of it; `quality` of luma and chroma, 1 to 100; `subsampling`: how likely
        each way is; `noise`: what `noise_model` gives; `lens` and `sharpening`: how much stronger the highest frequency
        of light and of lightness on an axis becomes (1: as it was); `denoising`: 0 to 1; `colour`: the matrix;
        `filters`: of demosaicing, 4×3×7×7, rounded.
        """
        scale = torch.exp(SPEED * self.scale) * (100 - START_QUALITY) / 50
        quality = [float(100 - 50 * each if each <= 1 else 50 / each) for each in scale]
        shot, read, spread = (float(each) for each in self.noise_model())
        stripes = torch.tensor([1.0, 0.0, -4.0, 4.0, 0.0, 4.0], device=self.scale.device)
        sharper, lens = (1 + float(kernel @ stripes) for kernel in (self.sharpening_kernel(), self.lens_kernel()))
        return {
            "mosaic": float(self.mosaic_share()),
            "quality": {"luma": quality[0], "chroma": quality[1]},
            "subsampling": dict(zip(SUBSAMPLING, self.chances().tolist(), strict=True)),
            "noise": {"shot": shot, "read": read, "spread": spread},
            "lens": lens,
            "denoising": float(self.denoising_strength()),
            "sharpening": sharper,
            "colour": self.colour_matrix().tolist(),
            "filters": self.demosaicing().cpu().double().numpy().round(5).tolist(),
        }


def _set(parameter: nn.Parameter, gradient: Tensor) -> None:
    """Writes into the gradient that is there, which may be a view of an optimizer's vector."""
    if parameter.grad is None:
        parameter.grad = gradient
    else:
        parameter.grad.copy_(gradient)
