"""Sphinx extension: every number in the text says where it comes from.

A glued number shows on hover its key, the records and networks behind it, the commit and the data; a folded list at
the foot of the page says the same without a pointer. Three roles mark other numbers in the sources: {paper} is stated
by the paper (or another one) and listed in `verdicts/paper.py`, {definition} is set by this book (a size, a level, a
count), and {result} (`94.3 % <style_gan.mean_test>`) is put in from the build's results.json.
"""

import html
import re

from docutils import nodes
from myst_nb.ext.glue.roles import PasteTextRole
from sphinx.util.docutils import SphinxRole

from camgan_lib.base.settings import Settings
from camgan_lib.book import number_notes
from camgan_lib.show.figures.cells import typeset
from camgan_lib.verdicts import paper

CHAPTER = re.compile(r"^\d\d_(\w+)$")
RESULT = re.compile(r"^(.*) <([\w.-]+)>$", re.S)


LONGEST = 90
"""Characters of a glued sentence that the list of a page's numbers shows."""


class traced(nodes.inline):
    """A number in the text; `note` says where it comes from. A glued one has the parts of its `about` (see `Note`)."""


def setup(app):
    app.setup_extension("myst_nb")
    app.add_node(traced, html=(open_number, close_number))
    app.add_role_to_domain("glue", "text", GluedNumber(), override=True)
    app.add_role("paper", PaperNumber())
    app.add_role("definition", Definition())
    app.add_role("result", ResultNumber())
    app.connect("doctree-read", list_numbers)
    return {"version": "1", "parallel_read_safe": True}


def open_number(writer, node):
    writer.body.append(writer.starttag(node, "span", "", title=node["note"]))


def close_number(writer, node):
    writer.body.append("</span>")


class GluedNumber(PasteTextRole):
    """{glue:text}, with a note on where the number comes from."""

    def run(self):
        found, messages = super().run()
        about = notes_on(self.document.settings.env.docname).get(self.text.split(":")[0])
        return [number(node.astext(), about) if isinstance(node, nodes.inline) else node for node in found], messages


class PaperNumber(SphinxRole):
    """{paper}: a number that the paper states, with a note on what it is there."""

    def run(self):
        return [traced(self.text, self.text, note=paper.STATED.get(self.text, "a paper"), classes=["paper-number"])], []


class Definition(SphinxRole):
    """{definition}: a number that this book sets. It is shown as text."""

    def run(self):
        return [nodes.Text(self.text)], []


class ResultNumber(SphinxRole):
    """{result}: a number that was put in from the build's results.json, with its place there."""

    def run(self):
        text, key = RESULT.match(self.text).groups()
        return [number(text, number_notes.of_result(key, Settings.from_environment().build))], []


def number(text, about):
    """A number as text, with the note `about` it if there is one."""
    if about is None:
        return nodes.inline(text, text, classes=["pasted-text"])
    return traced(text, text, note=str(about), about=about, classes=["pasted-text"])


def notes_on(docname):
    """The notes on a page's glued numbers by key; {} for a page that is no chapter, or has not been executed."""
    chapter = CHAPTER.match(docname)
    return number_notes.of_chapter(chapter[1], Settings.from_environment().build) if chapter else {}


def list_numbers(app, doctree):
    """Ends the foot of a chapter (see `page.foot`) with a folded list of its glued numbers, each once, in order."""
    foot = next((raw for raw in doctree.findall(nodes.raw) if 'class="camgan-how"' in raw.astext()), None)
    found = {node["about"].key: node for node in doctree.findall(traced) if "about" in node}
    if foot is None or not found:
        return
    made = " · ".join(next(iter(found.values()))["about"].made)
    rows = "".join(row(node.astext(), node["about"]) for node in found.values())
    summary = f"Where the {len(found)} computed numbers and sentences in the text come from"
    head = f"All are of {html.escape(made)}. With each stand its key and what it was made from."
    listed = f'<details class="camgan-sources"><summary>{summary}</summary><p>{head}</p><dl>{rows}</dl></details>'
    before, end, after = foot.astext().rpartition("</details>")
    foot.parent.replace(foot, nodes.raw("", before + listed + end + after, format="html"))


def row(text, about):
    shown = typeset(text if len(text) <= LONGEST else f"{text[:LONGEST].rpartition(' ')[0]} …")
    behind = html.escape(" · ".join(about.behind) or "computed from this chapter's data and parameters")
    return f"<dt>{html.escape(shown)}</dt><dd><code>{html.escape(about.key)}</code> {behind}</dd>"
