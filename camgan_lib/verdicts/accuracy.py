"""Sentences of chapters 2 and 4 that follow from accuracies and from Table 1, each by a rule that its function states.

Intervals and p values are those of `measure.statistics`. A rule that asks for "beyond the interval" takes the 95 %
interval of the difference, paired where both numbers are of the same photos or scenes.
"""

import math
from collections.abc import Sequence
from typing import Any

from camgan_lib.measure import statistics
from camgan_lib.measure.estimates import Estimate
from camgan_lib.verdicts.preconditions import not_beaten
from camgan_lib.verdicts.wording import joined, points

MARGIN = 0.01
"""Two classifiers count as equally good if their accuracies differ by less than this."""
GAP = 0.1
"""By how much the share taken for the camera falls from training to test images where a generator fails on these."""
FOOLED = 0.95
POWER = 0.8


def smallest_shown(estimate: Estimate) -> float:
    """The true difference that so wide an interval would tell from none in four studies of five; NaN without one."""
    from scipy.stats import t

    degrees = max(1, estimate.n - (len(set(estimate.strata)) or 1))
    error = (estimate.high - estimate.low) / 2 / t.ppf(0.5 + estimate.level / 2, degrees)
    return float(error * (t.ppf(0.5 + estimate.level / 2, degrees) + t.ppf(POWER, degrees)))


def _power(estimate: Estimate, of: str) -> str:
    """Which difference `of` two accuracies an estimate's photos would show."""
    least = smallest_shown(estimate)
    photos = f"With {estimate.n} photos, {of}"
    if not least < 1:
        return f"{photos} is not to be told from none, however large."
    return f"{photos} is told from none in four runs of five if it is {100 * least:.1f} points."


def standing_sentences(found: dict[str, Any]) -> str:
    """Chapter 2: whether there is anything to explain, and if not, how large a lead these photos could have shown.

    `found`: what chapter classifier records (see `preconditions.not_beaten`).
    """
    accuracy, lead, lacking = found["auxiliary_accuracy"], found["over_colour"], not_beaten(found)
    numbers = (
        f"The auxiliary classifier is right in {accuracy:.1%} of the test crops; chance gives {found['chance']:.1%}, "
        f"colour alone {found['colour_only_accuracy']:.1%}. Its lead over colour alone is {points(lead)}."
    )
    if not lacking:
        return (
            f"{numbers} Its accuracy is shown to lie above chance and its lead above zero, so there is something to "
            "explain."
        )
    return (
        f"{numbers} It is not shown to know more than {' or '.join(lacking)}: what later chapters find of it cannot be "
        f"judged. {_power(lead, 'a lead over colour alone')}"
    )


def twins_sentences(difference: Estimate, margin: float = MARGIN) -> str:
    """Chapter 2: whether the auxiliary and the 8-bit classifier differ, and if not, whether they are equally good.

    `difference`: accuracy of the auxiliary classifier minus that of the 8-bit one, paired by photo. They differ where
    its interval leaves out zero. Else they are equally good within `margin` if two one-sided tests at 2.5 % say so.
    """
    said = f"The auxiliary classifier's lead over it is {points(difference)}, compared photo by photo."
    if not difference.known:
        return f"{said} {_power(difference, 'a difference')}"
    if difference.low > 0 or difference.high < 0:
        return f"{said} The {'auxiliary' if difference.value > 0 else '8-bit'} classifier is the better one here."
    p, within = statistics.p_within(difference, margin), f"{100 * margin:g} point"
    if p < 0.05:
        return f"{said} No difference is shown, and one of more than {within} is excluded (equivalence, p = {p:.3f})."
    return (
        f"{said} No difference is shown, but one of more than {within} is not excluded (equivalence, p = {p:.2f}). "
        f"{_power(difference, 'a difference')}"
    )


def gap(row: dict[str, Any]) -> Estimate:
    """By how much the share taken for a camera falls from training to test images: an estimate over scenes.

    Of a row without intervals (the paper's) it has none.
    """
    train, test = row["train"], row["test"]
    if isinstance(train, Estimate):
        return statistics.difference(train, test)
    return Estimate(train - test, math.nan, math.nan, n=1, unit="study", method="stated without an interval")


def failing(table1: Sequence[dict[str, Any]]) -> list[str]:
    """The cameras whose generators fail on new images as one of the paper's does: by more than GAP.

    The gap must be larger than GAP by a one-sided test at 2.5 %, corrected for the number of cameras (Holm). Gaps that
    are stated without an interval are taken as they are.
    """
    gaps = {row["camera"]: gap(row) for row in table1}
    p = statistics.holm({camera: statistics.p_above(each, GAP) for camera, each in gaps.items() if each.known})
    return [camera for camera, each in gaps.items() if (p[camera] < 0.025 if each.known else each.value > GAP)]


def gap_sentence(table1: Sequence[dict[str, Any]]) -> str:
    """Chapter 4: the cameras of Table 1 whose generators fail on images that they were not trained on (`failing`).

    If there are none, those for which the interval of the gap reaches GAP. If it reaches it for none, no generator
    fails: each is shown not to.
    """
    if cameras := failing(table1):
        return f"the failure appears here too, for {', '.join(cameras)}"
    if open_ := [row["camera"] for row in table1 if gap(row).known and gap(row).high >= GAP]:
        more = f"one of more than {100 * GAP:.0f} points is not excluded"
        return f"no failure is shown here, but for {', '.join(open_)} {more}"
    return "no generator fails on new images here"


def table1_words(table1: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Chapter 4: what its prose says of Table 1, by name.

    `fooled`: how many cameras' whole intervals on test images lie above FOOLED; `lost`: for how many the 8-bit
    classifier takes fewer, beyond the interval of the difference, paired by scene; then the lowest share on test
    images, the largest gap, the largest share of untouched images, and the largest distance, each with its interval.
    """
    by_test, by_gap, by_taken = (
        sorted((each.value, row["camera"], each) for row, each in zip(table1, column, strict=True))
        for column in (_column(table1, "test"), [gap(row) for row in table1], _column(table1, "no_style"))
    )
    lost = [statistics.difference(row["transfer"], row["test"]).high < 0 for row in table1]
    farthest = max((each.value, f"{each:.3f}") for each in _column(table1, "l1"))
    return {
        "fooled": sum(each.low >= FOOLED for each in _column(table1, "test")),
        "lost": sum(lost),
        "lowest_test": f"{by_test[0][2]:.1%}",
        "lowest_test_camera": by_test[0][1],
        "largest_gap": points(by_gap[-1][2]),
        "largest_gap_camera": by_gap[-1][1],
        "gap": gap_sentence(table1),
        "most_taken": f"{by_taken[-1][2]:.1%}",
        "most_taken_for": by_taken[-1][1],
        "largest_l1": farthest[1],
    }


def _column(table1: Sequence[dict[str, Any]], name: str) -> list[Estimate]:
    return [row[name] for row in table1]


def suspects_sentence(rows: Sequence[dict[str, Any]]) -> str:
    """Chapter 4: in which variants of the training generators fail on new images (`failing`), may fail, and do not.

    `rows`: those of Table 1, each with its `variant`.
    """
    of = {name: [row for row in rows if row["variant"] == name] for name in dict.fromkeys(r["variant"] for r in rows)}
    bad = [name for name, own in of.items() if failing(own)]
    unsure = [name for name, own in of.items() if name not in bad and any(gap(row).high >= GAP for row in own)]
    good = [name for name in of if name not in (*bad, *unsure)]
    said = []
    if bad:
        said.append(f"Generators fail on new images, as the paper's fourth does, in {_quoted(bad)}.")
    if unsure:
        falls = {name: sorted(gap(row).value for row in of[name]) for name in unsure}
        ranges = joined([f"“{n}”, by {100 * each[0]:.1f} to {100 * each[-1]:.1f} points" for n, each in falls.items()])
        said.append(
            f"Shares fall in {ranges}; camera by camera, and corrected for their number, more than {100 * GAP:.0f} is "
            "neither shown nor excluded."
        )
    if good:
        said.append(f"No generator fails so in {_quoted(good)}.")
    return " ".join(said)


def _quoted(names: list[str]) -> str:
    return joined([f"“{name}”" for name in names])
