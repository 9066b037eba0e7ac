"""Verdicts follow from the numbers by the registered rules: numbers are moved across margins, and made unsure."""

import math
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.spectrum import CLASSES
from camgan_lib.verdicts import preconditions, rules
from camgan_lib.verdicts.measures import Group, measured
from camgan_lib.verdicts.registered import RULES
from camgan_lib.verdicts.rule import ABOVE, BELOW, HOLDS, KINDS, LIMITS, NOT_JUDGED, UNSUPPORTED, VOID
from tests.verdicts.results import CAMERAS, LETTERS, changed, e, make


def by_letter(**changes):
    """The verdicts by letter, with numbers at `chapter__key` (or deeper) replaced."""
    return {each.letter: each.verdict for each in rules.verdicts(changed(**changes))}


def line(value, half=0.5):
    """One line of one camera, beside others that are none."""
    none = {f"{c}_db": e(1.0, 0.5) for c in CLASSES}
    return {"a": none, "b": {**none, "quarters_db": e(value, half)}}


EXPLANATIONS, CAUSES, FREQUENCY = "explanations__", "causes__", "frequency__"
MOVES = [
    ("a", {"explanations__saliency_edges": e(0.1)}, UNSUPPORTED),
    ("a", {"explanations__saliency_edges": e(-0.05)}, NOT_JUDGED),
    ("a", {"explanations__saliency_edges_against_untrained": e(0.0)}, VOID),
    ("a", {"explanations__saliency_edges_against_untrained": e(-0.1, 0.3)}, NOT_JUDGED),
    ("a", {"explanations__saliency_edges_untrained": e(-0.1, 0.01)}, LIMITS),
    ("b", {"explanations__edge_filters": {"p": [1e-5] + [0.5] * 99}}, LIMITS),
    ("b", {"explanations__edge_filters": {"p": [0.5] * 100}}, UNSUPPORTED),
    ("b", {"explanations__edge_filters": {"p": [0.04] * 2 + [0.5] * 14}}, NOT_JUDGED),
    ("c", {"explanations__lime_single_segment": e(0.9)}, VOID),
    ("c", {"explanations__lime_single_segment": e(0.55, 0.2)}, NOT_JUDGED),
    ("c", {"explanations__lime_stability": e(0.8)}, UNSUPPORTED),
    ("d", {"causes__turned__generator__auxiliary": e(0.3)}, UNSUPPORTED),
    ("d", {"causes__turned__generator__quantized": e(0.3)}, UNSUPPORTED),
    ("d", {"causes__independent__turned__generator__wide": e(0.4)}, LIMITS),
    ("d", {"causes__independent__turned__generator__wide": e(0.5)}, NOT_JUDGED),
    ("d", {"causes__independent__networks": ["x"]}, NOT_JUDGED),
    ("d", {"causes__turned_more__generator − universal__quantized": e(0.0)}, LIMITS),
    ("e", {"style_gan__table1": [{"camera": "a", "l1": e(0.03), "test": e(1), "transfer": e(1)}] * 2}, HOLDS),
    ("e", {"controls__distances__transpose3__effect": e(0.1, 0.2, 5, "seed")}, LIMITS),
    ("e", {"controls__distances__transpose3__effect": e(0.9, 0.4, 5, "seed")}, NOT_JUDGED),
    ("e", {"controls__cameras": ["others"]}, NOT_JUDGED),
    ("f", {"frequency__pure_colour_instance_norm": [1e-3 + 1e-5 * n for n in range(20)]}, VOID),
    (
        "f",
        {"frequency__pure_colour_spread": [{"camera": str(n), "kept": 0.9 + 0.01 * n} for n in range(4)]},
        UNSUPPORTED,
    ),
    ("g", {"frequency__consistency__stylised": e(0.5, 0.01)}, UNSUPPORTED),
    ("g", {"frequency__consistency__against_untrained": e(-0.1, 0.03)}, VOID),
    ("g", {"frequency__consistency__against_untrained": e(0.0, 0.3)}, NOT_JUDGED),
    ("g", {"frequency__consistency__untrained": e(0.7, 0.02)}, LIMITS),
    ("g", {"causes__causal__lost_high": e(0.0)}, LIMITS),
    ("b", {"explanations__stem": "high-pass"}, NOT_JUDGED),
    ("b", {"explanations__stem": None}, NOT_JUDGED),
    ("h", {"frequency__original_lines__residual": line(6.0)}, UNSUPPORTED),
    ("h", {"frequency__original_lines__residual": line(2.5, 1.0)}, NOT_JUDGED),
    ("h", {"frequency__original_lines__log_variance_over_no_style": line(6.0)}, LIMITS),
    ("h", {"frequency__original_lines": None}, NOT_JUDGED),
]


def test_where_every_control_agrees_every_claim_holds():
    assert by_letter() == dict.fromkeys(LETTERS, HOLDS)


@pytest.mark.parametrize(("letter", "changes", "expected"), MOVES)
def test_a_number_across_its_margin_changes_that_verdict_alone(letter, changes, expected):
    assert by_letter(**changes) == dict.fromkeys(LETTERS, HOLDS) | {letter: expected}


def test_content_that_is_lost_for_one_camera_is_lost():
    rows = make()["style_gan"]["table1"]
    assert by_letter(style_gan__table1=[rows[0], {**rows[1], "l1": e(0.3, 0.01)}])["e"] == UNSUPPORTED


@pytest.mark.parametrize("letter", LETTERS)
def test_every_outcome_of_a_rule_can_be_reached(letter):
    rule = RULES[letter]
    for outcome in rule.outcomes:
        assert rules.decide(rule, outcome.answers) == (outcome.verdict, outcome.means)
        assert set(outcome.answers) <= set(rule.questions)
        assert set(outcome.answers.values()) <= {ABOVE, BELOW}
    assert rules.decide(rule, {})[0] == NOT_JUDGED
    assert {outcome.verdict for outcome in rule.outcomes} <= set(KINDS)


@pytest.mark.parametrize(
    "knows_nothing",
    [{"auxiliary_accuracy": e(0.27, 0.05)}, {"over_colour": e(0.0, 0.05)}, {"over_colour": e(-0.11, 0.12)}],
)
def test_what_rests_on_a_classifier_that_knows_nothing_is_not_judged(knows_nothing):
    results = changed(**{f"classifier__{name}": value for name, value in knows_nothing.items()})
    found = {each.letter: each for each in rules.verdicts(results)}
    assert {letter: each.verdict for letter, each in found.items()} == dict.fromkeys("abcdefg", NOT_JUDGED) | {
        "h": HOLDS
    }
    assert "the classifier is not shown to beat" in found["a"].why
    assert "not judged in this run" in preconditions.sentence(results["classifier"])
    assert "verdicts may rest on it" in preconditions.sentence(make()["classifier"])


def test_sixty_one_photos_of_four_phones_give_no_verdict_on_the_classifier():
    """39 % of crops right (26 to 50), colour alone 50 %, nine photos for the test."""
    phones = {"auxiliary_accuracy": e(0.39, 0.12, 9), "over_colour": e(-0.11, 0.15, 9)}
    said = preconditions.missing({**make()["classifier"], **phones})
    assert "every camera should show the same motifs" in " ".join(said)


def widened(value, factor):
    """All estimates at any depth with their intervals `factor` times as wide, or of one camera alone."""
    if isinstance(value, Estimate):
        return Estimate(value.value, value.value - factor, value.value + factor, 5, value.unit, "wide")
    if isinstance(value, dict):
        return {key: widened(each, factor) for key, each in value.items()}
    return [widened(each, factor) for each in value] if isinstance(value, list) else value


def test_wide_intervals_give_no_verdict_on_any_measured_number():
    results = widened(make(), 10.0)
    results["classifier"] = make()["classifier"]
    found = {each.letter: each.verdict for each in rules.verdicts(results)}
    assert {found[letter] for letter in "acdegh"} == {NOT_JUDGED}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_interval_that_holds_the_margin_decides(seed):
    """Whatever the numbers: if each interval holds its margin, nothing is void, unsupported or held."""
    rng = np.random.default_rng(seed)
    for letter, rule in RULES.items():
        found = {
            name: e(each.margin + rng.uniform(-0.9, 0.9) * half, half)
            for name, each in rule.questions.items()
            for half in [10 ** rng.uniform(-3, 3)]
        }
        answers = rules.corrected({letter: rules.answers(rule, found)})[letter]
        assert not any(each.shown for each in answers.values())


def test_of_several_cameras_one_is_enough_on_one_side_and_all_are_needed_on_the_other():
    question = RULES["h"].questions["line"]

    def answer(**lines):
        group = Group({name: e(value, 0.5) for name, value in lines.items()}, ABOVE, together=True)
        return rules._of_group(question, group)

    assert answer(a=1.0, b=6.0).side == ABOVE
    assert answer(a=1.0, b=1.0).side == BELOW
    assert answer(a=1.0, b=1.0).p < 0.01
    assert answer(a=1.0, b=2.9).p > 0.05
    assert answer(a=1.0, b=6.0).here.startswith("+6.0 (+5.5 to +6.5) (b)")
    assert answer(a=1.0, b=2.0).here.startswith("+2.0 (+1.5 to +2.5) (b)"), "the one that is nearest to the margin"


def test_one_line_that_may_lie_above_keeps_no_line_from_being_shown():
    """Of sixteen lines fifteen are none, and of one it is not known."""
    sure = {f"a, {number}": e(0.0, 0.5) for number in range(15)}
    question = RULES["h"].questions["line"]
    assert rules._of_group(question, Group(sure, ABOVE, together=True)).p < 0.001
    assert rules._of_group(question, Group({**sure, "b": e(2.9, 1.0)}, ABOVE, together=True)).p > 0.5


def test_what_a_claim_lacks_is_named():
    found = {each.letter: each for each in rules.verdicts(changed(explanations__stem="high-pass"))}
    assert "began with fixed high-pass filters" in found["b"].why
    old = {each.letter: each for each in rules.verdicts(changed(frequency__original_lines=None))}
    assert "all cameras in all classes of bins" in old["h"].why


def test_an_exact_p_is_said_to_be_below_its_margin_or_not():
    def filters(p):
        (found,) = [x for x in rules.verdicts(changed(explanations__edge_filters={"p": p})) if x.letter == "b"]
        return found, rules.tests(found)[0]

    found, row = filters([0.04] * 2 + [0.5] * 14)
    assert (
        "any, least p of 16 filters, times their number: 0.64, is not shown to be below 0.05: no single filter"
        in found.why
    )
    assert (row["margin"], row["answer"]) == ("0.05", "neither")
    assert (
        "holds with limits if any were shown above chance, by a p below 0.05 (here least p"
        in filters([0.5] * 100)[0].would_change
    )
    assert filters([1e-5] * 8 + [0.5] * 8)[1]["answer"] == "above chance"
    assert "if any were not shown above chance" in filters([1e-5] + [0.5] * 99)[0].would_change


def test_verdicts_state_everything_and_are_plain_json():
    results = make()
    found = rules.verdicts(results)
    for each in found:
        kept = asdict(each)
        assert all(kept[key] for key in kept), each.letter
        assert rules.Verdict(**kept) == each
        assert set(each.answers) == set(measured(each.letter, results))
        assert len(rules.tests(each)) == len(RULES[each.letter].questions)
    assert "p values behind these verdicts are corrected together" in rules.correction(found)
    assert sum(rules.counts(found).values()) == 8


def test_what_would_change_a_verdict_changes_it():
    (verdict,) = [each for each in rules.verdicts(make()) if each.letter == "g"]
    assert "void if trained were shown below +0.050 (here +0.400" in verdict.would_change
    unsure = changed(frequency__consistency__against_untrained=e(0.06, 0.1, 20, "set"))
    (verdict,) = [each for each in rules.verdicts(unsure) if each.letter == "g"]
    assert "shown neither above nor below +0.050" in verdict.why
    assert {"holds if", "void if"} <= {f"{part.split(' if')[0]} if" for part in verdict.would_change.split("; ")}


def test_how_many_photos_are_needed():
    assert preconditions.enough(e(0.1, 0.1, 40), 0.0) == "about 90 photos would decide it, there are 40"
    assert "hardly" in preconditions.enough(e(0.001, 0.1, 40), 0.0)
    assert "1 photo gives no interval" in preconditions.enough(Estimate(1.0, math.nan, math.nan, 1, "photo", ""), 0.0)


def test_all_p_values_are_corrected_together():
    """One p of 4 % among many others is no verdict, though it would be one alone."""
    alone = {"h": rules.answers(RULES["h"], {"line": e(2.5, 0.48), "varied": e(3.0)})}
    p = alone["h"]["line"].p
    assert 0.01 < p < 0.05
    assert CAMERAS
    together = {**alone, "a": rules.answers(RULES["a"], dict.fromkeys(RULES["a"].questions, e(-0.05)))}
    assert not rules.corrected(together)["h"]["line"].shown
