"""Intervals of the controls."""

import math

import numpy as np


def bootstrap_by_photo(
    values: np.ndarray, photo: np.ndarray, *, draws: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile interval of the mean of `values` (one per crop) when photos, not crops, are drawn anew.

    Crops of one photo are alike, so an interval over crops would be too narrow.
    """
    _, index = np.unique(photo, return_inverse=True)
    sums, counts = np.bincount(index, values.astype(float)), np.bincount(index)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (draws, len(sums)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def mean_interval(values: list[float]) -> tuple[float, float, float]:
    """Mean and Student's 95 % interval of independent values; NaN bounds for fewer than two."""
    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return mean, float("nan"), float("nan")
    from scipy.special import stdtrit

    half = float(stdtrit(n - 1, 0.975) * np.std(values, ddof=1) / np.sqrt(n))
    return mean, mean - half, mean + half


def wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share of n independent images (Wilson 1927)."""
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)
