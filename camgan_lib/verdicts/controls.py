"""Chapter 8's sentences: what a row of differences shows, and how far cameras lie apart, each by a stated rule."""

from collections.abc import Callable, Mapping
from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.verdicts.wording import joined, p_value

LINES = {
    "axis_nyquist_db": "½ on an axis",
    "diagonal_nyquist_db": "½ on the diagonal",
    "quarters_db": "the quarters",
    "odd_eighths_db": "the odd eighths",
}
SHARES = {"turned_at_least: auxiliary": "the test", "turned_at_least: quantized": "the transfer"}


def lines_differ(row: dict[str, Any]) -> str:
    """Where lines are stronger, weaker, or not shown to differ: a clause from a row of `shown_to_differ`.

    "Stronger" and "weaker" are said of differences that are beyond chance after Holm's correction in their table.
    """
    return _clause(row, LINES, ("stronger at", "weaker at", "no difference is shown after correction at"), decibels)


def shares_differ(row: dict[str, Any]) -> str:
    """Where more or fewer images are turned at least, or no difference is shown: see `lines_differ`."""
    return _clause(row, SHARES, ("more in", "fewer in", "no difference is shown after correction in"), points)


def _clause(
    row: dict[str, Any],
    titles: Mapping[str, str],
    heads: tuple[str, str, str],
    form: Callable[[Estimate], str],
) -> str:
    groups: dict[str, list[str]] = {head: [] for head in heads}
    for name, title in titles.items():
        head = heads[2] if name not in row["shown"] else heads[0] if row[name].value > 0 else heads[1]
        groups[head].append(f"{title} ({form(row[name])})")
    return "; ".join(f"{head} {joined(several)}" for head, several in groups.items() if several)


def distance_sentence(effect: Estimate, p: float) -> str:
    """Whether a camera's spectrum is nearer to itself, trained anew, than to another camera's, and by how much.

    `effect`: decibels between cameras minus those within (`seeds.distances`); `p`: that of the permutations, corrected.
    """
    about = f"{decibels(effect)}; {p_value(p)}"
    if p >= 0.05:
        return f"no difference is shown between its distance to itself and to another camera's ({about})"
    return f"another camera's lies further away than its own, trained anew ({about})"


def decibels(apart: Estimate) -> str:
    """A difference in dB with its interval: "−3.1 dB, −4.0 to −2.2"."""
    return _with_unit(apart, 1.0, "+.2f" if abs(apart.value) < 1 else "+.1f", "dB")


def points(apart: Estimate) -> str:
    """A difference of shares in percentage points with its interval: "−12.0 points, −20.1 to −3.9"."""
    return _with_unit(apart, 100.0, "+.1f", "points")


def _with_unit(apart: Estimate, scale: float, form: str, unit: str) -> str:
    value, low, high = (format(scale * each, form).replace("-", "−") for each in (apart.value, apart.low, apart.high))
    return f"{value} {unit}, {low} to {high}" if apart.known else f"{value} {unit}"
