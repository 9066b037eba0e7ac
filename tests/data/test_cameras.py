"""Each stage of a simulated camera gives the answer that is known for it."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from camgan_lib.data import cameras
from camgan_lib.data.cameras import CAMERAS, COLOUR_MATRIX, READ_NOISE, SHOT_NOISE, CameraModel
from camgan_lib.data.scenes import CAMERA_STREAM, render_scene


def smooth(size: int = 64) -> np.ndarray:
    y, x = np.mgrid[:size, :size] / size
    return np.stack([0.2 + 0.5 * x, 0.3 + 0.4 * y, 0.6 - 0.3 * x * y], -1).astype(np.float32)


def test_a_mosaic_keeps_one_channel_per_pixel():
    light = np.random.default_rng(0).random((8, 8, 3), np.float32)
    raw = cameras.mosaic(light)
    assert raw.shape == (8, 8)
    for rows, columns, channel in ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2)):
        np.testing.assert_array_equal(raw[rows::2, columns::2], light[rows::2, columns::2, channel])


@pytest.mark.parametrize("method", cameras.DEMOSAICING)
def test_demosaicing_keeps_a_constant_and_the_pixels_that_were_measured(method):
    np.testing.assert_allclose(cameras.demosaic(np.full((32, 32), 0.4, np.float32), method), 0.4, atol=1e-6)
    raw = cameras.mosaic(smooth())
    np.testing.assert_allclose(cameras.mosaic(cameras.demosaic(raw, method)), raw, atol=0.02)


def test_malvar_and_menon_are_nearer_to_the_scene_than_bilinear():
    light = np.clip(render_scene(128, [CAMERA_STREAM, 4]), 0, 1)
    errors = {
        method: np.abs(cameras.demosaic(cameras.mosaic(light), method) - light).mean() for method in cameras.DEMOSAICING
    }
    assert max(errors["menon"], errors["malvar"]) < 0.9 * errors["bilinear"]


@pytest.mark.parametrize("gain", [1.0, 4.0])
def test_noise_variance_grows_linearly_with_the_signal(gain):
    levels = np.array([0.1, 0.2, 0.4, 0.8])
    rng = np.random.default_rng(0)
    variance = [cameras.add_noise(np.full((400, 400), level, np.float32), gain, rng).var() for level in levels]
    slope, dark = np.polyfit(levels, variance, 1)
    assert slope == pytest.approx(gain * SHOT_NOISE, rel=0.05)
    np.testing.assert_allclose(variance, gain * SHOT_NOISE * levels + (gain * READ_NOISE) ** 2, rtol=0.03)
    assert dark >= 0


def test_the_sensor_clips():
    noisy = cameras.add_noise(np.array([[0.0, 5.0]], np.float32).repeat(50, 0), 4.0, np.random.default_rng(0))
    assert noisy.min() == 0
    assert noisy.max() == 1


def test_the_colour_matrix_leaves_grey_grey():
    np.testing.assert_allclose(COLOUR_MATRIX.sum(1), 1, atol=1e-6)
    grey = cameras.correct_colour(np.full((2, 2, 3), 0.3, np.float32), np.ones(3, np.float32))
    np.testing.assert_allclose(grey, 0.3, atol=1e-6)


def test_strength_nought_is_identity():
    image = np.random.default_rng(0).random((16, 16, 3), np.float32)
    np.testing.assert_array_equal(cameras.denoise(image, 0, 2.0), image)
    np.testing.assert_array_equal(cameras.sharpen(image, 0), image)


def test_denoising_smooths_noise_and_spares_edges():
    rng = np.random.default_rng(0)
    edge = np.zeros((64, 64, 3), np.float32) + np.where(np.arange(64) < 32, 0.2, 0.8)[None, :, None]
    noisy = edge + np.sqrt(SHOT_NOISE * edge) * rng.standard_normal(edge.shape, np.float32)
    clean = cameras.denoise(noisy, 0.6, 1.0)
    assert clean[:, :28].var() < 0.5 * noisy[:, :28].var()
    np.testing.assert_allclose(clean[:, 32].mean() - clean[:, 31].mean(), 0.6, atol=0.02)


def test_sharpening_adds_to_edges_and_leaves_flat_areas():
    edge = np.zeros((32, 32, 3), np.float32) + np.where(np.arange(32) < 16, 0.3, 0.6)[None, :, None]
    sharp = cameras.sharpen(edge, 0.5)
    assert sharp.max() > 0.62
    np.testing.assert_allclose(sharp[:, :8], 0.3, atol=1e-5)


def test_tone_rises_from_black_to_white():
    curve = cameras.tone(np.linspace(-0.5, 1.5, 301, dtype=np.float32))
    assert (curve[0], curve[-1]) == (0, 1)
    assert (np.diff(curve[76:225]) > 0).all()


def test_the_jpeg_grid_shows_at_eighths():
    """The mean step between neighbouring pixels, as a function of the column modulo 8, peaks at block borders."""
    image = cameras.develop(render_scene(256, [CAMERA_STREAM, 9]), CAMERAS[1], np.random.default_rng(0))
    packed = cameras.compress(image, 60, "4:4:4")
    decoded = np.asarray(Image.open(io.BytesIO(packed)).convert("L")).astype(float)

    def at_eighths(picture: np.ndarray) -> float:
        second = np.abs(np.diff(picture, 2, axis=1)).mean(0)[:248]
        power = np.abs(np.fft.fft(second - second.mean())) ** 2
        return power[[31, 62, 93]].mean() / np.median(power[1:124])

    assert at_eighths(decoded) > 8 * at_eighths(np.asarray(Image.fromarray(image).convert("L")).astype(float))


def test_quality_and_subsampling_reach_the_file():
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    sizes = [len(cameras.compress(image, quality, "4:4:4")) for quality in (50, 75, 95)]
    assert sizes == sorted(sizes)
    assert len(cameras.compress(image, 90, "4:2:0")) < len(cameras.compress(image, 90, "4:2:2")) < sizes[2]


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: camera.name)
def test_a_photo_follows_from_scene_camera_and_seed(camera):
    scene = render_scene(64, [CAMERA_STREAM, 1])
    first, again, other = (cameras.shoot(scene, camera, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first == again != other
    with Image.open(io.BytesIO(first)) as photo:
        assert (photo.format, photo.mode, photo.size) == ("JPEG", "RGB", (64, 64))


def test_cameras_have_one_colour_and_brightness():
    """Of the same scenes all cameras take pictures of the same mean colour: to less than one level of 255."""
    scenes = [render_scene(128, [CAMERA_STREAM, 2, number]) for number in range(4)]
    means = [
        np.mean([cameras.develop(scene, camera, np.random.default_rng(7)).mean((0, 1)) for scene in scenes], 0)
        for camera in CAMERAS
    ]
    assert np.ptp(means, axis=0).max() < 1


def test_cameras_are_all_different_and_named_as_simulated():
    assert len({replace(camera, name="") for camera in CAMERAS}) == len(CAMERAS) == 4
    assert all(isinstance(camera, CameraModel) and camera.name.startswith("sim-") for camera in CAMERAS)
    assert [camera.name for camera in CAMERAS] == sorted(camera.name for camera in CAMERAS)
