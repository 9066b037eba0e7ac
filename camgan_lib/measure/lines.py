"""Lines in spectra: how far bins stand above their surroundings, and whether they have one phase in all images.

Bins and their classes are those of `spectrum.classes_of_bins`. Line strength is taken from the mean power over images.
"""

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from camgan_lib.measure import spectrum, statistics
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.spectrum import CLASSES, classes_of_bins

ALPHA = 0.05
"""Chance that at least one class of a set of images with random phases exceeds its critical coherence."""

Strengths = dict[str, Estimate]
"""Line strengths in dB of a set of images, `{class}_db`."""

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


def of_photos(images: np.ndarray, photo: np.ndarray, *, unit: str = "photo") -> Strengths:
    """Line strengths in dB of images N×n×n (×C, averaged) by class, `{class}_db`, photos drawn anew.

    `unit`: what `photo` numbers; of fewer than four, each image counts as one. The interval is Student's over the
    jackknife's contributions of each photo (see `_contributions`).
    """
    sums, name = _by_photo(images, photo, unit)
    return {f"{c}_db": statistics.over(each, name) for c, each in zip(CLASSES, _contributions(sums).T, strict=True)}


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


def together(found: Mapping[str, Strengths]) -> dict[str, Strengths]:
    """Strengths of several sets of images (`of_photos`), all intervals widened so that they hold at once.

    So the strongest line of all sets and classes may be picked from them, and "no line" may be said of all.
    """
    among = sum(map(len, found.values()))
    return {
        name: {key: statistics.over(each.units, each.unit, among) for key, each in strengths.items()}
        for name, strengths in found.items()
    }


def differences(first: Mapping[str, Strengths], second: Mapping[str, Strengths]) -> dict[str, Strengths]:
    """By how many dB each line of the first sets is stronger than the same line of the second.

    In pairs, photo by photo, where both are of the same photos. If the intervals of both hold at once, so do these.
    """
    return {
        name: {key: statistics.difference(each, second[name][key]) for key, each in strengths.items()}
        for name, strengths in first.items()
    }


def strongest(found: Mapping[str, Strengths]) -> tuple[str, str, Estimate]:
    """The strongest line of several sets: the set, the line (`{class}_db`) and its strength."""
    rows = [(name, key, each) for name, strengths in found.items() for key, each in strengths.items()]
    return max(rows, key=lambda row: row[2].value)
