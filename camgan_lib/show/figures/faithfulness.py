"""Tables and figures of chapter 10: deletion, infidelity, layers drawn anew."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.layout import panels
from camgan_lib.show.figures.palette import STRONG, camera_colour
from camgan_lib.show.figures.style import WIDTH, responsive
from camgan_lib.show.figures.tables import Columns, Table, p_value, table


def gains(rows: list[dict[str, Any]]) -> Table:
    """The rows of `faithfulness.gains` as a table."""
    columns: Columns = {
        "order": ("taken away first", "{}"),
        "area": ("Area", "{:.3f}"),
        "random": ("random order", "{:.3f}"),
        "gain": ("Gain", "{:+.3f}"),
    }
    return table(
        rows,
        columns,
        "Deletion: mean probability of the own camera while pixels or frequencies are taken away. "
        "Brackets: 95 % intervals",
    )


@responsive
def infidelity(rows: list[dict[str, Any]], null: float, *, width: float = WIDTH) -> Figure:
    """The rows of `faithfulness.infidelity`: a panel for each strength of the noise, a point with its interval per map.

    Dashed: `null`, the value of a map that has nothing to do with the network.
    """
    levels = list(dict.fromkeys(row["noise"] for row in rows))
    names = list(dict.fromkeys(row["map"] for row in rows))
    room = {"least": 1.25, "beside": 1.0, "height": 0.3 * len(names) + 0.45, "extra": 0.5}
    figure, axes = panels(len(levels), width, sharex=True, sharey=True, **room)
    for panel, level in zip(axes, levels, strict=True):
        for row in (row for row in rows if row["noise"] == level):
            at, found = len(names) - 1 - names.index(row["map"]), row["infidelity"]
            ends = [[found.value - found.low], [found.high - found.value]] if found.known else None
            colour = camera_colour(names.index(row["map"]))
            panel.errorbar([found.value], [at], xerr=ends, fmt="o", markersize=4, capsize=3, color=colour)
        panel.axvline(null, color=STRONG, linestyle="--", linewidth=1)
        panel.set(
            title=f"noise of {level:g} levels", xlim=(-0.05, 1.1), ylim=(-0.6, len(names) - 0.4), xticks=(0, 0.5, 1)
        )
        panel.grid(axis="x")
    axes[0].set_yticks(range(len(names)), reversed(names))
    figure.supxlabel("infidelity (0: every change of the logit is foretold)", fontsize="medium")
    return figure


def infidelity_table(rows: list[dict[str, Any]]) -> Table:
    """The rows of `faithfulness.infidelity` as a table, with what each map foretells beyond noise."""
    columns: Columns = {
        "noise": ("noise (levels)", "{:g}"),
        "map": ("Map", "{}"),
        "infidelity": ("Infidelity", "{:.3f}"),
        "unit": ("over", "{}"),
        "below_noise": ("below maps of noise by", "{:+.3f}"),
        "p": ("p, no better than by chance", p_value),
    }
    shown = [{**row, "unit": f"{row['infidelity'].n} {row['infidelity'].unit}s"} for row in rows]
    return table(
        shown,
        columns,
        "Normalised infidelity by strength of the noise; p corrected for all rows (Holm). Brackets: 95 % intervals",
    )


@responsive
def cascade(found: dict[str, Estimate], *, width: float = WIDTH) -> Figure:
    """Correlation of saliency maps with the trained network's as layers are drawn anew, last first."""
    figure, (axes,) = panels(1, width, least=width, height=3.0)
    mean, low, high = np.array([(each.value, each.low, each.high) for each in found.values()]).T
    axes.plot(range(len(found) + 1), [1.0, *mean], "o-", markersize=4, color=camera_colour(0))
    axes.fill_between(range(1, len(found) + 1), low, high, color=camera_colour(0), alpha=0.25, linewidth=0)
    axes.set_xticks(range(len(found) + 1), ["none", *found], rotation=40, ha="right", rotation_mode="anchor")
    axes.set(xlabel="drawn anew, from the last layer down to", ylabel="rank correlation of maps", ylim=(-0.1, 1.05))
    axes.grid(axis="y")
    return figure


def beside_quantus(rows: list[dict[str, Any]]) -> Table:
    """The rows of `trials/quantus_check.py` as a table."""
    columns: Columns = {"measure": ("Measure", "{}"), "set": ("Set", "{}"), "ours": ("Ours", "{:.3f}")}
    columns |= {"quantus": ("Quantus", "{:.3f}"), "largest": ("largest difference of a crop", "{:.1e}")}
    columns["alike"] = ("rank correlation over crops", "{:.2f}")
    return table(
        rows, columns, "The same measures by the library Quantus, set as ours and as it comes; means over crops"
    )
