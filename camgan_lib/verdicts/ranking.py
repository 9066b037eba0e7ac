"""The sentence on which explanation finds the truth, by rule, from trials/known_truth.py."""

from typing import Any

from camgan_lib.measure.known_truth import OTHERS, UNTRAINED
from camgan_lib.verdicts.wording import joined

ALPHA = 0.05
"""Chance, after Holm's correction, that any difference of the ranking is called real where there is none."""


FREQUENCY = "highest first"


def which_first(found: dict[str, Any]) -> str:
    """Which method ranks first, and which others and controls it is shown to be above or below.

    `found`: `known_truth.ranking`, or an empty dict if no stage was judged. A method *finds* the truth if it is above
    random order, above the plain order "highest first", above itself on untrained networks, and above itself on
    networks that learned another stage, each with p at most ALPHA.
    """
    if not found:
        return "Not judged: no classifier told its two cameras apart."
    scores = {row["method"]: row["score"] for row in found["methods"]}
    methods = [name for name in scores if name + UNTRAINED in scores]
    first = methods[0]
    above = _shown(found, first, 1)
    level = [name for name in methods[1:] if name not in above]
    beyond = "above every other method beyond chance" if not level else f"not shown to be above {_named(level)}"
    words = {
        "random": "random order",
        FREQUENCY: "the plain order from the highest frequency to the lowest",
        first + UNTRAINED: "itself on untrained networks",
        OTHERS: "itself on networks that learned to tell other stages",
    }
    below = _shown(found, first, -1)
    kinds = {
        "it is above": (above, "and"),
        "it is shown to be below": (below, "and"),
        "it is not shown to be above": (set(words) - above - below, "or"),
    }
    parts = [f"it is {beyond}"]
    for verb, (names, last) in kinds.items():
        if of_these := [text for name, text in words.items() if name in names]:
            parts.append(f"{verb} {joined(of_these, last)}")
    head = f"Of the methods, “{first}” ranks first, with a score of {scores[first]:.2f}: {'; '.join(parts)}."
    if set(words) <= above:
        return f"{head} So it finds what sets the cameras apart."
    return f"{head} So it is not shown to find what a network has learned."


def finders(found: dict[str, Any]) -> list[str]:
    """The methods that find the truth by the rule of `which_first`, the best first."""
    names = [row["method"] for row in found.get("methods", ())]
    methods = [name for name in names if name + UNTRAINED in names]
    return [name for name in methods if {"random", FREQUENCY, OTHERS, name + UNTRAINED} <= _shown(found, name, 1)]


def _shown(found: dict[str, Any], method: str, side: int) -> set[str]:
    """What a method is shown to be above (`side` 1) or below (−1)."""
    shown = set()
    for row in found["comparisons"]:
        if row["p"] <= ALPHA and method in (row["a"], row["b"]):
            other, sign = (row["b"], 1) if row["a"] == method else (row["a"], -1)
            shown |= {other} if side * sign * row["difference"].value > 0 else set()
    return shown


def _named(names: list[str]) -> str:
    return joined([f"“{name}”" for name in names], "or")
