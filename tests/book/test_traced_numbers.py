"""Marked and glued numbers on a page: what they show, and the list at its foot."""

import importlib.util
import re
import sys

import pytest
from docutils import nodes
from docutils.utils import new_document

from camgan_lib.base import paths
from camgan_lib.book.number_notes import Note

spec = importlib.util.spec_from_file_location("traced_numbers", paths.ROOT / "book" / "_ext" / "traced_numbers.py")
traced_numbers = importlib.util.module_from_spec(spec)
sys.modules["traced_numbers"] = traced_numbers
spec.loader.exec_module(traced_numbers)

MADE = ("chapter classifier, profile smoke", "commit c0ffee")
FOOT = '<details class="camgan-how" id="how"><details>a</details>b</details>'


def page(*numbers):
    doctree = new_document("page")
    foot = nodes.raw("", FOOT, format="html")
    doctree += [nodes.section("", nodes.paragraph("", "", *numbers), nodes.container("", foot))]
    traced_numbers.list_numbers(None, doctree)
    return next(doctree.findall(nodes.raw)).astext()


def glued(text, key, *behind):
    return traced_numbers.number(text, Note(key, behind, MADE))


def test_a_glued_number_keeps_its_class_and_says_where_it_comes_from():
    node = glued("18.8%", "right", "networks: a")
    assert (node.astext(), node["classes"]) == ("18.8%", ["pasted-text"])
    assert node["note"] == "right · chapter classifier, profile smoke · networks: a · commit c0ffee"


def test_a_number_without_a_note_is_plain():
    node = traced_numbers.number("18.8%", None)
    assert (type(node), node["classes"]) == (nodes.inline, ["pasted-text"])


def test_the_foot_lists_each_number_once_at_its_end():
    right = ("18.8%", "right", "networks: a <b>")
    written = page(glued(*right), glued("word " * 40, "words"), glued(*right))
    assert written.startswith(
        '<details class="camgan-how" id="how"><details>a</details>b<details class="camgan-sources">'
    )
    assert written.endswith("</dl></details></details>")
    assert "Where the 2 computed numbers" in written
    assert "chapter classifier, profile smoke · commit c0ffee" in written
    assert re.findall(r"<dt>(.*?)</dt>", written)[0] == "18.8\u00a0%"
    assert "networks: a &lt;b&gt;" in written
    assert f"{('word ' * 40)[:89]} …" in written


def test_a_page_without_numbers_or_without_a_foot_is_left_alone():
    assert page(traced_numbers.number("1", None)) == FOOT
    doctree = new_document("page")
    doctree += nodes.paragraph("", "", glued("1", "a"))
    traced_numbers.list_numbers(None, doctree)
    assert list(doctree.findall(nodes.raw)) == []


@pytest.mark.end_to_end
@pytest.mark.timeout(1500)
def test_every_glued_number_of_the_built_book_says_where_it_comes_from(smoke_book):
    pages = sorted((smoke_book / "html").glob("[01]*.html"))
    for path in pages:
        spans = re.findall(r'<span class="pasted-text"([^>]*)>', path.read_text("utf-8"))
        assert spans, path.name
        said = [re.search(r'title="[\w.-]+ · chapter \w+, profile smoke.* · commit \S+"', span) for span in spans]
        assert all(said), path.name
    assert 'class="paper-number" title="the paper, classifier' in pages[1].read_text("utf-8")
