"""Chapter 8's sentences: what a row of differences shows, and how far cameras lie apart, each by a stated rule."""

from collections.abc import Mapping
from typing import Any

from camgan_lib.measure.estimates import Estimate

LINES = {
    "axis_nyquist_db": "½ on an axis",
    "diagonal_nyquist_db": "½ on the diagonal",
    "quarters_db": "the quarters",
    "odd_eighths_db": "the odd eighths",
}
SHARES = {"turned_at_least: auxiliary": "the test", "turned_at_least: quantized": "the transfer"}


def lines_differ(row: dict[str, Any], what: str) -> str:
    """How lines of `what` differ from what it is compared with: a row of `sweep_summary.shown_to_differ`.

    "Stronger" and "weaker" are said of differences that are beyond chance after Holm's correction in their table.
    """
    return _sentence(row, LINES, f"Lines of {what} are", ("stronger at", "weaker at"), decibels)


def shares_differ(row: dict[str, Any], what: str) -> str:
    """How the least share of images that are turned differs: a row of `sweep_summary.shown_to_differ`."""
    return _sentence(row, SHARES, f"{what} turn", ("more in", "fewer in"), points)


def _sentence(row: dict, titles: Mapping[str, str], head: str, verbs: tuple[str, str], form: Any) -> str:
    groups: dict[str, list[str]] = {verbs[0]: [], verbs[1]: [], "": []}
    for name, title in titles.items():
        group = "" if name not in row["shown"] else verbs[0] if row[name].value > 0 else verbs[1]
        groups[group].append(f"{title} by {form(row[name])}" if group else f"{title} ({form(row[name])})")
    parts = [f"{verb} {_listed(several)}" for verb, several in groups.items() if verb and several]
    none = f"no difference is shown at {_listed(groups[''])}"
    if form is points:
        none = none.replace("shown at", "shown in")
    said = f"{head} {', and '.join(parts)}" if parts else ""
    if not groups[""]:
        return f"{said}."
    return f"{said}; {none}." if said else f"{head.rsplit(' ', 1)[0]}: {none}."


def distance_sentence(effect: Estimate, p: float) -> str:
    """Whether a camera's spectrum is nearer to itself, trained anew, than to another camera's, and by how much.

    `effect`: decibels between cameras minus those within (`seeds.distances`); `p`: that of the permutations, corrected.
    """
    if p >= 0.05:
        return f"no difference is shown between a camera's own and another's ({decibels(effect)}, p = {p:.3f})"
    return f"another camera's spectrum lies further away by {decibels(effect)} (p = {p:.3f})"


def decibels(apart: Estimate) -> str:
    """A difference in dB with its interval: "−3.1 dB (−4.0 to −2.2)"."""
    return _with_unit(apart, 1.0, "+.2f" if abs(apart.value) < 1 else "+.1f", "dB")


def points(apart: Estimate) -> str:
    """A difference of shares in percentage points with its interval: "−12.0 points (−20.1 to −3.9)"."""
    return _with_unit(apart, 100.0, "+.1f", "points")


def _with_unit(apart: Estimate, scale: float, form: str, unit: str) -> str:
    value, low, high = (format(scale * each, form).replace("-", "−") for each in (apart.value, apart.low, apart.high))
    return f"{value} {unit} ({low} to {high})" if apart.known else f"{value} {unit}"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
