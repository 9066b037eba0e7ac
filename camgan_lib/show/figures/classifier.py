"""Figures of chapter 2: how the classifiers learn and what they confuse."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.layout import names_at_ends, panels
from camgan_lib.show.figures.lettering import cut, legend_label, wrapped
from camgan_lib.show.figures.palette import ON_DARK, ON_LIGHT, SOFT, STRONG, camera_colour
from camgan_lib.show.figures.style import WIDTH, bare, new_figure, responsive
from camgan_lib.show.figures.tables import Table, table
from camgan_lib.verdicts import identification, paper
from camgan_lib.verdicts.wording import shown


@responsive
def curves(histories: dict[str, list[dict]], *, width: float = WIDTH) -> Figure:
    """Loss and accuracy per epoch, a line per classifier (name → history)."""
    figure, (loss, share) = panels(2, width, least=3, height=2.9)
    ends: dict[Axes, list[tuple[float, str, str]]] = {loss: [], share: []}
    for number, (key, history) in enumerate(histories.items()):
        name = shown(key)
        epochs = [entry["epoch"] for entry in history]
        loss.plot(epochs, [entry["loss"] for entry in history], color=camera_colour(number), label=name)
        share.plot(epochs, [entry["train_accuracy"] for entry in history], "--", color=camera_colour(number))
        share.plot(epochs, [entry["test_accuracy"] for entry in history], color=camera_colour(number), label=name)
        ends[loss].append((history[-1]["loss"], name, camera_colour(number)))
        ends[share].append((history[-1]["test_accuracy"], name, camera_colour(number)))
    loss.set(xlabel="epoch", ylabel="cross-entropy (nats)", title="training loss")
    share.set(xlabel="epoch", ylabel="accuracy per crop", title="training (dashed) and test (solid)")
    share.yaxis.set_major_formatter(PercentFormatter(1, 0))
    for axis, names in ends.items():
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        names_at_ends(axis, names)
    return figure


@responsive
def confusions(matrices: dict[str, np.ndarray], cameras: Sequence[str], *, width: float = WIDTH) -> Figure:
    """Confusion matrices (name → counts, a row per true camera), drawn as shares of each row."""
    short = [cut(camera, 19) for camera in cameras]
    figure, axes = panels(len(matrices), width, least=2.8, height=3.6, sharey=True)
    for axis, (name, counts) in zip(axes, matrices.items(), strict=True):
        shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
        axis.imshow(shares, cmap="viridis", vmin=0, vmax=1)
        for (row, column), value in np.ndenumerate(shares):
            tint = ON_LIGHT if value > 0.6 else ON_DARK
            axis.text(column, row, f"{value:.0%}", ha="center", va="center", color=tint)
        ticks = range(len(cameras))
        axis.set_xticks(ticks, short, rotation=35, ha="right", rotation_mode="anchor")
        axis.set_yticks(ticks, short)
        axis.set(title=shown(name), xlabel="decided")
    axes[0].set_ylabel("true camera")
    return figure


def accuracies(found: dict[str, dict[str, Any]], colour_only: Estimate, cameras: int) -> Table:
    """Accuracy of both classifiers (name → `evaluation.evaluate`) beside the paper's, colour alone and chance.

    The numbers with an interval are estimates over photos.
    """
    stated = {"auxiliary": paper.AUXILIARY_ACCURACY, "quantized": paper.QUANTIZED_ACCURACY}
    rows = [
        {
            "who": f"{shown(name)} classifier",
            "crop": each["accuracy"],
            "photo": each["photo_accuracy"],
            "paper": stated.get(name),
        }
        for name, each in found.items()
    ]
    rows += [{"who": "colour alone", "crop": colour_only}, {"who": "chance", "crop": 1 / cameras}]
    columns = {
        "who": ("", "{}"),
        "crop": ("per crop", "{:.1%}"),
        "photo": ("per photo, by vote", "{:.1%}"),
        "paper": ("paper, per crop", "{:.2%}"),
    }
    caption = "Accuracy on test photos. Brackets: 95 % intervals, photos drawn anew"
    return table(rows, columns, caption, starts=[len(found)])


@responsive
def reliability(found: dict[str, Any], *, width: float = WIDTH) -> Figure:
    """A reliability diagram of crops, before and after calibration (`measure.certainty`), with 95 % intervals.

    The area of a mark grows with the number of crops that it stands for.
    """
    figure, axes = panels(2, width, least=3, height=3.5, sharey=True)
    for axis, when in zip(axes, ("before", "after"), strict=True):
        rows = found[when]["rows"]
        x, n = (np.array([row[key] for row in rows]) for key in ("confidence", "n"))
        y, low, high = np.array([[row["right"].value, row["right"].low, row["right"].high] for row in rows]).T
        axis.plot([0, 1], [0, 1], ":", color=STRONG, linewidth=1)
        axis.errorbar(x, y, yerr=np.maximum(0, [y - low, high - y]), fmt="none", color=SOFT, capsize=2, linewidth=1)
        axis.scatter(x, y, s=12 + 150 * n / n.sum(), color=camera_colour(0), zorder=3)
        axis.set_title(f"{when} calibration: off by {100 * found[when]['error']:.1f} points")
        axis.set(xlabel="probability of the camera that is named", xlim=(0, 1.03), ylim=(0, 1.03))
        for side in (axis.xaxis, axis.yaxis):
            side.set_major_formatter(PercentFormatter(1, 0))
    axes[0].set_ylabel("share that is right")
    return figure


def identified(trial: dict[str, Any]) -> Table:
    """Accuracy of each classifier of `trials/identification.py`, per crop and by the number of crops that vote."""
    rows = [
        {
            "who": shown_as,
            "crop": identification.mean(trial, name),
            **{crops: identification.mean(trial, name, crops) for crops in identification.COUNTS},
        }
        for name, shown_as in identification.CLASSIFIERS.items()
    ]
    votes = {crops: (f"vote of {crops}", "{:.1%}") for crops in identification.COUNTS}
    return table(
        rows,
        {"who": ("", "{}"), "crop": ("single crops", "{:.1%}"), **votes},
        "Named rightly: single test crops, and test photos by so many of their 64 crops. Brackets: 95 % intervals",
    )


def strangers(trial: dict[str, Any]) -> Table:
    """Each camera left out in turn (`trials/identification.py`): how well its photos are found to be none of these."""
    columns = {
        "camera": ("left out", "{}"),
        "auc 1": ("AUROC, 1 crop", "{:.3f}"),
        "auc 16": ("AUROC, 16 crops", "{:.3f}"),
        "found at 5 % 16": ("found at 5 % false alarms", "{:.0%}"),
        "found 16": ("found at the threshold set", "{:.0%}"),
        "false alarms 16": ("false alarms there", "{:.0%}"),
    }
    rows = [{key: part[key] for key in columns} for part in identification.strangers(trial)]
    return table(
        rows,
        columns,
        "Photos of a camera that the network never saw, found to be none of these by 16 crops each: at 5 % false "
        "alarms, and at the threshold that was set beforehand. Brackets: 95 % intervals",
    )


def new_photos(
    photos: dict[str, np.ndarray], shares: dict[str, dict[str, np.ndarray]], cameras: Sequence[str]
) -> Figure:
    """Photos (camera → uint8 H×W×3), and below each how its crops are shared out among the cameras by each network.

    `shares`: camera of the photo → network → share of crops taken for each of `cameras`.
    """
    figure = new_figure(WIDTH, 4.2)
    grid = figure.subplots(2, len(photos), squeeze=False, height_ratios=[2, 1])
    for (top, bottom), (camera, photo) in zip(grid.T, photos.items(), strict=True):
        bare(top).imshow(photo)
        top.set_title(wrapped(camera, 14))
        for row, (name, share) in enumerate(shares[camera].items()):
            left = 0.0
            for number, value in enumerate(share):
                label = None if row else legend_label(cameras[number])
                bottom.barh(shown(name), value, left=left, color=camera_colour(number), label=label)
                left += value
        bottom.set(xlim=(0, 1), xlabel="share of crops")
        bottom.xaxis.set_major_formatter(PercentFormatter(1, 0))
        if bottom is not grid[1, 0]:
            bottom.set_yticklabels([])
    handles = grid[1, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=len(cameras), title="taken for")
    return figure
