"""Figure and table of the ranking of explanations by a known truth (trials/known_truth.py)."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.known_truth import BLIND, OTHERS, UNTRAINED
from camgan_lib.show.figures.palette import FAINT, GROUND, STRONG, camera_colour
from camgan_lib.show.figures.style import WIDTH, new_figure, responsive
from camgan_lib.show.figures.tables import Columns, Table, table
from camgan_lib.verdicts.wording import p_value

COLUMNS = 2


@responsive
def by_stage(rows: list[dict[str, Any]], truth: str, *, width: float = WIDTH) -> Figure:
    """The rows of `known_truth.rows`, a panel per stage: each method's score with its interval by photo.

    Filled: on trained networks. Hollow: the same on untrained ones. Below a line: orders that no network had a part in.
    """
    rows = [row for row in rows if row["truth"] == truth and row["method"] not in ("random", "all alike")]
    stages, names = (list(dict.fromkeys(row[key] for row in rows)) for key in ("stage", "method"))
    names = [name for name in names if not name.endswith(UNTRAINED)]
    lines = -(-len(stages) // COLUMNS)
    figure = new_figure(width, lines * (0.23 * len(names) + 0.3) + 0.7)
    grid = figure.subplots(lines, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
    for panel, stage in zip(grid, stages, strict=False):
        of_stage = {row["method"]: row["score"] for row in rows if row["stage"] == stage}
        _panel(panel, of_stage, names)
        panel.set_title(stage)
    for panel in grid[len(stages) :]:
        panel.set_visible(False)
    grid[0].set_xlim(-1.05, 1.05)
    grid[0].set_xticks((-1, 0, 1))
    figure.supxlabel("score: 0 random order, 1 the true order", fontsize="medium")
    figure.legend(
        *grid[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, handletextpad=0.3, columnspacing=1.5
    )
    return figure


def _panel(axes: Axes, scores: dict[str, Estimate], names: list[str]) -> None:
    for kind, ending, shift in (("untrained", UNTRAINED, -0.17), ("trained", "", 0.17)):
        places = [place for place, name in enumerate(reversed(names)) if name + ending in scores]
        found = [scores[names[len(names) - 1 - place] + ending] for place in places]
        ends = [[each.value - each.low for each in found], [each.high - each.value for each in found]]
        filled = camera_colour(0) if kind == "trained" else GROUND
        colour = camera_colour(0) if kind == "trained" else STRONG
        style = {"color": colour, "markerfacecolor": filled, "markersize": 4, "capsize": 2, "elinewidth": 1}
        at = [place + shift for place in places]
        axes.errorbar([each.value for each in found], at, xerr=ends, fmt="o", label=f"{kind} networks", **style)
    axes.axvline(0, color=STRONG, linestyle="--", linewidth=1)
    axes.axhline(sum(name in BLIND for name in names) - 0.5, color=FAINT, linewidth=0.8)
    axes.set_yticks(range(len(names)), reversed(names))
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.grid(axis="x")


def ranking(found: dict[str, Any], truth: str) -> Table:
    """`known_truth.ranking` as a table: methods in order, each minus its controls and minus the order by frequency."""
    scores = {row["method"]: row["score"] for row in found["methods"]}
    compared = {(row["a"], row["b"]): row for row in found["comparisons"]}

    def above(method: str, control: str) -> str | None:
        row = compared.get((method, control))
        return row and f"{row['difference'].value:+.2f} ({p_value(row['p'])})"

    rows = [
        {
            "method": method,
            "score": score,
            "untrained": scores.get(method + UNTRAINED),
            "own": above(method, method + UNTRAINED),
            "others": above(method, OTHERS),
            "highest": above(method, "highest first"),
        }
        for method, score in scores.items()
        if not method.endswith(UNTRAINED) and method != "all alike"
    ]
    columns: Columns = {
        "method": ("order of frequencies", "{}"),
        "score": ("Score", "{:.2f}"),
        "untrained": ("on untrained networks", "{:.2f}"),
        "own": ("minus untrained", "{}"),
        "others": ("minus other stages' networks", "{}"),
        "highest": ("minus highest first", "{}"),
    }
    caption = f"Score by the {truth}, over all stages. Brackets: 95 % intervals, networks drawn anew, or p, corrected "
    blind = next((at for at, row in enumerate(rows) if row["method"] in BLIND), 0)
    return table(rows, columns, caption + "for all comparisons (Holm)", starts=[blind])
