"""Where a result comes from: commit, device, versions of what computed it."""

import platform
import subprocess
from importlib.metadata import version
from typing import Any

import torch

from camgan_lib.base import paths
from camgan_lib.base.workers import cores

VERSIONS_SHOWN = ("torch", "torchvision", "numpy", "pillow", "captum", "lime")


def provenance(parameters: dict[str, Any], device: torch.device) -> dict[str, Any]:
    """Where and with what a chapter runs: profile, seed, commit, device, versions."""
    return {
        "profile": parameters["profile"],
        "seed": parameters["seed"],
        "commit": commit(),
        "device": device_name(device),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in VERSIONS_SHOWN}},
    }


def commit() -> str | None:
    """The project's commit, `+` after it where library, chapters or profiles have changed; None outside a clone."""
    git = ["git", "-C", str(paths.ROOT)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", "camgan_lib", "book", "profiles"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def device_name(device: torch.device) -> str:
    """A device in words: the GPU's name, or the CPU with its number of cores."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type}, {cores()} cores"
