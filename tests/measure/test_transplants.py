"""Transplants and removals: nothing changes nothing, spectra and mean colours stay, steps have their known answer."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.measure import spectrum, transplants
from camgan_lib.measure.statistics import difference, of_images
from camgan_lib.networks.inference import stylise
from camgan_lib.verdicts import causes

CPU = torch.device("cpu")
RNG = np.random.default_rng(3)
IMAGES = RNG.integers(30, 226, (40, 32, 32, 3)).astype(np.uint8)
RESIDUAL = RNG.normal(0, 6, (40, 32, 32, 3)) + 9 * np.cos(np.pi * np.arange(32))[:, None, None]
GREY = np.full_like(IMAGES, 128)


class Halves(nn.Module):
    """Logits that rise with the mean of the right half (class 0) or of the left half (class 1)."""

    def forward(self, images):
        return 40 * torch.stack([images[..., 16:].mean((1, 2, 3)), images[..., :16].mean((1, 2, 3))], 1)


class Brighter(nn.Module):
    """Adds one pattern to every image, whatever its content: one half brighter, the other darker."""

    def __init__(self, left: bool):
        super().__init__()
        self.sign = 1 if left else -1

    def forward(self, images):
        side = torch.where(torch.arange(32) < 16, 0.5, -0.5)
        return (0.5 * images + self.sign * side).clamp(-1, 1) if self.sign else images


class Shifted(nn.Module):
    """Adds the image's own content, turned upside down: no two residuals are alike."""

    def forward(self, images):
        return (images + 0.3 * images.flip(2)).clamp(-1, 1)


@pytest.mark.parametrize("phases", transplants.PHASES)
def test_a_transplant_of_nothing_changes_nothing(phases):
    assert np.array_equal(transplants.transplant(IMAGES, RESIDUAL, 0.0, phases=phases), IMAGES)
    assert np.array_equal(transplants.transplant(IMAGES, 0 * RESIDUAL, 1.0, phases=phases), IMAGES)
    assert np.array_equal(transplants.without_bins(IMAGES, 0 * RESIDUAL, np.ones((32, 32), bool)), IMAGES)


def test_unknown_phases_are_refused():
    with pytest.raises(ValueError, match="kept, random, mean, got 'other'"):
        transplants.transplant(IMAGES, RESIDUAL, 1.0, phases="other")


@pytest.mark.parametrize("phases", transplants.PHASES)
def test_a_transplant_has_the_residuals_spectrum(phases):
    made = transplants.transplant(GREY, RESIDUAL, 1.0, phases=phases).astype(float) - GREY
    wanted, found = (spectrum.power(x, window=False).mean((0, -1)) for x in (RESIDUAL, made))
    assert 10 * np.log10(found[0, 16] / wanted[0, 16]) == pytest.approx(0, abs=0.3)
    assert found.sum() == pytest.approx(wanted.sum(), rel=0.1)
    alike = np.corrcoef(made[0].ravel(), made[1].ravel())[0, 1]
    assert alike == pytest.approx(1) if phases == "mean" else alike < 0.9


def test_random_phases_keep_each_images_mean_colour():
    colours = RNG.uniform(-30, 30, (40, 1, 1, 3))
    made = transplants.transplant(GREY, RESIDUAL + colours, 1.0, phases="random").astype(float) - GREY
    assert np.abs(made.mean((1, 2)) - (RESIDUAL + colours).mean((1, 2))).max() < 0.1


def test_random_phases_are_drawn_for_each_image_and_are_those_of_real_images():
    factors = transplants.random_phases((40, 32, 32), seed=1)
    assert np.abs(factors) == pytest.approx(1)
    assert (factors[:, 0, 0] == 1).all()
    assert {-1, 1} == set(np.rint(factors[:, ::16, ::16].real).ravel().astype(int))
    drawn = factors[:, 3, 5]
    assert abs(drawn.mean()) < 0.4
    noise = RNG.normal(size=(40, 32, 32))
    back = np.fft.irfft2(np.fft.rfft2(noise, axes=(1, 2)) * factors, (32, 32), axes=(1, 2))
    assert np.abs(np.fft.rfft2(back, axes=(1, 2))) == pytest.approx(np.abs(np.fft.rfft2(noise, axes=(1, 2))))


def brighter() -> dict[str, np.ndarray]:
    return {name: stylise(Brighter(left), GREY, CPU) for name, left in {"right": False, "left": True}.items()}


def test_a_pattern_that_is_the_same_for_all_needs_its_phases_and_no_image():
    found = transplants.by_strength(brighter(), Halves(), GREY, CPU, scene=np.repeat(np.arange(10), 4))
    at_one = found["strengths"].index(1.0)
    full = {name: curve[at_one] for name, curve in found["curves"].items()}
    assert [full[n].value for n in ("own residual", "another image's residual", "one fixed pattern")] == [1, 1, 1]
    assert full["own residual"].unit == "scene"
    assert full["own residual"].n == 5, "the new images are the second half"
    steps = found["steps"]
    assert steps["own − other"].value == 0
    assert steps["own − own with random phases"].value == pytest.approx(1 - full["own, random phases"].value)
    assert steps["own − untouched"].value == pytest.approx(0.5), "untouched images are taken for one of two cameras"
    assert len(steps) == 9


def test_another_images_residual_is_not_the_own_one():
    found = transplants.by_strength({"a": stylise(Shifted(), IMAGES, CPU)}, Halves(), IMAGES, CPU)
    assert found["curves"]["own residual"][0].unit == "image"
    assert found["curves"]["own residual"][0].value == found["curves"]["one fixed pattern"][0].value, "strength 0"


def test_removed_bins_are_gone_and_all_others_stay():
    mask = spectrum.classes_of_bins(32)["axis_nyquist"]
    left = spectrum.power(transplants.without_bins(GREY, RESIDUAL, mask).astype(float) - GREY, window=False).mean(
        (0, -1)
    )
    before = spectrum.power(RESIDUAL, window=False).mean((0, -1))
    assert left[mask].max() < 0.3
    kept = ~mask
    kept[16, 16] = False
    assert np.abs(10 * np.log10(left[kept] / before[kept])).max() < 0.3


def test_random_bins_hold_the_same_power_elsewhere():
    mask = spectrum.classes_of_bins(32)["axis_nyquist"]
    residual = RNG.normal(0, 6, (40, 32, 32, 3)) + 1.5 * np.cos(np.pi * np.arange(32))[:, None, None]
    power = spectrum.power(residual, window=False).mean((0, -1))
    for seed in range(3):
        other = transplants.random_bins(residual, mask, np.random.default_rng(seed))
        assert not (other & mask).any()
        assert not other[16, 16]
        assert power[other].sum() == pytest.approx(power[mask].sum(), rel=0.05)
        assert np.array_equal(other, np.roll(other[::-1, ::-1], (1, 1), (0, 1)))


def test_removal_is_judged_by_paired_differences_over_cameras():
    rows = transplants.removal(brighter(), Halves(), GREY, CPU, scene=np.repeat(np.arange(10), 4), draws=1)
    assert [row["camera"] for row in rows] == ["right"] * 4 + ["left"] * 4
    for row in rows:
        assert row["difference"].value == pytest.approx(row["without"].value - row["without_random"].value)
    mean = transplants.over_cameras(rows)
    assert [row["bins"] for row in mean] == list(spectrum.CLASSES)
    assert mean[0]["all"].value == 1
    assert mean[0]["difference"].n == 10
    assert mean[0]["draws"] == 1
    assert all(row["p"] == 1 for row in mean), "a slow pattern has nothing in these bins"


def test_a_class_that_matters_more_or_less_than_its_power_has_a_two_sided_p():
    """The same difference with either sign has the same p, and only the loss is called costly."""
    taken = np.random.default_rng(0).random(40) < 0.9
    whole, less = (of_images(each, scene=np.arange(40)) for each in (taken, taken & (np.arange(40) % 3 > 0)))
    rows = [
        {"camera": "a", "bins": bins, "all": whole, "without": a, "without_random": b, "difference": difference(a, b)}
        | {"share_of_power": 0.1, "share_random": 0.1, "draws": 20}
        for bins, a, b in (("quarters", less, whole), ("odd_eighths", whole, less))
    ]
    found = transplants.over_cameras(rows)
    assert found[0]["p"] == pytest.approx(found[1]["p"])
    assert found[0]["p"] < 0.05
    said = causes.of_removal(found)
    assert said["removal_costly"] == said["removal_class"] == "quarters"
    assert said["removal_draws"] == 20
    assert said["removal_beyond"] == "costs most beyond its power"
    assert causes.of_removal(found[1:])["removal_beyond"].endswith("and costs no more")
