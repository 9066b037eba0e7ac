"""Photos on disk: a folder with one sub-folder per camera, split by photo, cut into crops.

Photos are read one by one in several threads (Pillow decodes without the interpreter's lock) and only their crops are
kept, so that any number of large photos fits in memory. Where a crop lies follows from the seed, the camera and the
file's name alone.
"""

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
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
class _Shot:
    """What is kept of a photo: crops uint8 n×32×32×3, date taken as EXIF says or "", SHA-256 of the file."""

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
    facts = read_manifest(cameras)
    chosen = {camera: _draw(camera, files, photos_per_camera, seed) for camera, files in cameras.items()}
    jobs = [
        (path, crops_per_photo, [seed, *seed_words(camera, path.name)])
        for camera, files in chosen.items()
        for path in files
    ]
    shots, bad = _sort_out(jobs, _read_all(jobs, workers, progress))
    bad |= stray_files(cameras)
    _report_bad(bad, on_bad)
    dates = {path: sortable_date(facts.get(path, {}).get("date") or shot.taken) for path, shot in shots.items()}
    kind = split if split != "auto" else "date" if all(dates.values()) else "random"
    usable = {camera: [path for path in files if path in shots] for camera, files in chosen.items()}
    test = choose_test(usable, kind, dates, facts, test_share, seed)
    return _assemble(usable, shots, test, {"split": kind, "left_out": [_line(*each) for each in bad.items()]})


def _draw(camera: str, files: list[Path], limit: int, seed: int) -> list[Path]:
    """At most `limit` files (0: all), drawn from the seed, in their order."""
    order = np.random.default_rng([seed, *seed_words(camera)]).permutation(len(files))
    return [files[i] for i in sorted(order[: limit or None])]


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
