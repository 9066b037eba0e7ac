"""Sentences of the book follow from the numbers, in both directions."""

import pytest

from camgan_lib.verdicts import sentences
from camgan_lib.verdicts.rule import HOLDS, LIMITS, NOT_JUDGED, UNSUPPORTED, VOID
from tests.verdicts.results import changed, e, make


def test_colour_is_lost_or_passes():
    assert "forces it" in sentences.colour_sentence("instance", 1e-9)
    assert "nothing in the architecture forces" in sentences.colour_sentence("batch", 0.04)
    assert sentences.colour_sentence("batch", 0.3) == "colour passes in part"
    assert sentences.colour_sentence("none", 0.9) == "colour passes"


def test_what_survives_says_what_the_numbers_say():
    said = sentences.survives(make())
    assert said[0].startswith("Spectra tell the camera")
    assert said[1].startswith("The network does worse without either half of the frequencies")
    assert "accounts for a part of its fooling at most" in said[2]
    assert "15.0 points (13.0 to 17.0) are left" in said[2]
    assert said[3] == "The truth comes back."
    assert len(sentences.survives(changed(truth__cameras=["others"]))) == 3
    weak = changed(causes__judges__spectral__accuracy=e(0.31))
    assert sentences.survives(weak)[0].startswith("Spectra alone are not shown to tell more")


@pytest.mark.parametrize(
    ("high", "low", "said"),
    [
        (e(0.7), e(0.067, 0.043), "The network does worse without high frequencies. "),
        (e(0.7), e(0.01), "does worse without high frequencies and not without low ones"),
        (e(0.01), e(0.7), "does worse without low frequencies and not without high ones"),
        (e(0.01), e(0.01), "does without either half"),
        (e(0.05), e(0.05), "is not shown in full"),
    ],
)
def test_frequencies_are_relied_on_or_not_or_it_is_not_shown(high, low, said):
    causal = {**make()["causes"]["causal"], "lost_high": high, "lost_low": low}
    assert said in sentences.frequencies_sentence(causal)


def test_a_loss_that_may_be_smaller_than_the_margin_is_said_to_be_undecided():
    """Of the first published run: 6.7 points lost without low frequencies (2.8 to 11.4), paired by photo."""
    causal = {**make()["causes"]["causal"], "lost_low": e(0.067, 0.043)}
    said = sentences.frequencies_sentence(causal)
    assert "without those below it loses 6.7 points (2.4 to 11.0) of accuracy, of which it is not shown" in said


@pytest.mark.parametrize(
    ("fools", "phases", "said"),
    [
        (e(0.0), e(0.0), "nothing follows"),
        (e(0.7), e(0.6), "accounts for a part of its fooling at most"),
        (e(0.7), e(0.0), "residual is accounts for its fooling"),
        (e(0.7), e(0.05), "is not shown"),
    ],
)
def test_strength_alone_accounts_for_fooling_or_not(fools, phases, said):
    transplant = make()["causes"]["transplant"]
    transplant["steps"] |= {"own − untouched": fools, "own − own with random phases": phases}
    assert said in sentences.strength_sentence(transplant)


@pytest.mark.parametrize(
    ("d", "g", "seen", "drawn"),
    [
        (HOLDS, HOLDS, "holds here", "follows from it."),
        (LIMITS, VOID, "holds here", "does not follow"),
        (HOLDS, LIMITS, "holds here", "with limits"),
        (UNSUPPORTED, VOID, "does not show", "Nor does"),
        (NOT_JUDGED, NOT_JUDGED, "not judged in full", "is not judged"),
        (NOT_JUDGED, VOID, "not judged in full", "does not follow"),
    ],
)
def test_the_first_page_says_what_the_verdicts_say(d, g, seen, drawn):
    said = sentences.observed({"d": d, "g": g})
    assert seen in said[0]
    assert drawn in said[1]
    assert sentences.observation_sentences(make()) == sentences.observed({"d": HOLDS, "g": HOLDS})
