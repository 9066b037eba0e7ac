"""Text in figures: names that users give to cameras are drawn as they are, in whatever script, and never fail.

A camera is named after its folder. Such a name can hold "$", which matplotlib would read as a formula, begin with "_",
which keeps it out of a legend, or be written in a script of which no font is installed.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib.font_manager import fontManager

FAMILIES = (
    *("Noto Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans JP", "Noto Sans SC", "Noto Sans KR"),
    *("Source Han Sans", "IPAexGothic", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback"),
    *("Hiragino Sans", "PingFang SC", "Apple SD Gothic Neo", "Yu Gothic", "Microsoft YaHei", "Malgun Gothic"),
    *("Noto Sans Arabic", "Noto Naskh Arabic", "Geeza Pro", "Noto Sans Hebrew", "Noto Sans Thai"),
    *("Noto Sans Devanagari", "Lohit Devanagari", "Kohinoor Devanagari", "Nirmala UI"),
    *("Noto Emoji", "Segoe UI Emoji", "Segoe UI Symbol", "Symbola", "Arial Unicode MS", "Unifont"),
)
"""Fonts for other scripts and emoji that systems and distributions ship; those installed are asked in this order."""

MOST_LINES = 6
"""Lines that a wrapped name takes at most."""

_UNSEEN = "\u200b"
"""A space of no width."""


def families() -> list[str]:
    """Names of font families for matplotlib: DejaVu Sans, which it brings, then the installed ones of FAMILIES."""
    installed = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in FAMILIES if name in installed)]


@contextmanager
def boxes_for_missing_glyphs() -> Iterator[None]:
    """Within, matplotlib draws a box for a character that no font has, as always, but does not warn of it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        warnings.filterwarnings("ignore", r"Matplotlib currently does not support \w+ natively", UserWarning)
        yield


def wrapped(name: str, width: int = 13) -> str:
    """A name such as Canon-EOS-REBEL-T4i on several lines of about `width` letters, broken after - _ or a space.

    What is longer than MOST_LINES lines, or a line than twice the width, ends in "…".
    """
    lines = [""]
    for part in re.findall(r"[^-_ ]+[-_ ]?|[-_ ]", name):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    lines = [cut(line.strip(), 2 * width) for line in "\n".join(lines).split("\n")]
    return "\n".join(lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], "…"])


def cut(text: str, most: int) -> str:
    """The text, or where it has more than `most` letters its beginning and "…"."""
    return text if len(text) <= most else text[: most - 1] + "…"


def legend_label(name: str, width: int = 40) -> str:
    """A name as a legend takes it, one that begins with "_" too, which matplotlib would leave out."""
    text = wrapped(name, width)
    return _UNSEEN + text if text.startswith("_") or not text.strip() else text
