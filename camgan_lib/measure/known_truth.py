"""Scores explanations by how well they find the frequencies in which two simulated cameras are known to differ.

The cameras of a pair differ in one stage of their pipeline (`data.stages`), so the difference between their spectra is
known, whatever a network does. A classifier that tells them apart must use some of it. It need not use all of it, so a
low score may be the network's doing; but methods that explain the same network can be compared.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch
from scipy.stats import rankdata
from torch import nn

from camgan_lib.data.cameras import CameraModel
from camgan_lib.data.crops import Crops
from camgan_lib.measure import attribution, spectrum, statistics, truth
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.faithfulness import pairs

SIZE = 128
TRUTHS = ("mean spectrum", "spectrum of the variance")

BLIND = ("highest first", "strongest first", "random", "all alike")
"""Weights that no network had a part in: frequency itself, the crop's own power, noise, none."""

UNTRAINED = ", untrained"
"""Ends the name of a method applied to a network that has learned nothing."""

OTHERS = "networks of other stages"
"""The control that shares all with a network but what it has learned to tell apart."""


# --- the truth


def of_spectrum(pair: Sequence[CameraModel], scenes: int, seed: int = 0) -> np.ndarray:
    """How far the mean levels of two cameras differ at each pair of frequencies, in dB: pairs.

    Root mean square over channels; 0 for the zero frequency. Both cameras take the same scenes (`truth.true_spectra`).
    """
    return _apart(truth.true_spectra(pair, scenes, seed))


def of_variance(pair: Sequence[CameraModel], scenes: int, seed: int = 0) -> np.ndarray:
    """As `of_spectrum`, of the crops' maps of local deviation (`spectrum.log_variance`).

    It shows what is periodic in variance, as a mosaic's traces are. No linear function of a crop's pixels does.
    """

    def level(crops: np.ndarray) -> np.ndarray:
        return spectrum.decibel(spectrum.power(spectrum.log_variance(crops))).mean(0)

    return _apart(truth.levels_of_crops(pair, scenes, level, [seed, 84], [seed, 85]))


def _apart(levels: np.ndarray) -> np.ndarray:
    """Root mean square over channels of the difference of two shifted spectra 2×n×n×C, in dB, by pairs."""
    apart = np.fft.ifftshift(((levels[0] - levels[1]) ** 2).mean(-1))
    number = pairs(len(apart)).ravel()
    found = np.sqrt(np.bincount(number, apart.ravel()) / np.bincount(number))
    found[0] = 0
    return found


# --- the score


def score(weights: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """How well weights N×pairs find the true difference `apart` (pairs, dB): N values, at most 1.

    In the order of the weights, what share of the squared difference do the first k pairs hold? The area under that
    curve over k is set to 0 for random order and to 1 for the order of the difference itself. Pairs of equal weight
    count as in random order. Below zero: the weights lie where the cameras do not differ. The zero frequency is out.
    """
    squared = apart[None, 1:] ** 2
    best = _area(squared, squared)
    return (_area(np.asarray(weights, float)[:, 1:], squared) - 0.5) / (best - 0.5)


def _area(weights: np.ndarray, squared: np.ndarray) -> np.ndarray:
    rank = rankdata(-weights, axis=1)
    return (squared / squared.sum() * (1 - (rank - 0.5) / weights.shape[1])).sum(1)


def by_crop(
    model: nn.Module,
    untrained: nn.Module,
    crops: Crops,
    truths: Mapping[str, Mapping[str, np.ndarray]],
    stage: str,
    device: torch.device,
    *,
    methods: Mapping[str, attribution.Method] = attribution.METHODS,
    seed: int = 0,
) -> dict[str, Any]:
    """Scores of the explanations of one network of a stage, by its own truth and by those of the other stages.

    `truths`: truth → stage → the pair's difference by pairs of frequencies. Returns `scores`, truth → method or control
    → one score per crop by the own stage's truth; and `across`, truth → method → stage → mean score by its truth.
    Controls are the same methods on `untrained`, a network that has learned nothing, under their names and UNTRAINED,
    and BLIND.
    """
    images, count = crops.images, len(crops.images)
    found = {name: find(model, images, crops.labels, device) for name, find in methods.items()}
    found |= {name + UNTRAINED: find(untrained, images, crops.labels, device) for name, find in methods.items()}
    size = int(pairs(images.shape[1]).max()) + 1
    power = np.fft.ifftshift(spectrum.power(images.astype(float)).sum(-1), axes=(1, 2))
    blind = (
        np.tile(radius(images.shape[1]), (count, 1)),
        attribution.by_pairs(power),
        np.random.default_rng(seed).random((count, size)),
        np.ones((count, size)),
    )
    found |= dict(zip(BLIND, blind, strict=True))
    return {
        "scores": {
            name: {method: score(weights, apart[stage]).tolist() for method, weights in found.items()}
            for name, apart in truths.items()
        },
        "across": {
            name: {
                method: {other: float(score(found[method], each).mean()) for other, each in apart.items()}
                for method in methods
            }
            for name, apart in truths.items()
        },
    }


def radius(n: int) -> np.ndarray:
    """Distance of each pair of frequencies from zero, in cycles/pixel."""
    index = np.fft.fftfreq(n)
    number = pairs(n).ravel()
    return np.bincount(number, np.hypot(*np.meshgrid(index, index)).ravel()) / np.bincount(number)


# --- what follows


def accuracy(networks: Sequence[dict[str, Any]], crops: Crops) -> Estimate:
    """How often the networks of one stage are right on test crops, photos drawn anew; their `right` are averaged."""
    right = np.mean([each["right"] for each in networks], 0)
    return statistics.by_photo(right, crops.photo, crops.labels, bounds=(0.0, 1.0))


def judged(right: Estimate) -> bool:
    """Whether a stage's networks, of this `accuracy`, know anything: they beat chance (½) at 2.5 %, one-sided."""
    return statistics.p_above(right, 0.5) <= 0.025


def rows(stage: str, networks: Sequence[dict[str, Any]], crops: Crops) -> list[dict[str, Any]]:
    """A row per truth and method or control of one stage: `stage`, `truth`, `method`, `score`.

    `networks`: for each network its `scores` (`by_crop`) of the same test crops. A crop's scores are averaged over
    networks, and photos are drawn anew.
    """
    found = []
    for name, methods in networks[0]["scores"].items():
        for method in methods:
            values = np.mean([each["scores"][name][method] for each in networks], 0)
            estimate = statistics.by_photo(values, crops.photo, crops.labels)
            found.append({"stage": stage, "truth": name, "method": method, "score": estimate})
    return found


def ranking(networks: Mapping[str, Sequence[dict[str, Any]]], name: str) -> dict[str, Any]:
    """Which method finds the truth `name` best over all stages: `methods`, `comparisons`.

    `networks`: stage → its networks (as `rows` takes them), as many of each stage. The unit is the network, drawn anew
    within its stage; the stages are these and no others. `methods`: rows `method`, `score`, the best first, controls
    among them. `comparisons`, in pairs by network: each two methods, and each method with itself on an untrained
    network, with itself on OTHERS (the other stages' networks of the same number, by the truth of this stage), and with
    the BLIND controls: `a`, `b`, `difference` (a − b), and `p`, corrected for all of them (Holm).
    """
    stage = np.repeat(np.arange(len(networks)), [len(each) for each in networks.values()])
    scores = {}
    for method in next(iter(networks.values()))[0]["scores"][name]:
        units = np.array([np.mean(one["scores"][name][method]) for each in networks.values() for one in each])
        scores[method] = statistics.of_units(units, stage, unit="network")
    order = sorted(scores, key=lambda method: -scores[method].value)
    methods = [method for method in order if method + UNTRAINED in scores]
    blind = [method for method in order if method in BLIND and method != "all alike"]
    compared = list(combinations(methods, 2))
    compared += [(method, control) for method in methods for control in (method + UNTRAINED, *blind)]
    differences = {(a, b): statistics.difference(scores[a], scores[b]) for a, b in compared}
    if len(networks) > 1:
        differences |= {(method, OTHERS): _over_others(networks, name, method, stage) for method in methods}
    corrected = statistics.holm({f"{a}|{b}": statistics.p_differs(each) for (a, b), each in differences.items()})
    return {
        "methods": [{"method": method, "score": scores[method]} for method in order],
        "comparisons": [
            {"a": a, "b": b, "difference": each, "p": corrected[f"{a}|{b}"]} for (a, b), each in differences.items()
        ],
    }


def _over_others(
    networks: Mapping[str, Sequence[dict[str, Any]]], name: str, method: str, stage: np.ndarray
) -> Estimate:
    """By how much a method scores more on networks of the stage whose truth it is than on those of the other stages."""
    units = []
    for own, of_own in networks.items():
        for number, one in enumerate(of_own):
            rest = [each[number]["across"][name][method][own] for other, each in networks.items() if other != own]
            units.append(np.mean(one["scores"][name][method]) - np.mean(rest))
    return statistics.of_units(np.array(units), stage, unit="network")
