"""Chapters run again: the same seed, plain papermill, two runs at once, other data."""

import json
import os
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image
from runs import BIN, camgan, weights

from camgan_lib.book import chapters
from camgan_lib.book.plan import make_plan

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(1500)]


def without_folders(record):
    """A record's results and products; of data only their fingerprint, since their files lie in the build folder."""
    products = dict(record["products"])
    for name in {"dataset", "nostyle"} & set(products):
        products[name] = products[name]["fingerprint"]
    return record["results"], products


def test_the_same_seed_gives_the_same_numbers_and_files(smoke_book, tmp_path):
    """Chapter classifier is run again by the tests of two runs at once and of kills."""
    (tmp_path / "records").mkdir()
    shutil.copy(smoke_book / "records" / "classifier.json", tmp_path / "records")
    shutil.copytree(smoke_book / "store" / "classifier", tmp_path / "store" / "classifier")
    for chapter in ("dataset", "style_gan"):
        done = camgan("run", chapter, "--profile", "smoke", "--build", tmp_path)
        assert done.returncode == 0, done.stderr[-2000:]
        first, second = (json.loads((b / "records" / f"{chapter}.json").read_text()) for b in (smoke_book, tmp_path))
        assert without_folders(first) == without_folders(second)
    assert len(weights(smoke_book)) == 13, "two classifiers, a judge of each kind, generators, and what these stylised"
    assert weights(smoke_book) == weights(tmp_path)


def test_plain_papermill_runs_a_chapter(copy, tmp_path):
    command = [BIN / "papermill", chapters.source("classifier"), tmp_path / "out.ipynb", "-p", "epochs", "1"]
    environment = {**os.environ, "CAMGAN_BUILD": str(copy)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    record = json.loads((copy / "records" / "classifier.json").read_text())
    assert (record["parameters"]["epochs"], record["parameters"]["profile"]) == (1, "quick")
    wrong = [*command[:-1], "0"]
    done = subprocess.run(wrong, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode != 0
    assert "classifier.epochs must be of type int (1 to 1000), got 0" in done.stderr


def test_two_runs_at_once_on_one_store_train_everything_once(smoke_book, copy, tmp_path):
    shutil.copytree(copy, tmp_path / "other")
    for build in (copy, tmp_path / "other"):
        shutil.rmtree(build / "store" / "classifier")
    command = [BIN / "camgan", "run", "classifier", "--profile", "smoke", "--build"]
    environment, pipe = {**os.environ, "CAMGAN_STORE": str(copy / "store")}, subprocess.PIPE
    runs = [
        subprocess.Popen([*command, build], stdout=pipe, stderr=pipe, text=True, env=environment)
        for build in (copy, tmp_path / "other")
    ]
    said = [run.communicate(timeout=300)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    assert sum(text.count("another run is making classifier") for text in said) >= 1
    builds = smoke_book, copy, tmp_path / "other"
    records = [json.loads((b / "records" / "classifier.json").read_text()) for b in builds]
    assert records[1]["networks"] == records[2]["networks"]
    assert records[0]["results"] == records[1]["results"] == records[2]["results"]
    assert weights(copy) == weights(smoke_book)
    assert not (tmp_path / "other" / "store" / "classifier").exists()
    done = camgan("store", "prune", "--build", copy, CAMGAN_STORE=str(copy / "store"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_own_photos_and_images_come_in_by_data(tmp_path):
    rng = np.random.default_rng(0)
    data = tmp_path / "data"
    for camera in ("left", "right"):
        (data / camera).mkdir(parents=True)
        for n in range(4):
            Image.fromarray(rng.integers(0, 256, (80, 96, 3), dtype=np.uint8)).save(data / camera / f"{n}.jpg")
        (data / camera / "bad.jpg").write_bytes(b"no photo")
    few = rng.integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    labels = np.zeros(40, np.int64)
    np.savez(data / "cifar10.npz", x_train=few, y_train=labels, x_test=few, y_test=labels)
    plan = make_plan("smoke", [])
    assert plan.parameters["style_gan"]["nostyle"] == "scenes"
    done = camgan("run", "dataset", "--profile", "smoke", "--data", data, "--build", tmp_path / "build")
    assert done.returncode == 0, done.stderr[-2000:]
    record = json.loads((tmp_path / "build" / "records" / "dataset.json").read_text())
    assert record["results"]["cameras"] == ["left", "right"]
    assert record["results"]["photos"] == 8
    assert record["results"]["skipped"] == 2
    done = camgan("run", "dataset", "--data", data, "-p", "bad_files=refuse", "--build", tmp_path / "build")
    assert done.returncode == 2
    assert "bad.jpg" in done.stderr
    shutil.rmtree(data / "right")
    done = camgan("book", "--data", data, "--build", tmp_path / "other")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "other").exists()
