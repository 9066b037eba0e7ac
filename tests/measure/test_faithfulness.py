"""Deletion and attributions over pixels and frequencies, on networks whose answer is known."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.measure import faithfulness
from camgan_lib.networks.resnet import ResNet20

CPU = torch.device("cpu")
RNG = np.random.default_rng(5)
IMAGES = RNG.integers(20, 236, (24, 32, 32, 3)).astype(np.uint8)
LABELS = np.ones(24, np.int64)


class Linear(nn.Module):
    """Class 1's logit is the image's product with a pattern H×W."""

    def __init__(self, pattern):
        super().__init__()
        self.pattern = torch.from_numpy(pattern).float()

    def forward(self, images):
        score = (images * self.pattern).sum((1, 2, 3))
        return torch.stack([torch.zeros_like(score), score], 1)


def test_nothing_gone_changes_nothing_and_all_gone_leaves_the_mean():
    count = faithfulness.pairs(32).max() + 1
    for take_away, parts in ((faithfulness.without_pixels, 1024), (faithfulness.without_pairs, count)):
        none, everything = np.zeros((24, parts), bool), np.ones((24, parts), bool)
        assert np.array_equal(take_away(IMAGES, none), IMAGES)
        flat = take_away(IMAGES, everything)
        assert np.abs(flat - IMAGES.mean((1, 2), keepdims=True)).max() <= 0.51


def test_pairs_number_opposite_frequencies_alike():
    number = faithfulness.pairs(32)
    assert number[3, 5] == number[29, 27]
    assert number[0, 16] != number[16, 0]
    assert number.max() + 1 == (32 * 32 - 4) // 2 + 4


def test_a_tone_is_attributed_to_its_own_frequencies():
    tone = np.cos(2 * np.pi * 5 * np.arange(32) / 32)[None, :] * np.ones((32, 1))
    model = Linear(tone)
    found = faithfulness.frequency_saliency(model, IMAGES, LABELS, CPU)
    number = faithfulness.pairs(32)[0, 5]
    logits = model(torch.from_numpy(IMAGES / 127.5 - 1).permute(0, 3, 1, 2).float())[:, 1].numpy()
    assert found.sum(1) == pytest.approx(logits, abs=0.01)
    assert found[:, number] == pytest.approx(logits, abs=0.01)
    others = np.delete(found, number, 1)
    assert np.abs(others).max() < 1e-3


def test_deletion_in_the_right_order_is_faster_than_at_random():
    half = np.zeros((32, 32))
    half[:, :4] = 0.05
    bright = IMAGES.copy()
    bright[:, :, :4] = 250
    right = np.tile(np.argsort(-half.ravel(), kind="stable"), (24, 1))
    chance = np.stack([RNG.permutation(1024) for _ in range(24)])
    delete = (Linear(half - half.mean()), bright, LABELS)
    best, random = (faithfulness.deletion(*delete, o, faithfulness.without_pixels, CPU) for o in (right, chance))
    assert best.mean() < random.mean() - 0.2
    assert np.allclose(faithfulness.deletion(*delete, right, lambda x, gone: x, CPU), 1, atol=1e-3)


@pytest.mark.slow
def test_the_cascade_ends_at_a_network_without_training():
    model = ResNet20(4).eval()
    found = faithfulness.cascade(model, IMAGES, LABELS, CPU)
    assert next(iter(found)) == "head"
    assert list(found)[-1] == "stem"
    assert found["head"] > found["stem"]


def test_gains_over_frequencies_are_there_where_only_a_frequency_counts():
    tone = 0.02 * np.cos(2 * np.pi * 5 * np.arange(32) / 32)[None, :] * np.ones((32, 1))
    images = (IMAGES / 4 + 90 + 2500 * tone[..., None]).clip(0, 255).astype(np.uint8)
    rows = faithfulness.gains(Linear(tone), images, LABELS, np.arange(24), CPU)
    gain = {row["order"]: row["gain"] for row in rows}
    mean, low, high = gain["frequencies: gradient × image"]
    assert low <= mean <= high
    assert low > 0.1
    assert gain["pixels: edges first"][0] < mean


@pytest.mark.slow
def test_a_networks_own_gradient_foretells_more_than_noise():
    torch.manual_seed(0)
    model = ResNet20(2).eval()
    photo = np.arange(len(IMAGES)) // 4
    rows = {r["map"]: r["infidelity"] for r in faithfulness.infidelity(model, IMAGES, LABELS, photo, CPU)}
    assert list(rows) == ["gradient", "gradient, random weights", "noise"]
    assert rows["gradient"][0] < 0.3
    assert rows["noise"][0] > 0.8
    for mean, low, high in rows.values():
        assert low <= mean <= high
    again = faithfulness.infidelity(model, IMAGES, LABELS, photo, CPU)
    assert again[0]["infidelity"] == rows["gradient"]
