"""Sums up what a sweep measured: means with 95 % intervals over seeds."""

from typing import Any

import numpy as np

from camgan_lib.measure import generators
from camgan_lib.measure.statistics import mean_interval


def summary(result: dict[str, Any]) -> list[dict[str, Any]]:
    """A row per cell of the grid, without its seeds: `n` seeds, and for each number (mean, low, high).

    Cameras are averaged first, for each seed. The 95 % interval is Student's over seeds; its ends are NaN for one seed.
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
        values = {name: mean_interval(each) for name, each in means.items()}
        found.append({**dict(zip(others, place, strict=True)), "n": len(by_seed), **values})
    return found


def numbers(row: dict[str, Any]) -> dict[str, float]:
    """A row's plain numbers by name. Those of judges are named "taken: JUDGE", "untouched: …" and "turned_at_least: …".

    `turned_at_least`: of the images that a judge did not take for the camera before, the smallest share that it can
    have turned to, given how many it takes before and after. The share itself, `turned`, needs both verdicts on each
    image (`perturbations.beside`).
    """
    flat = {f"{key}: {name}": v for key in ("taken", "untouched") for name, v in row.get(key, {}).items()}
    flat |= {
        f"turned_at_least: {name}": _turned_at_least(v, row["untouched"][name])
        for name, v in row.get("taken", {}).items()
        if "untouched" in row
    }
    measured = list(row)[list(row).index("id") + 1 :]
    return {**flat, **{key: row[key] for key in measured if isinstance(row[key], int | float)}}


def _turned_at_least(taken: float, untouched: float) -> float:
    return (taken - untouched) / (1 - untouched) if untouched < 1 else 0.0


def of_kind(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The rows of a summary whose `variant` reads "KIND, REST", with REST as their variant."""
    start = f"{kind}, "
    chosen = [row for row in found if row["variant"].startswith(start)]
    return [{**row, "variant": row["variant"].removeprefix(start)} for row in chosen]


def beside(rows: list[dict[str, Any]], result: dict, places: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `truth.by_stage`, each with the mean `accuracy` that a sweep of classifiers found for its stage.

    `places`: stage → the values of the sweep's axes.
    """

    def mean(place: dict[str, Any]) -> float:
        chosen = [row for row in result["rows"] if all(row[axis] == value for axis, value in place.items())]
        return float(np.mean([row["accuracy"] for row in chosen]))

    return [{**row, "accuracy": mean(places[row["stage"]])} for row in rows]


def kinds(result: dict[str, Any], axis: str) -> list[Any]:
    """The values along an axis of a sweep, in the order of its rows."""
    return list(dict.fromkeys(row[axis] for row in result["rows"]))


def stack(result: dict[str, Any], place: dict[str, Any], key: str) -> np.ndarray:
    """The packed spectra named `key` of the rows at a place (axis → value): seeds × cameras × a spectrum's shape.

    Raises ValueError if a seed lacks a camera.
    """
    seed = next(axis for axis in result["sweep"]["axes"] if axis.rpartition(".")[2] == "seed")
    rows = [row for row in result["rows"] if all(row[axis] == value for axis, value in place.items())]
    by_seed = {value: [r for r in rows if r[seed] == value] for value in dict.fromkeys(r[seed] for r in rows)}
    return np.stack([np.stack([generators.unpack(row[key]) for row in several]) for several in by_seed.values()])


def plain(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a summary as JSON can hold them: intervals as lists, NaN ends left out."""
    return [
        {key: [v for v in value if v == v] if isinstance(value, tuple) else value for key, value in row.items()}
        for row in found
    ]
