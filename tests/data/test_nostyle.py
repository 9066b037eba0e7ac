"""No-style images: each source gives what was asked for, seeded, no image in both halves, and damage is refused."""

import dataclasses
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from camgan_lib.base.errors import CamganError
from camgan_lib.data import nostyle
from camgan_lib.data import scenes as scenes_module
from camgan_lib.data.nostyle import NoStyle, load_nostyle, reduce_by


def colours(count: int, start: int = 0) -> np.ndarray:
    """Flat images, each of a colour of its own."""
    numbers = np.arange(start, start + count)
    rgb = np.stack([numbers % 256, numbers // 256, numbers % 7], -1).astype(np.uint8)
    return np.broadcast_to(rgb[:, None, None], (count, 32, 32, 3)).copy()


@pytest.fixture
def cifar(tmp_path: Path) -> Path:
    np.savez(tmp_path / "cifar10.npz", x_train=colours(50), x_test=colours(20, 1000))
    return tmp_path


# --- scenes


@pytest.fixture(scope="module")
def scenes() -> NoStyle:
    return load_nostyle("scenes", train=100, test=60, seed=3, workers=1)


def test_scenes_are_as_many_as_asked_for_and_shared_by_no_half(scenes):
    assert (scenes.train.shape, scenes.test.shape) == ((100, 32, 32, 3), (60, 32, 32, 3))
    assert scenes.train.dtype == scenes.test.dtype == np.uint8
    assert not {i.tobytes() for i in scenes.train} & {i.tobytes() for i in scenes.test}


@pytest.mark.slow
def test_scenes_follow_from_the_seed(scenes):
    assert load_nostyle("scenes", train=100, test=60, seed=3, workers=1).fingerprint() == scenes.fingerprint()
    assert load_nostyle("scenes", train=100, test=60, seed=4, workers=1).fingerprint() != scenes.fingerprint()


def test_some_of_the_training_images_are_of_all_of_them(scenes):
    some = load_nostyle("scenes", train=100, test=60, seed=3, workers=1, shown=40)
    assert some.train.shape == (40, 32, 32, 3)
    assert {i.tobytes() for i in some.train} <= {i.tobytes() for i in scenes.train}
    np.testing.assert_array_equal(some.test, scenes.test)


def test_halves_ask_for_scenes_of_their_own(monkeypatch):
    asked = []

    def render(count, seed, workers, shown):
        asked.append((count, seed))
        return colours(count)

    monkeypatch.setattr(nostyle, "no_style_crops", render)
    load_nostyle("scenes", train=200, test=100, seed=0)
    assert [count for count, _ in asked] == [190, 95]
    assert asked[0][1] != asked[1][1]


def test_a_reader_finds_a_photograph_among_the_first_images(monkeypatch):
    monkeypatch.setattr(nostyle, "no_style_crops", lambda count, *_, shown: np.zeros((count, 32, 32, 3), np.uint8))
    test = load_nostyle("scenes", train=20, test=100, seed=0).test
    assert [i for i in range(100) if test[i].any()] == [0, 8, 16, 24, 32]


def test_shipped_photographs_are_in_one_half_each_and_reduced():
    assert not set(nostyle.TEST_PHOTOGRAPHS) & set(nostyle.TRAIN_PHOTOGRAPHS)
    for name in nostyle.TEST_PHOTOGRAPHS + nostyle.TRAIN_PHOTOGRAPHS:
        reduced = nostyle._shipped(name)
        assert 64 <= min(reduced.shape[:2]) <= 128
        assert reduced.std((0, 1)).min() > 10, f"{name} should be in colour and show something"


def test_scenes_need_numbers():
    with pytest.raises(CamganError, match="needs numbers of images"):
        load_nostyle("scenes", train=0, test=10, seed=0)


def test_reduction_averages_areas():
    image = np.random.default_rng(0).integers(0, 256, (9, 14, 3), np.uint8)
    reduced = reduce_by(image, 4)
    assert reduced.shape == (2, 3, 3)
    assert np.array_equal(reduced[1, 2], np.round(image[4:8, 8:12].mean((0, 1))).astype(np.uint8))
    grid = np.tile(np.array([[0, 255], [255, 0]], np.uint8)[..., None], (16, 16, 3))
    assert reduce_by(grid, 4).std() == 0, "a pattern of two pixels must be gone"


def test_crops_know_their_scene_or_photograph(monkeypatch):
    def render(seed, number, crop):
        return np.full((64, crop, crop, 3), number, np.uint8)

    def cut(images, count, rng):
        return np.stack([np.full((32, 32, 3), 100 + i % len(images), np.uint8) for i in range(count)])

    monkeypatch.setattr(scenes_module, "_no_style_scene", render)
    monkeypatch.setattr(nostyle, "_photograph_crops", cut)
    for shown in (0, 150):
        data = load_nostyle("scenes", train=400, test=300, seed=5, workers=1, shown=shown)
        for images, scene in ((data.train, data.train_scene), (data.test, data.scene)):
            shows, rendered = images[:, 0, 0, 0].astype(int), images[:, 0, 0, 0] < 100
            assert (scene[rendered] == shows[rendered]).all()
            photographs = scene[~rendered] - (shows[~rendered] - 100)
            assert (photographs == photographs[0]).all()
            assert photographs[0] > scene[rendered].max()


# --- CIFAR-10


def test_cifar_is_whole_and_in_its_order_without_numbers(cifar):
    data = load_nostyle(str(cifar), train=0, test=0, seed=9)
    assert np.array_equal(data.train, colours(50))
    assert np.array_equal(data.test, colours(20, 1000))
    assert data.name == "CIFAR-10"
    assert len(set(data.scene)) == 20
    assert load_nostyle(str(cifar / "cifar10.npz"), train=0, test=0, seed=1).fingerprint() == data.fingerprint()


def test_a_part_of_cifar_is_drawn_from_the_seed(cifar):
    one, same, other = (load_nostyle(str(cifar), train=10, test=5, seed=seed) for seed in (1, 1, 2))
    assert one.fingerprint() == same.fingerprint() != other.fingerprint()
    whole = {image.tobytes() for image in colours(50)}
    assert len({image.tobytes() for image in one.train} & whole) == 10


@pytest.mark.parametrize("asked", [{"train": 51, "test": 1}, {"train": 1, "test": 21}])
def test_more_than_there_is_can_not_be_asked_for(cifar, asked):
    with pytest.raises(CamganError, match="were asked for and there are"):
        load_nostyle(str(cifar), seed=0, **asked)


@pytest.mark.parametrize(
    "arrays",
    [
        {"x_train": colours(3)},
        {"x_train": colours(3), "x_test": colours(3).astype(float)},
        {"x_train": colours(3), "x_test": colours(3)[:, :16]},
        {"x_train": colours(3), "x_test": np.array([{"a": 1}], dtype=object)},
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path, arrays):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(CamganError, match="should hold"):
        load_nostyle(str(tmp_path / "x.npz"), train=1, test=1, seed=0)


def test_a_damaged_file_is_refused(cifar):
    path = cifar / "cifar10.npz"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CamganError, match="can't be read"):
        load_nostyle(str(cifar), train=1, test=1, seed=0)


class Evil:
    def __reduce__(self):
        return os.mkdir, ("unpickled",)


@pytest.mark.parametrize("inside", ["", "cifar-10-batches-py"])
def test_no_pickle_of_unknown_content_is_opened(tmp_path, monkeypatch, inside):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "data" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch", "batches.meta"]:
        (folder / name).write_bytes(pickle.dumps(Evil()))
    with pytest.raises(CamganError, match=r"not the published CIFAR-10.*fetch_cifar10"):
        load_nostyle(str(tmp_path / "data" / inside), train=1, test=1, seed=0)
    assert not (tmp_path / "unpickled").exists()


# --- any folder


def make_images(folder: Path, count: int, side: int = 300) -> None:
    for i in range(count):
        (folder / f"sub{i % 2}").mkdir(exist_ok=True, parents=True)
        Image.new("RGB", (side + i, side), (10 * i, 5, 200 - i)).save(folder / f"sub{i % 2}" / f"{i}.png")


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_images_of_a_folder_are_split_by_file(tmp_path, workers):
    make_images(tmp_path, 17)
    data = load_nostyle(str(tmp_path), train=40, test=10, seed=0, workers=workers)
    assert (len(data.train), len(data.test)) == (40, 10)
    red = [{int(image[0, 0, 0]) for image in half} for half in (data.train, data.test)]
    assert not red[0] & red[1]
    assert len(red[0] | red[1]) == 17
    for images, scene in ((data.train, data.train_scene), (data.test, data.scene)):
        pairs = {(int(image[0, 0, 0]), int(number)) for image, number in zip(images, scene, strict=True)}
        assert len(pairs) == len({red for red, _ in pairs}) == len({number for _, number in pairs})
    assert data.fingerprint() == load_nostyle(str(tmp_path), train=40, test=10, seed=0, workers=1).fingerprint()


def test_without_numbers_a_folder_gives_a_crop_of_each_image(tmp_path):
    make_images(tmp_path, 10)
    data = load_nostyle(str(tmp_path), train=0, test=0, seed=0, workers=1)
    assert (len(data.train), len(data.test)) == (8, 2)


def test_images_that_can_not_serve_are_named(tmp_path, capsys):
    make_images(tmp_path, 4)
    Image.new("RGB", (127, 500)).save(tmp_path / "small.png")
    Image.new("L", (500, 500)).save(tmp_path / "grey.png")
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "._hidden.jpg").write_text("of a system's own")
    load_nostyle(str(tmp_path), train=0, test=0, seed=0, workers=1)
    lines = sorted(capsys.readouterr().out.splitlines())
    assert [line.split(":")[0] for line in lines] == ["left out grey.png", "left out small.png", "left out text.jpg"]


def test_thumbnails_stay_as_they_are(tmp_path):
    for i, pixels in enumerate(colours(4)):
        Image.fromarray(pixels).save(tmp_path / f"{i}.png")
    data = load_nostyle(str(tmp_path), train=0, test=0, seed=0, workers=1)
    assert {i.tobytes() for i in np.concatenate([data.train, data.test])} == {i.tobytes() for i in colours(4)}


def test_sources_that_are_none_are_refused(tmp_path):
    for source in ("scenery", str(tmp_path / "missing.npz")):
        with pytest.raises(CamganError, match="there is nothing of the kind"):
            load_nostyle(source, train=1, test=1, seed=0)
    with pytest.raises(CamganError, match="found 0 among 0 files"):
        load_nostyle(str(tmp_path), train=1, test=1, seed=0)


# --- files


def test_saved_images_come_back_and_damage_is_noticed(tmp_path):
    path = tmp_path / "nostyle.npz"
    data = NoStyle(colours(5), colours(3, 9), "name", "what it is", np.arange(5), np.array([0, 2, 0]))
    data.save(path)
    again = NoStyle.load(path)
    assert (again.name, again.description, again.fingerprint()) == ("name", "what it is", data.fingerprint())
    assert (again.train_scene.tolist(), again.scene.tolist()) == ([0, 1, 2, 3, 4], [0, 2, 0])
    first = again.first(2, 9)
    assert (len(first.train), first.train_scene.tolist(), len(first.test)) == (2, [0, 1], 3)
    with pytest.raises(FileNotFoundError):
        NoStyle.load(tmp_path / "other.npz")
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ValueError, match="not a file of no-style images"):
        NoStyle.load(path)
    dataclasses.replace(data, train=colours(5)[:, :9]).save(path)
    with pytest.raises(ValueError, match="expected images"):
        NoStyle.load(path)
    dataclasses.replace(data, scene=np.arange(2)).save(path)
    with pytest.raises(ValueError, match="expected 3 numbers of scenes"):
        NoStyle.load(path)


def test_a_file_without_scenes_is_damaged(tmp_path):
    about = np.array('["name", "what it is"]')
    np.savez(tmp_path / "old.npz", train=colours(5), test=colours(3), about=about)
    with pytest.raises(ValueError, match="not a file of no-style images"):
        NoStyle.load(tmp_path / "old.npz")


@pytest.mark.skipif("CAMGAN_DATA" not in os.environ, reason="CAMGAN_DATA names no folder of real data")
@pytest.mark.slow
def test_the_real_cifar():
    data = load_nostyle(os.environ["CAMGAN_DATA"], train=0, test=0, seed=0)
    assert (len(data.train), len(data.test)) == (50000, 10000)
    assert np.allclose(data.train.mean((0, 1, 2)) / 255, (0.4914, 0.4822, 0.4465), atol=1e-4)
