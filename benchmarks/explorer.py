"""How fast the widgets answer: a change in the spectrum explorer, and the map of a photo of 12 megapixels.

    python benchmarks/explorer.py [--page _build/html/05_frequency.html] [--out benchmarks/explorer.json]

In headless Chromium each control is changed many times. A change is timed from its event to the end of drawing, with
the classifier's new decision, which happens within the event. One frame of a screen is 16.7 ms. The photo is timed from
its choice to the last tile; beside it stands the longest time for which the page did not answer.
"""

import argparse
import html
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from camgan_lib.base.files import write_json
from camgan_lib.book.provenance import commit
from camgan_lib.show.widgets import base
from camgan_lib.show.widgets.own_photo import OwnPhoto
from camgan_lib.show.widgets.spectrum_explorer import SpectrumExplorer

CONTROLS = {
    "image": range(1, 65),
    "ring from": [k / 100 for k in range(70)],
    "strength of the residual": range(0, 205, 5),
    "spectra averaged": range(1, 65),
}
"""Sliders by label, and the values that they are set to; the mask is on."""

CHANGE = """([label, values]) => {
  const slider = document.querySelector(`input[type=range][aria-label="${label}"]`);
  return values.map((value) => {
    const began = performance.now();
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    return performance.now() - began;
  });
}"""

WATCH = """() => {
  window.longest = 0;
  let last = performance.now();
  const look = () => {
    window.longest = Math.max(window.longest, performance.now() - last);
    last = performance.now();
    setTimeout(look, 10);
  };
  look();
}"""


MAPPED = """() => new Promise((done) => {
  const widget = document.querySelector(".camgan-own-photo");
  new MutationObserver(() => widget.dataset.mapMs && done()).observe(widget, { attributes: true });
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, default=Path("_build/html/05_frequency.html"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/explorer.json"))
    parser.add_argument("--turns", type=int, default=5, help="visits, whose medians count")
    given = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        visits = [visit(browser, given.page) for _ in range(given.turns)]
        browser.close()
    found = {what: medians([each[what] for each in visits]) for what in ("draw_ms", "photo")}
    found |= {"turns": given.turns, "page_bytes": weight(given.page), "run": {"commit": commit()}}
    write_json(given.out, found)
    print(found)


def visit(browser: Browser, page_file: Path) -> dict[str, Any]:
    """Milliseconds of changes in the explorer, and what `photo` finds, in a page opened anew."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(page_file.resolve().as_uri())
    page.wait_for_selector(f'.camgan-widget[data-ready][aria-label="{SpectrumExplorer.label}"]', timeout=20_000)
    found = {"draw_ms": changes(page), "photo": photo(page)}
    page.close()
    return found


def medians(turns: list) -> Any:
    """The median of each number over turns, in dictionaries of the same keys."""
    if isinstance(turns[0], dict):
        return {key: medians([each[key] for each in turns]) for key in turns[0]}
    return statistics.median(turns)


def changes(page: Page) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of the milliseconds of a change with its decision, by control."""
    found = {}
    page.locator(".camgan-explorer").scroll_into_view_if_needed()
    page.wait_for_selector(".camgan-explorer .camgan-odds:not(.is-waiting)")
    page.get_by_label("mask", exact=True).select_option("stop")
    for label, values in CONTROLS.items():
        times = page.evaluate(CHANGE, [label, list(values)])
        found[label] = {
            "median": round(statistics.median(times), 2),
            "p95": round(statistics.quantiles(times, n=20)[-1], 2),
        }
    return found


def photo(page: Page) -> dict[str, Any]:
    """Seconds until a photo of 4000×3000 pixels is mapped, coarsely and wholly, and the longest pause in ms."""
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(30, 220, (60, 80, 3)).astype(np.uint8)).resize((4000, 3000), Image.BICUBIC)
    noisy = np.asarray(small, float) + rng.normal(0, 6, (3000, 4000, 3))
    widget = page.locator(f'.camgan-widget[aria-label="{OwnPhoto.label}"]')
    widget.scroll_into_view_if_needed()
    with tempfile.TemporaryDirectory() as folder:
        chosen = Path(folder) / "photo.jpg"
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(chosen, quality=90)
        page.evaluate(WATCH)
        widget.get_by_label("a picture of your own").set_input_files(chosen)
        page.evaluate(MAPPED)
    live = page.locator(".camgan-own-photo")
    return {
        "tiles": (3000 // 32) * (4000 // 32),
        "coarse_s": round(float(live.get_attribute("data-coarse-ms")) / 1000, 2),
        "whole_s": round(float(live.get_attribute("data-map-ms")) / 1000, 2),
        "longest_pause_ms": round(page.evaluate("window.longest")),
    }


def weight(page_file: Path) -> int:
    """Bytes of the explorer with its data in the page and of the script that all widgets share."""
    text = page_file.read_text("utf-8")
    start = text.index(f'aria-label="{html.escape(SpectrumExplorer.label, quote=True)}"')
    return len(text[start : text.index("</div>", start)].encode()) + len(base.bundle().encode())


if __name__ == "__main__":
    main()
