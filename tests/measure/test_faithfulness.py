"""Deletion and attributions over pixels and frequencies, on networks whose answer is known."""

import numpy as np
import pytest
import torch
from captum.metrics import infidelity
from torch import nn

from camgan_lib.base.devices import to_network
from camgan_lib.measure import faithfulness, saliency, statistics
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
def test_the_cascade_ends_at_the_untrained_network():
    model, images, labels = ResNet20(4).eval(), IMAGES[:8], LABELS[:8]
    networks = saliency.untrained(model, IMAGES, 3)
    found = faithfulness.cascade(model, networks, images, labels, IMAGES, CPU)
    assert next(iter(found)) == "head"
    assert list(found)[-1] == "stem"
    assert found["head"].value > found["stem"].value
    last = faithfulness.untrained_correlation(model, networks, images, labels, CPU)
    assert found["stem"].units == pytest.approx(last.units, abs=1e-3)
    assert (last.n, last.unit) == (3, "network")


def test_gains_over_frequencies_are_there_where_only_a_frequency_counts():
    tone = 0.02 * np.cos(2 * np.pi * 5 * np.arange(32) / 32)[None, :] * np.ones((32, 1))
    images = (IMAGES / 4 + 90 + 2500 * tone[..., None]).clip(0, 255).astype(np.uint8)
    rows = faithfulness.gains(Linear(tone), images, LABELS, np.arange(24), CPU)
    gain = {row["order"]: row["gain"] for row in rows}
    frequencies, pixels = gain["frequencies: gradient × image"], gain["pixels: edges first"]
    assert frequencies.low > 0.1
    assert frequencies.n == 24
    assert statistics.paired(frequencies, pixels)
    assert statistics.difference(frequencies, pixels).low > 0


def test_infidelity_is_captums_and_its_null_is_one_less_the_share_of_a_probe():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
    maps = np.stack(
        [faithfulness.gradients(model, IMAGES, LABELS, CPU), np.random.default_rng(1).normal(size=IMAGES.shape)]
    )
    (found,) = faithfulness._infidelities(model, [maps], IMAGES, LABELS, CPU, 3.0, 0)
    for own, values in zip(maps, found, strict=True):
        expected = [by_captum(model, own[k], k, 3.0) for k in range(3)]
        assert values[:3] == pytest.approx(expected, abs=1e-3)
    noise = np.random.default_rng(2).normal(size=(20, *IMAGES.shape))
    (found,) = faithfulness._infidelities(model, [noise], IMAGES, LABELS, CPU, 3.0, 0)
    assert found.mean() == pytest.approx(faithfulness.NULL, abs=0.004)


def by_captum(model: nn.Module, attribution: np.ndarray, index: int, level: float) -> float:
    """captum's normalised infidelity over that of a map of zeros, on the probes of `faithfulness.infidelity`."""
    drawn = np.random.default_rng([0, index]).normal(0, level / 127.5, (faithfulness.PROBES, IMAGES[0].size))
    noise = torch.from_numpy(drawn.reshape(-1, 32, 32, 3)).float().permute(0, 3, 1, 2)
    x = to_network(IMAGES[index : index + 1], CPU).contiguous()
    given = torch.from_numpy(attribution[None]).float().permute(0, 3, 1, 2).contiguous()
    options = {"target": 1, "n_perturb_samples": faithfulness.PROBES, "max_examples_per_batch": 4096}
    own, zeros = (
        infidelity(model, lambda x: (noise, x - noise), x, attributions, normalize=normalize, **options).item()
        for attributions, normalize in ((given, True), (torch.zeros_like(given), False))
    )
    return own / zeros


@pytest.mark.slow
def test_a_networks_own_gradient_foretells_more_than_untrained_networks_and_noise():
    torch.manual_seed(0)
    model, images, labels = ResNet20(2).eval(), IMAGES[:12], LABELS[:12]
    networks = saliency.untrained(model, images, 3)
    rows = faithfulness.infidelity(model, networks, images, labels, np.arange(12), CPU)
    small = {row["map"]: row for row in rows if row["noise"] == faithfulness.NOISE[0]}
    assert list(small) == ["gradient", "gradient, untrained networks", "noise"]
    assert small["gradient"]["infidelity"].value < 0.1
    assert small["gradient"]["p"] < 1e-6
    assert small["gradient"]["below_noise"].low > 0.8
    assert small["gradient, untrained networks"]["infidelity"].unit == "network"
    assert small["noise"]["infidelity"].value == pytest.approx(faithfulness.NULL, abs=0.02)
    assert small["noise"]["p"] > 0.05
    assert len(rows) == 3 * len(faithfulness.NOISE)
