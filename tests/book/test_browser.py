"""The built book in a real browser, from disk, with the network closed."""

import json

import pytest

from camgan_lib.book import chapters

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]
PAGES = ["intro", *(path.stem for path in chapters.sources().values()), "rerun", "compare", "glossary", "references"]
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


class Visit:
    """A page opened from disk, with what it asked for and complained about."""

    def __init__(self, browser, book, name, width=1280, **options):
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.page = self.context.new_page()
        self.asked, self.failed, self.said = [], [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text) if message.type != "log" else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto((book / "html" / f"{name}.html").as_uri())
        self.page.wait_for_load_state("networkidle")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_the_network_for_nothing_and_fits(browser, smoke_book, name, width):
    with Visit(browser, smoke_book, name, width) as visit:
        assert [url for url in visit.asked if not url.startswith(("file:", "data:", "blob:"))] == []
        assert (visit.failed, visit.said) == ([], [])
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        broken = "[...document.images].filter(i => i.loading !== 'lazy' && !i.naturalWidth).map(i => i.src)"
        assert visit.page.evaluate(broken) == []


@pytest.mark.parametrize("number", FIGURES)
def test_every_figure_of_the_paper_is_there_with_number_and_caption(browser, smoke_book, number):
    page, name = FIGURES[number]
    with Visit(browser, smoke_book, page) as visit:
        figure = visit.page.locator(f"figure#{name}")
        figure.locator("img").first.scroll_into_view_if_needed()
        assert figure.locator("img").first.evaluate("i => i.decode().then(() => i.naturalWidth)") > 300
        assert figure.locator("img").first.get_attribute("alt")
        caption = figure.locator("figcaption").inner_text()
        assert caption.startswith("Figure ")
        assert f"paper’s Figure {number}" in caption.replace("'", "’")


def test_table_1_shows_what_results_json_holds(browser, smoke_book):
    rows = json.loads((smoke_book / "results.json").read_text())["style_gan"]["table1"]
    with Visit(browser, smoke_book, "04_style_gan") as visit:
        table = visit.page.locator(".camgan-table", has_text="no style").last
        for row in rows:
            shown = table.locator("tr", has_text=row["camera"]).inner_text()
            assert f"{row['test']:.1%}" in shown
            assert f"{row['transfer']:.1%}" in shown


def test_numbers_and_maths_are_rendered(browser, smoke_book):
    accuracy = json.loads((smoke_book / "results.json").read_text())["classifier"]["auxiliary_accuracy"]
    with Visit(browser, smoke_book, "02_classifier") as visit:
        assert f"{accuracy:.1%}" in visit.page.locator("article").inner_text()
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
    with Visit(browser, smoke_book, "intro", color_scheme="dark") as visit:
        background = "getComputedStyle(document.body).backgroundColor"
        red = visit.page.evaluate(background).removeprefix("rgb(").split(",")[0]
        assert int(red) < 60
