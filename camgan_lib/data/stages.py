"""Pairs of simulated cameras that differ in one stage of their pipeline, to see which stages a classifier can tell."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside
from camgan_lib.base.memory import keep_memory
from camgan_lib.base.progress import progress
from camgan_lib.data.cameras import CameraModel, shoot
from camgan_lib.data.scenes import render_scene

BASE = CameraModel("base", "malvar", 0.3, 0.4, "4:4:4", 93)

STAGES = {
    "mosaic": replace(BASE, name="no-mosaic", demosaicing="none"),
    "demosaicing": replace(BASE, name="bilinear", demosaicing="bilinear"),
    "noise": replace(BASE, name="noise-x3", noise=3.0),
    "sharpening": replace(BASE, name="sharpened-0.9", sharpening=0.9),
    "subsampling": replace(BASE, name="4-2-0", subsampling="4:2:0"),
    "JPEG": replace(BASE, name="quality-85", quality=85),
}
"""Stage → the camera that differs from BASE in that stage and in no other."""


def pair(stage: str) -> tuple[CameraModel, CameraModel]:
    """The two cameras of a stage in the order of their names, which is the order of the classifier's classes.

    Raises CamganError if STAGES has no such stage.
    """
    if stage not in STAGES:
        raise CamganError(f"the stages are {', '.join(STAGES)}, got {stage!r}")
    first, second = sorted((BASE, STAGES[stage]), key=lambda camera: camera.name)
    return first, second


def photos(folder: Path, stage: str, count: int, size: int, seed: int) -> Path:
    """The folder `folder/<stage>`, with `count` JPEG photos of size×size pixels by each of the stage's two cameras.

    Photos that are there already are kept. No two photos show the same scene. Raises CamganError for fewer than two
    photos, a size that is odd or below 64, or an unknown stage.
    """
    if count < 2 or size < 64 or size % 2:
        raise CamganError(f"at least 2 photos of an even size from 64 on were expected, got {count} of {size}")
    keep_memory()
    jobs = [(number, camera, photo) for number, camera in enumerate(pair(stage)) for photo in range(count)]
    for number, camera, photo in progress(stage, "photo", len(jobs), jobs):
        path = folder / stage / camera.name / f"{photo + 1:05d}.jpg"
        if not path.exists():
            rng = np.random.default_rng([seed, 79, number, photo])
            content = shoot(render_scene(size, [seed, 80, number, photo]), camera, rng)
            with write_aside(path) as aside:
                aside.write_bytes(content)
    return folder / stage
