#!/usr/bin/env python3
"""Fetch CIFAR-10 with torchvision, check it, and write it as cifar10.npz: the same images and order, without pickles.

Then use the folder as images without a style: camgan book -p style_gan.nostyle=FOLDER
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside

HALVES = (("train", 5000), ("test", 1000))
"""The halves of the data set, each with its number of images per class; there are ten classes."""
PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"


def fetch(folder: Path) -> Path:
    """Downloads what is missing in `folder`, checks it, and writes `folder/cifar10.npz`; returns its path.

    Raises CamganError if the download fails, or if the files are not CIFAR-10.
    """
    arrays = {}
    for half, per_class in tqdm(HALVES, desc="CIFAR-10", unit="half"):
        images, labels = _read(folder, half)
        _check(half, images, labels, per_class)
        arrays |= {f"x_{half}": images, f"y_{half}": labels}
    path = folder / "cifar10.npz"
    with write_aside(path) as aside, aside.open("wb") as stream:
        np.savez(stream, **arrays)
    return path


def _read(folder: Path, half: str) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 N×32×32×3 and labels int64 N of a half, downloaded into `folder` if they are missing."""
    from torchvision.datasets import CIFAR10

    try:
        data = CIFAR10(folder, train=half == "train", download=True)
    except (OSError, RuntimeError) as error:
        raise CamganError(
            f"CIFAR-10 can't be fetched into {folder} ({' '.join(str(error).split())}); check network and disk, or put "
            f"cifar-10-python.tar.gz from {PAGE} into that folder by hand and run this again"
        ) from None
    return np.ascontiguousarray(data.data), np.asarray(data.targets, np.int64)


def _check(half: str, images: np.ndarray, labels: np.ndarray, per_class: int) -> None:
    """Raises CamganError unless the half has `per_class` images of each class."""
    counts = np.bincount(labels, minlength=10).tolist()
    if images.dtype != np.uint8 or images.shape != (10 * per_class, 32, 32, 3) or counts != [per_class] * 10:
        raise CamganError(
            f"the {half} half of CIFAR-10 should be {per_class} images uint8 32×32×3 of each of 10 classes, "
            f"it is {images.dtype} {images.shape} with {counts}; remove the folder and fetch it again"
        )


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data/cifar10"), help="default: %(default)s")
    try:
        path = fetch(parser.parse_args(arguments).folder)
    except CamganError as error:
        print(f"fetch_cifar10: {error}", file=sys.stderr)
        return 2
    print(f"{path}: {', '.join(f'{10 * per_class} images {half}' for half, per_class in HALVES)}, verified")
    return 0


if __name__ == "__main__":
    sys.exit(main())
