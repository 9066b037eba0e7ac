"""What may be confounded with the camera: a table and notes for chapter 1, and the same as plain text for a terminal.

Cameras are named by their users, in any script. Here every letter of a name is one that can be seen: letters that
control a terminal or turn the direction of writing are written as escapes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from camgan_lib.data.names import shown
from camgan_lib.measure.confounders import MARGIN, Row
from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.cells import escaped
from camgan_lib.show.figures.tables import Columns, Table
from camgan_lib.show.figures.tables import table as as_table
from camgan_lib.show.terminal import WIDTH, columns_of, padded, wrapped

_NARROWEST = 13
"""Columns of text that a camera has at least. If there are too many cameras for that, all of them share one column."""

_MOST_COLUMNS = 6
"""Cameras that have a column each in the book."""


def table(rows: Sequence[Row], cameras: Sequence[str]) -> Table:
    """A row for each trait that differs (`measure.confounders`): how often it alone names the camera, and its values.

    Many cameras share a column.
    """
    few, apart = any(row["everywhere"] for row in rows), [row for row in rows if not row["same"]]
    columns: Columns = {"name": ("trait", "{}"), "accuracy": ("alone, test photos", "{}")}
    columns |= {"everywhere": ("alone, all photos", "{}")} if few else {}
    many = len(cameras) > _MOST_COLUMNS
    named = [f"{len(cameras)} cameras"] if many else [shown(name) for name in cameras]
    columns |= {f"camera {index}": (name, "{}") for index, name in enumerate(named)}
    cells = [
        {
            "name": row["name"],
            **{key: _interval(row, key, "{:.0%}", " *") for key in ("accuracy", "everywhere") if row[key]},
            **{f"camera {index}": text or None for index, text in enumerate(_values(row, cameras, many))},
        }
        for row in apart
    ]
    caption = (
        f"How often one trait alone names the right camera; chance is {rows[0]['chance']:.0%}, each camera counts "
        "alike. A star: it tells cameras apart by itself (the interval begins more than "
        f"{100 * MARGIN:.0f} points above chance). Numbers behind values count photos."
    )
    return as_table(cells, columns, caption + (" All photos: each is asked of all others." if few else ""))


def _values(row: Row, cameras: Sequence[str], many: bool) -> list[str]:
    return [_grouped(row["values"], cameras)] if many else [shown(text) for text in row["values"]]


def same(rows: Sequence[Row]) -> list[str]:
    """A sentence that names the traits that are the same for all photos; none where there are none."""
    found = [f"{row['name']} {_uncounted(row['values'][0])}" for row in rows if row["same"]]
    return [f"The same for all: {', '.join(found)}."] if found else []


def text(rows: Sequence[Row], cameras: Sequence[str]) -> str:
    """The same as lines of at most WIDTH columns. Traits that are the same for all photos share the last lines."""
    few, apart = any(row["everywhere"] for row in rows), [row for row in rows if not row["same"]]
    lead = [["", "test photos", *(["all photos"] if few else [])]]
    lead += [[row["name"], _short(row, "accuracy"), *([_short(row, "everywhere")] if few else [])] for row in apart]
    widths = [max(map(columns_of, column)) for column in zip(*lead, strict=True)]
    room = WIDTH - sum(widths) - 2 * len(widths)
    each = (room + 2) // len(cameras) - 2
    if each >= _NARROWEST:
        rest = [[shown(name) for name in cameras], *([shown(text) for text in row["values"]] for row in apart)]
    else:
        each, rest = room, [[f"{len(cameras)} cameras"], *([_grouped(row["values"], cameras)] for row in apart)]
    lines = [
        "  ".join([*map(padded, first, widths), *(padded(_shorter(cell, each), each) for cell in cells)]).rstrip()
        for first, cells in zip(lead, rest, strict=True)
    ]
    chance = f"chance is {rows[0]['chance']:.0%}"
    legend = f"Accuracy of the trait alone, 95% intervals; {chance}. *: tells cameras apart by itself."
    return "\n".join([*lines, *(line for each in (legend, *same(rows)) for line in wrapped(each))])


@dataclass(frozen=True)
class Notes:
    """Sentences that notebooks and the book show as a list and a terminal as lines of at most WIDTH columns."""

    sentences: tuple[str, ...]

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escaped(shown(each))}</li>" for each in self.sentences)
        return f'<ul class="camgan-notes">{items}</ul>' if items else ""

    def __repr__(self) -> str:
        lines = (wrapped(shown(each), WIDTH - 2) for each in self.sentences)
        return "\n".join(
            f"{'  ' if number else '- '}{line}" for wrapped in lines for number, line in enumerate(wrapped)
        )


def notes(sentences: Sequence[str]) -> Notes:
    """The sentences of `measure.confounders`, safe to show anywhere."""
    return Notes(tuple(sentences))


def _shorter(text: str, most: int) -> str:
    """The text without a range in brackets, and years in place of dates, where it has more columns than `most`."""
    if columns_of(text) <= most:
        return text
    years = re.fullmatch(r"(\d{4})-\S+ to (\d{4})-\S+", text)
    if years:
        return years[1] if years[1] == years[2] else f"{years[1]} to {years[2]}"
    return re.sub(r" \(\S+\)$", "", text)


def _grouped(values: Sequence[str], cameras: Sequence[str]) -> str:
    """What each camera has in one line, those first that have something rare: "PNG: Cam-B; JPEG: 9 cameras"."""
    groups: dict[str, list[str]] = {}
    for value, name in zip(values, cameras, strict=True):
        groups.setdefault(_uncounted(value), []).append(shown(name))
    parts = [
        f"{shown(value)}: {names[0] if len(names) == 1 else f'{len(names)} cameras'}"
        for value, names in sorted(groups.items(), key=lambda each: len(each[1]))
        if value
    ]
    return "; ".join(parts)


def _uncounted(value: str) -> str:
    """A text such as "JPEG 12" without its count, where it has one value only."""
    one = re.fullmatch(r"(.+) \d+", value)
    return one[1] if one and ", " not in value else value


def _interval(row: Row, key: str, form: str, star: str) -> str:
    """The estimate as text, starred where it is the one by which the trait is judged and it tells cameras apart."""
    judged = "everywhere" if row["everywhere"] else "accuracy"
    return form.format(row[key]) + (star if row["tells"] and key == judged else "")


def _short(row: dict[str, Any], key: str) -> str:
    """An estimate as "74% (60–85)", starred as in `_interval`."""
    found: Estimate | None = row[key]
    if not found:
        return ""
    low, high = (f"{100 * each:.0f}" for each in (found.low, found.high))
    return _interval(row, key, f"{found.value:.0%} ({low}–{high})", "*")
