"""Lines in spectra: how far bins stand above their surroundings, and whether they have one phase in all images.

Bins and their classes are those of `spectrum.classes_of_bins`. Line strength is taken from the mean power over images.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from camgan_lib.measure import spectrum, statistics
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.spectrum import CLASSES, classes_of_bins

ALPHA = 0.05
"""Chance that at least one class of a set of images with random phases exceeds its critical coherence."""

SURROUNDINGS = {1 / 8: (1, 3), 1 / 4: (3, 5), 3 / 8: (5, 7), 1 / 2: (5, 7)}
"""Frequency of a line → the two frequencies that it is compared with, in sixteenths of a cycle per pixel.

They are the nearest ones half-way between multiples of ⅛, where neither lines nor their leakage through Hann's window
reach.
"""


@functools.cache
def contrasts(n: int = 32) -> np.ndarray:
    """Weights classes×n×n on a shifted spectrum in dB whose sum with it is the line strength of each class.

    A bin is compared with two bins on the same ray from zero (SURROUNDINGS): on an axis with those of that axis, where
    the edges of an image's content lie, too, on a diagonal with those of both diagonals. Through their levels goes a
    power law of sin(πf), level = a + b·log sin(πf). The strength is the bin's level minus this law's at its place.

    A power law of f would not do at ½: a sampled image's frequencies beyond ½ fold back, so its spectrum is even about
    ½, as sin(πf) is. 1/f² folds to π²/sin²(πf) exactly, and `spectrum.high_pass` has the response sin²(πf) on an axis.
    """
    weights, masks = np.zeros((len(CLASSES), n, n)), classes_of_bins(n)
    for c, name in enumerate(CLASSES):
        places = np.argwhere(masks[name]) - n // 2
        for u, v in places:
            far = max(abs(u), abs(v))
            rays = {(u, v), (u, -v)}
            weights[c, u + n // 2, v + n // 2] += 1 / len(places)
            for ray in rays:
                for f, weight in _law(far / n).items():
                    a, b = (round(f * n * each / far) + n // 2 for each in ray)
                    weights[c, a, b] -= weight / len(rays) / len(places)
    return weights


def _law(f: float) -> dict[float, float]:
    """The surroundings of a line at f, in cycles per pixel → the weights of their levels in the law's level at f."""
    near, far = (each / 16 for each in SURROUNDINGS[f])
    start, end, here = np.log(np.sin(np.pi * np.array([near, far, f])))
    share = float((here - start) / (end - start))
    return {near: 1 - share, far: share}


def from_power(power: np.ndarray) -> dict[str, float]:
    """Line strengths in dB of a shifted mean power n×n, by class: `{class}_db`."""
    return {f"{name}_db": float(each) for name, each in zip(CLASSES, _strengths(power), strict=True)}


def _strengths(power: np.ndarray) -> np.ndarray:
    """Line strengths of mean powers …×n×n: …×classes."""
    return np.einsum("...uv,cuv->...c", spectrum.decibel(power), contrasts(power.shape[-1]))


def coherence(images: np.ndarray) -> np.ndarray:
    """C = |mean F|² / mean |F|² over images, per bin (and channel): 1 for one pattern in all, 1/N for random phases."""
    spectra = spectrum.transform(images)
    return np.abs(spectra.mean(0)) ** 2 / np.maximum((np.abs(spectra) ** 2).mean(0), spectrum.FLOOR)


def critical_coherence(count: int, n: int = 32) -> dict[str, float]:
    """What the mean coherence of each class of bins exceeds by chance with probability ALPHA / number of classes.

    For random phases N·C of `count` = N images is distributed as χ² with 2 degrees of freedom, halved (Exp(1)); where
    the transform is real, at (½, 0), (0, ½) and (½, ½), as χ² with 1. Bins at ±f are one, so a class has as many
    degrees of freedom as bins. Channels are taken for one, as if they were the same: if they are not, the mean over
    them exceeds the critical value less often.
    """
    from scipy.stats import chi2

    bins = {name: int(classes_of_bins(n)[name].sum()) for name in CLASSES}
    return {c: min(1.0, float(chi2.isf(ALPHA / len(CLASSES), k)) / k / count) for c, k in bins.items()}


def line_report(images: np.ndarray) -> dict[str, float]:
    """Lines of a set of images or residuals N×n×n×C, channels averaged.

    Per class of bins c: `c_db`, the line strength in dB (see `contrasts`); `c_coherence`, the mean coherence; and
    `c_critical_coherence` (see there). Beside them `rest_coherence` for all other bins, and `null_coherence`, 1/N, the
    mean for random phases.
    """
    coherent, masks = coherence(images).mean(-1), classes_of_bins(images.shape[1])
    critical = critical_coherence(len(images), images.shape[1])
    report = from_power(spectrum.power(images).mean((0, -1)))
    report |= {f"{name}_coherence": float(coherent[masks[name]].mean()) for name in CLASSES}
    report |= {f"{name}_critical_coherence": critical[name] for name in CLASSES}
    return {**report, "rest_coherence": float(coherent[masks["rest"]].mean()), "null_coherence": 1 / len(images)}


def of_photos(images: np.ndarray, photo: np.ndarray, *, unit: str = "photo") -> dict[str, Estimate]:
    """Line strengths in dB of images N×n×n (×C, averaged) by class, `{class}_db`, photos drawn anew.

    `unit`: what `photo` numbers; of fewer than four, each image counts as one. The interval is Student's over the
    jackknife's contributions of each photo (see `_contributions`).
    """
    sums, name = _by_photo(images, photo, unit)
    return {f"{c}_db": simultaneous(each, name) for c, each in zip(CLASSES, _contributions(sums).T, strict=True)}


def over_networks(reports: Sequence[dict[str, float]]) -> dict[str, Estimate | float]:
    """One report of several networks' (`line_report`): strengths over networks, and the means of the other numbers."""
    values = {key: [each[key] for each in reports] for key in reports[0]}
    return {k: statistics.over(v, "network") if k.endswith("_db") else float(np.mean(v)) for k, v in values.items()}


def beyond(rows: Sequence[dict], untrained: Sequence[dict[str, float]]) -> list[dict]:
    """Which lines of trained generators lie outside what untrained generators draw.

    `rows`: of each generator its `name` and its strengths (`of_photos`); `untrained`: the strengths of each untrained
    generator (`from_power`). A row per generator and class of bins: `name`, `bins`, `difference` (see
    `statistics.against_networks`), and `p`, corrected for the number of rows by Holm's method.
    """
    drawn = {c: [each[f"{c}_db"] for each in untrained] for c in CLASSES}
    found = [
        {"name": row["name"], "bins": c, "difference": statistics.against_networks(row[f"{c}_db"], drawn[c])}
        for row in rows
        for c in CLASSES
    ]
    corrected = statistics.holm({str(k): statistics.p_differs(row["difference"]) for k, row in enumerate(found)})
    return [{**row, "p": p} for row, p in zip(found, corrected.values(), strict=True)]


def _by_photo(images: np.ndarray, photo: np.ndarray, unit: str) -> tuple[np.ndarray, str]:
    """Summed power of each photo, photos×n×n, and what a photo is called."""
    index = np.unique(photo, return_inverse=True)[1]
    if index.max() < 3:
        index, unit = np.arange(len(images)), "image"
    power = spectrum.power(images)
    sums = np.zeros((index.max() + 1, *images.shape[1:3]))
    np.add.at(sums, index, power.mean(-1) if power.ndim == 4 else power)
    return sums, unit


def _contributions(sums: np.ndarray) -> np.ndarray:
    """What each of g photos contributes to the line strengths L, photos×classes, from the photos' summed powers.

    L + (g − 1)·(mean over photos of L without one − L without this one), whose mean is L (Efron & Tibshirani 1993,
    ch. 11).
    """
    without = _strengths(sums.sum(0) - sums)
    return _strengths(sums.sum(0)) + (len(sums) - 1) * (without.mean(0) - without)


class Line(NamedTuple):
    """The strongest line of a set of images: its class of bins, and its strength in dB."""

    bins: str
    strength: Estimate


def strongest_line(images: np.ndarray, photo: np.ndarray, *, among: int = 1, unit: str = "photo") -> Line:
    """Which class of bins stands out most in images N×n×n, with an interval by photo that the choice does not spoil.

    The class is chosen on every other photo; strength and interval are those of the remaining photos (see `of_photos`).
    The interval is `simultaneous` for `among` sets of images, so that the strongest of these sets may be picked. Of
    fewer than four photos each image counts as one.
    """
    sums, name = _by_photo(images, photo, unit)
    bins = int(_strengths(sums[::2].sum(0)).argmax())
    return Line(CLASSES[bins], simultaneous(_contributions(sums[1::2])[:, bins], name, among))


def best(found: Mapping[str, Line]) -> Estimate:
    """The strongest of several sets' lines (`strongest_line`): the one whose interval begins highest."""
    return max((line.strength for line in found.values()), key=lambda strength: strength.low)


def difference(first: Mapping[str, Line], second: Mapping[str, Line]) -> dict[str, Estimate]:
    """By how many dB the first line of each set is stronger than the second, photo by photo, all intervals at once."""
    units = {name: np.subtract(first[name].strength.units, second[name].strength.units) for name in first}
    return {name: simultaneous(each, first[name].strength.unit, len(first)) for name, each in units.items()}


def simultaneous(units: Sequence[float] | np.ndarray, unit: str, among: int = 1) -> Estimate:
    """The mean of independent units, with one of `among` intervals that hold all at once with confidence 0.95.

    Each is Student's with confidence 1 − 0.05 / `among` (Bonferroni).
    """
    from scipy.stats import t

    units, level = np.asarray(units, float), 1 - ALPHA / among
    mean, error = float(units.mean()), float(units.std(ddof=1)) / len(units) ** 0.5
    half = float(t.ppf((1 + level) / 2, len(units) - 1)) * error
    method = f"Student's t over {unit}s" + (f", {among} intervals that hold at once" if among > 1 else "")
    kept = tuple(float(each) for each in units)
    return Estimate(mean, mean - half, mean + half, len(units), unit, method, units=kept, level=level)
