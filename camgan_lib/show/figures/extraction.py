"""Figures and tables of the chapter that asks whether a generator can have a camera's style."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.forest import forest
from camgan_lib.show.figures.layout import is_narrow, legend, panels
from camgan_lib.show.figures.palette import ON_DARK, ON_LIGHT, SOFT, camera_colour
from camgan_lib.show.figures.style import WIDTH, new_figure, responsive
from camgan_lib.show.figures.tables import Columns, Table, in_points, table

PANELS = {"judges": "independent judges turned", "recovered": "spectrum recovered (r)", "l1": "L1"}
SHARE = "{:.1%}"


def variants(found: dict[str, dict[str, Any]], oracle: dict[str, Any]) -> Figure:
    """A row per variant (`extraction.over_seeds`), a panel per yardstick: mean and interval over seeds.

    Dashed: the `oracle`. A variant of one seed has no interval.
    """
    panels = {title: {"mean": [row[key] for row in found.values()]} for key, title in PANELS.items()}
    return forest(list(found), panels, at={title: oracle[key].value for key, title in PANELS.items()})


def scores(found: dict[str, dict[str, Any]], oracle: dict[str, Any]) -> Table:
    """The same in numbers, with the auxiliary and the 8-bit classifier and the number of seeds."""
    columns: Columns = {"name": ("Generator", "{}"), "n": ("Seeds", "{}"), "judges": ("Judges turned", SHARE)}
    columns |= {"auxiliary": ("Auxiliary", SHARE), "quantized": ("8-bit", SHARE)}
    columns |= {"recovered": ("Spectrum (r)", "{:.2f}"), "l1": ("L1", "{:.3f}")}
    rows = [{"name": name, **row} for name, row in found.items()]
    caption = "Means over cameras. Brackets: 95 % intervals over seeds"
    return table([*rows, {"name": "oracle", **oracle, "n": None}], columns, caption)


def losses(rows: list[dict[str, Any]]) -> Table:
    """The rows of `extraction.without`: what is lost, or won, without each part."""
    columns: Columns = {
        "variant": ("Generator", "{}"),
        "n": ("Seeds", "{}"),
        "judges": ("Judges turned (points)", in_points),
    }
    columns |= {"recovered": ("Spectrum (r)", "{:+.2f}"), "l1": ("L1", "{:+.3f}")}
    caption = "Difference from the generator built as a camera, seed by seed. Brackets: 95 % intervals over seeds"
    return table(rows, columns, caption)


def by_judge_and_camera(generator: dict[str, Any], oracle: dict[str, Any]) -> Table:
    """Shares that each judge turns, and that judges turn of each camera's images: the generator and the oracle."""
    rows = [
        {"name": name, "generator": share, "oracle": oracle[kind][name]}
        for kind in ("by_judge", "by_camera")
        for name, share in generator[kind].items()
    ]
    columns: Columns = {
        "name": ("Judge, or camera", "{}"),
        "generator": ("Generator", SHARE),
        "oracle": ("Oracle", SHARE),
    }
    caption = "Brackets: intervals over seeds that hold for all judges at once, and for all cameras at once"
    return table(rows, columns, caption)


def told(found: dict[str, dict[str, Any]]) -> Table:
    """How often a fresh classifier tells images rightly from the camera's crops and from the oracle's images."""
    rows = [{"name": name, **row} for name, row in found.items() if "told" in row]
    columns: Columns = {"name": ("Images of", "{}"), "n": ("Seeds", "{}")}
    columns |= {"told": ("Told from the crops", SHARE), "told_oracle": ("Told from the oracle's", SHARE)}
    return table(
        rows, columns, "Right answers of a classifier trained for this alone; 50 % is chance. Means over cameras"
    )


def grid(found: dict[str, dict[str, Any]], untouched: float, crops: dict[str, float]) -> Table:
    """In what share of images JPEG's grid is found, of all variants that were asked.

    `untouched`: of the no-style images; `crops`: camera → of its own crops.
    """
    rows = [{"name": name, **row} for name, row in found.items() if "grid" in row]
    own = {"name": "no generator: the cameras' crops", "grid": float(np.mean(list(crops.values())))}
    rows += [own, {"name": "no generator: no-style images", "grid": untouched}]
    columns: Columns = {"name": ("Images of", "{}"), "grid": ("JPEG's grid found", SHARE)}
    return table(rows, columns, "Shares of images, means over cameras. Brackets: 95 % intervals over seeds")


def lines(kinds: dict[str, dict[str, dict[str, Any]]], names: dict[str, str]) -> Table:
    """Lines of the log-variance in dB: a row per camera and line (`names`: its key → how it is called).

    `kinds`: whose images → camera → line → a number or an Estimate.
    """
    cameras = list(next(iter(kinds.values())))
    rows = [
        {"camera": camera, "line": called, **{kind: of[camera][key] for kind, of in kinds.items()}}
        for camera in cameras
        for key, called in names.items()
    ]
    columns: Columns = {"camera": ("Camera", "{}"), "line": ("Line", "{}")}
    columns |= {kind: (kind, "{:+.1f}") for kind in kinds}
    return table(
        rows, columns, "Line strength (dB) over the spectrum around it, green channel. Brackets: 95 % intervals"
    )


def line_points(kinds: dict[str, dict[str, dict[str, Any]]], names: dict[str, str]) -> Figure:
    """The same as a figure: a panel per line, a row per camera, a mark per kind of images."""
    cameras = list(next(iter(kinds.values())))
    panels = {
        called: {kind: [of[camera][key] for camera in cameras] for kind, of in kinds.items()}
        for key, called in names.items()
    }
    return forest(cameras, panels, at=dict.fromkeys(panels, 0.0), cameras=True, label="line (dB)")


def readings(kinds: dict[str, list[dict[str, Any]]]) -> Table:
    """What was read of each camera's generators beside what is true: a row per camera and stage, a column per kind.

    `kinds`: variant → its rows of `readings.over_seeds`.
    """
    rows = []
    for same in zip(*kinds.values(), strict=True):
        said = {name: row["read"] for name, row in zip(kinds, same, strict=True)}
        rows.append({**{key: same[0][key] for key in ("camera", "stage", "true")}, **said})
    columns: Columns = {"camera": ("Camera", "{}"), "stage": ("Stage", "{}")}
    columns |= {name: (name, _said) for name in kinds} | {"true": ("True", _said)}
    return table(rows, columns, "Read of generators of several seeds. Brackets: 95 % intervals over seeds")


def reading_points(kinds: dict[str, list[dict[str, Any]]]) -> Figure:
    """The same as a figure, for stages that are read as numbers: a panel per stage, a stroke where the truth is."""
    first = next(iter(kinds.values()))
    cameras, stages = (list(dict.fromkeys(row[key] for row in first)) for key in ("camera", "stage"))
    truth = {(row["camera"], row["stage"]): row["true"] for row in first}
    numbers = [stage for stage in stages if not any(isinstance(truth.get((c, stage)), str) for c in cameras)]
    said = {
        name: {(row["camera"], row["stage"]): row["read"] for row in rows if not isinstance(row["read"], str)}
        for name, rows in kinds.items()
    }
    panels = {
        stage: {name: [read.get((camera, stage)) for camera in cameras] for name, read in said.items()}
        for stage in numbers
    }
    ticks = {stage: [truth.get((c, stage)) for c in cameras] for stage in numbers}
    return forest(cameras, panels, ticks=ticks, cameras=True)


def terms(rows: list[dict[str, Any]]) -> Table:
    """The rows of `verdicts.extraction.terms`: what the terms of the loss are for each generator, by images."""
    columns: Columns = {"images": ("Images", "{}"), "variant": ("Generator", "{}")}
    names = {"spectral": "mean spectrum", "variance": "log-variance", "auxiliary": "classifier", "l1": "L1"}
    columns |= {key: (name, "{:.3f}") for key, name in names.items()}
    return table(rows, columns, "Terms of the loss before their weights, means over cameras and seeds; less is better")


def _said(value: Estimate | float | str) -> str:
    if isinstance(value, str):
        return value
    size = value.value if isinstance(value, Estimate) else value
    return format(value, ".2f" if abs(size) < 10 else ".1f")


def removed(rows: list[dict[str, Any]]) -> Table:
    """The rows of `verdicts.extraction.removed`: how often judges are right after each way to remove a trace."""
    columns: Columns = {"variant": ("Way", "{}"), "n": ("Seeds", "{}"), "judges": ("Judges right", SHARE)}
    columns |= {"auxiliary": ("Auxiliary", SHARE), "quantized": ("8-bit", SHARE), "l1": ("L1", "{:.3f}")}
    return table(rows, columns, "Test crops that judges give to their camera. Brackets: 95 % intervals over seeds")


def real(rows: list[dict[str, Any]]) -> Table:
    """The rows of `verdicts.extraction.of_real`: what generators hold of real cameras beside what their files say."""
    columns: Columns = {"camera": ("Camera", "{}"), "judges": ("Judges turned", SHARE), "l1": ("L1", "{:.2f}")}
    columns |= {"subsampling": ("Subsampling read", "{}")}
    columns |= {"quality": ("Quality read", "{:.1f}"), "files_quality": ("In files", "{:.1f}")}
    rows = [{**row, "subsampling": f"{row['subsampling']}; in files {row['files_subsampling']}"} for row in rows]
    return table(rows, columns, "Quality is that of luma, in files their mean. Brackets: 95 % intervals over seeds")


@responsive
def pairs(rows: list[dict[str, Any]], *, width: float = WIDTH) -> Figure:
    """How far apart the readings of two generators are, stage by stage (`readings.of_pairs`), means over seeds.

    A row per stage in which the two cameras differ, a column per stage of the reading; framed: what is furthest apart.
    """
    stages = list(dict.fromkeys(row["stage"] for row in rows))
    read = list(rows[0]["apart"])
    apart = np.array(
        [[np.mean([row["apart"][of] for row in rows if row["stage"] == s]) for of in read] for s in stages]
    )
    figure = new_figure(width, 0.42 * len(stages) + 1.2)
    axes = figure.add_subplot()
    axes.imshow(np.log(np.maximum(apart, 0.1)), cmap="Greys", vmin=np.log(0.5), vmax=np.log(50), aspect="auto")
    for y, row in enumerate(apart):
        for x, value in enumerate(row):
            axes.text(x, y, f"{value:.1f}", ha="center", va="center", color=ON_DARK if value > 5 else ON_LIGHT)
        axes.add_patch(Rectangle((row.argmax() - 0.5, y - 0.5), 1, 1, fill=False, edgecolor=camera_colour(1), lw=2.5))
    axes.set_yticks(range(len(stages)), stages)
    axes.set_xticks(range(len(read)), read, rotation=90 if is_narrow(width) else 0)
    axes.xaxis.tick_top()
    axes.set_ylabel("the cameras differ in")
    axes.set_title("apart in the reading of", fontsize="medium")
    return figure


@responsive
def responses(read: dict[str, np.ndarray], known: dict[str, np.ndarray], *, width: float = WIDTH) -> Figure:
    """How strongly green is guessed at red places along the rows, by frequency: of generators and of known ways.

    `read` and `known`: name → filters of demosaicing, 4×3×7×7.
    """
    figure, (axes,) = panels(1, width, least=width, height=2.8, extra=0.5)
    at = np.linspace(0, 0.5, 65)
    for (name, filters), style in zip(known.items(), ("-", "--", ":"), strict=False):
        axes.plot(at, _along(filters, at), color=SOFT, linestyle=style, label=f"{name}, as filters")
    for number, (name, filters) in enumerate(read.items()):
        axes.plot(at, _along(filters, at), color=camera_colour(number), label=name)
    axes.set_xlabel("frequency (cycles/pixel)")
    axes.set_ylabel("response")
    axes.grid(axis="y")
    legend(figure, axes, width)
    return figure


def _along(filters: np.ndarray, at: np.ndarray) -> np.ndarray:
    taps = filters[0, 1].sum(0)
    return np.abs(np.exp(-2j * np.pi * np.outer(at, np.arange(len(taps)) - len(taps) // 2)) @ taps)
