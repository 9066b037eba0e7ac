"""Prints the built book as one PDF, by a headless Chromium that the machine has."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside
from camgan_lib.book.printable import printable

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
    "--virtual-time-budget=120000",
)
"""The last one gives formulas two minutes of the page's own clock, which runs faster than ours, to be set."""

LONGEST = 600
"""Seconds after which printing is given up."""


def find_browser() -> str:
    """The path of a Chromium or Chrome. Raises CamganError where there is none."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        raise CamganError(
            f"--pdf needs Chromium or Chrome to print the book, and none of {', '.join(BROWSERS)} is here; "
            "install one (Debian: apt-get install chromium) or leave --pdf out"
        )
    return found


def print_book(folder: Path, browser: str) -> Path:
    """Prints the book whose pages lie in `folder` to `<folder>/camgan.pdf` and returns its path.

    It is printed twice: the contents name the page on which each chapter begins, which the first PDF tells. The file is
    written whole or not at all. Raises CamganError, with the browser's last words, if printing fails.
    """
    page, target = folder / ".printed.html", folder / "camgan.pdf"
    try:
        with write_aside(target) as aside:
            page.write_text(printable(folder, {}), "utf-8")
            _print(browser, page, aside)
            page.write_text(printable(folder, page_numbers(aside.read_bytes())), "utf-8")
            _print(browser, page, aside)
    finally:
        page.unlink(missing_ok=True)
    return target


def page_numbers(pdf: bytes) -> dict[str, int]:
    """On which page, from 1, each place lies that a link of the PDF leads to. Reads PDFs as Chromium writes them."""
    pages = re.findall(rb"\n(\d+) 0 obj\n<</Type /Page\n", pdf)
    number = {reference: k for k, reference in enumerate(pages, 1)}
    places = re.findall(rb"/(\S+) \[(\d+) 0 R /XYZ", pdf)
    return {name.decode("ascii", "replace"): number[page] for name, page in places if page in number}


def _print(browser: str, page: Path, target: Path) -> None:
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="camgan-print-", ignore_cleanup_errors=True) as profile:
        command = [browser, *OPTIONS, *root, f"--user-data-dir={profile}", f"--print-to-pdf={target}", page.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST)
        except subprocess.TimeoutExpired:
            raise CamganError(f"{browser} had not printed the book after {LONGEST} seconds") from None
    if done.returncode or target.read_bytes()[:5] != b"%PDF-":
        words = " ".join(done.stderr.strip().splitlines()[-3:])
        raise CamganError(f"{browser} did not print the book (exit code {done.returncode}): {words}")
