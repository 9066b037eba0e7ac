"""Sentences of chapter 2 on how sure an answer for a photo may be, and what few photos allow to conclude."""

import math
from typing import Any

from camgan_lib.measure.estimates import Estimate

SHOWN = 0.9
"""The accuracy per photo that a study of identification would want to show."""


def words(found: dict[str, Any]) -> str:
    """How far probabilities are from the shares that are right, and how photos are answered (`measure.certainty`)."""
    if not found["judged"]:
        return (
            f"{found['photos']} test photos are too few to say how sure the answers are: calibrating takes two photos "
            "of each camera, and more."
        )
    before, after, whole = (100 * found[when]["error"] for when in ("before", "after", "whole"))
    told = (
        f"For single crops, the probability of the camera that is named lies {before:.1f} points from the share that "
        f"is right on average, and {after:.1f} points once it is calibrated; for whole photos it lies {whole:.1f} "
        "points from it."
    )
    return (
        f"{told} With all their crops voting, {found['right']:.1%} of {found['photos']} test photos are named rightly, "
        f"{found['none']:.1%} are taken for none of these, and {found['wrong']:.1%} are given a wrong name."
    )


def conclusion(accuracy: Estimate, chance: float) -> str:
    """What the interval of an accuracy per photo allows to conclude, and how many photos would show more.

    `chance`: the share that the same name for every photo gets right. The interval shows what lies below its lower end.
    As many photos as are needed to show SHOWN are counted for the best case, in which all of them are right (Clopper
    and Pearson 1934).
    """
    needed = math.ceil(math.log((1 - accuracy.level) / 2) / math.log(SHOWN))
    sure = f"{accuracy.n} test photos show that a photo is named rightly in more than {accuracy.low:.0%} of cases"
    if accuracy.low <= chance:
        said = (
            f"{accuracy.n} test photos do not show more than the same name for every photo ({chance:.0%}): the "
            f"interval begins at {accuracy.low:.0%}. Nothing can be concluded from so few."
        )
    elif accuracy.n < needed:
        said = f"{sure}, and not more than that."
    else:
        return f"{sure}."
    return f"{said} To show more than {SHOWN:.0%}, {needed} test photos or more are needed, even if all are right."
