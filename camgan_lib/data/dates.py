"""Reads dates as cameras, programs and people write them. What can be read in two ways is not guessed."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date

Date = tuple[int, int, int, int, int, int]
"""Year, month, day, hour, minute, second: dates in order are in the order of time. Seconds may be 60, hours 24."""

_TIME = r"(?:[T\s,]+(\d{1,2}):\s*(\d{1,2})(?::\s*(\d{1,2}))?(?:\.\d*)?\s*([AaPp])?\.?[Mm]?\.?)?"
_YEAR_FIRST = re.compile(rf"\s*(\d{{4}})[-:/. ]\s?(\d{{1,2}})[-:/. ]\s?(\d{{1,2}})(?!\d){_TIME}")
_COMPACT = re.compile(r"\s*(\d{4})(\d\d)(\d\d)(?:[T\s_-]*(\d\d):?(\d\d):?(\d\d)?)?(?!\d)")
_YEAR_LAST = re.compile(rf"\s*(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}})(?!\d){_TIME}")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_AND_NAME = re.compile(rf"\s*(\d{{1,2}})\.?[-\s]([A-Za-z]{{3}})[a-z]*\.?,?[-\s](\d{{4}})(?!\d){_TIME}")
_NAME_AND_DAY = re.compile(rf"\s*([A-Za-z]{{3}})[a-z]*\.?\s(\d{{1,2}}),?\s(\d{{4}})(?!\d){_TIME}")

FIRST_YEAR, LAST_YEAR = 1995, 2035
"""Before the first, nobody had a digital camera; the last is where clocks roll over (2036, 2107)."""

_LONGEST = 64
"""Letters of a text that is looked at."""


def exif_date(text: str) -> Date | None:
    """The date of a tag, year first ("2019:05:31 17:02:11", "2019-05-31T17:02", "20190531 170211"), or None."""
    text = text[:_LONGEST]
    for pattern in (_YEAR_FIRST, _COMPACT):
        if match := pattern.match(text):
            return _checked(match.group(1, 2, 3), match.groups()[3:])
    return None


def written_dates(texts: Sequence[str]) -> list[Date | None]:
    """The dates of a column of a table, None where one can't be read, or could be read in two ways.

    Years come first, months have names, or the column itself shows in which order day and month are: one of its dates
    has a number above 12 in the one place, and none has in the other.
    """
    found = [exif_date(text) or _with_name(text[:_LONGEST]) for text in texts]
    last = [None if known else _YEAR_LAST.match(text[:_LONGEST]) for known, text in zip(found, texts, strict=True)]
    pairs = [(int(match[1]), int(match[3])) for match in last if match]
    day_first, month_first = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)
    if day_first == month_first:
        return found
    order = (4, 3, 1) if day_first else (4, 1, 3)
    return [
        known or (_checked(match.group(*order), match.groups()[4:]) if match else None)
        for known, match in zip(found, last, strict=True)
    ]


def _with_name(text: str) -> Date | None:
    if match := _DAY_AND_NAME.match(text):
        day, name, year = match.group(1, 2, 3)
    elif match := _NAME_AND_DAY.match(text):
        name, day, year = match.group(1, 2, 3)
    else:
        return None
    if name.lower() not in _MONTHS:
        return None
    return _checked((year, str(_MONTHS.index(name.lower()) + 1), day), match.groups()[3:])


def _checked(day: Sequence[str], time: Sequence[str | None]) -> Date | None:
    """The date of these numbers, or None where a calendar or a clock has no such date."""
    year, month, number = (int(each) for each in day)
    hour, minute, second = (int(each or 0) for each in time[:3])
    half = (time[3] or "").lower() if len(time) > 3 else ""
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 * (half == "p") if half else hour
    if not (1 <= month <= 12 and year >= 1 and 1 <= number <= monthrange(year, month)[1]):
        return None
    return (year, month, number, hour, minute, second) if hour <= 24 and minute < 60 and second <= 60 else None


def is_possible(when: Date) -> bool:
    """Whether a digital camera can have taken a photo then. A clock that lost its time begins on 1 January 2000."""
    return FIRST_YEAR <= when[0] <= LAST_YEAR and when[:5] != (2000, 1, 1, 0, 0)


def as_text(when: Date | None) -> str:
    """A date as "2019-05-31 17:02:11", "" for none."""
    return "{:04d}-{:02d}-{:02d} {:02d}:{:02d}:{:02d}".format(*when) if when else ""


def seconds_between(earlier: Date, later: Date) -> int:
    """Seconds from one date to another."""
    return _seconds(later) - _seconds(earlier)


def _seconds(when: Date) -> int:
    return date(*when[:3]).toordinal() * 86400 + when[3] * 3600 + when[4] * 60 + when[5]
