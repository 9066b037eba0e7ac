"""ForensicNet: a classifier made to tell cameras apart on people's own photos, where ResNet-20 is the paper's.

A picture's motif is large, a camera's trace is small: noise, what is left of the mosaic (period 2), JPEG's blocks
(period 8). So the first layer begins as high-pass filters (Bayar & Stamm 2016 learn such a layer too), and three
branches look at what they leave. None halves the picture before it has seen the traces at full size.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.networks.high_pass import high_pass
from camgan_lib.networks.losses import levels
from camgan_lib.networks.resnet import Conv8, Linear8

FILTERS = 32
PERIOD = 8
"""Side in pixels of the grid in which places have the same phase: that of JPEG's blocks, four mosaic cells."""


class ForensicNet(nn.Module):
    """Logits N×classes of images N×3×32×32 in [−1, 1]; `mean` and `std` of the training crops normalise inside.

    With `quantized`, the weights of convolutions and full layers lie on the 8-bit grid (see `resnet`). Raises
    ValueError for fewer than two classes.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, classes: int, quantized: bool = False):
        super().__init__()
        if classes < 2:
            raise ValueError(f"a classifier takes at least 2 classes, got {classes}")
        self.quantized = quantized
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("std", torch.ones(3))
        self.stem = _first_layer(quantized)
        self.phases = Phases(96, quantized)
        self.texture = Texture(24, quantized)
        self.spectrum = Spectrum(64, quantized)
        self.head = _full(96 + 4 * 24 + 64, classes, quantized, bias=True)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))

    def features(self, images: Tensor) -> Tensor:
        """What the last layer decides by: N×256, none below zero."""
        residual = self.stem((images - self.mean[:, None, None]) / self.std[:, None, None])
        found = self.phases(residual), self.texture(residual), self.spectrum(images)
        return torch.cat([each.float() for each in found], 1)


class Phases(nn.Module):
    """N×outputs of residuals N×FILTERS×H×W (H, W multiples of PERIOD): what in them is periodic.

    The logarithm of a residual's power is averaged over all places of the same phase. The Fourier magnitude over the
    phases does not depend on where the crop begins.
    """

    def __init__(self, outputs: int, quantized: bool):
        super().__init__()
        inputs = FILTERS * PERIOD * (PERIOD // 2 + 1)
        self.standard = nn.BatchNorm1d(inputs)
        self.full = FullLayer(inputs, outputs, quantized)

    def forward(self, residual: Tensor) -> Tensor:
        strength = torch.log(residual.float() ** 2 + 1)
        count, filters, height, width = strength.shape
        blocks = strength.reshape(count, filters, height // PERIOD, PERIOD, width // PERIOD, PERIOD)
        waves = torch.fft.rfft2(blocks.mean((2, 4)))
        size = torch.sqrt(waves.real**2 + waves.imag**2 + 1e-6)
        return self.full(self.standard(size.flatten(1)))


class Texture(nn.Module):
    """N×4·width of residuals N×FILTERS×H×W: convolutions of their size without sign, mean and maximum over places."""

    def __init__(self, width: int, quantized: bool):
        super().__init__()
        layers: list[nn.Module] = [nn.BatchNorm2d(FILTERS)]
        for inputs, outputs, stride in ((FILTERS, width, 1), (width, width, 2), (width, 2 * width, 1)):
            made = (Conv8 if quantized else nn.Conv2d)(inputs, outputs, 3, stride, padding=1, bias=False)
            layers += [made, nn.BatchNorm2d(outputs), nn.ReLU()]
        self.standard, *rest = layers
        self.body = nn.Sequential(*rest)

    def forward(self, residual: Tensor) -> Tensor:
        x = self.body(self.standard(residual).abs())
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


class Spectrum(nn.Module):
    """N×outputs of images N×3×side×side in [−1, 1] from the level of each frequency, in dB (`losses.levels`)."""

    def __init__(self, outputs: int, quantized: bool, side: int = 32):
        super().__init__()
        inputs = 3 * side * (side // 2 + 1)
        self.standard = nn.BatchNorm1d(inputs)
        self.full = FullLayer(inputs, outputs, quantized)

    def forward(self, images: Tensor) -> Tensor:
        return self.full(self.standard(levels(images.float()).flatten(1)))


class FullLayer(nn.Module):
    """N×outputs of N×inputs: a full layer, normalised, without what is below zero."""

    def __init__(self, inputs: int, outputs: int, quantized: bool):
        super().__init__()
        self.weigh = _full(inputs, outputs, quantized, bias=False)
        self.norm = nn.BatchNorm1d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.weigh(x)))


def _full(inputs: int, outputs: int, quantized: bool, bias: bool) -> nn.Linear:
    return (Linear8 if quantized else nn.Linear)(inputs, outputs, bias=bias)


def _first_layer(quantized: bool) -> nn.Conv2d:
    """The high-pass filters that the network begins with; with `quantized` on the 8-bit grid."""
    made = high_pass(FILTERS)
    if not quantized:
        return made
    layer = Conv8(3, FILTERS, made.kernel_size, padding=made.padding, bias=False)  # type: ignore[arg-type]
    layer.weight.data.copy_(made.weight.data)
    return layer


def load_forensic(state: dict[str, Tensor]) -> ForensicNet:
    """The network of a stored state, float or of integers (`resnet.to_integers`), in evaluation mode."""
    state = dict(state)
    for name in [name for name in state if name.endswith(".weight_int8")]:
        stem = name.removesuffix("_int8")
        state[stem] = state.pop(name).float() * state.pop(f"{stem}_scale")
    model = ForensicNet(state["head.bias"].numel())
    model.load_state_dict(state)
    return model.eval()
