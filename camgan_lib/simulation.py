"""A folder of photos by simulated cameras: made in parallel, kept, and verified when it is used again."""

import csv
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from tqdm import tqdm

from camgan_lib.cameras import CAMERAS, CameraModel, shoot
from camgan_lib.scenes import CAMERA_STREAM, render_scene
from camgan_lib.store import file_sha256, write_aside

FIELDS = ("camera", "file", "sha256")
SAVE_EVERY = 40


def simulate_cameras(
    folder: Path, *, photos: int, size: int, seed: int, workers: int = 0, progress: bool = True
) -> Path:
    """`photos` JPEG files of `size`×`size` pixels per simulated camera, `folder/<camera>/<number>.jpg`; returns folder.

    Each photo is of a scene of its own, whatever the camera. `manifest.csv` holds each file's SHA-256: photos that are
    there and whole are kept, missing or damaged ones are made again. `workers` is a number of processes (0: one per
    core); the files do not depend on it. Raises ValueError for fewer than one photo or an odd size.
    """
    if photos < 1 or size < 64 or size % 2:
        raise ValueError(f"expected photos ≥ 1 and an even size ≥ 64, got {photos} photos of size {size}")
    known = _read_manifest(folder / "manifest.csv")
    jobs = [(folder, number, photo, size, seed) for photo in range(photos) for number in range(len(CAMERAS))]
    jobs = [job for job in jobs if not _is_whole(folder, known, *_names(*job[1:3]))]
    if not jobs:
        return folder
    with ProcessPoolExecutor(workers or os.cpu_count(), get_context("spawn")) as pool:
        futures = [pool.submit(_make_photo, *job) for job in jobs]
        done = as_completed(futures)
        bar = tqdm(done, total=len(jobs), desc="simulated photos", unit="photo", disable=not progress, mininterval=2)
        for count, future in enumerate(bar, 1):
            camera, file, digest = future.result()
            known[camera, file] = digest
            if count % SAVE_EVERY == 0:
                _write_manifest(folder / "manifest.csv", known)
    _write_manifest(folder / "manifest.csv", known)
    return folder


def _names(number: int, photo: int) -> tuple[str, str]:
    return CAMERAS[number].name, f"{photo + 1:05d}.jpg"


def _make_photo(folder: Path, number: int, photo: int, size: int, seed: int) -> tuple[str, str, str]:
    camera: CameraModel = CAMERAS[number]
    scene = render_scene(size, [CAMERA_STREAM, seed, number, photo])
    content = shoot(scene, camera, np.random.default_rng([CAMERA_STREAM, seed, number, photo, 1]))
    name, file = _names(number, photo)
    with write_aside(folder / name / file) as aside:
        aside.write_bytes(content)
    return name, file, file_sha256(folder / name / file)


def _is_whole(folder: Path, known: dict[tuple[str, str], str], camera: str, file: str) -> bool:
    path = folder / camera / file
    return (camera, file) in known and path.is_file() and file_sha256(path) == known[camera, file]


def _read_manifest(path: Path) -> dict[tuple[str, str], str]:
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {(row["camera"], row["file"]): row["sha256"] for row in csv.DictReader(stream)}


def _write_manifest(path: Path, known: dict[tuple[str, str], str]) -> None:
    with write_aside(path) as aside, aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(FIELDS)
        writer.writerows([*key, digest] for key, digest in sorted(known.items()))
