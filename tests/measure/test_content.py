"""Other content and random phases: a fixed pattern loses its coherence and keeps its power; content follows content."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.measure import content, lines

CPU = torch.device("cpu")
RNG = np.random.default_rng(5)
IMAGES = RNG.integers(60, 196, (64, 32, 32, 3)).astype(np.uint8)


class Stripes(nn.Module):
    """Adds the same stripes, of period 4, to every image."""

    def forward(self, x):
        return x + 0.1 * torch.cos(torch.pi / 2 * torch.arange(32))[:, None]


class Brighter(nn.Module):
    def forward(self, x):
        return x + 0.2


class Bright(nn.Module):
    """Two classes: the brighter an image, the surer of the second."""

    def forward(self, x):
        return torch.stack([torch.zeros(len(x)), 50 * x.mean((1, 2, 3)) - 5], 1)


def test_random_phases_take_the_coherence_and_leave_the_power():
    from camgan_lib.networks.inference import stylise

    fixed = stylise(Stripes(), IMAGES, CPU).astype(float) - IMAGES
    moved = content.at_random_phase(Stripes(), IMAGES, CPU)
    a, b = (lines.line_report(each) for each in (fixed, moved))
    assert a["quarters_coherence"] > 0.4
    assert b["quarters_coherence"] < 0.15
    assert b["quarters_db"] == pytest.approx(a["quarters_db"], abs=0.5)


def test_what_follows_the_content_stays_where_it_is():
    made = content.at_random_phase(Brighter(), IMAGES, CPU)
    assert np.abs(made - made.mean()).max() <= 1


def test_generators_get_the_crops_of_other_cameras_and_shares_are_drawn_by_photo():
    labels, photo = np.arange(len(IMAGES)) % 2, np.arange(len(IMAGES)) // 8 * 2 + np.arange(len(IMAGES)) % 2
    crops = content.of_other_cameras(IMAGES, labels, photo, 2)
    assert np.array_equal(crops.among[:, 0], labels == 1)
    generators = {"dark": nn.Identity(), "bright": Brighter()}
    (row,) = content.swapped(generators, {"judge": Bright()}, {"crops": crops}, CPU)
    assert row["by_camera"]["dark"]["n"] == row["by_camera"]["bright"]["n"] == 32
    assert row["by_camera"]["bright"]["taken"] == {"judge": 1}
    assert row["by_camera"]["dark"]["taken"] == row["by_camera"]["dark"]["untouched"]
    assert row["l1"] == pytest.approx(0.1, abs=0.005)
    turned = row["turned"]["judge"]
    assert turned.value == 1, "all images were taken for the dark camera before, so that only the bright one counts"
    assert (turned.n, turned.unit) == (16, "photo")
    assert len(set(turned.strata)) == 2


def test_a_camera_that_gets_no_image_is_left_out_and_not_counted_as_nothing():
    crops = content.of_other_cameras(IMAGES, np.zeros(len(IMAGES), int), np.arange(len(IMAGES)), 2)
    (row,) = content.swapped({"a": nn.Identity(), "b": Brighter()}, {"judge": Bright()}, {"crops": crops}, CPU)
    assert list(row["by_camera"]) == ["b"]
    assert row["turned"]["judge"].value == 1


def test_images_without_style_go_to_every_generator():
    images = content.without_style(IMAGES, 2, np.arange(len(IMAGES)) // 2)
    (row,) = content.swapped({"a": nn.Identity(), "b": Brighter()}, {"judge": Bright()}, {"no style": images}, CPU)
    assert [each["n"] for each in row["by_camera"].values()] == [64, 64]
    assert (row["turned"]["judge"].n, row["turned"]["judge"].unit) == (32, "scene")
    assert sum(each["untouched"]["judge"] for each in row["by_camera"].values()) == pytest.approx(1)
