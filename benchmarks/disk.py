"""How many bytes the installed environment takes, and how many of them serve NVIDIA GPUs alone.

    .venv/bin/python benchmarks/disk.py [--out benchmarks/disk.json]

Run it in an environment that `make book` has made on Linux without PIP_EXTRA_INDEX_URL.
"""

import argparse
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from camgan_lib.base.files import write_json
from camgan_lib.book.provenance import commit

CUDA = ("nvidia", "triton", "cuda", "torch/lib/*cuda*", "torch/lib/*nvshmem*")
"""What PyTorch for NVIDIA GPUs brings beside PyTorch for the CPU, as patterns below site-packages."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Bytes of the installed environment.")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    arguments = parser.parse_args()
    packages = Path(sysconfig.get_path("purelib"))
    serves_gpus = [path for pattern in CUDA for path in packages.glob(pattern)]
    found = {"environment": size([Path(sys.prefix)]), "for_gpus_alone": size(serves_gpus), "commit": commit()}
    write_json(arguments.out, found)
    print(found)


def size(places: Iterable[Path]) -> int:
    """Bytes of the files at or below these places; links count as nothing."""
    files = [path for place in places for path in ([place] if place.is_file() else place.rglob("*"))]
    return sum(path.stat().st_size for path in files if path.is_file() and not path.is_symlink())


if __name__ == "__main__":
    main()
