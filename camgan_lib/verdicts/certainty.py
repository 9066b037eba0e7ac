"""Sentences of chapter 2 on how sure an answer for a photo may be, and what few photos allow to conclude."""

import math
from typing import Any

from camgan_lib.measure.estimates import Estimate

SHOWN = 0.9
"""The accuracy per photo that a study of identification would want to show."""


def words(found: dict[str, Any]) -> str:
    """How far probabilities are from the shares that are right, and how photos are answered (`measure.certainty`)."""
    before, after = (found[when]["error"] for when in ("before", "after"))
    told = (
        f"For single crops, the probability of the camera that is named lies {100 * before:.1f} points from the share "
        f"that is right on average, and {100 * after:.1f} points once it is calibrated."
    )
    return (
        f"{told} With all their crops voting, {found['right']:.1%} of {found['photos']} test photos are named rightly, "
        f"{found['none']:.1%} are taken for none of these, and {found['wrong']:.1%} are given a wrong name."
    )


def conclusion(accuracy: Estimate, chance: float) -> str:
    """What the interval of an accuracy per photo allows to conclude, and how many photos would show more.

    It shows what lies below its lower end. As many photos as are needed to show SHOWN are counted for the best case, in
    which all of them are right (Clopper and Pearson 1934).
    """
    needed = math.ceil(math.log((1 - accuracy.level) / 2) / math.log(SHOWN))
    sure = f"{accuracy.n} test photos show that a photo is named rightly in more than {accuracy.low:.0%} of cases"
    if accuracy.low <= chance:
        said = (
            f"{accuracy.n} test photos do not show that a photo is named better than by chance ({chance:.0%}): the "
            f"interval begins at {accuracy.low:.0%}. Nothing can be concluded from so few."
        )
    elif accuracy.n < needed:
        said = f"{sure}, and not more than that."
    else:
        return f"{sure}."
    return f"{said} To show more than {SHOWN:.0%}, {needed} test photos or more are needed, even if all are right."
