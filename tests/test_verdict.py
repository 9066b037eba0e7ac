"""Verdicts follow from the numbers by their rules: each number is moved across its rule's border and back."""

import copy

import pytest

from camgan_lib import verdict
from camgan_lib.verdict import HOLDS, LIMITS, UNSUPPORTED, VOID

ENDS = ("", "_low", "_high")
CAMERAS = ["a", "b"]
RESULTS = {
    "dataset": {"cameras": CAMERAS},
    "classifier": {"chance": 0.25, "auxiliary_accuracy": 0.93},
    "explanations": {
        "saliency_crops": 400,
        "saliency_edge_correlation": -0.2,
        "saliency_edge_ci95": [-0.25, -0.15],
        "saliency_edge_correlation_randomised": 0.1,
        "saliency_edge_randomised_ci95": [0.05, 0.15],
        "saliency_edge_difference_ci95": [-0.35, -0.25],
        "edge_filter_share": 0.5,
        "lime_segment_crops": 100,
        "lime_default_single_segment_share": 0.1,
        "lime_stability": 0.3,
        "lime_r2_fresh": 0.2,
    },
    "style_gan": {"nostyle_test": 1000, "table1": [{"l1": 0.03}, {"l1": 0.05}]},
    "frequency": {
        "spectrum_images": 256,
        "consistency_auc": 0.9,
        "consistency_auc_ci95": [0.88, 0.92],
        "consistency_auc_untrained": 0.5,
        "pure_colour_spread": [{"kept": 0.01}],
        "pure_colour_instance_norm": [0.4, 0.5],
        "norm": "none",
        "log_variance_lines": {"a": [1.0, 0.5, 1.5], "b": [2.0, 1.0, 3.5]},
        "log_variance_no_style": 0.1,
    },
    "controls": {"cameras": CAMERAS, "least_seeds": 5, "apart": {"transpose3": {"ratio": 1.2, "p": 0.001}}},
    "causes": {
        "images": 100,
        "taken": {
            "generator": {"auxiliary": [0.95, 0.94, 0.96], "test": [0.9, 0.88, 0.92]},
            "PGD": {"auxiliary": [1.0, 0.99, 1.0], "test": [0.5, 0.45, 0.55]},
        },
        "independent": {
            "cameras": CAMERAS,
            "taken": {"generator": {"independent": [0.8, 0.75, 0.85]}, "nothing": {"independent": [0.25] * 3}},
        },
        "causal": {"chance": 0.25, "radius": 0.25, "all": 0.9}
        | {f"without_high{end}": v for end, v in zip(ENDS, (0.3, 0.2, 0.4), strict=True)}
        | {f"without_low{end}": v for end, v in zip(ENDS, (0.7, 0.6, 0.8), strict=True)},
        "judges": {"spectral": {"accuracy": 0.8, "ci95": [0.75, 0.85]}},
        "cascade": {"head": 0.9, "stem": 0.1},
        "transplant": {
            "strengths": [0.0, 1.0],
            "generator": [[0.2, 0.1, 0.3], [0.95, 0.9, 1.0]],
            "random phases": [[0.2, 0.1, 0.3], [0.3, 0.2, 0.4]],
        },
    },
    "truth": {
        "cameras": CAMERAS,
        "best": "x",
        "recovered": {"x": {"mean": [0.92, 0.9, 0.94]}},
        "fooled": {"x": [0.4, 0.3, 0.5]},
        "untouched": {"x": [0.25, 0.25, 0.25]},
    },
}
LETTERS = "abcdefgh"


def judged(**changes):
    """The verdicts by letter, with numbers at `chapter__key` (or deeper) replaced."""
    results = copy.deepcopy(RESULTS)
    for path, value in changes.items():
        *way, last = path.split("__")
        at = results
        for key in way:
            at = at[key]
        at[last] = value
    return {letter: each.verdict for letter, each in zip(LETTERS, verdict.verdicts(results), strict=True)}


def test_where_every_control_agrees_every_claim_holds():
    assert judged() == dict.fromkeys(LETTERS, HOLDS)


@pytest.mark.parametrize(
    ("letter", "changes", "expected"),
    [
        ("a", {"explanations__saliency_edge_ci95": [-0.1, 0.0]}, UNSUPPORTED),
        ("a", {"explanations__saliency_edge_difference_ci95": [-0.1, 0.1]}, VOID),
        ("a", {"explanations__saliency_edge_randomised_ci95": [-0.1, -0.01]}, LIMITS),
        ("b", {"explanations__edge_filter_share": 1 / 16}, UNSUPPORTED),
        ("c", {"explanations__lime_default_single_segment_share": 0.9}, VOID),
        ("c", {"explanations__lime_stability": 0.8}, UNSUPPORTED),
        ("d", {"causes__taken__generator__test": [0.3, 0.2, 0.4]}, UNSUPPORTED),
        ("d", {"causes__independent__taken__generator__independent": [0.5, 0.45, 0.55]}, LIMITS),
        ("d", {"causes__taken__PGD__test": [0.9, 0.88, 0.92]}, LIMITS),
        ("e", {"style_gan__table1": [{"l1": 0.2}]}, UNSUPPORTED),
        ("e", {"controls__apart__transpose3__p": 0.2}, LIMITS),
        ("f", {"frequency__pure_colour_instance_norm": [1e-12]}, VOID),
        ("f", {"frequency__pure_colour_spread": [{"kept": 0.9}]}, UNSUPPORTED),
        ("g", {"frequency__consistency_auc_ci95": [0.45, 0.95]}, UNSUPPORTED),
        ("g", {"frequency__consistency_auc_untrained": 0.97}, VOID),
        ("g", {"frequency__consistency_auc_untrained": 0.8}, LIMITS),
        ("h", {"frequency__log_variance_lines": {"a": [6.0, 4.0, 8.0], "b": [5.0, 1.0, 9.0]}}, UNSUPPORTED),
    ],
)
def test_a_number_across_its_rules_border_changes_that_verdict_alone(letter, changes, expected):
    assert judged(**changes) == dict.fromkeys(LETTERS, HOLDS) | {letter: expected}


def test_what_survives_says_what_the_numbers_say():
    said = verdict.survives(RESULTS)
    assert "81% of the network's lead" in said[0]
    assert "the high ones more" in said[1]
    assert "does not suffice" in said[2]
    assert "correlation 0.92 (0.90 to 0.94)" in said[3]
    results = copy.deepcopy(RESULTS)
    results["causes"]["transplant"]["random phases"][1] = [0.95, 0.9, 1.0]
    results["causes"]["causal"]["without_low"] = results["causes"]["causal"]["without_low_high"] = 0.1
    results["causes"]["causal"]["without_low_low"] = 0.05
    said = verdict.survives(results)
    assert "the low ones more" in said[1]
    assert "suffices to fool" in said[2]


def test_on_other_cameras_no_control_of_these_is_used():
    """Another judge is asked, and what needs other seeds or the truth is said to be missing."""
    results = copy.deepcopy(RESULTS)
    results["dataset"]["cameras"] = ["c", "d"]
    for kind in ("generator", "nothing"):
        results["causes"]["taken"].setdefault(kind, {})["spectral"] = [0.3, 0.25, 0.35]
    found = dict(zip(LETTERS, verdict.verdicts(results), strict=True))
    assert found["d"].verdict == found["e"].verdict == LIMITS
    assert "the spectral judge takes 30.0%" in found["d"].control
    assert "camgan sweep" in found["e"].control
    assert len(verdict.survives(results)) == 3


def test_verdicts_state_number_control_and_rule():
    for each in verdict.verdicts(RESULTS):
        assert all((each.claim, each.paper, each.here, each.control, each.rule))
        assert "n = " in each.here or "dB" in each.here
