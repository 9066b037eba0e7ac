"""What chapter 2 says of the trial follows from its parts."""

import numpy as np
import pytest

from camgan_lib.measure.averages import over_networks
from camgan_lib.measure.statistics import by_photo, of_count
from camgan_lib.show.figures import classifier
from camgan_lib.verdicts import identification

PHOTOS, CROPS = 20, 10


def share(value: float, seed: int = 0):
    right = np.random.default_rng(seed).random(PHOTOS * CROPS) < value
    photo = np.arange(PHOTOS).repeat(CROPS)
    return by_photo(right, photo, photo % 2, bounds=(0.0, 1.0))


def trial() -> dict:
    parts = {}
    for name, value in {"forensic": 0.95, "resnet20": 0.8, "spectral": 0.7, "colour": 0.4}.items():
        for seed in (0, 1):
            votes = {crops: share(value, seed) for crops in identification.COUNTS}
            nobody = {"surely_named": of_count(2 + seed, 100, "image")}
            part = {"accuracy": share(value, seed), "votes": votes, "photo_accuracy": of_count(19 + seed, 20, "photo")}
            parts[f"{name} {seed}"] = part | {"nobody": nobody}
    parts["few, forensic 0"] = parts["forensic 0"]
    for number, camera in enumerate("AB"):
        kept = {f"auc {n}": share(0.9 + 0.02 * number, number) for n in identification.COUNTS}
        kept |= {
            f"{what} {n}": share(0.9, number)
            for what in ("found", "found at 5 %", "false alarms")
            for n in identification.COUNTS
        }
        parts[f"without {camera}"] = {"camera": camera, **kept}
    return {"parts": parts}


def test_accuracies_are_means_over_seeds_of_the_same_photos():
    found = identification.mean(trial(), "forensic")
    both = [trial()["parts"][f"forensic {seed}"]["accuracy"] for seed in (0, 1)]
    assert found.value == pytest.approx(np.mean([each.value for each in both]))
    assert len(identification.parts_of(trial(), "forensic")) == 2
    with pytest.raises(ValueError, match="the same photos"):
        over_networks([both[0], of_count(3, 4, "photo")])


def test_the_words_have_ranges_and_leads():
    said = identification.words(trial())
    assert said["trial_seeds"] == 2
    assert said["trial_photos"] == "19 or 20 of 20"
    assert said["trial_nobody"] == "2.0% to 3.0%"
    lead = identification.mean(trial(), "forensic").value - identification.mean(trial(), "resnet20").value
    assert said["trial_over_resnet20"].startswith(f"{100 * lead:.1f} points (")


def test_the_tables_have_a_row_for_each():
    assert [row[0] for row in classifier.identified(trial()).rows] == list(identification.CLASSIFIERS.values())
    assert [row[0] for row in classifier.strangers(trial()).rows] == ["A", "B"]
