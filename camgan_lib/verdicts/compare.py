"""Compares two runs: every estimate by a test, every plain number and text by whether it is the same.

Estimates of one place are compared as a difference: paired by unit if both runs cut the same photos, else as of two
studies. Their p values are corrected together by Holm's method. Numbers without an interval
can't be tested: they are the same within TOLERANCE or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from camgan_lib.measure.estimates import Estimate, read
from camgan_lib.measure.statistics import difference, holm, p_differs

ALPHA = 0.05
"""Chance that any estimate of two runs of the same truth is called different."""

TOLERANCE = 0.01
"""Relative difference up to which numbers without an interval count as the same."""

ROUNDING = 2e-3
"""Relative difference up to which estimates count as the same, whatever their p: other processors round otherwise."""

NAMES = ("camera", "name", "layer", "claim", "set", "kind", "content", "order", "map", "variant", "bins", "stage")
"""Keys that name a row of a list of rows."""

REPEATED = ("run", "real_cameras", "summary", "verdict", "other_question", "extraction")
"""Chapters that repeat others' numbers."""

SENTENCES = ("conclusion",)
"""Keys of texts that follow from recorded numbers."""

ABOUT_DATA = ("cameras", "test_photos", "test_crops", "split")


@dataclass(frozen=True)
class Row:
    """One place in two runs: an estimate, a plain number or a text, None if a run did not record it.

    `p`: of estimates in both, the corrected p value of "the two are the same".
    """

    name: str
    a: Any
    b: Any
    p: float | None = None

    @property
    def both(self) -> bool:
        """Whether both runs recorded it."""
        return self.a is not None and self.b is not None

    @property
    def differs(self) -> bool:
        """Of estimates: whether they differ beyond chance. Of all else in both: whether they are not the same."""
        if self.p is not None:
            return self.p <= ALPHA and not _near(self.a.value, self.b.value, ROUNDING)
        if not self.both:
            return False
        a, b = (each.value if isinstance(each, Estimate) else each for each in (self.a, self.b))
        if isinstance(a, float) or isinstance(b, float):
            return not (_is_number(a) and _is_number(b) and _near(a, b, TOLERANCE))
        return a != b


def rows(a: dict[str, Any], b: dict[str, Any]) -> list[Row]:
    """All places of two runs, in the order of the first run."""
    first, second = values(a), values(b)
    found = [Row(place, first.get(place), second.get(place)) for place in {**first, **second}]
    same = _same_photos(a, b)
    p = {row.name: _p(row.a, row.b, same) for row in found if _are_estimates(row)}
    corrected = holm(p)
    return [replace(row, p=corrected.get(row.name)) for row in found]


def values(results: dict[str, Any]) -> dict[str, Any]:
    """Every recorded estimate, number and text by its place, `chapter.quantity` or `chapter.list[row].quantity`."""
    found: dict[str, Any] = {}
    for chapter, recorded in read(results).items():
        if chapter not in REPEATED:
            found |= dict(_leaves(chapter, recorded))
    return found


def _leaves(place: str, recorded: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(recorded, dict):
        for key, each in recorded.items():
            if key not in (*NAMES, *SENTENCES) or isinstance(each, Estimate):
                yield from _leaves(f"{place}.{key}", each)
    elif isinstance(recorded, list):
        for index, each in enumerate(recorded):
            name = [str(each[key]) for key in NAMES if key in each] if isinstance(each, dict) else []
            yield from _leaves(f"{place}[{', '.join(name) or index}]", each)
    elif recorded is not None:
        yield place, recorded


def _same_photos(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether two runs cut their crops from the same photos, as far as the records tell."""
    about = [
        [*(results.get("run", {}).get(key) for key in ("data", "seed"))]
        + [results.get("dataset", {}).get(key) for key in ABOUT_DATA]
        for results in (a, b)
    ]
    return about[0] == about[1]


def _are_estimates(row: Row) -> bool:
    return isinstance(row.a, Estimate) and isinstance(row.b, Estimate)


def _p(a: Estimate, b: Estimate, same: bool) -> float:
    if not same:
        a, b = replace(a, units=()), replace(b, units=())
    return p_differs(difference(a, b))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _near(a: float, b: float, tolerance: float) -> bool:
    return a == b or abs(a - b) <= tolerance * max(abs(a), abs(b))


def about(results: dict[str, Any]) -> str:
    """A run's profile, data, seed and commit in a line."""
    run = results["run"]
    return f"Profile {run.get('profile')}, data {run.get('data')}, seed {run.get('seed')}, commit {run.get('commit')}"


def summary(found: list[Row]) -> str:
    """Sentences that say how many estimates differ beyond chance, by which correction, and how many numbers are not the
    same."""
    estimates = [row for row in found if row.p is not None]
    plain = [row for row in found if row.p is None and row.both]
    alone = sum(not row.both for row in found)
    said = [
        f"{sum(row.differs for row in estimates):,} of {len(estimates):,} estimates differ beyond chance (p at most "
        f"{ALPHA:.0%} after Holm's correction for all {len(estimates):,})."
        if estimates
        else "The runs have no estimate in common.",
        f"{sum(row.differs for row in plain):,} of {len(plain):,} numbers and words without an interval are not the "
        f"same "
        f"(numbers: by more than {TOLERANCE:.0%}).",
    ]
    return " ".join(said + ([f"{alone:,} are in one of the runs alone."] if alone else []))
