"""What each page of a built book weighs, and how soon it can be read and used, from disk, by the browser's own tracing.

    python benchmarks/pages.py [--book _build/html] [--beside OTHER/html] [--turns 5] [--out benchmarks/pages.json]

`--beside` names a book of another commit, which takes turns with the first. Of each page: the bytes that it loads
(page, scripts, styles, pictures; networks come later, when asked for), milliseconds to the first paint, and until it
can be used: the end of the last task of 50 ms or more of the main thread after the first paint, or the first paint
where there is none. Medians over the turns.
"""

import argparse
import json
import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, sync_playwright

from camgan_lib.base.files import write_json
from camgan_lib.book import chapters
from camgan_lib.book.provenance import commit

PAGES = ["intro", *(path.stem for path in chapters.sources().values()), "rerun", "compare", "glossary", "references"]
LONG = 50
"""Milliseconds from which a task of the main thread keeps a reader waiting (W3C, Long Tasks)."""

QUIET = 2000
"""Milliseconds for which a page is watched after it has loaded."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--book", type=Path, default=Path("_build/html"))
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/pages.json"))
    given = parser.parse_args()
    books = {"book": given.book} | ({"beside": given.beside} if given.beside else {})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        pages = {
            page: {name: measured(browser, book / f"{page}.html", given.turns) for name, book in books.items()}
            for page in PAGES
        }
        browser.close()
    write_json(given.out, {"pages": pages, "turns": given.turns, "run": {"commit": commit()}})
    print(json.dumps(pages, indent=1))


def measured(browser: Browser, page: Path, turns: int) -> dict[str, float]:
    """Medians over `turns` visits: kB loaded, ms to the first paint and until the page can be used."""
    visits = [visit(browser, page) for _ in range(turns)]
    return {name: round(statistics.median(each[name] for each in visits)) for name in visits[0]}


def visit(browser: Browser, page_file: Path) -> dict[str, float]:
    """One visit in a new context, so that nothing comes from a cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    loaded: set[str] = set()
    page.on("request", lambda request: loaded.add(request.url))
    browser.start_tracing(page=page, categories=["devtools.timeline", "loading", "blink.user_timing", "toplevel"])
    page.goto(page_file.resolve().as_uri(), wait_until="load")
    page.wait_for_timeout(QUIET)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    context.close()
    paint, usable = times(events)
    return {"kb": sum(sizes(loaded)) / 1000, "first_paint_ms": paint, "usable_ms": usable}


def sizes(addresses: set[str]) -> Iterator[int]:
    for address in addresses:
        path = Path(unquote(urlsplit(address).path))
        if address.startswith("file:") and path.is_file():
            yield path.stat().st_size


def times(events: list[dict]) -> tuple[float, float]:
    """Milliseconds from the start of the navigation to the first paint and to the end of the last long task."""
    painted = next(each for each in events if each["name"] == "firstContentfulPaint")
    process = painted["pid"]
    started = max(e["ts"] for e in events if e["name"] == "navigationStart" and e["pid"] == process)
    tasks = [
        each["ts"] + each["dur"]
        for each in events
        if each["name"] in ("RunTask", "ThreadControllerImpl::RunTask")
        and each["pid"] == process
        and each["tid"] == painted["tid"]
        and each.get("dur", 0) >= 1000 * LONG
        and each["ts"] > started
    ]
    ends = max([painted["ts"], *tasks])
    return (painted["ts"] - started) / 1000, (ends - started) / 1000


if __name__ == "__main__":
    main()
