"""Tables and figures of the controls: sweeps summed up, curves with intervals, recovered against true spectra."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from camgan_lib import spectrum
from camgan_lib.figures.style import (
    WIDTH,
    Table,
    camera_colour,
    colour_bar,
    new_figure,
    row_label,
    show_spectrum,
    wrapped,
)

LINES = {
    "axis_nyquist_db": "½ on an axis (dB)",
    "diagonal_nyquist_db": "½ on the diagonal (dB)",
    "quarters_db": "quarters (dB)",
    "odd_eighths_db": "odd eighths (dB)",
    "axis_nyquist_coherence": "coherence at ½ on an axis",
}


def _number(value: tuple[float, float, float], form: str) -> str:
    mean, low, high = value
    return form.format(mean) if math.isnan(low) else f"{form.format(mean)} ({form.format(low)} to {form.format(high)})"


def _table(found: list[dict], places: dict[str, str], columns: dict[str, tuple[str, str]], caption: str) -> Table:
    rows = [
        [*(str(row[axis]) for axis in places), str(row["n"]), *(_number(row[k], f) for k, (_, f) in columns.items())]
        for row in found
    ]
    return Table([*places.values(), "seeds", *(title for title, _ in columns.values())], rows, caption)


def lines(found: list[dict], places: dict[str, str], caption: str) -> Table:
    """Line strengths and coherence of residuals per cell of a sweep (rows of `sweep.summary`), 95 % over seeds."""
    columns = {key: (title, "{:.2f}" if "coherence" in key else "{:+.1f}") for key, title in LINES.items()}
    return _table(found, places, columns, caption)


def table1(found: list[dict], places: dict[str, str], caption: str) -> Table:
    """Table 1 per cell of a sweep, cameras averaged, 95 % over seeds."""
    columns = {"untouched: auxiliary": ("no style", "{:.1%}"), "taken: auxiliary": ("test", "{:.1%}")}
    columns |= {"taken: test": ("transfer", "{:.1%}"), "l1": ("L1", "{:.3f}")}
    return _table(found, places, columns, caption)


def curves(
    at: Sequence[float], shares: dict[str, Sequence[tuple[float, float, float]]], label: str, *, chance: float
) -> Figure:
    """Shares with their 95 % intervals over `at`, a line per name: name → (mean, low, high) at each value."""
    figure = new_figure(6.4, 3.2)
    axes = figure.add_subplot()
    for number, (name, values) in enumerate(shares.items()):
        mean, low, high = np.array(values).T
        axes.plot(at, mean, "o-", markersize=4, color=camera_colour(number), label=wrapped(name, 30))
        axes.fill_between(at, low, high, color=camera_colour(number), alpha=0.2, linewidth=0)
    axes.axhline(chance, color="0.4", linestyle="--", linewidth=1)
    axes.set(xlabel=label, ylabel="share", ylim=(-0.02, 1.02))
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.grid()
    figure.legend(loc="outside right upper")
    return figure


def recovered(true_db: np.ndarray, found_db: dict[str, np.ndarray], cameras: Sequence[str]) -> Figure:
    """What sets each camera apart: true differences K×n×n×C in the top row, recovered ones below (luminance, dB)."""
    rows = {"true": true_db, **found_db}
    apart = {name: spectrum.luminance(x - x.mean(0)) for name, x in rows.items()}
    figure = new_figure(WIDTH, 1.75 * len(rows) + 0.4, pictures=True)
    grid = figure.subplots(len(rows), len(cameras), squeeze=False)
    for row, (name, differences) in enumerate(apart.items()):
        limit = float(np.quantile(np.abs(differences), 0.99))
        for column, axes in enumerate(grid[row]):
            drawn = show_spectrum(
                axes, differences[column], labels=row == len(rows) - 1, vmin=-limit, vmax=limit, cmap="RdBu_r"
            )
            if row == 0:
                axes.set_title(wrapped(cameras[column], 14))
        row_label(grid[row, 0], name)
        colour_bar(figure, drawn, list(grid[row]), "dB")
    return figure
