"""Each chapter's question, its reading time, and where they are shown."""

import importlib.util
import re

import pytest
from docutils import nodes

from camgan_lib.base import paths
from camgan_lib.book import chapters

spec = importlib.util.spec_from_file_location("wayfinding", paths.ROOT / "book" / "_ext" / "wayfinding.py")
wayfinding = importlib.util.module_from_spec(spec)
spec.loader.exec_module(wayfinding)


def test_every_chapter_answers_a_question_of_its_own():
    asked = {name: wayfinding.question(path) for name, path in chapters.sources().items()}
    assert [name for name, text in asked.items() if not text.endswith("?") or len(text) > 90] == []
    assert len(set(asked.values())) == len(asked)


def test_reading_time_counts_words_and_figures_but_no_code():
    text = nodes.paragraph("", "word " * 2 * wayfinding.WORDS_A_MINUTE)
    cell = nodes.container("", nodes.paragraph("", "said " * 1000), classes=["cell"])
    figures = [nodes.figure("", nodes.caption("", "a caption")) for _ in range(18)]
    table = nodes.raw("", "<table></table>" * 6, format="html")
    section = nodes.section("", text)
    assert wayfinding.minutes(nodes.Element("", section)) == 2
    section += cell
    assert wayfinding.minutes(nodes.Element("", section)) == 2
    section += [*figures, table]
    assert wayfinding.minutes(nodes.Element("", section)) == 2 + 4
    assert wayfinding.minutes(nodes.Element("")) == 1


@pytest.mark.browser
@pytest.mark.timeout(1500)
def test_questions_stand_in_the_contents_under_the_title_and_in_the_links_to_a_chapter(smoke_book):
    pages = {path.stem: (smoke_book / "html" / f"{path.stem}.html") for path in chapters.sources().values()}
    contents = (smoke_book / "html" / "intro.html").read_text("utf-8")
    assert "CONTENTS" not in contents
    for name, path in chapters.sources().items():
        question, page = wayfinding.question(path), pages[path.stem].read_text("utf-8")
        assert question in contents
        assert re.search(rf"About \d+ minutes? · answers: <em>{re.escape(question)}</em>", page), name
    second, third = (pages[name].read_text("utf-8") for name in ("02_classifier", "03_explanations"))
    asks = '<span class="camgan-asks">{}</span>'
    assert asks.format(wayfinding.question(chapters.source("explanations"))) in second
    assert asks.format(wayfinding.question(chapters.source("classifier"))) in third
