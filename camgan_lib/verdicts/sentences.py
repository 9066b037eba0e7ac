"""Sentences of the book that follow from numbers by a stated rule."""

from collections.abc import Sequence
from typing import Any

from camgan_lib.measure.truth import best
from camgan_lib.verdicts.rules import ENDS
from camgan_lib.verdicts.wording import percent


def saliency_verdict(interval: tuple[float, float], difference: tuple[float, float]) -> str:
    """What correlations with edge strength say of claim (a), in one sentence.

    `interval`: of the trained network's mean; `difference`: of trained minus randomised, both 95 %.
    """
    if interval[1] < 0:
        found = "saliency prefers smooth places"
    else:
        found = "saliency prefers edges" if interval[0] > 0 else "saliency neither prefers nor avoids edges"
    if difference[0] <= 0 <= difference[1]:
        return f"{found}, and so it does in a network that has learned nothing: the maps say nothing about cameras"
    than = "more" if difference[0] > 0 else "less"
    return f"{found}; it follows edges {than} than in a network that has learned nothing, so part of this was learned"


def pure_colour_verdict(norm: str, kept: float) -> str:
    """What a share `kept` of the differences between pure colours says, given the generator's normalisation."""
    if norm == "instance":
        return "colour is lost, as this normalisation forces it to be"
    if kept < 0.01:
        return "colour is lost, though nothing in the architecture forces it to be"
    return "colour passes, so that this claim does not hold here" if kept > 0.5 else "colour passes in part"


def gap_verdict(table1: list[dict[str, Any]]) -> str:
    """Whether a camera's generator fails on images that it was not trained on, as one of the paper's does.

    The rule: the share taken for the camera falls by more than ten points from training to test images.
    """
    failing = [row["camera"] for row in table1 if row["train"] - row["test"] > 0.1]
    if failing:
        return f"the failure appears here too, for {', '.join(failing)}"
    return "no generator fails on new images here"


def survives(results: dict[str, dict[str, Any]]) -> list[str]:
    """What can be said of the classifier after all, each sentence with the numbers that carry it.

    What the ground truth says comes last, where the run is on the cameras whose truth is known.
    """
    said = [_spectra_tell(results), _frequencies_needed(results), _strength_alone(results)]
    known = results["truth"]["cameras"] == results["dataset"]["cameras"]
    return said + ([results["truth"]["conclusion"]] if known else [])


def _spectra_tell(results: dict) -> str:
    judge, chance = results["causes"]["judges"]["spectral"], results["classifier"]["chance"]
    network, colour = (results["classifier"][f"{name}_accuracy"] for name in ("auxiliary", "colour_only"))
    found = percent((judge["accuracy"], *judge["ci95"]))
    tells = judge["ci95"][0] > max(chance, colour)
    head = "Spectra tell the camera" if tells else "Spectra alone tell no more than chance or colour"
    return (
        f"{head}: a classifier that is linear in the level of each frequency is right in {found} of test crops, the "
        f"network in {network:.1%}, colour alone in {colour:.1%}, chance in {chance:.0%}."
    )


def _frequencies_needed(results: dict) -> str:
    causal = results["causes"]["causal"]
    high, low, everything = (
        tuple(causal[f"{name}{end}"] for end in ENDS) for name in ("without_high", "without_low", "all")
    )
    lost = {"high": high[2] < everything[1], "low": low[2] < everything[1]}
    heads = {
        (True, True): "The network needs high and low frequencies",
        (True, False): "The network needs high frequencies; no loss is shown for the low ones",
        (False, True): "The network needs low frequencies; no loss is shown for the high ones",
        (False, False): "No loss is seen when either half of the frequencies is gone",
    }
    return (
        f"{heads[lost['high'], lost['low']]}: without those above {causal['radius']} cycles/pixel it is right in "
        f"{percent(high)}, without those below in {percent(low)}, with all in {percent(everything)}."
    )


def _strength_alone(results: dict) -> str:
    curves = results["causes"]["transplant"]
    at = curves["strengths"].index(1.0)
    none, own, random = curves["generator"][0], curves["generator"][at], curves["random phases"][at]
    if own[1] <= none[2]:
        head = "These generators do not fool the network, so that nothing follows from their spectra"
    elif random[2] < own[1]:
        head = "How strong each frequency of a generator's residual is does not account for its fooling"
    else:
        head = "How strong each frequency of a generator's residual is accounts for its fooling"
    return (
        f"{head}: taken for the camera are {percent(own)} of images with the residual itself, {percent(random)} with "
        f"another image's residual of random phases, {percent(none)} untouched."
    )


def conclusion(recovered: dict[str, dict[str, object]], kinds: Sequence[str], won: dict[str, Sequence[float]]) -> str:
    """What the table of recovery says, by its numbers: `kinds` are the ways to train, the paper's first.

    `won`: kind → (mean, low, high) of the share of images that generators turned by the auxiliary classifier's verdict.
    """
    first, top = kinds[0], best(recovered, kinds)
    cameras, hits = len(recovered[top]["own"][0]), min(recovered[top]["hits"])
    mean, *interval = recovered[top]["mean"]
    said = [f"The one that recovers most is “{top}”, with a mean correlation of {mean:.2f}"]
    said[0] += f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
    said[0] += f"; for every seed at least {hits} of {cameras} cameras are told by what it recovered."
    if top == first:
        said.append("It is the paper's own.")
    elif interval and interval[0] > recovered[first]["mean"][-1]:
        said.append("That is more than the paper's, beyond both intervals.")
    gap = won[first][0] - won[top][0]
    if top != first and gap > 0.25:
        said.append(
            f"But it turns {max(won[top][0], 0):.0%} of images, where the paper's turns {won[first][0]:.0%}: having a "
            "camera's mean spectrum and being taken for the camera's are two things."
        )
    else:
        said.append(f"It turns {won[top][0]:.0%} of images, the paper's {won[first][0]:.0%}.")
    without = recovered[list(recovered)[-1]]["mean"][0]
    verb = "as well or better" if without >= mean else "less well"
    said.append(f"The crops' mean spectrum, without any generator, does {verb}: {without:.2f}.")
    return " ".join(said)
