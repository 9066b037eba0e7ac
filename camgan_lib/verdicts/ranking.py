"""The sentence on which explanation finds the truth, by rule, from trials/known_truth.py."""

from typing import Any

from camgan_lib.measure.known_truth import BLIND, UNTRAINED
from camgan_lib.verdicts.wording import joined

ALPHA = 0.05
"""Chance, after Holm's correction, that any difference of the ranking is called real where there is none."""


def which_first(found: dict[str, Any]) -> str:
    """Which method ranks first, and which others and controls it is shown to be above.

    `found`: `known_truth.ranking`, or an empty dict if no stage was judged. A method *finds* the truth if it is above a
    random order, above itself on untrained networks and above the plain order "highest first", each with p at most
    ALPHA. It is *the best* if it is above every other method, too.
    """
    if not found:
        return "Not judged: no classifier told its two cameras apart."
    scores = {row["method"]: row["score"] for row in found["methods"]}
    methods = [name for name in scores if name + UNTRAINED in scores]
    first = methods[0]
    above = _above(found, first)
    others = [name for name in methods[1:] if name not in above]
    controls = {"random": "a random order", first + UNTRAINED: "the same on untrained networks"}
    controls |= {"highest first": "the plain order from the highest frequency to the lowest"}
    missed = [words for name, words in controls.items() if name not in above]
    head = f"“{first}” ranks first, with a score of {scores[first]:.2f}"
    beyond = "above every other method beyond chance" if not others else f"not shown to be above {_named(others)}"
    if not missed:
        tail = "It finds what sets the cameras apart: it is above a random order, itself on untrained networks and "
        return f"{head}; it is {beyond}. {tail}the plain order from the highest frequency to the lowest."
    return f"{head}; it is {beyond}. That it knows more than {joined(missed, 'or')} is not shown."


def finders(found: dict[str, Any]) -> list[str]:
    """The methods that find the truth by the rule of `which_first`, the best first."""
    names = [row["method"] for row in found.get("methods", ())]
    methods = [name for name in names if name + UNTRAINED in names]
    blind = {name for name in BLIND if name in ("random", "highest first")}
    return [name for name in methods if blind | {name + UNTRAINED} <= _above(found, name)]


def _above(found: dict[str, Any], method: str) -> set[str]:
    """What a method is shown to be above."""
    above = set()
    for row in found["comparisons"]:
        if row["p"] <= ALPHA and method in (row["a"], row["b"]):
            other, sign = (row["b"], 1) if row["a"] == method else (row["a"], -1)
            above |= {other} if sign * row["difference"].value > 0 else set()
    return above


def _named(names: list[str]) -> str:
    return joined([f"“{name}”" for name in names], "or")
