"""The page around the text: code one tap away, the foot that says how a page was made, figures that stand once."""

import json
from pathlib import Path

import pytest
from visits import Visit

from camgan_lib.book import chapters
from camgan_lib.show.figures import provenance

PUBLISHED = {"name": "auxiliary", "published": True, "same_data": False}


def test_one_sentence_says_that_published_weights_saw_other_photos():
    same = PUBLISHED | {"name": "quantized", "same_data": True}
    assert provenance.note([same]) == provenance.note([]) == ""
    assert provenance.note([PUBLISHED]).startswith("Published weights. Their training photos differ slightly")
    assert provenance.note([PUBLISHED, same]).startswith("The training photos of auxiliary differ slightly")
    assert "8-bit" in provenance.note([same | {"same_data": False}, same | {"name": "other"}])


def test_chapters_end_with_their_foot_and_begin_without_tables():
    for path in chapters.sources().values():
        code = ["".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
        assert code[-1].startswith("run.finish("), path.name
        assert not any("provenance." in each for each in code), path.name


@pytest.fixture(scope="module")
def page(browser, smoke_book):
    """Chapter 2 of the smoke book, opened once."""
    with Visit(browser, smoke_book, "02_classifier") as visit:
        yield visit.page


browser_test = [pytest.mark.browser, pytest.mark.timeout(1500)]


class TestCode:
    pytestmark = browser_test

    def test_each_cell_has_one_mark_that_opens_its_code(self, page):
        assert "Show code cell source" not in page.content()
        marks, code = page.locator("details.camgan-source > summary"), page.locator("#code-fig-confusion")
        assert marks.count() == page.locator("div.cell:has(.cell_input)").count()
        assert not code.is_visible()
        mark = page.locator("div.cell:has(#fig-confusion) summary").first
        assert mark.get_attribute("aria-label").startswith("code: Confusion on test crops")
        mark.focus()
        page.keyboard.press("Enter")
        code.wait_for(state="visible")
        assert "ConfusionExplorer" in code.inner_text()
        page.keyboard.press("Enter")
        code.wait_for(state="hidden")

    def test_the_mark_stands_in_the_margin_and_on_a_phone_in_a_line_above(self, page):
        cell = page.locator("div.cell:has(#fig-classifier-curves)").first
        mark = cell.locator("summary").first
        beside, text = mark.bounding_box(), cell.bounding_box()
        assert beside["x"] >= text["x"] + text["width"] - 1
        page.set_viewport_size({"width": 400, "height": 900})
        above, figure = mark.bounding_box(), cell.locator("figure").bounding_box()
        page.set_viewport_size({"width": 1280, "height": 900})
        assert above["y"] + above["height"] <= figure["y"] + 1
        assert above["height"] < 32

    def test_one_switch_opens_all_code_and_is_remembered(self, page):
        opened, switch = page.locator("details.camgan-source[open]"), page.locator("button.camgan-all-code")
        switch.click()
        assert switch.inner_text() == "Hide all code"
        assert opened.count() == page.locator("details.camgan-source").count() > 5
        page.reload()
        assert (switch.inner_text(), opened.count() > 5) == ("Hide all code", True)
        switch.click()
        assert (switch.inner_text(), opened.count()) == ("Show all code", 0)

    def test_an_address_opens_the_code_that_it_names(self, page):
        page.evaluate("location.hash = 'code-fig-reliability'")
        page.locator("#code-fig-reliability").wait_for(state="visible")
        page.locator("div.cell:has(#fig-reliability) summary").first.click()


class TestFoot:
    pytestmark = browser_test

    def test_the_mark_under_the_title_opens_the_foot(self, page, smoke_book):
        foot, link = page.locator("#how"), page.locator(".camgan-tools a")
        assert not page.locator("#provenance").is_visible()
        assert "profile smoke" in link.inner_text()
        link.click()
        page.locator("#provenance").wait_for(state="visible")
        record = json.loads((smoke_book / "records" / "classifier.json").read_text("utf-8"))
        said = page.locator("#provenance").inner_text()
        assert all(each["id"] in said for each in record["networks"])
        assert foot.locator(".camgan-field").count() == len(record["parameters"]) - 1
        page.locator("#how > summary").click()


class TestFigures:
    pytestmark = browser_test

    @pytest.mark.parametrize(
        ("chapter", "name"),
        [
            ("02_classifier", "fig-classifier-curves"),
            ("02_classifier", "fig-confusion"),
            ("04_style_gan", "fig-gan-curves"),
        ],
    )
    def test_a_figure_is_the_widget_on_the_screen_and_its_picture_in_print(self, browser, smoke_book, chapter, name):
        with Visit(browser, smoke_book, chapter) as visit:
            widget, picture = (visit.page.locator(f"#{name} .camgan-{kind}") for kind in ("widget", "stands"))
            visit.page.locator(f"#{name} .camgan-widget[data-ready]").wait_for()
            assert (widget.is_visible(), picture.is_visible()) == (True, False)
            assert visit.page.locator(f"#{name} figcaption").count() == 1
            visit.page.emulate_media(media="print")
            assert (widget.is_visible(), picture.is_visible()) == (False, True)

    def test_without_javascript_the_picture_stands_and_code_opens(self, browser, smoke_book):
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto((Path(smoke_book) / "html" / "02_classifier.html").as_uri())
        assert page.locator("#fig-confusion .camgan-stands").is_visible()
        assert "needs JavaScript" not in page.locator("#fig-confusion").inner_text()
        page.locator("div.cell:has(#fig-confusion) summary").first.click()
        assert page.locator("#code-fig-confusion").is_visible()
        context.close()
