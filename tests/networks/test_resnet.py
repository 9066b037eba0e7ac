"""ResNet-20 has the paper's size, normalises inside, and its 8-bit twin really is integers and scales."""

import pytest
import torch
import torch.nn.functional as F

from camgan_lib.networks.resnet import (
    Block,
    Conv8,
    ResNet20,
    from_integers,
    on_grid,
    scales,
    to_integers,
    without_norms,
)


def trained_looking(quantized: bool, classes: int = 4) -> ResNet20:
    """A network whose weights, normalisation and running statistics are all away from their start."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = ResNet20(classes, quantized)
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point() and "weight" not in name:
                tensor.add_(torch.rand_like(tensor) * 0.1)
    return model.eval()


def images(count: int = 5) -> torch.Tensor:
    return torch.rand(count, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_ten_classes_have_the_parameters_of_he_et_al():
    assert sum(p.numel() for p in ResNet20(10).parameters()) == 269_722


def test_the_8_bit_twin_has_no_more_parameters_and_the_same_shape_of_output():
    float_model, twin = ResNet20(4), ResNet20(4, quantized=True)
    assert [p.shape for p in float_model.parameters()] == [p.shape for p in twin.parameters()]
    assert twin.eval()(images()).shape == float_model.eval()(images()).shape == (5, 4)


def test_normalisation_is_inside_the_network():
    model = trained_looking(False)
    model.mean.copy_(torch.tensor([0.1, -0.2, 0.3]))
    model.std.copy_(torch.tensor([0.5, 0.25, 2.0]))
    expected = model(images())
    by_hand = (images() - model.mean[:, None, None]) / model.std[:, None, None]
    model.mean.zero_()
    model.std.fill_(1)
    torch.testing.assert_close(model(by_hand), expected)


def test_shortcut_of_a_widening_block_takes_every_second_pixel_and_pads_with_zeros():
    block = Block(16, 32, 2, quantized=False).eval()
    torch.nn.init.zeros_(block.conv2.weight)
    x = torch.randn(2, 16, 8, 8, generator=torch.Generator().manual_seed(1))
    out = block(x)
    torch.testing.assert_close(out[:, :16], F.relu(x[:, :, ::2, ::2]))
    assert (out[:, 16:] == 0).all()


def test_fewer_than_two_classes_are_refused():
    with pytest.raises(ValueError, match="at least 2"):
        ResNet20(1)


def test_rounded_weights_lie_on_a_symmetric_grid_of_255_levels_per_output_channel():
    weight = torch.randn(6, 3, 3, 3, generator=torch.Generator().manual_seed(2)) * torch.logspace(-3, 2, 6).reshape(
        6, 1, 1, 1
    )
    step = scales(weight)
    levels = on_grid(weight) / step
    torch.testing.assert_close(levels, levels.round(), atol=1e-4, rtol=0)
    assert levels.abs().amax((1, 2, 3)).round().eq(127).all()
    assert ((on_grid(weight) - weight).abs() <= step / 2 * 1.001).all()
    torch.testing.assert_close(on_grid(on_grid(weight)), on_grid(weight))


def test_gradients_pass_the_rounding_unchanged():
    weight = torch.randn(4, 5, requires_grad=True)
    pull = torch.randn(4, 5)
    (on_grid(weight) * pull).sum().backward()
    assert torch.equal(weight.grad, pull)


def test_a_channel_of_zeros_stays_zero():
    assert (on_grid(torch.zeros(2, 3, 3, 3)) == 0).all()


def test_kept_weights_are_integers_and_scales_and_nothing_float_of_them_remains():
    model = trained_looking(True)
    state = to_integers(model)
    layers = [name for name, module in model.named_modules() if isinstance(module, Conv8)] + ["head"]
    assert len(layers) == 20
    for name in layers:
        assert state[f"{name}.weight_int8"].dtype == torch.int8
        assert state[f"{name}.weight_scale"].numel() == state[f"{name}.weight_int8"].shape[0]
        assert f"{name}.weight" not in state


@torch.inference_mode()
def test_predictions_from_integers_are_those_of_the_trained_twin_bit_for_bit():
    model = trained_looking(True)
    state = to_integers(model)
    assert torch.equal(from_integers(state)(images(32)), model(images(32)))
    assert any(name.endswith("_int8") for name in state), "from_integers must leave its input as it was"


def test_a_float_classifier_has_no_integers():
    with pytest.raises(ValueError, match="quantized=True"):
        to_integers(ResNet20(4))


def test_without_norms_the_logits_are_the_same():
    torch.manual_seed(0)
    model = ResNet20(4)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_()
                module.running_var.uniform_(0.5, 2)
                module.weight.uniform_(0.5, 2)
                module.bias.normal_()
    images = torch.rand(8, 3, 32, 32) * 2 - 1
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    expected, folded = model.eval()(images), without_norms(model)
    assert torch.allclose(folded(images), expected, rtol=1e-4, atol=1e-4)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.modules())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    with pytest.raises(ValueError, match="float weights"):
        without_norms(ResNet20(4, quantized=True))
