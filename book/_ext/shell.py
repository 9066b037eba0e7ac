"""Sphinx extension: the page around the text. Code is one tap away, and a figure stands once.

The code of a cell is folded into a mark in the margin beside what it made; opened, it stands above that, with links to
the recipes behind it and, where the environment names the project's repository (see `Site`), to the notebook. The
script `shell.js` adds one switch for all code of a page. A widget that shows what a figure shows moves into it: the
picture is for print and for readers without JavaScript.
"""

import html
from pathlib import Path

from docutils import nodes
from executed_copy import BESIDE

from camgan_lib.base.settings import Site

MADE = "provenance"
"""The anchor of the networks and the provenance at a chapter's foot (see `camgan_lib/book/page.py`)."""


class folded(nodes.General, nodes.Element):
    """The code of a cell, folded. `about` says of what."""


def setup(app):
    app.add_node(folded, html=(open_folded, close_folded))
    app.connect("doctree-read", fold_code)
    app.connect("doctree-read", let_figures_stand_once)
    app.add_js_file("shell.js", loading_method="defer")
    return {"version": "1", "parallel_read_safe": True}


def open_folded(writer, node):
    label = html.escape(f"code: {node['about']}" if node["about"] else "code", quote=True)
    mark = '<span aria-hidden="true">‹›</span> code'
    writer.body.append(
        f'<details class="camgan-source"><summary aria-label="{label}" title="{label}">{mark}</summary><div>\n'
    )


def close_folded(writer, node):
    writer.body.append("</div></details>\n")


def is_container(node, name):
    return isinstance(node, nodes.container) and name in node["classes"]


def within(node, name):
    return list(node.findall(lambda each: is_container(each, name)))


def fold_code(app, doctree):
    """Folds the code of every cell that hides it, and gives it an anchor after the cell's figure."""
    made = any(f'id="{MADE}"' in raw.astext() for raw in doctree.findall(nodes.raw))
    for cell in within(doctree, "cell"):
        if cell.get("hide_mode") != "input" or cell.children[0].get("nb_element") != "cell_code_source":
            continue
        del cell["hide_mode"]
        code, figure = cell.children[0], next((each for each in cell.findall(nodes.figure) if each["names"]), None)
        if figure is not None:
            code["ids"].append(f"code-{figure['names'][0]}")
        mark = folded(about=caption_of(figure) if figure is not None else "")
        cell.replace(code, mark)
        mark += [code, *links(app, recipes=made)]


def caption_of(figure):
    return " ".join(caption.astext() for caption in figure.findall(nodes.caption)).split(".")[0]


def links(app, *, recipes):
    """A line under the code that leads to the recipes behind it and to the notebook, as far as there are any."""
    site, places = Site.from_environment(), {"recipes of networks": f"#{MADE}"} if recipes else {}
    if site.repository:
        notebook = Path(app.env.doc2path(app.env.docname)).name
        places["notebook"] = f"{site.repository}/blob/{site.branch}/book/{notebook}"
    line = nodes.paragraph(classes=["camgan-behind"])
    for name, address in places.items():
        line += [nodes.Text(" · ")] if line.children else []
        line += nodes.reference("", name, refuri=address, internal=address.startswith("#"))
    return [line] if line.children else []


def let_figures_stand_once(app, doctree):
    """Moves each widget that has a figure's cell before it into that figure, above the picture."""
    for beside in within(doctree, f"tag_{BESIDE}"):
        cell = beside.parent.children[beside.parent.index(beside) - 1]
        figure = next(iter(cell.findall(nodes.figure)))
        live = nodes.container("", *(raw.deepcopy() for raw in beside.findall(nodes.raw)), classes=["camgan-moves"])
        picture = [each for each in figure.children if not isinstance(each, (nodes.caption, nodes.legend))]
        static = nodes.container("", *picture, classes=["camgan-stands"])
        rest = [each for each in figure.children if each not in picture]
        figure.children = []
        figure += [live, static, *rest]
        beside.parent.remove(beside)
