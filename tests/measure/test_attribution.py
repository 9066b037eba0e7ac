"""Attribution to frequencies on classifiers whose frequencies are known."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.measure import attribution, faithfulness

CPU = torch.device("cpu")
PLACE = (5, 9)
"""The one frequency, in bins, that `Wave` looks at."""


class Wave(nn.Module):
    """Logit 1 is the product of a crop with a wave, logit 0 is nothing."""

    def __init__(self, weights: np.ndarray):
        super().__init__()
        self.register_buffer("weights", torch.from_numpy(weights).float())

    def forward(self, x):
        found = (x * self.weights).sum((1, 2, 3))
        return torch.stack([torch.zeros_like(found), found], 1)


def wave(phase: float = 0.3) -> np.ndarray:
    y, x = np.mgrid[:32, :32] / 32
    return np.cos(2 * np.pi * (PLACE[0] * y + PLACE[1] * x) + phase)


def crops(count: int, seed: int = 0) -> np.ndarray:
    """Noise that holds a little of the wave."""
    noise = np.random.default_rng(seed).normal(0, 20, (count, 32, 32, 3))
    return np.rint(128 + noise + 12 * wave()[..., None]).clip(0, 255).astype(np.uint8)


@pytest.fixture
def model() -> Wave:
    return Wave(np.tile(wave() / 50, (3, 1, 1)))


def weights(name: str, model: nn.Module, count: int = 6) -> np.ndarray:
    return attribution.METHODS[name](model, crops(count), np.ones(count, int), CPU)


PAIR = faithfulness.pairs(32)[PLACE]


@pytest.mark.parametrize("name", attribution.METHODS)
def test_weights_are_non_negative_and_leave_out_the_mean(name, model):
    found = weights(name, model)
    assert found.shape == (6, faithfulness.pairs(32).max() + 1)
    assert (found >= 0).all()
    assert (found[:, 0] == 0).all()


@pytest.mark.parametrize("name", ["gradient", "gradient × image"])
def test_methods_by_frequency_put_all_weight_on_the_frequency_that_counts(name, model):
    found = weights(name, model)
    assert (found[:, PAIR] / found.sum(1)).min() > 0.999


def test_deletion_puts_all_weight_on_the_group_of_the_frequency_that_counts(model):
    found = weights("deletion", model)
    group = attribution.groups(32)
    assert (found[:, group == group[PAIR]].sum(1) / found.sum(1)).min() > 0.999


def test_fourier_correlation_rises_where_the_crop_is_changed_and_is_the_magnitude_elsewhere(model, monkeypatch):
    monkeypatch.setattr(attribution, "RATE", 2.0)
    found = weights("FFC", model)
    size = attribution.by_pairs(np.abs(np.fft.fft2(crops(6) / 127.5 - 1, axes=(1, 2))).sum(-1))
    others = np.arange(found.shape[1]) != PAIR
    least = size[:, others][:, 1:].min(1, keepdims=True)
    np.testing.assert_allclose(found[:, others][:, 1:], size[:, others][:, 1:] - least, atol=1e-4)
    assert (found.argmax(1) == PAIR).all()


def test_a_picture_of_saliency_shows_twice_the_frequency(model):
    found = weights("pixel saliency", model)
    assert (found.argmax(1) == faithfulness.pairs(32)[2 * PLACE[0], (2 * PLACE[1]) % 32]).all()


@pytest.mark.parametrize("name", ["WAM, smoothed", "WAM, integrated"])
def test_wavelets_put_all_weight_on_the_sub_band_that_counts(name):
    empty = attribution.wavelets(np.zeros((1, 32, 32, 1)))
    empty["1 dd"] += np.random.default_rng(0).normal(size=empty["1 dd"].shape)
    of_band = attribution.from_wavelets(empty)[0, ..., 0]
    found = weights(name, Wave(np.tile(of_band / 50, (3, 1, 1))))
    response = attribution.responses(32)[list(empty).index("1 dd")]
    expected = np.tile(response / response.sum(), (6, 1))
    np.testing.assert_allclose(found / found.sum(1, keepdims=True), expected, atol=1e-6)
    assert response.argmax() == faithfulness.pairs(32)[16, 16]


def test_wavelets_are_orthonormal_and_reconstruct_perfectly():
    images = np.random.default_rng(1).normal(size=(3, 32, 32, 2))
    found = attribution.wavelets(images)
    np.testing.assert_allclose(attribution.from_wavelets(found), images, atol=1e-12)
    assert sum((each**2).sum() for each in found.values()) == pytest.approx((images**2).sum())
    assert sum(each.size for each in found.values()) == images.size
    assert found["l"].shape == (3, 4, 4, 2)


def test_responses_of_the_sub_bands_cover_all_frequencies_alike():
    """Coefficients of white noise have the same variance, so that bands, by their number, add up to white."""
    counts = np.array([each[0, ..., 0].size for each in attribution.wavelets(np.zeros((1, 32, 32, 1))).values()])
    flat = counts @ attribution.responses(32)
    np.testing.assert_allclose(flat[1:], 1)


def test_groups_are_of_few_pairs_and_leave_out_the_mean():
    group = attribution.groups(32)
    assert group[0] == -1
    assert (group[1:] >= 0).all()
    counts = np.bincount(group[1:])
    assert counts.min() >= 1
    assert counts.max() <= 4


def test_the_log_odds_are_those_of_the_own_class(model):
    x = attribution._tensor(crops(4) / 127.5 - 1)
    labels = np.array([1, 0, 1, 0])
    logit = model(x)[:, 1].numpy()
    np.testing.assert_allclose(attribution._log_odds(model, x, labels, CPU), logit * [1, -1, 1, -1], rtol=1e-5)
