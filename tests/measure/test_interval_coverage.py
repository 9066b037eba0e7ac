"""95 % intervals hold the truth in 93 to 97 of 100 simulated studies; tests of nothing find nothing in 95."""

import importlib.util
from pathlib import Path

import pytest

STUDIES = 1000
PATH = Path(__file__).parents[2] / "trials" / "interval_coverage.py"
spec = importlib.util.spec_from_file_location("coverage_of_intervals", PATH)
coverage = importlib.util.module_from_spec(spec)
spec.loader.exec_module(coverage)


@pytest.mark.slow
@pytest.mark.parametrize("name", coverage.STUDIES)
def test_intervals_hold_the_truth(name):
    assert 0.93 <= coverage.coverage(coverage.STUDIES[name], STUDIES) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("name", coverage.EXACT)
def test_exact_intervals_hold_the_truth_at_least_as_often_as_they_say(name):
    assert coverage.coverage(coverage.EXACT[name], STUDIES) >= 0.945


@pytest.mark.slow
@pytest.mark.parametrize("name", coverage.CAUTIOUS)
def test_cautious_intervals_hold_the_truth_at_least_as_often_as_they_say(name):
    assert coverage.coverage(coverage.CAUTIOUS[name], 200) >= 0.945


@pytest.mark.slow
@pytest.mark.parametrize("name", coverage.TESTS)
def test_what_is_not_there_is_found_in_one_of_twenty_studies_at_most(name):
    test, nothing, _ = coverage.TESTS[name]
    found = coverage.called(nothing, test, STUDIES)
    assert found <= 0.05 + 2 * (0.05 * 0.95 / STUDIES) ** 0.5


@pytest.mark.slow
def test_holm_lets_one_family_of_twenty_through():
    assert coverage.families(STUDIES) <= 0.05 + 2 * (0.05 * 0.95 / STUDIES) ** 0.5
