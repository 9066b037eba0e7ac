"""Saliency maps and how they follow edges (Simonyan et al. 2013; randomisation test of Adebayo et al. 2018)."""

import copy

import numpy as np
import torch
from captum.attr import Saliency
from scipy import ndimage
from scipy.stats import rankdata
from torch import Tensor, nn

from camgan_lib.base.devices import by_batch, drawn_from, moved, to_network
from camgan_lib.measure import spectrum

BATCH = 250
BORDER = 2
"""Pixels at the edge of a crop left out of correlations: zero padding makes them special to any convolution."""


def saliency(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """max over channels of |∂ logit of the label / ∂ pixel|: float32 N×H×W, in logits per unit of [−1, 1]."""
    model.eval()

    def maps(part: slice) -> Tensor:
        batch, target = to_network(images[part], device).requires_grad_(), moved(labels[part], device)
        return Saliency(model).attribute(batch, target=target, abs=True).detach().amax(1).cpu()

    return torch.cat(by_batch(maps, len(images), BATCH, device)).numpy()


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
    ranks = [rankdata(x.reshape(len(x), -1), axis=1) for x in (a, b)]
    ra, rb = (r - r.mean(1, keepdims=True) for r in ranks)
    norm = np.sqrt((ra**2).sum(1) * (rb**2).sum(1))
    return np.where(norm > 0, (ra * rb).sum(1) / np.maximum(norm, 1e-12), 0.0)


def randomised(model: nn.Module, seed: int) -> nn.Module:
    """A copy of a network, on its device, with every weight drawn anew: it has learned nothing (Adebayo et al. 2018).

    Weights are drawn on the CPU, so they are the same for every device.
    """
    twin = copy.deepcopy(model).cpu()
    with drawn_from(seed):
        for module in twin.modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()
    return twin.to(next(model.parameters()).device).eval()
