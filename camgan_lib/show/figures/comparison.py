"""Two runs side by side as a table."""

from camgan_lib.show.figures import style
from camgan_lib.verdicts.compare import Row


def table(found: list[Row], a: str, b: str) -> style.Table:
    """The rows of `compare.rows` as a table: `a` and `b` head its columns, `≠` marks rows that differ.

    Texts that are the same in both runs are left out.
    """
    shown = [
        {"place": row.name, "a": row.a, "b": row.b, "mark": "≠" if row.differs else ""}
        for row in found
        if not (row.a and row.b and row.a.value == row.b.value and isinstance(row.a.value, str))
    ]
    return style.table(shown, {"place": ("", "{}"), "a": (a, "{}"), "b": (b, "{}"), "mark": ("differs", "{}")})
