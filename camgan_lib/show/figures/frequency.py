"""Figures and tables of chapter 5, from spectra: FFT in dB, pure colours, high-pass spectra, lines."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from camgan_lib.measure import colours, spectrum
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
    """The first page's picture: for each label an image H×W×3 above a mean spectrum n×n in dB.

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
    colour_bar(figure, drawn, list(grid[1]), "power (dB)")
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
    """Mean spectra (label → n×n×3 in dB): a column per label, a row per colour channel, axes in cycles/pixel."""
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
    colour_bar(figure, drawn, list(grid.ravel()), "mean power (dB)")
    return figure


def pure_colours(rows: dict[str, np.ndarray]) -> Figure:
    """Rows of images (label → uint8 N×H×W×3): pure colours first, then what each generator makes of them."""
    return image_rows(rows, titles=list(colours.PURE_COLOURS))


def high_pass(
    single: dict[str, np.ndarray], mean: dict[str, np.ndarray], varied: dict[str, np.ndarray], columns: int = 4
) -> Figure:
    """A column per camera with three spectra in dB: single high-pass crops, their mean, and the log-variance.

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
    """A row per `spectrum.line_report` (each with its `name`): line strength in dB, coherence in brackets."""
    cells = []
    for row in rows:
        shown = {c: f"{row[f'{c}_db']:+.1f} ({row[f'{c}_coherence']:.2f})" for c in spectrum.CLASSES}
        cells.append({"name": row["name"], **shown, "rest": f"({row['rest_coherence']:.3f})"})
    columns = {"name": (head, "{}"), **{c: (header, "{}") for c, header in HEADERS.items()}}
    null = rows[0]["null_coherence"]
    return table(
        cells,
        {**columns, "rest": ("all other bins", "{}")},
        f"Lines: strength in dB above the surroundings (coherence; {null:.3f} for random phases)",
    )


def strengths(rows: list[dict]) -> Table:
    """Line strengths, a row per `spectrum.line_report`. Each has a `name` and a `set`: what was transformed."""
    columns = {f"{c}_db": (header, "{:+.1f}") for c, header in HEADERS.items()}
    caption = "Line strength in dB above the surroundings, green channel"
    return table(rows, {"name": ("Images", "{}"), "set": ("spectrum of", "{}"), **columns}, caption)


def consistency(rows: list[dict]) -> Figure:
    """AUCs with their 95 % intervals, a dot per row {name, auc, low, high}. A dashed line marks chance."""
    figure = new_figure(6.4, 0.34 * len(rows) + 0.8)
    axes = figure.add_subplot()
    at = np.arange(len(rows))[::-1]
    auc = np.array([row["auc"] for row in rows])
    error = np.abs(np.array([[row["low"], row["high"]] for row in rows]).T - auc)
    axes.errorbar(auc, at, xerr=error, fmt="o", color=camera_colour(0), capsize=3)
    axes.axvline(0.5, color="0.4", linestyle="--", linewidth=1)
    axes.set_yticks(at, [row["name"] for row in rows])
    axes.set_xlim(0.4, 1.02)
    axes.set_ylim(-0.6, len(rows) - 0.4)
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
