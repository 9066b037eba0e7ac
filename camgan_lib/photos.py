"""Photos on disk: a folder with one sub-folder per camera, split by photo, cut into crops.

Photos are read one by one in several processes and only their crops are kept, so that any number of large photos fits
in memory. Where a crop lies follows from the seed, the camera and the file's name alone.
"""

import csv
import hashlib
import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from camgan_lib.errors import CamganError
from camgan_lib.store import write_aside

CROP = 32
SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff"}
SPLITS = ("auto", "random", "date", "scene")
_EXIF_IFD, _DATE_TAKEN, _DATE = 0x8769, 0x9003, 0x0132
_IGNORED = {".ds_store", "thumbs.db", "desktop.ini", "manifest.csv"}


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


@dataclass(frozen=True)
class CameraData:
    """Crops of all cameras, split by photo. `report`: photos per camera and split, files left out and why."""

    train: Crops
    test: Crops
    cameras: tuple[str, ...]
    report: dict[str, Any]

    def save(self, path: Path) -> None:
        """Writes one .npz file, whole or not at all."""
        arrays = {f"{half}_{name}": getattr(getattr(self, half), name) for half, name in _arrays()}
        text = json.dumps({"cameras": self.cameras, "report": self.report})
        with write_aside(path) as aside, aside.open("wb") as stream:
            np.savez(stream, about=np.array(text), **arrays)

    @classmethod
    def load(cls, path: Path) -> "CameraData":
        """Reads what `save` wrote. Raises FileNotFoundError, or ValueError or KeyError where the file is damaged."""
        try:
            with np.load(path, allow_pickle=False) as file:
                about = json.loads(str(file["about"]))
                train, test = (
                    Crops(*(file[f"{half}_{name}"] for each, name in _arrays() if each == half))
                    for half in ("train", "test")
                )
        except (OSError, EOFError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise ValueError(f"not a file of crops: {error}") from None
        except Exception as error:
            raise ValueError(f"not a file of crops: {error}") from None
        return cls(train, test, tuple(about["cameras"]), about["report"])


def _arrays() -> list[tuple[str, str]]:
    return [(half, name) for half in ("train", "test") for name in ("images", "labels", "photo")]


def fingerprint(data: CameraData) -> str:
    """SHA-256 over all that training and evaluation see: cameras, crops, labels, photo numbers."""
    digest = hashlib.sha256(json.dumps(data.cameras).encode())
    for half, name in _arrays():
        array = getattr(getattr(data, half), name)
        digest.update(f"{half}{name}{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def find_cameras(folder: Path) -> dict[str, list[Path]]:
    """Camera name → its image files, sorted, of a folder with one sub-folder per camera.

    A folder that holds `cameras/<set>/<camera>/` instead is taken for its one set. Raises CamganError where the folder
    is missing, holds fewer than two cameras, or more than one set.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CamganError(f"a folder with one sub-folder of photos per camera was expected at {folder}, there is none")
    found = _camera_folders(folder)
    if len(found) < 2 and (folder / "cameras").is_dir():
        sets = [each for each in sorted((folder / "cameras").iterdir()) if len(_camera_folders(each)) > 1]
        if len(sets) > 1:
            raise CamganError(f"{folder} holds several sets of cameras; name one: {', '.join(map(str, sets))}")
        found = _camera_folders(sets[0]) if sets else found
    if len(found) < 2:
        names = f"only {next(iter(found))}" if found else "none"
        raise CamganError(
            f"at least 2 sub-folders with photos ({', '.join(sorted(SUFFIXES))}) were expected in {folder}, "
            f"found {names}"
        )
    return found


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
    for the test. `split`: "random"; "date": the latest photos are the test; "scene": whole scenes of manifest.csv are;
    "auto": "date" where the date of every photo is known, else "random". EXIF orientation is honoured. Files that
    can't be read, are smaller than a crop or not 8-bit RGB are reported, a line each, and skipped, or refused
    (`on_bad` "refuse"). Raises CamganError for a folder, split or number of photos that can't serve.
    """
    if split not in SPLITS:
        raise CamganError(f"split is one of {', '.join(SPLITS)}, got {split!r}")
    cameras = find_cameras(folder)
    facts = _read_manifest(cameras)
    jobs = [
        (path, crops_per_photo, [seed, *_words(camera, path.name)])
        for camera, files in cameras.items()
        for path in files
    ]
    chosen = _choose(jobs, cameras, photos_per_camera, seed)
    shots = _read_all(chosen, workers, progress)
    bad = {job[0]: shot for job, shot in zip(chosen, shots, strict=True) if isinstance(shot, str)}
    good = {job[0]: shot for job, shot in zip(chosen, shots, strict=True) if not isinstance(shot, str)}
    stray = _stray_files(cameras)
    _report_bad({**bad, **stray}, on_bad)
    dates = {path: facts.get(path, {}).get("date") or good[path][1] for path in good}
    kind = split if split != "auto" else "date" if good and all(dates.values()) else "random"
    test = _choose_test(cameras, good, kind, dates, facts, test_share, seed)
    return _assemble(cameras, good, test, kind, {**bad, **stray})


def _choose(jobs: list, cameras: dict[str, list[Path]], limit: int, seed: int) -> list:
    """At most `limit` photos of each camera, drawn from the seed."""
    if not limit:
        return jobs
    kept = set()
    for camera, files in cameras.items():
        order = np.random.default_rng([seed, *_words(camera)]).permutation(len(files))[:limit]
        kept |= {files[i] for i in order}
    return [job for job in jobs if job[0] in kept]


def _words(*texts: str) -> list[int]:
    """Text as seed words: the same on every machine, unlike hash()."""
    digest = hashlib.sha256("\0".join(texts).encode()).digest()
    return [int.from_bytes(digest[at : at + 4], "little") for at in (0, 4, 8)]


def _read_all(jobs: list, workers: int, progress: bool) -> list:
    workers = min(workers or os.cpu_count() or 1, max(1, len(jobs) // 8))
    bar = {"total": len(jobs), "desc": "photos", "unit": "photo", "disable": not progress, "mininterval": 2}
    if workers == 1:
        return [_read_photo(*job) for job in tqdm(jobs, **bar)]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        return list(tqdm(pool.map(_read_photo, *zip(*jobs, strict=True), chunksize=4), **bar))


def _read_photo(path: Path, crops: int, seed: list[int]) -> tuple[np.ndarray, str] | str:
    """(crops uint8 n×32×32×3, date taken or "") of a photo, or why it can't be used."""
    try:
        with Image.open(path) as image:
            if image.mode != "RGB":
                return f"expected 8-bit RGB, its mode is {image.mode}"
            exif = image.getexif()
            taken = str(exif.get_ifd(_EXIF_IFD).get(_DATE_TAKEN) or exif.get(_DATE) or "")
            pixels = np.asarray(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError as error:
        return str(error)
    except Exception as error:
        return f"can't be read ({type(error).__name__})"
    height, width = pixels.shape[:2]
    if min(height, width) < CROP:
        return f"expected at least {CROP}×{CROP} pixels, it has {width}×{height}"
    rng = np.random.default_rng(seed)
    tops, lefts = rng.integers(0, height - CROP + 1, crops), rng.integers(0, width - CROP + 1, crops)
    cut = [pixels[y : y + CROP, x : x + CROP] for y, x in zip(tops, lefts, strict=True)]
    return np.stack(cut), taken.strip().replace(":", "-")


def _stray_files(cameras: dict[str, list[Path]]) -> dict[Path, str]:
    folders = {files[0].parent for files in cameras.values()}
    files = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    return {
        path: f"not one of {', '.join(sorted(SUFFIXES))}"
        for path in sorted(files)
        if path.suffix.lower() not in SUFFIXES and path.name.lower() not in _IGNORED and not path.name.startswith(".")
    }


def _report_bad(bad: dict[Path, str], on_bad: str) -> None:
    if bad and on_bad == "refuse":
        first, why = next(iter(bad.items()))
        raise CamganError(
            f"{len(bad)} of the files can't be used, the first {first.parent.name}/{first.name}: {why}; "
            "remove them, or leave them out with bad_files=skip"
        )
    for path, why in bad.items():
        print(f"left out {path.parent.name}/{path.name}: {why}")


def _read_manifest(cameras: dict[str, list[Path]]) -> dict[Path, dict[str, str]]:
    """Rows of manifest.csv beside the camera folders (columns camera, file, and date or scene), by photo."""
    base = next(iter(cameras.values()))[0].parent.parent
    path = base / "manifest.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if rows and not {"camera", "file"} <= set(rows[0]):
        raise CamganError(f"{path} needs the columns camera and file, it has {', '.join(rows[0])}")
    return {base / row["camera"] / Path(row["file"]).name: row for row in rows}


def _choose_test(cameras, good, kind, dates, facts, share, seed) -> set[Path]:
    test = set()
    for camera, files in cameras.items():
        usable = [path for path in files if path in good]
        if len(usable) < 2:
            raise CamganError(
                f"camera {camera} has {len(usable)} usable photos and a split needs 2; add photos or remove its folder"
            )
        wanted = min(max(1, round(share * len(usable))), len(usable) - 1)
        rng = np.random.default_rng([seed, 1, *_words(camera)])
        if kind == "date":
            if missing := [path.name for path in usable if not dates[path]]:
                raise CamganError(f"split=date needs every photo's date, {camera}/{missing[0]} has none: use random")
            test |= set(sorted(usable, key=lambda path: (dates[path], path.name))[-wanted:])
        elif kind == "scene":
            test |= _whole_scenes(camera, usable, facts, wanted, rng)
        else:
            test |= {usable[i] for i in rng.permutation(len(usable))[:wanted]}
    return test


def _whole_scenes(camera: str, usable: list[Path], facts: dict, wanted: int, rng: np.random.Generator) -> set[Path]:
    """Whole scenes, drawn until at least `wanted` photos are in the test and never all."""
    scenes: dict[str, set[Path]] = {}
    for path in usable:
        scene = facts.get(path, {}).get("scene")
        if not scene:
            raise CamganError(f"split=scene needs every photo's scene in manifest.csv, {camera}/{path.name} has none")
        scenes.setdefault(scene, set()).add(path)
    if len(scenes) < 2:
        raise CamganError(f"split=scene needs at least 2 scenes per camera, {camera} has one; use split=date or random")
    names, test = sorted(scenes), set()
    for i in rng.permutation(len(names)):
        if len(test) >= wanted or len(test) + len(scenes[names[i]]) == len(usable):
            continue
        test |= scenes[names[i]]
    return test


def _assemble(cameras, good, test, kind, left_out) -> CameraData:
    halves: dict[bool, list] = {False: [], True: []}
    counts = {}
    number = 0
    for label, (camera, files) in enumerate(cameras.items()):
        usable = [path for path in files if path in good]
        counts[camera] = {"train": sum(p not in test for p in usable), "test": sum(p in test for p in usable)}
        for path in usable:
            halves[path in test].append((good[path][0], label, number))
            number += 1
    report = {
        "photos": counts,
        "split": kind,
        "left_out": [f"{path.parent.name}/{path.name}: {why}" for path, why in left_out.items()],
    }
    return CameraData(_gather(halves[False]), _gather(halves[True]), tuple(cameras), report)


def _gather(parts: list[tuple[np.ndarray, int, int]]) -> Crops:
    each = [len(crops) for crops, _, _ in parts]
    return Crops(
        np.concatenate([crops for crops, _, _ in parts]),
        np.repeat(np.array([label for _, label, _ in parts], np.int64), each),
        np.repeat(np.array([number for _, _, number in parts], np.int64), each),
    )
