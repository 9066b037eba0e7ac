"""Folders of photos as people have them: each photo counts, is named, or is ignored, as who owns it would expect.

The folders are made by a script that comes with the real data, after public reports. Where it is absent, the tests of
the single modules say the same of smaller examples.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from camgan_lib.base.errors import CamganError
from camgan_lib.data.crops import CameraData
from camgan_lib.data.names import shown
from camgan_lib.data.photos import load_crops, report_lines

MAKER = Path(os.environ.get("CAMGAN_DATA", "missing")).resolve().parent / "cases" / "make_cases.py"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MAKER.is_file(), reason="CAMGAN_DATA names no folder of real data with cases beside it"),
]

LOSSY = (".heic", ".heif", "IMG_0103.jpg", "webp_as.jpg", "avif_as.jpg")
"""Named, and used: a HEIC is a phone's own file, and a conversion is said to be one."""

SAME_PICTURE = "20250208_120000.jpg"
"""Its picture is that of another file of its case, so it is left out as a copy."""

REFUSED = {
    "dead_download": r"Cam-C: it has 0 usable photos .* is an HTML page",
    "too_few": "Bad: .*Cam-C: it has 1 usable photo .*can serve: Cam-A, Cam-B, Cam-D",
    "layout_kaggle_root": r"its folder train does \(Cam-A, Cam-B\): give .*/train",
    "layout_flat_prefix": r"found only Dresden; .*Camera-1/IMG_0001\.jpg",
    "layout_photos_at_top": "photos lie in it directly: give the folder above",
}
"""The sentences that end a run, unless cameras that can't serve may be left out."""

LAYOUTS = [name for name in REFUSED if name.startswith("layout")]


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    out = tmp_path_factory.mktemp("cases")
    subprocess.run([sys.executable, MAKER, out, "--no-big"], check=True, capture_output=True)
    about = json.loads((out / "cases.json").read_text("utf-8"))
    assert len(about) == 37
    return {name: (out / "photos" / name, each["files"]) for name, each in about.items()}


def load(folder: Path, **how: object) -> CameraData:
    return load_crops(folder, crops_per_photo=2, progress=False, **how)


def test_what_can_not_serve_is_one_sentence(cases):
    for name, words in REFUSED.items():
        with pytest.raises(CamganError, match=words):
            load(cases[name][0])


def test_every_photo_counts_or_is_named_or_is_nobodys_business(cases):
    wrong = []
    for name, (folder, files) in cases.items():
        if name in LAYOUTS:
            continue
        data = load(folder, bad_cameras="skip" if name in REFUSED else "refuse")
        text = "\n".join(report_lines(data, most=1000))
        used = {each["file"] for each in data.report["facts"]}
        for file, wanted, _ in files:
            path = "/".join(shown(part) for part in file.split("/"))
            if not (folder / file).is_file() or path.startswith("./"):
                continue
            if file.endswith(SAME_PICTURE):
                fits = path not in used and "the same picture as" in text
            elif wanted == "used" or (wanted == "out" and file.lower().endswith(tuple(map(str.lower, LOSSY)))):
                fits = path in used
            elif wanted == "quiet":
                fits = path not in used and path not in text
            else:
                fits = wanted == "either" or path not in used
            wrong += [] if fits else [(name, wanted, path)]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "split"),
    {
        "exif_date_odd": "date",
        "exif_date_zero": "date",
        "exif_corrupt": "date",
        "exif_date_locale": "random",
        "exif_date_clock": "random",
        "manifest_us_dates": "date",
    }.items(),
)
def test_dates_count_as_they_can_be_read(cases, name, split):
    assert load(cases[name][0]).report["split"] == split


def test_two_bodies_of_a_model_are_parted(cases):
    data = load(cases["two_bodies"][0], split="scene", test_share=0.5)
    scenes = {
        half: {each["scene"] for each in data.report["facts"] if each["half"] == half} for half in ("train", "test")
    }
    assert not scenes["train"] & scenes["test"]


def test_what_a_manifest_says_of_no_photo_is_counted(cases):
    lines = "\n".join(load(cases["manifest_mismatch"][0]).report["lines"])
    assert "3 rows match no photo, the first: Cam-A, deleted.jpg" in lines
    assert "2 photos have no row" in lines


def test_cameras_names_stay_as_they_are(cases):
    data = load(cases["names_cameras"][0])
    assert {"007", "true", "Nikon, D5300; body #2", "Pixel 7 Pro <main> & 'tele'"} <= set(data.cameras)
