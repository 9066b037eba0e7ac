"""Tables that notebooks and the book show as semantic HTML, and a terminal as plain text.

Numbers stand on one decimal point, their unit in the column's head, what is in brackets small below them.
"""

import html
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.cells import MISSING, Numbers, head_as_html, number_in, typeset, words_as_html

MOST_COLUMNS = 6
"""Columns that a table has at most in the width of the text."""

WIDEST = 88
"""Characters of a table's type that fit into the width of the text."""

MUCH_TO_READ = 45
"""Characters of words in a row from which it is to be read like a text, on a phone as a card."""

Form = str | Callable[[Any], str]
"""How a table writes a value: a format string such as "{:.1%}", or a function of the value."""

Columns = dict[str, tuple[str, Form]]
"""Columns of a table: key of a row → (header, how its values are written)."""


class Table:
    """A table: semantic HTML in notebooks and the book, plain text in a terminal.

    `header` and `rows` are texts; the first cell of a row names it. `starts`: indices of rows that begin a new group,
    besides those whose first cell ends a run of the same ones. Whether a column holds numbers is read from its cells.
    """

    def __init__(
        self, header: list[str], rows: list[list[str]], caption: str | None = None, starts: Collection[int] = ()
    ):
        self.header, self.rows, self.caption = header, rows, caption
        firsts = [row[0] for row in rows]
        self.grouped = any(a == b for a, b in pairwise(firsts))
        changes = {at for at in range(1, len(rows)) if self.grouped and firsts[at] != firsts[at - 1]}
        self.starts = changes | set(starts)

    def numbers(self) -> list[Numbers | None]:
        """For each column how its numbers are set, or None where it holds words, as the first does."""
        columns = [[row[at] for row in self.rows] for at in range(len(self.header))]
        return [None, *map(_numbers, columns[1:])]

    def folded(self, summary: str = "The numbers") -> "Folded":
        """The same, folded under a line that opens it: for a table whose figure stands above."""
        return Folded(self, summary)

    def _repr_html_(self) -> str:
        numbers = self.numbers()
        label = html.escape(typeset(self.caption or "table"), quote=True)
        classes = " ".join(["camgan-table", *self._classes(numbers)])
        caption = (
            f'<caption role="caption"><span>{words_as_html(self.caption)}</span></caption>' if self.caption else ""
        )
        content = caption + self._head(numbers) + self._body(numbers)
        return (
            f'<div class="{classes}" style="overflow-x:auto" tabindex="0" role="region" aria-label="{label}">'
            f'<table role="table">{content}</table></div>'
        )

    def _classes(self, numbers: list[Numbers | None]) -> list[str]:
        wide = len(self.header) > MOST_COLUMNS or sum(map(self._least_width, range(len(numbers)), numbers)) > WIDEST
        return ["camgan-as-cards" if self._is_read(numbers) else "camgan-sticky"] + ["camgan-wide", "full-width"] * wide

    def _is_read(self, numbers: list[Numbers | None]) -> bool:
        """Whether most columns hold words, and so many that they are read rather than looked up."""
        words = [at for at, each in enumerate(numbers) if each is None]
        letters = sum(len(row[at]) for row in self.rows for at in words)
        return 2 * len(words) > len(numbers) and letters >= MUCH_TO_READ * len(self.rows)

    def _least_width(self, at: int, numbers: Numbers | None) -> float:
        """About how many characters wide a column must be for its words and intervals not to break."""
        texts = [row[at] for row in self.rows]
        head = max(map(len, self.header[at].split()), default=0)
        if numbers is None:
            return 2 + max([head, *(min(_longest(text), 16) for text in texts)])
        notes = [len(cell.note.replace("%", "")) + 2 for text in texts if (cell := number_in(text)) and cell.note]
        return 2 + max([head, numbers.width, *(0.85 * note for note in notes)])

    def _head(self, numbers: list[Numbers | None]) -> str:
        cells = [
            f'<th scope="col" role="columnheader"{_kind(each)}>{head_as_html(title)}</th>'
            for title, each in zip(self._heads(numbers), numbers, strict=True)
        ]
        return f'<thead role="rowgroup"><tr role="row">{"".join(cells)}</tr></thead>'

    def _heads(self, numbers: list[Numbers | None]) -> list[str]:
        """The heads of the columns, with the unit of the numbers below."""
        return [
            f"{title} (%)".strip() if each and each.unit and not title.endswith("(%)") else title
            for title, each in zip(self.header, numbers, strict=True)
        ]

    def _body(self, numbers: list[Numbers | None]) -> str:
        heads = [html.escape(typeset(title), quote=True) for title in self._heads(numbers)]
        before, after = ('<div class="camgan-value">', "</div>") if self._is_read(numbers) else ("", "")
        rows = []
        for at, (first, *rest) in enumerate(self.rows):
            again = self.grouped and at > 0 and first == self.rows[at - 1][0]
            name = f'<span class="camgan-again">{words_as_html(first)}</span>' if again else words_as_html(first)
            cells = [
                f'<td role="cell" data-label="{head}"{_kind(each)}>{before}{_cell(text, each)}{after}</td>'
                for text, head, each in zip(rest, heads[1:], numbers[1:], strict=True)
            ]
            start = ' class="camgan-start"' if at in self.starts else ""
            rows.append(f'<tr role="row"{start}><th scope="row" role="rowheader">{name}</th>{"".join(cells)}</tr>')
        return f'<tbody role="rowgroup">{"".join(rows)}</tbody>'

    def __repr__(self) -> str:
        cells = [self.header, *self.rows]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.header))]
        lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in cells]
        return "\n".join(([self.caption] if self.caption else []) + [line.rstrip() for line in lines])


@dataclass(frozen=True)
class Folded:
    """A table folded under a line that opens it; in a terminal it is open."""

    table: Table
    summary: str

    def _repr_html_(self) -> str:
        summary = html.escape(self.summary, quote=False)
        return f'<details class="camgan-folded"><summary>{summary}</summary>{self.table._repr_html_()}</details>'

    def __repr__(self) -> str:
        return repr(self.table)


def _numbers(texts: list[str]) -> Numbers | None:
    """How the column of these texts sets its numbers; None where one holds words, none a number, or units differ."""
    cells = [number_in(text) for text in texts if text not in ("", MISSING)]
    known = [cell for cell in cells if cell]
    alike = len({cell.unit for cell in known}) == 1
    return Numbers(known) if alike and len(known) == len(cells) else None


def _longest(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _kind(numbers: Numbers | None) -> str:
    return ' class="camgan-digits"' if numbers else ""


def _cell(text: str, numbers: Numbers | None) -> str:
    found = number_in(text) if numbers else None
    return numbers.as_html(found) if numbers and found else words_as_html(text)


def capitalised(title: str) -> str:
    """A column's header as a sentence begins: "Found (dB)". A symbol, one letter, stays: "p (Holm)"."""
    return title if re.match(r"\w\b", title) else title[:1].upper() + title[1:]


def in_points(share: Estimate, form: str = "+.1f") -> str:
    """A difference of two shares with its interval, in points of percent: "+6.7 (+2.8 to +11.4)"."""
    value, low, high = (100 * each for each in (share.value, share.low, share.high))
    return f"{replace(share, value=value, low=low, high=high):{form}}"


def p_value(p: float) -> str:
    """A p value in a column whose head says so: "0.012", "< 0.001"."""
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def table(
    rows: list[dict[str, Any]],
    columns: Mapping[str, tuple[str, Form]],
    caption: str | None = None,
    starts: Collection[int] = (),
) -> Table:
    """A table of `rows`, one column per entry of `columns`: key → (header, format).

    A format is a format string such as "{:.1%}" or a function of the value; a missing value or None shows as "–".
    The first column names the row; a rule stands above the rows whose indices are in `starts`. A header begins with a
    capital, but where it is the key itself: a name out of the data.
    """

    def cell(row: dict[str, Any], key: str, form: Form) -> str:
        value = row.get(key)
        if value is None:
            return MISSING
        return form(value) if callable(form) else form.format(value)

    header = [title if title == key else capitalised(title) for key, (title, _) in columns.items()]
    written = [[cell(row, key, form) for key, (_, form) in columns.items()] for row in rows]
    return Table(header, written, caption, starts)
