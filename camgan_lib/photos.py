"""Photos on disk: a folder with one sub-folder per camera, split by photo, cut into crops.

Photos are read one by one in several threads (Pillow decodes without the interpreter's lock) and only their crops are
kept, so that any number of large photos fits in memory. Where a crop lies follows from the seed, the camera and the
file's name alone.
"""

import csv
import hashlib
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from camgan_lib.errors import CamganError
from camgan_lib.store import write_aside
from camgan_lib.workers import cores

CROP = 32
SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff"}
SPLITS = ("auto", "random", "date", "scene")
ON_BAD = ("skip", "refuse")
_FORMATS = ("JPEG", "PNG", "TIFF")
_EXIF_IFD, _DATE_TAKEN, _DATE, _ORIENTATION = 0x8769, 0x9003, 0x0132, 0x0112
_IGNORED = {"thumbs.db", "desktop.ini", "manifest.csv"}


@dataclass(frozen=True)
class _Shot:
    """What is kept of a photo: crops uint8 n×32×32×3, date taken as EXIF says or "", SHA-256 of the file."""

    crops: np.ndarray
    taken: str
    sha256: str


@dataclass(frozen=True)
class Crops:
    """Crops with their camera and photo: images uint8 N×32×32×3, labels int64 N, photo int64 N.

    `labels` index the cameras; `photo` numbers photos uniquely across cameras and splits.
    """

    images: np.ndarray
    labels: np.ndarray
    photo: np.ndarray

    def of(self, label: int) -> np.ndarray:
        """The images of one camera."""
        return self.images[self.labels == label]

    def some(self, count: int, seed: int) -> "Crops":
        """`count` of the crops, drawn without replacement; all, in another order, where there are no more."""
        chosen = np.random.default_rng(seed).permutation(len(self.labels))[:count]
        return Crops(self.images[chosen], self.labels[chosen], self.photo[chosen])


@dataclass(frozen=True)
class CameraData:
    """Crops of all cameras, split by photo. `report`: photos per camera and split, files left out and why."""

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
        """Reads what `save` wrote. Raises FileNotFoundError, or ValueError where the file is damaged."""
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
    count = len(crops.images)
    if crops.images.dtype != np.uint8 or crops.images.shape != (count, CROP, CROP, 3):
        raise ValueError(f"expected crops uint8 N×{CROP}×{CROP}×3, got {crops.images.dtype} {crops.images.shape}")
    for array in (crops.labels, crops.photo):
        if array.dtype != np.int64 or array.shape != (count,):
            raise ValueError(f"expected {count} labels and photo numbers int64, got {array.dtype} {array.shape}")
    if count and not 0 <= crops.labels.min() <= crops.labels.max() < cameras:
        raise ValueError(f"expected labels in 0…{cameras - 1}, got {crops.labels.min()}…{crops.labels.max()}")


def fingerprint(data: CameraData) -> str:
    """SHA-256 over all that training and evaluation see: cameras, crops, labels, photo numbers."""
    digest = hashlib.sha256(json.dumps(data.cameras).encode())
    for half in (data.train, data.test):
        for name in _ARRAYS:
            array = getattr(half, name)
            digest.update(f"{name}{array.dtype}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def find_cameras(folder: Path) -> dict[str, list[Path]]:
    """Camera name → its image files, sorted, of a folder with one sub-folder per camera (see `camera_set`)."""
    return _camera_folders(camera_set(folder))


def camera_set(folder: Path) -> Path:
    """The folder that has one sub-folder per camera: `folder`, or the one set in `folder/cameras/<set>/<camera>/`.

    Raises CamganError where the folder is missing, holds fewer than two cameras, or more than one set.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CamganError(f"a folder with one sub-folder of photos per camera was expected at {folder}, there is none")
    found = _camera_folders(folder)
    if len(found) < 2 and (folder / "cameras").is_dir():
        sets = [each for each in sorted((folder / "cameras").iterdir()) if len(_camera_folders(each)) > 1]
        if len(sets) > 1:
            raise CamganError(f"{folder} holds several sets of cameras; name one: {', '.join(map(str, sets))}")
        if sets:
            return sets[0]
    if len(found) < 2:
        names = f"only {next(iter(found))}" if found else "none"
        raise CamganError(
            f"at least 2 sub-folders with photos ({', '.join(sorted(SUFFIXES))}) were expected in {folder}, "
            f"found {names}"
        )
    return folder


def _camera_folders(folder: Path) -> dict[str, list[Path]]:
    if not folder.is_dir():
        return {}
    found: dict[str, list[Path]] = {}
    for sub in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")):
        files = sorted(p for p in sub.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
        if files:
            found[sub.name] = files
    return found


def load_crops(
    folder: Path,
    *,
    photos_per_camera: int = 0,
    test_share: float = 0.15,
    crops_per_photo: int = 30,
    split: str = "auto",
    on_bad: str = "skip",
    seed: int = 0,
    workers: int = 0,
    progress: bool = True,
) -> CameraData:
    """Crops of the photos in a folder (see `find_cameras`), split by photo.

    Of each camera at most `photos_per_camera` photos are used (0: all) and max(1, round(test_share · n)) of them are
    for the test. `split`: "random"; "date": the latest photos are the test, by the column date of manifest.csv (year
    first) or EXIF; "scene": whole scenes are, by the column scene; "auto": "date" where every photo's date is known,
    else "random". EXIF orientation is honoured. Files that can't be read, are smaller than a crop, not 8-bit RGB or
    the copy of another file are reported, a line each, and skipped, or refused (`on_bad` "refuse"). `workers`
    threads read the photos (0: one per core); the result does not depend on it.

    Raises CamganError for a folder, manifest, split or number of photos that can't serve.
    """
    if split not in SPLITS:
        raise CamganError(f"split is one of {', '.join(SPLITS)}, got {split!r}")
    if on_bad not in ON_BAD:
        raise CamganError(f"bad_files is one of {', '.join(ON_BAD)}, got {on_bad!r}")
    cameras = find_cameras(folder)
    facts = _read_manifest(cameras)
    chosen = {camera: _draw(camera, files, photos_per_camera, seed) for camera, files in cameras.items()}
    jobs = [
        (path, crops_per_photo, [seed, *_words(camera, path.name)])
        for camera, files in chosen.items()
        for path in files
    ]
    shots, bad = _sort_out(jobs, _read_all(jobs, workers, progress))
    bad |= _stray_files(cameras)
    _report_bad(bad, on_bad)
    dates = {path: _date(facts.get(path, {}).get("date") or shot.taken) for path, shot in shots.items()}
    kind = split if split != "auto" else "date" if all(dates.values()) else "random"
    usable = {camera: [path for path in files if path in shots] for camera, files in chosen.items()}
    test = _choose_test(usable, kind, dates, facts, test_share, seed)
    return _assemble(usable, shots, test, {"split": kind, "left_out": [_line(*each) for each in bad.items()]})


def _draw(camera: str, files: list[Path], limit: int, seed: int) -> list[Path]:
    """At most `limit` files (0: all), drawn from the seed, in their order."""
    order = np.random.default_rng([seed, *_words(camera)]).permutation(len(files))
    return [files[i] for i in sorted(order[: limit or None])]


def _words(*texts: str) -> list[int]:
    """Text as seed words: the same on every machine, unlike hash()."""
    digest = hashlib.sha256("\0".join(texts).encode()).digest()
    return [int.from_bytes(digest[at : at + 4], "little") for at in (0, 4, 8)]


def _read_all(jobs: list[tuple], workers: int, progress: bool) -> list[_Shot | str]:
    bar = {"total": len(jobs), "desc": "photos", "unit": "photo", "disable": not progress, "mininterval": 2}
    with ThreadPoolExecutor(workers or cores()) as threads:
        return list(tqdm(threads.map(_read_photo, *zip(*jobs, strict=True)), **bar))


def _read_photo(path: Path, crops: int, seed: list[int]) -> _Shot | str:
    """What is kept of a photo, or why it can't be used."""
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if (depth := _depth(image)) != "RGB":
                return f"expected 8-bit RGB, it is {depth}"
            if min(image.size) < CROP:
                return f"expected at least {CROP}×{CROP} pixels, it has {image.width}×{image.height}"
            exif = image.getexif()
            taken = str(exif.get_ifd(_EXIF_IFD).get(_DATE_TAKEN) or exif.get(_DATE) or "")
            pixels = np.asarray(image if exif.get(_ORIENTATION, 1) == 1 else ImageOps.exif_transpose(image))
    except Exception as error:
        return f"can't be read ({_why(error)})"
    rng = np.random.default_rng(seed)
    tops, lefts = (rng.integers(0, side - CROP + 1, crops) for side in pixels.shape[:2])
    cut = [pixels[y : y + CROP, x : x + CROP] for y, x in zip(tops, lefts, strict=True)]
    return _Shot(np.stack(cut), taken, hashlib.sha256(content).hexdigest())


def _why(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "not a JPEG, PNG or TIFF file"
    return " ".join(str(error).split()) or type(error).__name__


def _depth(image: Image.Image) -> str:
    """The image's mode; 16 bits per channel, which Pillow would cut to 8 in silence, as "16-bit RGB"."""
    args = image.tile[0][3] if image.tile else ""
    raw = args if isinstance(args, str) else str(args[0]) if args else ""
    return f"16-bit {image.mode}" if ";16" in raw else image.mode


def _sort_out(jobs: list[tuple], shots: list[_Shot | str]) -> tuple[dict[Path, _Shot], dict[Path, str]]:
    """Usable photos, and files with the reason why they aren't; a copy would be in train and test at once."""
    good: dict[Path, _Shot] = {}
    bad: dict[Path, str] = {}
    first: dict[str, Path] = {}
    for (path, *_), shot in zip(jobs, shots, strict=True):
        if isinstance(shot, str):
            bad[path] = shot
        elif (same := first.setdefault(shot.sha256, path)) != path:
            bad[path] = f"the same file as {same.parent.name}/{same.name}"
        else:
            good[path] = shot
    return good, bad


def _stray_files(cameras: dict[str, list[Path]]) -> dict[Path, str]:
    """Files of other kinds in the camera folders, and folders beside them that hold no photo."""
    why = f"none of {', '.join(sorted(SUFFIXES))}"
    base = next(iter(cameras.values()))[0].parent.parent
    folders = [path for path in sorted(base.iterdir()) if path.is_dir() and not path.name.startswith(".")]
    stray = {folder: f"a folder with {why}" for folder in folders if folder.name not in cameras}
    for path in sorted(path for camera in cameras for path in (base / camera).iterdir() if path.is_file()):
        known = path.suffix.lower() in SUFFIXES or path.name.lower() in _IGNORED or path.name.startswith(".")
        stray |= {} if known else {path: why}
    return stray


def _report_bad(bad: dict[Path, str], on_bad: str) -> None:
    if bad and on_bad == "refuse":
        first, why = next(iter(bad.items()))
        raise CamganError(
            f"{len(bad)} of the files can't be used, the first: {_line(first, why)}; "
            "remove them, or leave them out with bad_files=skip"
        )
    for path, why in bad.items():
        print(f"left out {_line(path, why)}")


def _line(path: Path, why: str) -> str:
    return f"{path.parent.name}/{path.name}: {why}"


def _read_manifest(cameras: dict[str, list[Path]]) -> dict[Path, dict[str, str]]:
    """Rows of manifest.csv beside the camera folders (columns camera, file, and date or scene), by photo."""
    base = next(iter(cameras.values()))[0].parent.parent
    path = base / "manifest.csv"
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows, columns = list(reader), reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CamganError(
            f"{path} should be a table of comma-separated values in UTF-8, it can't be read ({error})"
        ) from None
    if not {"camera", "file"} <= set(columns):
        raise CamganError(f"{path} needs the columns camera and file, it has {', '.join(columns) or 'none'}")
    named = [row for row in rows if row["camera"] and row["file"]]
    return {base / row["camera"] / row["file"].replace("\\", "/").rsplit("/", 1)[-1]: row for row in named}


def _date(text: str) -> tuple[int, ...]:
    """A date with the year first ("2019:05:31 17:02:11", "2019-05-31") as numbers that sort; () where it is none."""
    numbers = tuple(map(int, re.findall(r"\d+", text)))
    return numbers if len(numbers) >= 3 and numbers[0] >= 1800 else ()


def _choose_test(
    usable: dict[str, list[Path]],
    kind: str,
    dates: dict[Path, tuple[int, ...]],
    facts: dict[Path, dict[str, str]],
    share: float,
    seed: int,
) -> set[Path]:
    test: set[Path] = set()
    for camera, files in usable.items():
        if len(files) < 2:
            raise CamganError(
                f"camera {camera} has {len(files)} usable photos and a split needs 2; add photos or remove its folder"
            )
        wanted = min(max(1, round(share * len(files))), len(files) - 1)
        rng = np.random.default_rng([seed, 1, *_words(camera)])
        if kind == "date":
            if missing := [path.name for path in files if not dates[path]]:
                raise CamganError(
                    f"split=date needs every photo's date, in EXIF or year first in the column date of manifest.csv, "
                    f"{camera}/{missing[0]} has none; add it or use split=random"
                )
            test |= set(sorted(files, key=lambda path: (dates[path], path.name))[-wanted:])
        elif kind == "scene":
            test |= _whole_scenes(camera, files, facts, wanted, rng)
        else:
            test |= {files[i] for i in rng.permutation(len(files))[:wanted]}
    return test


def _whole_scenes(
    camera: str, files: list[Path], facts: dict[Path, dict[str, str]], wanted: int, rng: np.random.Generator
) -> set[Path]:
    """Whole scenes in a drawn order, each taken that brings the test nearer to `wanted` photos; never none or all."""
    scenes: dict[str, set[Path]] = {}
    for path in files:
        scene = facts.get(path, {}).get("scene")
        if not scene:
            raise CamganError(
                f"split=scene needs every photo's scene in manifest.csv (columns camera, file, scene), "
                f"{camera}/{path.name} has none; add it or use split=random"
            )
        scenes.setdefault(scene, set()).add(path)
    if len(scenes) < 2:
        raise CamganError(f"split=scene needs at least 2 scenes per camera, {camera} has one; use split=date or random")
    drawn = [scenes[name] for name in rng.permutation(sorted(scenes))]
    test: set[Path] = set()
    for scene in drawn:
        count = len(test) + len(scene)
        if abs(count - wanted) < abs(len(test) - wanted) and count < len(files):
            test |= scene
    return test or min(drawn, key=len)


def _assemble(
    usable: dict[str, list[Path]], shots: dict[Path, _Shot], test: set[Path], report: dict[str, Any]
) -> CameraData:
    halves: dict[bool, list[tuple[np.ndarray, int, int]]] = {False: [], True: []}
    counts = {}
    number = 0
    for label, (camera, files) in enumerate(usable.items()):
        in_test = sum(path in test for path in files)
        counts[camera] = {"train": len(files) - in_test, "test": in_test}
        for path in files:
            halves[path in test].append((shots[path].crops, label, number))
            number += 1
    return CameraData(_gather(halves[False]), _gather(halves[True]), tuple(usable), {"photos": counts, **report})


def _gather(parts: list[tuple[np.ndarray, int, int]]) -> Crops:
    each = [len(crops) for crops, _, _ in parts]
    return Crops(
        np.concatenate([crops for crops, _, _ in parts]),
        np.repeat(np.array([label for _, label, _ in parts], np.int64), each),
        np.repeat(np.array([number for _, _, number in parts], np.int64), each),
    )
