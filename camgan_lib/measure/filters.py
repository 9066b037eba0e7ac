"""What a classifier's filters look for: importance, images of maximal activation, frequency responses."""

import contextlib
import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base.devices import full_precision, moved, one_thread, side_by_side, to_network
from camgan_lib.measure import spectrum
from camgan_lib.measure.saliency import FEW, edge_strength, unit_ranks
from camgan_lib.measure.statistics import holm, p_rank
from camgan_lib.networks.classifier_training import least_varying
from camgan_lib.networks.resnet import ResNet20, frozen

# --- filters


@contextlib.contextmanager
def _recorded(model: nn.Module, layers: list[str]) -> Iterator[dict[str, Tensor]]:
    """Outputs of named layers at each forward pass, N×F×h×w, keyed by name."""
    outputs: dict[str, Tensor] = {}

    def keep(name: str) -> Callable:
        return lambda module, inputs, output: outputs.__setitem__(name, output)

    hooks = [model.get_submodule(name).register_forward_hook(keep(name)) for name in layers]
    try:
        yield outputs
    finally:
        for hook in hooks:
            hook.remove()


def relative_importance(
    model: nn.Module, layers: list[str], images: np.ndarray, labels: np.ndarray, device: torch.device
) -> dict[str, np.ndarray]:
    """Share of each filter in its layer's importance: layer → float64 F, summing to 1.

    Importance of filter f is the mean over images of |Σ_xy a_f · ∂ cross-entropy / ∂ a_f|, a_f its output: to first
    order the change of the loss were the filter silent (Molchanov et al. 2017). A choice; the paper names none.
    """
    model = frozen(model)
    sums: dict[str, Tensor] = {}
    for at in range(0, len(images), FEW):
        with _recorded(model, layers) as outputs, full_precision(device):
            logits = model(to_network(images[at : at + FEW], device).requires_grad_())
            loss = F.cross_entropy(logits, moved(labels[at : at + FEW], device), reduction="sum")
            gradients = torch.autograd.grad(loss, [outputs[name] for name in layers])
        for name, gradient in zip(layers, gradients, strict=True):
            taylor = (outputs[name].detach() * gradient).sum((2, 3)).abs().sum(0).cpu().double()
            sums[name] = sums.get(name, 0) + taylor
    return {name: (total / total.sum().clamp_min(1e-12)).numpy() for name, total in sums.items()}


@torch.no_grad()
def activations(model: nn.Module, layer: str, images: np.ndarray, device: torch.device) -> np.ndarray:
    """Outputs of a layer, float32 N×F×h×w."""
    model.eval()
    maps = []
    for at in range(0, len(images), FEW):
        with _recorded(model, [layer]) as outputs, full_precision(device):
            model(to_network(images[at : at + FEW], device))
        maps.append(outputs[layer].cpu())
    return torch.cat(maps).float().numpy()


def top_crops(maps: np.ndarray, photo: np.ndarray, filters: list[int], count: int) -> np.ndarray:
    """Indices of the crops that excite each filter most by mean activation, at most one per photo: int64 F×count.

    `maps`: N×F×h×w of `activations`. Raises ValueError for fewer photos than `count`.
    """
    if len(np.unique(photo)) < count:
        raise ValueError(f"{count} crops of different photos were asked for, there are {len(np.unique(photo))} photos")
    chosen = []
    for level in maps.mean((2, 3)).T[filters]:
        order = np.argsort(-level, kind="stable")
        _, first = np.unique(photo[order], return_index=True)
        chosen.append(order[np.sort(first)[:count]])
    return np.array(chosen)


def filter_edge_correlation(maps: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Mean over crops of the Spearman correlation of |a − ā| with edge strength, per filter: float64 F.

    a is the filter's output and ā its mean over the crop; edge strength is averaged down to the layer's h×w.
    """
    maps = np.abs(maps - maps.mean((2, 3), keepdims=True))
    step = images.shape[1] // maps.shape[2]
    edges = edge_strength(images)
    edges = edges.reshape(len(edges), maps.shape[2], step, maps.shape[3], step).mean((2, 4))
    inner = slice(1, -1) if maps.shape[2] > 4 else slice(None)
    ranks = unit_ranks(edges[:, inner, inner])

    def correlation(f: int) -> float:
        return (unit_ranks(maps[:, f, inner, inner]) * ranks).sum(1).mean()

    return np.array(side_by_side(correlation, range(maps.shape[1])))


RANDOM = 4096
"""Random kernels that the kernels of a first layer are ranked among."""

AT_ONCE = 64
"""Kernels whose outputs are kept in memory at once."""


def random_kernels(crops: np.ndarray, count: int, *, stem: str = "random", seed: int = 0) -> Tensor:
    """`count` kernels count×3×3×3, each drawn as a first layer's are before training; their scale is arbitrary.

    `stem`: how the first layer begins (see `ClassifierRecipe`). "random": independent normal weights. "high-pass": a
    random direction among those sixteen in which patches of `crops` vary least; the layer begins with a basis of them.
    """
    weights = np.random.default_rng([seed, 5]).normal(size=(count, 27 if stem == "random" else 16))
    if stem == "high-pass":
        weights = weights @ least_varying(crops, 16, seed).flatten(1).numpy().astype(float)
    return torch.from_numpy(weights.reshape(count, 3, 3, 3)).float()


@torch.no_grad()
def kernel_edge_correlation(model: ResNet20, kernels: Tensor, images: np.ndarray, device: torch.device) -> np.ndarray:
    """`filter_edge_correlation` of kernels F×3×3×3 in place of the first layer's: float64 F.

    The first layer alone is computed, of pixels normalised as `model` normalises them.
    """
    x = (to_network(images, device) - model.mean[:, None, None]) / model.std[:, None, None]
    found = []
    for some in kernels.to(device).split(AT_ONCE):
        with full_precision(device):
            maps = F.conv2d(x, some, padding=1).cpu()
        found.append(filter_edge_correlation(maps.numpy(), images))
    return np.concatenate(found)


def above_random(own: np.ndarray, drawn: np.ndarray) -> dict[str, Any]:
    """An exact test of each filter: does it follow edges more closely than random kernels do?

    `own`, `drawn`: `kernel_edge_correlation` of the filters and of `random_kernels`, on the same images. Returns `n`,
    the number of filters; `random`, that of the kernels; `p`, for each filter the share that follows edges as closely,
    itself counted among the kernels; `following`, how many p stay below 0.05 after Holm's correction. A filter that is
    still as it was drawn has any rank among the kernels with the same chance, whatever the images are. `layer_p`: the
    same of the mean over all filters, among the means of as many kernels, each used once. It finds what filters share,
    though none of them stands out.
    """
    p = {str(number): p_rank(value, drawn) for number, value in enumerate(own)}
    following = sum(corrected < 0.05 for corrected in holm(p).values())
    layers = drawn[: len(drawn) // len(own) * len(own)].reshape(-1, len(own)).mean(1)
    found = {"n": len(own), "random": len(drawn), "p": list(p.values()), "following": following}
    return {**found, "layer_p": p_rank(own.mean(), layers)}


def maximise_activation(
    model: nn.Module,
    layer: str,
    filters: list[int],
    device: torch.device,
    *,
    steps: int = 60,
    rate: float = 0.05,
    decay: float = 0.02,
    blur: float = 0.0,
    blur_every: int = 4,
    side: int = 32,
    seed: int = 0,
) -> np.ndarray:
    """The image each filter answers to most: float32 F×side×side×3 around 0, in the network's units.

    Ascends the filter's mean output a_f (Yosinski et al. 2015) from faint noise: x ← (1 − decay)·(x + rate·g/rms(g)),
    g = ∂a_f/∂x, x kept in [−1, 1]; every `blur_every` steps x is blurred by a Gaussian of `blur` pixels (0: never), the
    regulariser that also suppresses the high frequencies a camera leaves.
    """
    model.eval()
    start = np.random.default_rng(seed).normal(0, 0.05, (len(filters), 3, side, side))
    x = moved(start.astype(np.float32), device)
    index = torch.arange(len(filters), device=device), torch.as_tensor(filters, device=device)
    with (
        full_precision(device),
        one_thread(),
    ):  # on few images, threads mostly wait for each other
        for step in range(steps):
            gradient = _ascent(model, layer, index, x)
            x = ((x + rate * gradient) * (1 - decay)).clamp(-1, 1)
            if blur and step % blur_every == blur_every - 1:
                x = _blurred(x, blur)
    return x.permute(0, 2, 3, 1).cpu().numpy()


def _ascent(model: nn.Module, layer: str, index: tuple[Tensor, Tensor], x: Tensor) -> Tensor:
    x = x.detach().requires_grad_()
    gradient = torch.autograd.grad(_output(model, layer, x)[index].mean((1, 2)).sum(), x)[0]
    return gradient / gradient.pow(2).mean((1, 2, 3), keepdim=True).sqrt().clamp_min(1e-12)


def _output(model: nn.Module, layer: str, x: Tensor) -> Tensor:
    """The output of a layer; what comes after the layer is not computed."""

    def stop(module: nn.Module, inputs: Any, output: Tensor) -> None:
        raise _Reached(output)

    hook = model.get_submodule(layer).register_forward_hook(stop)
    try:
        return model(x)
    except _Reached as reached:
        return reached.output
    finally:
        hook.remove()


class _Reached(Exception):
    """A forward pass has come to the layer that is wanted."""

    def __init__(self, output: Tensor):
        super().__init__()
        self.output = output


def strongest_filters(
    model: nn.Module,
    layer: str,
    share: np.ndarray,
    maps: np.ndarray,
    photo: np.ndarray,
    device: torch.device,
    *,
    count: int,
    steps: int,
    blur: float,
    seed: int,
) -> dict[str, np.ndarray]:
    """The `count` most important filters of a layer, as `figures.explanations.filters` shows them.

    `share`: relative importance of the layer's filters; `maps`: its `activations` on crops of `photo`.
    """
    filters = np.argsort(-share, kind="stable")[:count]

    def ascended(blur: float) -> np.ndarray:
        own = copy.deepcopy(frozen(model))  # outputs are recorded by hooks on the model
        return maximise_activation(own, layer, filters.tolist(), device, steps=steps, seed=seed, blur=blur)

    blurred, plain = side_by_side(ascended, (blur, 0.0))
    return {
        "filters": filters,
        "share": share[filters],
        "blurred": blurred,
        "plain": plain,
        "top": top_crops(maps, photo, filters.tolist(), min(2, len(np.unique(photo)))),
    }


def _blurred(x: Tensor, sigma: float) -> Tensor:
    at = torch.arange(-3, 4, dtype=x.dtype, device=x.device)
    line = torch.exp(-(at**2) / (2 * sigma**2))
    line = (line / line.sum()).repeat(x.shape[1], 1)
    padded = F.pad(x, (3, 3, 3, 3), mode="reflect")
    rows = F.conv2d(padded, line[:, None, :, None], groups=x.shape[1])
    return F.conv2d(rows, line[:, None, None, :], groups=x.shape[1])


def high_frequency_share(images: np.ndarray) -> float:
    """Mean share of an image's energy (zero frequency aside) above ¼ cycle per pixel, of N×n×n×3."""
    energy = spectrum.power(images).sum(-1)
    f = spectrum.frequencies(images.shape[1])
    high = np.hypot(*np.meshgrid(f, f)) > 0.25
    return float((energy[:, high].sum(1) / np.maximum(energy.sum((1, 2)), 1e-12)).mean())


def first_layer(weight: Tensor, size: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Kernels F×k×k×3 of the first convolution (its weight F×3×k×k) and their magnitude responses F×size×size.

    The response is |FFT| of the kernel padded with zeros to size×size, root mean square over channels, shifted, in dB
    of the filter's own maximum.
    """
    kernels = weight.detach().cpu().double().permute(0, 2, 3, 1).numpy()
    response = np.abs(np.fft.fftshift(np.fft.fft2(kernels, (size, size), axes=(1, 2)), axes=(1, 2)))
    energy = (response**2).mean(-1)
    return kernels, spectrum.decibel(energy / energy.max((1, 2), keepdims=True))
