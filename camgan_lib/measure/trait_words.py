"""The traits of photos that are asked alone (see `confounders`), and what they are in words, for each camera.

Facts are dicts, one per photo: the traits of `data.traits`, "camera" (an index), "half" ("train" or "test"), "date"
("2021-05-31 17:02:11", or "") and "device".
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

Fact = dict[str, Any]


@dataclass(frozen=True)
class Trait:
    """A trait: its key in a row, its name, the kind of remedy, the keys of a fact that it is made of, and its words.

    `numbers`: whether its values are numbers, of which near ones are alike, or categories. `words`: a value as text;
    for numbers the text of all values of a camera.
    """

    key: str
    name: str
    kind: str
    facts: tuple[str, ...]
    words: Callable[[Any], str]
    numbers: bool = False


def _named(none: str) -> Callable[[Any], str]:
    return lambda value: none if value in (None, "") else str(value)


def _of(words: Mapping[Any, str], other: str) -> Callable[[Any], str]:
    return lambda value: words.get(value, other)


def _product(sides: tuple[int | None, ...]) -> str:
    return "unknown" if None in sides else "×".join(map(str, sides))


def _spread(form: Callable[[float], str]) -> Callable[[np.ndarray], str]:
    """Words for a camera's numbers, photos × 1: the median, and the least and the largest, if they look different."""

    def words(values: np.ndarray) -> str:
        middle, low, high = (form(float(each)) for each in (np.median(values), values.min(), values.max()))
        return middle if low == high else f"{middle} ({low}–{high})"

    return words


_quality, _light, _share = (_spread(form) for form in (lambda x: f"{round(x, 1):g}", "{:.2f}".format, "{:.1%}".format))


def _colour(values: np.ndarray) -> str:
    return " ".join(f"{each:.2f}" for each in np.median(values, 0))


def _dates(values: np.ndarray) -> str:
    first, last = (date.fromordinal(int(each)) for each in (values.min(), values.max()))
    form = "%Y-%m" if (first.year, first.month) != (last.year, last.month) else "%Y-%m-%d"
    return f"{first:{form}}" if f"{first:{form}}" == f"{last:{form}}" else f"{first:{form}} to {last:{form}}"


_PROGRESSIVE = {True: "yes", False: "no"}
_TURNED = {1: "as stored", 3: "upside down", 6: "turned right", 8: "turned left"}

TRAITS = (
    Trait("format", "file format", "format", ("format",), _named("unknown")),
    Trait("quality", "JPEG quality", "compression", ("quality",), _quality, numbers=True),
    Trait("tables", "JPEG tables", "compression", ("tables",), _named("none")),
    Trait("subsampling", "JPEG chroma", "compression", ("subsampling",), _named("none")),
    Trait("progressive", "progressive JPEG", "compression", ("progressive",), _of(_PROGRESSIVE, "none")),
    Trait("size", "size in pixels", "size", ("width", "height"), _product),
    Trait("orientation", "orientation", "orientation", ("orientation",), _of(_TURNED, "mirrored")),
    Trait("bits", "bits per channel", "bits", ("bits",), _named("unknown")),
    Trait("software", "editing software", "history", ("software",), _named("none named")),
    Trait("marks", "messenger marks", "history", ("marks",), _named("none")),
    Trait("grid", "JPEG grid", "grid", ("grid",), _named("none")),
    Trait("date", "date", "date", ("date",), _dates, numbers=True),
    Trait("brightness", "brightness", "light", ("brightness",), _light, numbers=True),
    Trait("contrast", "contrast", "light", ("contrast",), _light, numbers=True),
    Trait("saturated", "burnt-out share", "light", ("saturated",), _share, numbers=True),
    Trait("colour", "mean colour (RGB)", "light", ("red", "green", "blue"), _colour, numbers=True),
)
"""All traits. Those with a kind other than date and light are of the file."""

TOGETHER = Trait("together", "all file traits", "together", (), str)
CONTENT = ("date", "light")
"""Kinds of traits that are of what was photographed, and when."""

_SHOWN = 3
"""So many values of a category are named, the most frequent."""


def value_of(trait: Trait, fact: Fact) -> Any:
    """The photo's value of a trait; of several facts a tuple. None stands for what is not there."""
    values = tuple(fact.get(key) for key in trait.facts)
    return values if len(values) > 1 else values[0]


def numbers_of(trait: Trait, facts: Sequence[Fact]) -> np.ndarray:
    """The trait's numbers, photos × numbers, dates in days; NaN in all of them where a photo lacks one."""
    read = _day if trait.key == "date" else lambda value: np.nan if value is None else float(value)
    values = np.array([[read(fact.get(key)) for key in trait.facts] for fact in facts], float)
    return np.where(np.isnan(values).any(1, keepdims=True), np.nan, values)


def _day(text: Any) -> float:
    """A date "2021-05-31 17:02:11" in days, NaN for any other text."""
    numbers = [int(each) for each in re.findall(r"\d{1,4}", str(text or "")[:19])]
    try:
        day = date(*numbers[:3]).toordinal()
    except (ValueError, TypeError):  # no such day, fewer than three numbers
        return np.nan
    hour, minute, second = (*numbers[3:6], 0, 0, 0)[:3]
    return day + hour / 24 + minute / 1440 + second / 86400


def summary(facts: Sequence[Fact], cameras: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """What each camera's photos are, camera → trait → a short text: "JPEG 12", "92 (85–95)", "2019-05 to 2021-07".

    Numbers behind values count photos; numbers are medians, with the least and the largest in brackets. "device" is
    here, too: what EXIF or the folder says of the device that took the photos.
    """
    device = Trait("device", "device", "device", ("device",), _named("none named"))
    found = {}
    for index, name in enumerate(cameras):
        own = [fact for fact in facts if fact["camera"] == index]
        found[name] = {trait.key: _in_words(trait, own) for trait in (*TRAITS, device)}
    return found


def _in_words(trait: Trait, facts: list[Fact]) -> str:
    """What the photos of one camera have of a trait; "no photo" if there are none."""
    if not facts:
        return "no photo"
    if trait.numbers:
        values = numbers_of(trait, facts)
        there = values[~np.isnan(values).any(1)]
        lacking = "undated" if trait.key == "date" else "without"
        lack = f"{len(values) - len(there)} of {len(values)} {lacking}" if len(there) < len(values) else ""
        return ", ".join(text for text in (trait.words(there) if len(there) else "", lack) if text)
    counts = Counter(trait.words(value_of(trait, fact)) for fact in facts).most_common()
    more = f", {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else ""
    return ", ".join(f"{text} {count}" for text, count in counts[:_SHOWN]) + more
