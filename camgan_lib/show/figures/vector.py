"""Figures as SVG files: small, and the same on every run.

`compact` takes what matplotlib writes. A file can hold a second drawing for narrow screens, in a `<defs>` that viewers
of the file ignore. `inline.inlined` puts a file into a page.
"""

import base64
import io
import itertools
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from camgan_lib.show.figures.svg import (
    GLYPH_CLASS,
    GROUND_CLASS,
    NARROW_CLASS,
    PX,
    SVG,
    Element,
    addresses,
    parsed,
    prefix_ids,
    refer,
    take_glyphs,
)

LINK = "{http://www.w3.org/1999/xlink}href"
LOOKS = ("style", "clip-path")
_LONG = re.compile(r"-?\d+\.\d{3,}")
_MOVED = re.compile(r"translate\((\S+)(?: 0)?\)")


def compact(svg: str, smallest: float, narrow: str | None = None) -> str:
    """An SVG file of matplotlib without what does not show, its images re-encoded without loss, its size in pixels.

    `smallest`: the size of the smallest text in points, which the file keeps as `data-type` in CSS pixels. `narrow`:
    a compact SVG of the same figure for narrow screens.
    """
    root = parsed(re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL))
    width, height = (float(root.get(side, "0").removesuffix("pt")) * PX for side in ("width", "height"))
    _mark_ground(root)
    _tidy(root)
    _rename(root)
    _group(root)
    root.attrib = {
        "viewBox": _rounded(root.get("viewBox", "")),
        "width": f"{width:.1f}",
        "height": f"{height:.1f}",
        "data-type": f"{smallest * PX:.2f}",
        "style": "stroke-linejoin: round",
    }
    if narrow is not None:
        root.append(_second(root, parsed(narrow)))
    root.set("xmlns", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _mark_ground(root: Element) -> None:
    """Marks the white ground of the whole figure, which a page leaves out."""
    for group in root.iter("g"):
        if group.get("id") == "patch_1":
            group[0].set("class", GROUND_CLASS)
            return


def _second(root: Element, narrow: Element) -> Element:
    """The narrow drawing in a `<defs>`, without the letters and images that the wide one has.

    In place of an image's address stands then "#0" for the first of the wide drawing's images, "#1" for the second …
    """
    holder = Element("defs", {"class": NARROW_CLASS})
    letters: dict[str, Element] = {}
    take_glyphs(narrow, letters)
    known = {each.get("id") for each in root.iter("path") if each.get("class") == GLYPH_CLASS}
    holder.extend(shape for name, shape in letters.items() if name not in known)
    places = {address: f"#{number}" for number, address in enumerate(addresses(root))}
    for image in narrow.iter("image"):
        image.set("href", places.get(image.get("href", ""), image.get("href", "")))
    prefix_ids(narrow, "n")
    holder.append(narrow)
    return holder


def _tidy(parent: Element) -> None:
    """Drops metadata, style sheets and empty groups, unwraps groups without attributes, shortens numbers."""
    kept: list[Element] = []
    for child in parent:
        if child.tag in ("metadata", "style"):
            continue
        child.text = child.tail = None
        _shorten(child)
        _tidy(child)
        if child.tag == "g" and not set(child.attrib) - {"id"}:
            kept += child
        elif (child.tag not in ("g", "defs") or len(child)) and child.get("style") != "fill:none":
            kept.append(child)
    parent.text = None
    parent[:] = kept


def _shorten(element: Element) -> None:
    if LINK in element.attrib:
        element.set("href", element.attrib.pop(LINK))
    if element.tag == "image":
        element.set("href", _reencoded(element.get("href", "")))
        element.set("style", "image-rendering: pixelated")
    if "d" in element.attrib:
        element.set("d", re.sub(r"\s*([A-Za-z])\s*", r"\1", _rounded(element.get("d", "")).strip()))
    for name in ("x", "y"):
        if name in element.attrib:
            element.set(name, _rounded(element.get(name, "")))
    if (transform := element.get("transform", "")).startswith("translate("):
        place, bracket, rest = transform.partition(")")
        element.set("transform", _rounded(place) + bracket + rest)
    if element.tag == "use" and (moved := _MOVED.fullmatch(element.get("transform", ""))):
        del element.attrib["transform"]
        element.set("x", _rounded(moved[1]))
    if "style" in element.attrib:
        element.set("style", element.get("style", "").replace("; ", ";").replace(": ", ":"))


def _rounded(text: str) -> str:
    """The text, its numbers with two decimals at most."""
    return _LONG.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), text)


def _reencoded(href: str) -> str:
    """A PNG as a data address, in the smallest of PIL's lossless modes that holds it."""
    png = base64.b64decode(href.partition(",")[2])
    with Image.open(io.BytesIO(png)) as image:
        pixels = np.asarray(image.convert("RGBA"))
    colours, index = np.unique(pixels.reshape(-1, 4), axis=0, return_inverse=True)
    options: dict[str, Any] = {"format": "PNG", "optimize": True}
    if len(colours) <= 256:
        made = Image.fromarray(index.reshape(pixels.shape[:2]).astype(np.uint8), "P")
        made.putpalette(colours[:, :3].tobytes())
        options |= {"transparency": colours[:, 3].tobytes()} if colours[:, 3].min() < 255 else {}
    else:
        made = Image.fromarray(pixels if pixels[..., 3].min() < 255 else pixels[..., :3])
    written = io.BytesIO()
    made.save(written, **options)
    return "data:image/png;base64," + base64.b64encode(min(written.getvalue(), png, key=len)).decode("ascii")


def _rename(root: Element) -> None:
    """Short ids for what is referred to, and none for the rest; letters keep theirs, which say what they are."""
    text = " ".join(value for element in root.iter() for value in element.attrib.values())
    wanted = set(re.findall(r"#([^\s\")]+)", text))
    names: dict[str, str] = {}
    for element in root.iter():
        name = element.attrib.pop("id", "")
        if name not in wanted:
            continue
        if element.get("transform") == "scale(0.015625)":
            element.set("class", GLYPH_CLASS)
            element.set("id", name)
        else:
            names[name] = f"i{len(names)}"
            element.set("id", names[name])
    refer(root, names)


def _group(parent: Element) -> None:
    """Neighbours that look alike get a group, which has their style and clip path once."""
    grouped: list[Element] = []
    for looks, several in itertools.groupby(parent, lambda child: child.tag in ("path", "use") and _looks(child)):
        same = list(several)
        if looks and len(same) > 1 and any(looks):
            holder = Element("g", {name: look for name, look in zip(LOOKS, looks, strict=True) if look})
            for child in same:
                holder.append(child)
                for name in LOOKS:
                    child.attrib.pop(name, None)
            grouped.append(holder)
        else:
            grouped += same
    parent[:] = grouped
    for child in parent:
        if child.tag in ("g", "svg"):
            _group(child)


def _looks(element: Element) -> tuple[str | None, ...] | None:
    return None if "id" in element.attrib else tuple(element.get(name) for name in LOOKS)
