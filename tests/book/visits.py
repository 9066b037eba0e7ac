"""Visits to pages of the built book, from disk, in a browser without a network."""

import contextlib

from playwright.sync_api import TimeoutError as StillBusy

from camgan_lib.book import chapters

PAGES = ["intro", *(path.stem for path in chapters.sources().values()), "rerun", "compare", "glossary", "references"]
STILL = "*, ::before, ::after { transition: none !important }"
"""Style by which nothing moves or fades from one state to the next."""


class Visit:
    """A page opened from disk in a window 1280 pixels wide, with what it asked for and complained about."""

    def __init__(self, browser, book, name):
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()
        self.asked, self.failed, self.said = [], [], []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text) if message.type != "log" else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto((book / "html" / f"{name}.html").as_uri())
        with contextlib.suppress(StillBusy):  # a busy browser may never report that the loaded page is idle
            self.page.wait_for_load_state("networkidle", timeout=10_000)

    def resize(self, width):
        self.page.set_viewport_size({"width": width, "height": 900})

    def scheme(self, name):
        """Shows the page in the colours of a system in light or in dark mode, at once: no colour fades into another."""
        self.page.add_style_tag(content=STILL)
        self.page.emulate_media(color_scheme=name)
        self.page.wait_for_function("name => document.documentElement.dataset.theme === name", arg=name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()
