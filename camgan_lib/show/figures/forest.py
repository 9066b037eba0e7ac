"""Long tables as figures: a point with its interval for each row, a panel for each measure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.lettering import legend_label, wrapped
from camgan_lib.show.figures.palette import FAINT, GROUND, INK, STRONG, camera_colour
from camgan_lib.show.figures.style import WIDTH, new_figure, responsive

Values = Sequence[Estimate | float | None]
"""One for each row of the figure: an estimate, a number without an interval, or nothing."""

BESIDE = {True: 4, False: 1}
"""Panels side by side, at most: in the text's width, and on a phone."""

MARKS = ("o", "s", "^", "D", "v", "P")
ROW = 0.25
"""Inches for a row, and for each further series in it half as much."""


def in_percent(values: Values) -> list[Estimate | float | None]:
    """Shares, or differences of them, in percent or points."""
    return [
        replace(each, value=100 * each.value, low=100 * each.low, high=100 * each.high, units=())
        if isinstance(each, Estimate)
        else each and 100 * each
        for each in values
    ]


@responsive
def forest(
    rows: Sequence[str],
    panels: Mapping[str, Mapping[str, Values]],
    *,
    at: Mapping[str, float] | None = None,
    ticks: Mapping[str, Sequence[float | None]] | None = None,
    hollow: Collection[tuple[str, int]] = (),
    starts: Collection[int] = (),
    ink: Collection[str] = (),
    cameras: bool = False,
    label: str = "",
    width: float = WIDTH,
) -> Figure:
    """A row for each of `rows`, a panel for each measure, a colour for each series.

    `panels`: title → series → its values by row. `at`: title → where a dashed line stands. `ticks`: title → by row a
    value that is marked by a stroke, such as the truth. `hollow`: title and row of points that are not filled.
    `starts`: rows above which a line stands. `ink`: series in the colour of the text. `cameras`: each row is a camera
    and has its colour, so that series differ by their marks. `label` stands below the axes.
    """
    names = list(dict.fromkeys(name for series in panels.values() for name in series))
    beside = min(BESIDE[width >= WIDTH], len(panels))
    beside = -(-len(panels) // -(-len(panels) // beside))
    down = -(-len(panels) // beside)
    height = len(rows) * ROW * (1 + (len(names) - 1) / 2)
    figure = new_figure(width, down * (height + 0.55) + 0.45)
    grid = figure.subplots(down, beside, squeeze=False, sharey=True)
    for axes, (title, series) in zip(grid.flat, panels.items(), strict=False):
        axes.set_title(wrapped(title, 60 // beside))
        if at and title in at:
            axes.axvline(at[title], color=STRONG, linestyle="--", linewidth=1)
        empty = {row for named, row in hollow if named == title}
        for number, name in enumerate(names):
            shift = 0.7 * ((len(names) - 1) / 2 - number) / len(names)
            own = INK if cameras or name in ink else camera_colour(number)
            colours = [camera_colour(row) if cameras and name not in ink else own for row in range(len(rows))]
            mark = MARKS[number % len(MARKS)] if cameras else "o"
            _points(axes, series.get(name, ()), shift, colours, mark, empty)
            axes.plot([], [], mark, color=own, markersize=4.5, label=legend_label(name, 30))
        _strokes(axes, (ticks or {}).get(title, ()))
        _rows(axes, rows, starts)
    for axes in grid.flat[len(panels) :]:
        axes.set_visible(False)
    _legend(figure, grid[0, 0], names, bool(ticks), width)
    if label:
        figure.supxlabel(label, fontsize="medium")
    return figure


def _points(
    axes: Axes, values: Values, shift: float, colours: Sequence[str], mark: str, empty: Collection[int]
) -> None:
    last = len(values) - 1
    points: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for row, (value, colour) in enumerate(zip(values, colours, strict=False)):
        if value is None:
            continue
        number = value.value if isinstance(value, Estimate) else value
        if isinstance(value, Estimate) and value.known:
            ends = [min(value.low, number), max(value.high, number)]
            axes.plot(ends, [last - row + shift] * 2, "-", color=colour, linewidth=1.4, solid_capstyle="butt")
        look = colour, GROUND if row in empty else colour
        points.setdefault(look, []).append((number, last - row + shift))
    for (colour, face), places in points.items():
        axes.plot(*zip(*places, strict=True), mark, color=colour, markerfacecolor=face, markersize=4.5)


def _strokes(axes: Axes, ticks: Sequence[float | None]) -> None:
    last = len(ticks) - 1
    for row, value in enumerate(ticks):
        if value is not None:
            axes.vlines(value, last - row - 0.42, last - row + 0.42, color=STRONG, linewidth=1.6)
    if len(ticks):
        axes.plot([], [], "|", color=STRONG, markersize=9, markeredgewidth=1.6, label="true")


def _rows(axes: Axes, rows: Sequence[str], starts: Collection[int]) -> None:
    last = len(rows) - 1
    for row in starts:
        axes.axhline(last - row + 0.5, color=FAINT, linewidth=0.8)
    axes.set_yticks(np.arange(len(rows)), [wrapped(each, 26) for each in reversed(rows)])
    axes.set_ylim(-0.6, last + 0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.grid(axis="x")


def _legend(figure: Figure, axes: Axes, names: Sequence[str], ticks: bool, width: float) -> None:
    if len(names) > 1 or ticks:
        columns = min(len(names) + ticks, 4 if width >= WIDTH else 2)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=columns, handletextpad=0.4)
