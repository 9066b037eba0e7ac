"""Tables and figures of chapter 9 on what was added to images or taken from them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from camgan_lib.measure.bands import finding
from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.layout import is_narrow, legend, names_at_ends, panels
from camgan_lib.show.figures.lettering import legend_label
from camgan_lib.show.figures.palette import STRONG, camera_colour
from camgan_lib.show.figures.style import WIDTH, responsive
from camgan_lib.show.figures.tables import Columns, Table, in_points, p_value, table


@responsive
def curves(
    at: Sequence[float],
    shares: dict[str, Sequence[Estimate]],
    label: str,
    *,
    chance: float,
    share: str = "share taken for the camera",
    width: float = WIDTH,
) -> Figure:
    """Shares with their intervals over `at`, a line per name. A dashed line marks `chance`."""
    figure, (axes,) = panels(1, width, least=width, height=3.3)
    _lines(axes, at, shares)
    _shares_axis(axes, label, chance)
    axes.set_ylabel(share)
    ends = [
        (values[-1].value, legend_label(name, 10 if is_narrow(width) else 16), camera_colour(number))
        for number, (name, values) in enumerate(shares.items())
    ]
    names_at_ends(axes, ends)
    return figure


def _lines(axes: Axes, at: Sequence[float], shares: dict[str, Sequence[Estimate]]) -> None:
    for number, (name, values) in enumerate(shares.items()):
        mean, low, high = np.array([[each.value, each.low, each.high] for each in values]).T
        axes.plot(at, mean, "o-", markersize=4, color=camera_colour(number), label=legend_label(name, 30))
        axes.fill_between(at, low, high, color=camera_colour(number), alpha=0.2, linewidth=0)


def _shares_axis(axes: Axes, label: str, chance: float) -> None:
    axes.axhline(chance, color=STRONG, linestyle="--", linewidth=1)
    axes.set(xlabel=label, ylim=(-0.02, 1.02))
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.grid()


def steps(found: dict[str, Estimate]) -> Table:
    """The `steps` of `transplants.by_strength` as a table."""
    rows = [{"step": name, "difference": in_points(each), "n": _units(each)} for name, each in found.items()]
    columns: Columns = {"step": ("difference", "{}"), "difference": ("share taken (points)", "{}")}
    columns |= {"n": ("drawn anew", "{}")}
    return table(
        rows,
        columns,
        "What each step changes, at strength 1, on the same new images; means over cameras. Brackets: 95 % intervals",
    )


def removal(rows: list[dict[str, Any]]) -> Table:
    """The rows of `transplants.over_cameras` as a table."""
    columns: Columns = {
        "bins": ("removed", "{}"),
        "power": ("of the power", "{:.1%}"),
        "all": ("taken before", "{:.1%}"),
        "after": ("taken after", "{:.1%}"),
        "difference": ("difference, paired (points)", in_points),
        "p": ("p (Holm)", p_value),
    }
    shown: list[dict[str, Any]] = []
    for row in rows:
        lost = {"bins": row["bins"].replace("_", " "), "power": row["share_of_power"], "after": row["without"]}
        shown.append({**row, **lost})
        shown.append({"bins": "as many other bins", "power": row["share_random"], "after": row["without_random"]})
    caption = "Stylised images whose residual has lost frequencies; means over cameras. Brackets: 95 % intervals"
    return table(shown, columns, caption, starts=range(2, len(shown), 2))


def losses(causal: dict[str, Any]) -> Table:
    """What `bands.causal` found, as a table: accuracy on whole crops and without frequencies, the paired loss."""
    at = f"{causal['radius']:g} cycles/pixel"
    rows = [{"removed": "nothing", "accuracy": causal["all"]}]
    for name, side in (("high", "above"), ("low", "up to")):
        lost = causal[f"lost_{name}"]
        rows.append({"removed": f"all {side} {at}", "accuracy": causal[f"without_{name}"], "lost": lost})
        rows[-1] |= {"finding": finding(lost), "n": _units(lost)}
    columns: Columns = {"removed": ("frequencies removed", "{}"), "accuracy": ("right", "{:.1%}")}
    columns |= {
        "lost": ("lost, paired (points)", in_points),
        "finding": ("what it shows", "{}"),
        "n": ("drawn anew", "{}"),
    }
    return table(rows, columns, "Test crops without some frequencies, judged by the auxiliary classifier")


def _units(estimate: Estimate) -> str:
    return f"{estimate.n:,} {estimate.unit}s"


RETRAINED = {
    "retrained": "trained without them (information)",
    "trained": "trained on whole crops",
    "classifier": "the auxiliary classifier (reliance)",
}


@responsive
def retraining(rows: list[dict[str, Any]], chance: float, *, width: float = WIDTH) -> Figure:
    """The rows of `retraining.summary`: accuracy by radius, a panel for high and one for low frequencies removed.

    A dotted line marks the accuracy of the same recipe on whole crops, a dashed one `chance`.
    """
    sides = {"high": "removed: above the radius", "low": "removed: up to the radius"}
    figure, axes = panels(len(sides), width, least=3, height=2.8, extra=0.5, sharey=True)
    for panel, (removed, title) in zip(axes, sides.items(), strict=True):
        some = [row for row in rows if row["removed"] == removed]
        _lines(panel, [row["radius"] for row in some], {t: [row[k] for row in some] for k, t in RETRAINED.items()})
        panel.axhline(rows[0]["whole"].value, color=STRONG, linestyle=":", linewidth=1)
        _shares_axis(panel, "radius (cycles/pixel)", chance)
        panel.set_title(title)
    axes[0].set_ylabel("accuracy")
    legend(figure, axes[0], width)
    return figure


def relied(rows: list[dict[str, Any]]) -> Table:
    """The rows of `retraining.summary` as a table: what was lost with and without the information."""
    sides = {"high": "above", "low": "up to"}
    shown = [{**row, "what": f"{sides[row['removed']]} {row['radius']:g}"} for row in rows]
    columns: Columns = {"what": ("removed (cycles/pixel)", "{}"), "seeds": ("networks", "{}")}
    columns |= {"retrained": ("trained without", "{:.1%}"), "trained": ("trained on whole crops", "{:.1%}")}
    columns |= {"needed": ("lost with the information, at most (points)", in_points)}
    columns |= {"relied": ("lost though it is there (points)", in_points)}
    columns |= {"classifier": ("auxiliary classifier", "{:.1%}")}
    return table(shown, columns, "Right on test crops without some frequencies; differences paired by photo")
