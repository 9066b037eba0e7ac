"""What 1,000 tasks of a sweep cost in Dask's scheduler, and what 100,000 stored things cost in the store.

    python benchmarks/scale.py [--tasks 1000] [--latency 0.005] [--stored 100000] [--out benchmarks/scale.json]

A task sleeps, so it needs no core: what the whole takes above tasks × latency / workers is the scheduler's. The start
of the cluster is left out. Each number of workers is measured three times; the median counts.

The store lies in a temporary folder. Its manifests are as long as those of generators; the build needs all but the
first hundred. Each command of `camgan store` is a process of its own: its start and imports are in its seconds.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from camgan_lib.base.files import write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.book.sweep_cluster import cluster, gather
from camgan_lib.networks.store import Store

WORKERS, TURNS, UNUSED = (2, 4, 8), 3, 100
KINDS, NUMBER = ("classifier", "generator", "measurement"), 987654321


def nap(item: dict) -> int:
    time.sleep(item["seconds"])
    return item["number"]


def scheduler(tasks: int, latency: float) -> list[dict[str, float]]:
    """A row per number of workers: seconds, milliseconds per task above the ideal, and the ideal's share."""
    rows = []
    for workers in WORKERS:
        ideal, seconds = tasks * latency / workers, []
        with cluster(None, workers) as client:
            for turn in range(-1, TURNS):  # the first is not counted: workers import what tasks need
                items = [{"number": n, "seconds": latency, "facts": "x" * 2000} for n in range(tasks)]
                began = time.perf_counter()
                found = gather(client, nap, items, [f"{turn}-{n}" for n in range(tasks)], [False] * tasks, "nap")
                seconds += [time.perf_counter() - began] if turn >= 0 else []
                assert found == list(range(tasks))
        taken = statistics.median(seconds)
        row = {"workers": workers, "seconds": taken, "ideal": ideal}
        rows.append(row | {"overhead_ms": 1e3 * (taken - ideal) / tasks, "efficiency": ideal / taken})
        print(json.dumps(rows[-1]), flush=True)
    return rows


def fill(root: Path, count: int, facts: dict) -> list[tuple[str, dict]]:
    """Puts so many things into a store: one by `put`, the others as copies of its files. Returns kinds and recipes."""
    import torch

    store, history = Store(root), [{"step": k, "l1": k / 3, "adversarial": 0.5, "accuracy": k / 60} for k in range(60)]
    settings = {"gan_steps": 400, "norm": "batch", "upsampling": "transpose3", "l1_weight": 1.0, "seed": NUMBER}
    recipe = {"data": "0" * 16, "auxiliary": "1" * 16, "target": 0, "recipe": settings, "code": 3}
    first = store.put(KINDS[0], recipe, {"w": torch.ones(8)}, {"history": history}, seconds=60.5, **facts)
    made = store.folder(KINDS[0], recipe)
    text, recipes = (made / "manifest.json").read_text(), []
    for number in range(count):
        kind, recipe = KINDS[number % 3], recipe | {"recipe": settings | {"seed": number}}
        folder = store.folder(kind, recipe)
        os.makedirs(folder)
        if number % 50_000 == 0:  # a file can have no more than 65,000 names
            weights = folder / "weights.safetensors"
            weights.write_bytes((made / weights.name).read_bytes())
        else:
            os.link(weights, folder / weights.name)
        own = text.replace(str(NUMBER), str(number)).replace(first["id"], folder.name)
        (folder / "manifest.json").write_text(own.replace(f'"kind": "{KINDS[0]}"', f'"kind": "{kind}"'))
        recipes.append((kind, recipe))
    return recipes


def command(build: Path, *words: str) -> dict[str, float]:
    """Seconds of a `camgan store` command, and its peak memory in MB."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3)"
    )
    camgan, began = Path(sys.executable).with_name("camgan"), time.perf_counter()
    whole = [sys.executable, "-c", code, camgan, "store", *words, "--build", build]
    done = subprocess.run(whole, check=True, capture_output=True, text=True)
    return {"seconds": time.perf_counter() - began, "mb": float(done.stdout)}


def stored(count: int, facts: dict) -> dict[str, dict[str, float]]:
    """Seconds and peak memory of each command, and milliseconds of `Store.get` and `Store.has`."""
    with tempfile.TemporaryDirectory() as scratch:
        build, found = Path(scratch), {}
        recipes = fill(build / "store", count, facts)
        used = [{"id": recipe_id(recipe)} for _, recipe in recipes[UNUSED:]]
        write_json(build / "sweeps" / "mine.json", {"rows": used})
        for words in (["list"], ["prune"], ["prune", "--yes"]):
            found[" ".join(words)] = command(build, *words)
        store = Store(build / "store")
        assert len(store.names()) == len(used)
        for name in ("get", "has"):
            seconds = []
            for kind, recipe in recipes[UNUSED :: max(1, count // 500)]:
                began = time.perf_counter()
                assert getattr(store, name)(kind, recipe)
                seconds.append(time.perf_counter() - began)
            found[name] = {"ms": 1e3 * statistics.median(seconds)}
    for name, row in found.items():
        print(name, json.dumps(row), flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.005)
    parser.add_argument("--stored", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/scale.json"))
    given = parser.parse_args()
    found = {
        "tasks": given.tasks,
        "latency_ms": 1e3 * given.latency,
        "scheduler": scheduler(given.tasks, given.latency),
    }
    import torch  # not above, for the workers would import it, too

    from camgan_lib.book.provenance import commit, device_name, provenance

    cpu = torch.device("cpu")
    facts = {"date": "2026-01-01T00:00:00+00:00", **provenance({"profile": "trial", "seed": 0}, cpu)}
    found |= {"stored": given.stored, "store": stored(given.stored, facts)}
    write_json(given.out, found | {"device": device_name(cpu), "commit": commit()})


if __name__ == "__main__":
    main()
