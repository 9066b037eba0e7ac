"""Does a pattern that is the same whatever the content need a camera? Sets of generators that learned to copy say.

Chapter 5 asks how often the spectrum of a stylised image is nearest to its own camera's (`measure/consistency.py`) and
sets untrained generators beside it, which hardly let their input through. This is the nearer control. Sets of as many
generators as there are cameras are trained at the size of profile trial, each set from first weights of its own:

    identity     the L1 distance to the input alone: they learn to copy, and no camera has a part in it
    cameras      the paper's loss, one generator for each camera
    untrained    no step of training

Each set also has no-style images of its own, to learn from and to be tested on. Sets are the sample. Networks are kept
in the build's store, and a run that was stopped goes on from there.

    python trials/identity_sets.py [--build _build] [--sets 20] [--steps 320] [--workers 0] [--device auto]
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from camgan_lib.base import paths
from camgan_lib.base.devices import resolve_device
from camgan_lib.base.files import write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings
from camgan_lib.book import provenance, sweeps
from camgan_lib.book.plan import make_plan
from camgan_lib.book.sweep_grid import CHAPTERS, Cell, Sweep
from camgan_lib.data.nostyle import NoStyle
from camgan_lib.measure import consistency, statistics
from camgan_lib.measure.estimates import recorded
from camgan_lib.networks.inference import stylise
from camgan_lib.networks.jobs import make_all
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.style_gan import Generator

KINDS: dict[str, dict[str, Any]] = {
    "identity": {"adversarial_weight": 0.0, "auxiliary_weight": 0.0, "tv_weight": 0.0},
    "cameras": {},
    "untrained": {"gan_steps": 0},
}
"""What each kind of set changes in the recipe of profile trial."""
FIRST = 1000
"""Seeds of kind number k begin at FIRST · (k + 1), so that no two generators begin with the same weights."""
IMAGES = 128
"""Test images of a set that spectra are taken of, as many as of the untrained sets in chapter 5."""
DATA = {"nostyle_train": 1024, "nostyle_test": IMAGES}
"""Each set has so many no-style images of its own, rendered from its seed: fewer than in profile trial."""


def grid(sets: int, steps: int, device: str, profile: str = "trial") -> Sweep:
    """The trainings as a sweep: a cell per kind and set, each with a seed of its own."""
    plan = make_plan(profile, []).parameters
    cells = []
    for number, (kind, changes) in enumerate(KINDS.items()):
        for seed in range(FIRST * (number + 1), FIRST * (number + 1) + sets):
            own = {**plan["style_gan"], **DATA, "gan_steps": steps, "seed": seed, **changes}
            parameters = {name: {**plan[name], "device": device} for name in CHAPTERS if name != "style_gan"}
            parameters["style_gan"] = {**own, "device": device}
            cells.append(Cell({"kind": kind, "seed": seed}, parameters))
    about = "Sets of generators that learned to copy, cameras' and untrained ones."
    return Sweep("identity_sets", about, profile, "generators", None, ("kind", "seed"), cells)


def measured(sweep: Sweep, settings: Settings, workers: int = 0) -> list[dict[str, Any]]:
    """Trains what the store lacks and measures each set.

    A row per set: `kind`, `seed`, `auc`, `l1` (the mean distance of outputs to inputs, images in [−1, 1]) and
    `networks`, the ids of its generators. `workers` trainings run at once on a CPU (0: one per core).
    """
    classifiers, tasks = sweeps.prepare(sweep, settings)
    make_all(classifiers, workers)
    make_all([task.job for task in tasks], workers)
    rows = []
    for cell in sweep.cells:
        jobs = [task.job for task in tasks if all(task.place[axis] == cell.place[axis] for axis in sweep.axes)]
        first, device = jobs[0], torch.device(jobs[0].device)
        assert first.nostyle is not None
        held = NoStyle.load(first.nostyle)
        images, scene = held.test[:IMAGES], held.scene[:IMAGES]
        outputs = [stylise(_generator(job).to(device), images, device) for job in jobs]
        auc = consistency.auc_alone(outputs, [scene] * len(outputs))
        l1 = float(np.mean([np.abs(each.astype(float) - images).mean() for each in outputs]) / 127.5)
        rows.append({**cell.place, "auc": auc, "l1": l1, "networks": [recipe_id(job.key) for job in jobs]})
        print(cell.place, f"AUC {auc:.3f}, L1 {l1:.3f}", flush=True)
    return rows


def _generator(job: Any) -> torch.nn.Module:
    generator = Generator.from_recipe(GanRecipe(**job.key["recipe"]), seed=0)
    generator.load_state_dict(job.store.get(job.kind, job.key)[0])
    return generator


def results(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Estimates over sets, and how the cameras' sets differ from the others.

    `kinds`: kind → its AUC and its L1. `differences`: kind → the cameras' mean AUC minus this kind's (sets of two
    kinds have nothing in common, so not in pairs). `one_more`: kind → the same difference, with the interval in which
    it would lie if the cameras' mean were the AUC of one more set of this kind, as in chapter 5.
    """
    of = {kind: [row for row in rows if row["kind"] == kind] for kind in KINDS}
    kinds = {
        kind: {name: statistics.over([row[name] for row in several], "set") for name in ("auc", "l1")}
        for kind, several in of.items()
    }
    cameras, apart, one_more = kinds["cameras"]["auc"], {}, {}
    for kind in ("identity", "untrained"):
        own = kinds[kind]["auc"]
        apart[kind] = statistics.difference(replace(cameras, units=()), replace(own, units=()))
        beside = statistics.against_networks(cameras, own.units, "set")
        one_more[kind] = replace(beside, method=f"prediction interval over {own.n} sets")
    return {"kinds": kinds, "differences": apart, "one_more": one_more}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Settings.from_environment().build)
    parser.add_argument("--sets", type=int, default=20, help="of each kind")
    parser.add_argument("--steps", type=int, default=320)
    parser.add_argument("--workers", type=int, default=0, help="trainings at once on a CPU (default: one per core)")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "identity_sets.json")
    given = parser.parse_args()
    settings = Settings.from_environment().at(given.build.resolve())
    rows = measured(grid(given.sets, given.steps, given.device), settings, given.workers)
    about = {"sets": given.sets, "steps": given.steps, "profile": "trial", **DATA}
    about |= {"commit": provenance.commit(), "device": provenance.device_name(resolve_device(given.device))}
    left = recorded({**results(rows), "rows": rows, "run": about})
    write_json(given.out, left)
    write_json(settings.build / "trials" / "identity_sets.json", left)  # camgan store prune keeps what it names


if __name__ == "__main__":
    main()
