"""The sentence on which explanation finds the truth."""

import pytest

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.known_truth import OTHERS
from camgan_lib.verdicts import ranking


def about(value: float) -> Estimate:
    return Estimate(value, value - 0.1, value + 0.1, n=6, unit="network", method="")


def found(not_shown: set[tuple[str, str]] = frozenset()) -> dict:
    """A ranking "a" before "b" in which all differences are shown but those named."""
    scores = {"a": 0.6, "b": 0.4, "highest first": 0.3, "a, untrained": 0.2, "b, untrained": 0.1, "random": 0.0}
    controls = ("highest first", "random", OTHERS)
    pairs = [("a", "b")] + [(method, control) for method in "ab" for control in (f"{method}, untrained", *controls)]
    return {
        "methods": [{"method": name, "score": about(value)} for name, value in scores.items()],
        "comparisons": [
            {"a": a, "b": b, "difference": about(0.2), "p": 0.5 if (a, b) in not_shown else 0.001} for a, b in pairs
        ],
    }


def test_the_best_method_is_named_with_all_that_it_is_above():
    said = ranking.which_first(found())
    assert said.startswith(
        "Of the methods, “a” ranks first, with a score of 0.60 (0.50 to 0.70): it is above every other method"
    )
    assert said.endswith("So it finds what sets the cameras apart.")
    assert "not shown" not in said
    assert ranking.finders(found()) == ["a", "b"]


def test_a_method_that_ties_with_another_is_not_called_better():
    assert "it is not shown to be above “b”;" in ranking.which_first(found({("a", "b")}))


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ("a, untrained", "itself on untrained networks"),
        ("highest first", "the plain order from the highest frequency to the lowest"),
        ("random", "random order"),
        (OTHERS, "itself on networks that learned to tell other stages"),
    ],
)
def test_a_method_that_beats_not_all_controls_finds_nothing(control, words):
    of_control = found({("a", control)})
    said = ranking.which_first(of_control)
    assert f"it is not shown to be above {words}. So it is not shown to find" in said
    assert ranking.finders(of_control) == ["b"]


def test_a_difference_the_other_way_is_no_finding():
    turned = found()
    for row in turned["comparisons"]:
        if row["b"] == "highest first":
            row["difference"] = about(-0.3)
    assert ranking.finders(turned) == []
    said = ranking.which_first(turned)
    assert "it is shown to be below the plain order from the highest frequency to the lowest. So it is not" in said
    assert "not shown to be above" not in said


def test_without_a_judged_stage_nothing_is_said():
    assert ranking.which_first({}).startswith("Not judged")
    assert ranking.finders({}) == []
