"""SVG as a tree of elements: what writing a figure and putting it into a page have in common."""

import re
from xml.etree import ElementTree

Element = ElementTree.Element
SVG = "http://www.w3.org/2000/svg"
PX = 96 / 72
"""CSS pixels per point."""

NARROW_CLASS, GROUND_CLASS, GLYPH_CLASS = "camgan-narrow", "camgan-ground", "camgan-glyph"

ElementTree.register_namespace("", SVG)


def parsed(svg: str) -> Element:
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
    return root


def addresses(root: Element) -> list[str]:
    return list(dict.fromkeys(image.get("href", "") for image in root.iter("image")))


def prefix_ids(root: Element, prefix: str) -> None:
    """Puts `prefix` before all ids but those of letters."""
    own = [element for element in root.iter() if "id" in element.attrib and element.get("class") != GLYPH_CLASS]
    names = {element.get("id", ""): prefix + element.get("id", "") for element in own}
    for element in own:
        element.set("id", names[element.get("id", "")])
    refer(root, names)


def refer(root: Element, names: dict[str, str]) -> None:
    """Replaces ids in references by their new names."""

    def renamed(found: re.Match) -> str:
        return found[1] + names.get(found[2], found[2])

    for element in root.iter():
        for key, value in element.attrib.items():
            if key in ("href", "clip-path", "style") and "#" in value:
                element.set(key, re.sub(r"(^#|url\(#)([^\s\")]+)", renamed, value))


def take_glyphs(parent: Element, glyphs: dict[str, Element]) -> None:
    for child in list(parent):
        if child.get("class") == GLYPH_CLASS:
            glyphs.setdefault(child.get("id", ""), child)
            parent.remove(child)
            continue
        take_glyphs(child, glyphs)
        if child.tag == "defs" and not len(child):
            parent.remove(child)
