"""Variance components come back from nested data, and their intervals hold the truth."""

import numpy as np
import pytest

from camgan_lib.measure import variance
from camgan_lib.verdicts import outside

NAMES = ("photos", "classifier", "generator")


def drawn(rng, shape, sizes):
    values = np.zeros(shape)
    for level, size in enumerate(sizes):
        values += rng.normal(0, size, shape[: level + 1]).reshape(*shape[: level + 1], *[1] * (len(shape) - level - 1))
    return values


def test_components_of_a_large_design_are_those_that_were_drawn():
    found = variance.nested(drawn(np.random.default_rng(0), (300, 12, 12), (3, 2, 1)), NAMES)
    assert [each.value for each in found.values()] == pytest.approx([3, 2, 1], rel=0.1)
    assert all(each.low < each.value < each.high for each in found.values())


@pytest.mark.parametrize("sizes", [(1, 1, 1), (2, 0.5, 1), (0.3, 1, 0.5)])
def test_intervals_of_a_small_design_hold_the_truth(sizes):
    rng = np.random.default_rng(1)
    studies = [variance.nested(drawn(rng, (4, 2, 2), sizes), NAMES) for _ in range(400)]
    for name, size in zip(NAMES, sizes, strict=True):
        held = np.mean([each[name].low <= size <= each[name].high for each in studies])
        assert held >= 0.92


def test_a_level_that_adds_nothing_may_be_nothing():
    found = variance.nested(drawn(np.random.default_rng(2), (5, 3, 3), (2, 0, 1)), NAMES)
    assert found["classifier"].low == 0
    assert found["generator"].low > 0, "the innermost level's interval never reaches 0"


def test_the_innermost_level_is_not_tested():
    found = variance.nested(drawn(np.random.default_rng(2), (5, 3, 3), (50, 0, 1)), NAMES)
    nothing = {**found, "photos": found["classifier"]}
    said = outside.of_spread({"L1": found, "lines": nothing})
    assert said.startswith("shown to add to the spread of L1: photos; of photos and classifier, none is")
    assert said.endswith("shown to add to the spread of: lines")


def test_a_level_of_one_is_refused():
    with pytest.raises(ValueError, match="length 2 or more"):
        variance.nested(np.zeros((3, 1, 2)), NAMES)


def test_a_sweeps_rows_are_averaged_over_cameras():
    axes = {"a": "photos", "b": "generator"}
    rows = [
        {"a": a, "b": b, "camera": c, "id": "x", "l1": 10.0 * a + b + (c == "K")}
        for a in (1, 2, 3)
        for b in (5, 6)
        for c in "JK"
    ]
    expected = variance.nested(
        np.array([[10 * a + b + 0.5 for b in (5, 6)] for a in (1, 2, 3)]), ("photos", "generator")
    )
    assert variance.of_sweep(rows, axes, "l1") == expected
