"""The device that networks run on, the precision they compute in, and work that is split over cores."""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import torch

from camgan_lib.base.errors import CamganError
from camgan_lib.base.workers import cores, take_one_core

Item = TypeVar("Item")
Made = TypeVar("Made")


def resolve_device(name: str) -> torch.device:
    """The torch device for "auto", "cpu", "cuda" or "mps"; "auto" takes a GPU if there is one.

    Raises CamganError if a device is named and missing, or the name is unknown. It never falls back to another device.
    """
    present = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if present[kind]))
    if name not in present:
        raise CamganError(f"device must be auto, cpu, cuda or mps, got {name!r}")
    if not present[name]:
        raise CamganError(f"device {name} was asked for and PyTorch finds none here; use device=auto or device=cpu")
    return torch.device(name)


# --- precision


def autocast(device: torch.device) -> contextlib.AbstractContextManager:
    """A context for training: bfloat16 where the device computes in it, float32 elsewhere."""
    if not has_bfloat16(device):
        return contextlib.nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


@functools.cache
def has_bfloat16(device: torch.device) -> bool:
    """Whether the device has its own instructions for bfloat16, so that it is faster than float32.

    True for NVIDIA GPUs of compute capability 8 and up, for AMD GPUs, and for CPUs with AVX512-BF16 or AMX. Older ones
    only emulate bfloat16, which is slower than float32.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu":
        return False
    found = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def on_cpu_in_float32(x: torch.Tensor) -> bool:
    """Whether layers compute with x on a CPU in float32, so that compiled loops can take their place."""
    return x.device.type == "cpu" and x.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")


@contextlib.contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """A context in which CUDA computes float32 in full; without it, convolutions round their inputs to 10 bits (TF32).

    The settings before are restored when the last of several contexts ends, also if threads hold them at once. On
    other devices nothing happens: they know no TF32.
    """
    if device.type != "cuda":
        yield
        return
    _Tf32.hold()
    try:
        yield
    finally:
        _Tf32.release()


class _Tf32:
    """Counts who needs TF32 switched off. PyTorch's settings are those of the whole process."""

    lock, holders = threading.Lock(), 0
    before: tuple[Any, ...] = ()

    @classmethod
    def hold(cls) -> None:
        with cls.lock:
            if cls.holders == 0:
                cls.before = tuple(getattr(place, name) for place, name, _ in _tf32_settings())
                for place, name, off in _tf32_settings():
                    setattr(place, name, off)
            cls.holders += 1

    @classmethod
    def release(cls) -> None:
        with cls.lock:
            cls.holders -= 1
            if cls.holders == 0:
                for (place, name, _), value in zip(_tf32_settings(), cls.before, strict=True):
                    setattr(place, name, value)


def _tf32_settings() -> list[tuple[Any, str, Any]]:
    """(object, attribute, value without TF32) of PyTorch's settings; since 2.9 those before it warn when read."""
    convolutions, products = torch.backends.cudnn, torch.backends.cuda.matmul
    if hasattr(convolutions, "conv"):
        return [(each, "fp32_precision", "ieee") for each in (convolutions.conv, products)]
    return [(each, "allow_tf32", False) for each in (convolutions, products)]


# --- random numbers


@contextlib.contextmanager
def drawn_from(seed: int) -> Iterator[None]:
    """A context in which PyTorch draws on the CPU from `seed`. No generator, on any device, is left changed."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would also seed every GPU
        yield


# --- cores


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """A context in which PyTorch uses one core, so that it adds in the same order on every machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def side_by_side(work: Callable[[Item], Made], items: Iterable[Item]) -> list[Made]:
    """What `work` returns for each item, in order. As many items at once as there are cores, each on one core.

    This is faster than one item on all cores: threads that share one operation wait for each other. A call from inside
    such a thread does its items one after another. PyTorch's gradient mode belongs to a thread: `work` sets its own.
    """
    with one_thread(), ThreadPoolExecutor(cores(), initializer=take_one_core) as threads:
        return list(threads.map(work, items))


def by_batch(work: Callable[[slice], Made], count: int, size: int, device: torch.device) -> list[Made]:
    """What `work` returns for each slice of at most `size` out of `count`, in order; float32 is computed in full.

    On a CPU the slices are worked on `side_by_side`, on a GPU one after the other.
    """
    parts = [slice(at, at + size) for at in range(0, count, size)]
    with full_precision(device):
        if device.type != "cpu" or len(parts) == 1:
            return list(map(work, parts))
        return side_by_side(work, parts)


# --- moves


def moved(values, device: torch.device) -> torch.Tensor:
    """An array or tensor on `device`. On CUDA the copy does not wait for the work that the GPU still has to do."""
    tensor = torch.as_tensor(values)
    if device.type != "cuda" or tensor.device.type != "cpu":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def pixels(x: torch.Tensor) -> Any:
    """A tensor N×C×H×W on the CPU, in memory channels-last, as an array N×H×W×C that shares it."""
    return x.permute(0, 2, 3, 1).numpy()


def to_network(images, device: torch.device) -> torch.Tensor:
    """uint8 N×H×W×3 (array or tensor) as float32 N×3×H×W in [−1, 1], channels-last, on `device`."""
    batch = moved(images, device).permute(0, 3, 1, 2)
    return batch.to(torch.float32, memory_format=torch.channels_last).div_(127.5).sub_(1)
