"""Sweeps: trainings over a grid of parameters, done as tasks of a Dask cluster and measured one by one.

`sweep_grid` describes the file of a sweep. A task is one training and what is measured of it. It has a recipe of its
own, and its result is in the store under that recipe, so no sweep does it again. Where a worker is killed, its task is
given to another worker, which goes on from the last checkpoint. All processes read and write one store, so workers on
other machines need its folder, too.
"""

import itertools
import time
from collections.abc import Callable
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
from camgan_lib.book.sweep_grid import Cell, Sweep
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


def do(task: Task) -> dict[str, Any]:
    """What is measured of a task's network. Trains and measures unless the store has the result."""
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
) -> dict[str, Any]:
    """Does a sweep's tasks and returns what was measured, which it also writes to `<build>/sweeps/<name>.json`.

    Another sweep of the same build waits. Raises CamganError where a task can't be done; what was done until then is
    kept, and the next run goes on from it.
    """
    with (
        cluster(scheduler, workers, _trains_on_gpu(sweep)) as client,
        locked(settings.build / "sweeps" / ".lock", f"another sweep is using {settings.build}"),
    ):
        print(f"Dask dashboard: {client.dashboard_link}", flush=True)
        classifiers, tasks = prepare(sweep, settings, data)
        with usage.naming(settings.build):
            usage.begin(settings.build, sweep.name, _needs(classifiers, tasks))
        _gather(client, make, classifiers, "classifiers")
        measured = _gather(client, do, tasks, sweep.name)
        result = _result(sweep, tasks, measured)
        with usage.naming(settings.build):
            write_json(settings.build / "sweeps" / f"{sweep.name}.json", result)
            usage.end(settings.build, sweep.name)
    return result


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
    made = {"commit": commit(), "device": device_name(torch.device(tasks[0].job.device)), "date": now()}
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


def _gather(client: Any, work: Callable, items: list[Any], name: str) -> list[Any]:
    keys = [f"{name}-{recipe_id(item.key)}-{number}" for number, item in enumerate(items)]
    return gather(client, work, items, keys, [_device(item) == "cuda" for item in items], name)


def _device(item: Task | Job) -> str:
    return (item.job if isinstance(item, Task) else item).device
