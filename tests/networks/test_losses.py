"""Every loss term has its known answer."""

import math

import numpy as np
import pytest
import torch

from camgan_lib.measure import spectrum
from camgan_lib.networks import losses


def test_least_squares_measures_from_0_9_and_from_0():
    scores = torch.tensor([0.9, 1.9])
    assert losses.adversarial(scores, True, "lsgan").item() == pytest.approx(0.5)
    assert losses.adversarial(scores, False, "lsgan").item() == pytest.approx((0.81 + 3.61) / 2)


def test_cross_entropy_of_an_undecided_score_is_log_2_for_either_target():
    for real in (True, False):
        assert losses.adversarial(torch.zeros(3), real, "bce").item() == pytest.approx(math.log(2))


def test_cross_entropy_towards_real_is_least_where_the_score_says_0_9():
    best = torch.tensor([math.log(9.0)])
    at_best = losses.adversarial(best, True, "bce")
    assert at_best < losses.adversarial(best + 1, True, "bce")
    assert at_best < losses.adversarial(best - 1, True, "bce")


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="'hinge'"):
        losses.adversarial(torch.zeros(1), True, "hinge")


def test_content_is_zero_for_the_input_itself_and_two_from_black_to_white():
    x = torch.rand(2, 3, 8, 8) * 2 - 1
    assert losses.content(x, x).item() == 0
    assert losses.content(torch.ones(1, 3, 4, 4), -torch.ones(1, 3, 4, 4)).item() == 2


def test_total_variation_of_constant_ramp_and_checkerboard():
    ramp = torch.arange(8.0).expand(1, 3, 8, 8)
    row, column = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
    board = ((row + column) % 2).float().expand(1, 3, 8, 8)
    assert losses.total_variation(torch.full((1, 3, 8, 8), 0.3)).item() == 0
    assert losses.total_variation(ramp).item() == 1
    assert losses.total_variation(board).item() == 2


def test_equal_logits_are_log_of_the_number_of_cameras_away_from_any():
    assert losses.towards(torch.zeros(5, 4), 2).item() == pytest.approx(math.log(4))
    sure = torch.tensor([[0.0, 0.0, 50.0, 0.0]])
    assert losses.towards(sure, 2).item() == pytest.approx(0, abs=1e-6)
    assert losses.towards(sure, 0).item() == pytest.approx(50)
    assert losses.towards(torch.zeros(5, 4), 4).item() == pytest.approx(math.log(4)), "no camera: least where undecided"
    assert losses.towards(sure, 4).item() == pytest.approx(37.5)


def test_the_mean_level_is_the_spectrums_and_the_spectral_loss_its_distance():
    images = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3)).astype(np.uint8)
    level = losses.mean_level(torch.from_numpy(images / 127.5 - 1).permute(0, 3, 1, 2).double())
    shifted = 10 * np.log10(spectrum.power(images.astype(float)) + losses.ROUNDING).mean(0)
    wanted = np.fft.ifftshift(shifted, (0, 1))[:, :17].transpose(2, 0, 1)
    assert np.abs(level.numpy() - wanted).max() < 1e-3
    stylised = torch.from_numpy(images / 127.5 - 1).permute(0, 3, 1, 2).double()
    assert losses.spectral(stylised, level).item() == pytest.approx(0, abs=1e-12)
    assert losses.spectral(stylised, level + 20).item() == pytest.approx(4)


def test_variance_that_alternates_from_pixel_to_pixel_is_a_line_at_half_whatever_its_phase():
    rng = np.random.default_rng(0)
    even = (np.add.outer(np.arange(32), np.arange(32)) % 2 == 0)[None, ..., None]
    noise = rng.normal(0, 1, (60, 32, 32, 3))
    phase = rng.random((60, 1, 1, 1)) < 0.5
    noisy = 128 + noise * np.where(even ^ phase, 12, 2)
    images = torch.from_numpy(noisy / 127.5 - 1).permute(0, 3, 1, 2)
    level = losses.variance_levels(images).mean(0)[0]
    known = spectrum.log_variance(noisy)[:, :, :, 1]
    wanted = np.fft.ifftshift(10 * np.log10(spectrum.power(known[..., None]) + 1e-2).mean(0), (0, 1))[:, :17, 0]
    assert np.abs(level.numpy() - wanted).max() < 1e-3
    assert level.shape == (32, 17)
    assert level[16, 16] > level.median() + 6
    assert losses.variance(images, losses.variance_levels(images).mean(0)).item() == pytest.approx(0, abs=1e-12)
