"""Explanations as weights of frequencies: how much, by each method, the pairs of frequencies ±u of a crop matter.

Each method takes a classifier, crops (uint8 N×n×n×3), their labels and the device, and returns non-negative weights
N×pairs, numbered as by `faithfulness.pairs`. The zero frequency, pair 0, has weight 0: it is the crop's mean colour.
All methods explain the logit of the crop's own class, deletion and Fourier correlation its log-odds.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base.devices import full_precision, moved, side_by_side
from camgan_lib.measure import faithfulness, saliency, spectrum
from camgan_lib.networks.resnet import frozen

Method = Callable[[nn.Module, np.ndarray, np.ndarray, torch.device], np.ndarray]

STEPS, RATE = 20, 1000.0
"""Of Fourier correlation: steps of gradient descent on the crop, and their rate, as in its authors' code."""

DRAWS = 8
"""Of wavelet attribution: noisy copies of a crop, or points of the path from grey to the crop."""

NOISE = 0.25
"""Of wavelet attribution: standard deviation of the noise, as a share of the crop's range of values."""

LEVELS = 3
BATCH = 64


def by_pairs(values: np.ndarray) -> np.ndarray:
    """The mean over each pair ±u of unshifted spectra N×n×n: N×pairs, 0 for the zero frequency.

    The mean and not the sum, as three Nyquist frequencies are their own partners and would count as half.
    """
    number = faithfulness.pairs(values.shape[1]).ravel()
    found = np.array([np.bincount(number, each) for each in values.reshape(len(values), -1)]) / np.bincount(number)
    found[:, 0] = 0
    return found


# --- from one gradient


def of_saliency(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """Power spectrum of the saliency map (Hann's window): what a picture of saliency can say of frequencies.

    The map is |gradient|, so a gradient that is a wave of frequency u gives a map of frequency 2u.
    """
    maps = saliency.saliency(model, images, labels, device)
    return by_pairs(np.fft.ifftshift(spectrum.power(maps), axes=(1, 2)))


def of_gradient(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """Power spectrum of the signed gradient, summed over channels."""
    gradient = np.fft.fft2(faithfulness.gradients(model, images, labels, device), axes=(1, 2))
    return by_pairs((np.abs(gradient) ** 2).sum(-1))


def gradient_times_image(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """|`faithfulness.frequency_saliency`| per bin: by how much each pair changes the logit, to first order."""
    bins = np.bincount(faithfulness.pairs(images.shape[1]).ravel())
    found = np.abs(faithfulness.frequency_saliency(model, images, labels, device)) / bins
    found[:, 0] = 0
    return found


# --- from what is taken away


def of_deletion(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """By how much the log-odds of the own class fall where a group of neighbouring pairs is taken away, at least 0.

    The bins of a group (see `groups`) share its fall alike. Crops are not rounded after deletion: most pairs are weaker
    than one level, and rounding would bring them back.
    """
    group = groups(images.shape[1])
    number, spectra = faithfulness.pairs(images.shape[1]), np.fft.fft2(images / 127.5 - 1, axes=(1, 2))
    whole = _log_odds(model, _tensor(images / 127.5 - 1), labels, device)

    def fall(which: int) -> np.ndarray:
        keep = (group[number] != which)[..., None]
        return whole - _log_odds(model, _tensor(np.fft.ifft2(spectra * keep, axes=(1, 2)).real), labels, device)

    falls = np.array(side_by_side(fall, range(group.max() + 1))).T
    found = np.maximum(falls / np.bincount(group[number][number > 0]), 0)[:, group]
    found[:, group < 0] = 0
    return found


def groups(n: int) -> np.ndarray:
    """For each pair of frequencies the number of its group of up to 2×2 neighbours; −1 for the zero frequency."""
    number = faithfulness.pairs(n)
    first = np.unique(number, return_index=True)[1]
    row, column = np.divmod(first, n)
    block = (row + 1) // 2 * n + column // 2
    found = np.full(len(first), -1)
    found[1:] = np.unique(block[1:], return_inverse=True)[1]
    return found


# --- Fourier correlation


def fourier_correlation(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """FFC (Liu et al., arXiv 2411.18343): how strong a frequency stays when the crop is made more typical of its class.

    A crop with spectrum F is changed by gradient descent on its cross-entropy, which ends by itself as the class
    becomes certain; let F' be its spectrum then. The score is 2 Re(F̄'F)/|F| − |F|, summed over channels. Where nothing
    changes it is |F|. It can be below zero, so the crop's least score is taken off. The loss is of each crop by itself.
    """
    x = _tensor(images / 127.5 - 1)
    for _ in range(STEPS):
        x = x - RATE * _gradient(model, x, labels, device, of_loss=True)
    before = np.fft.fft2(images / 127.5 - 1, axes=(1, 2))
    after = np.fft.fft2(_array(x), axes=(1, 2))
    size = np.maximum(np.abs(before), 1e-9)
    found = by_pairs((2 * (after.conj() * before).real / size - size).sum(-1))
    found[:, 1:] -= found[:, 1:].min(1, keepdims=True)
    return found


# --- wavelets


def wavelets_smooth(
    model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device, *, noise: float = NOISE
) -> np.ndarray:
    """WAM by SmoothGrad (Kasmi et al., arXiv 2410.01482): |gradient by each Haar coefficient|, averaged over noise.

    `noise` is its standard deviation as a share of the crop's range of values, a quarter in the paper.
    """
    x = images / 127.5 - 1
    spread = noise * np.ptp(x, axis=(1, 2, 3), keepdims=True)
    rng, found = np.random.default_rng(0), []
    for _ in range(DRAWS):
        noisy = _tensor(x + spread * rng.normal(size=x.shape))
        found.append(_bands(wavelets(_array(_gradient(model, noisy, labels, device)))))
    return np.mean(found, 0) @ responses(images.shape[1])


def wavelets_integrated(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """WAM by integrated gradients: each Haar coefficient times the gradient by it, averaged on the path from grey."""
    x = images / 127.5 - 1
    share = (np.arange(DRAWS) + 0.5) / DRAWS
    path = [_array(_gradient(model, _tensor(s * x), labels, device)) for s in share]
    of_path, of_crop = wavelets(np.mean(path, 0)), wavelets(x)
    return _bands({name: of_path[name] * of_crop[name] for name in of_crop}) @ responses(images.shape[1])


def wavelets(images: np.ndarray, levels: int = LEVELS) -> dict[str, np.ndarray]:
    """Haar coefficients (orthonormal) of images N×n×n×C, by sub-band.

    "1 ld" is level 1, low along the rows' axis and high (difference) along the columns'; "l" is what is left, the mean.
    """
    found: dict[str, np.ndarray] = {}
    low = np.asarray(images, float)
    for level in range(1, levels + 1):
        parts = {a + b: _halved(_halved(low, 1, a), 2, b) for a in "ld" for b in "ld"}
        low = parts.pop("ll")
        found |= {f"{level} {name}": part for name, part in parts.items()}
    return {**found, "l": low}


def from_wavelets(found: dict[str, np.ndarray]) -> np.ndarray:
    """The images whose coefficients `wavelets` gave."""
    low = found["l"]
    for level in range((len(found) - 1) // 3, 0, -1):
        parts = {"ll": low, **{name: found[f"{level} {name}"] for name in ("ld", "dl", "dd")}}
        joined = {a: _joined(parts[a + "l"], parts[a + "d"], 2) for a in "ld"}
        low = _joined(joined["l"], joined["d"], 1)
    return low


def responses(n: int, levels: int = LEVELS) -> np.ndarray:
    """How the power of a coefficient of each sub-band lies over frequencies: bands×pairs, the mean over a pair.

    Over all bins a band's sum is 1, less what falls on the zero frequency, which is left out.
    """
    empty = wavelets(np.zeros((1, n, n, 1)), levels)
    power = []
    for name in empty:
        one = {each: np.zeros_like(part) for each, part in empty.items()}
        one[name][0, 0, 0, 0] = 1
        power.append(np.abs(np.fft.fft2(from_wavelets(one)[0, ..., 0])) ** 2 / n**2)
    return by_pairs(np.array(power))


def _halved(values: np.ndarray, axis: int, half: str) -> np.ndarray:
    even, odd = (np.take(values, range(start, values.shape[axis], 2), axis) for start in (0, 1))
    return (even + odd if half == "l" else even - odd) / np.sqrt(2)


def _joined(low: np.ndarray, high: np.ndarray, axis: int) -> np.ndarray:
    both = np.stack([low + high, low - high], axis + 1) / np.sqrt(2)
    shape = list(low.shape)
    shape[axis] *= 2
    return both.reshape(shape)


def _bands(found: dict[str, np.ndarray]) -> np.ndarray:
    """The sum of |attribution| of each sub-band: N×bands."""
    return np.stack([np.abs(each).sum((1, 2, 3)) for each in found.values()], 1)


# --- the network


def _tensor(images: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32))


def _array(images: Tensor) -> np.ndarray:
    return images.permute(0, 2, 3, 1).double().numpy()


def _gradient(model: nn.Module, x: Tensor, labels: np.ndarray, device: torch.device, of_loss: bool = False) -> Tensor:
    """Gradient of each crop's own logit, or of its cross-entropy, by its pixels: N×3×n×n, on the CPU."""
    found, model = [], frozen(model)
    with full_precision(device):
        for part, target in zip(x.split(BATCH), torch.from_numpy(labels).split(BATCH), strict=True):
            batch, own = moved(part, device).requires_grad_(True), moved(target, device)
            logits = model(batch).float()
            value = F.cross_entropy(logits, own, reduction="sum") if of_loss else logits.gather(1, own[:, None]).sum()
            found.append(torch.autograd.grad(value, batch)[0].cpu())
    return torch.cat(found)


@torch.no_grad()
def _log_odds(model: nn.Module, x: Tensor, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """Log-odds of each crop's own class, float64 N."""
    with full_precision(device):
        logits = torch.cat([model(moved(part, device)).cpu() for part in x.split(BATCH)]).double().numpy()
    rows = np.arange(len(labels))
    own, others = logits[rows, labels], logits.copy()
    others[rows, labels] = -np.inf
    return own - np.logaddexp.reduce(others, 1)


METHODS: dict[str, Method] = {
    "pixel saliency": of_saliency,
    "gradient": of_gradient,
    "gradient × image": gradient_times_image,
    "deletion": of_deletion,
    "FFC": fourier_correlation,
    "WAM, smoothed": wavelets_smooth,
    "WAM, integrated": wavelets_integrated,
}
"""The methods by name. FFC: `fourier_correlation`; WAM: the wavelet attribution method."""
