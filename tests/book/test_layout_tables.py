"""Tables of the built book in a browser: none leaves its box at any width, and no interval breaks over lines."""

import pytest
from visits import PAGES, Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]
WIDTHS = (360, 400, 768, 1280, 1920)

OPEN = "for (const each of document.querySelectorAll('details:has(.camgan-table)')) each.open = true;"
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


@pytest.fixture(scope="module", params=PAGES)
def page(request, browser, smoke_book):
    """Each page of the book with all its tables open."""
    with Visit(browser, smoke_book, request.param) as visit:
        visit.page.evaluate(OPEN)
        yield visit.page


@pytest.mark.parametrize("width", WIDTHS)
def test_tables_keep_to_their_boxes_and_intervals_to_their_lines(page, width):
    page.set_viewport_size({"width": width, "height": 900})
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
