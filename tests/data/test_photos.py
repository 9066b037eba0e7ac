"""Photos become crops: no photo in both halves, crops are pixels of their photo, bad files are named."""

import csv
import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from camgan_lib.base.errors import CamganError
from camgan_lib.data.crops import CameraData, fingerprint
from camgan_lib.data.folders import find_cameras
from camgan_lib.data.photos import load_crops, report_lines

SIDE = 48
ORIENTATION, DATE, MAKE, MODEL = 0x0112, 0x0132, 0x010F, 0x0110


def noise(seed: int, height: int = SIDE, width: int = SIDE) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def save(path: Path, pixels: np.ndarray, **exif: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    tags = Image.Exif()
    tags.update({globals()[name]: value for name, value in exif.items()})
    image.save(path, exif=tags)


def make_folder(base: Path, cameras: int = 2, photos: int = 10, **exif: object) -> Path:
    for camera in range(cameras):
        for photo in range(photos):
            save(base / f"camera{camera}" / f"{photo:03d}.png", noise(1000 * camera + photo), **exif)
    return base


def make_dated(base: Path) -> None:
    """Two cameras with nine photos, one a day in the order of their names."""
    for camera in range(2):
        for i in range(9):
            date = f"2020:01:{i + 1:02d} 03:04:05"
            save(base / f"camera{camera}" / f"{i}.jpg", noise(10 * camera + i), DATE=date)


def write_manifest(base: Path, rows: list[dict[str, str]]) -> None:
    with (base / "manifest.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def load(folder: Path, **settings: object) -> CameraData:
    return load_crops(folder, **{"crops_per_photo": 3, "workers": 1, "progress": False, **settings})


def contains(photo: np.ndarray, crop: np.ndarray) -> bool:
    windows = np.lib.stride_tricks.sliding_window_view(photo, crop.shape)[..., 0, :, :, :]
    return bool((windows == crop).all((2, 3, 4)).any())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_folder(tmp_path_factory.mktemp("photos"))


# --- split


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.01, 0.99), limit=st.integers(2, 12))
def test_a_random_split_leaks_no_photo(folder, seed, share, limit):
    data = load(folder, split="random", seed=seed, test_share=share, photos_per_camera=limit)
    assert not set(data.train.photo) & set(data.test.photo)
    for label in range(2):
        per_half = [len(set(half.photo[half.labels == label])) for half in (data.train, data.test)]
        used = min(limit, 10)
        assert per_half == [used - per_half[1], min(max(1, round(share * used)), used - 1)]


def test_crops_of_train_and_test_come_from_different_files(folder):
    data = load(folder, crops_per_photo=1, seed=5)
    photos = [np.asarray(Image.open(path)) for files in find_cameras(folder).values() for path in files]
    sources = [
        {i for crop in half.images for i, photo in enumerate(photos) if contains(photo, crop)}
        for half in (data.train, data.test)
    ]
    assert not sources[0] & sources[1]
    assert len(sources[0] | sources[1]) == 20


def test_every_crop_is_cut_from_its_own_photo(folder):
    data = load(folder)
    photos = [np.asarray(Image.open(path)) for files in find_cameras(folder).values() for path in files]
    for half in (data.train, data.test):
        assert all(contains(photos[n], crop) for crop, n in zip(half.images, half.photo, strict=True))
        assert np.array_equal(half.labels, half.photo // 10)


def test_the_papers_split_is_264_and_11(tmp_path):
    for camera in ("a", "b"):
        for i in range(275):
            save(tmp_path / camera / f"{i}.png", np.full((32, 32, 3), (i % 256, i // 256, ord(camera)), np.uint8))
    data = load(tmp_path, test_share=0.04, crops_per_photo=1)
    assert data.report["photos"] == {camera: {"train": 264, "test": 11} for camera in ("a", "b")}


def test_by_date_the_latest_photos_are_the_test(tmp_path):
    for camera in range(2):
        for i in range(8):
            date = f"20{20 + (3 * i) % 8}:05:06 07:08:09"
            save(tmp_path / f"c{camera}" / f"{i}.jpg", np.full((40, 40, 3), 30 * ((3 * i) % 8), np.uint8), DATE=date)
            # flat photos whose brightness tells their date; a corner keeps the two cameras' files apart
            if camera:
                pixels = np.full((40, 41, 3), 30 * ((3 * i) % 8), np.uint8)
                save(tmp_path / f"c{camera}" / f"{i}.jpg", pixels, DATE=date)
    data = load(tmp_path, test_share=0.25)
    assert data.report["split"] == "date"
    assert data.train.images.max() < data.test.images.min()


def test_a_few_photos_without_a_date_are_for_training(tmp_path):
    make_dated(tmp_path)
    save(tmp_path / "camera1" / "undated.jpg", noise(77))
    for split in ("auto", "date"):
        data = load(tmp_path, split=split, test_share=0.3)
        assert data.report["split"] == "date"
        assert set(data.test.photo) == {6, 7, 8, 15, 16, 17}
        assert "1 without a usable date are for training (the first: undated.jpg)" in data.report["lines"][-1]


def test_a_messengers_copy_without_a_date_is_left_out_of_a_split_by_date(tmp_path):
    make_dated(tmp_path)
    save(tmp_path / "camera1" / "IMG-20200109-WA0001.jpg", noise(77))
    (line,) = load(tmp_path).report["left_out"]
    assert line.startswith("camera1/IMG-20200109-WA0001.jpg: sent by a messenger (WhatsApp")
    assert load(tmp_path, split="random").report["left_out"] == []


def test_many_photos_without_a_date_turn_the_split_to_chance_and_are_named(tmp_path):
    for camera in range(2):
        for i in range(6):
            save(tmp_path / f"camera{camera}" / f"{i}.jpg", noise(10 * camera + i), DATE=f"2020:01:0{i + 1} 03:04:05")
    for i in range(4):
        save(tmp_path / "camera1" / f"undated{i}.png", noise(77 + i))
    data = load(tmp_path)
    assert data.report["split"] == "random"
    assert "4 of 10 photos of camera1 have no usable date (the first: undated0.png)" in data.report["lines"][-1]


@pytest.mark.parametrize(
    "date", ["0000:00:00 00:00:00", "2000:01:01 00:00:41", "1970:01:01 01:00:00", "2036:02:07 06:28:16"]
)
def test_what_a_clock_without_power_says_is_no_date(tmp_path, date):
    make_folder(tmp_path, DATE=date)
    data = load(tmp_path)
    assert data.report["split"] == "random"
    with pytest.raises(CamganError, match="0 of its 10 photos have one"):
        load(tmp_path, split="date")


def test_dates_in_the_manifest_go_before_exif_and_may_be_written_either_way(tmp_path):
    make_folder(tmp_path, photos=4, DATE="2020:01:02 03:04:05")
    dates = ["2021-03-09", "2021:03:10 00:00:00", "2021-3-2", "2020-12-31T23:59:59"]
    names = {f"camera{c}": [f"{i:03d}.png" for i in range(4)] for c in range(2)}
    write_manifest(
        tmp_path,
        [
            {"camera": camera, "file": f"{camera}/{file}", "date": date}
            for camera, files in names.items()
            for file, date in zip(files, dates, strict=True)
        ],
    )
    data = load(tmp_path, test_share=0.5)
    assert sorted(set(data.test.photo)) == [0, 1, 4, 5]


@pytest.mark.parametrize("seed", range(6))
def test_by_scene_whole_scenes_are_the_test(tmp_path, seed):
    make_folder(tmp_path, photos=12)
    scene = [0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 3]
    rows = [
        {"camera": f"camera{c}", "file": f"{i:03d}.png", "scene": f"{c}-{scene[i]}"}
        for c in range(2)
        for i in range(12)
    ]
    write_manifest(tmp_path, rows)
    data = load(tmp_path, split="scene", test_share=0.25, seed=seed)
    of = [row["scene"] for row in rows]
    assert not {of[n] for n in data.train.photo} & {of[n] for n in data.test.photo}
    for counts in data.report["photos"].values():
        assert 1 <= counts["test"] <= 6
        assert counts["train"] >= 6


def test_by_scene_needs_scenes(tmp_path):
    make_folder(tmp_path, photos=3)
    with pytest.raises(CamganError, match="needs every photo's scene"):
        load(tmp_path, split="scene")
    rows = [{"camera": f"camera{c}", "file": f"{i:03d}.png", "scene": "one"} for c in range(2) for i in range(3)]
    write_manifest(tmp_path, rows)
    with pytest.raises(CamganError, match="camera0: split=scene needs at least 2 scenes per camera, it has one"):
        load(tmp_path, split="scene")


# --- reading


def test_workers_and_other_photos_change_no_crop(folder):
    one = load(folder, split="random")
    assert fingerprint(one) == fingerprint(load(folder, split="random", workers=2))
    fewer = load(folder, split="random", photos_per_camera=5)
    known = {crop.tobytes() for half in (one.train, one.test) for crop in half.images}
    assert all(crop.tobytes() in known for half in (fewer.train, fewer.test) for crop in half.images)


def test_the_seed_decides(folder):
    assert fingerprint(load(folder, seed=1)) == fingerprint(load(folder, seed=1))
    assert fingerprint(load(folder, seed=1)) != fingerprint(load(folder, seed=2))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(tmp_path, orientation):
    shown = noise(3, 32, 32)
    undo = {1: shown, 2: shown[:, ::-1], 3: shown[::-1, ::-1], 4: shown[::-1], 5: shown.swapaxes(0, 1)}
    undo |= {6: np.rot90(shown), 7: shown[::-1, ::-1].swapaxes(0, 1), 8: np.rot90(shown, -1)}
    for camera in ("a", "b"):
        pixels = undo[orientation].copy()
        save(tmp_path / camera / "0.png", pixels if camera == "a" else 255 - pixels, ORIENTATION=orientation)
        save(tmp_path / camera / "1.png", noise(9 + ord(camera), 32, 32))
    data = load(tmp_path, split="random")
    both = np.concatenate([data.train.images, data.test.images])
    photo = np.concatenate([data.train.photo, data.test.photo])
    assert np.array_equal(both[photo == 0][0], shown)


def test_jpeg_tiff_and_what_some_phones_write_are_read(tmp_path):
    for number, camera in enumerate(("a", "b")):
        for i, name in enumerate(("0.JPG", "1.jpeg", "2.tif", "3.TIFF")):
            save(tmp_path / camera / name, noise(10 * number + i))
        pictures = [Image.fromarray(noise(20 + 2 * number + i)) for i in range(2)]
        pictures[0].save(tmp_path / camera / "4.jpg", format="MPO", save_all=True, append_images=pictures[1:])
    assert load(tmp_path, on_bad="refuse").report["photos"]["a"] == {"train": 4, "test": 1}


# --- files that can't be used


def png_16_bit(path: Path) -> None:
    rows = b"".join(b"\0" + bytes(range(240)) for _ in range(40))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 40, 40, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def truncated(path: Path) -> None:
    save(path, noise(5, 200, 200))
    path.write_bytes(path.read_bytes()[:9000])


BAD = {
    "text.jpg": (lambda p: p.write_text("no picture"), "no photo that can be read, it is a text"),
    "empty.jpg": (lambda p: p.write_bytes(b""), "an empty file"),
    "truncated.jpg": (truncated, "cut off or damaged"),
    "truncated.png": (truncated, "cut off or damaged"),
    "tiny.png": (lambda p: save(p, noise(6, 31, 400)), "expected at least 32×32 pixels, it has 400×31"),
    "grey.png": (lambda p: Image.new("L", (64, 64)).save(p), "8-bit RGB, it is grey (L)"),
    "cmyk.jpg": (lambda p: Image.new("CMYK", (64, 64)).save(p), "8-bit RGB, it is CMYK"),
    "palette.png": (lambda p: Image.new("P", (64, 64)).save(p, transparency=0), "8-bit RGB, it is a palette (P)"),
    "alpha.png": (lambda p: Image.new("RGBA", (64, 64)).save(p), "8-bit RGB, it is RGB with transparency (RGBA)"),
    "grey16.png": (lambda p: Image.new("I;16", (64, 64)).save(p), "8-bit RGB, it is "),
    "deep.png": (png_16_bit, "8-bit RGB, it is 16-bit RGB"),
    "gif.jpg": (lambda p: Image.new("P", (64, 64)).save(p, format="GIF"), "no photo that can be read, it is a GIF"),
    "copy.png": (lambda p: p.write_bytes((p.parent / "000.png").read_bytes()), "the same picture as camera0/000.png"),
    "film.mp4": (lambda p: p.write_bytes(b"x"), "no photo by its name"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_and_skipped_or_refused(tmp_path, name):
    make_folder(tmp_path, photos=3)
    clean = fingerprint(load(tmp_path))
    make, why = BAD[name]
    make(tmp_path / "camera0" / name)
    data = load(tmp_path)
    (line,) = data.report["left_out"]
    assert line.startswith(f"camera0/{name}: ")
    assert why in line
    assert report_lines(data)[0] == f"left out {line}"
    assert fingerprint(data) == clean
    with pytest.raises(CamganError, match=f"1 of the files can't be used, the first: camera0/{name}"):
        load(tmp_path, on_bad="refuse")


def test_a_copy_in_another_cameras_folder_is_left_out(tmp_path):
    make_folder(tmp_path, photos=3)
    (tmp_path / "camera1" / "x.png").write_bytes((tmp_path / "camera0" / "001.png").read_bytes())
    reason = "the same picture as camera0/001.png, of another camera: one of the two is in a wrong folder"
    assert load(tmp_path).report["left_out"] == [f"camera1/x.png: {reason}"]


def test_of_copies_the_one_with_the_shortest_name_is_used_whatever_its_metadata(tmp_path):
    make_folder(tmp_path, photos=3)
    save(tmp_path / "camera0" / "000 (1).png", noise(0), DATE="2019:01:01 10:00:00", ORIENTATION=3)
    assert load(tmp_path).report["left_out"] == ["camera0/000 (1).png: the same picture as camera0/000.png"]


def test_a_burst_is_never_cut_in_two(tmp_path):
    for camera in range(2):
        for i in range(10):
            date = f"2021:03:04 05:{i // 4:02d}:{i % 4:02d}"
            save(tmp_path / f"camera{camera}" / f"{i}.jpg", noise(10 * camera + i), DATE=date)
    for split in ("date", "random"):
        for seed in range(6):
            data = load(tmp_path, split=split, test_share=0.3, seed=seed)
            burst = [photo // 10 * 10 + photo % 10 // 4 for photo in range(20)]
            assert not {burst[n] for n in data.train.photo} & {burst[n] for n in data.test.photo}


def test_the_report_has_facts_of_each_photo_in_their_order(tmp_path):
    make_folder(tmp_path, photos=4, DATE="2021:05:06 07:08:09")
    data = load(tmp_path, split="random")
    facts = data.report["facts"]
    assert [each["file"] for each in facts] == [f"camera{c}/{i:03d}.png" for c in range(2) for i in range(4)]
    assert [i for i, each in enumerate(facts) if each["half"] == "test"] == sorted(set(data.test.photo))
    assert {each["date"] for each in facts} == {"2021-05-06 07:08:09"}
    assert [each["camera"] for each in facts] == [0] * 4 + [1] * 4


def test_photos_of_another_model_in_a_cameras_folder_are_named(tmp_path):
    for camera, models in {"A": ["One", "One", "Two"], "B": ["Maker Three"] * 3}.items():
        for i, model in enumerate(models):
            save(tmp_path / camera / f"{i}.jpg", noise(10 * ord(camera) + i), MAKE="Maker", MODEL=model)
    line = "camera A has photos of several models: 2 by Maker One, 1 by Maker Two (as 2.jpg)"
    assert [each for each in load(tmp_path).report["lines"] if "models" in each] == [line]


def test_the_number_of_crops_follows_the_camera_with_the_smallest_photos(tmp_path):
    sizes = {"small": 64, "large": 900}
    for number, (camera, side) in enumerate(sizes.items()):
        for i in range(2):
            save(tmp_path / camera / f"{i}.png", noise(10 * number + i, side, side))
    assert load(tmp_path, crops_per_photo=0).report["crops_per_photo"] == 30
    for i in range(2):
        save(tmp_path / "small" / f"{i}.png", noise(40 + i, 800, 900))
    found = load(tmp_path, crops_per_photo=0)
    assert found.report["crops_per_photo"] == 87
    assert len(found.train.images) == 2 * 87


@pytest.mark.parametrize(("name", "value"), [("split", "alphabet"), ("on_bad", "hide"), ("bad_cameras", "hide")])
def test_unknown_choices_are_refused(folder, name, value):
    with pytest.raises(CamganError, match=value):
        load(folder, **{name: value})


# --- files of crops


def test_saved_crops_come_back(folder, tmp_path):
    data = load(folder)
    data.save(tmp_path / "crops.npz")
    again = CameraData.load(tmp_path / "crops.npz")
    assert fingerprint(again) == fingerprint(data)
    assert (again.cameras, again.report) == (data.cameras, json.loads(json.dumps(data.report)))
    assert os.listdir(tmp_path) == ["crops.npz"]


def test_damaged_files_of_crops_are_noticed(folder, tmp_path):
    path = tmp_path / "crops.npz"
    with pytest.raises(FileNotFoundError):
        CameraData.load(path)
    data = load(folder)
    data.save(path)
    whole = path.read_bytes()
    for damaged in (b"", b"PK", whole[: len(whole) // 2], whole[:500] + b"\0" * 400 + whole[900:]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="not a file of crops"):
            CameraData.load(path)
    for wrong in ({"labels": data.train.labels + 2}, {"images": data.train.images[:, :30]}, {"photo": data.test.photo}):
        half = type(data.train)(**{**vars(data.train), **wrong})
        CameraData(half, data.test, data.cameras, {}).save(path)
        with pytest.raises(ValueError, match="expected"):
            CameraData.load(path)


def test_each_part_of_the_data_is_in_the_fingerprint(folder):
    data = load(folder)
    seen = {fingerprint(data)}
    for half in ("train", "test"):
        for name in ("images", "labels", "photo"):
            part = getattr(data, half)
            changed = type(part)(**{**vars(part), name: getattr(part, name) + 1})
            seen.add(fingerprint(CameraData(**{**vars(data), half: changed})))
    seen.add(fingerprint(CameraData(**{**vars(data), "cameras": ("x", "y")})))
    assert len(seen) == 8


# --- real photos


@pytest.mark.skipif("CAMGAN_DATA" not in os.environ, reason="CAMGAN_DATA names no folder of real data")
@pytest.mark.slow
def test_real_photos():
    data = load_crops(Path(os.environ["CAMGAN_DATA"]), progress=False)
    assert (len(data.cameras), data.report["split"], data.report["left_out"]) == (4, "date", [])
    assert (len(data.train.images), len(data.test.images)) == (10290, 1770)
    assert not set(data.train.photo) & set(data.test.photo)
