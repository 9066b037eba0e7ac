"""Crops and whose they are: the data that classifiers are trained on and tested with. Saves and loads them."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from camgan_lib.base.files import write_aside

CROP = 32
"""Side of a crop in pixels."""


@dataclass(frozen=True)
class Crops:
    """N crops: images uint8 N×32×32×3, labels int64 N, photo int64 N.

    `labels` are indices of cameras. `photo` says which photo a crop is from; no two photos have the same number,
    whatever their camera and half.
    """

    images: np.ndarray
    labels: np.ndarray
    photo: np.ndarray

    def of(self, label: int) -> np.ndarray:
        """The images of the camera with this label, uint8 n×32×32×3."""
        return self.images[self.labels == label]

    def some(self, count: int, seed: int) -> "Crops":
        """`count` of the crops, drawn without replacement; all of them, shuffled, if there are fewer."""
        chosen = np.random.default_rng(seed).permutation(len(self.labels))[:count]
        return Crops(self.images[chosen], self.labels[chosen], self.photo[chosen])


@dataclass(frozen=True)
class CameraData:
    """Crops of all cameras in two halves, which share no photo.

    `report` holds the number of photos per camera and half, the kind of split, and which files were left out and why.
    """

    train: Crops
    test: Crops
    cameras: tuple[str, ...]
    report: dict[str, Any]

    def save(self, path: Path) -> None:
        """Writes one .npz file, whole or not at all."""
        arrays = {
            f"{half}_{name}": getattr(getattr(self, half), name) for half in ("train", "test") for name in _ARRAYS
        }
        text = json.dumps({"cameras": self.cameras, "report": self.report})
        with write_aside(path) as aside, aside.open("wb") as stream:
            np.savez(stream, about=np.array(text), **arrays)

    @classmethod
    def load(cls, path: Path) -> "CameraData":
        """Reads what `save` wrote. Raises FileNotFoundError, or ValueError if the file is damaged."""
        try:
            with np.load(path, allow_pickle=False) as file:
                about = json.loads(str(file["about"]))
                halves = {half: Crops(*(file[f"{half}_{n}"] for n in _ARRAYS)) for half in ("train", "test")}
            data = cls(**halves, cameras=tuple(about["cameras"]), report=about["report"])
        except FileNotFoundError:
            raise
        except Exception as error:
            raise ValueError(f"not a file of crops: {error}") from None
        for half in (data.train, data.test):
            _check_crops(half, len(data.cameras))
        return data


_ARRAYS = ("images", "labels", "photo")


def _check_crops(crops: Crops, cameras: int) -> None:
    """Raises ValueError unless shapes, types and labels are those of crops of so many cameras."""
    count = len(crops.images)
    if crops.images.dtype != np.uint8 or crops.images.shape != (count, CROP, CROP, 3):
        raise ValueError(f"expected crops uint8 N×{CROP}×{CROP}×3, got {crops.images.dtype} {crops.images.shape}")
    for array in (crops.labels, crops.photo):
        if array.dtype != np.int64 or array.shape != (count,):
            raise ValueError(f"expected {count} labels and photo numbers int64, got {array.dtype} {array.shape}")
    if count and not 0 <= crops.labels.min() <= crops.labels.max() < cameras:
        raise ValueError(f"expected labels in 0…{cameras - 1}, got {crops.labels.min()}…{crops.labels.max()}")


def fingerprint(data: CameraData) -> str:
    """SHA-256 of all that training and evaluation see: names of cameras, crops, labels, numbers of photos."""
    digest = hashlib.sha256(json.dumps(data.cameras).encode())
    for half in (data.train, data.test):
        for name in _ARRAYS:
            array = getattr(half, name)
            digest.update(f"{name}{array.dtype}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array))  # type: ignore[arg-type]  # numpy declares its buffers from Python 3.12 on
    return digest.hexdigest()
