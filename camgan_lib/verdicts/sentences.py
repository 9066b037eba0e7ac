"""Sentences of the book that follow from numbers, each by a rule that its function states."""

from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import difference, holm, p_above, p_differs
from camgan_lib.verdicts import rules
from camgan_lib.verdicts.measures import Results
from camgan_lib.verdicts.registered import RULES
from camgan_lib.verdicts.rule import ABOVE, BELOW, HOLDS, LIMITS, NOT_JUDGED, UNSUPPORTED, VOID
from camgan_lib.verdicts.wording import points

MARGIN = 0.05
"""Share of crops or images from which a loss counts."""


def colour_sentence(norm: str, kept: float) -> str:
    """Chapter 5: what a share `kept` of the differences between pure colours says, given the normalisation `norm`."""
    if norm == "instance":
        return "colour is lost, as this normalisation forces it to be"
    if kept < RULES["f"].questions["kept"].margin:
        return "colour is lost, though nothing in the architecture forces it to be"
    return "colour passes" if kept > 0.5 else "colour passes in part"


def observation_sentences(results: Results) -> tuple[str, str]:
    """First page: whether the paper's observation is seen here, and whether its conclusion follows from it.

    The observation is seen unless claim (d), generators fool, or (g), their spectra have a pattern, is not supported.
    Where it is seen, the verdict on (g) says whether the conclusion follows.
    """
    return observed({each.letter: each.verdict for each in rules.verdicts(results)})


def observed(found: dict[str, str]) -> tuple[str, str]:
    """The sentences of `observation_sentences`, from the verdicts by letter."""
    if UNSUPPORTED in (found["d"], found["g"]):
        return "This run does not show what the paper saw.", "Nor does its conclusion follow."
    conclusions = {
        HOLDS: "Its conclusion follows from it.",
        LIMITS: "Its conclusion follows from it with limits.",
        VOID: "Its conclusion does not follow from it.",
        NOT_JUDGED: "Whether its conclusion follows is not judged.",
    }
    if NOT_JUDGED in (found["d"], found["g"]):
        return "Whether the paper's observation holds here is not judged in full.", conclusions[found["g"]]
    return "The paper's observation holds here.", conclusions[found["g"]]


def survives(results: Results) -> list[str]:
    """Chapter 12: what can be said of the classifier after all, each sentence with the numbers behind it.

    If the run is on the cameras whose true traces are known, the last sentence says what came back of these.
    """
    said = [_spectra_tell(results), frequencies_sentence(results["causes"]["causal"])]
    said.append(strength_sentence(results["causes"]["transplant"]))
    known = results["truth"]["cameras"] == results["dataset"]["cameras"]
    return said + ([results["truth"]["conclusion"]] if known else [])


def _spectra_tell(results: Results) -> str:
    """Spectra tell the camera if they beat chance and colour alone, each at 2.5 %, one-sided."""
    spectral, classifier = results["causes"]["judges"]["spectral"]["accuracy"], results["classifier"]
    chance, colour = classifier["chance"], classifier["colour_only_accuracy"]
    p = max(p_above(spectral, chance), p_above(difference(spectral, colour), 0.0))
    head = "Spectra tell the camera" if p <= 0.025 else "Spectra alone are not shown to tell more than chance or colour"
    return (
        f"{head}: a classifier that is linear in the level of each frequency is right in {spectral:.1%} of "
        f"test crops, the network in {classifier['auxiliary_accuracy']:.1%}, colour alone in {colour:.1%}, "
        f"chance in {chance:.0%}."
    )


def sides(found: dict[str, Estimate], margin: float = MARGIN) -> dict[str, str | None]:
    """On which side of a margin each number is shown to lie (p at most 5 %, Holm's correction for these), or None."""
    corrected = holm({name: p_differs(each, margin) for name, each in found.items()})
    return {
        name: None if corrected[name] > rules.ALPHA else ABOVE if each.value > margin else BELOW
        for name, each in found.items()
    }


def frequencies_sentence(causal: dict[str, Any]) -> str:
    """Without which frequencies the network does worse: what it loses without each half of them, against MARGIN.

    `causal`: of chapter 9, `lost_high` and `lost_low` (paired by photo), `all`, `radius`.
    """
    lost, radius = {"above": causal["lost_high"], "below": causal["lost_low"]}, causal["radius"]
    found = sides(lost)
    words = {
        ABOVE: f"which are more than {100 * MARGIN:.0f}: it does worse",
        BELOW: f"which are fewer than {100 * MARGIN:.0f}: it does without them",
        None: f"of which it is not shown whether they are more than {100 * MARGIN:.0f}",
    }
    parts = [
        f"without those {side} it loses {points(each)} of accuracy, {words[found[side]]}" for side, each in lost.items()
    ]
    head = {
        (ABOVE, ABOVE): "The network does worse without either half of the frequencies",
        (ABOVE, BELOW): "The network does worse without high frequencies and not without low ones",
        (BELOW, ABOVE): "The network does worse without low frequencies and not without high ones",
        (BELOW, BELOW): "The network does without either half of the frequencies, if it has the other",
        (ABOVE, None): "The network does worse without high frequencies",
        (None, ABOVE): "The network does worse without low frequencies",
    }.get((found["above"], found["below"]), "Without which frequencies the network does worse is not shown in full")
    return (
        f"{head}. Divided at {radius} cycles/pixel: {'; '.join(parts)}. With all it is right in {causal['all']:.1%}. "
        "It was not trained on such crops, so this may be reliance or unfamiliarity."
    )


def strength_sentence(transplant: dict[str, Any]) -> str:
    """Whether how strong each frequency of a generator's residual is accounts for its fooling.

    `transplant`: of chapter 9, with the paired differences `steps`. It accounts for it if the same residual with random
    phases is shown to turn less than MARGIN fewer images than the residual itself.
    """
    steps = transplant["steps"]
    fools, phases = steps["own − untouched"], steps["own − own with random phases"]
    found = sides({"fools": fools, "phases": phases})
    if found["fools"] != ABOVE:
        head = "These generators are not shown to fool the network, so that nothing follows from their spectra"
    elif found["phases"] == ABOVE:
        head = "How strong each frequency of a generator's residual is accounts for a part of its fooling at most"
    elif found["phases"] == BELOW:
        head = "How strong each frequency of a generator's residual is accounts for its fooling"
    else:
        head = "Whether the strength of each frequency of a generator's residual accounts for its fooling is not shown"
    left, other, scattered = (
        steps[name] for name in ("own with random phases − untouched", "own − other", "other − random phases")
    )
    return (
        f"{head}. The residual lets the share of images taken for the camera rise by {points(fools)}. Phases drawn "
        f"anew cost {points(phases)} of it, and {points(left)} are left. Another image's residual in its place costs "
        f"{points(other)}, and phases of that drawn anew {points(scattered)} more."
    )
