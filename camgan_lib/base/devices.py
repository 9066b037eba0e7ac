"""Where networks run: the GPU by itself where there is one, a device asked for by name used or refused aloud."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

from camgan_lib.base.errors import CamganError
from camgan_lib.base.workers import cores, take_one_core

Item, Made = TypeVar("Item"), TypeVar("Made")


def resolve_device(name: str) -> torch.device:
    """The torch device for "auto", "cpu", "cuda" or "mps".

    Raises CamganError where a device is asked for by name and absent: there is no silent fallback.
    """
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if present[kind]))
    if name not in present:
        raise CamganError(f"device must be auto, cpu, cuda or mps, got {name!r}")
    if not present[name]:
        raise CamganError(f"device {name} was asked for and PyTorch finds none here; use device=auto or device=cpu")
    return torch.device(name)


def autocast(device: torch.device) -> contextlib.AbstractContextManager:
    """bfloat16 autocast for training where the device has instructions for it; float32 elsewhere."""
    return torch.autocast(device.type, torch.bfloat16, enabled=has_bfloat16(device))


@functools.cache
def has_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is a gain: on CUDA, and on CPUs with AVX512-BF16 or AMX (others emulate it, slowly)."""
    if device.type != "cpu":
        return device.type == "cuda"
    found = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """One core for PyTorch's operations within: sums are then in the same order however many cores there are."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def side_by_side(work: Callable[[Item], Made], items: Iterable[Item]) -> list[Made]:
    """What `work` makes of each item, in order; as many at once as there are cores, each on one.

    Threads that share one operation wait for each other, those that have one each don't. Inside such a thread the items
    are done one after another. A thread has its own gradient mode, so that `work` sets it by itself.
    """
    with one_thread(), ThreadPoolExecutor(cores(), initializer=take_one_core) as threads:
        return list(threads.map(work, items))


def by_batch(work: Callable[[slice], Made], count: int, size: int, device: torch.device) -> list[Made]:
    """What `work` makes of each slice of at most `size` out of `count`, in order; on a CPU `side_by_side`."""
    parts = [slice(at, at + size) for at in range(0, count, size)]
    if device.type != "cpu" or len(parts) == 1:
        return list(map(work, parts))
    return side_by_side(work, parts)


def to_network(images, device: torch.device) -> torch.Tensor:
    """uint8 N×H×W×3 (array or tensor) as float32 N×3×H×W in [−1, 1], channels-last, on `device`."""
    batch = torch.as_tensor(images).to(device).permute(0, 3, 1, 2)
    return batch.to(torch.float32, memory_format=torch.channels_last).div_(127.5).sub_(1)
