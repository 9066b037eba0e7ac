"""Rules of layout that hold on every page of the built book, at every width.

Nothing is wider than its page, no text smaller than LEAST, no interval broken, no third of a window blank, no equation
cut, no table out of its box.
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

MEASURE = """() => [...document.querySelectorAll('.camgan-table')].filter(box => box.offsetWidth).map(box => {
  const table = box.querySelector('table');
  const [outer, inner] = [box.getBoundingClientRect(), table.getBoundingClientRect()];
  return {
    caption: table.caption?.textContent ?? '',
    right: outer.right,
    sideways: inner.width > box.clientWidth + 1,
    scrolls: getComputedStyle(box).overflowX === 'auto',
    columns: table.rows[0].cells.length,
    wide: box.matches('.camgan-wide'),
    folded: box.closest('details') !== null,
    cards: box.matches('.camgan-as-cards'),
    first: getComputedStyle(table.tBodies[0].rows[0].cells[0]).position,
    broken: [...box.querySelectorAll('.camgan-interval')].filter(i => i.getClientRects().length > 1).length,
    small: Math.min(...[...box.querySelectorAll('th, td, small')].map(e => parseFloat(getComputedStyle(e).fontSize))),
    points: [...points(table)].filter(places => Math.max(...places) - Math.min(...places) > 1).length,
  };
  function* points(table) {  // for each column of numbers, where the places of their points are
    for (let at = 1; at < table.rows[0].cells.length; at++) {
      const places = [];
      for (const row of table.tBodies[0].rows) {
        const text = row.cells[at].querySelector('.camgan-number')?.firstChild;
        if (!text) continue;
        const range = document.createRange(), whole = text.data.match(/^[^\\d]*[\\d,]+/)[0].length;
        range.setStart(text, 0);
        range.setEnd(text, whole);
        places.push(range.getBoundingClientRect().right);
      }
      if (places.length && !table.closest('.camgan-as-cards')) yield places;
    }
  }
})"""
"""What there is to know of each table of a page."""


@pytest.fixture(scope="module", params=PAGES)
def page(request, browser, smoke_book):
    """Each page of the book, opened once, with all that is folded open."""
    with Visit(browser, smoke_book, request.param) as visit:
        visit.page.add_style_tag(content=STILL)
        visit.page.evaluate(OPEN)
        visit.page.evaluate("globalThis.MathJax?.startup?.promise?.then(() => null)")
        yield visit.page


def resize(page, width):
    """Resizes the window, and waits until widgets have drawn themselves anew for it."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_keeps_the_rules_of_layout(page, width):
    resize(page, width)
    assert page.evaluate(RULES, LEAST) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_keep_to_their_boxes_and_intervals_to_their_lines(page, width):
    resize(page, width)
    for table in page.evaluate(MEASURE):
        assert table["right"] <= width, table
        assert table["scrolls"] or not table["sideways"], table
        assert table["broken"] == 0, table
        assert table["small"] >= 11, table
        assert table["points"] == 0, table
        if width >= 1200:
            assert not table["sideways"], table
            assert table["columns"] <= 6 or table["wide"], table
        elif table["sideways"]:
            assert not table["cards"] or width > 640, table
            assert table["cards"] or table["first"] == "sticky", table


@pytest.mark.parametrize(
    ("width", "body", "words"),
    [
        (400, "<p style='width: 500px'>too wide</p>", "reaches"),
        (400, "<p style='font-size: 10px'>small print</p>", "10.0 px high"),
        (400, "<svg data-type='12' viewBox='0 0 75 10' width='50'></svg>", "lettering of 6.0 px"),
        (400, "<p>above</p><div style='height: 400px'></div><p>below</p>", "nothing stands between"),
        (
            400,
            "<p style='width: 5em'>97 <small class='camgan-interval' style='font-size: 1em'>(96.0 to 98.6)</small></p>",
            "breaks over lines",
        ),
        (
            768,
            "<mjx-container display='true' style='display: block; overflow-x: auto; width: 9em'>"
            "<div style='width: 20em'>E = …</div></mjx-container>",
            "an equation of 320 px has 144",
        ),
        (400, "<p>whole</p><div style='overflow-x: auto'><p style='width: 900px'>wide, but it scrolls</p></div>", ""),
    ],
)
def test_the_rules_find_what_they_forbid(browser, width, body, words):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_content(f"<!doctype html><body style='font: 16px sans-serif'>{body}")
    found = page.evaluate(RULES, LEAST)
    page.close()
    assert any(words in each for each in found) if words else found == []
