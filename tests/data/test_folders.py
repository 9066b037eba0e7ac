"""Cameras and photos are found as people keep them, and what is missing is said in a sentence."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from camgan_lib.base.errors import CamganError
from camgan_lib.data.folders import check_cameras, collect, find_cameras
from camgan_lib.data.photos import load_crops

RAW = "RAW, which has not been through the camera's pipeline: its JPEG is what counts"


def save(path: Path, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (40, 40, 3), np.uint8)).save(path, "JPEG")


def cameras(base: Path, *names: str, photos: int = 2) -> Path:
    for number, name in enumerate(names or ("A", "B")):
        for i in range(photos):
            save(base / name / f"IMG_{i}.jpg", 10 * number + i)
    return base


def names(base: Path) -> dict[str, list[str]]:
    found = collect(base)
    return {
        camera: [path.relative_to(found.base).as_posix() for path in files] for camera, files in found.cameras.items()
    }


def test_photos_count_at_any_depth(tmp_path):
    cameras(tmp_path)
    for name in ("A/100APPLE/IMG_0.jpg", "A/2020/05/x.JPG", "A/pictures.jpg/y.jpeg"):
        save(tmp_path / name, 90)
    assert names(tmp_path)["A"] == [
        *("A/100APPLE/IMG_0.jpg", "A/2020/05/x.JPG", "A/IMG_0.jpg", "A/IMG_1.jpg", "A/pictures.jpg/y.jpeg"),
    ]


def test_what_systems_leave_behind_is_neither_used_nor_named(tmp_path):
    cameras(tmp_path)
    for name in ("A/@eaDir/IMG_0.jpg/SYNOPHOTO_THUMB_XL.jpg", "A/.AppleDouble/IMG_0.jpg", "#recycle/old/x.jpg"):
        save(tmp_path / name)
    for name in ("__MACOSX/A/._IMG_0.jpg", ".Trashes/x.jpg", "$RECYCLE.BIN/S-1-5-21/$R1.jpg", "A/.thumbnails/1.jpg"):
        save(tmp_path / name)
    for name in ("A/Thumbs.db", "A/desktop.ini", "A/._IMG_0.jpg", "A/Icon\r", ".DS_Store", "A/IMG_0.AAE"):
        (tmp_path / name).write_bytes(b"x")
    found = collect(tmp_path)
    assert {camera: len(files) for camera, files in found.cameras.items()} == {"A": 2, "B": 2}
    assert found.stray == {}


def test_other_files_are_named_once_for_a_camera_and_raw_files_with_the_remedy(tmp_path):
    cameras(tmp_path)
    for name in ("A/a.mp4", "A/b.mp4", "A/c.txt", "A/x.dng", "A/y.CR2", "notes/n.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    stray = {path.relative_to(tmp_path).as_posix(): why for path, why in collect(tmp_path).stray.items()}
    assert stray == {
        "A/x.dng": f"{RAW}; so are 1 more: 1 .cr2",
        "A/a.mp4": "no photo by its name; nor are 2 more: 1 .mp4, 1 .txt",
        "notes": "a folder without photos (it has 1 .txt)",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such name")
@pytest.mark.parametrize("name", [b"A/\xff.jpg", b"A\xff/IMG_0.jpg"])
def test_a_name_in_any_bytes_is_used_and_shown(tmp_path, name):
    cameras(tmp_path)
    path = tmp_path / os.fsdecode(name)
    save(path, 70)
    save(path.with_name("other.jpg"), 71)
    data = load_crops(tmp_path, crops_per_photo=2, progress=False)
    assert "\\xff" in " ".join([*data.cameras, *(each["file"] for each in data.report["facts"])])
    data.save(tmp_path / "crops.npz")


@pytest.mark.parametrize("twin", ["Cafe\u0301", "CAFÉ"])
def test_two_names_of_one_camera_are_refused(tmp_path, twin):
    cameras(tmp_path, "Café", twin, "B")
    with pytest.raises(CamganError, match="have the same name but for case or the form of its letters"):
        collect(tmp_path)


def test_a_set_inside_a_folder_of_data_is_found(tmp_path):
    cameras(tmp_path / "cameras" / "mine", "A", "B")
    save(tmp_path / "pictures" / "x.jpg")
    assert list(find_cameras(tmp_path)) == ["A", "B"]
    cameras(tmp_path / "cameras" / "other", "A", "B")
    with pytest.raises(CamganError, match=r"several sets.*mine.*other"):
        find_cameras(tmp_path)


def test_the_folder_that_was_meant_is_named(tmp_path):
    with pytest.raises(CamganError, match="there is none"):
        find_cameras(tmp_path / "missing")
    with pytest.raises(CamganError, match="found none"):
        find_cameras(tmp_path)
    save(tmp_path / "one" / "0.jpg")
    with pytest.raises(CamganError, match=r"found only one; .* sort them: .*/Camera-1/IMG_0001\.jpg"):
        find_cameras(tmp_path)
    with pytest.raises(CamganError, match="photos lie in it directly: give the folder above"):
        find_cameras(tmp_path / "one")


def test_halves_of_a_data_set_are_no_cameras(tmp_path):
    cameras(tmp_path / "train", "A", "B")
    cameras(tmp_path / "test", "A", "B")
    with pytest.raises(CamganError, match=rf"its folder train does \(A, B\): give {tmp_path}/train"):
        find_cameras(tmp_path)
    cameras(tmp_path / "wrapped" / "inside", "A", "B")
    with pytest.raises(CamganError, match=rf"its folder inside does \(A, B\): give {tmp_path}/wrapped/inside"):
        find_cameras(tmp_path / "wrapped")


def test_a_camera_that_can_not_serve_is_named_before_anything_is_decoded(tmp_path):
    cameras(tmp_path, "A", "B")
    save(tmp_path / "Single" / "0.jpg")
    for i in range(3):
        (tmp_path / "Dead").mkdir(exist_ok=True)
        (tmp_path / "Dead" / f"{i}.jpg").write_bytes(b"<!DOCTYPE html><html><title>404</title></html>")
    found = collect(tmp_path)
    words = r"Dead: it has 0 usable photos.*0\.jpg is an HTML page.*Single: it has 1 usable photo .*bad_cameras"
    with pytest.raises(CamganError, match=words) as error:
        check_cameras(found, "refuse")
    assert "the cameras that can serve: A, B" in str(error.value)
    kept, lines = check_cameras(found, "skip")
    assert list(kept.cameras) == ["A", "B"]
    assert [line[:25] for line in lines] == ["camera Dead is left out: ", "camera Single is left out"]
    assert load_crops(tmp_path, bad_cameras="skip", crops_per_photo=1, progress=False).cameras == ("A", "B")


def test_a_camera_whose_photos_turn_out_bad_is_left_out_too(tmp_path):
    cameras(tmp_path, "A", "B")
    for i in range(3):
        save(tmp_path / "Cut" / f"{i}.jpg", 20 + i)
        path = tmp_path / "Cut" / f"{i}.jpg"
        path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(CamganError, match=r"camera Cut: it has 0 usable photos.*bad_cameras=skip"):
        load_crops(tmp_path, progress=False)
    assert load_crops(tmp_path, bad_cameras="skip", crops_per_photo=1, progress=False).cameras == ("A", "B")


def test_too_few_cameras_left_are_no_data(tmp_path):
    cameras(tmp_path, "A")
    save(tmp_path / "Single" / "0.jpg")
    with pytest.raises(CamganError, match="fewer than 2 cameras are left"):
        check_cameras(collect(tmp_path), "skip")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_and_a_link_to_nowhere_are_named_and_wait_for_nobody(tmp_path):
    cameras(tmp_path)
    os.mkfifo(tmp_path / "A" / "pipe.jpg")
    (tmp_path / "A" / "link.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "A" / "loop").symlink_to(tmp_path / "A")
    left_out = load_crops(tmp_path, crops_per_photo=1, progress=False).report["left_out"]
    assert sorted(line.split(": ")[0] for line in left_out) == ["A/link.jpg", "A/pipe.jpg"]


def test_a_cameras_folder_may_be_a_link(tmp_path):
    cameras(tmp_path / "disk", "A", "B")
    (tmp_path / "data").mkdir()
    for name in ("A", "B"):
        (tmp_path / "data" / name).symlink_to(tmp_path / "disk" / name)
    assert names(tmp_path / "data") == {name: [f"{name}/IMG_0.jpg", f"{name}/IMG_1.jpg"] for name in ("A", "B")}
