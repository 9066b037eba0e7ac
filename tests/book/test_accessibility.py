"""axe-core on every page of the built book: light and dark, on a desk and on a phone; and what a printer gets."""

import pytest
from axe_core_python.sync_playwright import Axe
from test_browser import PAGES, Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]
SERIOUS = ("serious", "critical")
WIDTHS = (1280, 400)


def said(found) -> list[str]:
    """What axe found that is serious: rule and first places."""
    return [
        f"{each['id']} ({len(each['nodes'])}): " + "; ".join(node["html"][:160] for node in each["nodes"][:3])
        for each in found["violations"]
        if each["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_serious_violation(browser, smoke_book, name, scheme):
    with Visit(browser, smoke_book, name, color_scheme=scheme) as visit:
        for width in WIDTHS:
            visit.page.set_viewport_size({"width": width, "height": 900})
            assert said(Axe().run(visit.page)) == [], width


@pytest.mark.parametrize("name", ["02_classifier", "05_frequency"])
def test_a_printed_page_shows_figures_and_no_controls(browser, smoke_book, name, tmp_path):
    with Visit(browser, smoke_book, name) as visit:
        visit.page.emulate_media(media="print")
        assert visit.page.locator("figure img").first.is_visible()
        shown = visit.page.locator(".camgan-widget button, .camgan-widget input, .bd-sidebar-primary, .sidebar-toggle")
        assert not any(each.is_visible() for each in shown.all())
        visit.page.pdf(path=tmp_path / "page.pdf", format="A4")
        assert (tmp_path / "page.pdf").read_bytes()[:5] == b"%PDF-"
