"""How figures fill their width: panels side by side or one below the other, legends, names at the ends of lines."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from camgan_lib.show.figures.style import NARROW, SMALL, new_figure

LETTER = 0.068
"""Width of a letter of a legend in inches, on average."""


def is_narrow(width: float) -> bool:
    """Whether a figure of this width (inches) is one for a phone."""
    return width <= NARROW


def panels(
    count: int, width: float, *, least: float, height: float, extra: float = 0.0, beside: float = 0.0, **options: Any
) -> tuple[Figure, list[Axes]]:
    """A figure of `count` panels, as many side by side as have the `least` width, each `height` inches high.

    `extra` inches of height are for what stands above or below all panels, `beside` inches of width for what stands
    beside them. `options` are those of matplotlib's `subplots`.
    """
    across = max(1, min(count, int((width - beside) / least)))
    down = -(-count // across)
    figure = new_figure(width, down * height + extra)
    grid = figure.subplots(down, across, squeeze=False, **options).ravel()
    for spare in grid[count:]:
        spare.set_visible(False)
    return figure, list(grid[:count])


def by_column(figure: Figure, rows: int, columns: int, width: float, **options: Any) -> np.ndarray:
    """Axes, rows × columns; in a narrow figure they lie transposed, so that a column of the array is a row to see."""
    if is_narrow(width):
        return figure.subplots(columns, rows, squeeze=False, **options).T
    return figure.subplots(rows, columns, squeeze=False, **options)


def legend(
    figure: Figure,
    axes: Axes | Sequence[Axes],
    width: float,
    *,
    loc: str = "outside upper center",
    title: str | None = None,
) -> None:
    """A legend of one panel's lines, or of several panels', in as many columns as there is room for."""
    several = [axes] if isinstance(axes, Axes) else axes
    found = {text: line for each in several for line, text in zip(*each.get_legend_handles_labels(), strict=True)}
    labels, handles = list(found), list(found.values())
    longest = max(len(line) for label in labels for line in label.split("\n"))
    columns = max(1, min(len(labels), int(width / (longest * LETTER + 0.5))))
    figure.legend(handles, labels, loc=loc, ncols=columns, columnspacing=1.2, handletextpad=0.5, title=title)


def names_at_ends(axes: Axes, ends: Sequence[tuple[float, str, Any]]) -> None:
    """Writes names right of the panel at the heights where lines end (height, name, colour), none upon another.

    The limits of the panel's vertical axis have to be set before.
    """
    figure = axes.get_figure(root=True)
    low, high = axes.get_ylim()
    rows = axes.get_subplotspec().get_gridspec().nrows if axes.get_subplotspec() else 1
    step = (high - low) * 1.25 * SMALL / 72 / (0.72 * figure.get_figheight() / rows)
    order = sorted(range(len(ends)), key=lambda number: ends[number][0])
    lines = [ends[number][1].count("\n") + 1 for number in order]
    at = _apart([ends[number][0] for number in order], [step * each for each in lines])
    for number, height in zip(order, at, strict=True):
        _, name, colour = ends[number]
        axes.annotate(
            name,
            (1, height),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=colour,
            annotation_clip=False,
        )


def _apart(at: list[float], sizes: list[float]) -> list[float]:
    """Places in ascending order, moved as little as needed so that things of these sizes do not overlap."""
    groups: list[tuple[list[int], float]] = []
    for index, place in enumerate(at):
        groups.append(([index], place))
        while len(groups) > 1 and _top(groups[-2], sizes) > _bottom(groups[-1], sizes):
            (below, low), (above, high) = groups[-2:]
            middle = (len(below) * low + len(above) * high) / (len(below) + len(above))
            groups[-2:] = [(below + above, middle)]
    places: list[float] = []
    for members, middle in groups:
        edge = middle - sum(sizes[index] for index in members) / 2
        for index in members:
            places.append(edge + sizes[index] / 2)
            edge += sizes[index]
    return places


def _top(group: tuple[list[int], float], sizes: list[float]) -> float:
    return group[1] + sum(sizes[index] for index in group[0]) / 2


def _bottom(group: tuple[list[int], float], sizes: list[float]) -> float:
    return group[1] - sum(sizes[index] for index in group[0]) / 2
