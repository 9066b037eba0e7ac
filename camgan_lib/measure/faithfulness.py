"""Are explanations faithful? What they name is taken away in their order, and what is left is asked again.

Deletion (Petsiuk et al. 2018): the sooner the class's probability falls, compared with a random order, the better the
order was. The same curve over frequency bins asks the same of an order of frequencies.
Cascading randomisation (Adebayo et al. 2018): a map that does not change while a network's weights are drawn anew, from
the last layer to the first, explains the image and not the network. Infidelity (Yeh et al. 2019): how much of a logit's
change under noise a map does not foretell. `tests/measure/test_quantus.py` holds them beside the library Quantus.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from scipy import fft
from torch import nn

from camgan_lib.base.devices import by_batch, full_precision, moved, side_by_side, to_network
from camgan_lib.measure import saliency
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.spectrum import frequencies
from camgan_lib.measure.statistics import by_photo, difference, holm, over, p_below
from camgan_lib.networks.inference import log_softmax, predict
from camgan_lib.networks.prepared import prepared
from camgan_lib.networks.resnet import frozen

STEPS = 16
"""Stretches in which pixels or bins are taken away, from none to all."""

PROBES = 64
"""How often each crop is disturbed for `infidelity`."""

NULL = 1 - 1 / PROBES
"""Infidelity of a map that has nothing to do with the network."""

NOISE = (0.1, 1.0, 3.0)
"""Deviation of the disturbance, in levels of 255. At the least one a logit is nearly linear: there, a gradient that is
computed rightly must foretell its changes, and a measure that could not tell so would be worth nothing."""


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
    kept = fft.ifft2(fft.fft2(images, axes=(1, 2)) * keep[..., None], axes=(1, 2)).real
    return np.clip(np.rint(kept), 0, 255).astype(np.uint8)


def pairs(n: int) -> np.ndarray:
    """A number for each bin of an unshifted spectrum n×n, the same for u and −u: 0, 1, 2 …"""
    back = (-np.arange(n)) % n
    index = np.arange(n * n).reshape(n, n)
    return np.unique(np.minimum(index, index[np.ix_(back, back)]), return_inverse=True)[1].reshape(n, n)


def gradients(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """Gradient of each image's own logit by its pixels, float64 N×n×n×3 per unit of [−1, 1]."""
    model = frozen(model)

    def found(part: slice) -> np.ndarray:
        x = to_network(images[part], device).requires_grad_(True)
        logits = model(x).float().gather(1, moved(labels[part], device)[:, None])
        return torch.autograd.grad(logits.sum(), x)[0].permute(0, 2, 3, 1).cpu().numpy().astype(np.float64)

    return np.concatenate(by_batch(found, len(images), saliency.FEW, device))


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


# --- randomisation


def cascade(
    model: nn.Module,
    networks: Sequence[nn.Module],
    images: np.ndarray,
    labels: np.ndarray,
    crops: np.ndarray,
    device: torch.device,
) -> dict[str, Estimate]:
    """Rank correlation of saliency with the trained network's, as layers are drawn anew from the last to the first.

    New weights are those of untrained `networks` (`saliency.untrained`), and each network gives one value of the
    estimates: the mean over images, borders left out, where padding makes all maps alike. Normalisation layers that are
    drawn anew get the statistics of training `crops` in the network as it then is. By layer name, in order.
    """
    names = [name for name, module in model.named_children() if any(True for _ in module.parameters())]
    parts = [f"blocks.{i}" if name == "blocks" else name for name in names for i in range(9 if name == "blocks" else 1)]
    parts.reverse()
    first = _inner_ranks(model, images, labels, device)

    def curve(untrained: nn.Module) -> list[float]:
        changed, found = copy.deepcopy(model), []
        for number, name in enumerate(parts):
            changed.get_submodule(name).load_state_dict(untrained.get_submodule(name).state_dict())
            saliency.fit_norms(changed, map(changed.get_submodule, parts[: number + 1]), crops)
            found.append(float((first * _inner_ranks(changed, images, labels, device)).sum(1).mean()))
        return found

    curves = np.array(side_by_side(curve, networks))
    return {name: over(curves[:, number], "network") for number, name in enumerate(parts)}


def untrained_correlation(
    model: nn.Module, networks: Sequence[nn.Module], images: np.ndarray, labels: np.ndarray, device: torch.device
) -> Estimate:
    """Rank correlation of saliency maps with those of untrained `networks`, the mean over images: over networks."""
    first = _inner_ranks(model, images, labels, device)
    own = side_by_side(lambda network: (first * _inner_ranks(network, images, labels, device)).sum(1).mean(), networks)
    return over(np.array(own), "network")


def _inner_ranks(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    inner = slice(saliency.BORDER, -saliency.BORDER)
    return saliency.unit_ranks(saliency.saliency(model, images, labels, device)[:, inner, inner])


# --- infidelity


def infidelity(
    model: nn.Module,
    networks: Sequence[nn.Module],
    images: np.ndarray,
    labels: np.ndarray,
    photo: np.ndarray,
    device: torch.device,
    *,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Infidelity (Yeh et al. 2019) of signed maps over that of a map of zeros: the lower, the better.

    Each crop is disturbed by noise PROBES times, and the change of its own logit is compared with what a map says it
    should be, the map at its best scale: 0, it foretells every change. A map that has nothing to do with the network
    has 1 − 1/PROBES in the mean, not 1, because the best scale is found on the same probes: NULL.

    A row for each strength of the noise (`noise`, levels of 255) and `map`: the network's own gradient, those of the
    untrained `networks`, as many maps of noise. `infidelity`: over photos for the own gradient, else over networks or
    maps; `below_noise`: noise's less the map's, paired by photo (None for noise
    itself); `p`: one-sided, of "no better than NULL", corrected for all rows.
    """
    shape, rng = images.shape, np.random.default_rng([seed, 6])
    maps = {
        "gradient": [gradients(model, images, labels, device)],
        "gradient, untrained networks": [gradients(network, images, labels, device) for network in networks],
        "noise": [rng.normal(size=shape) for _ in networks],
    }
    unit = {"gradient": "photo", "gradient, untrained networks": "network", "noise": "map"}
    rows: list[dict[str, Any]] = []
    for level in NOISE:
        values = dict(zip(maps, _infidelities(model, maps.values(), images, labels, device, level, seed), strict=True))
        noise = by_photo(values["noise"].mean(0), photo, labels, seed=seed)
        for name, found in values.items():
            mean = by_photo(found.mean(0), photo, labels, seed=seed)
            own = mean if len(found) == 1 else over(found.mean(1), unit[name])
            below = None if name == "noise" else difference(noise, mean, seed=seed)
            rows.append({"map": name, "noise": level, "infidelity": own, "below_noise": below})
    corrected = holm({str(number): p_below(row["infidelity"], NULL) for number, row in enumerate(rows)})
    return [{**row, "p": p} for row, p in zip(rows, corrected.values(), strict=True)]


def _infidelities(model, maps, images, labels, device, level: float, seed: int) -> list[np.ndarray]:
    """Normalised infidelity of each group of maps, K×N: 1 − cos² between what a map foretells and what happens."""

    model = prepared(model, device)

    def of_one(index: int) -> list[np.ndarray]:
        noise = np.random.default_rng([seed, index]).normal(0, level / 127.5, (PROBES, images[index].size))
        noise = noise.astype(np.float32)
        x = to_network(images[index : index + 1], device)
        moved_by = moved(noise, device).reshape(PROBES, *images[index].shape).permute(0, 3, 1, 2)
        with torch.inference_mode(), full_precision(device):
            logits = model(torch.cat([x, x - moved_by]))[:, labels[index]].cpu().double().numpy()
        return [
            _unexplained(noise @ np.stack([each[index].ravel() for each in group], 1), logits[0] - logits[1:])
            for group in maps
        ]

    by_crop = side_by_side(of_one, range(len(images)))
    return [np.stack(group, 1) for group in zip(*by_crop, strict=True)]


def _unexplained(foretold: np.ndarray, happened: np.ndarray) -> np.ndarray:
    """Share of the squares of `happened` (PROBES) that each column of `foretold` leaves, at its best scale."""
    squares = (foretold**2).sum(0) * (happened**2).sum()
    return 1 - (happened @ foretold) ** 2 / np.maximum(squares, 1e-30)


# --- deletion, summed up


def gains(
    model: nn.Module, images: np.ndarray, labels: np.ndarray, photo: np.ndarray, device: torch.device, *, seed: int = 0
) -> list[dict[str, Any]]:
    """By how much explanations beat a random order, a row per explanation.

    Each has `order`, `area` (mean area under the curve of deletion), `random` (the same in random order, of the same
    parts), and `gain`, random minus area, over photos. Gains of two rows are of the same photos and compare in pairs.
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
        means = {"area": float(area.mean()), "random": float(chance[take_away].mean())}
        rows.append({"order": name, **means, "gain": by_photo(gain, photo, labels, seed=seed)})
    return rows


def _radius(n: int) -> np.ndarray:
    """Radius of each pair of frequencies, in cycles/pixel."""
    radius = np.fft.ifftshift(np.hypot(*np.meshgrid(frequencies(n), frequencies(n))))
    number = pairs(n)
    return np.bincount(number.ravel(), radius.ravel()) / np.bincount(number.ravel())
