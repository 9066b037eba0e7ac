"""Sweeps: trainings over a grid of parameters, done as tasks of a Dask cluster or jobs of Slurm, measured one by one.

`sweep_grid` describes the file of a sweep. A task is one training and what is measured of it. It has a recipe of its
own, and its result is in the store under that recipe, so no sweep does it again. Where a worker is killed, or a job
ends at its walltime, the task is done by another, which goes on from the last checkpoint. All processes read and write
one store, so workers on other machines need its folder, too.
"""

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from camgan_lib.base.devices import one_thread, resolve_device
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.locks import locked
from camgan_lib.base.settings import Settings
from camgan_lib.base.versions import code_version
from camgan_lib.base.workers import one_core
from camgan_lib.book import usage
from camgan_lib.book.provenance import commit, device_name
from camgan_lib.book.run import Run
from camgan_lib.book.sweep_cluster import cluster, gather
from camgan_lib.book.sweep_grid import CHAPTERS, Cell, Sweep
from camgan_lib.book.sweep_slurm import Slurm, connect
from camgan_lib.data.crops import CameraData
from camgan_lib.data.nostyle import NoStyle
from camgan_lib.measure import evaluation, generators
from camgan_lib.networks.jobs import Job, make, now
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import load_classifier
from camgan_lib.networks.store import Store
from camgan_lib.networks.style_gan import Generator


@dataclass(frozen=True)
class Task:
    """A training (`job`) and what is to be measured of it.

    `place` is its point of the grid, `key` the recipe that names the result in the store, `judges` the keys of the
    classifiers that judge a generator.
    """

    place: dict[str, Any]
    job: Job
    key: dict[str, Any]
    judges: dict[str, dict[str, Any]]


def prepare(sweep: Sweep, settings: Settings, data: str | None = None) -> tuple[list[Job], list[Task]]:
    """The classifiers that a sweep needs before its tasks, and the tasks. Makes the data here; trains nothing."""
    upstream: dict[str, tuple[Path, dict[str, Job]]] = {}
    made = []
    for cell in sweep.cells:
        if data:
            cell.parameters["dataset"]["data"] = data
        name = recipe_id({c: cell.parameters[c] for c in ("dataset", "classifier")})
        if name not in upstream:
            upstream[name] = _upstream(cell, settings, settings.build / "sweeps" / "records" / name)
        made += _tasks(sweep, cell, settings, *upstream[name])
    if sweep.train == "classifiers":
        return [], made
    return [replace(job, progress=False) for _, jobs in upstream.values() for job in jobs.values()], made


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


def train(job: Job) -> None:
    """Trains a network unless the store has it, and notes the device of the machine that does."""
    make(_here(job))


def _here(job: Job) -> Job:
    return replace(job, facts={**job.facts, "device": device_name(torch.device(job.device))})


def do(task: Task) -> dict[str, Any]:
    """What is measured of a task's network. Trains and measures unless the store has the result."""
    task = replace(task, job=_here(task.job))
    store = task.job.store
    store.remove_leftovers("measurement", task.key)
    with store.locked("measurement", task.key):
        if (found := store.get("measurement", task.key)) is None:
            with one_core():  # the other cores do other tasks
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
    weights, data = _weights(job.store, job.kind, job.key), CameraData.load(job.crops)
    if job.kind == "classifier":
        found = evaluation.evaluate(load_classifier(weights).to(device), data.test, device)
        return {name: found[name].value for name in ("accuracy", "photo_accuracy")}
    generator = Generator.from_recipe(GanRecipe(**job.key["recipe"]), seed=0)
    generator.load_state_dict(weights)
    judges = {
        name: load_classifier(_weights(job.store, "classifier", key)).to(device) for name, key in task.judges.items()
    }
    assert job.nostyle is not None
    images = NoStyle.load(job.nostyle).test
    return generators.measure(generator.to(device).eval(), images, job.key["target"], judges, device)


def _weights(store: Store, kind: str, key: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Weights that were made before. Raises CamganError if they were removed since."""
    if (found := store.get(kind, key)) is None:
        raise CamganError(f"a {kind} of this sweep is gone or damaged; run the sweep again")
    return found[0]


def run_sweep(
    sweep: Sweep,
    settings: Settings,
    *,
    scheduler: str | None = None,
    workers: int = 0,
    data: str | None = None,
    slurm: list[str] | None = None,
) -> dict[str, Any]:
    """Does a sweep's tasks and returns what was measured, which it also writes to `<build>/sweeps/<name>.json`.

    Where `slurm` is given, its options (see `sweep_slurm`), tasks are jobs of Slurm, else of a Dask cluster. Another
    sweep of the same build waits. Raises CamganError where a task can't be done; what was done until then is kept, and
    the next run goes on from it.
    """
    with (
        _cluster(sweep, settings, scheduler, workers, slurm) as client,
        locked(settings.build / "sweeps" / ".lock", f"another sweep is using {settings.build}"),
    ):
        classifiers, tasks = prepare(sweep, settings, data)
        if isinstance(client, Slurm) and client.gpus:
            classifiers = [replace(job, device="cuda") for job in classifiers]
            tasks = [replace(task, job=replace(task.job, device="cuda")) for task in tasks]
        with usage.naming(settings.build):
            usage.begin(settings.build, sweep.name, _needs(classifiers, tasks))
        _gather(client, train, classifiers, "classifiers")
        measured = _gather(client, do, tasks, sweep.name)
        result = _result(sweep, tasks, measured)
        with usage.naming(settings.build):
            write_json(settings.build / "sweeps" / f"{sweep.name}.json", result)
            usage.end(settings.build, sweep.name)
        if isinstance(client, Slurm):
            client.tidy()
    return result


@contextlib.contextmanager
def _cluster(
    sweep: Sweep, settings: Settings, scheduler: str | None, workers: int, slurm: list[str] | None
) -> Iterator[Any]:
    """What does the tasks: the jobs of Slurm, or a Dask client, of which it prints the dashboard's address."""
    if slurm is not None:
        jobs = connect(settings.build / "sweeps" / "slurm" / sweep.name, sweep.name, slurm)
        _plan_elsewhere(sweep, jobs.gpus)
        yield jobs
        return
    with cluster(scheduler, workers, _trains_on_gpu(sweep)) as client:
        print(f"Dask dashboard: {client.dashboard_link}", flush=True)
        yield client


def _plan_elsewhere(sweep: Sweep, gpus: int) -> None:
    """Lets a sweep be planned on a machine without the GPUs of its jobs. Raises CamganError where it names others."""
    named = {cell.parameters[chapter]["device"] for cell in sweep.cells for chapter in CHAPTERS} - {"auto"}
    if other := sorted(named - {"cuda" if gpus else "cpu"}):
        jobs = "jobs with a GPU (gpus)" if gpus else "jobs without a GPU; ask for one by gpus=1"
        raise CamganError(f"this sweep sets a device to {other[0]}, and Slurm is asked for {jobs}")
    for cell in sweep.cells:
        for chapter in CHAPTERS:
            cell.parameters[chapter]["device"] = "cpu"


def _trains_on_gpu(sweep: Sweep) -> bool:
    trained = ("classifier",) if sweep.train == "classifiers" else ("classifier", "style_gan")
    devices = {cell.parameters[chapter]["device"] for cell in sweep.cells for chapter in trained}
    return any(resolve_device(name).type == "cuda" for name in devices)


def _needs(classifiers: list[Job], tasks: list[Task]) -> list[str]:
    """Ids of all that a sweep trains and measures."""
    keys = [job.key for job in classifiers]
    keys += [key for task in tasks for key in (task.key, task.job.key, *task.judges.values())]
    return sorted({recipe_id(key) for key in keys})


def _result(sweep: Sweep, tasks: list[Task], measured: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [{**task.place, "id": recipe_id(task.key), **found} for task, found in zip(tasks, measured, strict=True)]
    about = {"name": sweep.name, "about": sweep.about, "profile": sweep.profile, "axes": list(sweep.axes)}
    made = {"commit": commit(), "device": (_stored(tasks[0]) or {}).get("device"), "date": now()}
    return {"sweep": about, "rows": rows, "crops": _levels_of_crops(tasks), "run": made}


def _levels_of_crops(tasks: list[Task]) -> dict[str, dict[str, str]]:
    """The mean level of each camera's training crops (`generators.mean_level`), packed, by data set and camera."""
    files = {task.job.crops: task for task in tasks}
    found = {}
    for path, task in files.items():
        data = CameraData.load(path)
        name = str(task.place.get("dataset.data", "data"))
        found[name] = {c: generators.pack(generators.mean_level(data.train.of(k))) for k, c in enumerate(data.cameras)}
    return found


def _stored(item: Task | Job) -> dict[str, Any] | None:
    """The manifest of what a task or a training makes, or None where it was not made."""
    kind, store = ("measurement", item.job.store) if isinstance(item, Task) else (item.kind, item.store)
    found = store.get(kind, item.key)
    return found and found[1]


def _gather(client: Any, work: Callable, items: list[Any], name: str) -> list[Any]:
    if isinstance(client, Slurm):
        return [manifest["metrics"] for manifest in client.gather(work, items, name, _stored)]
    keys = [f"{name}-{recipe_id(item.key)}-{number}" for number, item in enumerate(items)]
    return gather(client, work, items, keys, [_device(item) == "cuda" for item in items], name)


def _device(item: Task | Job) -> str:
    return (item.job if isinstance(item, Task) else item).device
