"""Sentences of the book follow from the numbers, in both directions."""

from camgan_lib.book import published
from camgan_lib.verdicts import paper, sentences


def test_a_generator_that_fails_on_new_images_is_named():
    assert sentences.gap_sentence(paper.TABLE1).endswith("for Samsung Galaxy Note3")
    assert sentences.gap_sentence(paper.TABLE1[:3]) == "no generator fails on new images here"


def test_the_suspects_that_make_a_gap_are_named():
    said = sentences.suspects_sentence(published.trial("fourth_camera")["rows"])
    assert "as the paper's fourth does, in “300 images”. None does in “as in the book”, “batch norm”" in said
    whole = [{**row, "variant": "one"} for row in paper.TABLE1[:3]]
    assert "in any of the variants: “one”" in sentences.suspects_sentence(whole)


def test_two_classifiers_are_compared_by_half_the_intervals_width():
    auxiliary = {"accuracy": 0.90, "ci95": (0.88, 0.92)}
    assert "differ by 1.00%, which is no more than half" in sentences.twins_sentence(auxiliary, {"accuracy": 0.91})
    assert "3.00%, which is more than half the width of the interval, 2.0%" in sentences.twins_sentence(
        auxiliary, {"accuracy": 0.93}
    )


def test_saliency_follows_its_intervals():
    assert "smooth" in sentences.saliency_sentence((-0.2, -0.1), (-0.3, -0.2))
    assert "no difference is shown" in sentences.saliency_sentence((-0.2, -0.1), (-0.1, 0.1))
    assert "prefers edges; it follows edges more" in sentences.saliency_sentence((0.1, 0.2), (0.1, 0.2))
    assert "neither" in sentences.saliency_sentence((-0.1, 0.2), (-0.2, -0.1))


def test_colour_is_lost_or_passes():
    assert "forces it" in sentences.colour_sentence("instance", 1e-9)
    assert "nothing in the architecture forces" in sentences.colour_sentence("batch", 0.04)
    assert sentences.colour_sentence("batch", 0.3) == "colour passes in part"
    assert sentences.colour_sentence("none", 0.9) == "colour passes"
