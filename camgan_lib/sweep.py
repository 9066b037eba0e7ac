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

import numpy as np
import torch
import yaml
from tqdm import tqdm

from camgan_lib import evaluation, paths
from camgan_lib.chapters import read_profile
from camgan_lib.controls import generators
from camgan_lib.controls.statistics import mean_interval
from camgan_lib.devices import one_thread
from camgan_lib.errors import CamganError
from camgan_lib.jobs import Job, make, now
from camgan_lib.nostyle import NoStyle
from camgan_lib.params import check_parameters, read_parameters
from camgan_lib.photos import CameraData
from camgan_lib.resnet import ResNet20, from_integers
from camgan_lib.run import Run, commit, device_name
from camgan_lib.store import recipe_id, write_json
from camgan_lib.style_gan import Generator
from camgan_lib.training import GanRecipe
from camgan_lib.versions import code_version
from camgan_lib.workers import cores

CHAPTERS = ("dataset", "classifier", "style_gan")
KEYS = {"about", "profile", "grid", "variants", "train", "cameras"}
SHAPE = (
    "a sweep has 'about', 'profile', 'grid' and 'variants' (mappings), 'train' (generators or classifiers) "
    "and 'cameras' (how many get generators)"
)
ATTEMPTS = 5
"""How many workers may be killed at one task before it is given up."""


@dataclass(frozen=True)
class Cell:
    """One point of the grid: its place (axis → value) and all parameters of the chapters that train."""

    place: dict[str, Any]
    parameters: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Sweep:
    """A sweep as its file says it: `name` is the file's, `axes` are the grid's, "variant" among them."""

    name: str
    about: str
    profile: str
    train: str
    cameras: int | None
    axes: tuple[str, ...]
    cells: list[Cell]


@dataclass(frozen=True)
class Task:
    """A training (`job`), and what is to be measured of it: `key` names the result, `judges` are classifiers' keys."""

    place: dict[str, Any]
    job: Job
    key: dict[str, Any]
    judges: dict[str, dict[str, Any]]


# --- what to do


def read_sweep(path: Path) -> Sweep:
    """The sweep of a file. Raises CamganError where it can't be read, or a parameter or value is not allowed."""
    try:
        content = yaml.safe_load(Path(path).read_text("utf-8"))
    except FileNotFoundError:
        raise CamganError(f"there is no sweep {path}; name a .yml file, such as those in sweeps/") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise CamganError(f"sweep {path} can't be read as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict) or set(content) - KEYS:
        wrong = sorted(set(content) - KEYS) if isinstance(content, dict) else "something else"
        raise CamganError(f"{SHAPE}; {path} has {wrong}")
    grid, variants = content.get("grid") or {}, content.get("variants") or {}
    train, profile = content.get("train", "generators"), content.get("profile", "quick")
    cameras = content.get("cameras")
    mappings = (
        isinstance(grid, dict) and isinstance(variants, dict) and all(isinstance(v, dict) for v in variants.values())
    )
    mappings = mappings and (cameras is None or (isinstance(cameras, int) and cameras > 0))
    if not mappings or train not in ("generators", "classifiers") or not (grid or variants):
        raise CamganError(f"{SHAPE}; {path} has another shape")
    if bad := [name for name, values in grid.items() if not isinstance(values, list) or not values]:
        raise CamganError(f"each parameter of a grid has a list of values; {path} has something else for {bad[0]}")
    axes = (("variant",) if variants else ()) + tuple(grid)
    cells = []
    for variant, changes in (variants or {None: {}}).items():
        for values in itertools.product(*grid.values()):
            chosen = dict(zip(grid, values, strict=True))
            place = ({"variant": variant} if variants else {}) | chosen
            cells.append(Cell(place, _parameters(profile, changes | chosen)))
    return Sweep(Path(path).stem, content.get("about", ""), profile, train, cameras, axes, cells)


def _parameters(profile: str, changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Full parameters of the chapters that train: the profile's, with `changes` (chapter.name → value)."""
    name, values = read_profile(profile)
    for key, value in changes.items():
        chapter, _, parameter = str(key).rpartition(".")
        if not chapter and parameter != "seed":
            raise CamganError(f"a sweep's parameters are written chapter.name, or seed, got {key!r}")
        if chapter and chapter not in CHAPTERS:
            raise CamganError(f"a sweep changes parameters of {', '.join(CHAPTERS)}, got {key!r}")
        for each in [chapter] if chapter else CHAPTERS:
            values[each] = {**values[each], parameter: value}
    declared = {chapter: read_parameters(paths.chapter_source(chapter)) for chapter in CHAPTERS}
    return {c: check_parameters(c, declared[c], {**values[c], "profile": name}) for c in CHAPTERS}


def prepare(sweep: Sweep, train: Callable[[list[Job]], None], data: str | None = None) -> list[Task]:
    """The sweep's tasks, all that they stand on being made: data here, classifiers by `train`."""
    upstream: dict[str, tuple[Path, dict[str, Any]]] = {}
    for cell in sweep.cells:
        if data:
            cell.parameters["dataset"]["data"] = data
        name = recipe_id({c: cell.parameters[c] for c in ("dataset", "classifier")})
        if name not in upstream:
            upstream[name] = _upstream(cell, paths.build_folder() / "sweeps" / "records" / name)
    if sweep.train == "generators":
        train([replace(job, progress=False) for _, jobs in upstream.values() for job in jobs.values()])
    made = []
    for cell in sweep.cells:
        records, jobs = upstream[recipe_id({c: cell.parameters[c] for c in ("dataset", "classifier")})]
        made += _tasks(sweep, cell, records, jobs)
    return made


def _upstream(cell: Cell, records: Path) -> tuple[Path, dict[str, Job]]:
    first = Run("dataset", cell.parameters["dataset"], records)
    first.finish({"cameras": list(first.prepare_dataset().cameras)})
    second = Run("classifier", cell.parameters["classifier"], records)
    jobs = dict(zip(("auxiliary", "test"), second.classifier_jobs(), strict=True))
    second.finish({})
    return records, jobs


def _tasks(sweep: Sweep, cell: Cell, records: Path, classifiers: dict[str, Job]) -> list[Task]:
    judges = {name: job.key for name, job in classifiers.items()}
    if sweep.train == "classifiers":
        jobs, judges = {"": classifiers["auxiliary"]}, {}
    else:
        run = Run("style_gan", cell.parameters["style_gan"], records)
        run.prepare_nostyle()
        named = zip(run.results("dataset")["cameras"], run.generator_jobs(), strict=True)
        jobs = dict(itertools.islice(named, sweep.cameras))
    found = []
    for camera, job in jobs.items():
        key = {"of": recipe_id(job.key), "recipe": job.key["recipe"], "code": code_version("trial")}
        key |= {"judges": {name: recipe_id(each) for name, each in judges.items()}} if judges else {}
        key |= {"target": job.key["target"]} if camera else {}
        place = {**cell.place, **({"camera": camera} if camera else {})}
        found.append(Task(place, replace(job, progress=False), key, judges))
    return found


# --- doing it


def do(task: Task) -> dict[str, Any]:
    """Trains and measures, unless the store has the result; returns what was measured."""
    store = task.job.store
    with store.locked("trial", task.key):
        if (found := store.get("trial", task.key)) is None:
            make(task.job)
            began = time.monotonic()
            with one_thread():
                measured = _measured(task)
            about = {"seconds": round(time.monotonic() - began, 1), "date": now(), **task.job.facts}
            store.put("trial", task.key, {}, measured, **about)
            return measured
    return found[1]["metrics"]


def _measured(task: Task) -> dict[str, Any]:
    job, device = task.job, torch.device(task.job.device)
    weights, data = job.store.get(job.kind, job.key)[0], CameraData.load(job.crops)
    if job.kind == "classifier":
        judged = evaluation.judge(_classifier(weights, device), data.test, device)
        return {"accuracy": judged["accuracy"], "photo_accuracy": judged["photo_accuracy"]}
    generator = Generator.from_recipe(GanRecipe(**job.key["recipe"]), seed=0)
    generator.load_state_dict(weights)
    judges = {name: _classifier(job.store.get("classifier", key)[0], device) for name, key in task.judges.items()}
    images = NoStyle.load(job.nostyle).test
    return generators.measure(generator.to(device).eval(), images, job.key["target"], judges, device)


def _classifier(weights: dict[str, torch.Tensor], device: torch.device) -> ResNet20:
    if "head.bias" not in weights or any(name.endswith("scale") for name in weights):
        return from_integers(weights).to(device).eval()
    model = ResNet20(weights["head.bias"].numel())
    model.load_state_dict(weights)
    return model.to(device).eval()


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
    sweep: Sweep, *, scheduler: str | None = None, workers: int = 0, data: str | None = None, out: Path | None = None
) -> dict[str, Any]:
    """Does all tasks of a sweep and writes what was measured, `<build>/sweeps/<name>.json`; returns it.

    Raises CamganError where a task can't be done; those that are done stay done.
    """
    with cluster(scheduler, workers) as client:
        print(f"Dask dashboard: {client.dashboard_link}", flush=True)
        tasks = prepare(sweep, lambda jobs: _gather(client, make, jobs, "classifiers"), data)
        measured = _gather(client, do, tasks, sweep.name)
    rows = [{**task.place, "id": recipe_id(task.key), **found} for task, found in zip(tasks, measured, strict=True)]
    about = {"name": sweep.name, "about": sweep.about, "profile": sweep.profile, "axes": list(sweep.axes)}
    made = {"commit": commit(), "device": device_name(torch.device(tasks[0].job.device)), "date": now()}
    result = {"sweep": about, "rows": rows, "crops": _levels_of_crops(tasks), "run": made}
    write_json(out or paths.build_folder() / "sweeps" / f"{sweep.name}.json", result)
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


# --- what came out


def summary(result: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per cell, seeds and cameras taken together: `n` seeds, and for each number its mean and 95 % interval.

    The interval is Student's, over seeds, each seed's cameras averaged first; there is none for a single seed.
    """
    axes = result["sweep"]["axes"]
    seeds = [axis for axis in axes if axis.rpartition(".")[2] == "seed"]
    others = [axis for axis in axes if axis not in seeds]
    cells: dict[tuple, dict[tuple, list[dict]]] = {}
    for row in result["rows"]:
        cell = cells.setdefault(tuple(row[axis] for axis in others), {})
        cell.setdefault(tuple(row[axis] for axis in seeds), []).append(numbers(row))
    found = []
    for place, by_seed in cells.items():
        means = {name: [np.mean([row[name] for row in rows]) for rows in by_seed.values()] for name in rows_of(by_seed)}
        values = {name: mean_interval(each) for name, each in means.items()}
        found.append({**dict(zip(others, place, strict=True)), "n": len(by_seed), **values})
    return found


def rows_of(by_seed: dict[tuple, list[dict]]) -> list[str]:
    return list(next(iter(by_seed.values()))[0])


def numbers(row: dict[str, Any]) -> dict[str, float]:
    """A row's plain numbers, those of judges by name; `won`: of the images not taken before, at least so many are now.

    Over all cameras the mean share of untouched images is one in as many, whatever the judge; so it is of no use there.
    """
    flat = {f"{key}: {name}": v for key in ("taken", "untouched") for name, v in row.get(key, {}).items()}
    flat |= {
        f"won: {name}": _won(v, row["untouched"][name])
        for name, v in row.get("taken", {}).items()
        if "untouched" in row
    }
    measured = list(row)[list(row).index("id") + 1 :]
    return {**flat, **{key: row[key] for key in measured if isinstance(row[key], int | float)}}


def _won(taken: float, untouched: float) -> float:
    return (taken - untouched) / (1 - untouched) if untouched < 1 else 0.0


def of_kind(found: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The rows of a summary whose variant is written "kind, rest", with the rest as their variant."""
    start = f"{kind}, "
    chosen = [row for row in found if row["variant"].startswith(start)]
    return [{**row, "variant": row["variant"].removeprefix(start)} for row in chosen]


def beside(rows: list[dict[str, Any]], result: dict, places: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of stages with the mean `accuracy` that a sweep of classifiers found at the stage's place."""

    def mean(place: dict[str, Any]) -> float:
        chosen = [row for row in result["rows"] if all(row[axis] == value for axis, value in place.items())]
        return float(np.mean([row["accuracy"] for row in chosen]))

    return [{**row, "accuracy": mean(places[row["stage"]])} for row in rows]


def kinds(result: dict[str, Any], axis: str) -> list[Any]:
    """The values along an axis of a sweep, in order."""
    return list(dict.fromkeys(row[axis] for row in result["rows"]))


def stack(result: dict[str, Any], place: dict[str, Any], key: str) -> np.ndarray:
    """A packed spectrum of the rows at a place (axis → value), seeds × cameras × its own shape.

    Raises ValueError where a seed lacks a camera.
    """
    seed = next(axis for axis in result["sweep"]["axes"] if axis.rpartition(".")[2] == "seed")
    rows = [row for row in result["rows"] if all(row[axis] == value for axis, value in place.items())]
    by_seed = {value: [r for r in rows if r[seed] == value] for value in dict.fromkeys(r[seed] for r in rows)}
    return np.stack([np.stack([generators.unpack(row[key]) for row in several]) for several in by_seed.values()])


def plain(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a summary for a record: intervals as lists, without those that there are not."""
    return [
        {key: [v for v in value if v == v] if isinstance(value, tuple) else value for key, value in row.items()}
        for row in found
    ]
