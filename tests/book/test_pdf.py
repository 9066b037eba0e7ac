"""The book as a PDF: articles joined for paper, links as notes, and the whole smoke book printed."""

import re
import shutil
import subprocess

import pytest
import yaml
from typer.testing import CliRunner

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.book import pdf, printable
from camgan_lib.book.cli import app


def article(body, name="one", pages=("one", "two")):
    return printable.Article(f"<html><nav>out</nav><article class='bd-article'>{body}</article>out</html>", name, pages)


def test_only_the_article_is_printed_as_it_is():
    body = '<h1>A &amp; b &#8212; c</h1><p class="x">1 &lt; 2<br/>\\(x_1 &lt; y\\)</p><img src="a.png">'
    made = article(body)
    assert made.html == body
    assert made.title == "A &amp; b &#8212; c"


def test_ids_and_links_carry_their_pages_name():
    made = article(
        '<section id="a"><a href="#a">here</a><a href="two.html">there</a><a href="two.html#b">at b</a>'
        '<svg><clipPath id="c"></clipPath><g clip-path="url(#c)"/><use xlink:href="#c"/></svg></section>'
    ).html
    assert 'id="one--a"' in made
    assert re.findall(r'<a href="([^"]*)"', made) == ["#one--a", "#two", "#two--b"]
    assert 'id="one--c"' in made
    assert "url(#one--c)" in made
    assert 'xlink:href="#one--c"' in made


def test_a_link_to_what_is_not_printed_is_text():
    assert (
        article('<a class="x" href="_sources/a.md">a</a><a href="other.html">b</a>').html
        == '<a class="x">a</a><a>b</a>'
    )


def test_code_widgets_and_scripts_are_left_out_whole():
    made = article(
        '<p>kept</p><details class="camgan-code"><details><p>x</p></details><p>y</p></details>'
        '<div class="camgan-moves"><div class="camgan-widget"><script>if (a < b) "</div>"</script></div></div>'
        "<script>z</script><p>too</p>"
    )
    assert made.html == "<p>kept</p><p>too</p>"
    alone = article('<div class="camgan-widget"><div>x</div></div>').html
    assert "interactive figure" in alone, "a widget without a picture leaves a word"
    assert "x</div>" not in alone


def test_addresses_of_the_web_become_notes_each_once():
    made = article(
        '<a href="https://a.org/x">A</a> <a href="https://b.org">B</a> <a href="https://a.org/x">again</a>'
        ' <a href="https://doi.org/1">doi.org/1</a>'
    )
    assert made.links == ["https://a.org/x", "https://b.org"]
    assert re.findall(r'#one--link-(\d)">(\d)</a></sup>', made.html) == [("1", "1"), ("2", "2"), ("1", "1")]
    chapter = printable.as_chapter(made)
    assert chapter.startswith('<article class="bd-article" id="one">')
    assert all(f'id="one--link-{n}"' in chapter for n in (1, 2))
    assert "camgan-links" not in printable.as_chapter(article("<p>no link</p>"))


def test_the_contents_are_those_of_the_book():
    toc = {"root": "intro", "parts": [{"caption": "P", "chapters": [{"file": "a"}, {"file": "b"}]}]}
    assert printable.contents(toc) == [("", ["intro"]), ("P", ["a", "b"])]


def test_page_numbers_are_read_from_where_links_lead():
    pages = b"%PDF\n4 0 obj\n<</Type /Page\n/X>>\n9 0 obj\n<</Type /Page\n/X>>\n"
    written = pages + b"<</a [4 0 R /XYZ 0 1 0]\n/b--c [9 0 R /XYZ 0 1 0]"
    assert pdf.page_numbers(written) == {"a": 1, "b--c": 2}


def test_without_a_browser_nothing_starts(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(CamganError, match="needs Chromium or Chrome"):
        pdf.find_browser()
    done = CliRunner().invoke(app, ["book", "--pdf", "--profile", "smoke", "--build", str(tmp_path / "build")])
    assert isinstance(done.exception, CamganError), "which main() ends with exit code 2"
    assert not (tmp_path / "build").exists()


def test_a_browser_that_fails_leaves_the_old_file(monkeypatch, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho no display >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(pdf, "printable", lambda folder, numbers: "<p>")
    (tmp_path / "camgan.pdf").write_bytes(b"old")
    with pytest.raises(CamganError, match="no display"):
        pdf.print_book(tmp_path, str(broken))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "camgan.pdf"]
    assert (tmp_path / "camgan.pdf").read_bytes() == b"old"


@pytest.fixture(scope="module")
def printed(smoke_book, tmp_path_factory):
    """The smoke book's PDF, printed from a copy of its pages."""
    copy = tmp_path_factory.mktemp("printed")
    shutil.copytree(smoke_book / "html", copy / "html")
    shutil.copy(smoke_book / "results.json", copy)
    return pdf.print_book(copy / "html", pdf.find_browser())


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_the_printed_book_has_every_chapter_on_its_page(printed):
    written = printed.read_bytes()
    numbers, pages = pdf.page_numbers(written), len(re.findall(rb"<</Type /Page\n", written))
    toc = yaml.safe_load((paths.book_folder() / "_toc.yml").read_text("utf-8"))
    names = [name for _, part in printable.contents(toc) for name in part]
    begins = [numbers[name] for name in names]
    assert begins == sorted(set(begins)), "in the order of the contents, each on a page of its own"
    assert begins[0] == 2
    assert begins[-1] <= pages < 200
    assert not list(printed.parent.glob(".printed*"))
    assert b"file://" not in written, "no path of this machine"


@pytest.mark.browser
@pytest.mark.timeout(600)
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext (poppler-utils) is not here")
def test_the_printed_book_is_read_as_text(printed):
    done = subprocess.run(["pdftotext", "-layout", printed, "-"], capture_output=True, text=True, check=True)
    pages = done.stdout.split("\f")[:-1]
    blank = [number for number, text in enumerate(pages, 1) if len(text.split()) < 3]
    assert [number for number in blank if not has_picture(printed, number)] == []
    text = done.stdout
    assert "Figure 1" in text
    assert "\\frac" not in text, "formulas are set"
    assert "import numpy" not in text, "code is left out"


def has_picture(path, number):
    listed = subprocess.run(["pdfimages", "-list", "-f", str(number), "-l", str(number), path], capture_output=True)
    return len(listed.stdout.splitlines()) > 2
