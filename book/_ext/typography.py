"""Sphinx extension: text as a page sets it: a space that never breaks before "%", and true minus signs."""

from docutils import nodes

from camgan_lib.show.figures.cells import typeset

LEFT_ALONE = (nodes.literal, nodes.literal_block, nodes.raw, nodes.math, nodes.math_block, nodes.comment)


def setup(app):
    app.connect("doctree-resolved", set_texts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def set_texts(app, doctree, docname):
    if app.builder.format != "html":
        return
    for text in list(doctree.findall(nodes.Text)):
        if not isinstance(text.parent, LEFT_ALONE) and typeset(text) != text:
            text.parent.replace(text, nodes.Text(typeset(text)))
