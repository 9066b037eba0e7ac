"""Sums up what a sweep measured: estimates over seeds, and differences between cells of its grid."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from camgan_lib.measure import generators, lines, spectrum, statistics
from camgan_lib.measure.estimates import Estimate

LINES = tuple(f"{name}_db" for name in spectrum.CLASSES)
"""Names of the line strengths in a row."""


def summary(result: dict[str, Any]) -> list[dict[str, Any]]:
    """A row per cell of the grid, without its seeds: `n` seeds, and for each number an Estimate over them.

    Cameras are averaged first, for each seed; these means are the estimate's `units`, in the order of the seeds, so
    that two cells of one grid can be compared in pairs. Line strengths are computed anew from the packed spectrum of
    the residuals, where a row has one; coherences are as the sweep left them.
    """
    axes = result["sweep"]["axes"]
    seeds = [axis for axis in axes if axis.rpartition(".")[2] == "seed"]
    others = [axis for axis in axes if axis not in seeds]
    cells: dict[tuple, dict[tuple, list[dict]]] = {}
    for row in result["rows"]:
        cell = cells.setdefault(tuple(row[axis] for axis in others), {})
        cell.setdefault(tuple(row[axis] for axis in seeds), []).append(numbers(row))
    found = []
    for place, by_seed in cells.items():
        names = next(iter(by_seed.values()))[0]
        means = {name: [np.mean([row[name] for row in rows]) for rows in by_seed.values()] for name in names}
        values = {name: statistics.over(each, "seed") for name, each in means.items()}
        found.append({**dict(zip(others, place, strict=True)), "n": len(by_seed), **values})
    return found


def numbers(row: dict[str, Any]) -> dict[str, float]:
    """A row's plain numbers by name. Those of judges are named "taken: JUDGE" and "turned_at_least: JUDGE".

    `turned_at_least`: of the images that a judge did not take for the camera before, the smallest share that it can
    have turned to, given how many it takes before and after. The share itself, `turned`, needs both verdicts on each
    image (`perturbations.beside`). The share of untouched images is left out: its mean over all K cameras is 1/K,
    whatever the judge says.
    """
    flat = {f"taken: {name}": share for name, share in row.get("taken", {}).items()}
    flat |= {
        f"turned_at_least: {name}": _turned_at_least(v, row["untouched"][name])
        for name, v in row.get("taken", {}).items()
        if "untouched" in row
    }
    measured = list(row)[list(row).index("id") + 1 :]
    flat |= {key: row[key] for key in measured if isinstance(row[key], int | float)}
    return flat | (_lines(row["residual_db"]) if "residual_db" in row else {})


def _turned_at_least(taken: float, untouched: float) -> float:
    return (taken - untouched) / (1 - untouched) if untouched < 1 else 0.0


def _lines(residual_db: str) -> dict[str, float]:
    """The line strengths of a packed mean power, by the present definition."""
    return lines.from_power(10 ** (generators.unpack(residual_db) / 10))


def of_kind(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The rows of a summary whose `variant` reads "KIND, REST", with REST as their variant."""
    start = f"{kind}, "
    chosen = [row for row in found if row["variant"].startswith(start)]
    return [{**row, "variant": row["variant"].removeprefix(start)} for row in chosen]


def differences(
    found: list[dict[str, Any]], others: list[dict[str, Any]], names: Sequence[str], what: str = "{}"
) -> list[dict[str, Any]]:
    """For each row of `found` its numbers `names` minus those of the row of `others` with the same variant.

    If `others` is one row, it stands for all variants but its own. Rows have the `variant`, written into `what`, and
    an Estimate per name: in pairs by seed if both have the same seeds, else as of two samples. For lines it is None
    where one of the two has no residual.
    """
    if len(others) == 1:
        pairs = [(row, others[0]) for row in found if row["variant"] != others[0]["variant"]]
    else:
        of_variant = {row["variant"]: row for row in others}
        pairs = [(row, of_variant[row["variant"]]) for row in found if row["variant"] in of_variant]

    def apart(a: dict[str, Any], b: dict[str, Any], name: str) -> Estimate | None:
        nothing = name in LINES and not (has_residual(a) and has_residual(b))
        return None if nothing else statistics.difference(a[name], b[name])

    return [{"variant": what.format(a["variant"]), **{name: apart(a, b, name) for name in names}} for a, b in pairs]


def has_residual(row: dict[str, Any]) -> bool:
    """Whether a row's generators change anything: those that return their input exactly have no residual, no lines."""
    return "l1" not in row or row["l1"].value > 0


def shown_to_differ(rows: list[dict[str, Any]], level: float = 0.05) -> list[dict[str, Any]]:
    """Rows of `differences`, each with `shown`: the names whose difference from 0 is beyond chance.

    All tests of all rows are corrected together by Holm. An unknown interval shows nothing; None is no test.
    """
    tests = {
        (number, name): statistics.p_differs(each) if each.known else 1.0
        for number, row in enumerate(rows)
        for name, each in row.items()
        if isinstance(each, Estimate)
    }
    corrected = statistics.holm({f"{number} {name}": p for (number, name), p in tests.items()})
    return [
        {**row, "shown": [name for (of, name) in tests if of == number and corrected[f"{number} {name}"] < level]}
        for number, row in enumerate(rows)
    ]


def row_of(found: list[dict[str, Any]], variant: str) -> dict[str, Any]:
    """The row of a summary, or of `differences`, that a variant names. Raises StopIteration if there is none."""
    return next(row for row in found if row["variant"] == variant)


def beside(rows: list[dict[str, Any]], result: dict, places: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `truth.by_stage`, each with the `accuracy` over seeds that a sweep of classifiers found for its stage.

    `places`: stage → the values of the sweep's axes.
    """

    def over_seeds(place: dict[str, Any]) -> Estimate:
        chosen = [row for row in result["rows"] if all(row[axis] == value for axis, value in place.items())]
        return statistics.over([row["accuracy"] for row in chosen], "seed")

    return [{**row, "accuracy": over_seeds(places[row["stage"]])} for row in rows]


def kinds(result: dict[str, Any], axis: str) -> list[Any]:
    """The values along an axis of a sweep, in the order of its rows."""
    return list(dict.fromkeys(row[axis] for row in result["rows"]))


def without_first(result: dict[str, Any], count: int) -> dict[str, Any]:
    """A sweep's result without the rows of its first `count` seeds."""
    seed = _seed(result)
    kept = set(kinds(result, seed)[count:])
    return {**result, "rows": [row for row in result["rows"] if row[seed] in kept]}


def _seed(result: dict[str, Any]) -> str:
    return next(axis for axis in result["sweep"]["axes"] if axis.rpartition(".")[2] == "seed")


def stack(result: dict[str, Any], place: dict[str, Any], key: str) -> np.ndarray:
    """The packed spectra named `key` of the rows at a place (axis → value): seeds × cameras × a spectrum's shape.

    Raises ValueError if a seed lacks a camera.
    """
    seed = _seed(result)
    rows = [row for row in result["rows"] if all(row[axis] == value for axis, value in place.items())]
    by_seed = {value: [r for r in rows if r[seed] == value] for value in dict.fromkeys(r[seed] for r in rows)}
    return np.stack([np.stack([generators.unpack(row[key]) for row in several]) for several in by_seed.values()])
