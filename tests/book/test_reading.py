"""What pages say about themselves in the built book, and the links that configuration makes."""

import importlib.util
import re
from types import SimpleNamespace

import pytest
import yaml
from docutils import nodes
from PIL import Image
from visits import PAGES

from camgan_lib.base import paths
from camgan_lib.book import chapters

spec = importlib.util.spec_from_file_location("reading", paths.ROOT / "book" / "_ext" / "reading.py")
reading = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reading)


def config():
    return SimpleNamespace(html_theme_options={}, html_baseurl="")


def test_without_a_repository_nothing_links_to_one(monkeypatch):
    monkeypatch.delenv("CAMGAN_REPOSITORY", raising=False)
    made = config()
    reading.link_repository(None, made)
    assert made.html_theme_options == {}


@pytest.mark.parametrize(
    ("address", "colab"), [("https://github.com/someone/camgan/", True), ("https://git.example.org/x/camgan", False)]
)
def test_a_repository_makes_launch_links(monkeypatch, address, colab):
    monkeypatch.setenv("CAMGAN_REPOSITORY", address)
    monkeypatch.setenv("CAMGAN_SITE", "https://example.org/book")
    made = config()
    reading.link_repository(None, made)
    options = made.html_theme_options
    assert options["repository_url"] == address.rstrip("/")
    assert ("colab_url" in options["launch_buttons"]) == colab
    assert options["launch_buttons"]["binderhub_url"].startswith("https://")
    assert made.html_baseurl == "https://example.org/book/"
    page = ["LAUNCHING"]
    reading.tell_of_launching(None, "rerun", page)
    assert f"git clone --depth 1 {address.rstrip('/')} " in page[0]


def test_a_description_is_made_of_whole_sentences():
    long = "One sentence that says something [Li, 2020]. " + "Another that is too long to be kept. " * 8
    section = nodes.section("", nodes.title("", "T"), nodes.paragraph("", long))
    document = nodes.Element("", section)
    text = reading.first_sentences(document, "T")
    assert text.startswith("One sentence that says something. Another")
    assert text.endswith(".")
    assert len(text) <= reading.LONGEST


def test_the_publishing_workflow_builds_what_it_publishes():
    workflow = yaml.safe_load((paths.ROOT / ".github" / "workflows" / "pages.yml").read_text("utf-8"))
    steps = workflow["jobs"]["publish"]["steps"]
    (built,) = (step for step in steps if step.get("run") == "make book")
    assert {"CAMGAN_REPOSITORY", "CAMGAN_BRANCH", "CAMGAN_SITE"} <= set(built["env"])
    assert next(s for s in steps if "upload" in s.get("uses", ""))["with"]["path"] == "_build/html"


@pytest.mark.browser
@pytest.mark.timeout(1500)
def test_every_page_has_a_title_a_description_and_a_picture_of_its_own(browser, smoke_book):
    heads = [(smoke_book / "html" / f"{name}.html").read_text("utf-8").partition("</head>")[0] for name in PAGES]
    descriptions = [re.search(r'<meta name="description" content="([^"]+)"', head)[1] for head in heads]
    assert len(set(descriptions)) == len({re.search("<title>(.+?)</title>", head)[1] for head in heads}) == len(PAGES)
    assert all(30 < len(text) <= 1.5 * reading.LONGEST for text in descriptions), descriptions
    assert all("_static/social.png" in head for head in heads)
    assert Image.open(smoke_book / "html" / "_static" / "social.png").size == reading.SOCIAL


@pytest.mark.browser
@pytest.mark.timeout(1500)
def test_terms_lead_to_the_glossary(browser, smoke_book):
    glossary = (smoke_book / "html" / "glossary.html").read_text("utf-8")
    found = set()
    for path in chapters.sources().values():
        text = (smoke_book / "html" / f"{path.stem}.html").read_text("utf-8")
        found |= set(re.findall(r'href="glossary\.html#([^"]+)"', text))
    assert len(found) >= 15
    assert all(f'id="{term}"' in glossary for term in found)
