"""Intervals of means of independent units, from plain arrays. `statistics` makes estimates of them.

scipy is imported when an interval is asked for, so that commands start quickly.
"""

import functools
import math

import numpy as np

from camgan_lib.measure.estimates import LEVEL

DRAWS = 2000
SPREAD = 1e-12
"""Units with a smaller standard error are all alike but for rounding."""

Bounds = tuple[float, float] | None


def standard_error(units: np.ndarray, strata: np.ndarray) -> float:
    """Standard error of the mean of units that were drawn within strata. A stratum of one unit counts as the rest."""
    counts = np.bincount(strata)
    means = np.bincount(strata, units) / counts
    squares = np.bincount(strata, (units - means[strata]) ** 2)
    alone = counts < 2
    pooled = squares[~alone].sum() / max(1, (counts[~alone] - 1).sum()) if (~alone).any() else 0.0
    variances = np.where(alone, pooled, squares / np.maximum(counts - 1, 1))
    return float(np.sqrt((counts * variances).sum())) / len(units)


def bootstrap_t(units: np.ndarray, strata: np.ndarray, seed: int) -> tuple[float, float]:
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
    least = 1e-3 * standard_error(units, strata)
    ratio = shift / n / np.maximum(np.sqrt(squared) / n, least)
    below, above = np.quantile(ratio, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(below), float(above)


def within(low: float, high: float, bounds: Bounds) -> tuple[float, float]:
    """The part of an interval that lies within `bounds`."""
    return (max(low, bounds[0]), min(high, bounds[1])) if bounds else (low, high)


def widest(mean: float, n: int, bounds: tuple[float, float]) -> tuple[float, float]:
    """The exact binomial interval of a mean of n yes-or-no units, scaled to `bounds`."""
    reach = bounds[1] - bounds[0]
    low, high = exact(min(max((mean - bounds[0]) / reach, 0.0), 1.0) * n, n)
    return bounds[0] + low * reach, bounds[0] + high * reach


def exact(hits: float, n: int) -> tuple[float, float]:
    """The interval of Clopper and Pearson (1934) of a share of `hits` among n; `hits` need not be whole."""
    from scipy.stats import beta

    tail = (1 - LEVEL) / 2
    low = beta.ppf(tail, hits, n - hits + 1) if hits > 1e-9 else 0.0
    return float(low), float(beta.ppf(1 - tail, hits + 1, n - hits) if hits < n - 1e-9 else 1.0)


def alike(units: np.ndarray, bounds: Bounds, level: float = LEVEL) -> tuple[float, float, str]:
    """The interval of the mean of n units without any spread to go by, and its method.

    With `bounds`, the rule of three: were a share above 1 − 0.025^(1/n) of all units unlike these, one such unit would
    have been drawn, and so few move the mean no further than if all of them lay on a bound. If the n units are on a
    bound, it is the exact binomial interval. Without `bounds`, the sign test's: it is the value itself if n units
    lie on one side of their median by chance, ½^n, in at most 0.025 of cases. That takes six units; of fewer there is
    none (NaN). At another `level`, (1 − level) / 2 stands for 0.025.
    """
    mean, n, tail = float(units.mean()), len(units), (1 - level) / 2
    if bounds:
        others = 1 - tail ** (1 / n)
        low, high = mean - others * float(units.max() - bounds[0]), mean + others * float(bounds[1] - units.min())
        return *within(low, high, bounds), "rule of three"
    low, high = (mean, mean) if 0.5**n <= tail else (math.nan, math.nan)
    return low, high, "sign test"


def few_apart(units: np.ndarray, few: int) -> tuple[float, float] | None:
    """The interval of the mean of n units of which one to `few`, at most a third, differ from all the rest; else None.

    Most draws would miss those few, so that a bootstrap could say anything. So they are counted: the share of units
    below the rest, and that above it, are no larger than the exact binomial interval allows, and none is taken to lie
    further off than the farthest that was seen.
    """
    values, counts = np.unique(np.round(units, 9), return_counts=True)
    apart = units - values[counts.argmax()]
    below, above = int((apart < -1e-8).sum()), int((apart > 1e-8).sum())
    if not 0 < below + above <= min(few, len(units) // 3):
        return None
    farthest, n = float(np.abs(apart).max()), len(units)
    rest = float(units.mean() - apart.mean())
    return rest - farthest * exact(below, n)[1], rest + farthest * exact(above, n)[1]


@functools.cache
def student(degrees: int, level: float = LEVEL) -> float:
    """How many standard errors Student's interval reaches to each side."""
    from scipy.stats import t

    return float(t.ppf((1 + level) / 2, degrees))
