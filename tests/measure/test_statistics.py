"""Estimates and intervals at the edges, in pairs and beside plain formulas (test_interval_coverage.py simulates)."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from camgan_lib.measure import intervals, statistics
from camgan_lib.measure.estimates import Estimate, from_record, is_estimate, read, recorded

PHOTO = np.repeat(np.arange(44), 30)
CAMERA = PHOTO // 11


def right(seed, rate=0.9):
    rng = np.random.default_rng(seed)
    return rng.random(1320) < rng.beta(9 * rate, 9 * (1 - rate), 44)[PHOTO]


def test_an_estimate_of_photos_is_the_mean_of_its_crops_and_its_units():
    values = right(0)
    found = statistics.by_photo(values, PHOTO, CAMERA, bounds=(0, 1))
    assert found.value == pytest.approx(values.mean())
    assert np.mean(found.units) == pytest.approx(values.mean())
    assert found.low < found.value < found.high <= 1
    assert (found.n, found.unit, len(set(found.strata))) == (44, "photo", 4)


def test_photos_of_unequal_size_weigh_by_their_crops():
    photo, values = np.array([0, 0, 0, 1, 2, 2]), np.array([1, 1, 0, 0, 1, 0.0])
    assert statistics.by_photo(values, photo).value == pytest.approx(0.5)


def test_the_same_seed_gives_the_same_interval_and_order_does_not_matter():
    values, order = right(1), np.random.default_rng(0).permutation(1320)
    first, again = (statistics.by_photo(values, PHOTO, CAMERA, seed=4) for _ in range(2))
    shuffled = statistics.by_photo(values[order], PHOTO[order], CAMERA[order], seed=4)
    assert first == again
    assert shuffled.low == pytest.approx(first.low)


def test_strata_make_an_interval_narrower_where_cameras_differ():
    values = (CAMERA >= 2) * 0.5 + right(2) * 0.1
    within, without = (statistics.by_photo(values, PHOTO, camera) for camera in (CAMERA, None))
    assert within.high - within.low < 0.5 * (without.high - without.low)


def test_units_that_are_all_alike_leave_room_for_others_that_were_not_drawn():
    """Of 44 photos without an exception at most 1 − 0.025^(1/44) of all photos are exceptions, wherever these lie."""
    others = 1 - 0.025 ** (1 / 44)
    half, whole = (statistics.of_units(np.full(44, each), unit="photo", bounds=(0, 1)) for each in (0.5, 1.0))
    assert (half.low, half.high) == pytest.approx((0.5 - 0.5 * others, 0.5 + 0.5 * others))
    assert whole.low == pytest.approx(1 - others)
    assert statistics.p_above(half, half.low) == pytest.approx(0.025)
    by_camera = statistics.of_units(np.repeat([0.4, 0.6], 22), np.repeat([0, 1], 22), unit="photo", bounds=(0, 1))
    assert by_camera.low == pytest.approx(0.5 - 0.6 * others)
    apart = statistics.difference(whole, half)
    assert (apart.low, apart.high) == pytest.approx((0.5 - 1.5 * others, 0.5 + 0.5 * others))


def test_seeds_that_are_all_alike_have_the_sign_tests_p():
    five, eight = (statistics.over([0.3] * n, "seed") for n in (5, 8))
    assert not five.known
    assert statistics.p_differs(five) == 1
    assert (eight.low, eight.high) == (eight.value, eight.value)
    assert statistics.p_above(eight, 0.0) == stats.binomtest(8, 8, alternative="greater").pvalue
    assert statistics.p_differs(eight, eight.value) == 1
    assert statistics.p_above(eight, 0.5) == statistics.p_below(eight, 0.0) == 1
    assert not statistics.over([0.3] * 8, "seed", among=16).known, "½^8 is more than 0.025 / 16"
    zeros = statistics.over([0.0] * 8, "seed")
    assert statistics.p_differs(statistics.difference(zeros, zeros)) == 1


def test_intervals_that_hold_at_once_have_corrected_p_values():
    values = np.random.default_rng(8).normal(0.8, 1, 30)
    one, many = (statistics.over(values, "photo", among) for among in (1, 16))
    assert many.level == pytest.approx(1 - 0.05 / 16)
    assert many.low < one.low
    assert statistics.p_above(many, 0.0) == pytest.approx(16 * statistics.p_above(one, 0.0))
    assert statistics.p_above(many, many.low) == pytest.approx(0.025)
    pair = statistics.difference(many, statistics.over(values[::-1], "photo", 16))
    assert pair.level == many.level
    apart = statistics.difference(many, Estimate(**{**vars(many), "units": ()}))
    assert (apart.method, apart.level) == ("two studies, MOVER", many.level)


def test_one_photo_alone_has_no_interval_and_decides_nothing():
    found = statistics.by_photo(np.array([0.0, 1.0]), np.zeros(2))
    assert not found.known
    assert statistics.p_above(found, 0.0) == statistics.p_below(found, 1.0) == 1.0
    assert f"{found:.1%}" == "50.0%"


def test_photos_that_are_all_right_leave_room_for_one_that_is_not():
    found = statistics.by_photo(np.ones(1320), PHOTO, CAMERA, bounds=(0, 1))
    assert found.high == 1
    assert found.low == pytest.approx(stats.binomtest(44, 44).proportion_ci(method="exact").low)


def test_differences_are_paired_where_photos_are_the_same():
    a, b = right(3), right(3).copy()
    b[::40] = False
    first, second = (statistics.by_photo(each, PHOTO, CAMERA, bounds=(0, 1)) for each in (a, b))
    found = statistics.difference(first, second)
    assert statistics.paired(first, second)
    assert found.value == pytest.approx(a.mean() - b.mean())
    assert 0 < found.low < found.high < first.high - first.low
    other = Estimate(**{**vars(second), "units": (), "strata": ()})
    assert "MOVER" in statistics.difference(first, other).method


def test_a_difference_of_two_studies_has_the_smaller_one_s_unit():
    few = statistics.over([0.1, 0.2, 0.3], "scene")
    many = statistics.over(np.linspace(0, 1, 40), "photo")
    assert [(each.n, each.unit) for each in (statistics.difference(few, many), statistics.difference(many, few))] == [
        (3, "scene")
    ] * 2


def test_a_difference_of_seeds_is_students_paired_test():
    a, b = np.random.default_rng(5).normal(size=(2, 6))
    found = statistics.difference(statistics.over(a, "seed"), statistics.over(b, "seed"))
    expected = stats.ttest_rel(a, b)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval()))
    assert statistics.p_differs(found) == pytest.approx(expected.pvalue)


def test_shares_of_images_leave_out_cameras_without_candidates():
    hit, among = np.zeros((10, 2)), np.ones((10, 2))
    hit[:4, 0], among[:, 1] = 1, 0
    assert statistics.of_images(hit, among).value == pytest.approx(0.4)
    with pytest.raises(ValueError, match="at least one image"):
        statistics.of_images(hit, np.zeros((10, 2)))


def test_images_of_one_scene_are_drawn_together():
    hit = np.repeat(np.random.default_rng(0).random((20, 4)) < 0.5, 6, 0)
    by_scene, by_image = statistics.of_images(hit, scene=np.arange(120) // 6), statistics.of_images(hit)
    assert by_scene.value == pytest.approx(by_image.value)
    assert by_scene.high - by_scene.low > 1.8 * (by_image.high - by_image.low)


def test_counts_have_the_exact_interval_of_scipy():
    for hits, n in ((0, 10), (10, 10), (3, 16), (1, 1000)):
        found, expected = statistics.of_count(hits, n, "image"), stats.binomtest(hits, n).proportion_ci(method="exact")
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
        chance = stats.binomtest(hits, n, 0.05, alternative="greater").pvalue
        assert statistics.p_share(hits, n, 0.05) == pytest.approx(chance)


def test_p_values_agree_with_intervals():
    found = statistics.by_photo(right(6), PHOTO, CAMERA, bounds=(0, 1))
    assert statistics.p_above(found, found.low) == pytest.approx(0.025)
    assert statistics.p_below(found, found.high) == pytest.approx(0.025)
    assert statistics.p_above(found, found.value) == pytest.approx(0.5)


def test_equivalence_needs_a_narrow_interval():
    narrow, wide = (statistics.over(np.array([-1, 1, -1, 1, -1, 1]) * size, "seed") for size in (0.01, 0.2))
    assert statistics.p_within(narrow, 0.1) < 0.05 < statistics.p_within(wide, 0.1)


def test_one_network_more_is_compared_with_the_spread_of_networks():
    own, networks = Estimate(3.0, math.nan, math.nan, 1, "network", "one"), np.random.default_rng(0).normal(size=20)
    found = statistics.against_networks(own, networks)
    half = stats.t.ppf(0.975, 19) * networks.std(ddof=1) * math.sqrt(1 + 1 / 20)
    assert (found.low, found.high) == pytest.approx((3 - networks.mean() - half, 3 - networks.mean() + half))
    assert statistics.p_rank(3.0, networks) == 1 / 21


def test_holm_is_that_of_statsmodels():
    p = np.random.default_rng(0).random(9) ** 3
    found = statistics.holm({str(number): float(each) for number, each in enumerate(p)})
    assert list(found.values()) == pytest.approx(list(multipletests(p, method="holm")[1]))


def test_estimates_survive_their_records():
    found = statistics.by_photo(right(7), PHOTO, CAMERA, bounds=(0, 1))
    alone = statistics.over([2.0], "seed")
    kept = json.loads(json.dumps(recorded({"rows": [{"a": found}], "alone": alone, "n": 3}), allow_nan=False))
    assert is_estimate(kept["rows"][0]["a"])
    back = read(kept)
    assert back["rows"][0]["a"].units == pytest.approx(found.units, rel=1e-5)
    assert {**vars(back["rows"][0]["a"]), "units": ()} == {**vars(found), "units": ()}
    assert not back["alone"].known
    assert from_record(alone.record()).value == 2.0


def test_libraries_of_statistics_are_imported_when_they_are_needed():
    code = (
        "import sys, camgan_lib.measure.statistics as s; print({'scipy', 'statsmodels', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_few_units_that_differ_are_counted_and_not_drawn():
    units = np.zeros(60)
    units[7] = -0.5
    found = statistics.of_units(units, unit="image")
    assert "counted" in found.method
    assert found.low == pytest.approx(-0.5 * intervals.exact(1, 60)[1])
    assert found.high == pytest.approx(0.5 * intervals.exact(0, 60)[1])
    assert found.low < found.value < found.high
    assert intervals.few_apart(np.arange(60.0), 3) is None
    assert intervals.few_apart(np.ones(60), 3) is None


@given(st.integers(12, 80), st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_a_difference_of_shares_has_no_interval_far_beyond_what_is_possible(n, differ, seed):
    rng = np.random.default_rng(seed)
    before = rng.random(n) < 0.7
    after = before ^ (rng.permutation(n) < differ)
    found = statistics.difference(statistics.of_images(after), statistics.of_images(before))
    assert -1.5 < found.low <= found.value <= found.high < 1.5
