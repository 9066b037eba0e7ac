"""Stopped by Ctrl-C or killed at random moments, time and again, a chapter ends as if it had been left alone."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from camgan_lib.base.files import file_sha256

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(2400)]
COMMAND = [Path(sys.executable).with_name("camgan"), "run", "classifier", "--profile", "smoke"]
KILLS = 6


@pytest.fixture
def build(smoke_book, tmp_path):
    """A build folder in which only chapter dataset of the smoke book has run."""
    for part in ("crops", "simulated"):
        shutil.copytree(smoke_book / "store" / part, tmp_path / "build" / "store" / part)
    (tmp_path / "build" / "records").mkdir()
    shutil.copy(smoke_book / "records" / "dataset.json", tmp_path / "build" / "records")
    return tmp_path / "build"


def begin(build: Path, *more: str) -> subprocess.Popen:
    """A run, as from a terminal: a shell's background job, which the tests may be, would not hear Ctrl-C."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    return subprocess.Popen([*COMMAND, *more, "--build", build], preexec_fn=hear_ctrl_c, **options)


def hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def left_over(build: Path) -> list[psutil.Process]:
    """Processes of a run of this build: the command, its kernel, the workers."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CAMGAN_BUILD") == str(build):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def outcome(build: Path) -> tuple:
    record = json.loads((build / "records" / "classifier.json").read_text())
    weights = {
        path.parent.name: file_sha256(path) for path in (build / "store").glob("classifier/*/weights.safetensors")
    }
    return record["results"], record["products"], weights


def checkpoints(build: Path) -> set[tuple[str, int]]:
    """Name and time of each checkpoint of a classifier."""
    found = set()
    for path in (build / "store" / "checkpoints").glob("classifier*.safetensors"):
        with contextlib.suppress(FileNotFoundError):
            found.add((path.name, path.stat().st_mtime_ns))
    return found


def wait_for_a_checkpoint(build: Path, run: subprocess.Popen) -> None:
    """Waits until a classifier's training leaves a checkpoint, or the run ends."""
    before = checkpoints(build)
    while run.poll() is None and checkpoints(build) <= before:
        time.sleep(0.005)


def test_killed_time_and_again_a_chapter_ends_with_the_same_metrics(build, smoke_book):
    took = json.loads((smoke_book / "results.json").read_text())["run"]["seconds_by_chapter"]["classifier"]
    rng, kills, reached = random.Random(0), 0, set()
    while kills < KILLS:
        began = time.monotonic()
        with begin(build) as run:
            if kills % 2:
                wait_for_a_checkpoint(build, run)
            else:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    run.wait(rng.uniform(0, took))
            if run.poll() is not None:
                took = min(took, time.monotonic() - began)
            else:
                family = [each for each in psutil.Process(run.pid).children(recursive=True) if each.is_running()]
                victim = rng.choice([psutil.Process(run.pid), *family])
                reached |= {path.name for path in (build / "store").glob("*/*classifier*")}
                with contextlib.suppress(psutil.NoSuchProcess):
                    victim.kill()
                    kills += 1
                if victim.pid != run.pid:
                    said = run.communicate(timeout=120)[1].strip().splitlines()
                    assert run.returncode == 0 or any(line.startswith("camgan: ") for line in said), said[-8:]
        (build / "records" / "classifier.json").unlink(missing_ok=True)
        if len(list((build / "store").glob("classifier/[!.]*"))) == 2:
            shutil.rmtree(build / "store" / "classifier")  # else the next kill would find nothing left to train
    assert any(name.endswith(".safetensors") for name in reached), "some kills fell into a training"
    with begin(build) as run:
        assert run.wait(300) == 0, run.stderr.read()[-2000:]
    assert outcome(build) == outcome(smoke_book)
    assert [path.name for path in build.rglob(".*")] == [".lock"], "nothing half-written is left"


def test_ctrl_c_is_one_sentence_and_leaves_no_process(build):
    with begin(build, "-p", "epochs=100") as run:
        deadline = time.monotonic() + 120
        while not list((build / "store" / "checkpoints").glob("*")) and time.monotonic() < deadline:
            time.sleep(0.1)
        ports = [each for process in left_over(build) for each in process.net_connections("inet")]
        assert len(ports) <= 1, "a kernel has a port for itself alone, and is reached by files, which nobody else takes"
        run.send_signal(signal.SIGINT)
        for _ in range(600):
            if run.poll() is not None and not left_over(build):
                break
            time.sleep(0.1)
        assert [process.cmdline() for process in left_over(build)] == []
        said = run.communicate(timeout=10)
    assert run.returncode == 1
    assert said[1].strip().splitlines()[-1] == "camgan: stopped in chapter classifier; the next run starts there"
    assert "Traceback" not in said[1]
    assert os.listdir(build / "executed") == []
