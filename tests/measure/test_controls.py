"""Controls on cases with a known answer: nothing changes nothing, what is planted is found, a null gives the null."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.crops import Crops
from camgan_lib.measure import perturbations, seeds, spectrum, transplants, truth
from camgan_lib.networks import judges
from camgan_lib.networks.inference import predict

CPU = torch.device("cpu")
RNG = np.random.default_rng(3)
IMAGES = RNG.integers(30, 226, (40, 32, 32, 3)).astype(np.uint8)
RESIDUAL = RNG.normal(0, 6, (40, 32, 32, 3)) + 9 * np.cos(np.pi * np.arange(32))[:, None, None]


class Brightness(nn.Module):
    """Logits that rise with the mean of the left half (class 1) or of the right half (class 0)."""

    def forward(self, images):
        return 40 * torch.stack([images[..., 16:].mean((1, 2, 3)), images[..., :16].mean((1, 2, 3))], 1)


def test_a_transplant_of_nothing_changes_nothing():
    for phases in ("fixed", "other", "random"):
        assert np.array_equal(transplants.transplant(IMAGES, RESIDUAL, 0.0, phases=phases), IMAGES)
        assert np.array_equal(transplants.transplant(IMAGES, 0 * RESIDUAL, 1.0, phases=phases), IMAGES)
    assert np.array_equal(transplants.without_bins(IMAGES, 0 * RESIDUAL, np.ones((32, 32), bool)), IMAGES)


@pytest.mark.parametrize("phases", ["fixed", "other", "random"])
def test_a_transplant_has_the_residuals_spectrum(phases):
    grey = np.full_like(IMAGES, 128)
    made = transplants.transplant(grey, RESIDUAL, 1.0, phases=phases).astype(float) - grey
    wanted, found = (spectrum.power(x, window=False).mean((0, -1)) for x in (RESIDUAL, made))
    assert 10 * np.log10(found[0, 16] / wanted[0, 16]) == pytest.approx(0, abs=0.3)
    assert found.sum() == pytest.approx(wanted.sum(), rel=0.1)
    alike = np.corrcoef(made[0].ravel(), made[1].ravel())[0, 1]
    assert alike == pytest.approx(1) if phases == "fixed" else alike < 0.9


def test_removed_bins_are_gone_and_all_others_stay():
    mask = spectrum.classes_of_bins(32)["axis_nyquist"]
    grey = np.full_like(IMAGES, 128)
    left = spectrum.power(transplants.without_bins(grey, RESIDUAL, mask).astype(float) - grey, window=False).mean(
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


def test_pgd_fools_within_its_norm():
    norms = np.full(len(IMAGES), 400.0)
    model = Brightness()
    target = 1 - predict(model, IMAGES, CPU).argmax(1)
    for goal in (0, 1):
        some = IMAGES[target == goal]
        made = perturbations.per_image(model, some, goal, norms[: len(some)], CPU)
        assert (predict(model, made, CPU).argmax(1) == goal).mean() > 0.95
        size = np.linalg.norm((made.astype(float) - some).reshape(len(some), -1), axis=1)
        assert size.max() < 400 + 0.5 * np.sqrt(32 * 32 * 3)


def test_no_norm_no_change():
    assert np.array_equal(perturbations.per_image(Brightness(), IMAGES, 0, np.zeros(len(IMAGES)), CPU), IMAGES)


def test_the_universal_perturbation_points_where_the_classifier_looks():
    pattern = perturbations.universal(Brightness(), IMAGES, 1, 300.0, CPU, steps=60)
    assert np.linalg.norm(pattern) == pytest.approx(300, rel=0.01)
    assert pattern[:, :16].mean() > 3 > -3 > pattern[:, 16:].mean()


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
    assert found["best"] == "lucky"
    assert found["on_choosing"]["lucky"] == pytest.approx(1)
    assert found["recovered"]["lucky"]["mean"].n == 3
    assert abs(found["recovered"]["lucky"]["mean"].value) < 0.1
    with pytest.raises(ValueError, match="at least 2 seeds"):
        truth.chosen({"one": true[None]}, true)


@pytest.mark.slow
def test_the_plain_network_learns_and_has_no_8_bit_form():
    from camgan_lib.networks.classifier_training import train_classifier
    from camgan_lib.networks.recipes import ClassifierRecipe

    rng = np.random.default_rng(2)
    labels = np.arange(256) % 2
    images = (
        rng.integers(60, 190, (256, 32, 32, 3)) + 12 * labels[:, None, None, None] * (-1) ** np.arange(32)[:, None]
    ).astype(np.uint8)
    crops = Crops(images, labels, np.arange(256))
    recipe = ClassifierRecipe(3, 32, 2e-3, "cosine", 0.0, True, False, 0)
    model, history = train_classifier(crops, recipe, device=CPU, progress=False, network=judges.PlainNet)
    assert (predict(model, images, CPU).argmax(1) == labels).mean() > 0.95
    assert len(history) == 3
    with pytest.raises(ValueError, match="no 8-bit form"):
        judges.PlainNet(2, True)
