"""Sweeps: trainings over a grid of parameters, as tasks of a Dask cluster, each measured as soon as it is done.

A sweep is a YAML file: `about`, the `profile` that its cells start from, `grid` (a parameter → its values),
`variants` (a name → parameters with their values), `train`, "generators" (one task per cell and camera) or
"classifiers" (one per cell), and `cameras`, how many of them get generators (all, unless it is said). Parameters are
written chapter.name, or seed, which is every chapter's.

A task is a training and what is measured of it, known in the store by a recipe of its own: one that has been done is
not done again, by whatever sweep; one whose worker is killed is given to another, which goes on from the last
checkpoint. All processes read and write one store, so that workers on other machines need its folder, too.
"""

import contextlib
import itertools
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from camgan_lib.base.devices import one_thread
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings
from camgan_lib.base.versions import code_version
from camgan_lib.base.workers import cores
from camgan_lib.book.provenance import commit, device_name
from camgan_lib.book.run import Run
from camgan_lib.book.sweep_grid import Cell, Sweep
from camgan_lib.data.crops import CameraData
from camgan_lib.data.nostyle import NoStyle
from camgan_lib.measure import evaluation, generators
from camgan_lib.networks.jobs import Job, make, now
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import load_classifier
from camgan_lib.networks.style_gan import Generator

ATTEMPTS = 5
"""How many workers may be killed at one task before it is given up."""


@dataclass(frozen=True)
class Task:
    """A training (`job`), and what is to be measured of it: `key` names the result, `judges` are classifiers' keys."""

    place: dict[str, Any]
    job: Job
    key: dict[str, Any]
    judges: dict[str, dict[str, Any]]


def prepare(
    sweep: Sweep, settings: Settings, train: Callable[[list[Job]], None], data: str | None = None
) -> list[Task]:
    """The sweep's tasks, all that they stand on being made: data here, classifiers by `train`."""
    upstream: dict[str, tuple[Path, dict[str, Any]]] = {}
    for cell in sweep.cells:
        if data:
            cell.parameters["dataset"]["data"] = data
        name = recipe_id({c: cell.parameters[c] for c in ("dataset", "classifier")})
        if name not in upstream:
            upstream[name] = _upstream(cell, settings, settings.build / "sweeps" / "records" / name)
    if sweep.train == "generators":
        train([replace(job, progress=False) for _, jobs in upstream.values() for job in jobs.values()])
    made = []
    for cell in sweep.cells:
        records, jobs = upstream[recipe_id({c: cell.parameters[c] for c in ("dataset", "classifier")})]
        made += _tasks(sweep, cell, settings, records, jobs)
    return made


def _upstream(cell: Cell, settings: Settings, records: Path) -> tuple[Path, dict[str, Job]]:
    first = Run("dataset", cell.parameters["dataset"], settings, records)
    first.finish({"cameras": list(first.prepare_dataset().cameras)})
    second = Run("classifier", cell.parameters["classifier"], settings, records)
    jobs = second.plan_classifiers()
    second.finish({})
    return records, jobs


def _tasks(sweep: Sweep, cell: Cell, settings: Settings, records: Path, classifiers: dict[str, Job]) -> list[Task]:
    judges = {name: job.key for name, job in classifiers.items()}
    if sweep.train == "classifiers":
        jobs, judges = {"": classifiers["auxiliary"]}, {}
    else:
        run = Run("style_gan", cell.parameters["style_gan"], settings, records)
        run.prepare_nostyle()
        jobs = dict(itertools.islice(run.plan_generators().items(), sweep.cameras))
    found = []
    for camera, job in jobs.items():
        key = {"of": recipe_id(job.key), "recipe": job.key["recipe"], "code": code_version("measurement")}
        key |= {"judges": {name: recipe_id(each) for name, each in judges.items()}} if judges else {}
        key |= {"target": job.key["target"]} if camera else {}
        place = {**cell.place, **({"camera": camera} if camera else {})}
        found.append(Task(place, replace(job, progress=False), key, judges))
    return found


def do(task: Task) -> dict[str, Any]:
    """Trains and measures, unless the store has the result; returns what was measured."""
    store = task.job.store
    with store.locked("measurement", task.key):
        if (found := store.get("measurement", task.key)) is None:
            make(task.job)
            began = time.monotonic()
            with one_thread():
                measured = _measured(task)
            about = {"seconds": round(time.monotonic() - began, 1), "date": now(), **task.job.facts}
            store.put("measurement", task.key, {}, measured, **about)
            return measured
    return found[1]["metrics"]


def _measured(task: Task) -> dict[str, Any]:
    job, device = task.job, torch.device(task.job.device)
    weights, data = job.store.get(job.kind, job.key)[0], CameraData.load(job.crops)
    if job.kind == "classifier":
        found = evaluation.evaluate(load_classifier(weights).to(device), data.test, device)
        return {"accuracy": found["accuracy"], "photo_accuracy": found["photo_accuracy"]}
    generator = Generator.from_recipe(GanRecipe(**job.key["recipe"]), seed=0)
    generator.load_state_dict(weights)
    judges = {
        name: load_classifier(job.store.get("classifier", key)[0]).to(device) for name, key in task.judges.items()
    }
    images = NoStyle.load(job.nostyle).test
    return generators.measure(generator.to(device).eval(), images, job.key["target"], judges, device)


@contextlib.contextmanager
def cluster(scheduler: str | None, workers: int) -> Iterator[Any]:
    """A Dask client: of the scheduler at an address, or of `workers` processes here (0: one per core).

    Raises CamganError where Dask is not installed or there is no scheduler at the address.
    """
    try:
        import distributed
    except ImportError:
        raise CamganError("a sweep needs Dask: pip install -e '.[sweep]'") from None
    if scheduler:
        try:
            client = distributed.Client(scheduler, timeout=10)
        except (OSError, ValueError, TypeError) as error:
            raise CamganError(f"there is no Dask scheduler at {scheduler} ({type(error).__name__})") from None
        with client:
            yield client
        return
    os.environ.setdefault("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", str(ATTEMPTS))
    options = {"n_workers": workers or cores(), "threads_per_worker": 1, "processes": True}
    with distributed.LocalCluster(**options, dashboard_address=":0") as local, distributed.Client(local) as client:
        yield client


def run_sweep(
    sweep: Sweep,
    settings: Settings,
    *,
    scheduler: str | None = None,
    workers: int = 0,
    data: str | None = None,
) -> dict[str, Any]:
    """Does all tasks of a sweep and writes what was measured, `<build>/sweeps/<name>.json`; returns it.

    Raises CamganError where a task can't be done; those that are done stay done.
    """
    with cluster(scheduler, workers) as client:
        print(f"Dask dashboard: {client.dashboard_link}", flush=True)
        tasks = prepare(sweep, settings, lambda jobs: _gather(client, make, jobs, "classifiers"), data)
        measured = _gather(client, do, tasks, sweep.name)
    rows = [{**task.place, "id": recipe_id(task.key), **found} for task, found in zip(tasks, measured, strict=True)]
    about = {"name": sweep.name, "about": sweep.about, "profile": sweep.profile, "axes": list(sweep.axes)}
    made = {"commit": commit(), "device": device_name(torch.device(tasks[0].job.device)), "date": now()}
    result = {"sweep": about, "rows": rows, "crops": _levels_of_crops(tasks), "run": made}
    write_json(settings.build / "sweeps" / f"{sweep.name}.json", result)
    return result


def _levels_of_crops(tasks: list[Task]) -> dict[str, dict[str, str]]:
    """By data set and camera the mean level of the camera's training crops (`generators.mean_level`), packed."""
    files = {task.job.crops: task for task in tasks}
    found = {}
    for path, task in files.items():
        data = CameraData.load(path)
        name = str(task.place.get("dataset.data", "data"))
        found[name] = {c: generators.pack(generators.mean_level(data.train.of(k))) for k, c in enumerate(data.cameras)}
    return found


def _gather(client: Any, work: Callable, items: list[Any], name: str) -> list[Any]:
    """`work` on each item by the cluster, results in order, a bar of what is done."""
    import distributed

    keys = [f"{name}-{recipe_id(item.key)}-{number}" for number, item in enumerate(items)]
    resources = [{"GPU": 1} if _device(item) == "cuda" else None for item in items]
    futures = [
        client.submit(work, item, key=key, resources=needs, retries=0, pure=False)
        for item, key, needs in zip(items, keys, resources, strict=True)
    ]
    for done in tqdm(distributed.as_completed(futures), total=len(futures), desc=name, unit="task", mininterval=1):
        if done.status == "error":
            client.cancel(futures)
            error = done.exception()
            if isinstance(error, distributed.KilledWorker):
                raise CamganError(
                    f"{ATTEMPTS} workers were killed at one task of {name}; run it again to go on"
                ) from None
            raise error
    return [future.result() for future in futures]


def _device(item: Task | Job) -> str:
    return (item.job if isinstance(item, Task) else item).device
