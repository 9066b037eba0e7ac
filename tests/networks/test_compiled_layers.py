"""Layers by compiled loops give what PyTorch's give, and the same gradients, up to rounding."""

import copy

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from tensors import drawn
from torch import nn

from camgan_lib.base.devices import drawn_from
from camgan_lib.networks import normalised, winograd
from camgan_lib.networks.few_outputs import FewOutputs
from camgan_lib.networks.normalised import normalised as normalise
from camgan_lib.networks.resnet import ResNet20
from camgan_lib.networks.style_gan import Generator


def nearly(found, wanted, share=2e-5):
    assert found.shape == wanted.shape
    allowed = share * wanted.norm() + 1e-5  # sums of many values may be nearly 0
    assert (found - wanted).norm() <= allowed, "rounding of float32 is all that may differ"


def gradients(out, inputs, kept=None):
    """Gradients of a sum of `out` with drawn weights, 0 where `kept` is not."""
    weights = drawn(*out.shape, seed=9)
    return torch.autograd.grad((out * (weights if kept is None else weights * kept)).sum(), inputs)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 3),
    inputs=st.integers(1, 9),
    outputs=st.integers(1, 9),
    down=st.integers(1, 4),
    across=st.integers(1, 4),
    mirrored=st.booleans(),
    more=st.sampled_from(["skip", "relu", "neither"]),
)
def test_gradients_of_a_convolution_by_tiles_are_those_of_the_convolution(
    n, inputs, outputs, down, across, mirrored, more
):
    x, weight = drawn(n, inputs, 4 * down, 4 * across), drawn(outputs, inputs, 3, 3, seed=1)
    skip, bias = drawn(n, outputs, 4 * down, 4 * across, seed=2), drawn(1, outputs, 1, 1, seed=3).flatten()
    given = [each.requires_grad_() for each in (x, weight, bias, *([skip] if more == "skip" else []))]
    added = skip if more == "skip" else None
    plain = F.conv2d(F.pad(x, (1,) * 4, mode="reflect" if mirrored else "constant"), weight, bias)
    kept = (plain.abs() > 1e-3).float() if more == "relu" else None  # rounding may turn the sign of what is nearly 0
    plain = F.relu(plain) if more == "relu" else plain if added is None else plain + added
    found = winograd.convolve(x, weight, bias, added, mirrored=mirrored, relu=more == "relu")
    nearly(found, plain)
    for ours, theirs in zip(gradients(found, given, kept), gradients(plain, given, kept), strict=True):
        nearly(ours, theirs)


def test_a_frozen_convolution_by_tiles_passes_gradients_to_its_input_alone():
    x, weight = drawn(2, 8, 8, 8).requires_grad_(), drawn(8, 8, 3, 3, seed=1)
    found = gradients(winograd.convolve(x, weight), [x])
    nearly(found[0], gradients(F.conv2d(x, weight, padding=1), [x])[0])
    assert weight.grad is None


def test_a_skip_before_relu_is_refused():
    x, weight = drawn(1, 8, 8, 8), drawn(8, 8, 3, 3, seed=1)
    with pytest.raises(ValueError, match="not both"):
        winograd.convolve(x, weight, None, x, relu=True)


@pytest.mark.parametrize("outputs", [1, 3, 5])
def test_gradients_of_a_convolution_row_by_row_are_those_of_the_convolution(outputs):
    with drawn_from(1):
        layer, plain = FewOutputs(4, outputs, 7), nn.Conv2d(4, outputs, 7)
    plain.load_state_dict(layer.state_dict())
    x = drawn(2, 4, 13, 18).requires_grad_()
    nearly(layer(x), plain(x))
    ours, theirs = (gradients(each(x), [x, each.weight, each.bias]) for each in (layer, plain))
    for one, other in zip(ours, theirs, strict=True):
        nearly(one, other)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 4),
    channels=st.integers(1, 9),
    side=st.integers(2, 9),
    skip=st.booleans(),
    shift=st.sampled_from([0.0, 30.0]),
    momentum=st.sampled_from([0.3, None]),
)
def test_normalisation_in_two_passes_is_that_of_pytorch_in_training(n, channels, side, skip, shift, momentum):
    x, more = (drawn(n, channels, side, side) + shift).requires_grad_(), drawn(n, channels, side, side, seed=2)
    ours = nn.BatchNorm2d(channels, momentum=momentum)
    with torch.no_grad():
        ours.weight.copy_(drawn(1, channels, 1, 1, seed=3).flatten())
        ours.bias.copy_(drawn(1, channels, 1, 1, seed=4).flatten())
    theirs = copy.deepcopy(ours)
    plain = theirs(x) + (more.requires_grad_() if skip else 0)
    kept, plain = (plain.abs() > 1e-3).float(), F.relu(plain)
    found = normalise(x, ours, more if skip else None)
    nearly(found * kept, plain * kept, 1e-4)
    assert ours.num_batches_tracked == theirs.num_batches_tracked == 1
    nearly(ours.running_mean, theirs.running_mean)
    nearly(ours.running_var, theirs.running_var, 1e-4)
    for one, other in zip(
        gradients(found, [x, ours.weight, ours.bias, *([more] if skip else [])], kept),
        gradients(plain, [x, theirs.weight, theirs.bias, *([more] if skip else [])], kept),
        strict=True,
    ):
        assert (one - other).norm() <= 1e-3 * other.norm() + 1e-4


def test_normalisation_in_evaluation_and_other_layers_stay_as_they_are():
    x, norm = drawn(2, 3, 4, 4), nn.BatchNorm2d(3).eval()
    assert torch.equal(normalise(x, norm), F.relu(norm(x)))
    assert torch.equal(normalise(x, nn.Identity(), x), F.relu(x + x))
    assert norm.num_batches_tracked == 0


@pytest.mark.parametrize(
    "make", [lambda: ResNet20(4).train(), lambda: ResNet20(4, quantized=True).train(), lambda: Generator(16, 2)]
)
def test_networks_compute_what_they_did_without_compiled_loops(make, monkeypatch):
    with drawn_from(0):
        model = make()
        for parameter in model.parameters():
            parameter.data.add_(0.02 * torch.randn_like(parameter))
    x = drawn(3, 3, 32, 32)
    used = []
    for module, name in ((winograd, "_Convolution"), (normalised, "_Normalised")):
        function = getattr(module, name)
        monkeypatch.setattr(
            function, "forward", staticmethod(lambda *args, inner=function.forward: used.append(1) or inner(*args))
        )
    found = model(x)
    assert used
    plain = copy.deepcopy(model).double()  # compiled loops are for float32 alone
    assert not used.clear()
    nearly(found.double(), plain(x.double()), 1e-4)
    assert not used
