"""Trainings as jobs. A job holds only paths and recipes, so any process can do it. Each runs on one core.

One training is too small to keep two cores busy, so several trainings run at once. With one thread per training the
weights are also the same on machines with other numbers of cores.
"""

import time
from collections.abc import Callable
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from camgan_lib.base.devices import one_thread
from camgan_lib.base.errors import CamganError
from camgan_lib.base.memory import keep_memory
from camgan_lib.base.workers import cores, pool
from camgan_lib.data.crops import CameraData
from camgan_lib.data.nostyle import NoStyle
from camgan_lib.data.validation import validation_of
from camgan_lib.networks.checkpoint import Checkpoint
from camgan_lib.networks.classifier_training import train_classifier
from camgan_lib.networks.forensic_training import train_forensic
from camgan_lib.networks.gan_training import train_style_gan
from camgan_lib.networks.judges import load_judge, train_judge
from camgan_lib.networks.recipes import SECOND, ClassifierRecipe, GanRecipe
from camgan_lib.networks.resnet import ResNet20, to_integers
from camgan_lib.networks.store import Store


@dataclass(frozen=True)
class Job:
    """A network to train: its `kind` (a key of TRAIN) and `key`, the recipe that names it in the store.

    `crops` and, for a generator, `nostyle` are files of data; `auxiliary` is the key of the auxiliary classifier, and
    `second` that of the classifier beside it, if there is one.
    `facts` go into the manifest. `position` is the line of the terminal on which the progress bar is drawn.
    """

    kind: str
    key: dict[str, Any]
    store: Store
    crops: Path
    device: str
    facts: dict[str, Any]
    nostyle: Path | None = None
    auxiliary: dict[str, Any] | None = None
    second: dict[str, Any] | None = None
    position: int = 0
    progress: bool = True


def make_all(jobs: list[Job], workers: int = 0) -> None:
    """Trains the networks that the store lacks and puts them there. On a CPU, `workers` at once (0: one per core).

    Raises what a training raises, and CamganError if a process was killed. The other trainings are then stopped; the
    next call goes on from their checkpoints.
    """
    missing = [job for job in jobs if job.store.get(job.kind, job.key) is None]
    for job in missing:
        job.store.remove_leftovers(job.kind, job.key)
    at_once = min(workers or cores(), len(missing)) if missing and missing[0].device == "cpu" else 1
    if at_once < 2:
        for job in missing:
            make(job)
        return
    try:
        with pool(at_once) as processes:
            for done in as_completed([processes.submit(make, job) for job in missing]):
                done.result()
    finally:
        for job in missing:
            job.store.remove_leftovers(job.kind, job.key)


def make(job: Job) -> None:
    """Trains one network and puts it into the store. If another process is at it, waits until it is there."""
    with job.store.locked(job.kind, job.key):
        checkpoint, began = job.store.checkpoint(job.kind, job.key), time.monotonic()
        checkpoint.clock = lambda: time.monotonic() - began
        if job.store.get(job.kind, job.key) is not None:
            checkpoint.remove()
            return
        keep_memory()
        with one_thread():
            weights, history = TRAIN[job.kind](job, checkpoint)
        facts = {"seconds": round(checkpoint.seconds(), 1), "date": now(), **job.facts}
        job.store.put(job.kind, job.key, weights, {"history": history}, **facts)
        checkpoint.remove()


def _train_classifier(job: Job, checkpoint: Checkpoint) -> tuple[dict[str, Tensor], list[dict]]:
    data, recipe = CameraData.load(job.crops), ClassifierRecipe(**job.key["recipe"])
    model, history = train_classifier(data.train, recipe, test=data.test, **_about(job, checkpoint))
    return to_integers(model) if recipe.quantized else model.state_dict(), history


def _train_identifier(job: Job, checkpoint: Checkpoint) -> tuple[dict[str, Tensor], list[dict]]:
    data, recipe = CameraData.load(job.crops), ClassifierRecipe(**job.key["recipe"])
    validation = validation_of(data, recipe.seed)
    about = _about(job, checkpoint)
    model, history, _ = train_forensic(data.train, recipe, validation=validation, test=data.test, **about)
    return model.state_dict(), history


def _train_generator(job: Job, checkpoint: Checkpoint) -> tuple[dict[str, Tensor], list[dict]]:
    assert job.auxiliary is not None
    assert job.nostyle is not None
    data, target = CameraData.load(job.crops), job.key["target"]
    found = job.store.get("classifier", job.auxiliary)
    if found is None:
        raise CamganError("the auxiliary classifier is gone or damaged; run 'camgan run classifier'")
    auxiliary = ResNet20(len(data.cameras))
    auxiliary.load_state_dict(found[0])
    classifiers, nostyle = [auxiliary], NoStyle.load(job.nostyle).train
    if job.second is not None:
        make(replace(job, kind="judge", key=job.second))
        weights, _ = job.store.get("judge", job.second) or ({}, {})
        classifiers.append(load_judge(SECOND, weights))
    model, history = train_style_gan(
        data.train.of(target), nostyle, target, classifiers, GanRecipe(**job.key["recipe"]), **_about(job, checkpoint)
    )
    return {name: tensor.half() for name, tensor in model.state_dict().items()}, history


def _train_judge(job: Job, checkpoint: Checkpoint) -> tuple[dict[str, Tensor], list[dict]]:
    recipe, crops = ClassifierRecipe(**job.key["recipe"]), CameraData.load(job.crops).train
    return train_judge(crops, job.key["architecture"], recipe, half=job.key["half"], **_about(job, checkpoint))


def _about(job: Job, checkpoint: Checkpoint) -> dict[str, Any]:
    where = {"device": torch.device(job.device), "checkpoint": checkpoint}
    return {**where, "progress": job.progress, "bar_position": job.position}


TRAIN: dict[str, Callable[[Job, Checkpoint], tuple[dict[str, Tensor], list[dict]]]] = {
    "classifier": _train_classifier,
    "generator": _train_generator,
    "judge": _train_judge,
    "identifier": _train_identifier,
}
"""What trains each kind of network. Generators are stored in half precision, and evaluated as they are stored."""


def now(seconds: float | None = None) -> str:
    """The time of day, UTC, in ISO 8601."""
    return datetime.fromtimestamp(time.time() if seconds is None else seconds, UTC).isoformat(timespec="seconds")
