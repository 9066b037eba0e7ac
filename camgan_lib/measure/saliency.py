"""Saliency maps and how they follow edges (Simonyan et al. 2013), beside those of untrained networks.

Networks as they are before any training are the control (Adebayo et al. 2018). They differ from one another, so a
trained network is compared with many of them: each untrained network is one value of the sample.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from captum.attr import Saliency
from scipy import ndimage
from torch import Tensor, nn

from camgan_lib.base.compiled import compiled
from camgan_lib.base.devices import by_batch, full_precision, moved, side_by_side, to_network
from camgan_lib.measure import spectrum
from camgan_lib.networks.classifier_training import least_varying
from camgan_lib.networks.resnet import ResNet20, frozen
from camgan_lib.networks.training_state import fresh

BATCH = 250
FEW = 32
"""Images whose gradients are taken at once, so few that a layer's output stays in the cache for the next."""

BORDER = 2
"""Pixels at the edge of a crop left out of correlations: zero padding makes them special to any convolution."""


def saliency(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """max over channels of |∂ logit of the label / ∂ pixel|: float32 N×H×W, in logits per unit of [−1, 1]."""
    model = frozen(model)

    def maps(part: slice) -> Tensor:
        batch, target = to_network(images[part], device).requires_grad_(), moved(labels[part], device)
        return Saliency(model).attribute(batch, target=target, abs=True).detach().amax(1).cpu()

    return torch.cat(by_batch(maps, len(images), FEW, device)).numpy()


def edge_strength(images: np.ndarray) -> np.ndarray:
    """Magnitude of the Sobel gradient of the luminance, float64 N×H×W, borders mirrored."""
    grey = spectrum.luminance(images)

    def gradient(along: int, across: int) -> np.ndarray:
        slope = ndimage.correlate1d(grey, [-1, 0, 1], along, mode="mirror")
        return ndimage.correlate1d(slope, [1, 2, 1], across, mode="mirror")

    return np.hypot(gradient(1, 2), gradient(2, 1))


def edge_correlation(maps: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Spearman correlation over pixels of each map N×H×W with its crop's edge strength: float64 N.

    Below zero: the map prefers smooth places. The outermost two pixels are left out; 0 where a crop has no edge.
    """
    inner = slice(BORDER, -BORDER)
    return rank_correlation(maps[:, inner, inner], edge_strength(images)[:, inner, inner])


def rank_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Spearman correlation of a[i] with b[i] for each i (ties share ranks): float64 N, 0 where one is constant."""
    return (unit_ranks(a) * unit_ranks(b)).sum(1)


def unit_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks of each values[i], less their mean and scaled to length 1: float64 N×P, zeros where all are alike.

    The product of two such rows is their Spearman correlation.
    """
    flat = np.ascontiguousarray(values.reshape(len(values), -1))
    ranks = np.empty(flat.shape)
    _to_unit_ranks(flat, np.argsort(flat, 1), ranks)
    return ranks


@compiled
def _to_unit_ranks(values: np.ndarray, order: np.ndarray, ranks: np.ndarray) -> None:
    """Writes the ranks of `unit_ranks`; `order` sorts each row of values, and equal ones share the mean of theirs."""
    count = values.shape[1]
    for row in range(len(values)):
        line, places, out = values[row], order[row], ranks[row]
        first, squares = 0, 0.0
        while first < count:
            last = first
            while last + 1 < count and line[places[last + 1]] == line[places[first]]:
                last += 1
            rank = (first + last) / 2 - (count - 1) / 2
            for place in range(first, last + 1):
                out[places[place]] = rank
            squares += (last + 1 - first) * rank**2
            first = last + 1
        length = max(np.sqrt(squares), 1e-12)
        for place in range(count):
            out[place] /= length


# --- untrained networks


def untrained(model: ResNet20, crops: np.ndarray, count: int, *, stem: str = "random", seed: int = 0) -> list[ResNet20]:
    """`count` networks as `model` was before its training, each with first weights of its own: they learned nothing.

    Weights are drawn by the architecture's own initialisation and the first layer begins as `stem` says (see
    `ClassifierRecipe`). Pixels are normalised by the mean and deviation that `model` keeps of its training crops. The
    normalisation layers keep the statistics that training `crops` (uint8 N×H×W×3) have in the untrained network: those
    of a trained one would not fit, and with none (mean 0, variance 1) the activations would grow from layer to layer.
    Weights and statistics are computed on the CPU, so they are the same for every device.
    """
    device = next(model.parameters()).device

    def first(number: int) -> ResNet20:
        own = seed + number
        network = fresh(lambda: ResNet20(model.head.out_features, model.quantized), own)
        network.mean.copy_(model.mean)
        network.std.copy_(model.std)
        if stem == "high-pass":
            network.stem.weight.data.copy_(least_varying(crops, len(network.stem.weight), own))
        return network

    def fitted(network: ResNet20) -> ResNet20:
        fit_norms(network, [network], crops)
        return network.eval().to(device)

    return side_by_side(fitted, [first(number) for number in range(count)])  # weights are drawn one after the other


@torch.no_grad()
def fit_norms(model: nn.Module, parts: Iterable[nn.Module], crops: np.ndarray) -> None:
    """Gives the normalisation layers in `parts` of a network the mean and variance that `crops` have there.

    They are averaged over batches, as in training, and each layer works on what the layers before it, normalised
    batch by batch, hand it. The network is then in evaluation mode.
    """
    model.eval()
    norms = [each for part in parts for each in part.modules() if isinstance(each, nn.BatchNorm2d)]
    usual = [each.momentum for each in norms]
    for each in norms:
        each.reset_running_stats()
        each.momentum = None  # the mean over all batches
        each.train()
    device = next(model.parameters()).device
    with full_precision(device):
        for at in range(0, len(crops), BATCH):
            model(to_network(crops[at : at + BATCH], device))
    for each, momentum in zip(norms, usual, strict=True):
        each.momentum = momentum
        each.eval()


def edges_untrained(
    networks: Sequence[nn.Module], images: np.ndarray, labels: np.ndarray, device: torch.device
) -> np.ndarray:
    """`edge_correlation` of each network's saliency: float64 K×N, a row per network."""
    inner = slice(BORDER, -BORDER)
    edges = unit_ranks(edge_strength(images)[:, inner, inner])

    def follows(network: nn.Module) -> np.ndarray:
        maps = saliency(network, images, labels, device)
        return (unit_ranks(maps[:, inner, inner]) * edges).sum(1)

    return np.array(side_by_side(follows, networks))
