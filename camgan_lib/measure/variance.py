"""Variance components of a nested design: how much of a number's spread comes from each level that is drawn anew.

Levels are nested: each set of photos has its own classifiers, each classifier its own generators. The design is
balanced. Components are found from mean squares (Searle, Casella & McCulloch 1992, ch. 3), and their intervals by the
modified large-sample method for differences of mean squares (Ting et al. 1990).
"""

import math
from typing import Any

import numpy as np

from camgan_lib.measure.estimates import LEVEL, Estimate
from camgan_lib.measure.sweep_summary import numbers

METHOD = "nested mean squares, modified large sample"


def nested(values: np.ndarray, names: tuple[str, ...]) -> dict[str, Estimate]:
    """The standard deviation that each level adds: name → Estimate, in the units of `values`.

    `values`: an array with one axis per level, from the outermost to the innermost, each of length 2 or more; `names`:
    the levels' names. A component that comes out negative is 0. The interval of the innermost level never reaches 0, so
    it tests nothing. Raises ValueError for a level of length 1.
    """
    if values.ndim != len(names) or min(values.shape) < 2:
        raise ValueError(f"an axis of length 2 or more was expected for each of {names}, got shape {values.shape}")
    squares, degrees, below = _mean_squares(values)
    found = {}
    for level, name in enumerate(names):
        last = level == len(names) - 1
        inner = (0.0, math.inf) if last else (squares[level + 1], degrees[level + 1])
        variance = _difference(squares[level], degrees[level], *inner)
        value, low, high = (math.sqrt(max(0.0, each) / below[level]) for each in variance)
        found[name] = Estimate(value, low, high, int(np.prod(values.shape[: level + 1])), name, METHOD)
    return found


def _mean_squares(values: np.ndarray) -> tuple[list[float], list[int], list[int]]:
    """Of each level its mean square, its degrees of freedom, and how many values lie below one of its members."""
    squares, degrees, below = [], [], []
    outer = values.mean()
    for level in range(values.ndim):
        means = values.mean(tuple(range(level + 1, values.ndim)))
        count = int(np.prod(values.shape[level + 1 :]))
        free = int(np.prod(values.shape[:level])) * (values.shape[level] - 1)
        squares.append(count * float(((means - outer) ** 2).sum()) / free)
        degrees.append(free)
        below.append(count)
        outer = means[..., None]
    return squares, degrees, below


def _difference(outer: float, free: int, inner: float, inner_free: float) -> tuple[float, float, float]:
    """outer − inner, with its 95 % interval; both are mean squares with so many degrees of freedom."""
    from scipy.stats import chi2, f

    tail = (1 - LEVEL) / 2
    up, down = free / chi2.ppf(tail, free) - 1, 1 - free / chi2.ppf(1 - tail, free)
    if math.isinf(inner_free):
        return outer, outer * (1 - down), outer * (1 + up)
    inner_up = inner_free / chi2.ppf(tail, inner_free) - 1
    inner_down = 1 - inner_free / chi2.ppf(1 - tail, inner_free)
    high_f, low_f = f.ppf(1 - tail, free, inner_free), f.ppf(tail, free, inner_free)
    both_low = ((high_f - 1) ** 2 - down**2 * high_f**2 - inner_up**2) / high_f
    both_high = ((1 - low_f) ** 2 - up**2 * low_f**2 - inner_down**2) / low_f
    lower = down**2 * outer**2 + inner_up**2 * inner**2 + both_low * outer * inner
    upper = up**2 * outer**2 + inner_down**2 * inner**2 + both_high * outer * inner
    value = outer - inner
    return value, value - math.sqrt(max(0.0, lower)), value + math.sqrt(max(0.0, upper))


def of_sweep(rows: list[dict[str, Any]], levels: dict[str, str], key: str) -> dict[str, Estimate]:
    """The components of a sweep's numbers `key` (see `sweep_summary.numbers`), averaged over cameras.

    `levels`: axis of the sweep → the level's name, from the outermost to the innermost.
    """
    places = [list(dict.fromkeys(row[axis] for row in rows)) for axis in levels]
    sums = np.zeros([len(values) for values in places])
    counts = np.zeros_like(sums)
    for row in rows:
        place = tuple(values.index(row[axis]) for axis, values in zip(levels, places, strict=True))
        sums[place] += numbers(row)[key]
        counts[place] += 1
    return nested(sums / counts, tuple(levels.values()))
