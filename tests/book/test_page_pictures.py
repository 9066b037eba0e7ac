"""Pages as pictures, compared with stored ones: a page of text, and a table and a figure of fixed numbers.

Both are the same on every run of the book. Letters are drawn by the machine's fonts, so where these are others than
those of the stored pictures, the test is skipped. `CAMGAN_KEEP_PICTURES=1` stores what is seen.
"""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visits import STILL, Visit

from camgan_lib.show.figures import forest, inline, tables

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
STORED = Path(__file__).parent / "pictures"
SMALLER = 4
"""By how much stored pictures are smaller than the page, so that the edges of letters do not count."""

FONTS = """() => {
  const context = document.createElement("canvas").getContext("2d");
  context.font = getComputedStyle(document.querySelector("article")).font;
  return Math.round(context.measureText("The quick brown fox, 0123456789 %").width);
}"""


def specimen() -> str:
    """A table and a figure with its drawing for phones, of fixed numbers, as elements of a page."""
    rows = [{"camera": f"camera {k}", "right": k / 7, "line": 3.25 * k - 4} for k in range(5)]
    columns: tables.Columns = {
        "camera": ("Camera", "{}"),
        "right": ("Right", "{:.1%}"),
        "line": ("Line (dB)", "{:+.2f}"),
    }
    shares = {"right (%)": {"trained": [100 * row["right"] for row in rows], "untrained": [50.0] * 5}}
    figure = forest.forest([row["camera"] for row in rows], shares, at={"right (%)": 25.0})
    glyphs: dict = {}
    drawings = inline.inlined(figure._repr_svg_(), "specimen", lambda png: "", glyphs)
    shown = "".join(each.svg for each in drawings)
    table = tables.table(rows, columns, "Fixed numbers")._repr_html_()
    return f'{table}<figure><div class="camgan-figure">{shown}</div></figure>{inline.sprite(glyphs)}'


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("name", ["glossary", "specimen"])
def test_a_page_looks_as_it_did(browser, smoke_book, name, width, scheme):
    with Visit(browser, smoke_book, "glossary") as visit:
        visit.scheme(scheme)
        visit.page.add_style_tag(content=STILL)
        if name == "specimen":
            visit.page.evaluate("text => document.querySelector('article').innerHTML = text", specimen())
        visit.resize(width)
        fonts = visit.page.evaluate(FONTS)
        seen = small(visit.page.screenshot())
    path = STORED / f"{name}-{width}-{scheme}-{fonts}.png"
    if os.environ.get("CAMGAN_KEEP_PICTURES"):
        STORED.mkdir(exist_ok=True)
        seen.save(path, optimize=True)
    if not path.is_file():
        pytest.skip("this machine's fonts are others than those of the stored pictures")
    with Image.open(path) as stored:
        off = np.abs(np.asarray(stored.convert("RGB"), float) - np.asarray(seen, float)).max(2)
    assert off.mean() < 1.5, f"{path.name} differs by {off.mean():.1f} levels on average"
    assert (off > 40).mean() < 0.005, f"{(off > 40).mean():.1%} of {path.name} differ by more than 40 levels"


def small(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png)) as seen:
        return seen.convert("RGB").reduce(SMALLER)
