"""Intervals, differences, equivalence and corrections for many tests: all statistics that the book uses.

What is drawn anew is named: photos (crops of one photo are alike), scenes, images, networks, seeds. If photos come from
several cameras, each camera keeps its number of photos (strata). Intervals are 95 %; `tests/measure/test_coverage.py`
simulates studies of the book's sizes and counts how often intervals hold the truth.

scipy is imported when an interval is asked for, so that commands start quickly.
"""

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from camgan_lib.measure.estimates import LEVEL, Estimate

DRAWS = 2000
SOME, MANY = 6, 1000
"""With fewer units than SOME a bootstrap has too little to draw from, with MANY the mean is as good as normal."""

Bounds = tuple[float, float] | None


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
    three: too few to draw their standard error anew. If all units lie on one of the `bounds`, the interval is the exact
    binomial one.
    """
    units = np.asarray(units, float)
    strata = np.zeros(len(units), int) if strata is None else np.unique(strata, return_inverse=True)[1]
    mean, error, degrees = float(units.mean()), _standard_error(units, strata), len(units) - (strata.max() + 1)
    lists = {"units": tuple(units), "strata": tuple(int(s) for s in strata) if strata.max() else ()}
    about: dict[str, Any] = {"n": len(units), "unit": unit, **lists}
    if bounds and np.ptp(units) < 1e-12 and min(abs(mean - end) for end in bounds) < 1e-12:
        low, high = _widest(mean, len(units), bounds)
        return Estimate(mean, low, high, method=f"exact binomial, {unit}s all alike", **about)
    if degrees < 1:
        return Estimate(mean, math.nan, math.nan, method=f"no interval from one {unit}", **about)
    by = f"{unit}s drawn anew" + (" within cameras" if strata.max() else "")
    half = _student(degrees) * error
    low, high = mean - half, mean + half
    few = len(units) < SOME or np.bincount(strata).min() < 3
    if error == 0 or few or len(units) >= MANY:
        low, high = _within(low, high, bounds)
        return Estimate(mean, low, high, method=f"Student's t, {by}", **about)
    below, above = _bootstrap_t(units, strata, seed)
    drawn_low, drawn_high = mean - above * error, mean - below * error
    if bounds:
        low, high = _within(drawn_low, drawn_high, _widest(mean, len(units), bounds))
        return Estimate(mean, low, high, method=f"bootstrap-t, {by}", **about)
    low, high = min(low, drawn_low), max(high, drawn_high)
    return Estimate(mean, low, high, method=f"wider of bootstrap-t and Student's t, {by}", **about)


def over(values: Sequence[float] | np.ndarray, unit: str) -> Estimate:
    """The mean of a few independent values (of seeds, of networks), with Student's interval."""
    units = np.asarray(values, float)
    mean = float(units.mean())
    about: dict[str, Any] = {"n": len(units), "unit": unit, "units": tuple(units)}
    if len(units) < 2:
        return Estimate(mean, math.nan, math.nan, method=f"no interval from one {unit}", **about)
    half = _student(len(units) - 1) * _standard_error(units, np.zeros(len(units), int))
    return Estimate(mean, mean - half, mean + half, method=f"Student's t over {unit}s", **about)


def of_count(hits: int, n: int, unit: str) -> Estimate:
    """The share of `hits` among n independent units, with the exact interval of Clopper and Pearson (1934)."""
    low, high = _exact(hits, n)
    return Estimate(hits / n, low, high, n, unit, f"exact binomial over {unit}s")


def of_images(
    hit: np.ndarray, among: np.ndarray | None = None, scene: np.ndarray | None = None, *, seed: int = 0
) -> Estimate:
    """The mean over cameras of a share of images, scenes drawn anew.

    `hit`: bool N×K, what was found for each image and camera; `among`: bool N×K, the images that count for a camera
    (all, if it is not given); `scene`: for each image the scene that it is cut from (else each image is drawn by
    itself). All cameras have the same images, so that an image is drawn for all of them at once. A camera for which no
    image counts is left out. Raises ValueError if none is left.
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
    return of_units(units, unit="image" if scene is None else "scene", bounds=(0.0, 1.0), seed=seed)


def against_networks(own: Estimate, networks: Sequence[float] | np.ndarray, unit: str = "network") -> Estimate:
    """How far a trained network's number lies from those of untrained networks, which are the sample.

    The value is `own` minus the networks' mean. The interval is the one in which the difference to *one more* untrained
    network would lie (prediction interval), own's uncertainty included: zero lies in it if `own` could be another
    untrained network's number.
    """
    values = np.asarray(networks, float)
    spread = values.std(ddof=1) * math.sqrt(1 + 1 / len(values))
    error = _error_of(own) if own.known else 0.0
    half = _student(len(values) - 1) * math.hypot(spread, error)
    value = own.value - float(values.mean())
    method = f"prediction interval over {len(values)} untrained {unit}s"
    return Estimate(value, value - half, value + half, n=len(values), unit=unit, method=method)


def difference(a: Estimate, b: Estimate, *, seed: int = 0) -> Estimate:
    """a − b. Paired by unit if both have the same units (as those of one set of photos), else as of two studies.

    If two shares are the same in every unit, the interval is what so many units without an exception leave open. Of two
    studies the interval is MOVER's (Zou & Donner 2008), which keeps each estimate's own skew.
    """
    if paired(a, b):
        units = np.subtract(a.units, b.units)
        if a.method.startswith("Student's t over"):
            return over(units, a.unit)
        shares = all(0 <= end <= 1 for each in (a, b) for end in (each.low, each.high))
        if shares and np.abs(units).max() < 1e-12:
            reach, method = 1 - ((1 - LEVEL) / 2) ** (1 / len(units)), f"exact binomial, {a.unit}s all alike"
            return Estimate(0.0, -reach, reach, len(units), a.unit, method, tuple(units), a.strata)
        return of_units(units, np.array(a.strata) if a.strata else None, unit=a.unit, seed=seed)
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    high = value + math.hypot(a.high - a.value, b.value - b.low)
    return Estimate(value, low, high, n=min(a.n, b.n), unit=a.unit, method="two studies, MOVER")


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


def _standard_error(units: np.ndarray, strata: np.ndarray) -> float:
    """Standard error of the mean of units that were drawn within strata. A stratum of one unit counts as the rest."""
    counts = np.bincount(strata)
    means = np.bincount(strata, units) / counts
    squares = np.bincount(strata, (units - means[strata]) ** 2)
    alone = counts < 2
    pooled = squares[~alone].sum() / max(1, (counts[~alone] - 1).sum()) if (~alone).any() else 0.0
    variances = np.where(alone, pooled, squares / np.maximum(counts - 1, 1))
    return float(np.sqrt((counts * variances).sum())) / len(units)


def _bootstrap_t(units: np.ndarray, strata: np.ndarray, seed: int) -> tuple[float, float]:
    """The 2.5 and 97.5 percentiles of (drawn mean − mean) / drawn standard error."""
    rng, n = np.random.default_rng(seed), len(units)
    shift, squared = np.zeros(DRAWS), np.zeros(DRAWS)
    for stratum in range(strata.max() + 1):
        own = units[strata == stratum]
        if len(own) < 2:
            continue
        drawn = own[rng.integers(0, len(own), (DRAWS, len(own)))]
        shift += len(own) * (drawn.mean(1) - own.mean())
        squared += len(own) * drawn.var(1, ddof=1)
    least = 1e-3 * _standard_error(units, strata)
    ratio = shift / n / np.maximum(np.sqrt(squared) / n, least)
    below, above = np.quantile(ratio, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(below), float(above)


def _within(low: float, high: float, bounds: Bounds) -> tuple[float, float]:
    return (max(low, bounds[0]), min(high, bounds[1])) if bounds else (low, high)


def _widest(mean: float, n: int, bounds: tuple[float, float]) -> tuple[float, float]:
    """The exact binomial interval of a mean of n yes-or-no units, scaled to `bounds`."""
    reach = bounds[1] - bounds[0]
    low, high = _exact(min(max((mean - bounds[0]) / reach, 0.0), 1.0) * n, n)
    return bounds[0] + low * reach, bounds[0] + high * reach


def _exact(hits: float, n: int) -> tuple[float, float]:
    from scipy.stats import beta

    tail = (1 - LEVEL) / 2
    low = beta.ppf(tail, hits, n - hits + 1) if hits > 1e-9 else 0.0
    return float(low), float(beta.ppf(1 - tail, hits + 1, n - hits) if hits < n - 1e-9 else 1.0)


@functools.cache
def _student(degrees: int) -> float:
    from scipy.stats import t

    return float(t.ppf((1 + LEVEL) / 2, degrees))


def _degrees(estimate: Estimate) -> int:
    return max(1, estimate.n - (len(set(estimate.strata)) or 1))


def _error_of(estimate: Estimate) -> float:
    return (estimate.high - estimate.low) / 2 / _student(_degrees(estimate))


def _p(distance: float, reach: float, estimate: Estimate) -> float:
    """p value of a distance that an interval's side of length `reach` belongs to."""
    from scipy.stats import t

    if math.isnan(reach):
        return 1.0
    if reach <= 0:
        return 0.0 if distance > 0 else 1.0
    degrees = _degrees(estimate)
    return float(t.sf(distance / reach * _student(degrees), degrees))
