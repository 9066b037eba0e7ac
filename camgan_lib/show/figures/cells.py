"""What stands in a table's cell: a number with its unit, mark and brackets, or words; and how each is set in HTML."""

import html
import re
from dataclasses import dataclass

MISSING = "–"
"""Stands for a value that there is not."""

NUMBER = r"(?:[<>≥≤] ?)?[+−-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?"
CELL = re.compile(rf"({NUMBER})(%?) ?(\*?)(?: \(([^()]*)\))?(?: (\*))?")
INTERVAL = re.compile(rf"\(({NUMBER})[ \u00a0]?%? to ({NUMBER})[ \u00a0]?%?\)")
UNIT = re.compile(r"^(.*\S) (\([^()\s]{1,7}\))$")
"""A column's head that ends in a unit: "Line strength (dB)"."""

WHOLE = re.compile(r"^[^\d]*[\d,]+")
LONG_NAME = re.compile(r"[\w./-]{17,}")
JOINT = re.compile(r"(?<=\w[/_.-])(?=\w{3})")
DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
MINUS = re.compile(r"(?<![\w.])-(?=\.?\d)|(?<=\de)-(?=\d)")
PER_CENT = re.compile(r"(?<=\d)[ \u00a0]?%")


@dataclass(frozen=True)
class Cell:
    """A cell that holds a number: how it is written, "%" or no unit, a mark such as "*", and what the brackets hold."""

    number: str
    unit: str
    mark: str
    note: str


def number_in(text: str) -> Cell | None:
    """The number that a cell's text holds, and what stands around it; None for words."""
    found = CELL.fullmatch(text)
    if not found:
        return None
    number, unit, mark, note, late = found.groups(default="")
    return Cell(number, unit, mark or late, note)


def typeset(text: str) -> str:
    """The text as a page sets it: a true minus, and a space that never breaks between a number and its "%"."""
    return PER_CENT.sub("\u00a0%", MINUS.sub("−", text))


def escaped(text: str) -> str:
    """The text as a page sets it, as HTML."""
    return html.escape(typeset(text), quote=False)


def words_as_html(text: str) -> str:
    """Words of a cell: intervals are small, they and dates never break, and long names of files may at their joints."""
    shown = LONG_NAME.sub(lambda name: JOINT.sub("<wbr>", name[0]), escaped(text))
    shown = DATE.sub(r'<span class="camgan-unit">\g<0></span>', shown)
    return INTERVAL.sub(r'<small class="camgan-interval">\g<0></small>', shown)


def head_as_html(text: str) -> str:
    """The head of a column, its unit kept in one piece."""
    found = UNIT.match(text)
    name, unit = found.groups() if found else (text, "")
    return escaped(name) + (f' <span class="camgan-unit">{html.escape(unit)}</span>' if unit else "")


def places(number: str) -> int:
    """How many characters follow the place of the decimal point, the point itself not counted."""
    return len(WHOLE.sub("", number).removeprefix("."))


class Numbers:
    """How the numbers of one column are set: on one decimal point, and without the unit, which goes to the head."""

    def __init__(self, cells: list[Cell]):
        """`cells`: those of the column that hold a number, at least one, all of one unit."""
        self.unit = cells[0].unit
        self.places = max(places(each.number) for each in cells)
        self.width = max(len(self._padded(each)) for each in cells)
        self.noted = any(each.note for each in cells)

    def _padded(self, cell: Cell) -> str:
        """The number with as many figure spaces as its fraction is shorter than the column's longest."""
        missing = self.places - places(cell.number)
        point = "\u2008" if missing and missing == self.places else ""
        return typeset(cell.number) + point + "\u2007" * missing

    def as_html(self, cell: Cell) -> str:
        """The number in a box as wide as the column's widest number, its mark beside it and its brackets below."""
        mark = f'<span class="camgan-mark">{cell.mark}</span>' if cell.mark else ""
        shown = escaped(self._padded(cell))
        number = f'<span class="camgan-number" style="min-width:{self.width}ch">{shown}{mark}</span>'
        note = escaped(cell.note.replace("%", "") if self.unit else cell.note)
        small = f' <small class="camgan-interval">({note})</small>' if note else ""
        return number + small
