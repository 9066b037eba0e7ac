"""The trial of sets that learned to copy: first weights all differ, a set's AUC is measured, sets are the sample."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from camgan_lib.base.settings import Settings
from camgan_lib.networks.gan_training import first_seeds

SPEC = importlib.util.spec_from_file_location(
    "identity_sets", Path(__file__).parents[2] / "trials" / "identity_sets.py"
)
trial = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(trial)


def test_no_two_generators_begin_alike_and_only_the_loss_or_the_steps_differ():
    cells = trial.grid(20, 320, "cpu").cells
    recipes = {(cell.place["kind"], cell.place["seed"]): cell.parameters["style_gan"] for cell in cells}
    assert len(recipes) == 60
    begun = [first_seeds(recipe["seed"], camera)[0] for recipe in recipes.values() for camera in range(4)]
    assert len(set(begun)) == 240
    assert all(kind == "untrained" or recipe["gan_steps"] == 320 for (kind, _), recipe in recipes.items())
    cameras, copying = recipes["cameras", 2000], recipes["identity", 1000]
    changed = {name for name in cameras if cameras[name] != copying[name]}
    assert changed == {"seed", "adversarial_weight", "auxiliary_weight", "tv_weight"}


def test_sets_are_the_sample_and_are_not_paired():
    rng, rows = np.random.default_rng(0), []
    for kind, mean in {"identity": 0.6, "cameras": 0.9, "untrained": 0.95}.items():
        rows += [{"kind": kind, "seed": k, "auc": a, "l1": 0.1} for k, a in enumerate(rng.normal(mean, 0.01, 20))]
    found = trial.results(rows)
    assert found["kinds"]["identity"]["auc"].unit == "set"
    assert found["kinds"]["identity"]["auc"].n == 20
    apart = found["differences"]["identity"]
    assert apart.low < 0.3 < apart.high
    assert found["differences"]["untrained"].high < 0
    order = [*range(19, -1, -1), *range(20, 60)]
    again = trial.results([rows[k] for k in order])["differences"]["identity"]
    assert (again.low, again.high) == pytest.approx((apart.low, apart.high)), "the order of sets is nothing"
    one_more = found["one_more"]["identity"]
    assert one_more.value == pytest.approx(apart.value)
    assert one_more.high - one_more.low > 2 * (apart.high - apart.low)


@pytest.mark.trains
def test_a_run_that_was_stopped_trains_nothing_again(tmp_path, monkeypatch):
    sweep, settings = trial.grid(2, 1, "cpu", "smoke"), Settings.of(tmp_path)
    rows = trial.measured(sweep, settings, 1)
    assert [row["kind"] for row in rows] == ["identity"] * 2 + ["cameras"] * 2 + ["untrained"] * 2
    assert all(0 <= row["auc"] <= 1 and row["l1"] > 0 for row in rows)
    networks = [each for row in rows for each in row["networks"]]
    assert len(set(networks)) == len(networks)
    monkeypatch.setattr("camgan_lib.networks.jobs.TRAIN", {})
    assert trial.measured(sweep, settings, 1) == rows
