"""Tables and figures on fooling: generators beside other changes of the same size, and generators on other content."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.controls import LINES
from camgan_lib.show.figures.lettering import legend_label
from camgan_lib.show.figures.style import WIDTH, Columns, Table, camera_colour, in_points, new_figure, table

JUDGES = {"auxiliary": "test (auxiliary)", "quantized": "transfer (8-bit)"}
"""Judge → the column of Table 1 that it gives."""

ACROSS = 4
"""Panels side by side at most."""


def _judge(name: str) -> str:
    return JUDGES.get(name, f"{name} judge")


def _lines(rows: list[dict[str, Any]]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in rows])) for name in LINES}


def _line_columns() -> Columns:
    return {name: (title, "{:.2f}" if "coherence" in name else "{:+.1f}") for name, title in LINES.items()}


def turned(rows: list[dict[str, Any]]) -> Figure:
    """Share of images turned over the size of the change, a panel per judge, a line per kind, with 95 % intervals.

    `rows`: `turned` of `fooling.beside`.
    """
    judges, kinds = list(rows[0]["turned"]), list(dict.fromkeys(row["kind"] for row in rows))
    across = min(ACROSS, len(judges))
    down = -(-len(judges) // across)
    figure = new_figure(WIDTH, 2.5 * down + 0.5)
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for panel, judge in zip(panels, judges, strict=False):
        for number, kind in enumerate(kinds):
            several = sorted((row for row in rows if row["kind"] == kind), key=lambda row: row["strength"])
            at = np.array([row["strength"] for row in several]) * 1.03 ** (number - (len(kinds) - 1) / 2)
            shares: list[Estimate] = [row["turned"][judge] for row in several]
            value = np.array([share.value for share in shares])
            reach = np.nan_to_num([[e.value - e.low for e in shares], [e.high - e.value for e in shares]])
            style = {"fmt": "o-", "markersize": 3.5, "capsize": 2, "color": camera_colour(number)}
            panel.errorbar(at, value, yerr=np.maximum(reach, 0), label=legend_label(kind, 30), **style)
        panel.set_title(_judge(judge))
        panel.grid()
    for panel in panels[len(judges) :]:
        panel.set_visible(False)
    strengths = sorted({row["strength"] for row in rows})
    panels[0].set_xscale("log", base=2)
    panels[0].set_xticks(strengths, [f"{strength:g}" for strength in strengths])
    panels[0].set_ylim(-0.03, 1.03)
    panels[0].yaxis.set_major_formatter(PercentFormatter(1, 0))
    figure.supylabel("turned", fontsize=9)
    figure.supxlabel("L2 norm of the change (1: the generator's)", fontsize=9)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(kinds))
    return figure


def more(found: dict[str, dict[str, Estimate]], left_out: dict[str, list[str]]) -> Table:
    """Paired differences of what two kinds of change turn, a row per pair, a column per judge.

    `found` and `left_out`: `more` and `left_out` of `fooling.beside`. The caption names cameras that a judge's shares
    leave out.
    """
    judges = next(iter(found.values()))
    columns: Columns = {
        "pair": ("turned by", "{}"),
        **{judge: (_judge(judge), in_points) for judge in judges},
    }
    rows = [{"pair": pair, **by_judge} for pair, by_judge in found.items()]
    caption = "How many more images generators turn than other changes of the same norm, in points, in pairs (95 %)"
    for judge, cameras in left_out.items():
        caption += f"; without {', '.join(cameras)} in the column {_judge(judge)}, which took all images for it before"
    return table(rows, columns, caption)


def changes(rows: list[dict[str, Any]]) -> Table:
    """Norms and lines of what is added at the generators' own norm, means over cameras: `rows` of `fooling.beside`."""
    own = [row for row in rows if row["strength"] == 1]
    shown = []
    for kind in dict.fromkeys(row["kind"] for row in own):
        several = [row for row in own if row["kind"] == kind]
        norms = {"l2": np.mean([row["l2"] for row in several]), "off": max(row["off"] for row in several)}
        shown.append({"kind": kind, **norms, **_lines(several)})
    columns: Columns = {"kind": ("what is added", "{}"), "l2": ("L2 norm (levels)", "{:.1f}")}
    columns |= {"off": ("off by at most", "{:.2%}"), **_line_columns()}
    return table(
        shown,
        columns,
        "What is added: its norm and its lines, means over cameras; off by at most: largest of all images",
    )


def content(rows: list[dict[str, Any]]) -> Table:
    """The rows of `content.swapped` as a table."""
    columns: Columns = {"content": ("input", "{}"), "n": ("images", "{:,}")}
    columns |= {judge: (_judge(judge), "{:.1%}") for judge in rows[0]["turned"]}
    columns |= {"l1": ("L1", "{:.3f}"), **_line_columns()}
    shown = [{**row, **row["turned"]} for row in rows]
    return table(shown, columns, "Turned, by what the generators were given; means over cameras (95 %)")
