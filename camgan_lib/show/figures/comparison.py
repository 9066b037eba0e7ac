"""Two runs side by side as a table."""

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures import tables
from camgan_lib.verdicts.compare import Row

LONGEST, UNBROKEN = 48, 20
"""Characters of a text that a cell holds, and of a text without blanks, which a cell can't break over lines."""


def table(found: list[Row], a: str, b: str) -> tables.Table:
    """The rows of `compare.rows` as a table, estimates first: `a` and `b` head its columns.

    `≠` marks estimates that differ beyond chance, with the corrected p value of each; "not the same" marks numbers and
    texts without an interval. Texts that are the same in both runs are left out; of long ones stands what surrounds
    the first difference.
    """
    shown = [
        {"place": row.name, **dict(zip("ab", _texts(row), strict=True)), "p": row.p, "mark": _mark(row)}
        for row in sorted(found, key=lambda row: row.p is None)
        if not (isinstance(row.a, str) and row.a == row.b)
    ]
    columns: tables.Columns = {
        "place": ("", "{}"),
        "a": (a, "{}"),
        "b": (b, "{}"),
        "p": ("p, corrected", tables.p_value),
    }
    return tables.table(shown, columns | {"mark": ("differs", "{}")})


def _mark(row: Row) -> str:
    if not row.both:
        return "in one alone"
    return ("≠" if row.p is not None else "not the same") if row.differs else ""


def _texts(row: Row) -> list[str | None]:
    texts = [_text(row.a), _text(row.b)]
    a, b = (text or "" for text in texts)
    same = next((at for at, pair in enumerate(zip(a, b, strict=False)) if pair[0] != pair[1]), min(len(a), len(b)))
    return [text and _around(text, same) for text in texts]


def _around(text: str, place: int) -> str:
    """As many characters of a text as a cell holds, from a little before a place on."""
    longest = LONGEST if " " in text else UNBROKEN
    if len(text) <= longest:
        return text
    start = max(0, min(place - longest // 3, len(text) - longest + 1))
    part = ("…" if start else "") + text[start:]
    return part if len(part) <= longest else part[: longest - 1] + "…"


def _text(value: Estimate | float | str | bool | None) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else None if value is None else str(value)
