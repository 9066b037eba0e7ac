"""Intervals are those of their plain formulas, cover what they say, and hold at the edges."""

import math
import subprocess
import sys

import numpy as np
import pytest

from camgan_lib.measure import statistics


def plain_bootstrap(values, photo, draws, seed):
    """Photos drawn anew with replacement, all at once: the mean over their crops, and its 2.5 and 97.5 percentiles."""
    _, index = np.unique(photo, return_inverse=True)
    sums, counts = np.bincount(index, values.astype(float)), np.bincount(index)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (draws, len(sums)))
    return np.quantile(sums[drawn].sum(1) / counts[drawn].sum(1), (0.025, 0.975))


@pytest.mark.parametrize("seed", range(4))
def test_the_bootstrap_is_the_plain_one(seed):
    rng = np.random.default_rng(100 + seed)
    photo = rng.permutation(np.repeat(np.arange(2 + 15 * seed), 1 + seed))
    values = rng.random(len(photo)) if seed % 2 else rng.random(len(photo)) < 0.8
    found = statistics.bootstrap_by_photo(values, photo, draws=500, seed=seed)
    assert found == pytest.approx(plain_bootstrap(values, photo, 500, seed), abs=1e-12)


def test_one_photo_alone_has_no_width():
    assert statistics.bootstrap_by_photo(np.array([0.0, 1.0]), np.zeros(2)) == (0.5, 0.5)


def test_an_interval_of_a_constant_has_no_width_and_the_same_seed_gives_the_same():
    photo = np.arange(300) // 30
    assert statistics.bootstrap_by_photo(np.full(300, 0.5), photo) == (0.5, 0.5)
    values = np.random.default_rng(1).random(300)
    first, again = (statistics.bootstrap_by_photo(values, photo, seed=4) for _ in range(2))
    assert first == again
    assert first[0] < values.mean() < first[1]


def test_an_interval_by_photo_covers_the_truth_about_95_times_in_100_where_one_by_crop_does_not():
    rng = np.random.default_rng(0)
    photo, hits, hits_by_crop, trials = np.repeat(np.arange(44), 30), 0, 0, 200
    for _ in range(trials):
        rate = rng.beta(4, 1, 44)
        right = rng.random(1320) < rate[photo]
        low, high = statistics.bootstrap_by_photo(right, photo, draws=400)
        hits += low <= 0.8 <= high
        half = 1.96 * right.std() / np.sqrt(1320)
        hits_by_crop += abs(right.mean() - 0.8) <= half
    assert 0.89 <= hits / trials <= 0.99
    assert hits_by_crop / trials < 0.7


@pytest.mark.slow
def test_wilsons_interval_covers():
    rng = np.random.default_rng(1)
    for p in (0.02, 0.5, 0.97):
        found = [statistics.wilson(float(k) / 200, 200) for k in rng.binomial(200, p, 4000)]
        assert 0.92 < np.mean([low <= p <= high for low, high in found]) < 0.985


def test_wilsons_interval_is_its_formula_also_for_shares_that_are_means():
    z = 1.959963984540054
    for share, n in ((0.0, 10), (1.0, 10), (0.8381954, 120), (0.25, 16)):
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        assert statistics.wilson(share, n) == pytest.approx((centre - half, centre + half), abs=1e-9)


@pytest.mark.slow
def test_the_interval_covers_what_it_says():
    """Student's interval of 5 values holds the truth in 95 of 100 cases."""
    rng = np.random.default_rng(0)
    found = [statistics.mean_interval(list(rng.normal(3, 2, 5))) for _ in range(4000)]
    covered = np.mean([low <= 3 <= high for _, low, high in found])
    assert covered == pytest.approx(0.95, abs=0.012)
    assert np.isnan(statistics.mean_interval([1.0])[1])


def test_values_that_are_all_the_same_have_an_interval_without_width():
    assert statistics.mean_interval([0.5, 0.5, 0.5]) == (0.5, 0.5, 0.5)


def test_libraries_of_statistics_are_imported_when_they_are_needed():
    code = (
        "import sys, camgan_lib.measure.statistics as s; print({'scipy', 'statsmodels', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
