"""What a report says of the machine that it was made on: processor, cores, memory, system, Python, libraries."""

import contextlib
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from camgan_lib.base.workers import cores

LIBRARIES = (
    *("torch", "torchvision", "numpy", "numba", "scipy", "pillow", "pillow-heif", "scikit-image", "scikit-learn"),
    *("statsmodels", "captum", "lime", "safetensors"),
)
"""Libraries that compute numbers, or read or keep what numbers are computed from."""


def machine() -> dict[str, Any]:
    """`processor`, `instructions` that PyTorch uses of it, `cores` that this process may use, `memory` in bytes,
    `system`, `python`; None where unknown."""
    import torch

    return {
        "processor": processor(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "cores": cores(),
        "memory": memory(),
        "system": f"{platform.system()} {platform.release()} ({platform.machine()})",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def libraries() -> dict[str, str]:
    """The version of each library in LIBRARIES that is installed."""
    found = {}
    for name in LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def processor() -> str | None:
    """The processor's name as its maker gives it, as far as the system tells."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        if platform.system() == "Darwin":
            asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() or None
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    return platform.processor() or None


def memory() -> int | None:
    """The machine's memory in bytes, or None where the system does not tell."""
    with contextlib.suppress(ValueError, OSError, AttributeError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None
