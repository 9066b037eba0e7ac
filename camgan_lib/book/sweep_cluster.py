"""The Dask cluster that does a sweep's tasks: processes on this machine, or a scheduler that somebody else runs."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import say
from camgan_lib.base.progress import progress
from camgan_lib.base.workers import cores

ATTEMPTS = 5
"""How many times a task is given to another worker after the worker that did it was killed."""

PATIENCE = 10
"""Seconds until a scheduler has to answer."""

GPU = {"GPU": 1}
"""What a worker with a GPU declares, and what a task that trains on one asks for."""


@contextlib.contextmanager
def cluster(scheduler: str | None, workers: int, on_gpu: bool = False) -> Iterator[Any]:
    """Yields a Dask client: of the scheduler at an address, or of a cluster on this machine.

    That has `workers` processes (0: one per core). Where the tasks train on GPUs it has one process per GPU, or fewer
    if `workers` says so. Raises CamganError where Dask is missing, where no scheduler answers at the address, and where
    its workers have no GPU for tasks that need one.
    """
    try:
        import dask
        import distributed
    except ImportError:
        raise CamganError("a sweep needs Dask: pip install -e '.[sweep]'") from None
    if scheduler:
        try:
            client = distributed.Client(scheduler, timeout=PATIENCE)
        except (OSError, ValueError, TypeError) as error:
            raise CamganError(f"there is no Dask scheduler at {scheduler} ({type(error).__name__})") from None
        with client:
            _check_workers(client, scheduler, on_gpu)
            yield client
        return
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": ATTEMPTS}),
        _local(workers, on_gpu) as local,
        distributed.Client(local) as client,
    ):
        yield client


def _local(workers: int, on_gpu: bool) -> Any:
    import distributed

    if not on_gpu:
        options = {"n_workers": workers or cores(), "threads_per_worker": 1, "processes": True}
        return distributed.LocalCluster(**options, dashboard_address=":0")
    gpus = visible_gpus()
    gpus = gpus[: workers or len(gpus)]
    return distributed.SpecCluster(
        scheduler={"cls": distributed.Scheduler, "options": {"host": "127.0.0.1", "dashboard_address": ":0"}},
        workers={
            number: {
                "cls": distributed.Nanny,
                "options": {
                    "host": "127.0.0.1",
                    "nthreads": 1,
                    "resources": GPU,
                    "memory_limit": 1 / len(gpus),
                    "env": {"CUDA_VISIBLE_DEVICES": gpu},
                },
            }
            for number, gpu in enumerate(gpus)
        },
    )


def visible_gpus() -> list[str]:
    """The GPUs that this process may use, each as CUDA_VISIBLE_DEVICES names it."""
    import torch

    named = [each.strip() for each in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if each.strip()]
    return named or [str(number) for number in range(torch.cuda.device_count())]


def _check_workers(client: Any, scheduler: str, on_gpu: bool) -> None:
    """Waits for a first worker, and says so. Raises CamganError where none has the GPU that tasks need."""
    if not client.scheduler_info()["workers"]:
        say(f"the scheduler at {scheduler} has no workers yet; waiting for one")
        client.wait_for_workers(1)
    found = client.scheduler_info()["workers"].values()
    if on_gpu and not any(worker["resources"].get("GPU", 0) >= 1 for worker in found):
        raise CamganError(
            f"this sweep trains on GPUs and no worker of the scheduler at {scheduler} declares one; start a worker per "
            'GPU with --resources "GPU=1", or set the devices to cpu'
        )


def gather(client: Any, work: Callable, items: list[Any], keys: list[str], on_gpu: list[bool], name: str) -> list[Any]:
    """What `work` makes of each item on the cluster, in order, with a bar. `keys` name the tasks.

    Raises what a task raises, and CamganError where workers were killed at one task again and again. Tasks that have
    not begun are then dropped.
    """
    import distributed

    named: dict[str, Any] = {}
    for asks in {*on_gpu}:
        chosen = {key: item for key, item, needs in zip(keys, items, on_gpu, strict=True) if needs == asks}
        options = {"resources": GPU if asks else None, "retries": 0, "pure": False}
        named |= zip(chosen, client.map(work, [*chosen.values()], key=[*chosen], **options), strict=True)
    futures = [named[key] for key in keys]
    for done in progress(name, "task", len(futures), distributed.as_completed(futures)):
        if done.status == "error":
            client.cancel(futures)
            error = done.exception()
            if isinstance(error, distributed.KilledWorker):
                killed = error.allowed_failures + 1
                raise CamganError(
                    f"{killed} workers were killed at one task of {name}; run it again to go on"
                ) from None
            raise error
    return client.gather(futures)
