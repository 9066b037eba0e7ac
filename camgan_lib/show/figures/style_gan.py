"""Figures and tables of chapter 4: training curves, stylised images, Table 1."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from camgan_lib.measure import averages
from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.layout import is_narrow, legend, panels
from camgan_lib.show.figures.lettering import legend_label, wrapped
from camgan_lib.show.figures.palette import camera_colour
from camgan_lib.show.figures.style import WIDE, WIDTH, mosaic, new_figure, picture_rows, responsive
from camgan_lib.show.figures.tables import Columns, Table, table
from camgan_lib.verdicts import paper

TERMS = (
    ("adversarial", "adversarial (generator)"),
    ("discriminator", "adversarial (discriminator)"),
    ("l1", "L1 to the input"),
    ("tv", "total variation"),
    ("auxiliary", "cross-entropy to the target"),
    ("target_share", "share taken for the target"),
)


@responsive
def curves(histories: dict[str, list[dict]], *, width: float = WIDTH) -> Figure:
    """Each term of the loss over training steps, a line per camera (camera → history)."""
    figure, axes = panels(len(TERMS), width, least=2.2, height=1.9 if is_narrow(width) else 2.0, extra=0.4, sharex=True)
    for axis, (term, title) in zip(axes, TERMS, strict=True):
        for number, (camera, history) in enumerate(histories.items()):
            steps = [entry["step"] for entry in history]
            values = [entry[term] for entry in history]
            axis.plot(steps, values, color=camera_colour(number), label=legend_label(camera))
        axis.set_title(title)
        axis.set_ylim(bottom=0)
    axes[-1].yaxis.set_major_formatter(PercentFormatter(1, 0))
    for axis in axes[-1:] if is_narrow(width) else axes[-3:]:
        axis.set_xlabel("step")
    legend(figure, axes[0], width)
    return figure


@responsive
def stylised(images: np.ndarray, by_camera: dict[str, np.ndarray], columns: int = 8, *, width: float = WIDE) -> Figure:
    """A sheet of no-style inputs (uint8 n×32×32×3), and one of the same images after each camera's generator."""
    sheets = {"no-style input": images, **by_camera}
    across = min(2 if is_narrow(width) else 3, len(sheets))
    down = -(-len(sheets) // across)
    figure = new_figure(width, down * (width / across * len(images) / columns**2 + 0.3), pictures=True)
    axes = figure.subplots(down, across, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, (name, sheet) in zip(axes.flat, sheets.items(), strict=False):
        axis.imshow(mosaic(sheet, columns, gap=2))
        axis.set_title(wrapped(name, 28))
    return figure


@responsive
def close_up(
    images: np.ndarray, by_camera: dict[str, np.ndarray], cameras: Sequence[str], *, width: float = WIDTH
) -> Figure:
    """A few inputs, large; below each, for each camera, the stylised image and the residual G(x) − x (grey is zero)."""
    width = min(width, 1.05 * len(images) + 1.0)
    figure = new_figure(width, ((width - 1.1) / len(images) + 0.05) * (1 + 2 * len(cameras)), pictures=True)
    limit = max(np.abs(by_camera[c].astype(int) - images).max() for c in cameras)
    rows = [images]
    for camera in cameras:
        residuals = (by_camera[camera].astype(float) - images) / (2 * max(limit, 1)) + 0.5
        rows += [by_camera[camera], residuals]
    names = ["input", *(name for camera in cameras for name in (camera, "residual"))]
    picture_rows(figure.subplots(), rows, labels=names, framed=True)
    return figure


def table1(rows: list[dict[str, Any]]) -> Table:
    """The rows of `evaluation.table1`, and below them those of the paper, which are of other cameras.

    Estimates show their 95 % intervals, unless these have no width; the paper gives none.
    """
    shares = ("no_style", "train", "test", "transfer")
    stated = [{**row, "camera": f"paper: {row['camera']}"} for row in paper.TABLE1]
    columns: Columns = {
        "camera": ("Camera", "{}"),
        **{name: (name.replace("_", " "), _written(".1%")) for name in shares},
        "l1": ("L1", _written(".3f")),
    }
    caption = "Share of images taken for the camera, and L1. Brackets: 95 % intervals"
    return table([*rows, *stated], columns, caption, starts=[len(rows)])


def trial_table(rows: list[dict[str, Any]]) -> Table:
    """A row per variant of the generators' training: means over cameras, and the lowest share on test images.

    `rows`: those of `evaluation.table1`, each with its `variant`. Cells as in `table1`.
    """
    made = []
    for variant in dict.fromkeys(row["variant"] for row in rows):
        own = [row for row in rows if row["variant"] == variant]
        means = {name: _mean([row[name] for row in own], name) for name in ("train", "test", "transfer", "l1")}
        made.append({"variant": variant, **means, "lowest": min((row["test"] for row in own), key=_value)})
    names = {"train": "train", "test": "test", "lowest": "test, lowest camera", "transfer": "transfer"}
    columns: Columns = {"variant": ("Generators", "{}")}
    columns |= {key: (name, _written(".1%")) for key, name in names.items()}
    columns |= {"l1": ("L1", _written(".3f"))}
    return table(
        made,
        columns,
        "Does it make a generator fail on new images? Means over four simulated cameras. Brackets: 95 % intervals",
    )


def _mean(numbers: Sequence[Any], column: str) -> Any:
    """The mean over cameras of a column of Table 1.

    It is an estimate where the numbers are estimates that know what each scene contributes, else a plain number: a
    record keeps the contributions of few scenes (`estimates.FEW`), those of the test but not those of the training.
    """
    if all(isinstance(each, Estimate) and (each.units or each.low == each.high) for each in numbers):
        return averages.over_same_scenes(numbers, None if column == "l1" else (0.0, 1.0))
    return float(np.mean([_value(each) for each in numbers]))


def _written(form: str) -> Callable[[Any], str]:
    """How a number is written: an estimate with its interval, unless that has no width."""
    return lambda number: format(_value(number) if _exact(number) else number, form)


def _exact(number: Any) -> bool:
    return not isinstance(number, Estimate) or number.low == number.high


def _value(number: Any) -> float:
    return number.value if isinstance(number, Estimate) else number
