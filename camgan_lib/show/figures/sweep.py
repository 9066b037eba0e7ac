"""A sweep's means over seeds with 95 % intervals, per cell of its grid: a table and plots."""

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from camgan_lib.show.figures.style import WIDTH, Table, camera_colour, new_figure
from camgan_lib.verdicts.wording import compact

MOST_SHOWN = 9


def table(found: list[dict[str, Any]], axes: list[str]) -> Table:
    """The rows of `sweep_summary.summary` as a table. Cells read "mean (low to high)"."""
    places = [axis for axis in axes if axis in found[0]]
    measured = _measured(found, places)
    rows = [[_place(row, places), str(row["n"]), *(words(row[name]) for name in measured)] for row in found]
    return Table(["cell", "seeds", *measured], rows)


def words(value: tuple[float, float, float]) -> str:
    """A mean and its interval: "0.93 (0.91 to 0.95)"."""
    mean, low, high = value
    return compact(mean) if math.isnan(low) else f"{compact(mean)} ({compact(low)} to {compact(high)})"


def cells(found: list[dict[str, Any]], axes: list[str]) -> Figure:
    """A panel per measured number (the first MOST_SHOWN), a dot per cell: mean and 95 % interval over seeds."""
    places = [axis for axis in axes if axis in found[0]]
    measured = _measured(found, places)[:MOST_SHOWN]
    columns = min(3, len(measured))
    rows = -(-len(measured) // columns)
    figure = new_figure(WIDTH, rows * (0.26 * len(found) + 0.9))
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    at = np.arange(len(found))[::-1]
    for panel, name in zip(grid.flat, measured, strict=False):
        values = np.array([row[name] for row in found], float)
        spread = np.nan_to_num(np.abs(values[:, 1:].T - values[:, 0]))
        panel.errorbar(values[:, 0], at, xerr=spread, fmt="o", markersize=4, color=camera_colour(0), capsize=3)
        panel.set_title(name.replace("_", " "))
        panel.set_yticks(at, [_place(row, places) for row in found])
        panel.grid(axis="x")
    for panel in grid.flat[len(measured) :]:
        panel.set_visible(False)
    return figure


def _measured(found: list[dict[str, Any]], places: list[str]) -> list[str]:
    return [name for name in found[0] if name not in places and name != "n"]


def _place(row: dict[str, Any], places: list[str]) -> str:
    return ", ".join(str(row[axis]) for axis in places) or "all"
