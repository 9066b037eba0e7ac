"""Shared fixtures: real data where there is some, the smoke book built once, a browser without a network.

Three processes run the tests side by side (make test), each on one thread: threads that wait for each other on busy
cores take many times as long.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from camgan_lib.base.imports import skip_slow_import
from camgan_lib.base.locks import locked

os.environ.setdefault("OMP_NUM_THREADS", "1")
skip_slow_import()
ROOT = Path(__file__).resolve().parents[1]
SLOW = ("end_to_end", "browser", "trains", "slow")
FIRST = "test_end_to_end.py"
"""The file that builds the smoke book. One process begins with it while others run the fast tests."""

LONG = (
    "test_page_published.py",
    "test_interval_coverage.py",
    "test_sweeps.py",
    "test_published.py",
    "test_kill.py",
    "test_whole_runs.py",
    "test_benchmarks.py",
)
"""Files that take minutes. They begin after those without a slow test, so that none is left alone at the end.

Those that need the smoke book come late, when it is there."""


def pytest_collection_modifyitems(items):
    """The smoke book's own tests, files without a slow test, long files, and the rest. A file stays in one process."""
    marked = {item.path for item in items if any(item.get_closest_marker(name) for name in SLOW)}
    items.sort(key=lambda item: _turn(item.path, item.path in marked))


def _turn(path: Path, has_slow_tests: bool) -> int:
    order = (FIRST, "", *LONG)
    if path.name in order:
        return order.index(path.name)
    return len(order) if has_slow_tests else order.index("")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real photos and CIFAR-10 that the environment's CAMGAN_DATA names."""
    folder = os.environ.get("CAMGAN_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("the environment's CAMGAN_DATA names no folder of real data")
    return Path(folder)


@pytest.fixture(scope="session")
def smoke_runs(tmp_path_factory) -> tuple[Path, str]:
    """The whole book in the smoke profile, by the command line: killed in chapter 2, then run again to its end.

    The build folder, and what the second run said. Processes that test side by side share it.
    """
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    build, said = shared / "smoke", shared / "smoke.txt"
    with locked(shared / "smoke.lock", "the smoke book is being made"):
        if not said.exists():
            said.write_text(_killed_and_run_again(build))
    return build, said.read_text()


def _killed_and_run_again(build: Path) -> str:
    build.mkdir(exist_ok=True)
    command = [Path(sys.executable).with_name("camgan"), "book", "--profile", "smoke", "--build", build]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as first:
        for line in first.stdout:
            if "] classifier …" in line:
                time.sleep(1)
                first.kill()
    left = sorted(path.name for path in (build / "executed").iterdir() if not path.name.startswith("."))
    assert "01_dataset.ipynb" in left
    assert not {"02_classifier.ipynb", "03_explanations.ipynb"} & set(left), "a killed run leaves whole chapters only"
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="session")
def smoke_book(smoke_runs) -> Path:
    """The build folder of the whole book in the smoke profile."""
    return smoke_runs[0]


@pytest.fixture
def copy(smoke_book, tmp_path) -> Path:
    """A copy of the smoke run's records, results and store that a test may spoil."""
    for part in ("records", "store", "executed"):
        shutil.copytree(smoke_book / part, tmp_path / "build" / part)
    shutil.copy(smoke_book / "results.json", tmp_path / "build")
    return tmp_path / "build"


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium that can't reach any host."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        assert not os.environ.get("CI"), "CI must have a Chromium"
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=options)
        yield running
        running.close()
