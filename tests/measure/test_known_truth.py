"""Scores of explanations by a known truth."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from camgan_lib.data import stages
from camgan_lib.data.crops import Crops
from camgan_lib.measure import attribution, known_truth
from camgan_lib.measure.faithfulness import pairs
from camgan_lib.networks.resnet import ResNet20

COUNT = int(pairs(32).max()) + 1
RNG = np.random.default_rng(0)
APART = np.abs(np.random.default_rng(1).normal(size=COUNT)) ** 3


def test_the_order_of_the_truth_scores_one_and_the_reverse_below_zero():
    assert known_truth.score(APART[None], APART) == pytest.approx([1])
    assert known_truth.score(np.sqrt(APART)[None], APART) == pytest.approx([1])
    assert known_truth.score(-APART[None], APART) == pytest.approx([-1])


def test_random_orders_score_zero_in_the_mean_and_equal_weights_exactly():
    random = known_truth.score(RNG.random((4000, COUNT)), APART)
    assert abs(random.mean()) < 4 * random.std() / np.sqrt(len(random))
    assert known_truth.score(np.ones((1, COUNT)), APART) == pytest.approx([0], abs=1e-12)


def test_the_score_does_not_look_at_the_zero_frequency():
    weights, other = RNG.random((2, COUNT)), APART.copy()
    changed = weights.copy()
    changed[:, 0], other[0] = 1e9, 1e9
    np.testing.assert_allclose(known_truth.score(weights, APART), known_truth.score(changed, other))


def test_the_score_by_hand():
    """Three pairs beside the mean: squares 1, 0, 0. The true order scores 1, second place 0, last place −1."""
    apart = np.array([0.0, 1, 0, 0])
    weights = np.array([[0.0, 3, 2, 1], [0, 2, 3, 1], [0, 1, 3, 2]])
    np.testing.assert_allclose(known_truth.score(weights, apart), [1, 0, -1], atol=1e-12)


def test_noise_shows_in_all_high_frequencies_of_the_mean_spectrum():
    apart = known_truth.of_spectrum(stages.pair("noise"), 2)
    radius = known_truth.radius(32)
    assert apart.shape == (COUNT,)
    assert apart[0] == 0
    assert apart[radius > 0.35].mean() > 2 * apart[(radius > 0) & (radius < 0.1)].mean()


def test_a_mosaic_shows_at_the_nyquist_frequency_of_the_variance():
    apart = known_truth.of_variance(stages.pair("mosaic"), 3)
    assert apart[pairs(32)[16, 16]] > 3 * np.median(apart)


def network(right: float, best: float, seed: int) -> dict:
    rng = np.random.default_rng(seed)
    names = ("good", "fair", "good, untrained", "fair, untrained", "random")
    scores = {name: best - 0.1 * k + 0.01 * rng.normal(size=40) for k, name in enumerate(names)}
    across = {name: {"noise": best - 0.2, "JPEG": best - 0.3} for name in ("good", "fair")}
    return {
        "right": rng.random(40) < right,
        "scores": {"mean spectrum": scores | {"all alike": np.zeros(40)}},
        "across": {"mean spectrum": across},
    }


CROPS = Crops(np.zeros((40, 32, 32, 3), np.uint8), np.repeat([0, 1], 20), np.repeat(np.arange(20), 2))


def test_a_stage_is_judged_only_if_its_classifiers_beat_chance():
    good, bad = (known_truth.accuracy([network(right, 0.8, seed) for seed in range(2)], CROPS) for right in (0.9, 0.5))
    assert good.n == 20
    assert good.unit == "photo"
    assert known_truth.judged(good)
    assert not known_truth.judged(bad)


def test_rows_are_means_over_networks_by_photo():
    found = known_truth.rows("noise", [network(0.9, best, 0) for best in (0.7, 0.9)], CROPS)
    assert [row["method"] for row in found][:2] == ["good", "fair"]
    assert found[-1]["method"] == "all alike"
    assert found[0]["score"].value == pytest.approx(0.8, abs=0.01)
    assert found[0]["score"].n == 20


def test_the_ranking_is_by_network_and_corrected_for_all_comparisons():
    networks = {s: [network(0.9, 0.8, 10 * k + seed) for seed in range(3)] for k, s in enumerate(("noise", "JPEG"))}
    found = known_truth.ranking(networks, "mean spectrum")
    assert [row["method"] for row in found["methods"]][:2] == ["good", "fair"]
    assert found["methods"][0]["score"].unit == "network"
    assert found["methods"][0]["score"].n == 6
    compared = {(row["a"], row["b"]): row for row in found["comparisons"]}
    of_each = {name: (f"{name}, untrained", "random", known_truth.OTHERS) for name in ("good", "fair")}
    controls = {(method, control) for method, controls in of_each.items() for control in controls}
    assert set(compared) == {("good", "fair")} | controls
    assert compared["good", "fair"]["difference"].value == pytest.approx(0.1, abs=0.01)
    assert compared["good", known_truth.OTHERS]["difference"].value == pytest.approx(0.25, abs=0.01)
    assert all(row["p"] < 0.05 for row in compared.values())


def test_a_ranking_of_equals_shows_nothing():
    rng = np.random.default_rng(5)
    names = ("a", "b", "a, untrained", "b, untrained", "random")
    scores = [{"mean spectrum": {m: 0.5 + 0.1 * rng.normal(size=9) for m in names}} for _ in range(6)]
    found = known_truth.ranking({"noise": [{"scores": each} for each in scores]}, "mean spectrum")
    assert all(row["p"] > 0.05 for row in found["comparisons"])


def test_a_network_gets_a_score_for_each_method_and_control():
    crops = Crops(RNG.integers(0, 256, (3, 32, 32, 3), np.uint8), np.array([0, 1, 1]), np.arange(3))
    model, methods = ResNet20(2).eval(), {"gradient": attribution.of_gradient}
    truths = {"a": {"noise": APART, "JPEG": APART[::-1]}}
    found = known_truth.by_crop(model, model, crops, truths, "noise", torch.device("cpu"), methods=methods)
    scores = found["scores"]["a"]
    assert list(scores) == ["gradient", "gradient, untrained", *known_truth.BLIND]
    assert scores["gradient"] == scores["gradient, untrained"]
    assert scores["all alike"] == pytest.approx([0, 0, 0], abs=1e-12)
    across = found["across"]["a"]["gradient"]
    assert across["noise"] == pytest.approx(np.mean(scores["gradient"]))
    assert across["JPEG"] != across["noise"]


def test_no_two_networks_of_the_trial_begin_alike():
    path = Path(__file__).parents[2] / "trials" / "known_truth.py"
    spec = importlib.util.spec_from_file_location("trial", path)
    trial = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(trial)
    seeds = [seed for stage in stages.STAGES for seed in trial.seeds_of(stage, 20)]
    assert len(set(seeds)) == len(seeds) == 20 * len(stages.STAGES)
