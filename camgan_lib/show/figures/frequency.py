"""Figures and tables of chapter 5, from spectra: FFT in dB, pure colours, high-pass spectra, lines.

Mean spectra are mean levels (`spectrum.mean_level`).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from camgan_lib.measure import colours, spectrum
from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.lettering import wrapped
from camgan_lib.show.figures.style import (
    CHANNELS,
    WIDTH,
    Table,
    bare,
    camera_colour,
    colour_bar,
    image_rows,
    mosaic,
    new_figure,
    row_label,
    show_spectrum,
    table,
)


def overview(images: dict[str, np.ndarray], spectra: dict[str, np.ndarray], taken: dict[str, float | None]) -> Figure:
    """The first page's picture: for each label an image H×W×3 above a mean level n×n in dB.

    `taken`: label → share of images taken for it, shown in the title.
    """
    figure = new_figure(WIDTH, 3.9, pictures=True)
    grid = figure.subplots(2, len(images), squeeze=False)
    low, high = _limits(list(spectra.values()))
    for (top, bottom), (label, image) in zip(grid.T, images.items(), strict=True):
        bare(top).imshow(image)
        share = taken.get(label)
        top.set_title(wrapped(label, 14) + (f"\n{share:.1%} taken for it" if share is not None else ""))
        drawn = show_spectrum(bottom, spectra[label], vmin=low, vmax=high, cmap="magma")
        bottom.set_xlabel("cycles/pixel")
        if bottom is not grid[1, 0]:
            bottom.set_yticklabels([])
    row_label(grid[0, 0], "one image")
    grid[1, 0].set_ylabel("mean spectrum\ncycles/pixel")
    colour_bar(figure, drawn, list(grid[1]), "mean level (dB)")
    return figure


def fft_mosaics(spectra: dict[str, np.ndarray], columns: int = 8) -> Figure:
    """Mosaics of single images' spectra (label → N×n×n×3 in dB): a row per label, a column per colour channel."""
    low, high = _limits(list(spectra.values()))
    figure = new_figure(WIDTH, 2.15 * len(spectra) + 0.3, pictures=True)
    grid = figure.subplots(len(spectra), 3, squeeze=False)
    for row, (label, values) in enumerate(spectra.items()):
        row_label(grid[row, 0], label)
        for channel, axes in enumerate(grid[row]):
            sheet = mosaic(values[..., channel], columns, fill=np.nan)
            drawn = bare(axes).imshow(sheet, vmin=low, vmax=high, cmap="magma")
    _channel_titles(grid[0])
    colour_bar(figure, drawn, list(grid.ravel()), "power (dB of one squared 8-bit level)")
    return figure


def mean_spectra(spectra: dict[str, np.ndarray]) -> Figure:
    """Mean levels (label → n×n×3 in dB): a column per label, a row per colour channel, axes in cycles/pixel."""
    low, high = _limits(list(spectra.values()))
    figure = new_figure(WIDTH, 4.6, pictures=True)
    grid = figure.subplots(3, len(spectra), squeeze=False)
    for column, (label, values) in enumerate(spectra.items()):
        for channel in range(3):
            axes = grid[channel, column]
            drawn = show_spectrum(axes, values[..., channel], vmin=low, vmax=high, cmap="magma")
            if channel < 2:
                axes.set_xticklabels([])
            if column:
                axes.set_yticklabels([])
        grid[0, column].set_title(wrapped(label, 15))
        grid[2, column].set_xlabel("cycles/pixel")
    for channel, name in enumerate(CHANNELS):
        grid[channel, 0].set_ylabel(f"{name}\ncycles/pixel")
    colour_bar(figure, drawn, list(grid.ravel()), "mean level (dB)")
    return figure


def pure_colours(rows: dict[str, np.ndarray]) -> Figure:
    """Rows of images (label → uint8 N×H×W×3): pure colours first, then what each generator makes of them."""
    return image_rows(rows, titles=list(colours.PURE_COLOURS))


def high_pass(
    single: dict[str, np.ndarray], mean: dict[str, np.ndarray], varied: dict[str, np.ndarray], columns: int = 4
) -> Figure:
    """A column per camera with three spectra in dB: single high-pass crops, their mean level, and the log-variance's.

    `single`: camera → N×n×n; `mean` and `varied`: camera → n×n.
    """
    figure = new_figure(WIDTH, 5.6, pictures=True)
    grid = figure.subplots(3, len(mean), squeeze=False)
    limits = [_limits(list(rows.values())) for rows in (single, mean, varied)]
    drawn = []
    for column, camera in enumerate(mean):
        tiles = mosaic(single[camera], columns, fill=np.nan)
        options: list[dict[str, Any]] = [{"vmin": low, "vmax": high, "cmap": "magma"} for low, high in limits]
        drawn = [
            bare(grid[0, column]).imshow(tiles, **options[0]),
            show_spectrum(grid[1, column], mean[camera], **options[1]),
            show_spectrum(grid[2, column], varied[camera], **options[2]),
        ]
        grid[0, column].set_title(wrapped(camera, 18))
        grid[2, column].set_xlabel("cycles/pixel")
    for row, (label, image) in enumerate(zip(("single crops", "mean", "log-variance"), drawn, strict=True)):
        grid[row, 0].set_ylabel(label if row == 0 else f"{label}\ncycles/pixel")
        colour_bar(figure, image, list(grid[row]), "dB")
    return figure


HEADERS = dict(zip(spectrum.CLASSES, ("Nyquist, axes", "Nyquist, diagonal", "quarters", "odd eighths"), strict=True))


def lines(rows: list[dict], head: str = "Residual of") -> Table:
    """A row per `lines.line_report` (each with its `name`): line strength in dB, coherence in brackets."""
    cells = []
    for row in rows:
        shown = {c: f"{row[f'{c}_db']:+.1f} ({_coherence(row, c)})" for c in spectrum.CLASSES}
        cells.append({"name": row["name"], **shown, "rest": f"({row['rest_coherence']:.3f})"})
    columns = {"name": (head, "{}"), **{c: (header, "{}") for c, header in HEADERS.items()}}
    caption = "Lines: strength in dB above the surroundings (coherence; "
    return table(cells, {**columns, "rest": ("all other bins", "{}")}, caption + _null(rows) + ")")


def strengths(rows: list[dict], caption: str, head: str = "Images") -> Table:
    """Line strengths, a row each. A row has a `name`, its strengths as numbers or estimates, and perhaps a `set`."""
    columns = {f"{c}_db": (header, "{:+.1f}") for c, header in HEADERS.items()}
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


def consistency(found: Mapping[str, Estimate]) -> Figure:
    """AUCs by name with their 95 % intervals. A dashed line marks chance.

    Of an estimate over networks or sets of them, each one's own AUC is drawn, too.
    """
    figure = new_figure(6.4, 0.34 * len(found) + 0.8)
    axes = figure.add_subplot()
    for at, estimate in zip(range(len(found))[::-1], found.values(), strict=True):
        if estimate.unit in ("network", "set"):
            axes.plot(estimate.units, np.full(len(estimate.units), at), "|", color="0.6", markersize=9)
        ends = [[estimate.value - estimate.low], [estimate.high - estimate.value]] if estimate.known else None
        axes.errorbar(estimate.value, at, xerr=ends, fmt="o", color=camera_colour(0), capsize=3)
    axes.axvline(0.5, color="0.4", linestyle="--", linewidth=1)
    axes.set_yticks(range(len(found))[::-1], list(found))
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


def _channel_titles(axes: np.ndarray) -> None:
    for channel, name in enumerate(CHANNELS):
        axes[channel].set_title(name)
