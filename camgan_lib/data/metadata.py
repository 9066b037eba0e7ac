"""What a photo's EXIF data say, whatever is in them: nothing there can raise an error."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from PIL import Image

from camgan_lib.data.dates import Date, exif_date, is_possible

_EXIF_IFD, _ORIENTATION, _MAKE, _MODEL, _SOFTWARE = 0x8769, 0x0112, 0x010F, 0x0110, 0x0131
_ORIGINAL, _DIGITISED, _MODIFIED, _COMMENT = 0x9003, 0x9004, 0x0132, 0x9286

Value = TypeVar("Value")


@dataclass(frozen=True)
class Metadata:
    """Orientation 1 to 8 (1: as stored); the date, or None; texts of EXIF tags by name; notes on what was of no use."""

    orientation: int
    taken: Date | None
    texts: dict[str, str]
    notes: tuple[str, ...]


def read_metadata(image: Image.Image) -> Metadata:
    """The EXIF data of a photo that has been decoded.

    `taken` is the first usable one of the dates original, digitised and modified. `texts` has make, model, software and
    comment, as far as they are there.
    """
    exif = _or(image.getexif, None)
    if exif is None:
        return Metadata(1, None, {}, ("its EXIF data can't be read: no date, and not turned",))
    none: dict[int, Any] = {}
    inner = _or(lambda: dict(exif.get_ifd(_EXIF_IFD)), none)
    outer = {tag: _or(partial(exif.get, tag), None) for tag in (_ORIENTATION, _MAKE, _MODEL, _SOFTWARE, _MODIFIED)}
    dates = [_text(source.get(tag)) for source, tag in ((inner, _ORIGINAL), (inner, _DIGITISED), (outer, _MODIFIED))]
    taken, note = _first_usable([text for text in dates if text])
    names = {"make": outer[_MAKE], "model": outer[_MODEL], "software": outer[_SOFTWARE], "comment": inner.get(_COMMENT)}
    texts = {name: text for name, value in names.items() if (text := _text(value))}
    notes = [note] if note else []
    if not exif and not _is_empty(image):
        notes = ["its EXIF data can't be read: no date, and not turned"]
    return Metadata(_orientation(outer[_ORIENTATION]), taken, texts, tuple(notes))


def _or(read: Callable[[], Value], otherwise: Value) -> Value:
    try:
        return read()
    except Exception:
        return otherwise


def _is_empty(image: Image.Image) -> bool:
    """Whether a photo has no EXIF data, or data that say that there are none."""
    block = image.info.get("exif") or b""
    block = block.removeprefix(b"Exif\0\0") if isinstance(block, bytes) else b""
    return block in (b"", b"Exif\0\0") or block[:10] in (b"II*\0\x08\0\0\0\0\0", b"MM\0*\0\0\0\x08\0\0")


def _orientation(value: Any) -> int:
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _text(value: Any) -> str:
    """A tag's value as text of at most 200 letters; a number or nothing is an empty text."""
    if isinstance(value, bytes):
        value = value[:400].decode("utf-8", "replace")
    return value[:400].strip("\0 \t\r\n")[:200] if isinstance(value, str) else ""


def _first_usable(texts: list[str]) -> tuple[Date | None, str]:
    """The first date that a camera can have had, and a note where there are dates and none of them is usable."""
    dates = [exif_date(text) for text in texts]
    for each in dates:
        if each and is_possible(each):
            return each, ""
    blank = [text for text in texts if text.strip(" 0:-/.T")]
    if not blank:
        return None, ""
    if any(dates):
        return None, f"its date, {blank[0]!r}, is one that a camera's clock begins with or never reaches: not used"
    return None, f"its date, {blank[0]!a:.40}, is not understood (year first is): not used"
