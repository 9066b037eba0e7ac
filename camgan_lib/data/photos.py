"""Reads a folder with one sub-folder of photos per camera, and cuts the photos into crops for training and test.

Several threads read the photos, because Pillow decodes without the interpreter's lock. Only the crops of a photo are
kept, so any number of large photos fits in memory. The seed, the camera and the file's name alone decide where a crop
lies.
"""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from camgan_lib.base.errors import CamganError
from camgan_lib.base.identity import seed_words
from camgan_lib.base.workers import cores
from camgan_lib.data.crops import CROP, CameraData, Crops
from camgan_lib.data.folders import find_cameras, read_manifest, stray_files
from camgan_lib.data.splits import SPLITS, choose_test, sortable_date

ON_BAD = ("skip", "refuse")
_FORMATS = ("JPEG", "PNG", "TIFF")
_EXIF_IFD, _DATE_TAKEN, _DATE, _ORIENTATION = 0x8769, 0x9003, 0x0132, 0x0112


@dataclass(frozen=True)
class _Photo:
    """What is kept of a photo: crops uint8 n×32×32×3, the date in its EXIF data or "", the SHA-256 of its file."""

    crops: np.ndarray
    taken: str
    sha256: str


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
    """Crops of all cameras of a folder (see `find_cameras`). All crops of a photo are in the same half.

    At most `photos_per_camera` photos of each camera are used (0: all). Of n photos max(1, round(test_share · n)) go
    to the test half. `split` says which:
    "random": photos drawn from the seed;
    "date": the latest photos, by the column date of manifest.csv (year first) or else by EXIF;
    "scene": whole scenes, by the column scene of manifest.csv;
    "auto": as "date" if the date of every photo is known, else as "random".

    Pictures are turned as EXIF says. A file is bad if it can't be read, is smaller than a crop, is not 8-bit RGB, or
    is a copy of another file. With `on_bad` "skip" a line is printed for each bad file and it is left out; with
    "refuse" the first one is an error. `workers` threads read the photos (0: one per core); the result does not depend
    on their number.

    Raises CamganError if the folder, the manifest, `split`, `on_bad` or the number of photos can't be used.
    """
    if split not in SPLITS:
        raise CamganError(f"split is one of {', '.join(SPLITS)}, got {split!r}")
    if on_bad not in ON_BAD:
        raise CamganError(f"bad_files is one of {', '.join(ON_BAD)}, got {on_bad!r}")
    cameras = find_cameras(folder)
    facts = read_manifest(cameras)
    chosen = {camera: _choose_files(camera, files, photos_per_camera, seed) for camera, files in cameras.items()}
    jobs = [
        (path, crops_per_photo, [seed, *seed_words(camera, path.name)])
        for camera, files in chosen.items()
        for path in files
    ]
    photos, bad = _part_good_and_bad([path for path, *_ in jobs], _read_photos(jobs, workers, progress))
    bad |= stray_files(cameras)
    _report_bad(bad, on_bad)
    dates = {path: sortable_date(facts.get(path, {}).get("date") or photo.taken) for path, photo in photos.items()}
    kind = split if split != "auto" else "date" if all(dates.values()) else "random"
    usable = {camera: [path for path in files if path in photos] for camera, files in chosen.items()}
    test = choose_test(usable, kind, dates, facts, test_share, seed)
    return _assemble(usable, photos, test, {"split": kind, "left_out": [_in_words(*each) for each in bad.items()]})


def _choose_files(camera: str, files: list[Path], limit: int, seed: int) -> list[Path]:
    """At most `limit` of the files (0: all), drawn from the seed, in the order in which they came."""
    order = np.random.default_rng([seed, *seed_words(camera)]).permutation(len(files))
    return [files[i] for i in sorted(order[: limit or None])]


def _read_photos(jobs: list[tuple], workers: int, progress: bool) -> list[_Photo | str]:
    """The result of `_read_photo` for each job, a tuple of its arguments, in the order of the jobs."""
    bar = {"total": len(jobs), "desc": "photos", "unit": "photo", "disable": not progress, "mininterval": 2}
    with ThreadPoolExecutor(workers or cores()) as threads:
        return list(tqdm(threads.map(_read_photo, *zip(*jobs, strict=True)), **bar))


def _read_photo(path: Path, crops: int, seed: list[int]) -> _Photo | str:
    """What is kept of a photo, or a few words that say why it can't be used."""
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if (found := _pixel_format(image)) != "RGB":
                return f"expected 8-bit RGB, it is {found}"
            if min(image.size) < CROP:
                return f"expected at least {CROP}×{CROP} pixels, it has {image.width}×{image.height}"
            exif = image.getexif()
            taken = str(exif.get_ifd(_EXIF_IFD).get(_DATE_TAKEN) or exif.get(_DATE) or "")
            pixels = np.asarray(image if exif.get(_ORIENTATION, 1) == 1 else ImageOps.exif_transpose(image))
    except Exception as error:
        return f"can't be read ({_reason(error)})"
    rng = np.random.default_rng(seed)
    tops, lefts = (rng.integers(0, side - CROP + 1, crops) for side in pixels.shape[:2])
    cut = [pixels[y : y + CROP, x : x + CROP] for y, x in zip(tops, lefts, strict=True)]
    return _Photo(np.stack(cut), taken, hashlib.sha256(content).hexdigest())


def _reason(error: Exception) -> str:
    """The message of an error as one line."""
    if isinstance(error, UnidentifiedImageError):
        return "not a JPEG, PNG or TIFF file"
    return " ".join(str(error).split()) or type(error).__name__


def _pixel_format(image: ImageFile.ImageFile) -> str:
    """The image's mode in Pillow, such as "RGB", or "16-bit RGB" for 16 bits per channel.

    Pillow itself calls the latter "RGB" and drops half of the bits without a word.
    """
    args = image.tile[0][3] if image.tile else ""
    raw = args if isinstance(args, str) else str(args[0]) if args else ""
    return f"16-bit {image.mode}" if ";16" in raw else image.mode


def _part_good_and_bad(paths: list[Path], read: list[_Photo | str]) -> tuple[dict[Path, _Photo], dict[Path, str]]:
    """The photos that can be used by path, and the reasons why the others can't.

    A copy of an earlier file can't: one could be in the training half and the other in the test half.
    """
    good: dict[Path, _Photo] = {}
    bad: dict[Path, str] = {}
    first: dict[str, Path] = {}
    for path, photo in zip(paths, read, strict=True):
        if isinstance(photo, str):
            bad[path] = photo
        elif (same := first.setdefault(photo.sha256, path)) != path:
            bad[path] = f"the same file as {same.parent.name}/{same.name}"
        else:
            good[path] = photo
    return good, bad


def _report_bad(bad: dict[Path, str], on_bad: str) -> None:
    """Prints a line for each bad file. Raises CamganError if there are any and `on_bad` is "refuse"."""
    if bad and on_bad == "refuse":
        first, why = next(iter(bad.items()))
        raise CamganError(
            f"{len(bad)} of the files can't be used, the first: {_in_words(first, why)}; "
            "remove them, or leave them out with bad_files=skip"
        )
    for path, why in bad.items():
        print(f"left out {_in_words(path, why)}")


def _in_words(path: Path, why: str) -> str:
    return f"{path.parent.name}/{path.name}: {why}"


def _assemble(
    usable: dict[str, list[Path]], photos: dict[Path, _Photo], test: set[Path], report: dict[str, Any]
) -> CameraData:
    """The crops of all usable photos in two halves, with photos numbered in the order of cameras and files."""
    halves: dict[bool, list[tuple[np.ndarray, int, int]]] = {False: [], True: []}
    counts = {}
    number = 0
    for label, (camera, files) in enumerate(usable.items()):
        in_test = sum(path in test for path in files)
        counts[camera] = {"train": len(files) - in_test, "test": in_test}
        for path in files:
            halves[path in test].append((photos[path].crops, label, number))
            number += 1
    return CameraData(_join(halves[False]), _join(halves[True]), tuple(usable), {"photos": counts, **report})


def _join(parts: list[tuple[np.ndarray, int, int]]) -> Crops:
    """Parts, each the crops of a photo with its camera's label and its own number, as one Crops."""
    each = [len(crops) for crops, _, _ in parts]
    return Crops(
        np.concatenate([crops for crops, _, _ in parts]),
        np.repeat(np.array([label for _, label, _ in parts], np.int64), each),
        np.repeat(np.array([number for _, _, number in parts], np.int64), each),
    )
