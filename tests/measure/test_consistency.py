"""Consistency across content: ½ on noise and on shared content, 1 on planted patterns, with an interval that holds."""

import numpy as np
import pytest

from camgan_lib.measure import consistency

N = 32


def noise(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(128, 10, (count, N, N, 3))


def tone(u: int, v: int, amplitude: float) -> np.ndarray:
    x = np.arange(N)
    return amplitude * np.cos(2 * np.pi * (u * x[:, None] + v * x[None]) / N)


def test_consistency_is_half_on_noise_and_one_on_planted_patterns():
    null = consistency.consistency_auc([noise(60, seed) for seed in range(4)]).auc
    assert null.low < 0.5 < null.high
    assert 0.4 < null.value < 0.6
    content = noise(60, 9)
    planted = [content + tone(u, v, 8.0)[None, :, :, None] for u, v in [(16, 0), (0, 16), (8, 8), (4, 4)]]
    found = consistency.consistency_auc(planted, unit="scene")
    assert found.auc.value > 0.99
    assert found.auc.high <= 1
    assert found.auc.unit == "scene group"
    assert len(found.by_class) == 4
    assert np.mean(found.by_class) == pytest.approx(found.auc.value)
    assert consistency.auc_alone(planted) == pytest.approx(found.auc.value)


def test_shared_content_alone_is_no_consistency():
    rng = np.random.default_rng(6)
    content = 128 + np.cumsum(np.cumsum(rng.normal(0, 3, (50, N, N, 1)), 1), 2)
    groups = [content + rng.normal(0, 2, content.shape) for _ in range(3)]
    assert abs(consistency.consistency_auc(groups).auc.value - 0.5) < 0.1


def test_content_of_one_photo_is_left_out_together():
    rng = np.random.default_rng(7)
    photos = rng.normal(128, 20, (24, N, N, 1))
    crops = np.repeat(photos, 4, axis=0) + rng.normal(0, 1, (96, N, N, 1))
    photo = np.repeat(np.arange(24), 4)
    groups, content = [crops[:48], crops[48:]], [photo[:48], photo[48:]]
    assert abs(consistency.auc_alone(groups, content) - 0.5) < 0.25
    assert consistency.auc_alone(groups, [np.arange(48), np.arange(48, 96)]) > 0.95


def test_groups_hold_whole_contents_of_each_class_evenly():
    label = np.repeat([0, 1], 60)
    content = np.concatenate([np.repeat(np.arange(20), 3), np.repeat(np.arange(20, 40), 3)])
    group = consistency._grouped(label, content, seed=0)
    assert all(np.ptp(group[content == each]) == 0 for each in range(40))
    counts = np.array([[(group[label == c] == g).sum() for g in range(group.max() + 1)] for c in (0, 1)])
    assert counts.tolist() == [[30, 30]] * 2
    assert consistency._grouped(label[::60], np.array([0, 1]), seed=0).max() == 0


def test_too_few_contents_give_no_interval_and_one_class_is_refused():
    found = consistency.consistency_auc([noise(6, 1), noise(6, 2)]).auc
    assert not found.known
    with pytest.raises(ValueError, match="2 classes"):
        consistency.consistency_auc([noise(3)])
