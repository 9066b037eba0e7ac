"""Rules of layout that hold on every page of the built book, at every width.

Nothing is wider than its page, no text smaller than LEAST, no interval broken, no third of a window blank.
"""

from pathlib import Path

import pytest
from visits import PAGES, STILL, Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
RULES = (Path(__file__).parent / "layout_rules.js").read_text("utf-8")
WIDTHS = (360, 400, 768, 1280, 1920)
OPEN = "for (const each of document.querySelectorAll('details')) each.open = true;"
"""What is folded is opened, and keeps the rules as well."""

LEAST = 11
"""The least size of text on the screen, in pixels of CSS."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_the_rules_of_layout_at_every_width(browser, smoke_book, name):
    with Visit(browser, smoke_book, name) as visit:
        visit.page.add_style_tag(content=STILL)
        visit.page.evaluate(OPEN)
        broken = {}
        for width in WIDTHS:
            visit.resize(width)
            if found := visit.page.evaluate(RULES, LEAST):
                broken[width] = found
        assert broken == {}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<p style='width: 500px'>too wide</p>", "reaches"),
        ("<p style='font-size: 10px'>small print</p>", "10.0 px high"),
        ("<svg data-type='12' viewBox='0 0 75 10' width='50'></svg>", "lettering of 6.0 px"),
        ("<p>above</p><div style='height: 400px'></div><p>below</p>", "nothing stands between"),
        (
            "<p style='width: 5em'>97 <small class='camgan-interval' style='font-size: 1em'>(96.0 to 98.6)</small></p>",
            "breaks over lines",
        ),
        ("<p>whole</p><div style='overflow-x: auto'><p style='width: 900px'>wide, but it scrolls</p></div>", ""),
    ],
)
def test_the_rules_find_what_they_forbid(browser, body, words):
    page = browser.new_page(viewport={"width": 400, "height": 900})
    page.set_content(f"<!doctype html><body style='font: 16px sans-serif'>{body}")
    found = page.evaluate(RULES, LEAST)
    page.close()
    assert any(words in each for each in found) if words else found == []
