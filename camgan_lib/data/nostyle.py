"""Images without the style of a camera: the inputs of the generators. They come from one of three sources.

"scenes": scenes rendered without a camera, and a few photographs that come with scikit-image, reduced in size until the
traces of their own cameras are gone. CIFAR-10: its images as they are. Any folder: its images, reduced in the same way.
The two halves, for training and for the test, share no image and no scene or photograph that images are cut from.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside
from camgan_lib.base.progress import progress
from camgan_lib.base.workers import cores, pool
from camgan_lib.data.scenes import no_style_crops, no_style_scenes

CROP = 32
PHOTO_SHARE = 0.05
"""Share of the images from "scenes" that are cut from photographs."""
TEST_PHOTOGRAPHS = ("astronaut.png", "chelsea.png")
TRAIN_PHOTOGRAPHS = ("coffee.png", "rocket.jpg", "hubble_deep_field.jpg")
"""Colour photographs that come with scikit-image. Astronaut, Hubble and rocket are public domain; cat (Chelsea) and
coffee are CC0."""

_SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp"}
_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")
_SMALLEST_REDUCTION = 4
_CROPS_ACROSS = 3


@dataclass(frozen=True)
class NoStyle:
    """Images without a style, uint8 N×32×32×3: `train` for training generators, `test` for the figures and Table 1.

    `train_scene` and `scene`: for each training image and each test image the number of the scene, photograph or file
    that it is cut from, int64 N. Images of one scene are alike. Numbers of the two halves have nothing to do with each
    other.
    """

    train: np.ndarray
    test: np.ndarray
    name: str
    description: str
    train_scene: np.ndarray
    scene: np.ndarray

    def first(self, train: int, test: int) -> "NoStyle":
        """The first images of each half, so many or all that there are."""
        halves = self.train[:train], self.test[:test]
        return NoStyle(*halves, self.name, self.description, self.train_scene[:train], self.scene[:test])

    def save(self, path: Path) -> None:
        """Writes one .npz file, whole or not at all."""
        about = np.array(json.dumps([self.name, self.description]))
        with write_aside(path) as aside, aside.open("wb") as stream:
            halves, scenes = (self.train, self.test), (self.train_scene, self.scene)
            np.savez(stream, train=halves[0], test=halves[1], train_scene=scenes[0], scene=scenes[1], about=about)

    @classmethod
    def load(cls, path: Path) -> "NoStyle":
        """Reads what `save` wrote. Raises FileNotFoundError, or ValueError if the file is damaged."""
        try:
            with np.load(path, allow_pickle=False) as file:
                name, description = json.loads(str(file["about"]))
                images = cls(file["train"], file["test"], name, description, file["train_scene"], file["scene"])
        except FileNotFoundError:
            raise
        except Exception as error:
            raise ValueError(f"not a file of no-style images: {error}") from None
        for half, scene in ((images.train, images.train_scene), (images.test, images.scene)):
            if half.dtype != np.uint8 or half.ndim != 4 or half.shape[1:] != (CROP, CROP, 3):
                raise ValueError(f"expected images uint8 N×{CROP}×{CROP}×3, got {half.dtype} {half.shape}")
            if scene.dtype != np.int64 or scene.shape != (len(half),):
                raise ValueError(f"expected {len(half)} numbers of scenes int64, got {scene.dtype} {scene.shape}")
        return images

    def fingerprint(self) -> str:
        """SHA-256 of the shapes and the images of both halves."""
        digest = hashlib.sha256(f"{self.train.shape}{self.test.shape}".encode())
        digest.update(np.ascontiguousarray(self.train))  # type: ignore[arg-type]  # numpy declares its buffers from Python 3.12 on
        digest.update(np.ascontiguousarray(self.test))  # type: ignore[arg-type]  # numpy declares its buffers from Python 3.12 on
        return digest.hexdigest()


def load_nostyle(source: str, *, train: int, test: int, seed: int, workers: int = 0, shown: int = 0) -> NoStyle:
    """Images without a style from `source`: "scenes", a `.npz` file of CIFAR-10, its folder, or any folder of images.

    `train` and `test` are numbers of images; 0 takes all that CIFAR-10 has, or one crop of each image in a folder. If
    not all are taken, the seed decides which. With `shown`, only that many training images from "scenes" are rendered.
    `workers` processes render or read (0: one per core); the result does not depend on their number.

    Raises CamganError if the source is missing, damaged or too small.
    """
    if source == "scenes":
        return _from_scenes(train, test, seed, workers, shown)
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
        return _from_folder(path, train, test, seed, workers)
    raise CamganError(f"nostyle is 'scenes', a .npz file or a folder; there is nothing of the kind at {source}")


# --- scenes


def _from_scenes(train: int, test: int, seed: int, workers: int, shown: int) -> NoStyle:
    """Crops of rendered scenes and, one in twenty, of photographs. Raises CamganError if a number is below 1."""
    if train < 1 or test < 1:
        raise CamganError(f"nostyle=scenes needs numbers of images, got nostyle_train={train}, nostyle_test={test}")
    halves, scenes = [], []
    wanted = (TRAIN_PHOTOGRAPHS, train, shown if shown < train else 0), (TEST_PHOTOGRAPHS, test, 0)
    for number, (names, count, some) in enumerate(wanted):
        rng = np.random.default_rng([seed, number])
        photographs, shown_photographs = round(PHOTO_SHARE * count), round(PHOTO_SHARE * (some or count))
        own_seed = int(rng.integers(2**32))
        rendered = some - shown_photographs if some else 0
        crops = no_style_crops(count - photographs, own_seed, workers, shown=rendered)
        extra = _photograph_crops([_shipped(name) for name in names], shown_photographs, rng)
        halves.append(_every_eighth(extra, crops))
        scene = no_style_scenes(count - photographs, own_seed, shown=rendered)
        photograph = scene.max(initial=-1) + 1 + _in_turn(shown_photographs, len(names))
        scenes.append(_every_eighth(photograph, scene))
    about = "scenes rendered without a camera and, one in twenty, photographs reduced at least fourfold"
    return NoStyle(halves[0], halves[1], "scenes", about, scenes[0], scenes[1])


def _every_eighth(rare: np.ndarray, common: np.ndarray) -> np.ndarray:
    """Both together, every eighth from `rare` until it is used up, so that a figure of the first 64 shows both."""
    mixed = np.empty((len(rare) + len(common), *common.shape[1:]), common.dtype)
    is_rare = np.isin(np.arange(len(mixed)), np.arange(len(rare)) * 8)
    mixed[is_rare], mixed[~is_rare] = rare, common
    return mixed


def _shipped(name: str) -> np.ndarray:
    """A photograph that comes with scikit-image, reduced (see `_first_reduction`): uint8 H×W×3."""
    import skimage

    with Image.open(Path(skimage.__file__).parent / "data" / name) as image:
        return _first_reduction(np.asarray(image.convert("RGB")))


def _first_reduction(photograph: np.ndarray) -> np.ndarray:
    """A photograph reduced at least fourfold, and further until a crop spans about a third of its shorter side."""
    return reduce_by(photograph, max(_SMALLEST_REDUCTION, min(photograph.shape[:2]) // (CROP * _CROPS_ACROSS)))


def _photograph_crops(reduced: list[np.ndarray], count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` crops of the images in turn, uint8 count×32×32×3. Each image is first reduced by a random whole number.

    Half of the crops are mirrored, at random.
    """
    crops = np.empty((count, CROP, CROP, 3), np.uint8)
    for i, which in enumerate(_in_turn(count, len(reduced))):
        image = reduced[which]
        crop = _random_crop(reduce_by(image, int(rng.integers(1, min(image.shape[:2]) // CROP + 1))), rng)
        crops[i] = crop[:, ::-1] if rng.random() < 0.5 else crop
    return crops


def _in_turn(count: int, images: int) -> np.ndarray:
    """Which of so many images each of `count` crops is cut from: int64 count."""
    return np.arange(count, dtype=np.int64) % images


def reduce_by(image: np.ndarray, factor: int) -> np.ndarray:
    """A uint8 H×W×3 image `factor` times smaller: each pixel is the mean of factor × factor pixels."""
    height, width = (side // factor * factor for side in image.shape[:2])
    cells = image[:height, :width].reshape(height // factor, factor, width // factor, factor, 3)
    return np.round(cells.mean((1, 3))).astype(np.uint8)


def _random_crop(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    y, x = rng.integers(0, image.shape[0] - CROP + 1), rng.integers(0, image.shape[1] - CROP + 1)
    return image[y : y + CROP, x : x + CROP]


# --- CIFAR-10


def _read_npz(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Training and test images of a .npz file. Raises CamganError if it is damaged or holds something else."""
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

    They are pickles, which can run code. torchvision opens them only if their MD5 sums are those of the published data
    set. Nobody can make another file with a given MD5 sum, so only the published files are ever opened.
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
    """So many images of each half (0: all), drawn from the seed. Raises CamganError if there are not as many."""
    halves = []
    for number, (name, images, count) in enumerate((("train", all_train, train), ("test", all_test, test))):
        if count > len(images):
            raise CamganError(f"nostyle_{name}={count} images were asked for and there are {len(images)}; 0 takes all")
        order = np.random.default_rng([seed, number]).permutation(len(images))[: count or None]
        halves.append(images[np.sort(order)])
    scenes = [np.arange(len(half), dtype=np.int64) for half in halves]
    return NoStyle(halves[0], halves[1], "CIFAR-10", "photographs of ten kinds of objects, 32×32 pixels", *scenes)


# --- any folder


def _from_folder(folder: Path, train: int, test: int, seed: int, workers: int) -> NoStyle:
    """Crops of the images in a folder and its sub-folders. All crops of a file are in the same half.

    Images of 32×32 pixels are taken as they are.
    """
    rng = np.random.default_rng([seed, 2])
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.name[0] != ".")
    enough = train + test if train and test else len(files)
    drawn = [files[i] for i in rng.permutation(len(files))[:enough]]
    images = [image for image in _read_reduced(drawn, workers) if image is not None]
    if len(images) < 2:
        raise CamganError(
            f"at least 2 RGB images of {_SMALLEST_REDUCTION * CROP} pixels or more were expected in {folder}, "
            f"found {len(images)} among {len(files)} files"
        )
    share = test / (train + test) if train and test else 0.2
    cut = min(max(1, round(len(images) * share)), len(images) - 1)
    shared_out = [(half, count or len(half)) for half, count in ((images[cut:], train), (images[:cut], test))]
    halves = [_photograph_crops(half, count, rng) for half, count in shared_out]
    scenes = [_in_turn(count, len(half)) for half, count in shared_out]
    about = f"images of the folder {folder.name}, reduced at least {_SMALLEST_REDUCTION}-fold by averaging areas"
    return NoStyle(halves[0], halves[1], folder.name, about, *scenes)


def _read_reduced(files: list[Path], workers: int) -> list[np.ndarray | None]:
    """The image of each file, reduced at once to save memory; None, and a printed line that says why, if it is bad."""
    workers = min(workers or cores(), max(1, len(files) // 8))
    counted = partial(progress, "no-style images", "image", len(files))
    if workers == 1:
        read = [_read_image(path) for path in counted(files)]
    else:
        with pool(workers) as processes:
            read = list(counted(processes.map(_read_image, files, chunksize=4)))
    for path, image in zip(files, read, strict=True):
        if isinstance(image, str):
            print(f"left out {path.name}: {image}")
    return [None if isinstance(image, str) else image for image in read]


def _read_image(path: Path) -> np.ndarray | str:
    """The image of a file, reduced (see `_first_reduction`), or a few words that say why it can't be used."""
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.mode != "RGB":
                return f"expected RGB, it is {image.mode}"
            pixels = np.asarray(ImageOps.exif_transpose(image))
    except Exception as error:
        return f"can't be read ({type(error).__name__})"
    if pixels.shape == (CROP, CROP, 3):
        return pixels
    if min(pixels.shape[:2]) < _SMALLEST_REDUCTION * CROP:
        return f"smaller than {_SMALLEST_REDUCTION * CROP} pixels"
    return _first_reduction(pixels)
