"""95 % intervals: of a mean over crops (photos drawn anew), of a mean over seeds, and of a share of images.

scipy and statsmodels do the work. They are imported when an interval is asked for, so that commands start quickly.
"""

from collections.abc import Sequence

import numpy as np

LEVEL = 0.95


def bootstrap_by_photo(
    values: np.ndarray, photo: np.ndarray, *, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile interval of the mean of `values` when photos, not crops, are drawn anew.

    `values`: one number per crop; `photo`: the photo that each crop is from. Crops of one photo are alike, so an
    interval over crops would be too narrow. If there is one photo only, both ends are the mean.
    """
    _, index = np.unique(photo, return_inverse=True)
    sums, counts = np.bincount(index, values.astype(float)), np.bincount(index)
    if len(sums) < 2:
        return float(values.mean()), float(values.mean())
    from scipy.stats import bootstrap

    def mean(sums: np.ndarray, counts: np.ndarray, axis: int) -> np.ndarray:
        return sums.sum(axis) / counts.sum(axis)

    drawing = {"n_resamples": draws, "rng": np.random.default_rng(seed), "paired": True, "vectorized": True}
    found = bootstrap((sums, counts), mean, confidence_level=LEVEL, method="percentile", **drawing)
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean of independent values, with the ends of Student's 95 % interval.

    The ends are NaN for fewer than two values.
    """
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, float("nan"), float("nan")
    from scipy import stats

    if (error := stats.sem(values)) == 0:
        return mean, mean, mean
    low, high = stats.t.interval(LEVEL, len(values) - 1, loc=mean, scale=error)
    return mean, float(low), float(high)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval (1927) of a share of n independent images.

    `share` × n need not be a whole number: it may be the mean of several cameras' shares.
    """
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(share * n, n, alpha=1 - LEVEL, method="wilson")
    return float(low), float(high)
