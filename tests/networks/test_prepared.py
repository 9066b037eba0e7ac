"""Networks made ready for evaluation give what they gave, up to rounding, at every size and in every place."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tensors import drawn
from torch import nn

from camgan_lib.base.devices import drawn_from
from camgan_lib.networks.camera_generator import CameraGenerator
from camgan_lib.networks.few_outputs import Rows
from camgan_lib.networks.prepared import FastBlock, FastResidual, prepared
from camgan_lib.networks.resnet import ResNet20
from camgan_lib.networks.style_gan import UPSAMPLING, Generator, ResidualGenerator
from camgan_lib.networks.winograd import Winograd

CPU = torch.device("cpu")


def nearly(found, wanted):
    assert (found - wanted).abs().max() <= 2e-5 * wanted.abs().max(), "rounding of float32 is all that may differ"


@torch.inference_mode()
@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 3),
    inputs=st.integers(1, 9),
    outputs=st.integers(1, 9),
    height=st.integers(2, 17),
    width=st.integers(2, 17),
    mirrored=st.booleans(),
    skip=st.booleans(),
    relu=st.booleans(),
)
def test_a_convolution_by_tiles_is_the_convolution(n, inputs, outputs, height, width, mirrored, skip, relu):
    with drawn_from(1):
        conv = nn.Conv2d(inputs, outputs, 3, bias=not mirrored)
    x, more = drawn(n, inputs, height, width), drawn(n, outputs, height, width, seed=2)
    wanted = conv(F.pad(x, (1,) * 4, mode="reflect" if mirrored else "constant")) + (more if skip else 0)
    found = Winograd(conv, mirrored=mirrored, relu=relu)(x, *([more] if skip else []))
    nearly(found, F.relu(wanted) if relu else wanted)


@torch.inference_mode()
@pytest.mark.parametrize("outputs", [1, 3, 5])
def test_a_convolution_row_by_row_is_the_convolution(outputs):
    conv = nn.Conv2d(4, outputs, 7)
    x = drawn(2, 4, 13, 18)
    nearly(Rows(conv)(x), conv(x))


@torch.inference_mode()
@pytest.mark.parametrize("side", [32, 48, 40])
def test_a_classifier_keeps_its_logits(side):
    with drawn_from(0):
        model = ResNet20(4).eval()
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.5, 2.0)
                nn.init.normal_(module.bias)
    ready, images = prepared(model, CPU), drawn(3, 3, side, side)
    assert any(isinstance(module, FastBlock) for module in ready.modules())
    nearly(ready(images), model(images))


@torch.inference_mode()
@pytest.mark.parametrize("upsampling", UPSAMPLING)
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_generator_keeps_its_images(upsampling, norm):
    with drawn_from(0):
        model = Generator(16, 2, norm, upsampling).eval()
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    ready, images = prepared(model, CPU), drawn(2, 3, 32, 32).tanh()
    assert any(isinstance(module, FastResidual) for module in ready.modules()) == (norm == "none")
    nearly(ready(images), model(images))


def test_what_can_not_be_made_ready_stays_and_nothing_is_changed():
    for model in (ResNet20(3, quantized=True), ResidualGenerator(8), CameraGenerator(8, 1)):
        assert prepared(model, CPU) is model
    model = ResNet20(3)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    prepared(model, CPU)
    assert model.state_dict().keys() == before.keys()
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
