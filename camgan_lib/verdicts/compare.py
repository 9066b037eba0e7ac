"""Compares two runs: every number that their chapters recorded, and whether it differs beyond chance."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from camgan_lib.measure.statistics import wilson

TOLERANCE = 0.01
"""Relative difference up to which numbers without an interval count as the same."""

NAMES = ("camera", "name", "layer", "claim", "set", "kind", "content", "order", "map", "variant", "bins", "stage")
"""Keys that name a row of a list of rows."""

SENTENCES = ("conclusion",)
"""Keys of texts that follow from recorded numbers."""


@dataclass(frozen=True)
class Value:
    """A recorded number or text, with its 95 % interval where one is known."""

    value: Any
    low: float | None = None
    high: float | None = None

    @property
    def half(self) -> float | None:
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    def __str__(self) -> str:
        if isinstance(self.value, str | bool) or self.value is None:
            return str(self.value)
        text = f"{self.value:,}" if isinstance(self.value, int) else f"{self.value:.4g}"
        return text if self.low is None else f"{text} ({self.low:.4g} to {self.high:.4g})"


@dataclass(frozen=True)
class Row:
    """One quantity in two runs; None if a run did not record it."""

    name: str
    a: Value | None
    b: Value | None

    @property
    def differs(self) -> bool:
        """Whether the two differ beyond chance.

        Two numbers with intervals differ if they lie further apart than their half widths taken in quadrature. If one
        has an interval, they differ if the other lies outside it. Without intervals they differ by more than TOLERANCE
        of the larger. Integers, truth values and texts differ if they are not the same. A quantity that a run did not
        record differs.
        """
        if self.a is None or self.b is None:
            return True
        a, b = self.a.value, self.b.value
        if any(isinstance(x, str | bool) or x is None for x in (a, b)) or (isinstance(a, int) and isinstance(b, int)):
            return a != b
        halves = [each.half for each in (self.a, self.b) if each.half is not None]
        if len(halves) == 2:
            return abs(a - b) > math.hypot(*halves)
        if halves:
            known, other = (self.a, b) if self.a.half is not None else (self.b, a)
            return not known.low <= other <= known.high
        return abs(a - b) > TOLERANCE * max(abs(a), abs(b))


def values(results: dict[str, Any]) -> dict[str, Value]:
    """Every recorded number and text by its place, `chapter.quantity` or `chapter.list[row].quantity`.

    Left out are chapters that repeat others' numbers, and sentences that follow from numbers.
    """
    found: dict[str, Value] = {}
    for chapter, recorded in results.items():
        if chapter not in ("run", "real_cameras", "summary", "verdict", "other_question"):
            found |= dict(_leaves(chapter, recorded))
    judged = _images_of_table1(results.get("style_gan", {}))
    for place, value in list(found.items()):
        head, _, column = place.rpartition(".")
        n = found[f"{head}.n"].value if head.endswith(".first") else judged.get(column)
        if ".table1[" in place and column in judged and n:
            found[place] = Value(value.value, *wilson(value.value, n))
    return found


def _images_of_table1(recorded: dict[str, Any]) -> dict[str, int | None]:
    """How many images each share of Table 1 is of, by column; None if the run did not record it."""
    test = recorded.get("nostyle_test")
    return {"train": recorded.get("train_judged"), "no_style": test, "test": test, "transfer": test}


def _leaves(place: str, recorded: Any) -> Iterator[tuple[str, Value]]:
    if isinstance(recorded, dict):
        intervals = {_owner(key, recorded): key for key in recorded if key.endswith("_ci95")}
        for key, each in recorded.items():
            if key in intervals:
                yield f"{place}.{key}", Value(each, *recorded[intervals[key]])
            elif key not in intervals.values() and key not in (*NAMES, *SENTENCES):
                yield from _leaves(f"{place}.{key}", each)
    elif _is_interval(recorded):
        yield place, Value(*recorded)
    elif isinstance(recorded, list):
        for index, each in enumerate(recorded):
            name = [str(each[key]) for key in NAMES if key in each] if isinstance(each, dict) else []
            yield from _leaves(f"{place}[{', '.join(name) or index}]", each)
    else:
        yield place, Value(recorded)


def _is_interval(recorded: Any) -> bool:
    """Whether a list is [number, low, high], as the controls record."""
    if not isinstance(recorded, list) or len(recorded) != 3 or not all(isinstance(each, float) for each in recorded):
        return False
    return recorded[1] <= recorded[0] <= recorded[2]


def _owner(interval: str, recorded: dict[str, Any]) -> str | None:
    """The key of the number that an interval `…_ci95` belongs to: the shortest one with all words of its name."""
    words = set(interval.removesuffix("_ci95").split("_"))
    numbers = [key for key, value in recorded.items() if isinstance(value, float) and words <= set(key.split("_"))]
    return min(numbers, key=len, default=None)


def rows(a: dict[str, Any], b: dict[str, Any]) -> list[Row]:
    """All quantities of two runs, in the order of the first run."""
    first, second = values(a), values(b)
    return [Row(place, first.get(place), second.get(place)) for place in {**first, **second}]


def about(results: dict[str, Any]) -> str:
    """A run's profile, data, seed and commit in a line."""
    run = results["run"]
    return f"Profile {run.get('profile')}, data {run.get('data')}, seed {run.get('seed')}, commit {run.get('commit')}"


def summary(found: list[Row]) -> str:
    """A sentence that says how many quantities differ."""
    both = [row for row in found if row.a is not None and row.b is not None]
    alone = len(found) - len(both)
    more = f"; {alone} are in one of them alone" if alone else ""
    return f"{sum(row.differs for row in both)} of {len(both)} quantities that both have differ{more}."
