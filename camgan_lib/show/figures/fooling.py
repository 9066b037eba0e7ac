"""Tables and figures on fooling: generators beside other changes of the same size, and generators on other content."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.controls import LINES
from camgan_lib.show.figures.forest import forest, in_percent
from camgan_lib.show.figures.layout import legend, panels
from camgan_lib.show.figures.lettering import legend_label
from camgan_lib.show.figures.palette import camera_colour
from camgan_lib.show.figures.style import WIDTH, responsive
from camgan_lib.show.figures.tables import Columns, Table, in_points, table

JUDGES = {"auxiliary": "test (auxiliary)", "quantized": "transfer (8-bit)"}
"""Judge → the column of Table 1 that it gives."""


def _judge(name: str) -> str:
    return JUDGES.get(name, f"{name} judge")


def _lines(rows: list[dict[str, Any]]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in rows])) for name in LINES}


def _line_columns() -> Columns:
    return {name: (title, "{:.2f}" if "coherence" in name else "{:+.1f}") for name, title in LINES.items()}


@responsive
def turned(rows: list[dict[str, Any]], *, width: float = WIDTH) -> Figure:
    """Share of images turned over the size of the change, a panel per judge, a line per kind, with 95 % intervals.

    `rows`: `turned` of `fooling.beside`.
    """
    judges, kinds = list(rows[0]["turned"]), list(dict.fromkeys(row["kind"] for row in rows))
    figure, axes = panels(len(judges), width, least=1.6, height=2.2, extra=0.7, sharex=True, sharey=True)
    for panel, judge in zip(axes, judges, strict=True):
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
    strengths = sorted({row["strength"] for row in rows})
    axes[0].set_xscale("log", base=2)
    axes[0].set_xticks(strengths, [f"{strength:g}" for strength in strengths])
    axes[0].set_ylim(-0.03, 1.03)
    axes[0].yaxis.set_major_formatter(PercentFormatter(1, 0))
    figure.supylabel("turned")
    figure.supxlabel("L2 norm of the change (1: the generator's)")
    legend(figure, axes[0], width)
    return figure


def more(found: dict[str, dict[str, Estimate]], left_out: dict[str, list[str]]) -> Table:
    """Paired differences of what two kinds of change turn, a row per pair, a column per judge.

    `found` and `left_out`: `more` and `left_out` of `fooling.beside`. The caption names cameras that a judge's shares
    leave out.
    """
    judges = next(iter(found.values()))
    columns: Columns = {
        "pair": ("turned by", "{}"),
        **{judge: (f"{_judge(judge)} (points)", in_points) for judge in judges},
    }
    rows = [{"pair": pair, **by_judge} for pair, by_judge in found.items()]
    caption = (
        "How many more images generators turn than other changes of the same norm, in pairs. Brackets: 95 % intervals"
    )
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
    columns |= {"off": ("off, at most", "{:.2%}"), **_line_columns()}
    return table(
        shown,
        columns,
        "What is added: its norm and its lines, means over cameras; off, at most: largest of all images",
    )


def content(rows: list[dict[str, Any]]) -> Table:
    """The rows of `content.swapped` as a table: a row per judge, a column per content, with the share turned."""
    columns: Columns = {"judge": ("Judge", "{}")}
    columns |= {row["content"]: (_counted(row), "{:.1%}") for row in rows}
    judges = list(rows[0]["turned"])
    shown = [{"judge": _judge(judge), **{row["content"]: row["turned"].get(judge) for row in rows}} for judge in judges]
    return table(
        shown, columns, "Turned, by what the generators were given; means over cameras. Brackets: 95 % intervals"
    )


def content_points(rows: list[dict[str, Any]]) -> Figure:
    """The same as a figure: a row per judge, a colour per content."""
    judges = list(rows[0]["turned"])
    series = {_counted(row): in_percent([row["turned"].get(judge) for judge in judges]) for row in rows}
    return forest([_judge(judge) for judge in judges], {"": series}, label="turned (%)")


def content_lines(rows: list[dict[str, Any]]) -> Table:
    """What generators add by what they were given: the mean change and its lines, means over cameras."""
    columns: Columns = {"content": ("input", "{}"), "l1": ("L1", "{:.3f}"), **_line_columns()}
    return table(
        rows, columns, "What was added, by what the generators were given; means over cameras. Brackets: 95 % intervals"
    )


def _counted(row: dict[str, Any]) -> str:
    return f"{row['content']} ({row['n']:,} images)"
