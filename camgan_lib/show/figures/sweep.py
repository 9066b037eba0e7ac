"""A sweep's estimates over seeds, per cell of its grid: tables and plots; differences between cells."""

from typing import Any

from matplotlib.figure import Figure

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.forest import forest, in_percent
from camgan_lib.show.figures.tables import MISSING, Table, capitalised, in_points
from camgan_lib.verdicts.wording import compact

MOST_SHOWN = 9


def table(found: list[dict[str, Any]], axes: list[str]) -> Table:
    """The rows of `sweep_summary.summary` as a table. Cells read "mean (low to high)"."""
    places = [axis for axis in axes if axis in found[0]]
    measured = _measured(found, places)
    rows = [[_place(row, places), str(row["n"]), *(words(row[name]) for name in measured)] for row in found]
    return Table(["cell", "seeds", *measured], rows)


def words(value: Estimate) -> str:
    """A mean and its interval: "0.93 (0.91 to 0.95)"."""
    mean = compact(value.value)
    return f"{mean} ({compact(value.low)} to {compact(value.high)})" if value.known else mean


def cells(found: list[dict[str, Any]], axes: list[str]) -> Figure:
    """A panel per measured number (the first MOST_SHOWN), a dot per cell: mean and 95 % interval over seeds."""
    places = [axis for axis in axes if axis in found[0]]
    measured = _measured(found, places)[:MOST_SHOWN]
    panels = {name.replace("_", " "): {"mean": [row[name] for row in found]} for name in measured}
    return forest([_place(row, places) for row in found], panels)


def differences(rows: list[dict[str, Any]], columns: dict[str, tuple[str, str]], head: str, caption: str) -> Table:
    """The rows of `sweep_summary.shown_to_differ` as a table; * marks a difference beyond chance.

    `columns`: name → (its head, its format); `head` is that of the first column. Differences of shares, whose format
    ends in "%", are written in points, without the sign.
    """
    written = [
        [
            row["variant"],
            *(_difference(row[name], form, name in row["shown"]) for name, (_, form) in columns.items()),
        ]
        for row in rows
    ]
    tests = sum(row[name] is not None for row in rows for name in columns)
    about = f"{caption}; * differs from 0, p < 0.05 after Holm's correction for all {tests} tests"
    return Table(list(map(capitalised, [head, *(title for title, _ in columns.values())])), written, about)


def difference_points(rows: list[dict[str, Any]], columns: dict[str, tuple[str, str]]) -> Figure:
    """The same as a figure, a panel per column: hollow where a difference from 0 may be chance."""
    panels = {}
    for name, (title, form) in columns.items():
        values = [row[name] for row in rows]
        panels[title] = {"difference": in_percent(values) if "%" in form else values}
    hollow = {
        (title, at) for name, (title, _) in columns.items() for at, row in enumerate(rows) if name not in row["shown"]
    }
    return forest([row["variant"] for row in rows], panels, at=dict.fromkeys(panels, 0.0), hollow=hollow)


def _difference(found: Estimate | None, form: str, shown: bool) -> str:
    if found is None:
        return MISSING
    written = in_points(found, form.replace("%", "f")) if "%" in form else f"{found:{form}}"
    return written + " *" * shown


def _measured(found: list[dict[str, Any]], places: list[str]) -> list[str]:
    return [name for name in found[0] if name not in places and name != "n"]


def _place(row: dict[str, Any], places: list[str]) -> str:
    return ", ".join(str(row[axis]) for axis in places) or "all"


def components(found: dict[str, dict[str, Estimate]], forms: dict[str, str]) -> Table:
    """The standard deviation that each level adds to each result (`variance.nested`), with 95 % intervals.

    `found`: result → level → Estimate; `forms`: result → how its numbers are written.
    """
    levels = list(next(iter(found.values())))
    rows = [[level, *(format(each[level], forms[name]) for name, each in found.items())] for level in levels]
    return Table(
        list(map(capitalised, ["level", *found])),
        rows,
        "Standard deviation that each level adds. Brackets: 95 % intervals",
    )
