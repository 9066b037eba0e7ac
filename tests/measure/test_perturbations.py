"""Changes of images have the norm that they are said to have, and adversarial ones reach their target."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from camgan_lib.measure import perturbations
from camgan_lib.networks.inference import predict

CPU = torch.device("cpu")
RNG = np.random.default_rng(3)
IMAGES = RNG.integers(30, 226, (24, 32, 32, 3)).astype(np.uint8)


class Brightness(nn.Module):
    """Logits that rise with the mean of the left half (class 1) or of the right half (class 0)."""

    def forward(self, images):
        return 40 * torch.stack([images[..., 16:].mean((1, 2, 3)), images[..., :16].mean((1, 2, 3))], 1)


class Deaf(nn.Module):
    """The same logits for every image, so that no gradient points anywhere."""

    def forward(self, images):
        return 0 * images.mean((2, 3))


def saturated(share: float, seed: int, count: int = 4) -> np.ndarray:
    """Random images of which this share of values is black or white."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 32, 32, 3))
    ends = rng.integers(0, 2, images.shape) * 255
    return np.where(rng.random(images.shape) < share, ends, images).astype(np.uint8)


def off(changed: np.ndarray, images: np.ndarray, norms: np.ndarray) -> float:
    return float(np.abs(perturbations.norms_of(changed, images) / norms - 1).max())


@settings(max_examples=25, deadline=None)
@given(share=st.floats(0, 0.95), norm=st.floats(30, 1500), seed=st.integers(0, 99), kind=st.sampled_from("nws"))
def test_every_change_has_its_norm_however_many_pixels_are_black_or_white(share, norm, seed, kind):
    images = saturated(share, seed)
    noise = np.random.default_rng(seed + 1).normal(size=images.shape)
    whole = np.rint(3 * noise) + 1.0
    direction = {"n": noise, "w": whole, "s": np.where(noise > 1.5, noise, 0)}[kind]
    room = np.where(direction > 0, 255.0 - images, np.where(direction < 0, images, 0.0)).reshape(len(images), -1)
    norms = np.minimum(norm * np.array([0.5, 1, 1, 1.5]), 0.9 * np.linalg.norm(room, axis=1))
    assert off(perturbations.of_norm(images, direction, norms), images, norms) < 0.01


def test_one_level_everywhere_is_reached_by_as_many_pixels_as_the_norm_needs():
    norms = np.full(len(IMAGES), 80.0)
    changed = perturbations.of_norm(IMAGES, np.ones(IMAGES.shape[1:]), norms)
    assert off(changed, IMAGES, norms) < 1e-3
    assert set(np.unique(changed.astype(int) - IMAGES)) == {1, 2}


def test_a_residual_at_its_own_norm_is_added_as_it_is():
    residual = np.clip(RNG.normal(0, 8, IMAGES.shape).round(), -30, 29)
    changed = perturbations.of_norm(IMAGES, residual, np.linalg.norm(residual.reshape(len(IMAGES), -1), axis=1))
    assert np.array_equal(changed, (IMAGES + residual).astype(np.uint8))


def test_what_points_out_of_the_range_goes_as_far_as_it_can():
    white = np.full((2, 32, 32, 3), 255, np.uint8)
    assert np.array_equal(perturbations.of_norm(white, np.ones(white.shape), np.full(2, 90.0)), white)
    direction = np.where(np.arange(32)[:, None] < 1, -1.0, 1.0) * np.ones(white.shape)
    changed = perturbations.of_norm(white, direction, np.array([1e6, 300.0]))
    assert (changed[0, :, 0] == 255).sum() < changed[0].size, "only what can move has moved"
    assert perturbations.norms_of(changed, white)[1] == pytest.approx(300, rel=0.01)


def test_no_norm_no_change():
    assert np.array_equal(perturbations.per_image(Brightness(), IMAGES, 0, np.zeros(len(IMAGES)), CPU), IMAGES)


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_pgd_reaches_its_target_at_its_norm(share):
    model, images = Brightness(), saturated(share, 7, 24)
    target = 1 - predict(model, images, CPU).argmax(1)
    for goal in (0, 1):
        some = images[target == goal]
        norms = np.linspace(300, 600, len(some))
        made = perturbations.per_image(model, some, goal, norms, CPU, steps=8)
        assert (predict(model, made, CPU).argmax(1) == goal).mean() > 0.95
        assert off(made, some, norms) < 0.01


def test_the_margin_has_a_gradient_where_cross_entropy_has_none():
    x = torch.zeros(1, 3, 32, 32)
    x[..., :16] = 0.9
    step = perturbations._uphill(lambda images: 1000 * Brightness()(images), x, torch.zeros_like(x), 1)
    assert step.norm() == pytest.approx(1, abs=1e-4)


def test_a_network_without_a_gradient_gets_noise_of_the_norm():
    norms = np.full(4, 100.0)
    made = perturbations.per_image(Deaf(), IMAGES[:4], 0, norms, CPU, steps=2)
    assert off(made, IMAGES[:4], norms) < 0.01


def test_the_universal_perturbation_points_where_the_classifier_looks():
    pattern, other = perturbations.universal(Brightness(), IMAGES, 1, 300.0, CPU, steps=30, seeds=[0, (0, 1)])
    assert np.linalg.norm(pattern) == pytest.approx(1, rel=1e-4)
    assert pattern[:, :16].mean() > 0.01 > -0.01 > pattern[:, 16:].mean()
    (again,) = perturbations.universal(Brightness(), IMAGES, 1, 300.0, CPU, steps=30)
    assert np.abs(pattern - again).max() < 1e-4, "what else is sought changes nothing"
    assert np.abs(pattern - other).max() < 1e-4, "all searches end at the one direction there is"
