"""Sentences on accuracies and Table 1 follow from estimates, in every direction."""

import math

import numpy as np
import pytest

from camgan_lib.book import published
from camgan_lib.measure.averages import counted
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import by_photo, difference, of_units
from camgan_lib.verdicts import accuracy, paper, wording


def estimate(value: float, half: float, n: int = 44) -> Estimate:
    return Estimate(value, value - half, value + half, n=n, unit="photo", method="Student's t")


def found(lead: Estimate, right: float = 0.9) -> dict:
    accuracies = {
        "auxiliary_accuracy": estimate(right, 0.05),
        "colour_only_accuracy": estimate(right - lead.value, 0.05),
    }
    return {**accuracies, "over_colour": lead, "chance": 0.25}


def test_points_carry_their_sign_and_interval():
    assert wording.points(estimate(-0.012, 0.02)) == "−1.2 points (−3.2 to 0.8)"
    assert wording.points(Estimate(0.5, math.nan, math.nan, 1, "photo", "")) == "50.0 points"


def test_the_smallest_difference_that_is_shown_is_shown_in_four_studies_of_five():
    rng, n, spread = np.random.default_rng(0), 44, 0.2
    least = accuracy.smallest_shown(of_units(rng.normal(0, 1, n) * spread, unit="photo"))
    reach = 2.0167 * spread / math.sqrt(n)  # Student's interval of 43 degrees of freedom
    shown = np.mean(rng.normal(least, spread / math.sqrt(n), 4000) > reach)
    assert shown == pytest.approx(0.8, abs=0.15)


def test_a_classifier_above_chance_and_colour_can_be_explained():
    said = accuracy.standing_sentences(found(estimate(0.6, 0.05)))
    assert "shown to lie above chance and its lead above zero, so there is something to explain." in said


@pytest.mark.parametrize(
    ("lead", "right", "lacking"),
    [
        (estimate(0.02, 0.05), 0.9, "colour alone"),
        (estimate(0.02, 0.05), 0.28, "chance or colour alone"),
        (estimate(0.2, 0.05), 0.28, "chance"),
        (estimate(-0.04, 3.0, n=8), 0.9, "colour alone"),
        (Estimate(0.2, math.nan, math.nan, 1, "photo", ""), 0.9, "colour alone"),
    ],
)
def test_one_that_is_not_can_not(lead, right, lacking):
    said = accuracy.standing_sentences(found(lead, right))
    assert f"not shown to know more than {lacking}: what later chapters find of it cannot be judged." in said
    assert f"With {lead.n} photos, a lead over colour alone is" in said
    assert ("is not to be told from none, however large" in said) is (lead.n < 9)


def test_twins_differ_are_alike_or_neither():
    assert "The 8-bit classifier is the better one" in accuracy.twins_sentences(estimate(-0.02, 0.01))
    assert "more than 1 point is excluded" in accuracy.twins_sentences(estimate(0.001, 0.004))
    neither = accuracy.twins_sentences(estimate(-0.005, 0.02))
    assert "more than 1 point is not excluded" in neither
    assert "With 44 photos, a difference is told from none in four runs of five if it is 2.8 points." in neither


def test_twins_that_err_on_the_same_photos_are_told_apart_by_pairs():
    """Each interval is many points wide, their difference is one of tenths."""
    rng, photo = np.random.default_rng(1), np.repeat(np.arange(44), 30)
    hard = rng.random(44) < 0.2
    one = rng.random(len(photo)) > 0.6 * hard[photo]
    other = one.copy()
    other[[*np.flatnonzero(one)[::400], *np.flatnonzero(~one)[::40]]] ^= True
    a, q = (by_photo(each, photo, photo % 4, bounds=(0.0, 1.0)) for each in (one, other))
    assert a.high - a.low > 0.05
    assert "more than 1 point is excluded" in accuracy.twins_sentences(difference(a, q))


def row(camera: str, test: float, half: float = 0.02, train: Estimate | None = None) -> dict:
    return {"camera": camera, "train": train or counted(0.99, 300), "test": estimate(test, half)}


def test_a_generator_that_fails_on_new_images_is_named():
    assert accuracy.gap_sentence(paper.TABLE1).endswith("for Samsung Galaxy Note3")
    assert accuracy.gap_sentence(paper.TABLE1[:3]) == "no generator fails on new images here"
    assert accuracy.gap_sentence([row("a", 0.98), row("b", 0.8)]) == "the failure appears here too, for b"
    assert accuracy.gap_sentence([row("a", 0.98), row("b", 0.97)]) == "no generator fails on new images here"
    assert "but for b one of more than 10 points" in accuracy.gap_sentence([row("a", 0.98), row("b", 0.88, 0.05)])


def test_a_gap_of_one_camera_of_four_must_stand_the_correction():
    close = row("b", 0.865, 0.0235)
    assert accuracy.failing([close]) == ["b"]
    assert accuracy.failing([row(name, 0.98) for name in "acd"] + [close]) == []


def test_words_on_table_1_name_the_right_camera():
    rows = [
        {**row("a", 0.98, 0.01), "no_style": estimate(0.1, 0.05)},
        {**row("b", 0.7), "no_style": estimate(0.5, 0.1)},
    ]
    for each, transfer, l1 in zip(rows, (0.5, 0.71), (0.04, 0.03), strict=True):
        each |= {"transfer": estimate(transfer, 0.02), "l1": estimate(l1, 0.01)}
    words = accuracy.table1_words(rows)
    assert (words["fooled"], words["lost"]) == (1, 1)
    assert (words["lowest_test"], words["lowest_test_camera"]) == ("70.0% (68.0% to 72.0%)", "b")
    assert (words["largest_gap"], words["largest_gap_camera"]) == ("29.0 points (27.0 to 31.0)", "b")
    assert (words["most_taken"], words["most_taken_for"]) == ("50.0% (40.0% to 60.0%)", "b")
    assert words["largest_l1"] == "0.040 (0.030 to 0.050)"


def test_the_suspects_that_make_a_gap_are_named():
    rows = [{**row("a", test), "variant": name} for name, test in (("one", 0.98), ("two", 0.8))]
    assert accuracy.suspects_sentence(rows).endswith("in “two”. No generator fails so in “one”.")
    assert accuracy.suspects_sentence(rows[:1]) == "No generator fails so in “one”."


def test_the_published_trial_excludes_no_failure_where_shares_fall():
    said = accuracy.suspects_sentence(published.trial("fourth_camera")["rows"])
    assert "“300 images”, by 10.9 to 13.7 points; camera by camera, and corrected for their number" in said
    assert "No generator fails so in “as in the book”" in said
