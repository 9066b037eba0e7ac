"""Other content and random phases: a fixed pattern loses its coherence and keeps its power; content follows content."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.measure import content, perturbations, spectrum

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
    a, b = (spectrum.line_report(each) for each in (fixed, moved))
    assert a["quarters_coherence"] > 0.4
    assert b["quarters_coherence"] < 0.15
    assert b["quarters_db"] == pytest.approx(a["quarters_db"], abs=0.5)


def test_what_follows_the_content_stays_where_it_is():
    made = content.at_random_phase(Brighter(), IMAGES, CPU)
    assert np.abs(made - made.mean()).max() <= 1


def test_a_row_for_each_camera_and_content():
    labels = np.arange(len(IMAGES)) % 2
    others = content.of_other_cameras(IMAGES, labels, ("dark", "bright"))
    assert np.array_equal(others["dark"], IMAGES[labels == 1])
    generators = {"dark": nn.Identity(), "bright": Brighter()}
    rows = content.swapped(generators, {"judge": Bright()}, {"crops": others}, CPU)
    assert [(row["camera"], row["content"], row["n"]) for row in rows] == [
        ("dark", "crops", 32),
        ("bright", "crops", 32),
    ]
    assert rows[0]["taken"] == rows[0]["untouched"]
    assert rows[0]["l1"] == 0
    assert rows[1]["taken"]["judge"] == 1
    assert rows[1]["untouched"]["judge"] < 0.5
    assert rows[1]["l1"] == pytest.approx(0.2, abs=0.005)


def test_nothing_is_added_where_nothing_is_and_shares_have_intervals():
    rows = perturbations.beside({"a": Stripes(), "b": Brighter()}, {"auxiliary": Bright()}, IMAGES[:16], CPU)
    nothing = [row for row in rows if row["kind"] == "nothing"]
    assert [row["l2"] for row in nothing] == [0, 0]
    shares = perturbations.shares(rows)
    assert list(shares) == ["nothing", "generator", "PGD", "universal"]
    share, low, high = shares["PGD"]["auxiliary"]
    assert low < share <= high <= 1
    assert shares["nothing"]["auxiliary"] == perturbations.shares(rows, "turned")["nothing"]["auxiliary"]
    assert shares["nothing"]["auxiliary"][0] == 0, "what nothing is done to does not turn"
    taken = perturbations.shares(rows, "taken")["nothing"]["auxiliary"][0]
    assert taken == np.mean([row["taken"]["auxiliary"] for row in nothing])
