"""Sentences of the book that follow from numbers, each by a rule that its function states."""

from collections.abc import Sequence
from typing import Any

from camgan_lib.measure.truth import best
from camgan_lib.verdicts import rules
from camgan_lib.verdicts.rules import ENDS, HOLDS, LIMITS, UNSUPPORTED, VOID
from camgan_lib.verdicts.wording import percent


def twins_sentence(auxiliary: dict[str, Any], quantized: dict[str, Any]) -> str:
    """Chapter 2: whether the two classifiers' accuracies differ by more than half the width of the interval.

    Each has `accuracy` and `ci95` (see `evaluation.evaluate`). The interval is the auxiliary classifier's.
    """
    difference, half = abs(auxiliary["accuracy"] - quantized["accuracy"]), half_width(auxiliary["ci95"])
    than = "no more than" if difference <= half else "more than"
    return f"The two differ by {difference:.2%}, which is {than} half the width of the interval, {half:.1%}."


def half_width(interval: Sequence[float]) -> float:
    """Half the width of an interval (low, high)."""
    return (interval[1] - interval[0]) / 2


def saliency_sentence(interval: tuple[float, float], difference: tuple[float, float]) -> str:
    """Chapter 3: whether saliency follows edges, and whether a network with random weights does the same.

    `interval`: of the trained network's mean rank correlation with edge strength; `difference`: of trained minus
    random weights. Both are 95 % intervals (low, high). Chapter 11 judges claim (a).
    """
    if interval[1] < 0:
        found = "saliency prefers smooth places"
    else:
        found = "saliency prefers edges" if interval[0] > 0 else "saliency neither prefers nor avoids edges"
    if difference[0] <= 0 <= difference[1]:
        return f"{found}, and no difference is shown from a network that has learned nothing"
    than = "more" if difference[0] > 0 else "less"
    return f"{found}; it follows edges {than} than in a network that has learned nothing, so part of this was learned"


def colour_sentence(norm: str, kept: float) -> str:
    """Chapter 5: what a share `kept` of the differences between pure colours says, given the normalisation `norm`."""
    if norm == "instance":
        return "colour is lost, as this normalisation forces it to be"
    if kept < rules.COLOUR_LOST:
        return "colour is lost, though nothing in the architecture forces it to be"
    return "colour passes" if kept > 0.5 else "colour passes in part"


GAP = 0.1
"""By how much the share taken for the camera falls from training to test images where a generator fails on these."""


def failing(table1: list[dict[str, Any]]) -> list[str]:
    """The cameras whose generators fail on new images as one of the paper's does: by more than GAP."""
    return [row["camera"] for row in table1 if row["train"] - row["test"] > GAP]


def gap_sentence(table1: list[dict[str, Any]]) -> str:
    """Chapter 4: the cameras of Table 1 whose generators fail on images that they were not trained on (`failing`)."""
    cameras = failing(table1)
    return (
        f"the failure appears here too, for {', '.join(cameras)}"
        if cameras
        else "no generator fails on new images here"
    )


def suspects_sentence(rows: list[dict[str, Any]]) -> str:
    """Chapter 4: which variants of the training make generators that fail on new images (`failing`).

    `rows`: those of Table 1, each with its `variant`.
    """
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    bad = [name for name in variants if failing([row for row in rows if row["variant"] == name])]
    good = ", ".join(f"“{name}”" for name in variants if name not in bad)
    if not bad:
        return f"No generator fails on new images, in any of the variants: {good}."
    rest = f" None does in {good}." if good else ""
    return (
        f"Generators fail on new images, as the paper's fourth does, in {', '.join(f'“{name}”' for name in bad)}.{rest}"
    )


def observation_sentences(results: dict[str, dict[str, Any]]) -> tuple[str, str]:
    """First page: whether the paper's observation is seen here, and whether its conclusion follows from it.

    The observation is seen unless claim (d), generators fool, or (g), their spectra have a pattern, is not supported.
    Where it is seen, the verdict on (g) says whether the conclusion follows.
    """
    found = {each.claim[:3]: each.verdict for each in rules.verdicts(results)}
    if UNSUPPORTED in (found["(d)"], found["(g)"]):
        return "This run does not show what the paper saw.", "Nor does its conclusion follow."
    conclusions = {
        HOLDS: "Its conclusion follows from it.",
        LIMITS: "Its conclusion follows from it with limits.",
        VOID: "Its conclusion does not follow from it.",
    }
    return "The paper's observation holds here.", conclusions[found["(g)"]]


def survives(results: dict[str, dict[str, Any]]) -> list[str]:
    """Chapter 11: what can be said of the classifier after all, each sentence with the numbers behind it.

    If the run is on the cameras whose true traces are known, the last sentence says what came back of these.
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


def conclusion(recovered: dict[str, dict[str, Any]], kinds: Sequence[str], turned: dict[str, Sequence[float]]) -> str:
    """Chapter 10: what the table of recovery says. `kinds` are the ways to train, the paper's first.

    `turned`: kind → (mean, low, high) of the share of images that generators turn at least, judged by the auxiliary
    classifier.
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
    gap = turned[first][0] - turned[top][0]
    if top != first and gap > 0.25:
        said.append(
            f"But it turns at least {max(turned[top][0], 0):.0%} of images, where the paper's turns "
            f"{turned[first][0]:.0%}: having a camera's mean spectrum and being taken for the camera's are two things."
        )
    else:
        said.append(f"It turns at least {turned[top][0]:.0%} of images, the paper's {turned[first][0]:.0%}.")
    without = recovered[list(recovered)[-1]]["mean"][0]
    verb = "as well or better" if without >= mean else "less well"
    said.append(f"The crops' mean spectrum, without any generator, does {verb}: {without:.2f}.")
    return " ".join(said)
