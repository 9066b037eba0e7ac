"""Controls on cases with a known answer: nothing changes nothing, what is planted is found, a null gives the null."""

import numpy as np
import pytest
import torch

from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.crops import Crops
from camgan_lib.measure import seeds, truth
from camgan_lib.networks import judges
from camgan_lib.networks.inference import predict

CPU = torch.device("cpu")
RNG = np.random.default_rng(3)
IMAGES = RNG.integers(30, 226, (40, 32, 32, 3)).astype(np.uint8)


def test_the_truth_recovers_itself_and_noise_recovers_nothing():
    true = truth.true_spectra(scenes=12)
    assert true.shape == (len(CAMERAS), 32, 32, 3)
    shared = true + 5 * RNG.normal(size=(1, 32, 32, 3))
    found = truth.recovery(shared, true)
    assert found["own"] == pytest.approx([1] * 4)
    assert found["hits"] == 4
    null = [truth.recovery(RNG.normal(size=true.shape), true)["own"] for _ in range(20)]
    assert abs(np.mean(null)) < 0.02


@pytest.mark.slow
def test_the_truth_of_other_scenes_is_the_same():
    a, b = (truth.true_spectra(scenes=80, seed=seed) for seed in (0, 1))
    assert min(truth.recovery(a, b)["own"]) > 0.9


def test_cameras_that_differ_are_found_and_those_that_do_not_give_the_null():
    rng = np.random.default_rng(1)
    own = rng.normal(0, 3, (1, 4, 200))
    found = seeds.distances(own + rng.normal(0, 1, (5, 4, 200)))
    assert found.p < 0.01
    assert found.ratio == pytest.approx(np.sqrt((2 * 9 + 2) / 2), rel=0.1)
    assert found.effect.value == pytest.approx(found.between - found.within)
    assert found.effect.low > 1
    null = [seeds.distances(rng.normal(0, 1, (5, 4, 50)), draws=200).p for _ in range(100)]
    assert np.mean(null) == pytest.approx(0.5, abs=0.1)
    assert np.mean(np.array(null) <= 0.05) <= 0.12


@pytest.mark.parametrize("classes", [2, 3])
def test_the_spectral_judge_sees_a_line_and_no_content(classes):
    def crops(seed):
        rng = np.random.default_rng(seed)
        labels = np.arange(60 * classes) % classes
        images = rng.integers(60, 196, (len(labels), 32, 32, 3)) + rng.integers(-40, 40, (len(labels), 1, 1, 3))
        lines = [np.zeros(32), 25 * np.cos(np.pi * np.arange(32)), 25 * np.cos(np.pi / 2 * np.arange(32))]
        images = images + np.array(lines)[labels][:, None, :, None]
        return Crops(images.clip(0, 255).astype(np.uint8), labels, np.arange(len(labels)))

    judge, test = judges.fit_spectral(crops(0), classes + 1), crops(1)
    assert (predict(judge, test.images, CPU).argmax(1) == test.labels).mean() > 0.95
    flipped = test.images[:, ::-1, ::-1].copy()
    assert np.allclose(predict(judge, flipped, CPU), predict(judge, test.images, CPU), atol=2.0)


def test_recovery_over_seeds_has_a_mean_and_an_interval():
    true = RNG.normal(size=(3, 32, 32, 3))
    found = truth.by_seed(np.stack([true + 0.01 * RNG.normal(size=true.shape) for _ in range(4)]), true)
    assert found["hits"] == [3, 3, 3, 3]
    mean = found["mean"]
    assert 0.99 < mean.low <= mean.value <= mean.high <= 1.001
    assert (mean.n, mean.unit) == (4, "seed")
    assert not truth.by_seed(true[None], true)["mean"].known


def test_the_jackknife_over_seeds_covers_and_keeps_the_mean_over_pairs():
    rng, base = np.random.default_rng(4), np.random.default_rng(5).normal(0, 1, (1, 4, 40))
    found = [seeds.distances(base + rng.normal(0, 1, (5, 4, 40)), draws=1).effect for _ in range(300)]
    expected = np.mean([each.value for each in found])
    assert np.mean([each.low <= expected <= each.high for each in found]) >= 0.93
    assert np.mean(found[0].units) == pytest.approx(found[0].value)
    assert not seeds.distances(base + rng.normal(0, 1, (2, 4, 40)), draws=1).effect.known


def test_the_best_is_chosen_on_some_seeds_and_scored_on_the_others():
    true = RNG.normal(size=(3, 32, 32, 3))
    lucky = np.stack([true, true, *RNG.normal(size=(3, *true.shape))])
    steady = true + 3 * RNG.normal(size=(5, *true.shape))
    found = truth.chosen({"steady": steady, "lucky": lucky}, true)
    assert (found["best"], found["choosing"]) == ("lucky", 2)
    assert found["on_choosing"]["lucky"] == pytest.approx(1)
    assert found["recovered"]["lucky"]["mean"].n == 3
    assert abs(found["recovered"]["lucky"]["mean"].value) < 0.1
    with pytest.raises(ValueError, match="at least 2 seeds"):
        truth.chosen({"one": true[None]}, true)
