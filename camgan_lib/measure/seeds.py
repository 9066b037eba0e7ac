"""Tests whether spectra of the same camera, from generators of different seeds, are nearer than those of others."""

from typing import NamedTuple

import numpy as np


class Distances(NamedTuple):
    """Mean distances `between` and `within` cameras (dB), their `ratio` (1: no difference) and `p` by permutation."""

    ratio: float
    p: float
    between: float
    within: float


def distances(spectra: np.ndarray, draws: int = 2000, seed: int = 0) -> Distances:
    """Root mean square distances between and within cameras of log spectra S×K×… (S seeds, K cameras, in dB).

    Only pairs of different seeds count, because generators of one seed share their no-style images. For the null
    hypothesis cameras are permuted within each seed; `p` is the share of permutations whose ratio is as large. Raises
    ValueError for fewer than two seeds or cameras.
    """
    count, cameras = spectra.shape[:2]
    if count < 2 or cameras < 2:
        raise ValueError(f"at least 2 seeds and 2 cameras were expected, got {count} and {cameras}")
    flat = spectra.reshape(count * cameras, -1)
    squares = (flat**2).sum(1)
    distance = np.sqrt(np.maximum(squares[:, None] + squares - 2 * flat @ flat.T, 0) / flat.shape[1])
    of_seed = np.repeat(np.arange(count), cameras)
    other_seed = of_seed[:, None] != of_seed

    def means(camera: np.ndarray) -> tuple[float, float]:
        same = camera[:, None] == camera
        return distance[other_seed & ~same].mean(), distance[other_seed & same].mean()

    between, within = means(np.tile(np.arange(cameras), count))
    rng = np.random.default_rng(seed)
    null = [means(np.concatenate([rng.permutation(cameras) for _ in range(count)])) for _ in range(draws)]
    as_large = sum(bool(b / w >= between / within - 1e-12) for b, w in null)
    return Distances(float(between / within), (1 + as_large) / (1 + draws), float(between), float(within))
