"""Intervals of the controls."""

import numpy as np
from scipy.stats import t


def mean_interval(values: list[float]) -> tuple[float, float, float]:
    """Mean and Student's 95 % interval of independent values; NaN bounds for fewer than two."""
    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return mean, float("nan"), float("nan")
    half = float(t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return mean, mean - half, mean + half
