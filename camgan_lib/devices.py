"""Where networks run: the GPU by itself where there is one, a device asked for by name used or refused aloud."""

import contextlib
import functools
from collections.abc import Iterator

import torch

from camgan_lib.errors import CamganError


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


def to_network(images, device: torch.device) -> torch.Tensor:
    """uint8 N×H×W×3 (array or tensor) as float32 N×3×H×W in [−1, 1], channels-last, on `device`."""
    batch = torch.as_tensor(images).to(device).permute(0, 3, 1, 2)
    return batch.to(torch.float32, memory_format=torch.channels_last).div_(127.5).sub_(1)
