"""The place of JPEG's blocks is found by windows that vote."""

import io

import numpy as np
import pytest
from PIL import Image

from camgan_lib.data.jpeg_grid import earlier_grid, grid, small_coefficients
from camgan_lib.data.scenes import render_scene, to_display


@pytest.fixture(scope="module")
def luma() -> np.ndarray:
    return to_display(render_scene(320, [2])).astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def compressed(luma: np.ndarray, quality: int) -> np.ndarray:
    stream = io.BytesIO()
    Image.fromarray(luma.round().clip(0, 255).astype(np.uint8)).save(stream, "JPEG", quality=quality)
    return np.asarray(Image.open(stream), np.float32)


@pytest.mark.parametrize(("top", "left"), [(0, 0), (5, 3), (1, 7), (4, 4)])
def test_the_strongest_grid_is_found_at_any_place(luma, top, left):
    assert grid(compressed(luma, 85)[top:, left:]) == (-left % 8, -top % 8)


@pytest.mark.parametrize(("top", "left"), [(5, 3), (0, 2), (7, 0)])
def test_an_earlier_grid_is_found_below_the_last_one(luma, top, left):
    twice = compressed(compressed(luma, 75)[top:, left:], 93)
    assert earlier_grid(twice, (0, 0)) == (-left % 8, -top % 8)
    assert earlier_grid(twice[2:, 1:], (7, 6)) == ((-left - 1) % 8, (-top - 2) % 8)


def test_there_is_no_earlier_grid_in_a_photo_that_was_compressed_once(luma):
    assert earlier_grid(compressed(luma, 90), (0, 0)) is None
    assert earlier_grid(compressed(compressed(luma, 75), 93), (0, 0)) is None


def test_counts_are_those_of_the_transform_of_every_block():
    from scipy.fft import dctn

    luma = np.random.default_rng(0).normal(128, 3, (45, 47)).astype(np.float32)
    counts = small_coefficients(luma)
    assert counts.shape == (4, 8, 8)
    for y, x in ((0, 0), (3, 6)):
        blocks = [luma[16 + y + dy : 24 + y + dy, x + dx : 8 + x + dx] for dy in (0, 8) for dx in (0, 8)]
        assert counts[2, y, x] == sum((np.abs(dctn(each, norm="ortho")) < 1).sum() for each in blocks)


@pytest.mark.parametrize("shape", [(0, 0), (7, 300), (22, 22), (40, 40)])
def test_a_picture_that_is_too_small_has_none(shape):
    assert grid(np.zeros(shape, np.float32)) is None
    assert earlier_grid(np.zeros(shape, np.float32), (0, 0)) is None


def test_one_colour_and_periodic_patterns_have_none():
    across = np.tile(np.arange(300, dtype=np.float32) % 8 * 20, (300, 1))
    assert grid(np.full((300, 300), 90, np.float32)) is None
    assert grid(across) is None
