"""The HTML book, built by Jupyter Book from the executed copies."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from camgan_lib.base import paths
from camgan_lib.base.files import file_sha256, replace_folder
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings
from camgan_lib.book.execution import ChapterFailed


def build_html(settings: Settings, stale: Sequence[str] = ()) -> Path:
    """Renders the book with the executed copies in place of sources; returns its first page.

    Chapters named in `stale` get a banner. Built aside and moved into `<build>/html` when it is whole; kept where
    nothing that it shows has changed. Raises ChapterFailed with the renderer's words.
    """
    build = settings.build
    html, key = build / "html", _html_key(build, stale)
    if (html / "camgan-key").is_file() and (html / "camgan-key").read_text("utf-8") == key:
        return html / "index.html"
    aside = build / "html.building"
    shutil.rmtree(aside, ignore_errors=True)
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    done = subprocess.run(
        [jupyter_book, "build", paths.book_folder(), "--all", "--path-output", aside],
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
    """Hash of all that the pages are made of."""
    folders = (paths.book_folder(), paths.ROOT / "camgan_lib" / "show" / "widgets", build / "executed")
    shown = [path for folder in folders for path in sorted(folder.rglob("*"))]
    files = [path for path in shown if path.is_file() and not path.name.startswith(".") and path.suffix != ".pyc"]
    return recipe_id([[path.name, file_sha256(path)] for path in files] + [list(stale)])
