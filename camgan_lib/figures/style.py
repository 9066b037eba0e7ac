"""The look of the book's figures and tables: one set of colours, sizes and small helpers."""

import html
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

CAMERA_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5D3A9B", "#8C6D31")
"""Told apart with any colour vision (Okabe & Ito); further cameras start again."""

SPECTRUM_MAP = "magma"
RC = {
    "figure.dpi": 120,
    "savefig.dpi": 160,
    "savefig.bbox": "tight",
    "figure.facecolor": "white",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "image.interpolation": "nearest",
}


def colour(number: int) -> str:
    """The colour of camera `number`."""
    return CAMERA_COLOURS[number % len(CAMERA_COLOURS)]


def subplots(rows: int, columns: int, size: tuple[float, float], **options: Any) -> tuple[Figure, np.ndarray]:
    """Figure and a rows × columns array of axes in the book's style, not registered with pyplot."""
    with plt.rc_context(RC):
        figure = Figure(figsize=size, layout="constrained", dpi=RC["figure.dpi"])
        axes = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, axes


def tile(images: np.ndarray, columns: int, gap: int = 1, fill: float = 255) -> np.ndarray:
    """Images n×H×W(×3) laid out as one picture with `gap` pixels between them; empty places are filled."""
    count, height, width = images.shape[:3]
    rows = -(-count // columns)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, *images.shape[3:])
    sheet = np.full(shape, fill, images.dtype)
    for number, image in enumerate(images):
        y, x = number // columns * (height + gap), number % columns * (width + gap)
        sheet[y : y + height, x : x + width] = image
    return sheet


def show_image(axis: Any, image: np.ndarray, title: str = "", **options: Any) -> Any:
    """An image without ticks or frame, every pixel a square; returns what matplotlib draws."""
    drawn = axis.imshow(image, interpolation="nearest", **options)
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
    axis.spines[:].set_visible(False)
    if title:
        axis.set_title(title)
    return drawn


def show_spectrum(axis: Any, spectrum: np.ndarray, title: str = "", labels: bool = True, **options: Any) -> Any:
    """A centred N×N spectrum with axes in cycles/pixel; returns what matplotlib draws."""
    size = spectrum.shape[0]
    reach = 0.5 + 0.5 / size
    extent = (-reach, 0.5 - 0.5 / size, 0.5 - 0.5 / size, -reach)
    drawn = axis.imshow(
        spectrum, extent=extent, interpolation="nearest", cmap=options.pop("cmap", SPECTRUM_MAP), **options
    )
    axis.grid(False)
    axis.set(xticks=[-0.5, -0.25, 0, 0.25], yticks=[-0.5, -0.25, 0, 0.25])
    short = FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−"))
    axis.xaxis.set_major_formatter(short)
    axis.yaxis.set_major_formatter(short)
    if labels:
        axis.set(xlabel="cycles/pixel", ylabel="cycles/pixel")
    if title:
        axis.set_title(title)
    return drawn


def not_shown(what: str) -> Figure:
    """A figure that says that pictures of these photos are not shown."""
    figure, axes = subplots(1, 1, (6.5, 0.9))
    axes[0, 0].axis("off")
    axes[0, 0].text(0.5, 0.5, f"{what}: not shown, the photos' licences do not allow it", ha="center", va="center")
    return figure


class Table:
    """A table for the page: HTML with a scope for every header, text elsewhere."""

    def __init__(self, head: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[bool], caption: str):
        self.head, self.rows, self.numeric, self.caption = head, rows, numeric, caption

    def _repr_html_(self) -> str:
        caption = f"<caption>{html.escape(self.caption)}</caption>" if self.caption else ""
        head = "".join(
            f'<th scope="col"{" class=number" if number else ""}>{html.escape(text)}</th>'
            for text, number in zip(self.head, self.numeric, strict=True)
        )
        body = "".join(f"<tr>{self._row(row)}</tr>" for row in self.rows)
        return (
            f'<div class="camgan-table" tabindex="0" role="region" aria-label="{html.escape(self.caption or "table")}">'
            f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _row(self, row: Sequence[str]) -> str:
        first, *rest = (html.escape(text) for text in row)
        cells = "".join(
            f"<td{' class=number' if number else ''}>{text}</td>"
            for text, number in zip(rest, self.numeric[1:], strict=True)
        )
        return f'<th scope="row">{first}</th>{cells}'

    def __repr__(self) -> str:
        widths = [max(len(row[i]) for row in [self.head, *self.rows]) for i in range(len(self.head))]
        lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in self.rows]
        return "\n".join(["  ".join(t.ljust(w) for t, w in zip(self.head, widths, strict=True)), *lines])


def table(rows: Sequence[dict[str, Any]], columns: dict[str, tuple[str, str]], caption: str = "") -> Table:
    """A table of rows: `columns` maps a row's key to (header, format); a missing or None value shows as a dash.

    A column whose values are all numbers is set flush right.
    """
    values = [[row.get(key) for key in columns] for row in rows]
    numeric = [i > 0 and all(isinstance(row[i], int | float | None) for row in values) for i in range(len(columns))]
    text = [
        ["–" if value is None else form.format(value) for value, (_, form) in zip(row, columns.values(), strict=True)]
        for row in values
    ]
    return Table([header for header, _ in columns.values()], text, numeric, caption)
