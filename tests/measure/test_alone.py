"""The small classifiers of one trait, and the accuracy that counts cameras alike."""

import numpy as np
import pytest

from camgan_lib.measure import alone
from camgan_lib.measure.statistics import of_count

TWO = np.repeat([0, 1], 4)


def test_the_most_frequent_camera_of_a_value_scores_highest():
    scores = alone.by_category(["x", "x", "x", "y", "y", "y", "y", "x"], TWO, 2, ["x", "y", "z"])
    assert scores[0, 0] > scores[0, 1]
    assert scores[1, 1] > scores[1, 0]
    assert scores[2].tolist() == [0, 0]


def test_shares_count_and_not_numbers_of_photos():
    scores = alone.by_category(["x"] * 10 + ["y"] * 90 + ["x", "y"], np.repeat([0, 1], (100, 2)), 2, ["x", "y"])
    assert scores.argmax(1).tolist() == [1, 0]


def test_a_photo_is_not_among_those_that_name_it():
    assert not alone.by_category(list("abcdefgh"), TWO, 2).any(), "each value is one photo's alone"
    values = np.array([[50.0], [0], [1], [2], [49], [51], [52], [48]])
    assert alone.by_nearest(values, TWO, 2)[0].tolist() == [0, 1]


@pytest.mark.parametrize("most", [5000, 6])
def test_the_nearest_name_the_camera(monkeypatch, most):
    monkeypatch.setattr(alone, "MOST", most)
    values = np.array([[0.0, 5], [1, 5], [2, 5], [3, 5], [10, 5], [11, 5], [12, 5], [13, 5]])
    scores = alone.by_nearest(values, TWO, 2, np.array([[2.5, 5.0], [99, 5]]))
    assert scores.argmax(1).tolist() == [0, 1]


def test_photos_that_lack_a_trait_are_near_to_each_other_only():
    values = np.array([[np.nan], [np.nan], [np.nan], [1], [1], [2], [2], [2]])
    scores = alone.by_nearest(values, TWO, 2, np.array([[np.nan], [2.0]]))
    assert scores.tolist() == [[0.75, 0], [0, 0.75]]
    assert alone.by_nearest(values[3:], TWO[3:], 2, np.array([[np.nan]])).tolist() == [[0, 0]]
    assert alone.by_nearest(values[:3], TWO[:3], 2, np.array([[1.0]])).tolist() == [[0, 0]]


def test_the_very_same_value_counts_more_than_near_ones():
    values = np.array([[5.0]] * 3 + [[9.0]] * 20 + [[6.0]] * 40)
    camera = np.repeat([0, 0, 1], (3, 20, 40))
    assert alone.by_nearest(values, camera, 2, np.array([[5.0], [5.1]])).argmax(1).tolist() == [0, 1]


def test_values_that_are_all_alike_say_nothing():
    camera = np.repeat([0, 1, 2], (5, 2, 9))
    scores = alone.by_nearest(np.full((16, 2), 7.0), camera, 3, np.full((1, 2), 7.0))
    assert scores.tolist() == [[1, 1, 1]]
    assert alone.hits(scores, np.array([1])) == pytest.approx(1 / 3)


def test_a_hit_is_shared_by_those_that_score_highest():
    scores = np.array([[3.0, 1, 1], [2, 2, 0], [0, 0, 1]])
    assert alone.hits(scores, np.array([0, 1, 0])).tolist() == [1, 0.5, 0]


def test_with_as_many_photos_of_each_camera_it_is_the_exact_interval_of_a_share():
    hit, expected = np.array([1, 1, 1, 0, 1, 1.0, 1, 0]), of_count(6, 8, "photo")
    found = alone.balanced(hit, TWO)
    assert (found.value, found.low, found.high, found.n) == pytest.approx((0.75, expected.low, expected.high, 8))
    assert found.method == expected.method


def test_a_camera_of_few_photos_makes_the_interval_wide():
    found = alone.balanced(np.ones(102), np.repeat([0, 1], (100, 2)))
    assert found.value == 1
    assert found.low < of_count(8, 8, "photo").low
    with pytest.raises(ValueError, match="at least one photo"):
        alone.balanced(np.zeros(0), np.zeros(0, int))
