"""Verdicts of several runs side by side: which claims hold everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from camgan_lib.verdicts.registered import RULES

OLDER = "by earlier rules"


def side_by_side(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, str]]:
    """A row per claim: its words, and under each run's name the verdict that the run recorded.

    `runs`: name → the run's recorded verdicts (`claim`, `letter`, `version`, `verdict`), empty if it recorded none. A
    verdict by another version of the rule than the present one is not shown, the version is.
    """
    words = {each["letter"]: each["claim"] for of in runs.values() for each in of if "letter" in each}
    found = {name: {each.get("letter"): each for each in of} for name, of in runs.items()}
    return [
        {"claim": words.get(letter, f"({letter})"), **{name: _cell(of, letter) for name, of in found.items()}}
        for letter in RULES
    ]


def everywhere(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Which claims have the same verdict in all runs that have one by the present rules on every claim, in words."""
    judged = [of for of in runs.values() if all(_present(each) for each in of) and of]
    if len(judged) < 2:
        return (
            "Fewer than two runs have verdicts by the present rules on all claims, so that nothing can be said of all "
            "of them."
        )
    kinds = {letter: {each["verdict"] for of in judged for each in of if each["letter"] == letter} for letter in RULES}
    same = [f"({letter}) {next(iter(found))}" for letter, found in kinds.items() if len(found) == 1]
    head = f"The same in all {len(judged)} runs that have verdicts by the present rules on all claims: "
    return head + (", ".join(same) if same else "none") + "."


def _cell(found: Mapping[str | None, Mapping[str, Any]], letter: str) -> str:
    each = found.get(letter)
    if each is None:
        return OLDER if None in found else "–"
    return each["verdict"] if _present(each) else f"by version {each['version']}"


def _present(each: Mapping[str, Any]) -> bool:
    rule = RULES.get(each.get("letter", ""))
    return rule is not None and each.get("version") == rule.version
