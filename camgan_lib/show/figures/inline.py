"""Figures as elements of a page: colours follow the page's mode, letters' shapes stand once for all figures."""

import base64
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

from camgan_lib.show.figures import palette
from camgan_lib.show.figures.svg import (
    GROUND_CLASS,
    NARROW_CLASS,
    PX,
    Element,
    addresses,
    parsed,
    prefix_ids,
    refer,
    take_glyphs,
)

_MATRIX = re.compile(r"matrix\((\S+) ")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Drawing:
    """A figure as an element of a page: its SVG, natural width and smallest type in CSS pixels."""

    svg: str
    width: float
    type: float


def inlined(svg: str, prefix: str, keep: Callable[[bytes], str], glyphs: dict[str, Element]) -> list[Drawing]:
    """The drawings of a compact SVG as elements of a page: the wide one first, then the narrow one if there is one.

    `prefix` begins each id. `keep` takes a PNG and returns its address. Shapes of letters, which all figures of a page
    share, are moved to `glyphs` (id → element); `sprite` writes them.
    """
    root = parsed(svg)
    take_glyphs(root, glyphs)
    refer(root, _short(glyphs))
    narrow = [child for holder in root if holder.get("class") == NARROW_CLASS for child in holder]
    root[:] = [child for child in root if child.get("class") != NARROW_CLASS]
    places = addresses(root)
    for image in (image for each in narrow for image in each.iter("image")):
        if (place := image.get("href", "")).startswith("#"):
            image.set("href", places[int(place[1:])])
    return [_drawing(each, prefix, keep) for each in (root, *narrow)]


def _drawing(root: Element, prefix: str, keep: Callable[[bytes], str]) -> Drawing:
    prefix_ids(root, prefix)
    for element in root.iter():
        if element.tag == "image":
            element.set("href", keep(base64.b64decode(element.get("href", "").partition(",")[2])))
            if _is_reduced(element.get("transform", "")):
                element.attrib.pop("style", None)
    _recolour(root)
    width, smallest = float(root.attrib.pop("width")), float(root.attrib.pop("data-type"))
    del root.attrib["height"]
    return Drawing(ElementTree.tostring(root, encoding="unicode"), width, smallest)


def _is_reduced(transform: str) -> bool:
    """Whether an image is drawn smaller than its pixels: there, leaving out pixels would change what it shows."""
    found = _MATRIX.match(transform)
    return found is not None and abs(float(found[1])) * PX < 1


def _recolour(root: Element) -> None:
    """Colours as CSS values that follow the page's mode (`palette.variables`); no ground of its own."""
    variables = palette.variables()
    for parent in root.iter():
        for child in list(parent):
            if child.get("class") == GROUND_CLASS:
                parent.remove(child)
    for element in root.iter():
        if style := element.get("style"):
            element.set("style", _COLOUR.sub(lambda found: variables.get(found[0], found[0]), style))
    root.set("style", "stroke-linejoin:round;fill:currentColor")


def _short(glyphs: dict[str, Element]) -> dict[str, str]:
    """Letters' names, and the ids that they have in a page."""
    return {name: f"cg{number}" for number, name in enumerate(glyphs)}


def sprite(glyphs: dict[str, Element]) -> str:
    """The shapes of letters that the figures of a page refer to, as an SVG that takes no place."""
    short = _short(glyphs)
    shapes = "".join(
        f'<path id="{short[name]}" d="{glyph.get("d", "")}" transform="{glyph.get("transform")}"/>'
        for name, glyph in glyphs.items()
    )
    return f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{shapes}</defs></svg>'


def least_width(drawing: Drawing, smallest: float = 11.0) -> int:
    """The width in CSS pixels below which a drawing's smallest type would be smaller than `smallest`."""
    return math.ceil(drawing.width * min(1.0, smallest / drawing.type))
