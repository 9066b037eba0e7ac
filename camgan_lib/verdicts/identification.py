"""What chapter 2 says of `trials/identification.py`: own photos told apart, and other cameras' found out."""

from typing import Any

from camgan_lib.measure import statistics
from camgan_lib.measure.averages import over_networks
from camgan_lib.measure.estimates import Estimate
from camgan_lib.verdicts.wording import points

Trial = dict[str, Any]
CLASSIFIERS = {
    "forensic": "ForensicNet",
    "resnet20": "ResNet-20",
    "spectral": "linear, on log spectra",
    "colour": "colour alone",
}
COUNTS = ("1", "4", "16", "64")


def parts_of(trial: Trial, name: str) -> list[dict[str, Any]]:
    """The parts of a classifier, one per seed; those with few photos are not among them."""
    return [part for key, part in trial["parts"].items() if key.split()[0] == name]


def strangers(trial: Trial) -> list[dict[str, Any]]:
    """The parts in which a camera is left out."""
    return [part for key, part in trial["parts"].items() if key.startswith("without ")]


def mean(trial: Trial, name: str, crops: str | None = None) -> Estimate:
    """A classifier's accuracy per crop, or by so many crops that vote, over its seeds."""
    return over_networks([part["votes"][crops] if crops else part["accuracy"] for part in parts_of(trial, name)])


def words(trial: Trial) -> dict[str, Any]:
    """What the prose says, by name: accuracies and leads per crop, votes, strangers, pictures of no camera."""
    own, left = parts_of(trial, "forensic"), strangers(trial)
    said: dict[str, Any] = {f"trial_{name}": f"{mean(trial, name):.1%}" for name in CLASSIFIERS}
    said |= {
        f"trial_over_{name}": points(statistics.difference(mean(trial, "forensic"), mean(trial, name)))
        for name in ("resnet20", "spectral", "colour")
    }
    photos = own[0]["photo_accuracy"].n
    right = sorted({round(part["photo_accuracy"].value * photos) for part in own})
    said["trial_photos"] = f"{' or '.join(map(str, right))} of {photos}"
    said["trial_seeds"] = len(own)
    said["trial_auc"] = _range([part["auc 16"].value for part in left], "{:.2f}")
    said["trial_found_at"] = _range([part["found at 5 % 16"].value for part in left], "{:.0%}")
    said["trial_found"] = _range([part["found 16"].value for part in left], "{:.0%}")
    said["trial_alarms"] = _range([part["false alarms 16"].value for part in left], "{:.0%}")
    said["trial_nobody"] = _range([part["nobody"]["surely_named"].value for part in own], "{:.1%}")
    return said


def _range(values: list[float], form: str) -> str:
    return f"{form.format(min(values))} to {form.format(max(values))}"
