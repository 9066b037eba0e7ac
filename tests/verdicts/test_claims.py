"""Readings of the claims follow from the numbers, in both directions."""

from camgan_lib.verdicts import paper
from camgan_lib.verdicts.claims import claims
from camgan_lib.verdicts.sentences import gap_verdict

RULE = "(turns more than half of the images that were not taken for the camera before)"
TRUE = {
    "dataset": {"cameras": ["a", "b"]},
    "explanations": {
        "saliency_edge_correlation": -0.2,
        "saliency_edge_correlation_randomised": 0.0,
        "saliency_edge_ci95": [-0.3, -0.1],
        "saliency_edge_difference_ci95": [-0.3, -0.1],
        "edge_filter_share": 0.5,
        "lime_default_single_segment_share": 0.9,
        "lime_r2_grid": 0.2,
        "lime_stability": 0.1,
    },
    "style_gan": {
        "table1": [
            {"camera": "a", "no_style": 0.2, "train": 1.0, "test": 1.0, "transfer": 1.0, "l1": 0.1},
            {"camera": "b", "no_style": 0.8, "train": 1.0, "test": 1.0, "transfer": 0.7, "l1": 0.15},
        ]
    },
    "frequency": {
        "norm": "instance",
        "pure_colour_spread": [{"kept": 1e-9}, {"kept": 0.0}],
        "consistency_auc": 0.99,
        "consistency_auc_ci95": [0.98, 1.0],
        "consistency_auc_untrained": 0.5,
        "consistency_auc_originals": 0.8,
        "high_pass_lines": [{"set": "log-variance", "name": "a", "axis_db": 9.0}],
    },
}
FALSE = {
    **TRUE,
    "explanations": {
        **TRUE["explanations"],
        "saliency_edge_ci95": [0.1, 0.3],
        "saliency_edge_difference_ci95": [-0.1, 0.1],
        "edge_filter_share": 0.05,
        "lime_default_single_segment_share": 0.1,
    },
    "style_gan": {"table1": [{**row, "test": 0.4, "transfer": 0.4, "l1": 0.3} for row in TRUE["style_gan"]["table1"]]},
    "frequency": {
        **TRUE["frequency"],
        "norm": "batch",
        "pure_colour_spread": [{"kept": 0.9}],
        "consistency_auc_ci95": [0.4, 0.6],
        "consistency_auc_untrained": 1.0,
        "high_pass_lines": [{"set": "log-variance", "name": "a", "axis_db": 1.0}],
    },
}


def readings(results):
    rows = claims(results)
    assert [row["claim"][:3] for row in rows] == [f"({letter})" for letter in "abcdefgh"]
    assert all(row["paper"] and row["here"] for row in rows)
    return [row["reading"] for row in rows]


def test_numbers_for_a_claim_read_as_such():
    assert readings(TRUE) == [
        "avoids edges here too, and differs from random weights",
        "more than chance allows",
        "a matter of the segmentation",
        "fools for 2, transfers for 1 of 2 cameras " + RULE,
        "content kept",
        "colour is lost, as this normalisation forces it to be",
        "a pattern is there, and not untrained",
        "a trace is there, in the variance",
    ]


def test_numbers_against_a_claim_read_as_such():
    assert readings(FALSE) == [
        "seeks edges here, as do random weights",
        "no more than chance",
        "not explained by the segmentation",
        "fools for 0, transfers for 0 of 2 cameras " + RULE,
        "content not kept for every camera",
        "colour passes, so that this claim does not hold here",
        "no pattern found, but untrained generators have one too",
        "no line here either",
    ]


def test_a_generator_that_fails_on_new_images_is_named():
    assert gap_verdict(paper.TABLE1).endswith("for Samsung Galaxy Note3")
    assert gap_verdict(paper.TABLE1[:3]) == "no generator fails on new images here"
