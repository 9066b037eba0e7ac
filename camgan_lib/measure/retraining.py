"""Classifiers trained anew on crops that have lost frequencies: ROAR (Hooker et al. 2019) for bands of frequencies.

A classifier that is shown crops without a band of frequencies may fail for two reasons: what it needs was only there,
or it relied on what was there although the rest would do, and it never saw such crops. The second is told from the
first by classifiers that are trained *and* tested without the band. Their accuracy is a lower bound of the information
that is left.

A crop's spectrum is taken without a window, so a tone between two bins leaks a little into all others. What is removed
is what lies in these bins, and a trace of a strong high tone can stay in low ones.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.base.devices import one_thread
from camgan_lib.data.crops import Crops
from camgan_lib.measure.bands import filtered, ring
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import by_photo, difference
from camgan_lib.networks.classifier_training import train_classifier
from camgan_lib.networks.inference import predict
from camgan_lib.networks.recipes import ClassifierRecipe

CUTOFFS = (1 / 16, 1 / 8, 3 / 16, 1 / 4, 3 / 8, 1 / 2)
"""Radii in cycles/pixel, beyond which ("high") or up to which ("low") frequencies are removed."""

WHOLE = "none"
Right = dict[str, str]
"""Name of what was removed from the test crops (`names`) → which of them were still taken for their own camera.

A bit for each crop, as hexadecimal digits.
"""


def names(cutoffs: Sequence[float] = CUTOFFS) -> list[str]:
    """What is removed from crops: "none", "high 0.0625", "low 0.0625" and so on."""
    return [WHOLE, *(f"{removed} {radius:g}" for radius in cutoffs for removed in ("high", "low"))]


def kept(name: str, n: int = 32) -> np.ndarray:
    """The bins that stay if what `name` says (see `names`) is removed: bool n×n of a shifted spectrum."""
    if name == WHOLE:
        return np.ones((n, n), bool)
    removed, radius = name.split()
    inside = ring(n, 0, float(radius))
    return inside if removed == "high" else ~inside


def without(crops: Crops, name: str) -> Crops:
    """Crops that have lost the frequencies that `name` says."""
    return dataclasses.replace(crops, images=filtered(crops.images, kept(name, crops.images.shape[1])))


def decided(model: nn.Module, test: Crops, tried: Sequence[str], device: torch.device) -> Right:
    """Which test crops a classifier is right on when they have lost each of the things `tried`."""
    found = {}
    for name in tried:
        logits = predict(model, without(test, name).images, device)
        found[name] = np.packbits(logits.argmax(1) == test.labels).tobytes().hex()
    return found


def retrain(
    train: Crops, test: Crops, name: str, tried: Sequence[str], recipe: ClassifierRecipe, device: torch.device
) -> Right:
    """Which test crops a ResNet-20 is right on that was trained on crops without what `name` says (one thread).

    It is tested on crops of the same kind. The one that was trained on whole crops is tested on all kinds, `tried`.
    """
    with one_thread():
        model, _ = train_classifier(without(train, name), recipe, device=device, progress=False)
        return decided(model, test, tried if name == WHOLE else [name], device)


def hits(right: str, count: int) -> np.ndarray:
    """Which of `count` test crops were right, from the digits of a `Right`: bool."""
    return np.unpackbits(np.frombuffer(bytes.fromhex(right), np.uint8), count=count).astype(bool)


def summary(
    trainings: Sequence[dict[str, Any]], classifier: Right, photo: np.ndarray, label: np.ndarray
) -> list[dict[str, Any]]:
    """A row for each thing removed: `removed` ("high", "low"), `radius`, `seeds` (number), and estimates by photo.

    `trainings`: for each network `without` (what it was trained without), `seed` and `right` (see `retrain`).
    `classifier`: the same of the book's own classifier. Accuracies on crops without the frequencies, mean over seeds:
    `retrained` on such crops (the information that is left), `trained` on whole crops by the same recipe,
    `classifier`. Paired differences: `relied`, retrained − trained: lost without need; `needed`, accuracy on whole
    crops − retrained: lost with the frequencies. A thing is left out until a network was trained on whole crops, and
    one without it. Intervals draw photos anew; the networks stay the same.
    """

    def accuracy(rights: list[str]) -> Estimate:
        return by_photo(np.mean([hits(each, len(photo)) for each in rights], 0), photo, label, bounds=(0, 1))

    whole = [each["right"] for each in trainings if each["without"] == WHOLE]
    rows = []
    for name in dict.fromkeys(each["without"] for each in trainings if whole and each["without"] != WHOLE):
        own = [each["right"][name] for each in trainings if each["without"] == name]
        removed, radius = name.split()
        row: dict[str, Any] = {"removed": removed, "radius": float(radius), "seeds": len(own)}
        row |= {"retrained": accuracy(own), "trained": accuracy([each[name] for each in whole])}
        row |= {"classifier": accuracy([classifier[name]]), "whole": accuracy([each[WHOLE] for each in whole])}
        row |= {"relied": difference(row["retrained"], row["trained"])}
        row |= {"needed": difference(row["whole"], row["retrained"])}
        rows.append(row)
    return sorted(rows, key=lambda row: (row["removed"], row["radius"]))


def sentence(row: dict[str, Any]) -> str:
    """What a row of `summary` says about information and reliance.

    What is lost with the information is an upper bound: another training may find more in the same crops. Where the
    network of whole crops does find more, it is said.
    """
    side = "above" if row["removed"] == "high" else "up to"
    what = f"frequencies {side} {row['radius']:g} cycles/pixel"
    relied, needed = row["relied"], row["needed"]
    text = (
        f"Trained on crops without {what}, a network is right on {row['retrained']:.0%}; trained on whole crops by the "
        f"same recipe, on {row['trained']:.0%} of the same crops and on {row['whole']:.0%} of whole ones. "
    )
    if relied.low > 0:
        gone = (
            f", and at most {needed:.0%} with the information"
            if needed.low > 0
            else "; that some is lost, too, is not shown"
        )
        return f"{text}So {relied:.0%} were lost although the information is there{gone}."
    if needed.low > 0:
        text += f"So at most {needed:.0%} were lost with the information; a loss beyond that is not shown."
    else:
        text += "Neither a loss with the information nor one beyond it is shown."
    if relied.high < 0:
        text += (
            " The network that was trained on whole crops does better on them, so that what is left is at least what "
            "it finds."
        )
    return text
