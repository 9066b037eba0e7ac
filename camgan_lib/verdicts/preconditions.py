"""What must be shown of the classifier before any verdict may rest on it, and what a number that is unsure lacks.

Each precondition is tested by itself at 2.5 %, one-sided: the 95 % interval must lie above. All must be met, so that no
correction for their number is due.
"""

import math
from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import p_above
from camgan_lib.verdicts.measures import minus
from camgan_lib.verdicts.wording import points

LEVEL = 0.025
MOTIFS = "more photos alone will not help; every camera should show the same motifs"
ROOM = 1.5
"""Factor by which an interval should be narrower than what it must exclude: for the correction, and for chance."""


def not_beaten(classifier: dict[str, Any]) -> list[str]:
    """What the auxiliary classifier is not shown to beat: "chance", "colour alone", both, or nothing.

    `classifier`: what chapter 2 recorded (`auxiliary_accuracy`, `over_colour`, `chance`).
    """
    above = {"chance": p_above(classifier["auxiliary_accuracy"], classifier["chance"])}
    above["colour alone"] = p_above(classifier["over_colour"], 0.0)
    return [name for name, p in above.items() if p > LEVEL]


def missing(classifier: dict[str, Any]) -> list[str]:
    """What keeps verdicts from resting on the classifier, in words; empty if nothing does.

    `classifier`: as in `not_beaten`.
    """
    accuracy, over, chance = classifier["auxiliary_accuracy"], classifier["over_colour"], classifier["chance"]
    said, lacking = [], not_beaten(classifier)
    if "chance" in lacking:
        said.append(
            f"the classifier is not shown to beat chance, {chance:.0%}: it is right in {accuracy:.1%} of crops "
            f"({enough(minus(accuracy, chance), 0.0)})"
        )
    if "colour alone" in lacking:
        said.append(
            f"the classifier is not shown to beat colour alone: the difference is {points(over)} "
            f"({enough(over, 0.0) if over.value > 0 else MOTIFS})"
        )
    return said


def sentence(classifier: dict[str, Any]) -> str:
    """Chapter 2 and first page: whether verdicts may rest on the classifier, as one or two sentences."""
    if said := missing(classifier):
        words = " and ".join(said)
        return f"{words[0].upper()}{words[1:]}. What rests on the classifier is therefore not judged in this run."
    return (
        f"The classifier beats chance, and colour alone by {points(classifier['over_colour'])}, so that verdicts may "
        "rest on it."
    )


def enough(estimate: Estimate, margin: float) -> str:
    """About how many units would show on which side of a margin a number lies, if its value stays as it is."""
    unit, n = estimate.unit, estimate.n
    if not estimate.known:
        return f"{n} {unit}{'s give' if n > 1 else ' gives'} no interval"
    distance, half = abs(estimate.value - margin), (estimate.high - estimate.low) / 2
    if distance * 30 < half:
        return f"it lies at the margin: more {unit}s would hardly decide it"
    if unit == "filter":
        return f"the {n} filters of one layer are too few to decide it"
    number = max(n + 1, math.ceil(n * (ROOM * half / distance) ** 2 - 1e-6))
    return f"about {number:,} {unit}s would decide it, there are {n:,}"
