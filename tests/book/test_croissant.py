"""A run's photos in the format Croissant: mlcroissant reads each one, its camera, its half and its pixels."""

import csv
import json
import shutil

import mlcroissant
import numpy as np
import pytest
from PIL import Image
from small_build import NAMES, own_photos, small_build

from camgan_lib.base.files import file_sha256
from camgan_lib.book.croissant import COLUMNS, write_croissant
from camgan_lib.book.records import read_record
from camgan_lib.data.crops import CameraData


def described(plan):
    """Writes the description of a plan's photos; returns what it says of files, and the data set as read back."""
    hashes = write_croissant(plan, read_record(plan.build / "records", "dataset"))
    found = mlcroissant.Dataset(plan.build / "croissant.json")
    assert not found.metadata.ctx.issues.errors
    return hashes, found


def records(folder, name):
    """The records of a set of the data that a folder's croissant.json describes, by field, texts as such."""
    found = mlcroissant.Dataset(folder / "croissant.json")  # it gives the records of one set, once
    rows = [{key.split("/")[1]: value for key, value in row.items()} for row in found.records(name)]
    return [{key: v.decode() if isinstance(v, bytes) else v for key, v in row.items()} for row in rows]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    plan = small_build(tmp_path_factory.mktemp("simulated") / "build")
    return plan, *described(plan)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    plan = small_build(folder / "build", own_photos(folder / "photos"))
    return plan, *described(plan)


def test_nothing_is_left_to_warn_of_in_simulated_data(simulated):
    assert not simulated[2].metadata.ctx.issues.warnings


@pytest.mark.parametrize("which", ["simulated", "own"])
def test_each_photo_is_a_record_with_its_camera_half_and_size(which, request):
    plan = request.getfixturevalue(which)[0]
    rows = records(plan.build, "photos")
    data = CameraData.load(plan.settings.store / "crops" / "0011223344556677.npz")
    facts = data.report["facts"]
    assert [row["file"] for row in rows] == [each["file"] for each in facts]
    assert [row["camera"] for row in rows] == [data.cameras[each["camera"]] for each in facts]
    for half in ("train", "test"):
        numbers = {n for n, row in enumerate(rows) if row["split"] == half}
        assert numbers == set(getattr(data, half).photo.tolist()), "photo numbers of crops are rows of the table"
    assert {(row["width"], row["height"]) for row in rows} == {(64, 64 if which == "simulated" else 48)}
    assert [row["name"] for row in records(plan.build, "cameras")] == list(data.cameras)
    assert {row["name"]: row["url"] for row in records(plan.build, "splits")} == {
        "train": "cr:TrainingSplit",
        "test": "cr:TestSplit",
    }


def test_the_pixels_of_simulated_photos_are_found_in_the_build_folder(simulated):
    plan, _, _ = simulated
    rows = records(plan.build, "images")
    table = {row["file"]: row for row in records(plan.build, "photos")}
    assert {row["file"] for row in rows} == set(table)
    (folder,) = (plan.build / "store" / "simulated").iterdir()
    for row in rows:
        assert (row["camera"], row["split"]) == (table[row["file"]]["camera"], table[row["file"]]["split"])
        with Image.open(folder / row["file"]) as image:
            assert np.array_equal(np.asarray(row["content"]), np.asarray(image.convert("RGB")))


def test_the_pixels_of_own_photos_are_found_where_the_description_is_put(own, tmp_path):
    plan, _, _ = own
    photos = plan.build.parent / "photos"
    shutil.copytree(photos, tmp_path / "copy")
    shutil.copy(plan.build / "croissant.json", tmp_path / "copy")
    shutil.copytree(plan.build / "data", tmp_path / "copy" / "data")
    rows = records(tmp_path / "copy", "images")
    assert sorted(row["file"] for row in rows) == sorted(f"{c}/{name}" for c, names in NAMES.items() for name in names)
    for row in rows:
        with Image.open(photos / row["file"]) as image:
            assert np.array_equal(np.asarray(row["content"]), np.asarray(image.convert("RGB")))
        assert row["camera"] == row["file"].split("/")[0]


@pytest.mark.parametrize("which", ["simulated", "own"])
def test_files_have_their_checksums(which, request):
    plan, hashes, _ = request.getfixturevalue(which)
    assert hashes == {path: file_sha256(path) for path in hashes}
    document = json.loads((plan.build / "croissant.json").read_text("utf-8"))
    files = [each for each in document["distribution"] if each["@type"] == "cr:FileObject"]
    assert {plan.build / each["contentUrl"]: each["sha256"] for each in files} == {
        path: digest for path, digest in hashes.items() if path.name != "croissant.json"
    }
    assert ("manifest.csv" in [each["name"] for each in files]) == (which == "simulated")


def test_of_own_photos_no_licence_and_no_author_is_claimed_and_little_is_told(own):
    plan, _, _ = own
    document = json.loads((plan.build / "croissant.json").read_text("utf-8"))
    assert document["name"] == "photos"
    assert not {"license", "creator", "citeAs", "version", "url"} & set(document)
    with (plan.build / "data" / "photos.csv").open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream)) == list(COLUMNS), "neither dates nor devices"


def test_addresses_of_the_site_are_told_where_they_are_known(simulated, monkeypatch):
    plan, _, _ = simulated
    monkeypatch.setenv("CAMGAN_SITE", "https://example.org/book")
    found = described(plan)[1]
    assert found.metadata.url == "https://example.org/book/"
