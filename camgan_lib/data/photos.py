"""Reads a folder with one sub-folder of photos per camera, and cuts the photos into crops for training and test.

Several threads read the photos, because Pillow decodes without the interpreter's lock. Only the crops of a photo are
kept, so any number of large photos fits in memory. The seed, the camera and the file's name alone decide where a crop
lies.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from camgan_lib.base.errors import CamganError
from camgan_lib.base.identity import seed_words
from camgan_lib.base.progress import progress as counted
from camgan_lib.base.workers import cores
from camgan_lib.data import manifests
from camgan_lib.data.crops import CROP, CameraData, Crops
from camgan_lib.data.dates import Date, as_text
from camgan_lib.data.folders import check_cameras, collect, relative_name, without
from camgan_lib.data.names import readable, shown
from camgan_lib.data.pictures import Limits, no_warnings
from camgan_lib.data.reading import PICTURE, Photo, read_photo
from camgan_lib.data.splits import SPLITS, Known, choose_split, choose_test, in_both

SKIP_OR_REFUSE = ("skip", "refuse")
MOST_CROPS = 120
"""Crops that are cut from a large photo where their number is left open."""


def load_crops(
    folder: Path,
    *,
    photos_per_camera: int = 0,
    test_share: float = 0.15,
    crops_per_photo: int = 30,
    split: str = "auto",
    on_bad: str = "skip",
    bad_cameras: str = "refuse",
    limits: Limits | None = None,
    seed: int = 0,
    workers: int = 0,
    progress: bool = True,
) -> CameraData:
    """Crops of all cameras of a folder (see `folders.collect`). All crops of a photo are in the same half.

    At most `photos_per_camera` photos of each camera are used (0: all). Of n photos max(1, round(test_share · n)) go
    to the test half. `split` says which:
    "random": photos drawn from the seed;
    "date": the latest photos, by the column date of manifest.csv or else by EXIF;
    "scene", "device": whole scenes or devices, by the columns of manifest.csv, or as the layout of the folder tells;
    "auto": see `splits.choose_split`.
    `crops_per_photo` 0: from 30 to 120, by the size of the photos.

    Pictures are turned as EXIF says. A file is bad if it can't be read, lacks a part, is smaller than a crop, is not
    8-bit RGB, or shows the same picture as another file. With `on_bad` "skip" it is left out, with "refuse" it is an
    error. A camera is bad if it has fewer than two photos that can be used, or can't be split; with `bad_cameras`
    "skip" it is left out. `limits`: what a file may claim to be. `workers` threads read the photos (0: one per core);
    the result does not depend on their number.

    The report of the result says what was done: `lines` in words, `left_out` each file and why, `facts` of each photo.
    Raises CamganError if the folder, a choice or the number of photos can't be used.
    """
    _check_choice("split", split, SPLITS)
    _check_choice("bad_files", on_bad, SKIP_OR_REFUSE)
    _check_choice("bad_cameras", bad_cameras, SKIP_OR_REFUSE)
    found = collect(folder)
    found, dropped = check_cameras(found, bad_cameras)
    manifest = manifests.read_manifest(found.base, found.cameras)
    chosen = {camera: _choose_files(camera, files, photos_per_camera, seed) for camera, files in found.cameras.items()}
    read = _read_photos(_jobs(found.base, chosen, crops_per_photo, seed, limits or Limits()), workers, progress)
    photos, bad = _part_good_and_bad(found.base, chosen, read)
    bad |= found.stray
    _refuse_bad(found.base, bad, on_bad)
    usable = {camera: [path for path in files if path in photos] for camera, files in chosen.items()}
    dates = {path: date for path, photo in photos.items() if (date := manifest.dates.get(path) or photo.taken)}
    known = Known(dates, manifests.joined(photos, found.facts, manifest.facts), found.split)
    whole = {camera: files for camera, files in usable.items() if len(files) > 1}
    kind, why = choose_split(whole, split, known) if whole else ("random", "")
    if kind == "date":
        bad |= _undated_copies(usable, photos, known)
        usable = {camera: [path for path in files if path not in bad] for camera, files in usable.items()}
    test, unsplit = choose_test(usable, kind, known, test_share, seed)
    unsplit = {camera: _with_reason(reason, chosen[camera], bad) for camera, reason in unsplit.items()}
    usable = {camera: files for camera, files in usable.items() if camera not in unsplit}
    dropped += without(found, unsplit, list(usable), "skip" if split == "auto" and known.wishes else bad_cameras)
    notes = [*_noted(found.base, photos, dates), *_strangers(usable, photos), *_drawn(found.cameras, chosen)]
    lines = [line for line in (found.says, *dropped, *manifest.notes, *notes, why) if line]
    left_out = [f"{relative_name(found.base, path)}: {reason}" for path, reason in bad.items()]
    report = {"split": kind, "left_out": left_out, "lines": lines}
    data = _assemble(found.base, usable, photos, test, known, crops_per_photo, report)
    if kind == "scene" and (both := in_both(data.report["facts"], "scene")):
        lines.append(f"no way was found to keep all scenes in one half: {', '.join(both[:5])} are in both")
    return data


def _undated_copies(usable: dict[str, list[Path]], photos: dict[Path, Photo], known: Known) -> dict[Path, str]:
    """Photos without a date that a messenger has sent, and why they are left out of a split by date."""
    why = "sent by a messenger ({}), without a date: it may show what a photo of the test shows"
    undated = [path for files in usable.values() for path in files if path not in known.dates]
    return {path: why.format(marks) for path in undated if (marks := photos[path].traits["marks"])}


def _with_reason(reason: str, files: list[Path], bad: dict[Path, str]) -> str:
    """The reason why a camera can't be split, with that of its first file that can't be used, if there is one."""
    first = next((path for path in files if path in bad), None)
    return f"{reason} ({shown(first.name)}: {bad[first]})" if first else reason


def _drawn(cameras: dict[str, list[Path]], chosen: dict[str, list[Path]]) -> list[str]:
    """A line where photos_per_camera leaves some out."""
    less = {camera: files for camera, files in cameras.items() if len(chosen[camera]) < len(files)}
    if not less:
        return []
    camera, files = next(iter(less.items()))
    return [
        f"photos_per_camera: {len(chosen[camera])} of {len(files)} photos of {camera} were drawn"
        + (f", and as many of {len(less) - 1} other cameras" if len(less) > 1 else "")
        + " (0 takes all)"
    ]


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise CamganError(f"{name} is one of {', '.join(allowed)}, got {value!r}")


def _choose_files(camera: str, files: list[Path], limit: int, seed: int) -> list[Path]:
    """At most `limit` of the files (0: all), drawn from the seed, in the order in which they came."""
    order = np.random.default_rng([seed, *seed_words(camera)]).permutation(len(files))
    return [files[i] for i in sorted(order[: limit or None])]


def _jobs(
    base: Path, chosen: dict[str, list[Path]], crops: int, seed: int, limits: Limits
) -> list[tuple[Path, int, list[int], Limits]]:
    """The arguments of `read_photo` for each photo. Below a camera's own folder, its path there stands for its name."""
    return [
        (path, crops or MOST_CROPS, [seed, *seed_words(camera, _name_in(base, camera, path))], limits)
        for camera, files in chosen.items()
        for path in files
    ]


def _name_in(base: Path, camera: str, path: Path) -> str:
    parts = path.relative_to(base).parts
    return "/".join(readable(part) for part in (parts[1:] if len(parts) > 1 else parts))


def _read_photos(jobs: list[tuple], workers: int, progress: bool) -> list[Photo | str]:
    """The result of `read_photo` for each job, a tuple of its arguments, in the order of the jobs."""
    with no_warnings(), ThreadPoolExecutor(workers or cores()) as threads:
        read = threads.map(read_photo, *zip(*jobs, strict=True))
        return list(counted("photos", "photo", len(jobs), read, shown=progress))


def _part_good_and_bad(
    base: Path, chosen: dict[str, list[Path]], read: list[Photo | str]
) -> tuple[dict[Path, Photo], dict[Path, str]]:
    """The photos that can be used by path, and the reasons why the others can't.

    Of files with the same picture only one is used, as the others could be in the other half: the one with the shortest
    name among a camera's, and the first camera's.
    """
    owner = {path: camera for camera, files in chosen.items() for path in files}
    by_path = dict(zip(owner, read, strict=True))
    first: dict[str, Path] = {}
    for files in chosen.values():
        for path in sorted(files, key=lambda path: len(path.name)):
            if isinstance(photo := by_path[path], Photo):
                first.setdefault(photo.picture, path)
    good: dict[Path, Photo] = {}
    bad: dict[Path, str] = {}
    for path, photo in by_path.items():
        if isinstance(photo, str):
            bad[path] = photo
        elif (same := first[photo.picture]) == path:
            good[path] = photo
        else:
            bad[path] = f"the same picture as {relative_name(base, same)}"
            if owner[same] != owner[path]:
                bad[path] += ", of another camera: one of the two is in a wrong folder"
    return good, bad


def _refuse_bad(base: Path, bad: dict[Path, str], on_bad: str) -> None:
    """Raises CamganError if there are bad files and `on_bad` is "refuse"."""
    if bad and on_bad == "refuse":
        first, why = next(iter(bad.items()))
        raise CamganError(
            f"{len(bad)} of the files can't be used, the first: {relative_name(base, first)}: {why}; "
            "remove them, or leave them out with bad_files=skip"
        )


def _noted(base: Path, photos: dict[Path, Photo], dates: dict[Path, Date]) -> list[str]:
    """The notes on photos that are used, one line for each kind. A date's matters only where no other is known."""
    first: dict[str, Path] = {}
    count: dict[str, int] = {}
    for path, photo in photos.items():
        for note in photo.notes:
            if "date, " in note and path in dates:
                continue
            kind = "its date, " if note.startswith("its date, ") else note
            first.setdefault(kind, path)
            count[kind] = count.get(kind, 0) + 1
    lines = []
    for kind, path in first.items():
        note = next(each for each in photos[path].notes if each.startswith(kind))
        more = f" (and {count[kind] - 1} more)" if count[kind] > 1 else ""
        lines.append(f"{relative_name(base, path)}{more}: {note}")
    return lines


def _strangers(usable: dict[str, list[Path]], photos: dict[Path, Photo]) -> list[str]:
    """A line for each camera among whose photos are some of another model, by their EXIF data."""
    lines = []
    for camera, files in usable.items():
        models: dict[str, list[Path]] = {}
        for path in files:
            models.setdefault(photos[path].traits["model"], []).append(path)
        named = sorted((model for model in models if model), key=lambda model: -len(models[model]))
        if len(named) > 1:
            counts = ", ".join(f"{len(models[model])} by {shown(model)}" for model in named[:4])
            least = models[named[-1]][0]
            lines.append(f"camera {camera} has photos of several models: {counts} (as {shown(least.name)})")
    return lines


def report_lines(data: CameraData, most: int = 12) -> list[str]:
    """What the report says in words; of files left out at most so many are named, and the others are counted."""
    left_out = data.report["left_out"]
    lines = [f"left out {line}" for line in left_out[:most]]
    if len(left_out) > most:
        lines.append(f"left out {len(left_out) - most} more; the list is in the record of chapter dataset")
    return lines + list(data.report.get("lines", []))


def _assemble(
    base: Path,
    usable: dict[str, list[Path]],
    photos: dict[Path, Photo],
    test: set[Path],
    known: Known,
    crops_per_photo: int,
    report: dict[str, Any],
) -> CameraData:
    """The crops of all usable photos in two halves, with photos numbered in the order of cameras and files."""
    each = crops_per_photo or _number_of_crops(usable, photos)
    halves: dict[bool, list[tuple[np.ndarray, int, int]]] = {False: [], True: []}
    counts: dict[str, dict[str, int]] = {}
    facts: list[dict[str, Any]] = []
    for label, (camera, files) in enumerate(usable.items()):
        in_test = sum(path in test for path in files)
        counts[camera] = {"train": len(files) - in_test, "test": in_test}
        for path in files:
            halves[path in test].append((photos[path].crops[:each], label, len(facts)))
            about = known.facts.get(path, {})
            facts.append(
                {
                    "file": relative_name(base, path),
                    "camera": label,
                    "half": "test" if path in test else "train",
                    "date": as_text(known.dates.get(path)),
                    "device": about.get("device", ""),
                    "scene": about.get("scene", ""),
                    "picture": photos[path].picture[:PICTURE],
                    **photos[path].traits,
                }
            )
    more = {"photos": counts, "crops_per_photo": each, "facts": facts, **report}
    return CameraData(_join(halves[False]), _join(halves[True]), tuple(usable), more)


def _number_of_crops(usable: dict[str, list[Path]], photos: dict[Path, Photo]) -> int:
    """Crops of each photo by the camera whose photos are smallest: one for each 8 crops' area, from 30 to 120."""
    areas = [float(np.median([np.prod(photos[path].size) for path in files])) for files in usable.values()]
    return int(np.clip(min(areas) / (8 * CROP**2), 30, MOST_CROPS))


def _join(parts: list[tuple[np.ndarray, int, int]]) -> Crops:
    """Parts, each the crops of a photo with its camera's label and its own number, as one Crops."""
    each = [len(crops) for crops, _, _ in parts]
    return Crops(
        np.concatenate([crops for crops, _, _ in parts]),
        np.repeat(np.array([label for _, label, _ in parts], np.int64), each),
        np.repeat(np.array([number for _, _, number in parts], np.int64), each),
    )
