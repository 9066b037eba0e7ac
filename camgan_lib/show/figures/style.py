"""How the book's figures and tables look: matplotlib settings, camera colours, grids of crops, spectra.

A figure shows itself as SVG, in the colours of a light page (`palette`); pixels are never interpolated.
"""

import functools
import io
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from camgan_lib.show.figures import vector
from camgan_lib.show.figures.lettering import boxes_for_missing_glyphs, families, wrapped
from camgan_lib.show.figures.palette import FAINT

WIDTH, WIDE, NARROW = 7.1, 9.7, 3.41
"""Inches (96 px each): the book's text column, text and margin, and the column of a phone."""

SMALL = 8.75
"""Smallest type in points: 11.7 px at a figure's natural size."""

RC = {
    "font.family": families(),
    "text.parse_math": False,
    "font.size": 9.5,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9.5,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.title_fontsize": SMALL,
    "figure.titlesize": 10.0,
    "figure.labelsize": 9.5,
    "figure.dpi": 140.0,
    "savefig.dpi": 140.0,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "lines.linewidth": 1.4,
    "image.interpolation": "none",
    "image.composite_image": False,
    "image.cmap": "magma",
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "camgan",
}


mpl.rcParams.update(RC)

CHANNELS = ("red", "green", "blue")


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

    narrow: Callable[[], Figure] | None = None
    """Draws the figure for narrow screens, where that differs."""

    def png(self) -> bytes:
        """The figure as PNG, on white."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", bbox_inches="tight", pad_inches=0.05)
        return buffer.getvalue()

    def _repr_svg_(self) -> str:
        narrow = self.narrow() if self.narrow else None
        return _svg(self, _svg(narrow) if narrow else None)


def _svg(figure: Figure, narrow: str | None = None) -> str:
    written = io.StringIO()
    figure.savefig(written, format="svg", bbox_inches="tight", pad_inches=0.02, metadata={"Date": None})
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return vector.compact(written.getvalue(), min(sizes, default=SMALL), narrow)


def responsive(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """A function that draws a figure `width` inches wide: its Picture has a second drawing, NARROW inches wide."""

    @functools.wraps(draw)
    def both(*arguments: Any, **options: Any) -> Figure:
        figure = draw(*arguments, **options)
        if isinstance(figure, Picture) and "width" not in options:
            figure.narrow = functools.partial(draw, *arguments, **options, width=NARROW)
        return figure

    return both


def new_figure(width: float = WIDTH, height: float = 3.0, *, pictures: bool = False) -> Figure:
    """An empty figure, in inches, whose layout makes room for labels, and closes gaps between `pictures`."""
    return Picture(figsize=(min(width, WIDE), height), layout="compressed" if pictures else "constrained")


def bare(axes: Axes) -> Axes:
    """An axes without ticks, labels of ticks and frame, for pictures."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


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
    for line, axes in enumerate(figure.subplots(rows, 1, squeeze=False)[:, 0]):
        some = slice(line * columns, (line + 1) * columns)
        shown = [*images[some], *[None] * columns][:columns]
        picture_rows(axes, [shown], titles=titles[some], **imshow)
    return figure


def picture_rows(
    axes: Axes,
    rows: Sequence[Sequence[np.ndarray | None] | np.ndarray],
    *,
    labels: Sequence[str] = (),
    titles: Sequence[str] = (),
    framed: bool = False,
    gap: float = 0.06,
    **imshow: Any,
) -> Any:
    """Rows of pictures in one axes, which takes far less time than an axes each; None leaves a place empty.

    `labels` stand left of the rows, `titles` above the columns, `gap` is between pictures, in units of their side.
    `framed`: a hairline around each, so that white ones end somewhere. Returns the last image.
    """
    bare(axes)
    step, drawn = 1 + gap, None
    for row, line in enumerate(rows):
        for column, picture in enumerate(line):
            if picture is None:
                continue
            left, top = column * step, row * step
            drawn = axes.imshow(picture, extent=(left, left + 1, top + 1, top), **imshow)
            if framed:
                axes.add_patch(Rectangle((left, top), 1, 1, fill=False, edgecolor=FAINT, linewidth=0.5))
    across = max(len(line) for line in rows)
    axes.set(xlim=(0, across * step - gap), ylim=(len(rows) * step - gap, 0))
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False, pad=3)
    for axis, names, width in ((axes.xaxis, titles, None), (axes.yaxis, labels, LABEL)):
        axis.set_ticks([place * step + 0.5 for place in range(len(names))])
        texts = [wrapped(name, width) if width else name for name in names]
        axis.set_ticklabels(texts, fontsize=mpl.rcParams["axes.titlesize"])
    for label in axes.get_xticklabels():
        label.set_verticalalignment("baseline")
    return drawn


@responsive
def image_rows(rows: dict[str, np.ndarray], *, titles: Sequence[str] = (), width: float = WIDTH) -> Figure:
    """One labelled row of images per entry: label → images N×H×W×3 (uint8); `titles` stand above the columns.

    Where there is no room for all columns, those that are left stand in further blocks of rows below.
    """
    count = max(len(images) for images in rows.values())
    across = min(count, int((width - 1.0) / 0.55))
    blocks = -(-count // across)
    cell = (width - 1.0) / across
    figure = new_figure(width, blocks * (len(rows) * (cell + 0.05) + 0.3), pictures=True)
    for block, axes in enumerate(figure.subplots(blocks, 1, squeeze=False)[:, 0]):
        some = slice(block * across, (block + 1) * across)
        lines = [[*images[some], *[None] * across][:across] for images in rows.values()]
        picture_rows(axes, lines, labels=list(rows), titles=titles[some], framed=True)
    return figure


LABEL = 13
"""Letters of a row's label in one line."""


def row_label(axes: Axes, text: str, width: int = LABEL) -> None:
    """A horizontal label left of a row's first picture, wrapped where it has more than `width` letters."""
    axes.set_ylabel(wrapped(text, width), rotation=0, ha="right", va="center", labelpad=6)


def colour_bar(figure: Figure, mappable: Any, axes: Any, label: str = "power (dB)", **options: Any) -> None:
    """A thin, labelled colour bar beside `axes` (one or several)."""
    bar = figure.colorbar(mappable, ax=axes, **{"fraction": 0.05, "pad": 0.02, "aspect": 25, **options})
    bar.set_label(label)
    bar.outline.set_visible(False)
    if options.get("location") == "bottom":
        bar.ax.locator_params(axis="x", nbins=4)
    bar.solids.set_rasterized(True)


def show_spectrum(axes: Axes, spectrum_db: np.ndarray, *, labels: bool = True, few: bool = False, **imshow: Any) -> Any:
    """A shifted spectrum N×N (zero frequency at [N/2, N/2]) with both axes in cycles/pixel; returns the image.

    With `few`, its axes have only the two labels for which a small picture has room.
    """
    n = spectrum_db.shape[0]
    edge = 0.5 + 0.5 / n
    extent = (-edge, 0.5 - 0.5 / n, 0.5 - 0.5 / n, -edge)
    image = axes.imshow(spectrum_db, extent=extent, **imshow)
    ticks, names = ((-0.5, -0.25, 0, 0.25), ["−½", "−¼", "0", "¼"]) if labels else ((), [])
    step = 2 if few else 1
    axes.set_xticks(ticks[::step], names[::step])
    axes.set_yticks(ticks[::step], names[::step])
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
