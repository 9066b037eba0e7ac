"""How much two workers gain over one: a sweep of 20 small trainings, data and classifiers made before.

    python benchmarks/sweeps.py [--turns 2] [--steps 150] [--out benchmarks/sweeps.json]

Each turn runs the whole command `camgan sweep` with one worker, then with two, from the same state; the ratio is of the
times of the commands, starting of the cluster included.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from camgan_lib.base.files import write_json
from camgan_lib.base.workers import cores
from camgan_lib.book.provenance import commit

FILE = """
about: twenty small trainings
profile: smoke
grid: {{style_gan.seed: [{seeds}], style_gan.gan_steps: [{steps}], style_gan.nostyle_test: [64]}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/sweeps.json"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        rows = measure(Path(scratch), given.turns, given.steps)
    ratio = statistics.median(row["one"] / row["two"] for row in rows)
    about = {"cores": cores(), "steps": given.steps, "commit": commit()}
    write_json(given.out, {"turns": rows, "ratio": ratio, "equal": all(row["equal"] for row in rows), "run": about})
    print(f"two workers against one: {ratio:.2f} times as fast, {len(rows)} turns")


def measure(scratch: Path, turns: int, steps: int) -> list[dict]:
    """Seconds with one worker and with two, per turn, and whether the results are equal."""
    seeds = ", ".join(str(10 * k) for k in range(5))
    (scratch / "warm.yml").write_text(FILE.format(seeds=seeds, steps=0))
    (scratch / "sweep.yml").write_text(FILE.format(seeds=seeds, steps=steps))
    _sweep(scratch / "warm.yml", scratch / "start", 2)
    rows = []
    for _ in range(turns):
        seconds, found = {}, {}
        for name, workers in (("one", 1), ("two", 2)):
            build = scratch / name
            shutil.rmtree(build, ignore_errors=True)
            shutil.copytree(scratch / "start", build)
            began = time.monotonic()
            _sweep(scratch / "sweep.yml", build, workers)
            seconds[name] = round(time.monotonic() - began, 2)
            found[name] = json.loads((build / "sweeps" / "sweep.json").read_text())["rows"]
        rows.append({**seconds, "tasks": len(found["one"]), "equal": found["one"] == found["two"]})
    return rows


def _sweep(file: Path, build: Path, workers: int) -> None:
    command = [Path(sys.executable).with_name("camgan"), "sweep", file, "--build", build, "--workers", str(workers)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
