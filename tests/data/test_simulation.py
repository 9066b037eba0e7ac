"""Simulated photos are made once, verified when used again, and mended where damaged."""

import csv
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from camgan_lib.base.errors import CamganError
from camgan_lib.base.paths import ROOT
from camgan_lib.data import photos
from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.simulation import simulate_cameras
from camgan_lib.measure import evaluation

SCRIPT = ROOT / "data_scripts" / "simulate_cameras.py"
SETTINGS = {"photos": 2, "size": 64, "seed": 3, "progress": False}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return simulate_cameras(tmp_path_factory.mktemp("sim") / "photos", **SETTINGS, workers=2)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.jpg"))}


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.jpg")}


@pytest.mark.slow
def test_photos_are_laid_out_by_camera_and_no_two_are_of_one_scene(folder):
    assert sorted(p.name for p in folder.iterdir() if p.is_dir()) == [camera.name for camera in CAMERAS]
    pictures = [np.asarray(Image.open(path)) for path in sorted(folder.rglob("*.jpg"))]
    assert len(pictures) == 8
    assert {picture.shape for picture in pictures} == {(64, 64, 3)}
    flat = np.array([picture.ravel() for picture in pictures], float)
    correlations = np.corrcoef(flat)[np.triu_indices(8, 1)]
    assert np.abs(correlations).max() < 0.9
    with (folder / "manifest.csv").open(encoding="utf-8") as stream:
        assert len(list(csv.DictReader(stream))) == 8


@pytest.mark.slow
def test_whole_photos_are_kept_and_only_damaged_and_missing_ones_made_again(folder):
    before, stamps = contents(folder), times(folder)
    damaged, missing = sorted(folder.rglob("*.jpg"))[1::4]
    damaged.write_bytes(damaged.read_bytes()[:-50])
    missing.unlink()
    simulate_cameras(folder, **SETTINGS, workers=1)
    assert contents(folder) == before
    after = times(folder)
    assert {path for path in after if after[path] != stamps[path]} == {damaged, missing}


@pytest.mark.slow
def test_a_damaged_manifest_only_costs_time(folder):
    before = contents(folder)
    (folder / "manifest.csv").write_bytes(b"\xff\x00no manifest")
    simulate_cameras(folder, **SETTINGS, workers=1)
    assert contents(folder) == before


@pytest.mark.slow
def test_photos_of_another_seed_are_not_taken_for_these(folder, tmp_path):
    other = simulate_cameras(tmp_path, **{**SETTINGS, "seed": 4, "photos": 1}, workers=1)
    wrong = contents(other)
    simulate_cameras(other, **{**SETTINGS, "photos": 1}, workers=1)
    assert not set(wrong.values()) & set(contents(other).values())
    assert set(contents(other).items()) <= set(contents(folder).items())


def test_foreign_photos_are_refused(tmp_path):
    stranger = tmp_path / "my phone" / "holiday.jpg"
    stranger.parent.mkdir()
    stranger.write_bytes(b"mine")
    with pytest.raises(CamganError, match=r"1 others \(my phone/holiday.jpg"):
        simulate_cameras(tmp_path, **SETTINGS)
    assert stranger.read_bytes() == b"mine"


@pytest.mark.parametrize("wrong", [{"photos": 0}, {"size": 63}, {"size": 32}])
def test_impossible_numbers_are_errors(tmp_path, wrong):
    with pytest.raises(ValueError, match="even size"):
        simulate_cameras(tmp_path, **{**SETTINGS, **wrong})


def test_workers_do_not_import_torch():
    code = "import sys, camgan_lib.data.simulation; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def run_script(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_script_makes_the_same_photos(folder, tmp_path):
    done = run_script("--out", tmp_path / "new", "--photos", 2, "--size", 64, "--seed", 3, "--workers", 1)
    assert done.returncode == 0, done.stderr
    assert "4 cameras × 2 photos of 64×64" in done.stdout
    assert contents(tmp_path / "new") == contents(folder)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--photos", 0), "--photos is 1 or more, got 0"),
        (("--size", 65), "--size is even"),
        (("--seed", -1), "--seed is 0 or more"),
    ],
)
def test_the_script_says_what_is_wrong(tmp_path, arguments, sentence):
    done = run_script("--out", tmp_path / "new", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "new").exists()


@pytest.mark.trains
def test_colour_alone_hardly_tells_the_cameras_apart(tmp_path):
    """Mean and deviation of colour give at most 35 % of four classes."""
    simulate_cameras(tmp_path, photos=24, size=256, seed=1, progress=False)
    data = photos.load_crops(tmp_path, test_share=0.3, crops_per_photo=30, split="random", progress=False)
    assert evaluation.colour_only_accuracy(data.train, data.test).value <= 0.35
