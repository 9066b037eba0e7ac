"""The built book as one HTML page to be printed.

The articles of all pages follow each other in the order of the contents. Ids get the page's name in front, links
between pages become links within this one, and addresses of the web become notes at the end of each chapter. Code and
widgets are left out; print.css says how the rest looks on paper.
"""

import html
import json
import re
from collections.abc import Collection
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml

from camgan_lib.base import paths

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
"""Elements of HTML without an end tag."""

LEFT_OUT = {"camgan-code", "camgan-moves", "camgan-widget", "camgan-tools", "camgan-parameters", "headerlink"}
"""Classes of elements that are not printed."""

INSTEAD = "<p><em>On the page, an interactive figure stands here.</em></p>"
"""What stands for a widget that has no picture beside it."""

IDS = {"id", "for", "aria-labelledby", "aria-describedby", "aria-controls"}
"""Attributes that hold ids, apart by spaces."""

_ATTRIBUTE = re.compile(r'(\s)([\w:-]+)="([^"]*)"')
_HEAD = re.compile(
    r"<link[^>]*rel=\"stylesheet\"[^>]*>|<script>window\.MathJax.*?</script>|<script[^>]*mathjax/.*?</script>"
)
FIT = """addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  document.querySelector("main").style.width = `${(176 / 25.4) * 96 * (16 / 14)}px`;
  for (const each of document.querySelectorAll(".camgan-table > table, mjx-container[display] > mjx-math")) {
    const room = each.parentElement.clientWidth, width = each.offsetWidth;
    if (width > room) each.style.zoom = room / width;
  }
  document.querySelector("main").style.width = "";
});"""
"""Sets tables and formulas smaller that are wider than the text, 176 mm. A browser would set the whole book smaller.

The letters of a screen are 16 px, those of the printed page 14 px (10.5 pt).
"""

PAGE = """<!doctype html>
<html lang="en" data-theme="light" data-content_root="./">
<head><meta charset="utf-8"><title>{title}</title>
{head}
</head>
<body class="camgan-printed">
<main class="bd-content">
{body}
</main>
<script>{fit}</script>
</body>
</html>
"""


class Article(HTMLParser):
    """The article of a page of the book called `name`, rewritten for the printed one: `html`, `title` and `links`.

    `pages`: names of all pages that are printed. `links`: addresses of the web in the order of their notes.
    """

    def __init__(self, text: str, name: str, pages: Collection[str]):
        super().__init__(convert_charrefs=False)
        self.name, self.pages = name, pages
        self.links: list[str] = []
        self.title = ""
        self._out: list[str] = []
        self._within = self._in_title = False
        self._left_out: tuple[str, int] | None = None
        self._link = ("", 0)
        self.feed(text)
        self.close()
        self.html = "".join(self._out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "article":
            self._within = True
        elif self._left_out:
            self._count(tag, 1)
        elif self._within and (tag in ("script", "button") or LEFT_OUT & set((given.get("class") or "").split())):
            self._out.append(INSTEAD if "camgan-widget" in (given.get("class") or "") else "")
            if tag not in VOID:
                self._left_out = tag, 1
        elif self._within:
            self._in_title = self._in_title or (tag == "h1" and not self.title)
            address = given.get("href") or ""
            if tag == "a" and address.startswith(("https://", "http://")):
                self._link = address, len(self._out)
            self._out.append(self._rewritten(tag))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._within and not self._left_out:
            self._out.append(self._rewritten(tag))

    def handle_endtag(self, tag: str) -> None:
        if self._left_out:
            self._count(tag, -1)
        elif tag == "article":
            self._within = False
        elif self._within:
            self._in_title = self._in_title and tag != "h1"
            self._out.append(f"</{tag}>")
            if tag == "a" and self._link[0]:
                self._out.append(self._note())

    def handle_data(self, data: str) -> None:
        if self._within and not self._left_out:
            self._out.append(data)
            self.title += data if self._in_title else ""

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def _count(self, tag: str, step: int) -> None:
        assert self._left_out
        outer, depth = self._left_out
        if tag == outer:
            self._left_out = (outer, depth + step) if depth + step else None

    def _note(self) -> str:
        """The number of the note for the link that has just ended; nothing if its text is the address already."""
        (address, start), self._link = self._link, ("", 0)
        text = re.sub("<[^>]*>", "", "".join(self._out[start:])).strip()
        if text and html.unescape(text) in html.unescape(address):
            return ""
        if address not in self.links:
            self.links.append(address)
        number = self.links.index(address) + 1
        return f'<sup class="camgan-note"><a href="#{self.name}--link-{number}">{number}</a></sup>'

    def _rewritten(self, tag: str) -> str:
        """The start tag that is being read, with the ids and addresses of the printed page."""

        def attribute(match: re.Match[str]) -> str:
            space, key, value = match.groups()
            if key in IDS:
                value = " ".join(f"{self.name}--{each}" for each in value.split())
            elif key in ("href", "xlink:href"):
                place = self._place(html.unescape(value), link=tag == "a")
                return "" if place is None else f'{space}{key}="{html.escape(place)}"'
            elif key == "loading":
                return ""
            return f'{space}{key}="{value.replace("url(#", f"url(#{self.name}--")}"'

        return _ATTRIBUTE.sub(attribute, self.get_starttag_text() or "")

    def _place(self, address: str, *, link: bool) -> str | None:
        """Where an address leads on the printed page; None if a link's target is not printed."""
        page, _, anchor = address.partition("#")
        page = page.removesuffix(".html")
        if re.match(r"[a-z]+:", address) or not (link or not page):
            return address
        page = {"": self.name, "index": "intro"}.get(page, page)
        if page not in self.pages:
            return None
        return f"#{page}--{anchor}" if anchor else f"#{page}"


def printable(folder: Path, numbers: dict[str, int]) -> str:
    """The book whose pages lie in `folder`, as one page of HTML with a title and contents.

    `numbers`: on which printed page each page of the book begins, as far as that is known.
    """
    config = yaml.safe_load((paths.book_folder() / "_config.yml").read_text("utf-8"))
    parts = contents(yaml.safe_load((paths.book_folder() / "_toc.yml").read_text("utf-8")))
    names = [name for _, part in parts for name in part]
    texts = {name: (folder / f"{name}.html").read_text("utf-8") for name in names}
    articles = {name: Article(text, name, names) for name, text in texts.items()}
    head = dict.fromkeys(tag for text in texts.values() for tag in _HEAD.findall(text))
    body = [title_page(config, about(folder.parent), parts, articles, numbers), *map(as_chapter, articles.values())]
    return PAGE.format(title=html.escape(config["title"]), head="\n".join(head), fit=FIT, body="\n".join(body))


def contents(toc: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """The names of the pages by part, from a table of contents of Jupyter Book; the first page's part has no name."""
    parts = [(part["caption"], [each["file"] for each in part["chapters"]]) for part in toc["parts"]]
    return [("", [toc["root"]]), *parts]


def about(build: Path) -> str:
    """A line about the run that the book shows; nothing if none has been executed."""
    from camgan_lib.verdicts import compare

    results = build / "results.json"
    return compare.about(json.loads(results.read_text("utf-8"))) if results.is_file() else ""


def title_page(
    config: dict[str, Any],
    line: str,
    parts: list[tuple[str, list[str]]],
    articles: dict[str, Article],
    numbers: dict[str, int],
) -> str:
    """The title, whose book and which run it is, and the contents."""
    lists = []
    for caption, names in parts:
        titles = {name: f"<span>{articles[name].title.strip()}</span>" for name in names}
        lines = "".join(
            f'<li><a href="#{name}">{title} <span>{numbers.get(name, "")}</span></a></li>'
            for name, title in titles.items()
        )
        lists.append((f"<h2>{html.escape(caption)}</h2>" if caption else "") + f"<ol>{lines}</ol>")
    return (
        f'<header class="camgan-title-page"><p class="camgan-book-title">{html.escape(config["title"])}</p>'
        f"<p>{html.escape(config['author'])}</p><p>{html.escape(line)}</p><nav>{''.join(lists)}</nav></header>"
    )


def as_chapter(article: Article) -> str:
    """An article with its notes."""
    items = "".join(
        f'<li id="{article.name}--link-{number}"><a href="{html.escape(address)}">{html.escape(address)}</a></li>'
        for number, address in enumerate(article.links, 1)
    )
    notes = f'<section class="camgan-links"><p>Links</p><ol>{items}</ol></section>' if items else ""
    return f'<article class="bd-article" id="{article.name}">{article.html}{notes}</article>'
