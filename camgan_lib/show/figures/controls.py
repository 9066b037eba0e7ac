"""Tables and figures of chapters 8 to 11: sweeps summed up, curves with intervals, recovered and true spectra."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from camgan_lib.measure import lines as lines_of
from camgan_lib.measure import spectrum
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.sweep_summary import has_residual
from camgan_lib.show.figures.forest import Values, forest
from camgan_lib.show.figures.layout import by_column, is_narrow
from camgan_lib.show.figures.lettering import wrapped
from camgan_lib.show.figures.style import WIDTH, colour_bar, new_figure, responsive, row_label, show_spectrum
from camgan_lib.show.figures.tables import MISSING, Columns, Table, capitalised, p_value, table

LINES = {
    "axis_nyquist_db": "½ on an axis (dB)",
    "diagonal_nyquist_db": "½ on the diagonal (dB)",
    "quarters_db": "quarters (dB)",
    "odd_eighths_db": "odd eighths (dB)",
    "axis_nyquist_coherence": "coherence at ½ on an axis",
}


def _table(found: list[dict], places: dict[str, str], columns: dict[str, tuple[str, str]], caption: str) -> Table:
    counts = [row["n"] for row in found]
    alike = len(set(counts)) == 1
    rows = [
        [
            *(str(row[axis]) for axis in places),
            *([] if alike else [str(row["n"])]),
            *(MISSING if row[key] is None else form.format(row[key]) for key, (_, form) in columns.items()),
        ]
        for row in found
    ]
    header = [*places.values(), *([] if alike else ["seeds"]), *(title for title, _ in columns.values())]
    return Table(list(map(capitalised, header)), rows, f"{caption}; {counts[0]} seeds each" if alike else caption)


def lines(found: list[dict], places: dict[str, str], caption: str) -> Table:
    """Line strengths and coherence of residuals, a row per cell of a sweep, with 95 % intervals over seeds.

    `found`: the rows of `sweep_summary.summary`; `places`: axis of the grid → head of its column. The caption tells
    the coherence that random phases rarely exceed. Generators that return their input exactly have no lines.
    """
    columns = {key: (title, "{:.2f}" if "coherence" in key else "{:+.1f}") for key, title in LINES.items()}
    images = round(1 / found[0]["null_coherence"].value)
    critical = lines_of.critical_coherence(images)["axis_nyquist"]
    about = f"{caption}; random phases of {images} images rarely exceed a coherence of {critical:.3f}"
    cut = [{**row, **{key: _cut(row[key], 0.0) for key in LINES if "coherence" in key}} for row in found]
    nothing = dict.fromkeys(LINES)
    return _table([row if has_residual(row) else {**row, **nothing} for row in cut], places, columns, about)


def table1(found: list[dict], places: dict[str, str], caption: str) -> Table:
    """Table 1 per cell of a sweep: means over cameras with 95 % intervals over seeds, cut at 0 % and 100 %."""
    columns: dict[str, tuple[str, str]] = {}
    for judge, name in (("auxiliary", "test"), ("quantized", "transfer")):
        columns |= {
            f"taken: {judge}": (name, "{:.1%}"),
            f"turned_at_least: {judge}": (f"{name}, turned at least", "{:.1%}"),
        }
    columns["l1"] = ("L1", "{:.3f}")
    least = {key: 0.0 if key.startswith("taken") else -math.inf for key in columns if key != "l1"}
    cut = [{**row, **{key: _cut(row[key], low) for key, low in least.items()}} for row in found]
    return _table(cut, places, columns, caption)


def _cut(share: Estimate, least: float) -> Estimate:
    return replace(share, low=max(least, share.low), high=min(1.0, share.high)) if share.known else share


@responsive
def recovered(
    true_db: np.ndarray,
    found_db: dict[str, np.ndarray],
    cameras: Sequence[str],
    first: str = "true",
    *,
    width: float = WIDTH,
) -> Figure:
    """Spectra minus the mean over cameras, in luminance: `true_db` (K×n×n×C) in the first row, `found_db` below.

    `first` is the first row's label.
    """
    rows = {first: true_db, **found_db}
    apart = {name: spectrum.luminance(x - x.mean(0)) for name, x in rows.items()}
    narrow = is_narrow(width)
    figure = new_figure(width, 0.95 * len(cameras) + 1.2 if narrow else 1.5 * len(rows) + 0.4, pictures=True)
    grid = by_column(figure, len(rows), len(cameras), width)
    for row, (name, differences) in enumerate(apart.items()):
        limit = float(np.quantile(np.abs(differences), 0.99))
        for column, axes in enumerate(grid[row]):
            labels = not narrow and row == len(rows) - 1
            drawn = show_spectrum(axes, differences[column], labels=labels, vmin=-limit, vmax=limit, cmap="RdBu_r")
            if column:
                axes.set_yticklabels([])
            if row == 0 and narrow:
                row_label(axes, cameras[column])
            elif row == 0:
                axes.set_title(wrapped(cameras[column], 14))
        if narrow:
            grid[row, 0].set_title(wrapped(name, 10))
        else:
            row_label(grid[row, 0], name)
        place: dict[str, Any] = {"location": "bottom", "ticks": _rounded_ends(limit)} if narrow else {}
        colour_bar(figure, drawn, list(grid[row]), "dB", **place)
    return figure


def _rounded_ends(limit: float) -> tuple[float, float]:
    """Two numbers for a small colour bar from −limit to limit, of one digit each."""
    end = float(f"{0.8 * limit:.0e}")
    return -end, end


def distances(found: dict[str, Any], corrected: dict[str, float]) -> Table:
    """Distances between and within cameras (name → `seeds.Distances`), with p values corrected by Holm."""
    rows = [{"name": name, **each._asdict(), "corrected": corrected[name]} for name, each in found.items()]
    columns: Columns = {"name": ("upsampling", "{}"), "between": ("other camera (dB)", "{:.2f}")}
    columns |= {"within": ("same camera (dB)", "{:.2f}"), "effect": ("difference (dB)", "{:+.2f}")}
    columns |= {"ratio": ("Ratio", "{:.3f}"), "corrected": ("p (Holm)", "{:.4f}")}
    return table(rows, columns, "Distance of two generators' residual spectra, seeds differing (95 % over seeds)")


def recovery(
    found: dict[str, dict[str, Any]],
    cameras: Sequence[str],
    caption: str = "Correlation of the recovered with the true differences between cameras' spectra",
    on_choosing: dict[str, float] | None = None,
) -> Table:
    """A row per estimate (name → `truth.by_seed`): correlation per camera, their mean with its interval, and hits.

    Correlations are means over seeds. `on_choosing`: name → the mean over the seeds that were used to choose.
    """
    rows = []
    for name, each in found.items():
        own, least, most = np.mean(each["own"], 0), min(each["hits"]), max(each["hits"])
        rows.append({"name": name, **dict(zip(cameras, own, strict=True)), "mean": each["mean"]})
        rows[-1] |= {"hits": (f"{least} to {most}" if least < most else f"{least}") + f" of {len(cameras)}"}
        rows[-1] |= {"choosing": (on_choosing or {}).get(name)}
    columns: Columns = {"name": ("estimate", "{}")}
    columns |= {"choosing": ("mean, seeds to choose by", "{:.2f}")} if on_choosing else {}
    columns |= {camera: (camera, "{:.2f}") for camera in cameras}
    columns |= {"mean": ("Mean", "{:.2f}"), "hits": ("nearest to its own", "{}")}
    return table(rows, columns, caption)


def recovery_points(
    found: dict[str, dict[str, Any]], cameras: Sequence[str], on_choosing: dict[str, float] | None = None
) -> Figure:
    """The same as a figure: each camera's correlation, mean over seeds, and the mean over cameras with its interval."""
    own = np.array([np.mean(each["own"], 0) for each in found.values()])
    series: dict[str, Values] = {camera: list(values) for camera, values in zip(cameras, own.T, strict=True)}
    series["mean"] = [each["mean"] for each in found.values()]
    label = "correlation (1: recovered)"
    return forest(list(found), {"": series}, at={"": 0.0}, ink=("mean",), label=label)


def line_dots(sets: dict[str, list[dict[str, Any]]]) -> Figure:
    """Line strengths with their 95 % intervals over seeds: a panel per class of bins, a colour per set of generators.

    `sets`: name → rows of `sweep_summary.summary`, whose `variant` is the way of upsampling. Generators that return
    their input exactly have no dot.
    """
    sets = {name: [row for row in rows if has_residual(row)] for name, rows in sets.items()}
    kinds = list(dict.fromkeys(row["variant"] for rows in sets.values() for row in rows))
    found = {name: {row["variant"]: row for row in rows} for name, rows in sets.items()}
    panels = {
        title.removesuffix(" (dB)"): {
            name: [rows[kind][key] if kind in rows else None for kind in kinds] for name, rows in found.items()
        }
        for key, title in list(LINES.items())[:4]
    }
    return forest(kinds, panels, at=dict.fromkeys(panels, 0.0), label="line (dB)")


def sources(sweeps: dict[str, dict[str, Any]]) -> Table:
    """Where sweeps' numbers come from: what each varies, how many networks, when, on what device, at which commit.

    `sweeps`: name → what `published.sweep` returned.
    """
    rows = [
        {
            "about": f"{each['sweep']['about']} ({name}.yml)",
            "tasks": len(each["rows"]),
            "origin": "published" if each["published"] else "this build's own",
            **each["run"],
        }
        for name, each in sweeps.items()
    ]
    columns: Columns = {"about": ("sweep", "{}"), "tasks": ("networks", "{:,}"), "origin": ("from", "{}")}
    columns |= {"date": ("made", lambda date: date[:10]), "device": ("on", "{}"), "commit": ("Commit", "{}")}
    return table(rows, columns, "The sweeps behind this page; each runs again by: camgan sweep sweeps/NAME.yml")


def stages(rows: list[dict[str, Any]]) -> Table:
    """The rows of `truth.by_stage` as a table, with the classifier's `accuracy`."""
    columns: Columns = {"stage": ("cameras differ in", "{}"), "size": ("true difference (dB)", "{:.2f}")}
    columns |= {"accuracy": ("classifier right", "{:.1%}"), "recovered": ("recovered (r)", "{:.2f}")}
    columns |= {"p": ("p (Holm)", p_value), "by_crops": ("by the crops' mean spectrum", "{:.2f}")}
    return table(
        rows, columns, "Pairs of cameras that differ in one stage; chance is 50 %. Brackets: 95 % intervals over seeds"
    )


def fingerprints(sets: dict[str, list[dict[str, Any]]]) -> Table:
    """The rows of `fingerprints.compare` for several sets of images (name → rows)."""
    rows = [{"of": name, **row} for name, several in sets.items() for row in several]
    columns: Columns = {"definition": ("fingerprint", "{}"), "of": ("Of", "{}"), "told": ("camera told", "{:.0%}")}
    columns |= {"chance": ("Chance", "{:.0%}"), "truth": ("correlation with truth", "{:.2f}")}
    return table(rows, columns, "Three definitions of a fingerprint on the same images (95 % over scenes)")
