"""How time and memory grow with the number of photos: simulating them, and cutting crops from them.

Each number of photos is measured in a process of its own; memory is the peak of the sum over it and its workers
(proportional set size). The exponent is the slope of log(seconds), or of log(memory above an empty run's), against
log(photos): 1 is linear.

    python benchmarks/scaling.py [--photos 100 316 1000 3162 10000] [--size 128] [--out FILE]
"""

import argparse
import json
import multiprocessing
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil

from camgan_lib import run
from camgan_lib.cameras import CAMERAS
from camgan_lib.photos import load_crops
from camgan_lib.simulation import simulate_cameras
from camgan_lib.store import write_json

CROPS = 30


def simulate(folder: Path, photos: int, size: int) -> None:
    simulate_cameras(folder, photos=photos // len(CAMERAS), size=size, seed=0, progress=False)


def cut(folder: Path, photos: int, size: int) -> None:
    load_crops(folder, crops_per_photo=CROPS, progress=False)


def measured(work, *arguments) -> tuple[float, float]:
    """Seconds and peak memory (MB) of a call in a process of its own."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    peak, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            peak[0] = max(peak[0], memory(process.pid))

    began = time.perf_counter()
    process.start()
    threading.Thread(target=watch, daemon=True).start()
    process.join()
    seconds = time.perf_counter() - began
    done.set()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} ended with {process.exitcode}")
    return seconds, peak[0]


def memory(pid: int) -> float:
    """Memory of a process and its children, in MB."""
    total = 0
    try:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            total += process.memory_full_info().pss
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        pass
    return total / 1e6


def exponent(sizes: list[int], values: list[float]) -> float:
    return round(float(np.polyfit(np.log(sizes), np.log(np.maximum(values, 1e-3)), 1)[0]), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, nargs="+", default=[100, 316, 1000, 3162, 10000])
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--out", type=Path, help="where results go as JSON")
    given = parser.parse_args()
    rows = []
    for photos in given.photos:
        row = {"photos": photos}
        with tempfile.TemporaryDirectory() as folder:
            for name, work in (("simulate", simulate), ("crops", cut)):
                row[f"{name}_s"], row[f"{name}_mb"] = (
                    round(x, 2) for x in measured(work, Path(folder), photos, given.size)
                )
        rows.append(row)
        print(json.dumps(row), flush=True)
    found = {
        "size": given.size,
        "crops_per_photo": CROPS,
        "rows": rows,
        "exponents": {
            key: exponent(
                [row["photos"] for row in rows],
                [row[key] - (key.endswith("mb") and rows[0][key] * 0.9) for row in rows],
            )
            for key in ("simulate_s", "simulate_mb", "crops_s", "crops_mb")
        },
        "device": run.device_name(run.torch.device("cpu")),
        "commit": run.commit(),
    }
    print(json.dumps(found["exponents"]))
    if given.out:
        write_json(given.out, found)


if __name__ == "__main__":
    main()
