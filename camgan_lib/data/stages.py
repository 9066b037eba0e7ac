"""Pairs of simulated cameras that differ in one stage of their pipeline: which stage leaves what a classifier uses?"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside
from camgan_lib.base.memory import keep_memory
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
"""Stage → the camera that differs from BASE in that stage alone."""


def pair(stage: str) -> tuple[CameraModel, CameraModel]:
    """The two cameras of a stage, in the order of their names, which is that of the classifier's classes.

    Raises CamganError for a stage that is none.
    """
    if stage not in STAGES:
        raise CamganError(f"the stages are {', '.join(STAGES)}, got {stage!r}")
    first, second = sorted((BASE, STAGES[stage]), key=lambda camera: camera.name)
    return first, second


def photos(folder: Path, stage: str, count: int, size: int, seed: int) -> Path:
    """`count` JPEG photos by each camera of a stage, `folder/<stage>/<camera>/`; photos that are there are kept.

    Every photo is of a scene of its own. Raises CamganError for fewer than two photos, a size that is odd or below 64,
    or a stage that is none.
    """
    if count < 2 or size < 64 or size % 2:
        raise CamganError(f"at least 2 photos of an even size from 64 on were expected, got {count} of {size}")
    keep_memory()
    jobs = [(number, camera, photo) for number, camera in enumerate(pair(stage)) for photo in range(count)]
    for number, camera, photo in tqdm(jobs, desc=stage, unit="photo", mininterval=2):
        path = folder / stage / camera.name / f"{photo + 1:05d}.jpg"
        if not path.exists():
            rng = np.random.default_rng([seed, 79, number, photo])
            content = shoot(render_scene(size, [seed, 80, number, photo]), camera, rng)
            with write_aside(path) as aside:
                aside.write_bytes(content)
    return folder / stage
