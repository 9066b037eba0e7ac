"""Pairs of cameras that differ in one stage: in nothing else, made once, and the truth of each found again."""

from dataclasses import fields

import numpy as np
import pytest

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import file_sha256
from camgan_lib.data import stages
from camgan_lib.data.cameras import shoot
from camgan_lib.data.scenes import render_scene
from camgan_lib.measure import truth


@pytest.mark.parametrize("stage", stages.STAGES)
def test_a_pair_differs_in_one_stage(stage):
    first, second = stages.pair(stage)
    assert first.name < second.name
    assert stages.BASE in (first, second)
    names = {field.name for field in fields(first)} - {"name"}
    assert sum(getattr(first, name) != getattr(second, name) for name in names) == 1
    scene = render_scene(64, 1)
    a, b = (shoot(scene, camera, np.random.default_rng(0)) for camera in (first, second))
    assert a != b


def test_photos_are_made_once_and_bad_input_is_refused(tmp_path):
    folder = stages.photos(tmp_path, "noise", 2, 64, 0)
    assert sorted(path.name for path in folder.iterdir()) == ["base", "noise-x3"]
    made = {path: (file_sha256(path), path.stat().st_mtime_ns) for path in folder.glob("*/*.jpg")}
    assert len(made) == 4
    next(iter(made)).unlink()
    stages.photos(tmp_path, "noise", 2, 64, 0)
    again = {path: (file_sha256(path), path.stat().st_mtime_ns) for path in folder.glob("*/*.jpg")}
    assert {path: digest for path, (digest, _) in again.items()} == {path: digest for path, (digest, _) in made.items()}
    assert sum(again[path] != made[path] for path in made) == 1
    with pytest.raises(CamganError, match="the stages are mosaic"):
        stages.photos(tmp_path, "lens", 2, 64, 0)
    with pytest.raises(CamganError, match="even size"):
        stages.photos(tmp_path, "noise", 2, 65, 0)


def test_a_camera_without_a_mosaic_keeps_the_scenes_detail():
    """What a mosaic takes: without one, and without noise, the picture has more power at the highest frequencies."""
    levels = truth.true_spectra(stages.pair("mosaic"), scenes=8)
    base, free = levels if stages.pair("mosaic")[0] is stages.BASE else levels[::-1]
    assert np.abs(base - free).mean() > 0.3


def test_the_true_difference_of_each_stage_recovers_itself():
    pairs = {stage: stages.pair(stage) for stage in ("sharpening", "JPEG")}
    spectra = {stage: truth.true_spectra(pair, scenes=10, seed=3)[None] for stage, pair in pairs.items()}
    noise = {stage: np.random.default_rng(1).normal(size=each.shape) for stage, each in spectra.items()}
    rows = truth.by_stage(spectra, noise, pairs, scenes=10, seed=3)
    assert [row["stage"] for row in rows] == ["sharpening", "JPEG"]
    assert all(row["recovered"].value == pytest.approx(1.0) for row in rows)
    assert all(abs(row["by_crops"].value) < 0.1 for row in rows)
    assert all(row["p"] == 1 for row in rows), "one seed shows nothing"
    assert rows[0]["size"] > 1


def test_seeds_that_agree_and_seeds_that_do_not():
    rng = np.random.default_rng(0)
    one = rng.normal(size=(1, 4, 32, 32, 3))
    assert truth.agreement_of_seeds(np.repeat(one, 3, 0)).value == pytest.approx(1)
    noise = truth.agreement_of_seeds(rng.normal(size=(3, 4, 32, 32, 3)))
    assert noise.low < 0 < noise.high
    assert abs(noise.value) < 0.05


def test_aligned_crops_lie_on_the_grid_and_others_anywhere():
    aligned, anywhere = (truth.crops_of_scenes(flag, scenes=3) for flag in (True, False))
    assert [crops.shape for crops in aligned] == [(3, 32, 32, 3)] * 4
    again = truth.crops_of_scenes(True, scenes=3)
    assert all(np.array_equal(a, b) for a, b in zip(aligned, again, strict=True))
    assert not np.array_equal(aligned[0], anywhere[0])
