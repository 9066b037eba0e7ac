"""Intervals, differences, equivalence and corrections for many tests: all statistics that the book uses.

What is drawn anew is named: photos (crops of one photo are alike), scenes, images, networks, seeds. If photos come from
several cameras, each camera keeps its number of photos (strata). Intervals are 95 %; `trials/interval_coverage.py`
simulates studies of the book's sizes and counts how often intervals hold the truth.

scipy is imported when an interval is asked for, so that commands start quickly.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from camgan_lib.measure import intervals
from camgan_lib.measure.estimates import LEVEL, Estimate
from camgan_lib.measure.intervals import SPREAD, Bounds

SOME, MANY = 6, 1000
"""With fewer units than SOME a bootstrap has too little to draw from, with MANY the mean is as good as normal."""
FEW_APART = 3
"""So few units that differ from all the rest are missed by more than one in twenty bootstrap draws."""


# --- estimates


def by_photo(
    values: np.ndarray,
    photo: np.ndarray,
    camera: np.ndarray | None = None,
    *,
    bounds: Bounds = None,
    unit: str = "photo",
    seed: int = 0,
) -> Estimate:
    """The mean over crops, photos drawn anew within each camera.

    `values`: one number for each crop; `photo`: which photo it is from; `camera`: which camera took it. `bounds`: the
    least and the largest value that a crop can have, (0, 1) for shares. The interval is `of_units`'.
    """
    _, first, index = np.unique(np.asarray(photo), return_index=True, return_inverse=True)
    values = np.asarray(values, float)
    sums, counts = np.bincount(index, values), np.bincount(index)
    mean = float(values.mean())
    units = mean + (sums - mean * counts) / counts.mean()
    strata = np.zeros(len(units), int) if camera is None else np.asarray(camera)[first]
    return of_units(units, strata, unit=unit, bounds=bounds, seed=seed)


def of_units(
    units: np.ndarray, strata: np.ndarray | None = None, *, unit: str, bounds: Bounds = None, seed: int = 0
) -> Estimate:
    """The mean of independent `units`, drawn anew within `strata`.

    The interval is the bootstrap-t (Efron & Tibshirani 1993, ch. 12.5), which allows for skew: each draw's distance to
    the mean is measured in its own standard error. Without `bounds` it is made no narrower than Student's, which covers
    better where values are few and symmetric. With `bounds` it is made no wider than that of as many independent
    yes-or-no units, which vary most; draws that miss the few units away from a bound would stretch it without end.
    From MANY units on it is Student's alone, and so it is of fewer than SOME units, or where a stratum has fewer than
    three: too few to draw their standard error anew. Units that are all alike have the interval of `intervals.alike`.
    """
    units = np.asarray(units, float)
    strata = np.zeros(len(units), int) if strata is None else np.unique(strata, return_inverse=True)[1]
    mean, error, degrees = float(units.mean()), intervals.standard_error(units, strata), len(units) - (strata.max() + 1)
    lists = {"units": tuple(units), "strata": tuple(int(s) for s in strata) if strata.max() else ()}
    about: dict[str, Any] = {"n": len(units), "unit": unit, **lists}
    if degrees < 1 and not (bounds and round(mean, 12) in bounds):
        return Estimate(mean, math.nan, math.nan, method=f"no interval from one {unit}", **about)
    if error < SPREAD:
        low, high, by = intervals.alike(units, bounds)
        return Estimate(mean, low, high, method=f"{by}, {unit}s all alike", **about)
    by = f"{unit}s drawn anew" + (" within cameras" if strata.max() else "")
    half = intervals.student(degrees) * error
    low, high = mean - half, mean + half
    if not bounds and len(units) >= SOME and (counted := intervals.few_apart(units, FEW_APART)):
        return Estimate(mean, *counted, method=f"the few {unit}s that differ, counted (exact binomial)", **about)
    few = len(units) < SOME or np.bincount(strata).min() < 3
    if few or len(units) >= MANY:
        low, high = intervals.within(low, high, bounds)
        return Estimate(mean, low, high, method=f"Student's t, {by}", **about)
    below, above = intervals.bootstrap_t(units, strata, seed)
    drawn_low, drawn_high = mean - above * error, mean - below * error
    if bounds:
        low, high = intervals.within(drawn_low, drawn_high, intervals.widest(mean, len(units), bounds))
        return Estimate(mean, low, high, method=f"bootstrap-t, {by}", **about)
    low, high = min(low, drawn_low), max(high, drawn_high)
    return Estimate(mean, low, high, method=f"wider of bootstrap-t and Student's t, {by}", **about)


def over(values: Sequence[float] | np.ndarray, unit: str, among: int = 1) -> Estimate:
    """The mean of a few independent values (of seeds, of networks), with Student's interval.

    It is one of `among` intervals that hold all at once with confidence 0.95: each has 1 − 0.05 / `among` (Bonferroni).
    """
    units, level = np.asarray(values, float), 1 - (1 - LEVEL) / among
    mean, error = float(units.mean()), intervals.standard_error(units, np.zeros(len(units), int))
    if len(units) < 2:
        low, high, method = math.nan, math.nan, f"no interval from one {unit}"
    elif error < SPREAD:
        low, high, by = intervals.alike(units, None, level)
        method = f"{by} over {unit}s, all alike"
    else:
        half = intervals.student(len(units) - 1, level) * error
        low, high, method = mean - half, mean + half, f"Student's t over {unit}s"
    method += f", {among} intervals that hold at once" if among > 1 else ""
    kept = tuple(float(each) for each in units)
    return Estimate(mean, low, high, len(units), unit, method, units=kept, level=level)


def of_count(hits: int, n: int, unit: str) -> Estimate:
    """The share of `hits` among n independent units, with the exact interval of Clopper and Pearson (1934)."""
    low, high = intervals.exact(hits, n)
    return Estimate(hits / n, low, high, n, unit, f"exact binomial over {unit}s")


def of_images(
    hit: np.ndarray,
    among: np.ndarray | None = None,
    scene: np.ndarray | None = None,
    *,
    unit: str = "scene",
    seed: int = 0,
) -> Estimate:
    """The mean over cameras of a share of images, scenes drawn anew.

    `hit`: bool N×K, what was found for each image and camera; `among`: bool N×K, the images that count for a camera
    (all, if it is not given); `scene`: for each image the scene that it is cut from (else each image is drawn by
    itself), or what else several images share, called `unit`. All cameras have the same images, so that an image is
    drawn for all of them at once. A camera for which no image counts is left out. Raises ValueError if none is left.
    """
    hit = np.asarray(hit, float).reshape(len(hit), -1)
    among = np.ones_like(hit) if among is None else np.asarray(among, float).reshape(hit.shape)
    counts = among.sum(0)
    if not (counts > 0).any():
        raise ValueError("a share of images needs at least one image that counts, there is none")
    used = counts > 0
    shares = (hit * among)[:, used].sum(0) / counts[used]
    influence = (among[:, used] * (hit[:, used] - shares) / counts[used]).mean(1)
    index = np.arange(len(hit)) if scene is None else np.unique(scene, return_inverse=True)[1]
    sums = np.bincount(index, influence)
    units = shares.mean() + len(sums) * sums
    if np.ptp(units) < 1e-12:
        units = np.full(len(sums), shares.mean())
    return of_units(units, unit="image" if scene is None else unit, bounds=(0.0, 1.0), seed=seed)


def against_networks(own: Estimate, networks: Sequence[float] | np.ndarray, unit: str = "network") -> Estimate:
    """How far a trained network's number lies from those of untrained networks, which are the sample.

    The value is `own` minus the networks' mean. The interval is the one in which the difference to *one more* untrained
    network would lie (prediction interval), own's uncertainty included: zero lies in it if `own` could be another
    untrained network's number.
    """
    values = np.asarray(networks, float)
    spread = values.std(ddof=1) * math.sqrt(1 + 1 / len(values))
    error = _error_of(own) if own.known else 0.0
    half = intervals.student(len(values) - 1) * math.hypot(spread, error)
    value = own.value - float(values.mean())
    method = f"prediction interval over {len(values)} untrained {unit}s"
    return Estimate(value, value - half, value + half, n=len(values), unit=unit, method=method)


def difference(a: Estimate, b: Estimate, *, seed: int = 0) -> Estimate:
    """a − b. Paired by unit if both have the same units (as those of one set of photos), else as of two studies.

    Where both are among intervals that hold at once, so is the difference. Of two studies the interval is MOVER's (Zou
    & Donner 2008), which keeps each estimate's own skew; n and unit are the smaller study's.
    """
    if paired(a, b):
        units = np.subtract(a.units, b.units)
        if " over " in a.method:
            return over(units, a.unit, min(_among(a), _among(b)))
        shares = np.ptp(units) < SPREAD and all(0 <= end <= 1 for each in (a, b) for end in (each.low, each.high))
        strata = np.array(a.strata) if a.strata else None
        return of_units(units, strata, unit=a.unit, bounds=(-1.0, 1.0) if shares else None, seed=seed)
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    high = value + math.hypot(a.high - a.value, b.value - b.low)
    smaller, method = min(a, b, key=lambda each: each.n), "two studies, MOVER"
    return Estimate(value, low, high, smaller.n, smaller.unit, method, level=min(a.level, b.level))


def paired(a: Estimate, b: Estimate) -> bool:
    """Whether two estimates are of the same units, so that they are compared in pairs."""
    return 1 < len(a.units) == len(b.units) and a.unit == b.unit and a.strata == b.strata


# --- tests


def p_above(estimate: Estimate, null: float) -> float:
    """One-sided p value of "the truth is at most `null`". It is 0.025 where the interval begins at `null`."""
    return _p(estimate.value - null, estimate.value - estimate.low, estimate)


def p_below(estimate: Estimate, null: float) -> float:
    """One-sided p value of "the truth is at least `null`". It is 0.025 where the interval ends at `null`."""
    return _p(null - estimate.value, estimate.high - estimate.value, estimate)


def p_within(estimate: Estimate, margin: float) -> float:
    """p value of "the truth is not within ±`margin`": two one-sided tests (Schuirmann 1987), each doubled.

    So it is below 0.05 only where the whole 95 % interval lies within the margin, not only a 90 % one.
    """
    return min(1.0, 2 * max(p_above(estimate, -margin), p_below(estimate, margin)))


def p_differs(estimate: Estimate, null: float = 0.0) -> float:
    """Two-sided p value of "the truth is `null`"."""
    return min(1.0, 2 * min(p_above(estimate, null), p_below(estimate, null)))


def p_share(hits: int, n: int, chance: float) -> float:
    """One-sided p value of `hits` among n independent units or more, each by `chance` (exact binomial)."""
    from scipy.stats import binom

    return float(binom.sf(hits - 1, n, chance))


def p_rank(value: float, sample: Sequence[float] | np.ndarray) -> float:
    """Exact one-sided p value of a value as large among as many draws under the null hypothesis as `sample` has."""
    return float((1 + np.sum(np.asarray(sample) >= value)) / (1 + len(sample)))


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """p values corrected for their number by Holm (1979): name → corrected p."""
    worst, found = 0.0, {}
    for rank, name in enumerate(sorted(p, key=lambda each: p[each])):
        worst = max(worst, min(1.0, (len(p) - rank) * p[name]))
        found[name] = worst
    return {name: found[name] for name in p}


# --- inside


def _degrees(estimate: Estimate) -> int:
    return max(1, estimate.n - (len(set(estimate.strata)) or 1))


def _among(estimate: Estimate) -> int:
    """How many intervals hold at once with this one."""
    return round((1 - LEVEL) / (1 - estimate.level))


def _error_of(estimate: Estimate) -> float:
    return (estimate.high - estimate.low) / 2 / intervals.student(_degrees(estimate), estimate.level)


def _p(distance: float, reach: float, estimate: Estimate) -> float:
    """p value of a distance that an interval's side of length `reach` belongs to, corrected as the interval is.

    An interval without reach comes from units that are all alike: its p is the sign test's (see `intervals.alike`), or
    1 where there is no distance either.
    """
    from scipy.stats import t

    if math.isnan(reach) or (reach <= 0 and distance <= 0):
        return 1.0
    degrees = _degrees(estimate)
    one = t.sf(distance / reach * intervals.student(degrees, estimate.level), degrees) if reach > 0 else 0.5**estimate.n
    return min(1.0, _among(estimate) * float(one))
