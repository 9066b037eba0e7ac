"""Sphinx extension: what each chapter answers, how long it takes to read, how it was made, and where to go next.

A chapter's question stands in its notebook's metadata, `{"camgan": {"question": "…"}}`. It is shown under the chapter's
title, in the contents on the first page (`CONTENTS` there), and in links to the chapter at the foot of other pages.
"""

import html
import json
import re
from functools import cache
from pathlib import Path

import yaml
from docutils import nodes
from docutils.parsers.rst import Directive

from camgan_lib.base.settings import Settings
from camgan_lib.book.records import read_record

CHAPTER = re.compile(r"^\d\d_\w+$")
WORDS_A_MINUTE = 220
SECONDS_A_FIGURE = 10
"""How long a reader looks at a figure or a table."""
LIST = "```{chapter-list}\n```"


class chapter_list(nodes.General, nodes.Element):
    """Stands for the list of chapters until all of them have been read."""


class ChapterList(Directive):
    def run(self):
        return [chapter_list()]


def setup(app):
    app.add_directive("chapter-list", ChapterList)
    app.connect("source-read", ask_for_list)
    app.connect("doctree-resolved", write_list)
    app.connect("doctree-resolved", write_lead)
    app.connect("html-page-context", ask_next_question)
    return {"version": "1", "parallel_read_safe": True}


def ask_for_list(app, docname, source):
    if docname == "intro":
        source[0] = source[0].replace("CONTENTS", LIST)


@cache
def question(path: Path) -> str:
    """What the chapter in this notebook answers; "" of a page that is no chapter."""
    if not path.is_file():
        return ""
    asked = json.loads(path.read_text("utf-8"))["metadata"].get("camgan", {}).get("question", "")
    return asked.replace("'", "’")


def question_of(app, docname) -> str:
    return question(Path(app.srcdir) / f"{docname}.ipynb")


def minutes(doctree) -> int:
    """Minutes that it takes to read a page: its words, without code and tables, and its figures and tables."""
    words = sum(len(node.astext().split()) for node in doctree.findall(is_prose))
    looked_at = len(list(doctree.findall(nodes.figure))) + sum(
        raw.astext().count("<table") for raw in doctree.findall(nodes.raw)
    )
    return max(1, round(words / WORDS_A_MINUTE + looked_at * SECONDS_A_FIGURE / 60))


def is_prose(node):
    """Whether a node is a paragraph or a caption of the text, and no output of a cell."""
    if not isinstance(node, (nodes.paragraph, nodes.caption)):
        return False
    while node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.figure):
            return True
        if "cell" in node.get("classes", ()):
            return False
    return True


def minutes_of(app, docname) -> str:
    count = minutes(app.env.get_doctree(docname))
    return f"{count} minute{'s' * (count > 1)}"


def write_list(app, doctree, docname):
    for place in list(doctree.findall(chapter_list)):
        parts = yaml.safe_load((Path(app.srcdir) / "_toc.yml").read_text("utf-8"))["parts"]
        place.replace_self([nodes.raw("", "".join(list_of_part(app, docname, part) for part in parts), format="html")])


def list_of_part(app, docname, part) -> str:
    """The chapters of a part as a list: title, question, time; "" if it has none."""
    names = [each["file"] for each in part["chapters"] if CHAPTER.match(each["file"])]
    items = "".join(
        f'<li><a href="{app.builder.get_relative_uri(docname, name)}">{html.escape(app.env.titles[name].astext())}</a>'
        f" <span>{minutes_of(app, name)}</span><p>{html.escape(question_of(app, name))}</p></li>"
        for name in names
    )
    return f'<h3 class="camgan-part">{part["caption"]}</h3><ol class="camgan-contents">{items}</ol>' if names else ""


def write_lead(app, doctree, docname):
    """Puts a quiet line under a chapter's title: how long it takes, what it answers, how it was made."""
    title = next(iter(doctree.findall(nodes.title)), None)
    if CHAPTER.match(docname) and title is not None:
        answers = html.escape(question_of(app, docname))
        lead = f"<p>About {minutes_of(app, docname)} · answers: <em>{answers}</em></p>"
        text = f'<div class="camgan-lead">{lead}<p class="camgan-tools">{made(docname[3:])}</p></div>'
        title.parent.insert(title.parent.index(title) + 1, nodes.raw("", text, format="html"))


def made(chapter: str) -> str:
    """A link to the foot of the page that says in short how it was made; "" if the chapter has not been executed."""
    record = read_record(Settings.from_environment().build / "records", chapter)
    if record is None:
        return ""
    facts = record["provenance"]
    commit = f", commit {facts['commit'][:7]}" if facts["commit"] else ""
    return f'<a href="#how">How this page was made: profile {html.escape(facts["profile"])}{commit}</a>'


def ask_next_question(app, pagename, templatename, context, doctree):
    """The links at the foot of a page say what the pages that they lead to answer."""
    relations = getattr(app.builder, "relations", {}).get(pagename) or (None, None, None)
    for name, docname in zip(("prev", "next"), relations[1:], strict=True):
        if docname and (asked := question_of(app, docname)) and context.get(name):
            title = context[name]["title"]
            context[f"{name}_title"] = f'{title}<span class="camgan-asks">{html.escape(asked)}</span>'
