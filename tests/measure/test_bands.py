"""A mask that stops nothing changes nothing; what is stopped is gone; shares are those of the classifier."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.measure import bands, spectrum


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


def test_decisions_know_their_ends(images):
    labels = np.array([0, 0, 0, 1, 1, 1])
    images[:3], images[3:] = images[:3] // 2, 255 - images[3:] // 3
    found = bands.decisions(Brightness(), {"all": (images, labels)}, torch.device("cpu"))
    assert found["radii"] == list(bands.RADII)
    assert found["sets"]["all"]["n"] == 6
    assert set(found["sets"]["all"]["stop_below"] + found["sets"]["all"]["stop_above"]) == {1.0}, "means always stay"


def test_strength_0_is_the_input_and_strength_1_the_stylised_image(images):
    stylised = {"dark": images // 4, "bright": 255 - images // 4}
    found = bands.by_strength(Brightness(), images, stylised, torch.device("cpu"))
    zero, one = found["strengths"].index(0.0), found["strengths"].index(1.0)
    inputs_bright = float((images.mean((1, 2, 3)) > 127.5).mean())
    assert [found["shares"][c][zero] for c in stylised] == pytest.approx([1 - inputs_bright, inputs_bright], abs=1e-4)
    assert [found["shares"][c][one] for c in stylised] == [1.0, 1.0]
    assert found["n"] == len(images)


def test_the_causal_numbers_are_those_of_the_curves_at_the_radius():
    index = bands.RADII.index(0.25)
    curve = [(0.1 * k, 0.1 * k - 0.01, 0.1 * k + 0.01) for k in range(len(bands.RADII))]
    found = bands.causal({"stop below": curve[::-1], "stop above": curve, "stop a ring": curve}, 0.25)
    assert found["all"] == curve[-1][0]
    assert (found["without_high"], found["without_high_low"]) == curve[index][:2]
    assert found["without_low"] == curve[::-1][index][0]
    assert found["chance"] == 0.25
