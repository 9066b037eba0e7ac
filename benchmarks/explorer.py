"""How fast the spectrum explorer of a built book draws a change, and what it adds to its page.

    python benchmarks/explorer.py [--page _build/html/05_frequency.html] [--out benchmarks/explorer.json]

In headless Chromium each control is changed many times; a change is timed from its event to the end of drawing, which
happens within the event. One frame of a screen is 16.7 ms.
"""

import argparse
import html
import shutil
import statistics
from pathlib import Path

from playwright.sync_api import sync_playwright

from camgan_lib.base.files import write_json
from camgan_lib.book.provenance import commit
from camgan_lib.show.widgets import base
from camgan_lib.show.widgets.spectrum_explorer import SpectrumExplorer

CONTROLS = {"image": range(1, 65), "ring from": [k / 100 for k in range(70)], "spectra averaged": range(1, 65)}
"""Sliders by label, and the values that they are set to."""

CHANGE = """([label, values]) => {
  const slider = document.querySelector(`input[type=range][aria-label="${label}"]`);
  return values.map((value) => {
    const began = performance.now();
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    return performance.now() - began;
  });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=Path, default=Path("_build/html/05_frequency.html"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/explorer.json"))
    given = parser.parse_args()
    found = {"draw_ms": draw(given.page), "page_bytes": weight(given.page), "run": {"commit": commit()}}
    write_json(given.out, found)
    print(found)


def draw(page_file: Path) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of the milliseconds of a change, by control."""
    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(page_file.resolve().as_uri())
        page.wait_for_selector(f'.camgan-widget[data-ready][aria-label="{SpectrumExplorer.label}"]', timeout=20_000)
        for label, values in CONTROLS.items():
            times = page.evaluate(CHANGE, [label, list(values)])
            cut = statistics.quantiles(times, n=20)
            found[label] = {"median": round(statistics.median(times), 2), "p95": round(cut[-1], 2)}
        browser.close()
    return found


def weight(page_file: Path) -> int:
    """Bytes of the widget with its data in the page and of the script that all widgets share."""
    text = page_file.read_text("utf-8")
    start = text.index(f'aria-label="{html.escape(SpectrumExplorer.label, quote=True)}"')
    return len(text[start : text.index("</div>", start)].encode()) + len(base.bundle().encode())


if __name__ == "__main__":
    main()
