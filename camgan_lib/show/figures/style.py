"""How the book's figures and tables look: matplotlib settings, camera colours, grids of crops, spectra, HTML tables.

Figures are drawn on white so that they read the same on a light and on a dark page; pixels are never interpolated.
"""

import html
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.lettering import boxes_for_missing_glyphs, families, wrapped

RC = {
    "font.family": families(),
    "text.parse_math": False,
    "font.size": 9.0,
    "axes.titlesize": 9.0,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "figure.titlesize": 10.0,
    "figure.dpi": 140.0,
    "savefig.dpi": 140.0,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "0.88",
    "lines.linewidth": 1.4,
    "image.interpolation": "nearest",
    "image.cmap": "magma",
    "legend.frameon": False,
}


mpl.rcParams.update(RC)


CAMERA_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999933")
"""Colours of cameras by label (Okabe & Ito, told apart by colour-blind readers); further cameras start over."""

CHANNELS = ("red", "green", "blue")
CHANNEL_COLOURS = ("#C1272D", "#1B7F3B", "#1F4E9E")
WIDTH = 7.6
"""Widest figure in inches: fits the book's text column at full font size."""

MISSING = "–"
INTERVAL = re.compile(r" (\(\S+ to \S+\))( \*)?$")
"""The interval at the end of a cell that holds an estimate (see `estimates.Estimate.__format__`), and a mark."""

Form = str | Callable[[Any], str]
"""How a table writes a value: a format string such as "{:.1%}", or a function of the value."""

Columns = dict[str, tuple[str, Form]]
"""Columns of a table: key of a row → (header, how its values are written)."""


def camera_colour(label: int) -> str:
    """The colour of the camera with this label."""
    return CAMERA_COLOURS[label % len(CAMERA_COLOURS)]


class Picture(Figure):
    """A Figure unknown to pyplot that shows itself in any notebook, once, as its cell's value."""

    def draw(self, renderer: Any) -> None:
        """Draws the figure, with a box for a character that no installed font has."""
        with boxes_for_missing_glyphs():
            super().draw(renderer)

    def savefig(self, *arguments: Any, **options: Any) -> None:
        """Saves the figure, which measures its texts apart from drawing them."""
        with boxes_for_missing_glyphs():
            super().savefig(*arguments, **options)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", bbox_inches="tight", pad_inches=0.05)
        return buffer.getvalue()


def new_figure(width: float = WIDTH, height: float = 3.0, *, pictures: bool = False) -> Figure:
    """An empty figure, in inches, whose layout makes room for labels, and closes gaps between `pictures`."""
    return Picture(figsize=(min(width, WIDTH), height), layout="compressed" if pictures else "constrained")


def bare(axes: Axes) -> Axes:
    """An axes without ticks, labels of ticks and frame, for pictures."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def frame(axes: Axes) -> None:
    """A hairline around a picture, so that white ones end somewhere."""
    for spine in axes.spines.values():
        spine.set(visible=True, color="0.75", linewidth=0.5)


def mosaic(images: np.ndarray, columns: int, gap: int = 1, fill: float = 205) -> np.ndarray:
    """Images N×H×W or N×H×W×C side by side in one array, row by row, `gap` pixels of value `fill` between them."""
    if images.ndim not in (3, 4) or not len(images):
        raise ValueError(f"a mosaic takes images N×H×W or N×H×W×C with N ≥ 1, got shape {images.shape}")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    height, width = images.shape[1] + gap, images.shape[2] + gap
    sheet = np.full((rows * height - gap, columns * width - gap, *images.shape[3:]), fill, images.dtype)
    for index, image in enumerate(images):
        top, left = (index // columns) * height, (index % columns) * width
        sheet[top : top + image.shape[0], left : left + image.shape[1]] = image
    return sheet


def image_grid(
    images: np.ndarray, columns: int, titles: Sequence[str] | None = None, *, width: float = WIDTH, **imshow: Any
) -> Figure:
    """A figure of images (uint8 N×H×W×3, or N×H×W shown through a colour map) in rows of `columns`.

    With `titles` each image gets its own axes and title; without, all lie in one sheet with thin gaps.
    """
    if titles is None:
        sheet = mosaic(images, columns)
        figure = new_figure(width, width * sheet.shape[0] / sheet.shape[1], pictures=True)
        bare(figure.add_subplot()).imshow(sheet, **imshow)
        return figure
    rows = -(-len(images) // columns)
    cell = width / columns
    figure = new_figure(width, rows * (cell * images.shape[1] / images.shape[2] + 0.25), pictures=True)
    for index, axes in enumerate(np.ravel(figure.subplots(rows, columns, squeeze=False))):
        bare(axes)
        if index < len(images):
            axes.imshow(images[index], **imshow)
            axes.set_title(titles[index], pad=3)
    return figure


def image_rows(rows: dict[str, np.ndarray], *, titles: Sequence[str] = (), width: float = WIDTH) -> Figure:
    """One labelled row of images per entry: label → images N×H×W×3 (uint8); `titles` stand above the columns."""
    columns = max(len(images) for images in rows.values())
    cell = (width - 1.0) / columns
    figure = new_figure(width, len(rows) * (cell + 0.05) + 0.3, pictures=True)
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for index, (label, images) in enumerate(rows.items()):
        row_label(grid[index, 0], label)
        for column, axes in enumerate(grid[index]):
            bare(axes)
            if column < len(images):
                axes.imshow(images[column])
                frame(axes)
            if index == 0 and column < len(titles):
                axes.set_title(titles[column], pad=3)
    return figure


def row_label(axes: Axes, text: str) -> None:
    """A horizontal label left of a row's first picture, wrapped where it is long."""
    axes.set_ylabel(wrapped(text), rotation=0, ha="right", va="center", labelpad=6)


def colour_bar(figure: Figure, mappable: Any, axes: Any, label: str = "power (dB)", **options: Any) -> None:
    """A thin, labelled colour bar beside `axes` (one or several)."""
    bar = figure.colorbar(mappable, ax=axes, **{"fraction": 0.05, "pad": 0.02, "aspect": 25, **options})
    bar.set_label(label)
    bar.outline.set_visible(False)


def show_spectrum(axes: Axes, spectrum_db: np.ndarray, *, labels: bool = True, **imshow: Any) -> Any:
    """A shifted spectrum N×N (zero frequency at [N/2, N/2]) with both axes in cycles/pixel; returns the image."""
    n = spectrum_db.shape[0]
    edge = 0.5 + 0.5 / n
    extent = (-edge, 0.5 - 0.5 / n, 0.5 - 0.5 / n, -edge)
    image = axes.imshow(spectrum_db, extent=extent, **imshow)
    ticks, names = ((-0.5, -0.25, 0, 0.25), ["−½", "−¼", "0", "¼"]) if labels else ((), [])
    axes.set_xticks(ticks, names)
    axes.set_yticks(ticks, names)
    return image


def frequency_axis(axes: Axes, label: str = "frequency (cycles/pixel)") -> None:
    """Marks a horizontal axis from 0 to ½ cycle per pixel at the eighths."""
    axes.set_xlim(0, 0.51)
    axes.set_xticks([0, 0.125, 0.25, 0.375, 0.5], ["0", "⅛", "¼", "⅜", "½"])
    axes.set_xlabel(label)
    axes.grid(axis="x")


def not_shown(what: str) -> Figure:
    """A figure in place of pictures that must not be published."""
    figure = new_figure(2.4, 0.5)
    bare(figure.add_subplot()).text(0.5, 0.5, f"Not shown here (licences):\n{what}.", ha="center", va="center")
    return figure


class Table:
    """A table that notebooks and the book show as semantic HTML and a terminal as plain text."""

    def __init__(self, header: list[str], rows: list[list[str]], caption: str | None = None):
        self.header, self.rows, self.caption = header, rows, caption

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(text)}</th>' for text in self.header)
        body = "".join(
            f'<tr><th scope="row">{html.escape(first)}</th>'
            + "".join(f"<td>{_small_interval(html.escape(text))}</td>" for text in rest)
            + "</tr>"
            for first, *rest in self.rows
        )
        caption = f"<caption><span>{html.escape(self.caption)}</span></caption>" if self.caption else ""
        return (
            '<div class="camgan-table" style="overflow-x:auto;max-width:100%" tabindex="0" role="region"'
            f' aria-label="{html.escape(self.caption or "table", quote=True)}">'
            f'<table class="table">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        )

    def __repr__(self) -> str:
        cells = [self.header, *self.rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.header))]
        lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in cells]
        return "\n".join(([self.caption] if self.caption else []) + [line.rstrip() for line in lines])


def _small_interval(cell: str) -> str:
    """A cell of a table as HTML, the interval after its number in small type; a mark goes to the number."""
    return INTERVAL.sub(r'\2 <small class="camgan-interval">\1</small>', cell)


def in_points(share: Estimate, form: str = "+.1f") -> str:
    """A difference of two shares with its interval, in points of percent: "+6.7 (+2.8 to +11.4)"."""
    value, low, high = (100 * each for each in (share.value, share.low, share.high))
    return f"{replace(share, value=value, low=low, high=high):{form}}"


def table(rows: list[dict[str, Any]], columns: Mapping[str, tuple[str, Form]], caption: str | None = None) -> Table:
    """A table of `rows`, one column per entry of `columns`: key → (header, format).

    A format is a format string such as "{:.1%}" or a function of the value; a missing value or None shows as "–".
    The first column names the row.
    """

    def cell(row: dict[str, Any], key: str, form: Form) -> str:
        value = row.get(key)
        if value is None:
            return MISSING
        return form(value) if callable(form) else form.format(value)

    header = [title for title, _ in columns.values()]
    return Table(header, [[cell(row, key, form) for key, (_, form) in columns.items()] for row in rows], caption)
