"""Text for a terminal: columns that letters take, lines cut, padded and broken. Names are in any script."""

import unicodedata

WIDTH = 100
"""Columns that a table or a sentence takes at most."""


def columns_of(text: str) -> int:
    """How many columns a text takes: two for a wide letter, none for a mark on another."""
    return sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def cut_to(text: str, most: int, end: bool = False) -> str:
    """The text, or where it takes more than `most` columns as much of its beginning as fits and "…"; or of its end."""
    if columns_of(text) <= most:
        return text
    kept, left = "", most - 1
    for letter in reversed(text) if end else text:
        if (left := left - _columns(letter)) < 0:
            break
        kept += letter
    return f"…{kept[::-1]}" if end else f"{kept}…"


def padded(text: str, width: int) -> str:
    """The text in exactly so many columns, cut or followed by spaces."""
    text = cut_to(text, width)
    return text + " " * (width - columns_of(text))


def wrapped(text: str, width: int = WIDTH, hanging: str = "") -> list[str]:
    """The text in lines of at most `width` columns, broken at spaces; `hanging` begins all but the first.

    A word that is longer than a line is cut.
    """
    lines = [""]
    for word in text.split():
        word = cut_to(word, width - len(hanging))
        if lines[-1] and columns_of(lines[-1]) + 1 + columns_of(word) > width:
            lines.append(hanging + word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return lines
