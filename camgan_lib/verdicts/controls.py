"""Chapter 8's sentences on rows of differences, sets of generators and distances of cameras, each by a stated rule."""

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
SETS = {"identity": "learned to copy", "cameras": "trained on cameras", "untrained": "untrained"}
"""Kinds of sets of generators as readers see them."""
SHARES = {"turned_at_least: auxiliary": "the test", "turned_at_least: quantized": "the transfer"}


def lines_differ(row: dict[str, Any]) -> str:
    """Where lines are stronger, weaker, or not shown to differ: a clause from a row of `shown_to_differ`.

    "Stronger" and "weaker" are said of differences that are beyond chance after Holm's correction in their table.
    """
    return _clause(row, LINES, ("stronger at", "weaker at", "no difference is shown after correction at"), decibels)


def shares_differ(row: dict[str, Any]) -> str:
    """Where more or fewer images are turned at least, or no difference is shown: see `lines_differ`."""
    return _clause(row, SHARES, ("more in", "fewer in", "no difference is shown after correction in"), points)


def strides_alone(rows: list[dict[str, Any]]) -> str:
    """What the paper's generator does without its strides, all else equal: sentences from the row "none".

    `rows`: those of `shown_to_differ`, differences from the paper's generator.
    """
    row = next((each for each in rows if each["variant"] == "none"), None)
    if row is None:
        return "The paper's generator with its strides alone taken away is not in this record."
    return (
        "“None” differs from the paper's in its strides alone, and in how far an output pixel sees. Its lines: "
        f"{lines_differ(row)}. Images turned: {shares_differ(row)}."
    )


def copies_exactly(rows: list[dict[str, Any]]) -> str:
    """Which generators that learned to copy have no residual at all, hence no lines to compare; "" if none.

    `rows`: of `sweep_summary.summary`, generators that learned to copy.
    """
    kinds = [f"“{row['variant']}”" for row in rows if row["l1"] == 0]
    if not kinds:
        return ""
    return (
        f"Generators of kind {joined(kinds)} learned to return their input exactly: no residual, no lines to compare."
    )


def set_rows(trial: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of trials/identity_sets.py for a table: `name`, `auc` and `l1` of each kind of set, then the differences."""
    rows = [{"name": SETS[kind], **each} for kind, each in trial["kinds"].items()]
    apart = trial["differences"].items()
    return rows + [{"name": f"{SETS['cameras']} − {SETS[kind]}", "auc": each} for kind, each in apart]


def sets_made(trial: dict[str, Any]) -> str:
    """Of what size the sets of trials/identity_sets.py are, and how many of each kind there are."""
    about = trial["run"]
    return f"that of profile {about['profile']}, {about['steps']} steps; {about['sets']} sets of each kind"


def of_sets(trial: dict[str, Any]) -> str:
    """What trials/identity_sets.py finds: whether copying alone gives a pattern, and whether cameras give more of one.

    A pattern is there where the interval of the AUC lies above ½, more of it where that of the difference lies above 0.
    """
    copying, cameras = trial["kinds"]["identity"]["auc"], trial["kinds"]["cameras"]["auc"]
    apart, one_more = trial["differences"]["identity"], trial["one_more"]["identity"]
    if copying.low > 0.5:
        said = (
            f"Generators that learned to copy are told apart by their spectra, AUC {copying:.3f}: that needs no camera."
        )
    else:
        said = f"That generators which learned to copy are told apart by their spectra is not shown, AUC {copying:.3f}."
    by = f"{apart.value:+.3f} ({apart.low:+.3f} to {apart.high:+.3f})".replace("-", "−")
    if apart.low > 0:
        said += f" In the mean over sets cameras' generators are told apart more surely, AUC {cameras:.3f}, by {by}"
    elif apart.high < 0:
        said += f" In the mean over sets cameras' generators are told apart less surely, AUC {cameras:.3f}, by {by}"
    else:
        return f"{said} In the mean over sets no difference is shown from cameras' generators, AUC {cameras:.3f}: {by}."
    side = "in" if one_more.low <= 0 <= one_more.high else "outside"
    return f"{said}. Their mean lies {side} the range of one more set that copies (95 %)."


def _clause(
    row: dict[str, Any],
    titles: Mapping[str, str],
    heads: tuple[str, str, str],
    form: Callable[[Estimate], str],
) -> str:
    groups: dict[str, list[str]] = {head: [] for head in heads}
    for name, title in titles.items():
        if row[name] is None:
            continue
        head = heads[2] if name not in row["shown"] else heads[0] if row[name].value > 0 else heads[1]
        groups[head].append(f"{title} ({form(row[name])})")
    said = "; ".join(f"{head} {joined(several)}" for head, several in groups.items() if several)
    return said or "there is no residual to compare"


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
