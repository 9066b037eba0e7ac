"""The style-transfer GAN: one generator and one discriminator per camera.

Generator after Gated-GAN (Chen et al. 2018) as the paper adopts it: an encoder of three convolutions, a transformer
residual block, a decoder of four residual blocks, two up-sampling layers and one convolution, tanh. Discriminator: four
convolutions and a fully connected layer (32 → 16 → 8 → 4 → 2). The paper is silent on width, normalisation and
padding; these are our choices, and parameters of the recipe. Normalisation "instance" (Gated-GAN's) removes the image's
brightness and colour before the second layer. "batch" does not, as its mean is a constant in evaluation; nor does
"none".
"""

import itertools
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base.devices import drawn_from
from camgan_lib.networks import winograd
from camgan_lib.networks.camera_generator import CameraGenerator
from camgan_lib.networks.few_outputs import FewOutputs
from camgan_lib.networks.high_pass import high_pass
from camgan_lib.networks.padding import Reflect

UPSAMPLING = ("transpose3", "transpose4", "nearest", "bilinear", "shuffle", "none")
GENERATORS = ("gated", "residual", "camera")
DISCRIMINATORS = ("strided", "high-pass")
NORMS = {"batch": nn.BatchNorm2d, "instance": partial(nn.InstanceNorm2d, affine=True), "none": None}


class Generator(nn.Module):
    """Images N×3×H×W in [−1, 1] (H, W multiples of 4) to stylised images of the same shape and range."""

    def __init__(self, width: int, decoder_blocks: int = 4, norm: str = "none", upsampling: str = "transpose3"):
        super().__init__()
        if norm not in NORMS or upsampling not in UPSAMPLING:
            raise ValueError(
                f"norm is one of {tuple(NORMS)} and upsampling one of {UPSAMPLING}, got {norm!r}, {upsampling!r}"
            )
        w, stride = width, 1 if upsampling == "none" else 2
        self.encoder = nn.Sequential(
            Reflect(3),
            *_layer(nn.Conv2d(3, w, 7), w, norm),
            *_layer(nn.Conv2d(w, 2 * w, 3, stride, padding=1), 2 * w, norm),
            *_layer(nn.Conv2d(2 * w, 4 * w, 3, stride, padding=1), 4 * w, norm),
        )
        self.transformer = ResidualBlock(4 * w, norm)
        self.decoder = nn.Sequential(
            *[ResidualBlock(4 * w, norm) for _ in range(decoder_blocks)],
            *_layer(_upsample(4 * w, 2 * w, upsampling), 2 * w, norm),
            *_layer(_upsample(2 * w, w, upsampling), w, norm),
            Reflect(3),
            FewOutputs(w, 3, 7),
            nn.Tanh(),
        )
        _initialise(self)
        nn.init.normal_(self.decoder[-2].weight, 0.0, 0.02)

    def forward(self, images: Tensor) -> Tensor:
        return self.decoder(self.transformer(self.encoder(images)))

    @classmethod
    def from_recipe(cls, recipe, seed: int) -> "Generator | ResidualGenerator | CameraGenerator":
        """A generator of a GanRecipe's architecture with fresh weights drawn from `seed`."""
        if recipe.generator not in GENERATORS:
            raise ValueError(f"generator is one of {GENERATORS}, got {recipe.generator!r}")
        with drawn_from(seed):
            if recipe.generator == "residual":
                return ResidualGenerator(recipe.generator_width, recipe.decoder_blocks, recipe.norm)
            if recipe.generator == "camera":
                return CameraGenerator(recipe.generator_width, recipe.decoder_blocks, recipe.drawn)
            return cls(recipe.generator_width, recipe.decoder_blocks, recipe.norm, recipe.upsampling)


class ResidualGenerator(nn.Module):
    """x + R(x), where R has `blocks` residual blocks at full size.

    It has no strides, so it treats all pixels alike (apart from the border) and can draw no pattern at fixed places.
    It begins near the identity. Values may leave [−1, 1]; rounding to 8 bits clips them.
    """

    def __init__(self, width: int, blocks: int = 4, norm: str = "none"):
        super().__init__()
        if norm not in NORMS:
            raise ValueError(f"norm is one of {tuple(NORMS)}, got {norm!r}")
        self.body = nn.Sequential(
            Reflect(1),
            *_layer(nn.Conv2d(3, width, 3), width, norm),
            *[ResidualBlock(width, norm) for _ in range(blocks)],
            Reflect(1),
            nn.Conv2d(width, 3, 3),
        )
        _initialise(self)
        nn.init.normal_(self.body[-1].weight, 0.0, 0.002)

    def forward(self, images: Tensor) -> Tensor:
        return images + self.body(images)


class ResidualBlock(nn.Module):
    """x + f(x), f two 3×3 convolutions at reflection-padded borders."""

    def __init__(self, channels: int, norm: str):
        super().__init__()
        self.body = nn.Sequential(
            Reflect(1),
            *_layer(nn.Conv2d(channels, channels, 3), channels, norm),
            Reflect(1),
            *_layer(nn.Conv2d(channels, channels, 3), channels, norm)[:-1],
        )

    def forward(self, x: Tensor) -> Tensor:
        if (convolutions := self.convolutions) and winograd.suits(x, convolutions[0].weight):
            first, second = convolutions
            inner = winograd.convolve(x, first.weight, first.bias, mirrored=True, relu=True)
            return winograd.convolve(inner, second.weight, second.bias, x, mirrored=True)
        return x + self.body(x)

    @property
    def convolutions(self) -> tuple[nn.Conv2d, nn.Conv2d] | None:
        """Its two convolutions, where nothing but ReLU stands between them."""
        if len(self.body) != 5:
            return None
        return self.body[1], self.body[4]  # type: ignore[return-value]


class Discriminator(nn.Module):
    """One score per image of N×3×32×32 in [−1, 1]: high for a camera's own crops, low for stylised images.

    It has no normalisation, so an image's score does not depend on the rest of the batch.
    """

    def __init__(self, width: int):
        super().__init__()
        channels = (3, width, 2 * width, 4 * width, 8 * width)
        layers = []
        for inputs, outputs in itertools.pairwise(channels):
            layers += [nn.Conv2d(inputs, outputs, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(8 * width * 2 * 2, 1))
        _initialise(self)

    def forward(self, images: Tensor) -> Tensor:
        return self.body(images).squeeze(1)


class HighPassDiscriminator(nn.Module):
    """One score per image of N×3×H×W in [−1, 1], as `Discriminator` gives, from fine detail at full size.

    The first layer begins as high-pass filters, the first two layers have no stride, and what the last one finds is
    averaged over the image, with its standard deviation: texture counts, not where it lies.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [high_pass(24, norm=4.0), nn.LeakyReLU(0.2)]
        for inputs, outputs, stride in ((24, 32, 1), (32, 48, 2), (48, 64, 2)):
            layers += [nn.Conv2d(inputs, outputs, 3, stride, padding=1), nn.LeakyReLU(0.2)]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(2 * 64, 1)

    def forward(self, images: Tensor) -> Tensor:
        x = self.body(images).float()
        return self.head(torch.cat([x.mean((2, 3)), x.flatten(2).std(2)], 1)).squeeze(1)


def discriminator_of(recipe) -> nn.Module:
    """A discriminator of a GanRecipe's architecture with fresh weights. Raises ValueError for an unknown one."""
    if recipe.discriminator not in DISCRIMINATORS:
        raise ValueError(f"discriminator is one of {DISCRIMINATORS}, got {recipe.discriminator!r}")
    return HighPassDiscriminator() if recipe.discriminator == "high-pass" else Discriminator(recipe.discriminator_width)


class Resize2(nn.Module):
    """Twice the size by interpolation, "nearest" or "bilinear"."""

    def __init__(self, mode: str):
        super().__init__()
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        corners = None if self.mode == "nearest" else False
        return F.interpolate(x, scale_factor=2, mode=self.mode, align_corners=corners)


def _upsample(inputs: int, outputs: int, kind: str) -> nn.Module:
    if kind == "transpose3":
        return nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)
    if kind == "transpose4":
        return nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1)
    if kind == "none":
        return nn.Conv2d(inputs, outputs, 3, padding=1)
    if kind == "shuffle":
        return nn.Sequential(nn.Conv2d(inputs, 4 * outputs, 3, padding=1), nn.PixelShuffle(2))
    return nn.Sequential(Resize2(kind), nn.Conv2d(inputs, outputs, 3, padding=1))


def _layer(convolution: nn.Module, channels: int, norm: str) -> list[nn.Module]:
    normalisation = NORMS[norm]
    return [convolution, *([normalisation(channels)] if normalisation else []), nn.ReLU()]


def _initialise(network: nn.Module) -> None:
    """Draws He's first weights, and makes every residual block the identity.

    Residual blocks that began as noise would hide the image from the decoder, which has to reproduce it.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    for module in network.modules():
        if isinstance(module, ResidualBlock):
            nn.init.zeros_(module.body[-1].weight)
