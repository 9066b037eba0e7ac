"""Builds the HTML book from the executed copies, with Jupyter Book."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from camgan_lib.base import paths
from camgan_lib.base.files import file_sha256, replace_folder
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings, Site
from camgan_lib.book.execution import ChapterFailed

JUPYTER_BOOK = """
from camgan_lib.base.imports import skip_slow_import
skip_slow_import()
from jupyter_book.cli.main import main
main()
"""
"""The program jupyter-book, started quickly."""


def build_html(settings: Settings, stale: Sequence[str] = ()) -> Path:
    """Renders the book's executed copies to `<build>/html` and returns the first page.

    Chapters named in `stale` get a banner. The pages are built aside and replace the old ones when all are made. Where
    nothing that they show has changed, the old ones stay. Raises ChapterFailed with the renderer's words.
    """
    build = settings.build
    html, key = build / "html", _html_key(build, stale)
    if (html / "camgan-key").is_file() and (html / "camgan-key").read_text("utf-8") == key:
        return html / "index.html"
    aside = build / "html.building"
    shutil.rmtree(aside, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-c", JUPYTER_BOOK, "build", paths.book_folder(), "--all", "--path-output", aside],
        env={**os.environ, **settings.environment(), "CAMGAN_STALE": " ".join(stale)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise ChapterFailed(f"the book did not build:\n{words}", users=False)
    made = aside / "_build" / "html"
    (made / "camgan-key").write_text(key, "utf-8")
    replace_folder(made, html)
    shutil.rmtree(aside)
    return html / "index.html"


def _html_key(build: Path, stale: Sequence[str]) -> str:
    """A hash of everything that the pages are made of."""
    folders = (paths.book_folder(), paths.ROOT / "camgan_lib", build / "executed")
    shown = [path for folder in folders for path in sorted(folder.rglob("*"))]
    shown += [build / "results.json", *sorted(paths.published_folder().glob("*/results.json"))]
    files = [path for path in shown if path.is_file() and not path.name.startswith(".") and path.suffix != ".pyc"]
    site = Site.from_environment()
    about = [site.repository, site.branch, site.address, list(stale)]
    return recipe_id([[path.name, file_sha256(path)] for path in files] + about)
