"""Scenes have the statistics of natural images, and no two uses share one."""

from itertools import pairwise

import numpy as np
import pytest

from camgan_lib.data import scenes
from camgan_lib.data.leaves import covered, paint_leaves
from camgan_lib.data.scenes import (
    CAMERA_STREAM,
    NO_STYLE_STREAM,
    no_style_crops,
    no_style_scenes,
    render_scene,
    to_display,
)

SIZE = 512


@pytest.fixture(scope="module")
def rendered() -> np.ndarray:
    return np.array([render_scene(SIZE, [CAMERA_STREAM, 0, 0, number]) for number in range(12)])


def power_slope(luminance: np.ndarray) -> float:
    """Slope of log power over log frequency, from the mean periodogram of n×N×N images.

    The rings end below the frequencies that lens and focus take away.
    """
    size = luminance.shape[-1]
    window = np.hanning(size)[:, None] * np.hanning(size)
    power = np.mean([np.abs(np.fft.fft2((image - image.mean()) * window)) ** 2 for image in luminance], 0)
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size)))
    edges = np.geomspace(0.012, 0.12, 16)
    rings = [(radius >= low) & (radius < high) for low, high in pairwise(edges)]
    return np.polyfit(np.log(np.sqrt(edges[1:] * edges[:-1])), np.log([power[ring].mean() for ring in rings]), 1)[0]


def test_the_slope_is_measured_right():
    rng, frequency = np.random.default_rng(0), np.hypot(*np.meshgrid(np.fft.fftfreq(SIZE), np.fft.fftfreq(SIZE)))
    frequency[0, 0] = np.inf
    noise = [np.fft.ifft2(np.fft.fft2(rng.normal(size=(SIZE, SIZE))) / frequency).real for _ in range(4)]
    assert power_slope(np.array(noise)) == pytest.approx(-2, abs=0.1)


@pytest.mark.slow
def test_power_falls_with_the_square_of_frequency_as_in_natural_images(rendered):
    assert power_slope(to_display(rendered).mean(-1) / 255) == pytest.approx(-2, abs=0.4)


@pytest.mark.slow
def test_edges_by_occlusion_make_gradients_heavy_tailed(rendered):
    """A Gaussian field of the same spectrum has kurtosis 3; occluding shapes are smooth but for big steps."""
    lightness = np.log(rendered.mean(-1) + 0.01)
    steps = np.diff(lightness, axis=2)
    kurtosis = (steps**4).mean() / (steps**2).mean() ** 2
    field = np.abs(np.fft.fft2(lightness)) * np.exp(2j * np.pi * np.random.default_rng(0).random(lightness.shape))
    gaussian = np.diff(np.fft.ifft2(field).real, axis=2)
    assert kurtosis > 8
    assert (gaussian**4).mean() / (gaussian**2).mean() ** 2 < 4


def test_a_leaf_hides_what_is_behind_it():
    """Painted over black and over white, one leaf leaves the same pixels inside: nothing shines through."""
    seed, textures = 3, np.zeros((3, 64, 64), np.float32)
    painted = []
    for ground in (0.0, 1.0):
        canvas = np.full((64, 64, 3), ground, np.float32)
        paint_leaves(canvas, textures, 1, np.random.default_rng(seed))
        painted.append(canvas)
    apart = np.abs(painted[1] - painted[0]).max(-1)
    assert (apart < 1e-6).sum() > 4
    assert (apart == 1).mean() > 0.3


def test_leaves_painted_at_once_are_those_painted_one_by_one():
    count, textures = 137, np.random.default_rng(0).normal(size=(3, 64, 64)).astype(np.float32)
    together, one_by_one = np.zeros((2, 64, 64, 3), np.float32)
    paint_leaves(together, textures, count, np.random.default_rng(1))
    rng = np.random.default_rng(1)
    for _ in range(count):
        paint_leaves(one_by_one, textures, 1, rng)
    assert together.tobytes() == one_by_one.tobytes()


@pytest.mark.parametrize("ellipse", [True, False])
def test_a_leaf_s_box_holds_all_that_it_covers(ellipse):
    """No pixel just outside the box is covered; were it, leaves would have straight cuts."""
    for angle in np.linspace(0, np.pi, 13):
        a, b, cos, sin = 9.0, 4.0, np.cos(angle), np.sin(angle)
        top, bottom = covered(30.3, 14.05, a * sin, b * cos, b, ellipse, 64)
        left, right = covered(31.6, 14.05, a * cos, b * sin, b, ellipse, 64)
        y, x = np.mgrid[:64, :64] - np.array([30.3, 31.6])[:, None, None]
        u, v = (x * cos + y * sin) / a, (y * cos - x * sin) / b
        within = 0.5 + (1 - (np.hypot(u, v) if ellipse else np.maximum(np.abs(u), np.abs(v)))) * b > 0
        rows, columns = np.flatnonzero(within.any(1)), np.flatnonzero(within.any(0))
        assert top <= rows[0] <= rows[-1] < bottom <= rows[-1] + 3
        assert left <= columns[0] <= columns[-1] < right <= columns[-1] + 3


@pytest.mark.slow
def test_scenes_have_what_makes_real_photos_hard(rendered):
    pictures = to_display(rendered)
    crops = pictures.reshape(12, SIZE // 32, 32, SIZE // 32, 32, 3).swapaxes(2, 3).reshape(-1, 32, 32, 3)
    flat = crops.std((1, 2)).max(-1) < 4
    medians = np.median(rendered, (1, 2, 3))
    assert 0.03 < flat.mean() < 0.5
    assert 0.01 < (pictures == 255).all(-1).mean() < 0.4
    assert medians.max() / medians.min() > 4


def test_light_is_linear_and_not_negative(rendered):
    assert rendered.dtype == np.float32
    assert rendered.shape == (12, SIZE, SIZE, 3)
    assert rendered.min() >= 0
    assert np.isfinite(rendered).all()


def test_a_scene_follows_from_its_size_and_seed():
    np.testing.assert_array_equal(render_scene(64, [1, 2]), render_scene(64, [1, 2]))
    assert not np.array_equal(render_scene(64, [1, 2]), render_scene(64, [1, 3]))
    with pytest.raises(ValueError, match="at least 32"):
        render_scene(31, 0)


def test_display_curve_known_answers():
    grey = to_display(np.array([[-1, 0, 0.0031308, 0.215861, 1, 7.0]]))
    np.testing.assert_array_equal(grey, [[0, 0, 10, 128, 255, 255]])


def test_only_scenes_that_hold_what_is_shown_are_rendered(monkeypatch):
    rendered = []

    def render(seed, number, crop):
        rendered.append(number)
        return np.full((64, crop, crop, 3), number, np.uint8)

    monkeypatch.setattr(scenes, "_no_style_scene", render)
    every = no_style_crops(600, 5, workers=1)
    assert rendered == list(range(10))
    rendered.clear()
    some = no_style_crops(600, 5, workers=1, shown=150)
    assert rendered == [0, 1, 2]
    assert len(some) == 150
    np.testing.assert_array_equal(some, every[every[:, 0, 0, 0] <= 2][:150])
    np.testing.assert_array_equal(no_style_scenes(600, 5), every[:, 0, 0, 0])
    np.testing.assert_array_equal(no_style_scenes(600, 5, shown=150), some[:, 0, 0, 0])


def test_no_style_crops_follow_from_the_seed_alone():
    crops = no_style_crops(64, 5, workers=1)
    assert (crops.shape, crops.dtype) == ((64, 32, 32, 3), np.uint8)
    np.testing.assert_array_equal(no_style_crops(64, 5, workers=1), crops)
    assert not np.array_equal(no_style_crops(64, 6, workers=1), crops)
    assert len(np.unique(crops.reshape(64, -1), axis=0)) > 50


def test_no_style_scenes_are_never_a_cameras():
    assert NO_STYLE_STREAM != CAMERA_STREAM
    assert not np.array_equal(render_scene(64, [NO_STYLE_STREAM, 0, 0]), render_scene(64, [CAMERA_STREAM, 0, 0]))
