"""Retrained classifiers: what is removed, who was right, and what was lost by reliance or with the information."""

import numpy as np
import pytest
import torch

from camgan_lib.data.crops import Crops
from camgan_lib.measure import bands, retraining
from camgan_lib.networks.recipes import ClassifierRecipe

PHOTO, LABEL = np.repeat(np.arange(20), 10), np.repeat(np.arange(20) % 2, 10)


def right(share: float, seed: int = 0) -> str:
    return np.packbits(np.random.default_rng(seed).random(len(PHOTO)) < share).tobytes().hex()


def training(without: str, seed: int, **shares: float) -> dict:
    return {"without": without, "seed": seed, "right": {n.replace("_", " "): right(s, seed) for n, s in shares.items()}}


def test_what_is_removed_is_named_once_and_parts_the_spectrum():
    assert retraining.names((0.25, 0.5)) == ["none", "high 0.25", "low 0.25", "high 0.5", "low 0.5"]
    assert retraining.kept("none").all()
    assert np.array_equal(retraining.kept("high 0.1875"), bands.ring(32, 0, 3 / 16))
    assert np.array_equal(retraining.kept("high 0.25"), ~retraining.kept("low 0.25"))


def test_reliance_and_information_are_told_apart():
    name = {"without": "high 0.25"}
    left = [
        {"without": "none", "seed": s, "right": {"none": right(0.9, s), name["without"]: right(0.2, s)}} for s in (0, 1)
    ]
    left += [{**name, "seed": s, "right": {name["without"]: right(0.6, s)}} for s in (0, 1)]
    (row,) = retraining.summary(left, {"high 0.25": right(0.3)}, PHOTO, LABEL)
    assert (row["removed"], row["radius"], row["seeds"]) == ("high", 0.25, 2)
    hits = [retraining.hits(right(0.6, s), len(PHOTO)) for s in (0, 1)]
    assert row["retrained"].value == pytest.approx(np.mean(hits))
    assert row["relied"].value == pytest.approx(row["retrained"].value - row["trained"].value)
    assert row["needed"].value == pytest.approx(row["whole"].value - row["retrained"].value)
    assert row["relied"].low > 0.2
    assert row["relied"].unit == "photo"
    assert "were lost although the information is there, and at most" in retraining.sentence(row)
    same = {**row, "needed": retraining.difference(row["whole"], row["whole"])}
    assert "that some is lost, too, is not shown" in retraining.sentence(same)
    unneeded = {**row, "relied": same["needed"]}
    assert "So at most " in retraining.sentence(unneeded)
    assert "what is left is at least" not in retraining.sentence(unneeded)
    worse = {**row, "relied": retraining.difference(row["trained"], row["retrained"])}
    assert retraining.sentence(worse).endswith("so that what is left is at least what it finds.")
    none = {**same, "relied": same["needed"]}
    assert retraining.sentence(none).endswith("Neither a loss with the information nor one beyond it is shown.")


def test_rows_wait_for_a_network_that_was_trained_on_whole_crops():
    later = [{"without": "low 0.25", "seed": 0, "right": {"low 0.25": right(0.5)}}]
    assert retraining.summary(later, {}, PHOTO, LABEL) == []


def test_a_network_is_tested_on_what_it_was_trained_on_and_one_of_whole_crops_on_all():
    rng = np.random.default_rng(0)
    labels = np.arange(32) % 2
    images = rng.integers(60, 190, (32, 32, 32, 3)).astype(np.uint8)
    crops, names = Crops(images, labels, np.arange(32)), retraining.names((0.25,))
    recipe = ClassifierRecipe(1, 16, 2e-3, "cosine", 0.0, True, False, 0)
    found = retraining.retrain(crops, crops, "high 0.25", names, recipe, torch.device("cpu"))
    assert list(found) == ["high 0.25"]
    assert retraining.hits(found["high 0.25"], 32).shape == (32,)
    assert list(retraining.retrain(crops, crops, "none", names, recipe, torch.device("cpu"))) == names
