"""Makes a folder of photos by the simulated cameras; a second run checks them and makes only what is missing."""

import csv
from collections.abc import Iterable
from concurrent.futures import as_completed
from pathlib import Path

import numpy as np

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import file_sha256, write_aside
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.progress import progress as counted
from camgan_lib.base.versions import code_version
from camgan_lib.base.workers import cores, pool
from camgan_lib.data.cameras import CAMERAS, shoot
from camgan_lib.data.scenes import CAMERA_STREAM, render_scene

FIELDS = ("camera", "file", "sha256", "made_by")
"""Columns of the manifest."""
SAVE_EVERY = 40
"""The manifest is saved after so many photos, so that an interrupted run keeps most of its work."""


def simulate_cameras(
    folder: Path, *, photos: int, size: int, seed: int, workers: int = 0, progress: bool = True
) -> Path:
    """The folder, with `photos` JPEG files of `size`×`size` pixels per camera as `folder/<camera>/<number>.jpg`.

    No two photos show the same scene. `manifest.csv` holds the SHA-256 of each file and what made it (`made_by`, a hash
    of size, seed and the version of the code). A photo that is undamaged and made by the same is kept; all others are
    made again. `workers` processes make them (0: one per core); the files do not depend on their number.

    Raises ValueError for fewer than one photo or a size that is odd or below 64, and CamganError if the folder holds
    files that this call would not make.
    """
    if photos < 1 or size < 64 or size % 2:
        raise ValueError(f"expected photos ≥ 1 and an even size ≥ 64, got {photos} photos of size {size}")
    jobs = [(folder, number, photo, size, seed) for photo in range(photos) for number in range(len(CAMERAS))]
    _refuse_strangers(folder, {_names(number, photo) for _, number, photo, *_ in jobs})
    made_by = recipe_id({"size": size, "seed": seed, "code": code_version("simulated")})
    known = _read_manifest(folder / "manifest.csv", made_by)
    jobs = [job for job in jobs if not _is_whole(folder, known, *_names(*job[1:3]))]
    if not jobs:
        return folder
    try:
        bar = counted("simulated photos", "photo", len(jobs), shown=progress)
        for count, (camera, file, digest) in enumerate(_made(jobs, workers), 1):
            known[camera, file] = digest
            bar.update()
            if count % SAVE_EVERY == 0:
                _write_manifest(folder / "manifest.csv", known, made_by)
    finally:
        bar.close()
        _write_manifest(folder / "manifest.csv", known, made_by)
    return folder


def _names(number: int, photo: int) -> tuple[str, str]:
    """Names of the folder and of the file of a photo by camera `number`; both count from 0."""
    return CAMERAS[number].name, f"{photo + 1:05d}.jpg"


def _made(jobs: list[tuple], workers: int) -> Iterable[tuple[str, str, str]]:
    """(camera, file, SHA-256) of each photo as soon as it is made; after an error no further photo is begun.

    The first photo of each camera is made here: loops are then compiled once, not in each process.
    """
    workers = min(workers or cores(), len(jobs))
    here = len(jobs) if workers == 1 else len(CAMERAS)
    yield from (_make_photo(*job) for job in jobs[:here])
    if not (jobs := jobs[here:]):
        return
    with pool(workers) as processes:
        for future in as_completed([processes.submit(_make_photo, *job) for job in jobs]):
            yield future.result()


def _make_photo(folder: Path, number: int, photo: int, size: int, seed: int) -> tuple[str, str, str]:
    """Makes a photo by camera `number`; returns (camera, file, SHA-256)."""
    scene = render_scene(size, [CAMERA_STREAM, seed, number, photo])
    content = shoot(scene, CAMERAS[number], np.random.default_rng([CAMERA_STREAM, seed, number, photo, 1]))
    name, file = _names(number, photo)
    with write_aside(folder / name / file) as aside:
        aside.write_bytes(content)
    return name, file, file_sha256(folder / name / file)


def _refuse_strangers(folder: Path, expected: set[tuple[str, str]]) -> None:
    """Raises CamganError if the folder holds files in sub-folders that this run would not make."""
    found = {(path.parent.name, path.name) for path in folder.glob("*/*") if path.name[0] != "."}
    if strangers := sorted(found - expected):
        raise CamganError(
            f"{folder} was expected to hold nothing but the photos of this run, it has {len(strangers)} others "
            f"({'/'.join(strangers[0])} …); name an empty folder, or at least as many photos"
        )


def _is_whole(folder: Path, known: dict[tuple[str, str], str], camera: str, file: str) -> bool:
    """Whether a photo is there with the SHA-256 that is known of it."""
    path = folder / camera / file
    return (camera, file) in known and path.is_file() and file_sha256(path) == known[camera, file]


def _read_manifest(path: Path, made_by: str) -> dict[tuple[str, str], str]:
    """(camera, file) → SHA-256 of the photos made by `made_by`; empty if the manifest is missing or damaged."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return {(row["camera"], row["file"]): row["sha256"] for row in rows if row["made_by"] == made_by}
    except (FileNotFoundError, UnicodeDecodeError, KeyError, csv.Error):
        return {}


def _write_manifest(path: Path, known: dict[tuple[str, str], str], made_by: str) -> None:
    with write_aside(path) as aside, aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(FIELDS)
        writer.writerows([*key, digest, made_by] for key, digest in sorted(known.items()))
