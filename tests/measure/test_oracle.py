"""The oracle takes pictures as simulated cameras do: light is found again, blocks begin anywhere, draws repeat."""

import numpy as np
import pytest

from camgan_lib.data.cameras import CAMERAS, CameraModel, correct_colour, tone
from camgan_lib.measure import oracle

RNG = np.random.default_rng(0)
SMOOTH = np.clip(120 + 40 * np.cos(np.arange(32) / 5)[:, None, None] + RNG.normal(0, 20, (12, 1, 1, 3)), 0, 255).astype(
    np.uint8
)
SMOOTH = np.broadcast_to(SMOOTH, (12, 32, 32, 3)).copy()
FAITHFUL = CameraModel("faithful", "none", 0.0, 0.0, "4:4:4", 100, noise=0.0)


def test_light_is_what_a_camera_would_show_as_the_picture():
    shown = tone(correct_colour(oracle.to_light(SMOOTH), np.ones(3, np.float32)))
    assert np.abs(shown * 255 - SMOOTH).max() < 0.6
    assert np.array_equal(
        oracle.to_light(np.array([[[[0, 0, 0], [255, 255, 255]]]], np.uint8)).round(4)[..., 0], [[[0, 1]]]
    )


def test_a_camera_that_does_nothing_leaves_pictures_as_they_are_up_to_white_balance():
    taken = oracle.taken_by(SMOOTH, FAITHFUL)
    light, before = oracle.to_light(taken), oracle.to_light(SMOOTH)
    per_channel = (light / before).mean((1, 2))
    assert np.abs(np.log(per_channel)).max() < 0.25, "white balance is drawn with a deviation of 5 %"
    assert np.abs(light / per_channel[:, None, None] / before - 1).max() < 0.06


def test_the_same_seed_gives_the_same_pictures_and_draws_are_those_of_all_cameras():
    first, again = (oracle.taken_by(SMOOTH[:3], CAMERAS[0], seed=4) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, oracle.taken_by(SMOOTH[:3], CAMERAS[0], seed=5))
    assert np.array_equal(first[1:2], oracle.taken_by(SMOOTH[:2], CAMERAS[0], seed=4)[1:2])
    means = [oracle.taken_by(SMOOTH[:3], camera, seed=4).mean((1, 2)) for camera in CAMERAS]
    assert np.abs(np.array(means) - means[0]).max() < 3, "one white balance and one sensitivity for all"


def test_blocks_begin_anywhere():
    textured = np.clip(SMOOTH[:1] + RNG.normal(0, 25, (24, 32, 32, 1)), 0, 255).astype(np.uint8)
    taken = oracle.taken_by(textured, CameraModel("coarse", "none", 0.0, 0.0, "4:4:4", 3, noise=0.0)).astype(float)
    jumps = np.abs(np.diff(taken[..., 1], axis=2)).mean(1)
    by_phase = np.stack([jumps[:, phase::8].mean(1) for phase in range(8)], 1)
    assert len(set(by_phase.argmax(1))) >= 6


def test_only_simulated_cameras_have_an_oracle():
    assert oracle.taken_by_each(SMOOTH[:1], ["sim-B-malvar", "a phone"]) == {}
    made = oracle.taken_by_each(SMOOTH[:1], ["sim-B-malvar", "sim-D-menon"])
    assert list(made) == ["sim-B-malvar", "sim-D-menon"]
    assert oracle.l1({"x": SMOOTH + 1}, SMOOTH) == {"x": pytest.approx(1 / 127.5)}


@pytest.mark.slow
def test_the_oracle_recovers_what_sets_the_cameras_apart():
    from camgan_lib.measure import truth

    found = oracle.level_ratios(96, 1)
    assert found.shape == (1, 4, 32, 32, 3)
    recovered = truth.recovery(found[0], truth.true_spectra(scenes=6, seed=3))
    assert recovered["hits"] >= 3
    assert np.mean(recovered["own"]) > 0.45
