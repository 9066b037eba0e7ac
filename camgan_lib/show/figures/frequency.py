"""Figures and tables of chapter 5, from spectra: FFT in dB, pure colours, high-pass spectra, lines.

Mean spectra are mean levels (`spectrum.mean_level`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from camgan_lib.measure import colours, spectrum
from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.layout import by_column, is_narrow, panels
from camgan_lib.show.figures.lettering import wrapped
from camgan_lib.show.figures.palette import SOFT, STRONG, camera_colour
from camgan_lib.show.figures.style import (
    CHANNELS,
    WIDE,
    WIDTH,
    bare,
    colour_bar,
    image_rows,
    mosaic,
    new_figure,
    responsive,
    row_label,
    show_spectrum,
)
from camgan_lib.show.figures.tables import Table, table


@responsive
def overview(
    images: dict[str, np.ndarray],
    spectra: dict[str, np.ndarray],
    taken: dict[str, float | None],
    *,
    width: float = WIDTH,
) -> Figure:
    """The first page's picture: for each label an image H×W×3 above a mean level n×n in dB.

    `taken`: label → share of images taken for it, shown in the title.
    """
    narrow = is_narrow(width)
    figure = new_figure(width, 1.75 * len(images) + 0.8 if narrow else 3.7, pictures=True)
    grid = by_column(figure, 2, len(images), width)
    low, high = _limits(list(spectra.values()))
    for (top, bottom), (label, image) in zip(grid.T, images.items(), strict=True):
        bare(top).imshow(image)
        share = taken.get(label)
        words = "taken for it" if narrow else "taken"
        top.set_title(wrapped(label, 19 if narrow else 13) + (f"\n{share:.1%} {words}" if share is not None else ""))
        drawn = show_spectrum(bottom, spectra[label], vmin=low, vmax=high, cmap="magma")
        bottom.set_xlabel("" if narrow and bottom is not grid[1, -1] else "cycles/pixel")
        if bottom is not grid[1, 0] and not narrow:
            bottom.set_yticklabels([])
    if narrow:
        grid[1, 0].set_title("mean spectrum")
    else:
        row_label(grid[0, 0], "one image")
        grid[1, 0].set_ylabel("mean spectrum\ncycles/pixel")
    colour_bar(figure, drawn, list(grid[1]), "mean level (dB)", location="bottom" if narrow else "right")
    return figure


@responsive
def fft_mosaics(spectra: dict[str, np.ndarray], columns: int = 8, *, width: float = WIDE) -> Figure:
    """Mosaics of single images' spectra (label → N×n×n×3 in dB): a row per label, a column per colour channel."""
    low, high = _limits(list(spectra.values()))
    narrow = is_narrow(width)
    first = next(iter(spectra.values()))
    cell = (width - 0.2 if narrow else width - 2.0) / 3 * -(-len(first) // columns) / min(columns, len(first))
    figure = new_figure(width, (cell + (0.3 if narrow else 0.05)) * len(spectra) + 0.8, pictures=True)
    grid = figure.subplots(len(spectra), 3, squeeze=False)
    for row, (label, values) in enumerate(spectra.items()):
        if narrow:
            grid[row, 0].set_title(f"{label}\n{CHANNELS[0]}" if row == 0 else label, loc="left", fontweight="bold")
        else:
            row_label(grid[row, 0], label)
        for channel, axes in enumerate(grid[row]):
            sheet = mosaic(values[..., channel], columns, fill=np.nan)
            drawn = bare(axes).imshow(sheet, vmin=low, vmax=high, cmap="magma")
    for axes, name in zip(grid[0][int(narrow) :], CHANNELS[int(narrow) :], strict=True):
        axes.set_title(name, loc="left" if narrow else "center")
    place: dict[str, Any] = {"location": "bottom", "fraction": 0.02, "aspect": 40} if narrow else {}
    colour_bar(figure, drawn, list(grid.ravel()), "power (dB of one squared 8-bit level)", **place)
    return figure


@responsive
def mean_spectra(spectra: dict[str, np.ndarray], *, width: float = WIDTH) -> Figure:
    """Mean levels (label → n×n×3 in dB): a column per label, a row per colour channel, axes in cycles/pixel."""
    low, high = _limits(list(spectra.values()))
    narrow = is_narrow(width)
    figure = new_figure(width, 1.25 * len(spectra) + 1.2 if narrow else 4.4, pictures=True)
    grid = by_column(figure, 3, len(spectra), width)
    for column, values in enumerate(spectra.values()):
        for channel, axes in enumerate(grid[:, column]):
            drawn = show_spectrum(axes, values[..., channel], few=narrow, vmin=low, vmax=high, cmap="magma")
    seen = grid.T if narrow else grid
    for axes in seen[:-1].flat:
        axes.set_xticklabels([])
    for axes in seen[:, 1:].flat:
        axes.set_yticklabels([])
    for axes, label in zip(seen[0], CHANNELS if narrow else spectra, strict=True):
        axes.set_title(wrapped(label, 15))
    for axes, label in zip(seen[:, 0], spectra if narrow else CHANNELS, strict=True):
        if narrow:
            row_label(axes, label, 9)
        else:
            axes.set_ylabel(f"{label}\ncycles/pixel")
    for axes in seen[-1]:
        axes.set_xlabel("cycles/pixel")
    place: dict[str, Any] = {"location": "bottom", "aspect": 40} if narrow else {}
    colour_bar(figure, drawn, list(grid.ravel()), "mean level (dB)", **place)
    return figure


def pure_colours(rows: dict[str, np.ndarray]) -> Figure:
    """Rows of images (label → uint8 N×H×W×3): pure colours first, then what each generator makes of them."""
    return image_rows(rows, titles=list(colours.PURE_COLOURS))


@responsive
def high_pass(
    single: dict[str, np.ndarray],
    mean: dict[str, np.ndarray],
    varied: dict[str, np.ndarray],
    columns: int = 4,
    *,
    width: float = WIDTH,
) -> Figure:
    """A column per camera with three spectra in dB: single high-pass crops, their mean level, and the log-variance's.

    `single`: camera → N×n×n; `mean` and `varied`: camera → n×n.
    """
    narrow = is_narrow(width)
    figure = new_figure(width, 1.35 * len(mean) + 1.1 if narrow else 5.1, pictures=True)
    grid = by_column(figure, 3, len(mean), width)
    limits = [_limits(list(rows.values())) for rows in (single, mean, varied)]
    drawn = []
    for column, camera in enumerate(mean):
        tiles = mosaic(single[camera], columns, fill=np.nan)
        options: list[dict[str, Any]] = [{"vmin": low, "vmax": high, "cmap": "magma"} for low, high in limits]
        drawn = [
            bare(grid[0, column]).imshow(tiles, **options[0]),
            show_spectrum(grid[1, column], mean[camera], few=narrow, **options[1]),
            show_spectrum(grid[2, column], varied[camera], few=narrow, **options[2]),
        ]
        if narrow:
            row_label(grid[0, column], camera, 9)
            grid[2, column].set_yticklabels([])
        else:
            grid[0, column].set_title(wrapped(camera, 18))
    for row, (label, image) in enumerate(zip(("single crops", "mean", "log-variance"), drawn, strict=True)):
        if narrow:
            grid[row, 0].set_title(label)
        else:
            grid[row, 0].set_ylabel(label if row == 0 else f"{label}\ncycles/pixel")
        colour_bar(figure, image, list(grid[row]), "dB", location="bottom" if narrow else "right")
    for axes in grid[1:, :-1].flat if narrow else grid[1]:
        axes.set_xticklabels([])
    for axes in () if narrow else grid[1:, 1:].flat:
        axes.set_yticklabels([])
    for axes in grid[1:, -1] if narrow else grid[-1]:
        axes.set_xlabel("cycles/pixel")
    return figure


HEADERS = dict(zip(spectrum.CLASSES, ("Nyquist, axes", "Nyquist, diagonal", "quarters", "odd eighths"), strict=True))


def lines(rows: list[dict], head: str = "Residual of") -> Table:
    """A row per `lines.line_report` (each with its `name`): line strength in dB, coherence in brackets."""
    cells = []
    for row in rows:
        shown = {c: f"{row[f'{c}_db']:+.1f} ({_coherence(row, c)})" for c in spectrum.CLASSES}
        cells.append({"name": row["name"], **shown, "rest": f"{row['rest_coherence']:.3f}"})
    columns = {"name": (head, "{}"), **{c: (f"{header} (dB)", "{}") for c, header in HEADERS.items()}}
    caption = "Lines: strength above the surroundings. Brackets: coherence; "
    return table(cells, {**columns, "rest": ("coherence of all other bins", "{}")}, caption + _null(rows))


def strengths(rows: list[dict], caption: str, head: str = "Images") -> Table:
    """Line strengths, a row each. A row has a `name`, its strengths as numbers or estimates, and perhaps a `set`."""
    columns = {f"{c}_db": (f"{header} (dB)", "{:+.1f}") for c, header in HEADERS.items()}
    of = {"set": ("spectrum of", "{}")} if any("set" in row for row in rows) else {}
    return table(rows, {"name": (head, "{}"), **of, **columns}, caption)


def coherences(rows: list[dict], head: str = "Residual of") -> Table:
    """A row per `lines.line_report` (each with its `name`): coherence by class, marked if above the critical."""
    cells = [{"name": row["name"], **{c: _coherence(row, c) for c in spectrum.CLASSES}, **row} for row in rows]
    columns = {"name": (head, "{}"), **{c: (header, "{}") for c, header in HEADERS.items()}}
    return table(cells, {**columns, "rest_coherence": ("all other bins", "{:.3f}")}, f"Coherence ({_null(rows)})")


def _coherence(row: dict, bins: str) -> str:
    mark = "*" if row[f"{bins}_coherence"] > row[f"{bins}_critical_coherence"] else ""
    return f"{row[f'{bins}_coherence']:.3f}{mark}"


def _null(rows: list[dict]) -> str:
    return f"{rows[0]['null_coherence']:.3f} on average for random phases; *: above the critical value"


@responsive
def consistency(found: Mapping[str, Estimate], *, width: float = WIDTH) -> Figure:
    """AUCs by name with their 95 % intervals. A dashed line marks chance.

    Of an estimate over networks or sets of them, each one's own AUC is drawn, too.
    """
    figure, (axes,) = panels(1, width, least=width, height=0.36 * len(found) + 0.8)
    for at, estimate in zip(range(len(found))[::-1], found.values(), strict=True):
        if estimate.unit in ("network", "set"):
            axes.plot(estimate.units, np.full(len(estimate.units), at), "|", color=SOFT, markersize=9)
        ends = [[estimate.value - estimate.low], [estimate.high - estimate.value]] if estimate.known else None
        axes.errorbar(estimate.value, at, xerr=ends, fmt="o", color=camera_colour(0), capsize=3)
    axes.axvline(0.5, color=STRONG, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(found))[::-1], [wrapped(name, 14) if is_narrow(width) else name for name in found])
    axes.set_xlim(0.3, 1.02)
    axes.set_ylim(-0.6, len(found) - 0.4)
    axes.set_xlabel("consistency across content (AUC; ½: none, 1: always)")
    axes.grid(axis="x")
    return figure


def _limits(arrays: list[np.ndarray]) -> tuple[float, float]:
    values = np.concatenate([array.ravel() for array in arrays])
    values = values[values > 10 * np.log10(spectrum.FLOOR) + 1]
    low, high = np.quantile(values, (0.01, 0.999)) if len(values) else (0.0, 1.0)
    return float(low), float(max(high, low + 1))
