"""The generator keeps shape and range, commutes with shifts of its stride, and fresh weights follow from a seed."""

import itertools
from types import SimpleNamespace

import pytest
import torch

from camgan_lib.networks.padding import Reflect
from camgan_lib.networks.style_gan import NORMS, UPSAMPLING, Discriminator, Generator, ResidualGenerator

RECIPE = SimpleNamespace(
    generator_width=4, decoder_blocks=2, norm="instance", upsampling="transpose3", generator="gated"
)


def images(count: int = 2, side: int = 32) -> torch.Tensor:
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize(("norm", "upsampling"), list(itertools.product(NORMS, UPSAMPLING)))
def test_stylised_images_have_the_shape_of_the_input_and_stay_in_range(norm, upsampling):
    out = Generator(4, 1, norm, upsampling)(images())
    assert out.shape == (2, 3, 32, 32)
    assert out.abs().max() <= 1


def test_number_of_parameters_follows_from_the_width():
    w = 8

    def convolution(inputs: int, outputs: int, side: int) -> int:
        return inputs * outputs * side**2 + outputs

    encoder = convolution(3, w, 7) + convolution(w, 2 * w, 3) + convolution(2 * w, 4 * w, 3)
    blocks = 5 * (2 * convolution(4 * w, 4 * w, 3) + 2 * 2 * 4 * w)
    decoder = convolution(4 * w, 2 * w, 3) + convolution(2 * w, w, 3) + convolution(w, 3, 7)
    norms = 2 * (w + 2 * w + 4 * w + 2 * w + w)
    assert sum(p.numel() for p in Generator(w, 4, "batch").parameters()) == encoder + blocks + decoder + norms


@pytest.mark.parametrize("norm", NORMS)
@torch.inference_mode()
def test_a_fresh_generator_passes_the_image_through_its_residual_blocks_to_an_output_near_zero(norm):
    generator = Generator(8, 4, norm)
    features = generator.encoder(images())
    assert torch.equal(generator.transformer(features), features)
    assert torch.equal(generator.decoder[:4](features), features)
    assert features.std() > 0.1
    assert 0 < generator(images()).abs().mean() < 0.5


def test_on_a_constant_image_the_first_norm_gives_its_bias_whatever_the_colour():
    generator = Generator(4, norm="instance").double()
    convolution, norm = generator.encoder[1], generator.encoder[2]
    torch.nn.init.uniform_(norm.bias)
    for colour in ([1.0, -1.0, 0.2], [0.0, 0.5, -0.7]):
        flat = torch.tensor(colour, dtype=torch.float64).reshape(1, 3, 1, 1).expand(1, 3, 38, 38)
        out = norm(convolution(flat))
        torch.testing.assert_close(out, norm.bias.reshape(1, -1, 1, 1).expand_as(out), atol=1e-9, rtol=0)


@pytest.mark.parametrize("upsampling", UPSAMPLING)
@torch.inference_mode()
def test_away_from_borders_a_shift_by_four_pixels_goes_through_the_generator(upsampling):
    generator = Generator(4, 1, "none", upsampling).double()
    for block in (generator.transformer, generator.decoder[0]):
        torch.nn.init.normal_(block.body[-1].weight, 0, 0.2)
    x = images(1, 128).double()
    centre, moved = slice(60, 68), slice(64, 72)
    shifted = generator(torch.roll(x, (4, 4), (2, 3)))[:, :, moved, moved]
    torch.testing.assert_close(shifted, generator(x)[:, :, centre, centre], atol=1e-9, rtol=0)
    by_one = generator(torch.roll(x, (1, 1), (2, 3)))[:, :, 61:69, 61:69]
    same = torch.allclose(by_one, generator(x)[:, :, centre, centre], atol=1e-9)
    assert same == (upsampling == "none"), "only without strides all pixels are treated alike"


@torch.inference_mode()
def test_the_residual_generator_goes_with_any_shift_and_begins_as_the_identity():
    generator = ResidualGenerator(8, 2).double()
    x = images(1, 64).double()
    assert (generator(x) - x).abs().mean() < 0.05
    moved = generator(torch.roll(x, (1, 3), (2, 3)))[:, :, 21:45, 23:47]
    torch.testing.assert_close(moved, generator(x)[:, :, 20:44, 20:44], atol=1e-9, rtol=0)


@pytest.mark.parametrize("options", [{"norm": "layer"}, {"upsampling": "transpose5"}])
def test_unknown_options_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options.values()))):
        Generator(4, 1, **options)


def test_fresh_weights_follow_from_the_seed_and_leave_global_random_state_alone():
    before = torch.get_rng_state()
    first, again, other = (Generator.from_recipe(RECIPE, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["encoder.1.weight"], other["encoder.1.weight"])


@torch.inference_mode()
def test_a_score_does_not_depend_on_the_rest_of_the_batch():
    judge = Discriminator(4).train()
    scores = judge(images(6))
    assert scores.shape == (6,)
    torch.testing.assert_close(scores[:2], judge(images(6)[:2]))


@torch.inference_mode()
def test_batch_norm_lets_brightness_through_in_evaluation_where_instance_norm_does_not():
    x = images(2)[:1] * 0.5
    for norm, passes in (("batch", True), ("instance", False)):
        generator = Generator(4, 1, norm).double().eval()
        dark, bright = (generator.encoder[:3](x.double() + shift) for shift in (-0.4, 0.4))
        assert torch.allclose(dark, bright, atol=1e-3) is not passes


@pytest.mark.parametrize("margin", [1, 3])
def test_reflect_is_reflection_padding_forward_and_backward_in_channels_last(margin):
    x = torch.randn(2, 3, 8, 9).to(memory_format=torch.channels_last).requires_grad_()
    ours, theirs = Reflect(margin)(x), torch.nn.ReflectionPad2d(margin)(x)
    assert torch.equal(ours, theirs)
    assert ours.is_contiguous(memory_format=torch.channels_last)
    weights = torch.randn_like(ours)
    gradients = [torch.autograd.grad((out * weights).sum(), x)[0] for out in (ours, theirs)]
    assert torch.allclose(*gradients, atol=1e-5)
    assert torch.autograd.gradcheck(Reflect(margin), x.detach().double()[:1, :1].requires_grad_())
