"""A mask that stops nothing changes nothing; what is stopped is gone; shares are those of the classifier."""

from unittest import mock

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.data.crops import Crops
from camgan_lib.measure import bands, spectrum, statistics
from camgan_lib.measure.estimates import Estimate


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(60, 196, (6, 32, 32, 3)).astype(np.uint8)


def test_a_mask_that_stops_nothing_changes_nothing(images):
    assert np.array_equal(bands.filtered(images, np.ones((32, 32), bool)), images)


def test_a_mask_that_stops_all_leaves_each_channels_mean(images):
    flat = bands.filtered(images, np.zeros((32, 32), bool))
    assert np.ptp(flat, axis=(1, 2)).max() == 0
    assert np.abs(flat[:, 0, 0] - images.mean((1, 2))).max() <= 0.5


def test_a_stopped_tone_is_gone_and_another_is_not():
    x = np.arange(32)
    slow, fast = 30 * np.cos(2 * np.pi * x / 16), 30 * np.cos(2 * np.pi * x / 4)
    image = np.broadcast_to((128 + slow + fast)[None, :, None], (32, 32, 3))[None].round().astype(np.uint8)
    kept = bands.filtered(image, bands.ring(32, 0, 0.1))
    assert np.abs(kept[0, 0, :, 0] - (128 + slow)).max() < 1.5
    level = spectrum.mean_db(kept[..., 0], window=False)
    assert level[16, 24] < 0 < 20 < level[16, 18]


def test_rings_part_the_spectrum():
    below, above = bands.ring(32, 0, 0.25), ~bands.ring(32, 0, 0.25)
    assert (below ^ above).all()
    assert bands.ring(32, 0, bands.RADII[-1]).all()
    assert bands.ring(32, 0, 0).sum() == 1


class Brightness(nn.Module):
    """Takes bright images for class 1."""

    def forward(self, x):
        return torch.stack([-x.mean((1, 2, 3)), x.mean((1, 2, 3))], 1)


def test_strength_0_is_the_input_and_strength_1_the_stylised_image(images):
    stylised = {"dark": images // 4, "bright": 255 - images // 4}
    found = bands.by_strength(Brightness(), images, stylised, torch.device("cpu"))
    zero, one = found["strengths"].index(0.0), found["strengths"].index(1.0)
    inputs_bright = float((images.mean((1, 2, 3)) > 127.5).mean())
    assert [found["shares"][c][zero] for c in stylised] == pytest.approx([1 - inputs_bright, inputs_bright], abs=1e-4)
    assert [found["shares"][c][one] for c in stylised] == [1.0, 1.0]
    assert found["n"] == len(images)


def crops(photos: int = 8, each: int = 5) -> Crops:
    labels = np.repeat(np.arange(photos) % 2, each)
    rng = np.random.default_rng(1)
    images = np.where(labels[:, None, None, None], 200, 60) + rng.integers(-40, 40, (len(labels), 32, 32, 3))
    return Crops(images.astype(np.uint8), labels, np.repeat(np.arange(photos), each))


def test_accuracy_by_radius_draws_photos_within_cameras():
    with mock.patch.object(bands, "RADII", (0.0, 0.71)):
        curves = bands.accuracy_by_radius(Brightness(), crops(), torch.device("cpu"))
    assert list(curves) == ["stop below", "stop above", "stop a ring"]
    first = curves["stop above"][0]
    assert (first.value, first.n, first.unit) == (1.0, 8, "photo"), "a crop's mean always stays"
    assert first.low < 1
    assert first.strata == (0, 1) * 4


def test_losses_are_paired_by_photo():
    rng, index = np.random.default_rng(0), bands.RADII.index(0.25)
    photo, camera = np.repeat(np.arange(44), 10), np.repeat(np.arange(44) % 4, 10)
    skill = rng.uniform(0.5, 0.9, 44)[photo]

    def accuracy(lost: float) -> Estimate:
        return statistics.by_photo(skill - lost, photo, camera, bounds=(0, 1))

    above = [accuracy(0.4 - 0.04 * k) for k in range(len(bands.RADII))]
    below = [accuracy(0.01 * k) for k in range(len(bands.RADII))]
    found = bands.causal({"stop below": below, "stop above": above, "stop a ring": below}, 0.25)
    assert found["all"] is above[-1]
    assert found["without_high"] is above[index]
    assert found["without_low"] is below[index]
    assert found["lost_high"].value == pytest.approx(0.04 * (len(above) - 1 - index))
    assert found["lost_high"].method == "rule of three, photos all alike", "photos differ, what they lose does not"
    assert (found["chance"], found["radius"]) == (0.25, 0.25)


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        (np.full(44, 0.09) + np.linspace(-0.1, 0.1, 44), "a loss is shown"),
        (np.linspace(-0.08, 0.1, 44), "no loss beyond 5 points"),
        (np.linspace(-0.6, 0.7, 44), "undecided"),
    ],
)
def test_that_there_is_no_loss_needs_a_test_of_its_own(losses, said):
    assert bands.finding(statistics.of_units(losses, unit="photo")) == said
