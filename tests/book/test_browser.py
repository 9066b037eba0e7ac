"""The built book in a real browser, from disk, with the network closed: what pages show, ask for and violate.

axe-core judges every page in light and in dark, on a desk and on a phone.
"""

import json

import pytest
from axe_core_python.sync_playwright import Axe
from visits import PAGES, Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]
WIDTHS = (1280, 400)
COLOUR_RULES = ["color-contrast", "link-in-text-block"]
THIN = """
for (const drawing of document.querySelectorAll('.camgan-figure > svg[role=img]')) drawing.replaceChildren();
for (const hidden of document.querySelectorAll('details:not([open]) > :not(summary)')) hidden.replaceChildren();
const look = (node) => [...node.querySelectorAll(':not(wbr)')].map(
  (each) => `${each.localName} ${each.className} ${each.style.cssText}`).join();
for (const body of document.querySelectorAll('.camgan-table tbody')) {
  const seen = new Map();
  for (const row of [...body.rows]) {
    const alike = seen.get(look(row)) ?? 0;
    seen.set(look(row), alike + 1);
    if (alike > 1 && !row.querySelector('[id]')) row.remove();
  }
}
"""
"""Leaves axe what it can judge in its time. Of a figure the frame: a screen reader sees one image with a label. Of what
is folded nothing: it is not shown. Of a table's rows two of each look: the same elements, classes and styles."""

FIGURES = {
    1: ("01_dataset", "fig-samples"),
    2: ("05_frequency", "fig-fft"),
    3: ("03_explanations", "fig-saliency"),
    4: ("03_explanations", "fig-filters"),
    5: ("03_explanations", "fig-lime"),
    6: ("04_style_gan", "fig-stylised"),
    7: ("05_frequency", "fig-colours"),
    8: ("05_frequency", "fig-high-pass"),
}


@pytest.fixture(scope="module", params=PAGES)
def visit(request, browser, smoke_book):
    """Each page of the book, opened once for all the tests that only look at it."""
    with Visit(browser, smoke_book, request.param) as opened:
        yield opened


def test_a_page_asks_the_network_for_nothing_and_fits(visit):
    broken = "[...document.images].filter(i => i.loading !== 'lazy' && !i.naturalWidth).map(i => i.src)"
    for width in WIDTHS:
        visit.resize(width)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        assert visit.page.evaluate(broken) == []
    assert [url for url in visit.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert (visit.failed, visit.said) == ([], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_violation(visit, scheme):
    """By axe-core, on a desk and on a phone. Dark mode changes colours alone: rules about colours suffice."""
    visit.scheme(scheme)
    visit.page.evaluate(THIN)
    for width in WIDTHS if scheme == "light" else WIDTHS[1:]:
        visit.resize(width)
        assert serious(visit.page, COLOUR_RULES if scheme == "dark" else None) == [], width


def serious(page, rules=None) -> list[str]:
    """What axe finds that is serious: rule and first places."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    return [
        f"{each['id']} ({len(each['nodes'])}): " + "; ".join(node["html"][:160] for node in each["nodes"][:3])
        for each in Axe().run(page, options=options)["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("number", FIGURES)
def test_every_figure_of_the_paper_is_there_with_number_and_caption(browser, smoke_book, number):
    page, name = FIGURES[number]
    with Visit(browser, smoke_book, page) as visit:
        figure = visit.page.locator(f"figure#{name}")
        drawing = figure.locator(".camgan-figure > svg").first
        drawing.scroll_into_view_if_needed()
        assert drawing.evaluate("svg => svg.getBoundingClientRect().width") > 300
        assert drawing.get_attribute("aria-label")
        caption = figure.locator("figcaption").inner_text()
        assert caption.startswith("Figure ")
        assert f"paper’s Figure {number}" in caption.replace("'", "’")


def test_table_1_shows_what_results_json_holds(browser, smoke_book):
    rows = json.loads((smoke_book / "results.json").read_text())["style_gan"]["table1"]
    with Visit(browser, smoke_book, "04_style_gan") as visit:
        table = visit.page.locator(".camgan-table", has_text="no style").last
        for row in rows:
            shown = table.locator("tr", has_text=row["camera"]).inner_text()
            assert f"{100 * row['test']['value']:.1f}" in shown
            assert f"{100 * row['transfer']['value']:.1f}" in shown


def test_numbers_and_maths_are_rendered(browser, smoke_book):
    accuracy = json.loads((smoke_book / "results.json").read_text())["classifier"]["auxiliary_accuracy"]["value"]
    with Visit(browser, smoke_book, "02_classifier") as visit:
        assert f"{100 * accuracy:.1f}\u00a0%" in visit.page.locator("article").inner_text()
        visit.page.wait_for_selector("mjx-container")
        assert "\\mathcal" not in visit.page.locator("article").inner_text()


def test_no_page_shows_a_raw_role_a_warning_or_a_missing_number(browser, smoke_book):
    for name in PAGES:
        text = (smoke_book / "html" / f"{name}.html").read_text("utf-8")
        for sign in (
            "glue:text",
            "{numref}",
            "{cite}",
            "system-message",
            "has not been executed",
            "Traceback",
            "UserWarning",
        ):
            assert sign not in text, (name, sign)


def test_search_finds_a_word(browser, smoke_book):
    with Visit(browser, smoke_book, "search") as visit:
        visit.page.goto((smoke_book / "html" / "search.html").as_uri() + "?q=demosaicing")
        visit.page.wait_for_selector("#search-results li")
        assert visit.page.locator("#search-results").inner_text().count("\n") > 1
        assert visit.failed == []


def test_dark_mode_can_be_chosen(browser, smoke_book):
    with Visit(browser, smoke_book, "intro") as visit:
        visit.scheme("dark")
        background = "getComputedStyle(document.body).backgroundColor"
        red = visit.page.evaluate(background).removeprefix("rgb(").split(",")[0]
        assert int(red) < 60


@pytest.mark.parametrize("name", ["02_classifier", "05_frequency"])
def test_a_printed_page_shows_figures_and_no_controls(browser, smoke_book, name, tmp_path):
    with Visit(browser, smoke_book, name) as visit:
        visit.page.emulate_media(media="print")
        assert visit.page.locator("figure .camgan-figure > svg").first.is_visible()
        shown = visit.page.locator(".camgan-widget button, .camgan-widget input, .bd-sidebar-primary, .sidebar-toggle")
        assert not any(each.is_visible() for each in shown.all())
        visit.page.pdf(path=tmp_path / "page.pdf", format="A4")
        assert (tmp_path / "page.pdf").read_bytes()[:5] == b"%PDF-"
