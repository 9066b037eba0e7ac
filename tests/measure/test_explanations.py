"""Explanations on networks whose answer is known."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.base.errors import CamganError
from camgan_lib.data.crops import Crops
from camgan_lib.measure import colours, filters, lime, saliency
from camgan_lib.networks.classifier_training import least_varying, train_classifier
from camgan_lib.networks.recipes import ClassifierRecipe
from camgan_lib.networks.resnet import ResNet20
from camgan_lib.networks.style_gan import Generator

CPU = torch.device("cpu")


class Corner(nn.Module):
    """Logit 1 is the mean of the top left quarter, logit 0 is nothing."""

    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(3, 2, 1, bias=False)

    def forward(self, x):
        y = self.body(x)[:, :, :16, :16].mean((2, 3))
        return 8 * y


@pytest.fixture
def corner() -> Corner:
    model = Corner()
    with torch.no_grad():
        model.body.weight.copy_(torch.tensor([[0.0, 0, 0], [1, 2, 1]])[..., None, None])
    return model


@pytest.fixture
def edges() -> nn.Sequential:
    """Filter 0 of the first layer is a Laplacian of the luminance, filter 1 a mean."""
    model = nn.Sequential(nn.Conv2d(3, 2, 3, padding=1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    laplacian = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]).expand(3, 3, 3)
    with torch.no_grad():
        model[0].weight.copy_(torch.stack([laplacian, torch.full((3, 3, 3), 1 / 27)]))
    return model


def crops(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def shapes(count: int, seed: int = 0) -> np.ndarray:
    """Bright squares on dark ground, with a little noise: smooth places and edges."""
    rng = np.random.default_rng(seed)
    images = np.full((count, 32, 32, 3), 60.0) + rng.normal(0, 1, (count, 32, 32, 3))
    for image in images:
        top, left = rng.integers(4, 14, 2)
        image[top : top + 12, left : left + 12] += 120
    return images.clip(0, 255).astype(np.uint8)


def test_saliency_is_the_gradient(corner):
    maps = saliency.saliency(corner, crops(3), np.array([1, 1, 0]), CPU)
    assert maps.shape == (3, 32, 32)
    assert np.allclose(maps[:2, :16, :16], 8 * 2 / 256)
    assert not maps[:2, 16:].any()
    assert not maps[2].any()


def test_edge_strength_of_a_step_is_at_the_step():
    step = np.zeros((1, 32, 32, 3), np.uint8)
    step[:, :, 16:] = 200
    found = saliency.edge_strength(step)[0]
    assert np.allclose(found[:, 15:17], 4 * 200)
    assert not found[:, :15].any()
    assert not saliency.edge_strength(np.concatenate([step, 0 * step]))[1].any()


def test_rank_correlation_knows_order_and_nothing_else():
    a = np.random.default_rng(0).normal(size=(3, 8, 8))
    assert np.allclose(saliency.rank_correlation(a, np.exp(a)), 1)
    assert np.allclose(saliency.rank_correlation(a, -(a**3)), -1)
    assert np.allclose(saliency.rank_correlation(a, np.zeros_like(a)), 0)


def test_edge_correlation_of_the_edges_is_one():
    images = shapes(4)
    strength = saliency.edge_strength(images)
    assert np.allclose(saliency.edge_correlation(strength, images), 1)
    assert np.allclose(saliency.edge_correlation(-strength, images), -1)


@pytest.mark.parametrize("stem", ["random", "high-pass"])
def test_untrained_networks_begin_as_training_does(stem):
    data = Crops(crops(16), np.arange(16) % 2, np.arange(16))
    recipe = ClassifierRecipe(0, 8, 1e-3, "cosine", 0.0, True, False, seed=3, stem=stem)
    begun, _ = train_classifier(data, recipe, device=CPU, progress=False)  # no epoch
    model = ResNet20(2).eval()
    model.mean.copy_(begun.mean)
    model.std.copy_(begun.std)
    first, second = saliency.untrained(model, data.images, 2, stem=stem, seed=3)
    fitted = {name for name, _ in begun.named_buffers() if "running" in name or "tracked" in name}
    for name, value in begun.state_dict().items():
        assert name in fitted or torch.equal(first.state_dict()[name], value), name
    assert not torch.equal(first.head.weight, second.head.weight)
    assert not torch.equal(first.stem.weight, second.stem.weight)
    (again,) = saliency.untrained(model, data.images, 1, stem=stem, seed=4)
    assert all(map(torch.equal, again.state_dict().values(), second.state_dict().values()))


def test_untrained_layers_are_normalised_by_their_own_statistics():
    images = shapes(40)
    (network,) = saliency.untrained(ResNet20(2), images, 1)
    for layer in ("stem_norm", "blocks.8.norm2"):
        outputs = filters.activations(network, layer, images, CPU)
        assert np.abs(outputs.mean((0, 2, 3))).max() < 0.05
        assert np.abs(outputs.std((0, 2, 3)) - 1).max() < 0.1
    assert not network.training
    assert network.stem_norm.momentum == 0.1


def test_each_untrained_network_is_one_row():
    images, labels = shapes(6), np.zeros(6, int)
    networks = saliency.untrained(ResNet20(2), images, 2)
    found = saliency.edges_untrained(networks, images, labels, CPU)
    expected = saliency.edge_correlation(saliency.saliency(networks[1], images, labels, CPU), images)
    assert found.shape == (2, 6)
    assert np.allclose(found[1], expected)


def test_filters_of_the_first_layer_are_ranked_among_random_kernels():
    images, model = shapes(6), ResNet20(2).eval()
    own = filters.kernel_edge_correlation(model, model.stem.weight.detach(), images, CPU)
    assert np.allclose(own, filters.filter_edge_correlation(filters.activations(model, "stem", images, CPU), images))
    drawn = filters.kernel_edge_correlation(model, filters.random_kernels(images, 100), images, CPU)
    assert len(drawn) == 100
    doubled = filters.kernel_edge_correlation(model, 2 * filters.random_kernels(images, 3), images, CPU)
    assert np.allclose(doubled, drawn[:3])
    high = filters.random_kernels(images, 5, stem="high-pass").flatten(1)
    basis = least_varying(images, 16, 0).flatten(1)
    assert np.linalg.matrix_rank(np.vstack([basis, high]), tol=1e-2) == 16


def test_few_filters_are_found_where_none_follows_edges():
    rng = np.random.default_rng(0)
    studies = [filters.above_random(rng.normal(size=16), rng.normal(size=999)) for _ in range(400)]
    assert np.mean([study["following"] > 0 for study in studies]) < 0.08
    assert 0.04 < np.mean(np.array([study["p"] for study in studies]) < 0.05) < 0.06
    assert np.mean([study["layer_p"] < 0.05 for study in studies]) < 0.08
    assert filters.above_random(rng.normal(1, 1, 16), rng.normal(size=4096))["layer_p"] < 0.01
    found = filters.above_random(np.array([9.0, 0.0, 0.1]), rng.normal(size=999))
    assert found["following"] == 1
    assert found["p"][0] == 1 / 1000


def test_importance_finds_the_filter_that_is_used():
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)
    )
    with torch.no_grad():
        model[4].weight[:, [0, 1, 3]] = 0
    share = filters.relative_importance(model, ["1"], crops(20), np.arange(20) % 2, CPU)["1"]
    assert share.sum() == pytest.approx(1)
    assert share[2] == pytest.approx(1)


def test_top_crops_are_of_different_photos():
    level = np.array([[9.0, 1], [8, 2], [7, 9], [1, 8]])[..., None, None]
    photo = np.array([0, 0, 1, 2])
    assert filters.top_crops(level, photo, [0, 1], 2).tolist() == [[0, 2], [2, 3]]
    with pytest.raises(ValueError, match="different photos"):
        filters.top_crops(level, photo, [0], 4)


def test_an_edge_filter_follows_edges_more_than_a_mean(edges):
    images = shapes(8)
    maps = filters.activations(edges, "0", images, CPU)
    laplacian, mean = filters.filter_edge_correlation(maps, images)
    assert laplacian > 0.2
    assert laplacian > mean + 0.1


def test_activation_maximisation_finds_what_excites(edges):
    best = filters.maximise_activation(edges, "0", [1], CPU, steps=30)[0]
    assert best[4:-4, 4:-4].mean() > 0.5
    blurred = filters.maximise_activation(ResNet20(2), "stem", [0, 5], CPU, steps=12, blur=1.0)
    plain = filters.maximise_activation(ResNet20(2), "stem", [0, 5], CPU, steps=12)
    assert blurred.shape == (2, 32, 32, 3)
    assert filters.high_frequency_share(blurred) < filters.high_frequency_share(plain)
    assert np.abs(plain).max() <= 1


def test_first_layer_spectrum_of_a_laplacian_peaks_at_nyquist(edges):
    kernels, response = filters.first_layer(edges[0].weight)
    assert kernels.shape == (2, 3, 3, 3)
    assert response[0, 0, 0] == 0
    assert response[0, 16, 16] < -50
    assert response[1, 16, 16] == 0


def test_high_frequency_share_of_a_checkerboard_is_one():
    board = np.indices((32, 32)).sum(0) % 2 * 200.0
    assert filters.high_frequency_share(board[None, ..., None].repeat(3, -1)) > 0.99


def test_strongest_filters_come_by_importance(edges):
    maps = filters.activations(edges, "0", crops(6), CPU)
    found = filters.strongest_filters(
        edges, "0", np.array([0.2, 0.8]), maps, np.arange(6), CPU, count=2, steps=2, blur=1.0, seed=0
    )
    assert found["filters"].tolist() == [1, 0]
    assert found["top"].shape == (2, 2)
    assert found["plain"].shape == (2, 32, 32, 3)


def test_an_unknown_camera_is_named():
    assert lime.named_camera(("a", "b"), "") == 1
    assert lime.named_camera(("a", "b"), "a") == 0
    with pytest.raises(CamganError, match="'c'"):
        lime.named_camera(("a", "b"), "c")


def test_grid_segments_are_squares():
    segments = lime.grid_segments(4)(np.zeros((32, 32, 3)))
    assert len(np.unique(segments)) == 16
    assert (segments[:8, :8] == 0).all()
    assert (segments[24:, 24:] == 15).all()


def test_lime_names_the_quarter_that_counts_and_repeats_itself(corner):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 90, (32, 32, 3)).astype(np.uint8)
    image[:16, :16] = 255
    image[:4, :16] = 0
    one = lime.lime(corner, image, 1, CPU, cells=2, samples=200)
    assert one.weights[0, 0] == one.weights[15, 15]
    assert abs(one.weights[0, 0]) >= np.abs(one.weights).max()
    again = lime.lime(corner, image, 1, CPU, cells=2, samples=200)
    assert np.array_equal(one.weights, again.weights)
    assert one.score == again.score
    assert one.fresh_score == again.fresh_score


def test_repeated_explanations_come_by_image_and_seed(corner):
    images, options = crops(2), {"cells": 2, "samples": 30}
    found = lime.repeated(corner, images, 1, CPU, seeds=range(3, 5), **options)
    assert [len(each) for each in found] == [2, 2]
    one = lime.lime(corner, images[1], 1, CPU, seed=4, **options)
    assert np.array_equal(found[1][1].weights, one.weights)


def test_a_linear_model_is_judged_on_fresh_samples():
    image, segments = crops(1)[0], lime.grid_segments(2)(crops(1)[0])

    def probability(batch: np.ndarray) -> np.ndarray:
        return 0.2 + 0.5 * (batch[:, 3, 3] == image[3, 3]).all(-1)

    right = np.where(segments == 0, 0.5, 0.0)
    score = [
        lime._fresh_score(image, segments, weights, 0.2, probability, np.random.default_rng(0))
        for weights in (right, np.roll(right, 16, 0))
    ]
    assert score[0] == pytest.approx(1)
    assert score[1] < 0


def test_limes_default_leaves_plain_crops_in_one_piece():
    assert lime.single_segment(shapes(3) // 4).all()
    one = lime.lime(ResNet20(3), shapes(1)[0] // 4, 2, CPU, samples=20)
    assert np.ptp(one.weights) == 0


def test_agreement_is_mean_correlation():
    a = np.random.default_rng(0).normal(size=(8, 8))
    assert lime.agreement(np.stack([a, 2 * a + 1])) == pytest.approx(1)
    assert lime.agreement(np.stack([a, -a])) == pytest.approx(-1)
    assert lime.agreement(np.stack([a, np.ones((8, 8))])) == pytest.approx(0)


def test_instance_norm_forgets_pure_colours_and_no_norm_does_not():
    torch.manual_seed(0)
    generators = {norm: Generator(4, norm=norm) for norm in ("instance", "none")}
    for module in generators["instance"].modules():
        if isinstance(module, nn.InstanceNorm2d):
            nn.init.normal_(module.bias, std=0.3)
    assert colours.pure_colour_spread(generators["instance"])["kept"] < 1e-9
    assert colours.pure_colour_spread(generators["none"])["kept"] > 1e-9
