"""Networks made ready for evaluation: normalisation folded away and, on a CPU, convolutions that take fewer products.

Results are those of the network up to rounding. They have no gradients.
"""

import torch
from torch import Tensor, nn

from camgan_lib.networks.few_outputs import FewOutputs, Rows
from camgan_lib.networks.resnet import Block, ResNet20, without_norms
from camgan_lib.networks.style_gan import Generator, ResidualBlock
from camgan_lib.networks.winograd import FEWEST_CHANNELS, Winograd


def prepared(model: nn.Module, device: torch.device) -> nn.Module:
    """A network that gives what `model` gives in evaluation mode, faster; the model itself where there is no such."""
    if isinstance(model, ResNet20) and not model.quantized:
        folded = without_norms(model)
        if device.type == "cpu":
            folded.blocks = nn.Sequential(*map(FastBlock, folded.blocks))
        return folded
    if isinstance(model, Generator) and device.type == "cpu":
        layers = [*model.encoder, model.transformer, *model.decoder]
        return nn.Sequential(*map(_layer, layers))
    return model


def _layer(layer: nn.Module) -> nn.Module:
    if isinstance(layer, ResidualBlock) and FastResidual.takes(layer):
        return FastResidual(layer)
    if isinstance(layer, FewOutputs):
        return Rows(layer)
    return nn.ReLU(inplace=True) if isinstance(layer, nn.ReLU) else layer


class FastBlock(nn.Module):
    """A classifier's block without normalisation layers."""

    def __init__(self, block: Block):
        super().__init__()
        self.block = block
        many = block.conv2.out_channels >= FEWEST_CHANNELS
        self.first = Winograd(block.conv1, relu=True) if many and block.stride == 1 else None
        self.second = Winograd(block.conv2, relu=True) if many else None

    def forward(self, x: Tensor) -> Tensor:
        inner = self.first(x) if self.first else self.block.conv1(x).relu_()
        skip = self.block.shortcut(x)
        return self.second(inner, skip) if self.second else self.block.conv2(inner).add_(skip).relu_()


class FastResidual(nn.Module):
    """A generator's residual block without normalisation layers."""

    def __init__(self, block: ResidualBlock):
        super().__init__()
        assert block.convolutions is not None
        first, second = block.convolutions
        self.first, self.second = Winograd(first, mirrored=True, relu=True), Winograd(second, mirrored=True)

    @staticmethod
    def takes(block: ResidualBlock) -> bool:
        return block.convolutions is not None and block.convolutions[0].out_channels >= FEWEST_CHANNELS

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x), x)
