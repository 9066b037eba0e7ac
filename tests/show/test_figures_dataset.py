"""Figures of chapter 1: each camera in its place, text to read, no photo where none may be shown."""

import numpy as np
import pytest
from matplotlib.text import Text

from camgan_lib.data.crops import CameraData, Crops
from camgan_lib.show.figures import dataset

CAMERAS = ("alpha", "beta", "gamma")


def crops(photos: int, first: int) -> Crops:
    """Four crops per photo, `photos` per camera; a crop's pixels all hold the number of its photo."""
    photo = np.repeat(np.arange(first, first + photos * 3), 4)
    images = np.broadcast_to(photo[:, None, None, None], (len(photo), 32, 32, 3)).astype(np.uint8)
    return Crops(images, np.repeat(np.arange(3), 4 * photos), photo)


@pytest.fixture
def data() -> CameraData:
    counts = {camera: {"train": 5, "test": 2} for camera in CAMERAS}
    return CameraData(crops(5, 0), crops(2, 15), CAMERAS, {"photos": counts, "left_out": [], "split": "random"})


def pictures(figure):
    return [np.asarray(image.get_array()) for axes in figure.axes for image in axes.get_images()]


def test_samples_take_a_crop_of_each_photo_in_turn(data):
    sheets = pictures(dataset.samples(data, per_camera=2))
    assert [set(np.unique(sheet)) - {205} for sheet in sheets] == [{15, 16}, {17, 18}, {19, 20}]


def test_sheets_go_through_a_cameras_crops_and_start_over(data):
    first, again = (pictures(dataset.sheet(data, camera="beta", number=number))[0] for number in (1, 2))
    np.testing.assert_array_equal(first, again)
    assert set(np.unique(first)) - {205} == {5, 6, 7, 8, 9}


def test_no_photo_is_shown_unasked(data):
    assert not pictures(dataset.samples(data, show=False))
    assert not pictures(dataset.sheet(data, camera="beta", number=1, show=False))


def test_counts_and_pipelines_are_tables(data):
    assert "alpha   5             2            20           8" in repr(dataset.counts(data))
    assert "sim-D-menon" in repr(dataset.pipelines())


@pytest.mark.parametrize("figure", ["spectra", "colours", "samples"])
def test_text_is_readable(figure, data):
    rng = np.random.default_rng(0)
    drawn = {
        "spectra": lambda: dataset.mean_spectra(rng.normal(size=(3, 32, 32)), CAMERAS),
        "colours": lambda: dataset.colour_statistics(rng.random((3, 50, 6)), CAMERAS),
        "samples": lambda: dataset.samples(data),
    }[figure]()
    drawn.canvas.draw()
    assert drawn.get_figwidth() <= 8
    assert all(text.get_fontsize() >= 8 for text in drawn.findobj(Text) if text.get_visible() and text.get_text())
