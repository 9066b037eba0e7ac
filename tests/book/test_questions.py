"""What only asks changes nothing on disk, and what prepares data uses the workers that it was given."""

import os
import time

import numpy as np
import pytest
from PIL import Image

from camgan_lib.base.params import check_parameters, read_parameters
from camgan_lib.base.settings import Settings
from camgan_lib.book import chapters, prepare, staleness
from camgan_lib.book.plan import make_plan
from camgan_lib.book.run import Run
from camgan_lib.data import nostyle, photos
from camgan_lib.networks.store import Store


@pytest.fixture
def own_photos(tmp_path):
    rng = np.random.default_rng(0)
    for folder in ("photos/one", "photos/two", "images"):
        (tmp_path / folder).mkdir(parents=True)
        for n in range(8):
            Image.fromarray(rng.integers(0, 256, (160, 160, 3), dtype=np.uint8)).save(tmp_path / folder / f"{n}.png")
    return tmp_path


def parameters(chapter, **given):
    return check_parameters(chapter, read_parameters(chapters.source(chapter)), {"profile": "smoke", **given})


def seen(folder):
    return {path: (os.stat(path).st_mtime_ns, os.stat(path).st_size) for path in sorted(folder.rglob("*"))}


def test_questions_change_nothing(own_photos):
    settings = Settings.of(own_photos / "build")
    data, images = str(own_photos / "photos"), str(own_photos / "images")
    first = Run("dataset", parameters("dataset", data=data, photos_per_camera=0, crops_per_photo=2), settings)
    first.finish({"cameras": list(first.prepare_dataset().cameras)})
    second = Run("classifier", parameters("classifier"), settings)
    second.plan_classifiers()
    second.finish({})
    third = Run("style_gan", parameters("style_gan", nostyle=images, nostyle_train=4, nostyle_test=2), settings)
    third.prepare_nostyle()
    before = seen(own_photos)
    time.sleep(0.01)
    second.plan_classifiers()
    third.plan_generators()
    plan = make_plan("smoke", [f"dataset.data={data}", f"style_gan.nostyle={images}"], settings)
    assert staleness.stale_chapters(plan) == []
    assert not any(staleness.is_current(plan, chapter) for chapter in chapters.sources())
    assert third.store.get("classifier", {"seed": 1}) is None
    nowhere = make_plan("smoke", [], Settings.of(own_photos / "nowhere"))
    assert staleness.stale_chapters(nowhere) == []
    assert seen(own_photos) == before


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("source", ["scenes", "folder"])
def test_workers_reach_the_no_style_images(own_photos, monkeypatch, workers, source):
    asked, real = [], nostyle._read_reduced

    def render(count, seed, workers, shown):
        asked.append(workers)
        return np.zeros((count, 32, 32, 3), np.uint8)

    def read(files, workers):
        asked.append(workers)
        return real(files, 1)

    monkeypatch.setattr(nostyle, "no_style_crops", render)
    monkeypatch.setattr(nostyle, "_read_reduced", read)
    where = "scenes" if source == "scenes" else str(own_photos / "images")
    given = parameters("style_gan", nostyle=where, nostyle_train=8, nostyle_test=4, workers=workers)
    prepare.nostyle(given, Store(own_photos / "store"), shown=0, needed=lambda product: True)
    assert set(asked) == {workers}


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_reach_the_photos(own_photos, monkeypatch, workers):
    asked, real = [], photos._read_photos

    def read(jobs, workers, progress):
        asked.append(workers)
        return real(jobs, workers, progress)

    monkeypatch.setattr(photos, "_read_photos", read)
    given = parameters("dataset", data=str(own_photos / "photos"), photos_per_camera=0, workers=workers)
    prepare.crops(given, Store(own_photos / "store"))
    assert asked == [workers]
