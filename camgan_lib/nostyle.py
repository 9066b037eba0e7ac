"""Images without the camera's style: what a generator is asked to restyle.

"scenes": rendered without a camera, with a few photographs that scikit-image ships, reduced in size until their own
cameras' traces are gone; or CIFAR-10; or any folder of images, reduced likewise.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from camgan_lib.errors import CamganError
from camgan_lib.scenes import no_style_crops
from camgan_lib.store import write_aside

CROP = 32
PHOTO_SHARE = 0.05
TEST_PHOTOGRAPHS = ("astronaut.png", "chelsea.png")
TRAIN_PHOTOGRAPHS = ("coffee.png", "rocket.jpg", "hubble_deep_field.jpg")
"""Photographs in scikit-image's package (NASA's in the public domain, the others CC0); none is in both halves."""

_SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp"}
_SMALLEST_REDUCTION = 4


@dataclass(frozen=True)
class NoStyle:
    """No-style images, uint8 N×32×32×3: `train` for the generators, `test` for the figures and Table 1."""

    train: np.ndarray
    test: np.ndarray
    name: str
    description: str

    def save(self, path: Path) -> None:
        """Writes one .npz file, whole or not at all."""
        about = np.array(json.dumps([self.name, self.description]))
        with write_aside(path) as aside, aside.open("wb") as stream:
            np.savez(stream, train=self.train, test=self.test, about=about)

    @classmethod
    def load(cls, path: Path) -> "NoStyle":
        """Reads what `save` wrote. Raises FileNotFoundError, or ValueError where the file is damaged."""
        try:
            with np.load(path, allow_pickle=False) as file:
                return cls(file["train"], file["test"], *json.loads(str(file["about"])))
        except FileNotFoundError:
            raise
        except Exception as error:
            raise ValueError(f"not a file of no-style images: {error}") from None

    def fingerprint(self) -> str:
        """SHA-256 over the images."""
        digest = hashlib.sha256(np.ascontiguousarray(self.train))
        digest.update(np.ascontiguousarray(self.test))
        return digest.hexdigest()


def load_nostyle(source: str, *, train: int, test: int, seed: int, workers: int = 0) -> NoStyle:
    """No-style images from "scenes", a `cifar10.npz`, a folder with CIFAR-10's files or one of images.

    `train` and `test` are numbers of images; 0 takes all that a data set has. A subset is drawn from the seed.
    Raises CamganError where the source is missing or too small.
    """
    if source == "scenes":
        return _from_scenes(train, test, seed, workers)
    path = Path(source).expanduser()
    if path.is_file() and path.suffix == ".npz":
        return _from_cifar(*_read_npz(path), train, test, seed)
    if (path / "cifar10.npz").is_file():
        return _from_cifar(*_read_npz(path / "cifar10.npz"), train, test, seed)
    if (path / "cifar-10-batches-py").is_dir():
        return _from_cifar(*_read_torchvision(path), train, test, seed)
    if path.name == "cifar-10-batches-py" and path.is_dir():
        return _from_cifar(*_read_torchvision(path.parent), train, test, seed)
    if path.is_dir():
        return _from_folder(path, train, test, seed)
    raise CamganError(f"nostyle is 'scenes', a .npz file or a folder; there is nothing of the kind at {source}")


# --- scenes


def _from_scenes(train: int, test: int, seed: int, workers: int) -> NoStyle:
    if train < 1 or test < 1:
        raise CamganError(f"nostyle=scenes needs numbers of images, got nostyle_train={train}, nostyle_test={test}")
    photo_train, photo_test = round(PHOTO_SHARE * train), round(PHOTO_SHARE * test)
    scenes = no_style_crops(train + test - photo_train - photo_test, seed, workers)
    rng = np.random.default_rng([seed, 7])
    cut = test - photo_test
    halves = []
    for images, names, count in (
        (scenes[cut:], TRAIN_PHOTOGRAPHS, photo_train),
        (scenes[:cut], TEST_PHOTOGRAPHS, photo_test),
    ):
        extra = _photograph_crops([_shipped(name) for name in names], count, rng)
        halves.append(_every_eighth(extra, images))
    about = "scenes rendered without a camera and, one in twenty, photographs reduced at least fourfold"
    return NoStyle(*halves, "scenes", about)


def _every_eighth(rare: np.ndarray, common: np.ndarray) -> np.ndarray:
    """Both together, one in eight from `rare` until it is used up: a figure of the first 64 shows some of each."""
    places = np.arange(len(rare)) * 8 if len(rare) * 8 <= len(common) else np.arange(len(rare))
    mixed = np.empty((len(rare) + len(common), *common.shape[1:]), np.uint8)
    is_rare = np.isin(np.arange(len(mixed)), places)
    mixed[is_rare], mixed[~is_rare] = rare, common
    return mixed


def _shipped(name: str) -> np.ndarray:
    import skimage

    return _read_rgb(Path(skimage.__file__).parent / "data" / name)


def _photograph_crops(photographs: list[np.ndarray], count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` crops of photographs, each photograph first reduced so far that a crop spans a third of it or more."""
    crops = np.empty((count, CROP, CROP, 3), np.uint8)
    for i in range(count):
        photograph = photographs[i % len(photographs)]
        largest = min(photograph.shape[:2]) // CROP
        smallest = max(_SMALLEST_REDUCTION, largest // 3)
        reduced = reduce_by(photograph, int(rng.integers(min(smallest, largest), largest + 1)))
        crops[i] = _random_crop(reduced, rng)
        if rng.random() < 0.5:
            crops[i] = crops[i, :, ::-1]
    return crops


def reduce_by(image: np.ndarray, factor: int) -> np.ndarray:
    """A uint8 H×W×3 image, `factor` times smaller by averaging areas of factor × factor pixels."""
    height, width = (side // factor * factor for side in image.shape[:2])
    cells = image[:height, :width].reshape(height // factor, factor, width // factor, factor, 3)
    return np.round(cells.mean((1, 3))).astype(np.uint8)


def _random_crop(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    y, x = rng.integers(0, image.shape[0] - CROP + 1), rng.integers(0, image.shape[1] - CROP + 1)
    return image[y : y + CROP, x : x + CROP]


# --- CIFAR-10


def _read_npz(path: Path) -> tuple[np.ndarray, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            halves = file["x_train"], file["x_test"]
    except Exception as error:
        raise CamganError(
            f"{path} should hold x_train and x_test as plain arrays, it can't be read ({error})"
        ) from None
    for half in halves:
        if half.dtype != np.uint8 or half.ndim != 4 or half.shape[1:] != (CROP, CROP, 3):
            raise CamganError(f"{path} should hold uint8 images N×32×32×3, it has {half.dtype} {half.shape}")
    return halves


def _read_torchvision(root: Path) -> tuple[np.ndarray, np.ndarray]:
    """CIFAR-10 from torchvision's files.

    They are pickles; torchvision opens them only after their MD5 sums have matched the published data set's, so what
    is unpickled is known and not what a user or the network gave.
    """
    from torchvision.datasets import CIFAR10

    try:
        return CIFAR10(root, train=True).data, CIFAR10(root, train=False).data
    except RuntimeError:
        raise CamganError(
            f"{root}/cifar-10-batches-py is not the published CIFAR-10 (checksums differ); "
            "fetch it again with data_scripts/fetch_cifar10.py"
        ) from None


def _from_cifar(all_train: np.ndarray, all_test: np.ndarray, train: int, test: int, seed: int) -> NoStyle:
    halves = []
    for number, (name, images, count) in enumerate((("train", all_train, train), ("test", all_test, test))):
        if count > len(images):
            raise CamganError(f"nostyle_{name}={count} images were asked for and there are {len(images)}; 0 takes all")
        order = np.random.default_rng([seed, number]).permutation(len(images))[: count or None]
        halves.append(images[np.sort(order)])
    return NoStyle(*halves, "CIFAR-10", "photographs of ten kinds of objects, 32×32 pixels")


# --- any folder


def _from_folder(folder: Path, train: int, test: int, seed: int) -> NoStyle:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    images = [image for path in files if (image := _usable(path)) is not None]
    if len(images) < 2:
        raise CamganError(
            f"at least 2 RGB images of {_SMALLEST_REDUCTION * CROP} pixels or more were expected in {folder}, "
            f"found {len(images)} among {len(files)} files"
        )
    rng = np.random.default_rng([seed, 8])
    order = rng.permutation(len(images))
    cut = max(1, round(len(images) * test / max(1, train + test)))
    cut = min(cut, len(images) - 1)
    halves = [
        _photograph_crops([images[i] for i in chosen], count or len(chosen), rng)
        for chosen, count in ((order[cut:], train), (order[:cut], test))
    ]
    return NoStyle(*halves, folder.name, f"images of {folder.name}, reduced at least fourfold")


def _usable(path: Path) -> np.ndarray | None:
    try:
        image = _read_rgb(path)
    except (OSError, ValueError) as error:
        print(f"left out {path.name}: can't be read ({type(error).__name__})")
        return None
    if min(image.shape[:2]) < _SMALLEST_REDUCTION * CROP:
        print(f"left out {path.name}: smaller than {_SMALLEST_REDUCTION * CROP} pixels")
        return None
    return image


def _read_rgb(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))
