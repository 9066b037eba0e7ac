"""The generator that is built as a camera: each stage beside a known implementation, and what is read out of it."""

import io
import math

import colour_demosaicing
import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage

from camgan_lib.base.devices import drawn_from
from camgan_lib.networks import camera_stages as stages
from camgan_lib.networks import losses
from camgan_lib.networks.camera_generator import PERIOD, SPEED, START_QUALITY, SUBSAMPLING, CameraGenerator, Draws
from camgan_lib.networks.inference import stylise
from camgan_lib.networks.optimisers import Adam

CPU = torch.device("cpu")


@pytest.fixture
def generator():
    with drawn_from(0):
        return CameraGenerator(8, 1).requires_grad_(False)


def smooth(count, side=32, seed=0):
    """Pictures of soft colours, uint8 count×side×side×3."""
    rng = np.random.default_rng(seed)
    small = rng.integers(20, 235, (count, 5, 5, 3)).astype(np.uint8)
    return np.stack(
        [np.asarray(Image.fromarray(each).resize((side, side), Image.Resampling.BICUBIC)) for each in small]
    )


def to_images(pixels):
    return torch.from_numpy(pixels.copy()).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pixels(images):
    return ((images + 1) * 127.5).round().permute(0, 2, 3, 1).numpy().astype(int)


def only(generator, way, quality):
    """Sets the way of subsampling and the quality of JPEG."""
    generator.subsampling.copy_(torch.tensor([2.0 if each == way else -2.0 for each in SUBSAMPLING]))
    generator.scale.fill_(math.log((100 - quality) / (100 - START_QUALITY)) / SPEED)


@pytest.mark.parametrize("quality", [75, 90, 95])
@pytest.mark.parametrize(("number", "way"), list(enumerate(SUBSAMPLING)))
def test_jpeg_is_that_of_a_jpeg_library(generator, number, way, quality):
    only(generator, way, quality)
    pixels = smooth(2, 48)
    ours = to_pixels(generator._compressed(to_images(pixels), generator.quantisation(), number))
    for mine, picture in zip(ours, pixels, strict=True):
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, "JPEG", quality=quality, subsampling=number)
        theirs = np.asarray(Image.open(stream)).astype(int)
        apart, lost = np.abs(mine - theirs).mean(), np.abs(theirs - picture).mean()
        assert apart < (0.5 if way == "4:4:4" else 0.7) * lost, "libraries round halved chroma in ways of their own"


def test_demosaicing_begins_as_bilinear():
    raw = np.random.default_rng(0).random((24, 24))
    known = colour_demosaicing.demosaicing_CFA_Bayer_bilinear(raw, "RGGB")[4:-4, 4:-4]
    made = stages.interpolated(torch.from_numpy(raw)[None, None].float(), stages.bilinear())
    ours = made[0].permute(1, 2, 0).numpy()[4:-4, 4:-4]
    np.testing.assert_allclose(ours, known, atol=1e-5)


def test_a_kernel_that_is_the_same_in_all_directions_is_given_by_its_six_values():
    rng = np.random.default_rng(0)
    values, images = torch.from_numpy(rng.random(6)).float(), torch.from_numpy(rng.random((2, 3, 12, 12))).float()
    away = {(0, 0): 0, (0, 1): 1, (1, 1): 2, (0, 2): 3, (1, 2): 4, (2, 2): 5}
    kernel = [[float(values[away[tuple(sorted((abs(y), abs(x))))]]) for x in range(-2, 3)] for y in range(-2, 3)]
    known = ndimage.correlate(images.numpy(), np.array(kernel)[None, None], mode="mirror")
    np.testing.assert_allclose(stages.filtered(images, values).numpy(), known, rtol=1e-4)
    assert (stages.filtered(torch.ones(1, 1, 8, 8), stages.balanced(values))).abs().max() < 1e-5


def test_an_image_lies_at_its_corner_of_the_field_and_comes_back():
    images = to_images(smooth(5))
    corner = torch.tensor([[0, 0], [15, 15], [3, 8], [8, 3], [1, 14]])
    field = stages.field(images, corner)
    assert field.shape == (5, 3, 32 + PERIOD, 32 + PERIOD)
    assert torch.equal(stages.cut(field, corner, 32), images)


def test_outputs_are_whole_levels_near_the_input_and_the_same_for_the_same_draws(generator):
    pixels = smooth(6)
    draws = generator.draws(np.random.default_rng(1), 6, 32, CPU)
    made = generator(to_images(pixels), draws)
    levels = (made + 1) * 127.5
    assert torch.allclose(levels, levels.round(), atol=1e-3)
    assert (made - to_images(pixels)).abs().mean() < 0.05
    assert torch.equal(made, generator(to_images(pixels), draws))


def test_what_is_drawn_for_an_image_does_not_depend_on_the_others(generator):
    pixels = smooth(70)
    alone = np.concatenate([stylise(generator, pixels, CPU)[:3]])
    assert np.array_equal(alone, stylise(generator, pixels[:3], CPU))
    twice = stylise(generator, np.repeat(pixels[:1], 4, 0), CPU)
    assert len({each.tobytes() for each in twice}) > 1, "each image has draws of its own"


def test_every_stage_learns():
    with drawn_from(0):
        generator = CameraGenerator(8, 1)
    images = to_images(smooth(4))
    draws = generator.draws(np.random.default_rng(0), 4, 32, CPU)
    weights = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    (generator(images, draws) * weights).sum().backward()
    generator.set_differences(images, draws, lambda each: (each * weights).sum())
    silent = {name for name, each in generator.named_parameters() if not each.grad.abs().sum() > 0}
    assert silent <= {"network.blocks.0.inner.weight", "network.blocks.0.inner.bias"}, "a block begins as the identity"


@pytest.mark.slow
@pytest.mark.parametrize("quality", [85, 90])
def test_the_quality_of_pictures_is_found_from_their_spectra(quality):
    with drawn_from(0):
        camera, generator = (CameraGenerator(8, 1).requires_grad_(False) for _ in range(2))
    only(camera, "4:4:4", quality)
    rng = np.random.default_rng(0)
    scenes = np.clip(smooth(96) + rng.normal(0, 6, (96, 32, 32, 3)), 0, 255).astype(np.uint8)
    aim = losses.mean_level(camera(to_images(scenes[:48]), camera.draws(rng, 48, 32, CPU)))
    only(generator, "4:4:4", 95)
    optimizer = Adam(generator, 4e-3)
    for _ in range(150):
        chosen = to_images(scenes[48 + rng.permutation(48)[:16]])
        draws = generator.draws(rng, 16, 32, CPU)
        optimizer.zero_grad()
        generator.set_differences(chosen, draws, lambda images: losses.spectral(images, aim))
        optimizer.step()
    assert generator.reading()["quality"]["luma"] == pytest.approx(quality, abs=3)


def test_a_reading_says_what_the_camera_begins_as(generator):
    reading = generator.reading()
    assert reading["quality"] == {"luma": pytest.approx(95), "chroma": pytest.approx(95)}
    assert list(reading["subsampling"].values()) == pytest.approx([1 / 3] * 3)
    assert reading["sharpening"] == pytest.approx(1)
    assert np.sum(reading["colour"], 1) == pytest.approx(1)
    assert np.array(reading["filters"]).sum((2, 3)) == pytest.approx(1)
    generator.sharpening.copy_(torch.tensor([0.25, 0, 0, 0, 0, 0]) / SPEED)
    assert generator.reading()["sharpening"] == pytest.approx(1.2), "the kernel's mean, a 25th, is taken from each row"


def test_what_was_measured_stays_and_flat_colours_stay_flat(generator):
    generator.filters.normal_(0, 0.1, generator=torch.Generator().manual_seed(0))
    filters = generator.demosaicing()
    for place, own in enumerate(stages.CELL):
        expected = torch.zeros(7, 7)
        expected[3, 3] = 1
        torch.testing.assert_close(filters[place, own], expected)
    torch.testing.assert_close(filters.sum((2, 3)), torch.ones(4, 3))
    assert (filters - stages.bilinear()).abs().max() > 0.1
    mirrored = filters.flip(2).flip(3)
    turned = filters.transpose(2, 3)[[3, 1, 2, 0]].flip(1)
    torch.testing.assert_close(mirrored, filters)
    torch.testing.assert_close(turned, filters, msg="turned, with red and blue exchanged")


@pytest.mark.parametrize("method", ["bilinear", "malvar"])
def test_known_ways_of_demosaicing_are_among_those_that_the_tied_filters_can_be(method):
    impulse = np.zeros((40, 40))
    known = torch.zeros(4, 3, 7, 7)
    function = getattr(
        colour_demosaicing,
        {"bilinear": "demosaicing_CFA_Bayer_bilinear"}.get(method, "demosaicing_CFA_Bayer_Malvar2004"),
    )
    for dy in range(-3, 4):
        for dx in range(-3, 4):
            for place in range(4):
                y, x = 20 + place // 2, 20 + place % 2
                impulse[:] = 0
                impulse[y + dy, x + dx] = 1
                known[place, :, 3 + dy, 3 + dx] = torch.from_numpy(function(impulse, "RGGB")[y, x]).float()
    for number in range(stages.TIED):
        same = known[stages.tied() == number]
        assert same.max() - same.min() < 1e-6


@pytest.mark.parametrize("true", range(3))
def test_the_way_of_subsampling_is_found_by_what_the_loss_of_each_way_is(generator, true):
    images, rng = to_images(smooth(4)), np.random.default_rng(0)
    optimizer = Adam(generator.requires_grad_(True), 4e-3)
    generator.train()
    for _ in range(120):
        draws = generator.draws(rng, 4, 32, CPU)
        with torch.no_grad():
            display, tables = generator._developed(images, draws), generator.quantisation()
            aim = stages.cut(generator._compressed(display, tables, true), draws.corner, 32)
        optimizer.zero_grad()
        generator.set_differences(images, draws, lambda made, aim=aim: (made - aim).square().mean())
        optimizer.step()
    assert list(generator.reading()["subsampling"].values())[true] > 0.9
    assert generator.eval().way(draws) == true
    assert {generator.train().way(draws._replace(way=torch.tensor(each))) for each in (0.3, 0.5, 0.7)} == {true}


def test_some_images_are_noisier_than_others(generator):
    flat = torch.full((64, 3, 32, 32), -0.4)
    generator.noise[:2] += math.log(10) / SPEED
    draws = generator.draws(np.random.default_rng(0), 64, 32, CPU)
    spread = generator(flat, draws).std((1, 2, 3))
    assert np.corrcoef(spread.log().numpy(), draws.gain.numpy())[0, 1] > 0.9
    even = generator(flat, draws._replace(gain=torch.zeros(64))).std((1, 2, 3))
    assert even.log().std() < spread.log().std() / 3


def test_draws_lie_in_the_grid():
    draws = Draws.of(np.random.default_rng(0), 500, 32, CPU)
    assert draws.corner.min() == 0
    assert draws.corner.max() == PERIOD - 1
    assert draws.noise.shape == (500, 4, 48, 48)
