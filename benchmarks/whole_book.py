"""How long the whole book takes, and how much memory, beside the book of another commit. From an empty build folder.

git clone . OTHER && git -C OTHER checkout COMMIT
python benchmarks/whole_book.py [--beside OTHER] [--profile paper] [--out FILE]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from profile_book import run

from camgan_lib.base.devices import resolve_device
from camgan_lib.base.files import write_json
from camgan_lib.base.paths import ROOT
from camgan_lib.book import provenance

MAIN = "from camgan_lib.book.cli import main; main()"


def whole_book(project: Path, profile: str) -> dict:
    """Runs the book of a clone; returns its commit, seconds, and the largest memory of all its processes in MB."""
    with tempfile.TemporaryDirectory() as build:
        command = [sys.executable, "-c", MAIN, "book", "--profile", profile, "--build", build]
        began = time.monotonic()
        peak = run(command, {**os.environ, "PYTHONPATH": str(project)}, project)
        return {"commit": head(project), "seconds": round(time.monotonic() - began), "peak_mb": round(peak)}


def head(project: Path) -> str:
    asked = ["git", "-C", str(project), "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--beside", type=Path, help="a clone at another commit, whose book comes first")
    parser.add_argument("--profile", default="paper")
    parser.add_argument("--out", type=Path, help="where results go as JSON")
    given = parser.parse_args()
    projects = [*([given.beside.resolve()] if given.beside else []), ROOT]
    books = [whole_book(project, given.profile) for project in projects]
    found = {"profile": given.profile, "books": books, "device": provenance.device_name(resolve_device("cpu"))}
    print(found)
    if given.out:
        write_json(given.out, found)


if __name__ == "__main__":
    main()
