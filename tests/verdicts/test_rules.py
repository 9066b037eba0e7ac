"""Verdicts follow from the numbers by their rules: each number is moved across its rule's border and back."""

import copy

import pytest

from camgan_lib.book import published
from camgan_lib.verdicts import rules, sentences
from camgan_lib.verdicts.rules import HOLDS, LIMITS, UNSUPPORTED, VOID

ENDS = ("", "_low", "_high")
CAMERAS = ["a", "b"]
RESULTS = {
    "dataset": {"cameras": CAMERAS},
    "classifier": {"chance": 0.25, "auxiliary_accuracy": 0.93, "colour_only_accuracy": 0.3},
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
    "style_gan": {
        "nostyle_test": 1000,
        "table1": [{"test": 0.9, "transfer": 0.8, "l1": 0.03}, {"test": 0.9, "transfer": 0.8, "l1": 0.05}],
    },
    "frequency": {
        "spectrum_images": 256,
        "consistency_auc": 0.9,
        "consistency_auc_ci95": [0.88, 0.92],
        "consistency_auc_untrained": 0.5,
        "consistency_auc_untrained_ci95": [0.48, 0.52],
        "pure_colour_spread": [{"kept": 0.01}],
        "pure_colour_instance_norm": [0.4, 0.5],
        "norm": "none",
        "residual_lines": {"a": [1.0, 0.5, 1.5], "b": [0.0, -1.0, 1.0]},
        "log_variance_lines": {"a": [1.0, 0.5, 1.5], "b": [2.0, 1.0, 3.5]},
        "log_variance_no_style": 0.1,
    },
    "controls": {"cameras": CAMERAS, "seeds": 5, "distances": {"transpose3": {"ratio": 1.2, "p": 0.001}}},
    "causes": {
        "images": 100,
        "networks": ["x", "y"],
        "turned": {
            "generator": {
                "auxiliary": [0.95, 0.94, 0.96],
                "quantized": [0.9, 0.88, 0.92],
                "spectral": [0.3, 0.25, 0.35],
            },
            "universal": {
                "auxiliary": [0.9, 0.88, 0.92],
                "quantized": [0.5, 0.45, 0.55],
                "spectral": [0.1, 0.05, 0.15],
            },
        },
        "independent": {
            "networks": ["y", "x"],
            "turned": {"generator": {"independent": [0.8, 0.75, 0.85]}, "universal": {"independent": [0.25] * 3}},
        },
        "causal": {"chance": 0.25, "radius": 0.25}
        | {f"all{end}": v for end, v in zip(ENDS, (0.9, 0.85, 0.95), strict=True)}
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
        "conclusion": "The truth comes back.",
    },
}
LETTERS = "abcdefgh"


def by_letter(**changes):
    """The verdicts by letter, with numbers at `chapter__key` (or deeper) replaced."""
    results = copy.deepcopy(RESULTS)
    for path, value in changes.items():
        *way, last = path.split("__")
        at = results
        for key in way:
            at = at[key]
        at[last] = value
    return {letter: each.verdict for letter, each in zip(LETTERS, rules.verdicts(results), strict=True)}


def test_where_every_control_agrees_every_claim_holds():
    assert by_letter() == dict.fromkeys(LETTERS, HOLDS)


@pytest.mark.parametrize(
    ("letter", "changes", "expected"),
    [
        ("a", {"explanations__saliency_edge_ci95": [-0.1, 0.0]}, UNSUPPORTED),
        ("a", {"explanations__saliency_edge_difference_ci95": [-0.1, 0.1]}, LIMITS),
        ("a", {"explanations__saliency_edge_randomised_ci95": [-0.1, -0.01]}, LIMITS),
        ("b", {"explanations__edge_filter_share": 1 / 16}, UNSUPPORTED),
        ("c", {"explanations__lime_default_single_segment_share": 0.9}, VOID),
        ("c", {"explanations__lime_stability": 0.8}, UNSUPPORTED),
        ("d", {"causes__turned__generator__quantized": [0.3, 0.2, 0.4]}, UNSUPPORTED),
        ("d", {"causes__independent__turned__generator__independent": [0.5, 0.45, 0.55]}, LIMITS),
        ("d", {"causes__independent__networks": ["x"]}, LIMITS),
        ("d", {"causes__turned__universal__quantized": [0.9, 0.88, 0.92]}, LIMITS),
        ("e", {"style_gan__table1": [{"test": 0.9, "transfer": 0.8, "l1": 0.2}]}, UNSUPPORTED),
        ("e", {"controls__distances__transpose3__p": 0.2}, LIMITS),
        ("f", {"frequency__pure_colour_instance_norm": [1e-12]}, VOID),
        ("f", {"frequency__pure_colour_spread": [{"kept": 0.9}]}, UNSUPPORTED),
        ("g", {"frequency__consistency_auc_ci95": [0.45, 0.95]}, UNSUPPORTED),
        ("g", {"frequency__consistency_auc_untrained_ci95": [0.8, 0.9]}, VOID),
        ("g", {"frequency__consistency_auc_untrained_ci95": [0.6, 0.7]}, LIMITS),
        ("g", {"causes__causal__without_high_high": 0.86}, LIMITS),
        ("h", {"frequency__residual_lines": {"a": [6.0, 4.0, 8.0], "b": [5.0, 1.0, 9.0]}}, UNSUPPORTED),
        ("h", {"frequency__log_variance_lines": {"a": [6.0, 4.0, 8.0], "b": [5.0, 1.0, 9.0]}}, LIMITS),
    ],
)
def test_a_number_across_its_rules_border_changes_that_verdict_alone(letter, changes, expected):
    assert by_letter(**changes) == dict.fromkeys(LETTERS, HOLDS) | {letter: expected}


def test_saliency_of_random_weights_makes_the_claim_void():
    random = {"explanations__saliency_edge_randomised_ci95": [-0.3, -0.2]}
    assert by_letter(**random, explanations__saliency_edge_difference_ci95=[-0.05, 0.05])["a"] == VOID


def test_what_survives_says_what_the_numbers_say():
    said = sentences.survives(RESULTS)
    assert said[0].startswith("Spectra tell the camera")
    assert said[1].startswith("The network needs high and low frequencies")
    assert "does not account for its fooling" in said[2]
    assert said[3] == "The truth comes back."
    results = copy.deepcopy(RESULTS)
    results["classifier"]["colour_only_accuracy"] = 0.78
    results["causes"]["transplant"]["random phases"][1] = [0.95, 0.9, 1.0]
    results["causes"]["causal"]["without_low_high"] = 0.88
    said = sentences.survives(results)
    assert said[0].startswith("Spectra alone tell no more than chance or colour")
    assert "high frequencies; no loss is shown for the low ones" in said[1]
    assert said[2].startswith("How strong each frequency of a generator's residual is accounts for its fooling")
    results["causes"]["transplant"]["generator"][1] = [0.3, 0.2, 0.4]
    assert "nothing follows" in sentences.survives(results)[2]


def test_on_other_cameras_no_control_of_these_is_used():
    """What needs other seeds or the truth is said to be missing."""
    results = copy.deepcopy(RESULTS)
    results["dataset"]["cameras"] = ["c", "d"]
    results["causes"]["networks"] = ["z"]
    found = dict(zip(LETTERS, rules.verdicts(results), strict=True))
    assert found["d"].verdict == found["e"].verdict == LIMITS
    assert "by the spectral judge generators turn 30.0%" in found["d"].control
    assert "camgan sweep" in found["e"].control
    assert len(sentences.survives(results)) == 3


@pytest.mark.parametrize("run", ["simulated", "resampling"])
def test_published_verdicts_are_what_the_rules_give(run):
    results = published.results(run)
    found = rules.verdicts(results)
    assert [each.verdict for each in found] == [each["verdict"] for each in results["verdict"]["verdicts"]]
    assert [each.claim for each in found] == [each["claim"] for each in results["verdict"]["verdicts"]]
    assert sentences.survives(results) == results["verdict"]["survives"]
    assert sum(rules.counts(found).values()) == 8


def test_verdicts_state_number_control_and_rule():
    for each in rules.verdicts(RESULTS):
        assert all((each.claim, each.paper, each.here, each.control, each.rule))
        assert "n = " in each.here or "dB" in each.here
