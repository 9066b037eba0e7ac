"""Are explanations faithful? What they name is taken away in their order, and what is left is asked again.

Deletion (Petsiuk et al. 2018): the sooner the class's probability falls, compared with a random order, the better the
order was. The same curve over frequency bins in place of pixels tells which of the two the classifier works on.
Cascading randomisation (Adebayo et al. 2018): a map that does not change while a network's weights are drawn anew, from
the last layer to the first, explains the image and not the network.
"""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.base.devices import full_precision, moved, side_by_side, to_network
from camgan_lib.measure import saliency
from camgan_lib.measure.spectrum import frequencies
from camgan_lib.measure.statistics import bootstrap_by_photo
from camgan_lib.networks.inference import log_softmax, predict

STEPS = 16
"""Stretches in which pixels or bins are taken away, from none to all."""


def probability(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """Probability of each image's own class, float N in [0, 1]."""
    return np.exp(log_softmax(predict(model, images, device)))[np.arange(len(labels)), labels]


def deletion(
    model: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    order: np.ndarray,
    take_away: Callable[[np.ndarray, np.ndarray], np.ndarray],
    device: torch.device,
) -> np.ndarray:
    """Area under the curve of deletion of each image, N values in [0, 1]: the lower, the better the order.

    `order` N×K: what goes first; `take_away(images, gone)` gives images without what the mask `gone` N×K names.
    """
    rank = np.argsort(order, 1)

    def left(step: int) -> np.ndarray:
        gone = rank < round(step / STEPS * order.shape[1])
        return probability(model, take_away(images, gone), labels, device)

    curve = np.array(side_by_side(left, range(STEPS + 1)))
    return (curve[:-1] + curve[1:]).mean(0) / 2


def without_pixels(images: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """Images (uint8 N×n×n×3) whose pixels in `gone` (N×n²) have the image's mean colour."""
    mean = np.rint(images.mean((1, 2), keepdims=True)).astype(np.uint8)
    return np.where(gone.reshape(*images.shape[:3], 1), mean, images)


def without_pairs(images: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """Images without the pairs of frequencies ±u that `gone` (N×pairs, numbered as `pairs`) names; the mean stays."""
    keep = ~gone[:, pairs(images.shape[1])]
    keep[:, 0, 0] = True
    kept = np.fft.ifft2(np.fft.fft2(images, axes=(1, 2)) * keep[..., None], axes=(1, 2)).real
    return np.clip(np.rint(kept), 0, 255).astype(np.uint8)


def pairs(n: int) -> np.ndarray:
    """A number for each bin of an unshifted spectrum n×n, the same for u and −u: 0, 1, 2 …"""
    back = (-np.arange(n)) % n
    index = np.arange(n * n).reshape(n, n)
    return np.unique(np.minimum(index, index[np.ix_(back, back)]), return_inverse=True)[1].reshape(n, n)


def gradients(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """Gradient of each image's own logit by its pixels, float64 N×n×n×3 per unit of [−1, 1]."""
    x = to_network(images, device).requires_grad_(True)
    with full_precision(device):
        logits = model(x).float()
        (found,) = torch.autograd.grad(logits.gather(1, moved(labels, device)[:, None]).sum(), x)
    return found.permute(0, 2, 3, 1).cpu().numpy().astype(np.float64)


def frequency_saliency(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """What each pair of frequencies adds to the own logit, to first order: N×pairs.

    Gradient times image is, by Parseval, a sum over frequencies of Re(conj(∇) · F); bins of a pair are taken together.
    """
    gradient = np.fft.fft2(gradients(model, images, labels, device), axes=(1, 2))
    spectra = np.fft.fft2(images / 127.5 - 1, axes=(1, 2))
    product = (gradient.conj() * spectra).real.sum(-1) / images.shape[1] ** 2
    number = pairs(images.shape[1])
    found = np.zeros((len(images), number.max() + 1))
    for index in range(len(images)):
        found[index] = np.bincount(number.ravel(), product[index].ravel(), number.max() + 1)
    return found


def cascade(
    model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device, seed: int = 0
) -> dict[str, float]:
    """Rank correlation of saliency with the trained network's, as layers are drawn anew from the last to the first.

    By layer name: the mean over images; borders, where padding makes all maps alike, are left out.
    """
    first = saliency.saliency(model, images, labels, device)
    fresh, changed, found = saliency.randomised(model, seed), copy.deepcopy(model), {}
    names = [name for name, module in model.named_children() if any(True for _ in module.parameters())]
    parts = [f"blocks.{i}" if name == "blocks" else name for name in names for i in range(9 if name == "blocks" else 1)]
    for name in reversed(parts):
        changed.get_submodule(name).load_state_dict(fresh.get_submodule(name).state_dict())
        maps = saliency.saliency(changed, images, labels, device)
        inner = slice(saliency.BORDER, -saliency.BORDER)
        found[name] = float(saliency.rank_correlation(first[:, inner, inner], maps[:, inner, inner]).mean())
    return found


def infidelity(
    model: nn.Module, images: np.ndarray, labels: np.ndarray, photo: np.ndarray, device: torch.device, *, seed: int = 0
) -> list[dict[str, Any]]:
    """Infidelity (Yeh et al. 2019, by captum) of signed maps over that of a map of zeros: the lower, the better.

    Crops are disturbed by noise of 3 levels, and the change of the own logit is compared with what the map says it
    should be, the map at its best scale; 0: it foretells every change, 1: none. Rows `map` and `infidelity`, [mean,
    low, high] with a 95 % interval by photo: the network's own gradient, that of random weights, and noise.
    """
    from captum.metrics import infidelity as by_captum

    inputs, target = to_network(images, device).contiguous(), moved(labels, device)
    maps = {
        "gradient": gradients(model, images, labels, device),
        "gradient, random weights": gradients(saliency.randomised(model, seed), images, labels, device),
        "noise": np.random.default_rng(seed).normal(size=(len(images), *images.shape[1:])),
    }

    def by_crop(found: np.ndarray | None) -> np.ndarray:
        generator = torch.Generator().manual_seed(seed)

        def disturb(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            noise = 3 / 127.5 * torch.randn(x.shape, generator=generator).to(device)
            return noise, x - noise

        scaled = found is not None
        attributions = torch.from_numpy(found if scaled else np.zeros(images.shape)).permute(0, 3, 1, 2).float()
        options = {"target": target, "n_perturb_samples": 16, "max_examples_per_batch": max(len(images), 256)}
        options |= {"attributions": attributions.to(device).contiguous(), "normalize": scaled}
        with torch.no_grad(), full_precision(device):
            values = by_captum(lambda x: model(x).float(), disturb, inputs, **options)
        return values.cpu().numpy().astype(float)

    of_zeros, *of_maps = side_by_side(by_crop, [None, *maps.values()])
    rows: list[dict[str, Any]] = []
    for name, values in zip(maps, of_maps, strict=True):
        values = values / np.maximum(of_zeros, 1e-12)
        rows.append({"map": name, "infidelity": [float(values.mean()), *bootstrap_by_photo(values, photo, seed=seed)]})
    return rows


def gains(
    model: nn.Module, images: np.ndarray, labels: np.ndarray, photo: np.ndarray, device: torch.device, *, seed: int = 0
) -> list[dict[str, Any]]:
    """By how much explanations beat a random order, a row per explanation.

    Each has `order`, `area` (mean area under the curve of deletion), `random` (the same in random order, of the same
    parts), and `gain`, random minus area, with its 95 % interval by photo: [mean, low, high].
    """
    rng, count = np.random.default_rng(seed), int(pairs(images.shape[1]).max()) + 1
    maps = saliency.saliency(model, images, labels, device).reshape(len(images), -1)
    edges = saliency.edge_strength(images).reshape(len(images), -1)
    attributed = frequency_saliency(model, images, labels, device)
    orders = {
        "pixels: saliency": (-maps, without_pixels),
        "pixels: edges first": (-edges, without_pixels),
        "frequencies: gradient × image": (-attributed, without_pairs),
        "frequencies: highest first": (np.tile(-_radius(images.shape[1]), (len(images), 1)), without_pairs),
    }
    chance = {}
    for take_away, parts in ((without_pixels, maps.shape[1]), (without_pairs, count)):
        shuffled = rng.permuted(np.tile(np.arange(parts), (len(images), 1)), axis=1)
        chance[take_away] = deletion(model, images, labels, shuffled, take_away, device)
    rows = []
    for name, (score, take_away) in orders.items():
        area = deletion(model, images, labels, np.argsort(score, 1, kind="stable"), take_away, device)
        gain = chance[take_away] - area
        interval = [float(gain.mean()), *bootstrap_by_photo(gain, photo, seed=seed)]
        rows.append(
            {"order": name, "area": float(area.mean()), "random": float(chance[take_away].mean()), "gain": interval}
        )
    return rows


def _radius(n: int) -> np.ndarray:
    """Radius of each pair of frequencies, in cycles/pixel."""
    radius = np.fft.ifftshift(np.hypot(*np.meshgrid(frequencies(n), frequencies(n))))
    number = pairs(n)
    return np.bincount(number.ravel(), radius.ravel()) / np.bincount(number.ravel())
