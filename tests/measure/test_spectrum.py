"""Spectra with known answers: impulse, tone, checkerboard, noise."""

import numpy as np
import pytest
import torch

from camgan_lib.measure import colours, spectrum
from camgan_lib.networks import losses

N = 32


def noise(count: int, seed: int = 0, sigma: float = 10.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(128, sigma, (count, N, N, 3))


def tone(u: int, v: int, amplitude: float = 1.0) -> np.ndarray:
    x = np.arange(N)
    return amplitude * np.cos(2 * np.pi * (u * x[:, None] + v * x[None]) / N)


def test_luminance_of_grey_is_grey():
    assert np.allclose(spectrum.luminance(np.full((1, 2, 2, 3), 77, np.uint8)), 77)


def test_an_impulse_is_flat():
    image = np.zeros((1, N, N))
    image[0, 5, 9] = 1
    flat = spectrum.power(image, window=False)[0]
    flat[N // 2, N // 2] = flat[0, 0]
    assert np.allclose(flat, 1 / N**2)


@pytest.mark.parametrize(("u", "v"), [(3, 0), (0, 7), (5, -4), (16, 0), (16, 16)])
@pytest.mark.parametrize("window", [False, True])
def test_a_tone_is_a_line_at_its_bin_and_level(u, v, window):
    image = 128 + tone(u, v, amplitude=2.0)[None]
    level = spectrum.power(image, window=window)[0]
    peak = (N // 2 + u) % N, (N // 2 + v) % N
    assert np.unravel_index(level.argmax(), level.shape) in {peak, ((N // 2 - u) % N, (N // 2 - v) % N)}
    amplitude = 2.0 if (u % 16, v % 16) == (0, 0) else 1.0
    gain = (spectrum.hann(N).sum() ** 2 / (spectrum.hann(N) ** 2).sum()) if window else N**2
    assert level[peak] == pytest.approx(amplitude**2 * gain)


def test_a_checkerboard_is_the_diagonal_nyquist():
    level = spectrum.power(128 + tone(16, 16)[None], window=False)[0]
    assert level[0, 0] == pytest.approx(level.sum())
    assert spectrum.classes_of_bins(N)["diagonal_nyquist"][0, 0]


def test_parseval():
    images = noise(3)
    energy = ((images - images.mean((1, 2), keepdims=True)) ** 2).sum((1, 2))
    assert np.allclose(spectrum.power(images, window=False).sum((1, 2)), energy)


@pytest.mark.parametrize("window", [False, True])
def test_white_noise_is_flat_at_its_variance(window):
    level = spectrum.power(noise(600), window=window).mean((0, -1))
    rest = spectrum.classes_of_bins(N)["rest"]
    away = rest & (np.abs(np.arange(N) - 16)[:, None] > 1) & (np.abs(np.arange(N) - 16)[None] > 1)
    assert level[away].mean() == pytest.approx(100, rel=0.02)
    assert np.abs(10 * np.log10(level[away] / 100)).max() < 1


def test_the_mean_level_is_the_one_that_the_spectral_loss_trains_on():
    images = np.random.default_rng(0).integers(0, 256, (5, N, N, 3)).astype(np.uint8)
    assert spectrum.ROUNDING == losses.ROUNDING
    trained = losses.mean_level(torch.from_numpy(images / 127.5 - 1).permute(0, 3, 1, 2).double())
    shown = np.moveaxis(np.fft.ifftshift(spectrum.mean_level(images), axes=(0, 1)), 2, 0)[..., : N // 2 + 1]
    assert np.allclose(shown, trained.numpy(), atol=1e-6)


def test_the_mean_level_of_noise_lies_below_the_mean_power():
    images = noise(600)
    below = spectrum.mean_db(images).mean(-1) - spectrum.mean_level(images, floor=0).mean(-1)
    assert below[spectrum.classes_of_bins(N)["rest"]].mean() == pytest.approx(2.5, abs=0.1)
    assert below[[0, 0, N // 2], [0, N // 2, 0]].mean() == pytest.approx(5.5, abs=0.4)
    assert spectrum.level(np.full((1, N, N), 90)).max() == pytest.approx(10 * np.log10(1 / 12))


def test_classes_of_bins_part_the_spectrum():
    masks = spectrum.classes_of_bins(N)
    counts = {name: int(mask.sum()) for name, mask in masks.items()}
    assert counts == {"axis_nyquist": 2, "diagonal_nyquist": 1, "quarters": 4, "odd_eighths": 8, "rest": 960}
    assert np.sum(list(masks.values()), axis=0).max() == 1
    for name in spectrum.CLASSES:
        for axis in (0, 1):
            assert not (np.roll(masks[name], 2, axis) & ~masks["rest"]).any()


def test_high_pass_has_its_frequency_response():
    for u, v in [(16, 16), (16, 0), (8, 0), (2, 3)]:
        image = tone(u, v)[None]
        gain = -1 + 0.5 * (np.cos(2 * np.pi * u / N) + np.cos(2 * np.pi * v / N))
        assert np.allclose(spectrum.high_pass(image)[:, 1:-1, 1:-1], gain * image[:, 1:-1, 1:-1])
    assert np.allclose(spectrum.high_pass(np.full((1, N, N, 3), 90, np.uint8)), 0)


def test_radial_profile_of_noise_is_flat_and_in_cycles_per_pixel():
    frequency, level = spectrum.radial_profile(np.full((N, N), 100.0))
    assert frequency[0] == 1 / N
    assert frequency[-1] == 0.5
    assert np.allclose(level, 20)


def test_pure_colours_are_constant_and_their_spread_is_measured():
    images = colours.pure_colours()
    assert images.dtype == np.uint8
    assert len(images) >= 8
    assert np.ptp(images, axis=(1, 2)).max() == 0
    assert colours.colour_spread(images) > 50
    assert colours.colour_spread(np.repeat(images[:1], 4, axis=0)) == 0


def test_odd_or_oblong_images_are_refused():
    with pytest.raises(ValueError, match="even side"):
        spectrum.transform(np.zeros((1, 31, 31)))
    with pytest.raises(ValueError, match="multiple of 32"):
        spectrum.classes_of_bins(16)
