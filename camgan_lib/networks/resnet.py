"""ResNet-20 for 32×32 crops, and its twin with 8-bit weights.

Architecture: He et al. 2016 (CIFAR variant): a 3×3 convolution, three stages of three residual blocks with 16, 32 and
64 channels, global average pooling, a linear layer; shortcuts without parameters (option A). About 0.27 M parameters.

The 8-bit twin (Jacob et al. 2018, weights only, a choice where the paper is silent): every convolution and the linear
layer use weights on a symmetric grid of 255 levels per output channel, w ≈ s·q with q an integer in [−127, 127] and
s = max|w| / 127. Training rounds in the forward pass and lets gradients through unchanged (straight-through).
"""

import copy
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.networks import winograd
from camgan_lib.networks.normalised import normalised

LEVELS = 127
CHANNELS = (16, 32, 64)


class ResNet20(nn.Module):
    """Logits N×classes of images N×3×32×32 in [−1, 1]; `mean` and `std` of the training crops normalise inside."""

    def __init__(self, classes: int, quantized: bool = False):
        super().__init__()
        if classes < 2:
            raise ValueError(f"a classifier takes at least 2 classes, got {classes}")
        self.quantized = quantized
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("std", torch.ones(3))
        self.stem = _conv(3, CHANNELS[0], 1, quantized)
        self.stem_norm = nn.BatchNorm2d(CHANNELS[0])
        blocks, width = [], CHANNELS[0]
        for channels in CHANNELS:
            for first in (True, False, False):
                blocks.append(Block(width, channels, 2 if first and channels != width else 1, quantized))
                width = channels
        self.blocks = nn.Sequential(*blocks)
        self.head = (Linear8 if quantized else nn.Linear)(width, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.features(images))

    def features(self, images: Tensor) -> Tensor:
        """What the last layer decides by: N×64."""
        x = (images - self.mean[:, None, None]) / self.std[:, None, None]
        x = normalised(self.stem(x), self.stem_norm)
        return self.blocks(x).mean((2, 3))


class Block(nn.Module):
    """Two 3×3 convolutions around a shortcut that pads channels with zeros where the width grows."""

    def __init__(self, inputs: int, outputs: int, stride: int, quantized: bool):
        super().__init__()
        self.conv1, self.norm1 = _conv(inputs, outputs, stride, quantized), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = _conv(outputs, outputs, 1, quantized), nn.BatchNorm2d(outputs)
        self.stride, self.widen = stride, outputs - inputs

    def forward(self, x: Tensor) -> Tensor:
        inner = normalised(self.conv1(x), self.norm1)
        return normalised(self.conv2(inner), self.norm2, self.shortcut(x))

    def shortcut(self, x: Tensor) -> Tensor:
        """The input, with fewer pixels and channels of zeros where the block has a stride and more channels."""
        if not self.widen:
            return x
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.widen))


def _conv(inputs: int, outputs: int, stride: int, quantized: bool) -> nn.Conv2d:
    return (Conv8 if quantized else Conv3)(inputs, outputs, 3, stride, padding=1, bias=False)


def without_norms(model: ResNet20) -> ResNet20:
    """A copy of a float classifier for evaluation, its normalisation layers folded into the convolutions before them.

    The logits are the same up to rounding. Its parameters have no gradients. Raises ValueError for an 8-bit classifier,
    whose weights would leave their grid.
    """
    if model.quantized:
        raise ValueError("without_norms takes a classifier with float weights")
    folded = _copied(model).eval()
    pairs = [(folded, "stem", "stem_norm")]
    pairs += [(block, f"conv{i}", f"norm{i}") for block in folded.blocks for i in (1, 2)]
    for parent, conv, norm in pairs:
        layer, by = getattr(parent, conv), getattr(parent, norm)
        statistics = by.running_mean, by.running_var, by.eps, by.weight, by.bias
        layer.weight, layer.bias = nn.utils.fuse_conv_bn_weights(layer.weight, layer.bias, *statistics)
        setattr(parent, norm, nn.Identity())
    return folded.requires_grad_(False)


def frozen(model: nn.Module) -> nn.Module:
    """A network for gradients of its inputs: a copy `without_norms` where there is one, else the model itself.

    Either is in evaluation mode.
    """
    return without_norms(model) if isinstance(model, ResNet20) and not model.quantized else model.eval()


def _copied(module: nn.Module) -> Any:
    """A module's copy with tensors of its own, as by `copy.deepcopy`, which takes ten times as long."""
    made = copy.copy(module)
    made._modules = {name: None if each is None else _copied(each) for name, each in module._modules.items()}
    made._buffers = {name: None if each is None else each.clone() for name, each in module._buffers.items()}
    made._parameters = {
        name: None if each is None else nn.Parameter(each.detach().clone(), each.requires_grad)
        for name, each in module._parameters.items()
    }
    return made


def scales(weight: Tensor) -> Tensor:
    """The grid step of each output channel, shape (outputs, 1, …): max|w| / 127."""
    flat = weight.detach().abs().flatten(1).amax(1).clamp_min(1e-12) / LEVELS
    return flat.reshape(-1, *[1] * (weight.ndim - 1))


def on_grid(weight: Tensor) -> Tensor:
    """Weights rounded to their channel's grid; the gradient passes as if they had not been rounded."""
    step = scales(weight)
    rounded = torch.round(weight.detach() / step) * step
    return rounded + (weight - weight.detach())


class Conv3(nn.Conv2d):
    """A 3×3 convolution with borders of zeros, by fewer products where that is faster."""

    def forward(self, x: Tensor) -> Tensor:
        return self.by(x, self.weight)

    def by(self, x: Tensor, weight: Tensor) -> Tensor:
        """The convolution of x by these weights."""
        if self.stride == (1, 1) and winograd.suits(x, weight):
            return winograd.convolve(x, weight, self.bias)
        return self._conv_forward(x, weight, self.bias)


class Conv8(Conv3):
    """A convolution whose weights lie on the 8-bit grid."""

    def forward(self, x: Tensor) -> Tensor:
        return self.by(x, on_grid(self.weight))


class Linear8(nn.Linear):
    """A linear layer whose weights lie on the 8-bit grid."""

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, on_grid(self.weight), self.bias)


def to_integers(model: ResNet20) -> dict[str, Tensor]:
    """The state of an 8-bit classifier with int8 weights and a float scale per output channel in place of float ones.

    Normalisation layers, the bias and the running statistics stay float. Raises ValueError for a float classifier.
    """
    if not model.quantized:
        raise ValueError("to_integers takes a classifier made with quantized=True")
    state = dict(model.state_dict())
    for name, module in model.named_modules():
        if isinstance(module, Conv8 | Linear8):
            weight = state.pop(f"{name}.weight")
            step = scales(weight)
            state[f"{name}.weight_int8"] = torch.round(weight / step).to(torch.int8)
            state[f"{name}.weight_scale"] = step
    return {name: tensor.cpu().clone() for name, tensor in state.items()}


def from_integers(state: dict[str, Tensor]) -> ResNet20:
    """The 8-bit classifier of a state made by `to_integers`, for evaluation: its weights are exactly integer × scale.

    Its logits equal those of the classifier that was trained, bit for bit.
    """
    state = dict(state)
    for name in [name for name in state if name.endswith(".weight_int8")]:
        stem = name.removesuffix("_int8")
        state[stem] = state.pop(name).float() * state.pop(f"{stem}_scale")
    model = ResNet20(state["head.bias"].numel())
    model.load_state_dict(state)
    return model.eval()


def load_classifier(state: dict[str, Tensor]) -> ResNet20:
    """The classifier of a stored state, float or of integers (see `to_integers`), in evaluation mode."""
    if any(name.endswith(".weight_int8") for name in state):
        return from_integers(state)
    model = ResNet20(state["head.bias"].numel())
    model.load_state_dict(state)
    return model.eval()
