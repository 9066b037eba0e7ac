"""Sphinx extension: puts figures that are SVG files into the page itself, where they follow the page's mode.

Each figure has ids of its own; letters' shapes, which all share, stand once at the end of the page. Images within a
figure become files, which a narrow drawing of the same figure shares. A picture with an .svg beside its .png stands as
the former.
"""

import hashlib
import html
from pathlib import Path

from docutils import nodes

from camgan_lib.show.figures import inline

WIDE = 720
"""A figure of a greater natural width than this, in pixels, takes the margin, too."""


def setup(app):
    app.connect("doctree-resolved", inline_figures)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def inline_figures(app, doctree, docname):
    if app.builder.format != "html":
        return
    glyphs, rules = {}, []
    for number, (image, path) in enumerate(list(drawn(app, doctree))):
        drawings = inline.inlined(path.read_text("utf-8"), f"f{number}", keep_in(app, docname), glyphs)
        rules += switch(drawings, number)
        image.replace_self(nodes.raw("", box(drawings, number, image.get("alt", "")), format="html"))
    if glyphs:
        style = f"<style>@media screen {{ {' '.join(rules)} }}</style>"
        doctree.append(nodes.raw("", style + inline.sprite(glyphs), format="html"))


def drawn(app, doctree):
    """Images of the page that are, or have beside them, an SVG file of ours, with its path."""
    for image in doctree.findall(nodes.image):
        path = (Path(app.srcdir) / image["uri"]).with_suffix(".svg")
        if path.is_file() and "data-type" in path.read_text("utf-8")[:400]:
            yield image, path


def keep_in(app, docname):
    """A function that writes a PNG to the book's images and returns its address, seen from the page."""
    folder = Path(app.outdir) / "_images"

    def keep(png):
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{hashlib.sha256(png).hexdigest()[:20]}.png"
        (folder / name).write_bytes(png)
        return "../" * docname.count("/") + f"_images/{name}"

    return keep


def box(drawings, number, alt):
    """The drawings of a figure in a box, which scrolls sideways where there is no narrow one."""
    wide = " camgan-wide" if drawings[0].width > WIDE else ""
    scrolls = ' tabindex="0" role="group" aria-label="Figure, scrolls sideways"' if len(drawings) == 1 else ""
    shown = "".join(named(each, f"f{number}{end}", alt) for each, end in zip(drawings, "wn", strict=False))
    return f'<div class="camgan-figure{wide}"{scrolls}>{shown}</div>'


def named(drawing, name, alt):
    """A drawing with its id, its description, its natural width and the least at which its type can be read."""
    size = f"--natural: {drawing.width:.0f}px; --least: {inline.least_width(drawing)}px"
    about = f'id="{name}" role="img" aria-label="{html.escape(alt, quote=True)}" data-type="{drawing.type:g}"'
    return drawing.svg.replace("<svg ", f"<svg {about} ", 1).replace('style="', f'style="{size};', 1)


def switch(drawings, number):
    """The rule that shows a figure's narrow drawing where the wide one would have too small type."""
    if len(drawings) == 1:
        return []
    rule = f"#f{number}w {{ display: none }} #f{number}n {{ display: block }}"
    return [f"@container (max-width: {inline.least_width(drawings[0]) - 1}px) {{ {rule} }}"]
