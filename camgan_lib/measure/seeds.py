"""Tests whether spectra of the same camera, from generators of different seeds, are nearer than those of others."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from camgan_lib.measure import statistics
from camgan_lib.measure.estimates import Estimate


class Distances(NamedTuple):
    """How far spectra of generators lie apart that differ in their seeds.

    `between` and `within`: mean distance of two cameras' and of one camera's spectra, dB; `ratio` of the two (1: no
    difference); `p` by permutation; `effect`: `between` − `within` in dB, with its interval over seeds.
    """

    ratio: float
    p: float
    between: float
    within: float
    effect: Estimate


def distances(spectra: np.ndarray, draws: int = 2000, seed: int = 0) -> Distances:
    """Root mean square distances between and within cameras of log spectra S×K×… (S seeds, K cameras, in dB).

    Only pairs of different seeds count, because generators of one seed share their no-style images. For the null
    hypothesis cameras are permuted within each seed; `p` is the share of permutations whose ratio is as large. The
    interval of the effect is the jackknife's over seeds; two seeds give none. Raises ValueError for fewer than two
    seeds or cameras.
    """
    count, cameras = spectra.shape[:2]
    if count < 2 or cameras < 2:
        raise ValueError(f"at least 2 seeds and 2 cameras were expected, got {count} and {cameras}")
    flat = spectra.reshape(count * cameras, -1)
    squares = (flat**2).sum(1)
    distance = np.sqrt(np.maximum(squares[:, None] + squares - 2 * flat @ flat.T, 0) / flat.shape[1])
    of_seed, own = np.repeat(np.arange(count), cameras), np.tile(np.arange(cameras), count)
    other_seed = of_seed[:, None] != of_seed

    def means(camera: np.ndarray, left: np.ndarray = other_seed) -> tuple[float, float]:
        same = camera[:, None] == camera
        return distance[left & ~same].mean(), distance[left & same].mean()

    def effect(kept: np.ndarray) -> float:
        chosen = np.isin(of_seed, kept)
        further, nearer = means(own, other_seed & chosen & chosen[:, None])
        return further - nearer

    between, within = means(own)
    rng = np.random.default_rng(seed)
    null = [means(np.concatenate([rng.permutation(cameras) for _ in range(count)])) for _ in range(draws)]
    as_large = sum(bool(b / w >= between / within - 1e-12) for b, w in null)
    p = (1 + as_large) / (1 + draws)
    return Distances(float(between / within), p, float(between), float(within), jackknife(effect, count))


def jackknife(statistic: Callable[[np.ndarray], float], count: int, unit: str = "seed") -> Estimate:
    """A statistic of pairs of seeds, with Student's interval over its pseudo-values (Tukey 1958).

    `statistic` takes the indices of the seeds that count, out of range(count), and needs two of them. The pseudo-value
    of a seed is count·θ − (count − 1)·θ without that seed. For a mean over pairs their mean is θ.
    """
    everyone = np.arange(count)
    whole = float(statistic(everyone))
    if count < 3:
        return Estimate(whole, math.nan, math.nan, count, unit, f"no interval from {count} {unit}s")
    pseudo = [count * whole - (count - 1) * statistic(np.delete(everyone, each)) for each in everyone]
    return statistics.over(pseudo, unit)
