"""How time and memory grow with the number of photos: simulating them, and cutting crops from them.

Each number of photos is measured in a process of its own; memory is the peak of the sum over it and its workers
(proportional set size). The exponent is the slope of log(seconds), or of log(memory), against log(photos): 1 is linear.
Both are taken above those of the same process with nothing to do, which are in the results as `empty`.

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

from camgan_lib.base.files import write_json
from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.photos import load_crops
from camgan_lib.data.simulation import simulate_cameras

CROPS = 30


def simulate(folder: Path, photos: int, size: int) -> None:
    simulate_cameras(folder, photos=photos // len(CAMERAS), size=size, seed=0, progress=False)


def cut(folder: Path, photos: int, size: int) -> None:
    load_crops(folder, crops_per_photo=CROPS, progress=False)


def nothing() -> None:
    """What a measured process does before its work: it has imported this module."""


def measure(photos: int, size: int) -> dict[str, float]:
    row = {"photos": photos}
    with tempfile.TemporaryDirectory() as folder:
        for name, work in (("simulate", simulate), ("crops", cut)):
            row[f"{name}_s"], row[f"{name}_mb"] = (round(x, 2) for x in measured(work, Path(folder), photos, size))
    print(json.dumps(row), flush=True)
    return row


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
    import torch  # not above, for the measured processes would import it, too

    from camgan_lib.book import provenance

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, nargs="+", default=[100, 316, 1000, 3162, 10000])
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--out", type=Path, help="where results go as JSON")
    given = parser.parse_args()
    empty_s, empty_mb = (round(x, 2) for x in measured(nothing))
    rows = [measure(photos, given.size) for photos in given.photos]
    found = {
        "size": given.size,
        "crops_per_photo": CROPS,
        "rows": rows,
        "empty": {"s": empty_s, "mb": empty_mb},
        "exponents": {
            f"{name}_{unit}": exponent(given.photos, [row[f"{name}_{unit}"] - empty for row in rows])
            for name in ("simulate", "crops")
            for unit, empty in (("s", empty_s), ("mb", empty_mb))
        },
        "device": provenance.device_name(torch.device("cpu")),
        "commit": provenance.commit(),
    }
    print(json.dumps(found["exponents"]))
    if given.out:
        write_json(given.out, found)


if __name__ == "__main__":
    main()
