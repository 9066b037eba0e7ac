"""Explanations of a classifier, each with a number that says what it is worth: saliency, filters, LIME.

Images are uint8 N×H×W×3; classifiers take float N×3×H×W in [−1, 1] and give logits. Sources: saliency, Simonyan et al.
2013; its randomisation test, Adebayo et al. 2018; activation maximisation, Yosinski et al. 2015; relative importance,
Molchanov et al. 2017; LIME, Ribeiro et al. 2016.
"""

import contextlib
import copy
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from captum.attr import Saliency
from lime import lime_image
from lime.wrappers.scikit_image import SegmentationAlgorithm
from scipy import ndimage
from scipy.stats import rankdata
from torch import Tensor, nn

from camgan_lib import spectrum
from camgan_lib.devices import by_batch, one_thread, side_by_side, to_network
from camgan_lib.errors import CamganError
from camgan_lib.evaluation import predict

BATCH = 250
BORDER = 2
"""Pixels at the edge of a crop left out of correlations: zero padding makes them special to any convolution."""

lime_image.tqdm = iter  # LIME has no other way to switch off its progress bars


# --- saliency


def saliency(model: nn.Module, images: np.ndarray, labels: np.ndarray, device: torch.device) -> np.ndarray:
    """max over channels of |∂ logit of the label / ∂ pixel|: float32 N×H×W, in logits per unit of [−1, 1]."""
    model.eval()

    def maps(part: slice) -> Tensor:
        batch, target = to_network(images[part], device).requires_grad_(), torch.as_tensor(labels[part]).to(device)
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
    """A copy of a network with every weight drawn anew: it has learned nothing (Adebayo et al. 2018)."""
    twin = copy.deepcopy(model)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        twin.cpu()
        for module in twin.modules():
            if hasattr(module, "reset_parameters"):
                module.reset_parameters()
    return twin.to(next(model.parameters()).device).eval()


def saliency_verdict(interval: tuple[float, float], difference: tuple[float, float]) -> str:
    """What correlations with edge strength say of claim (a), in one sentence.

    `interval`: of the trained network's mean; `difference`: of trained minus randomised, both 95 %.
    """
    if interval[1] < 0:
        found = "saliency prefers smooth places"
    else:
        found = "saliency prefers edges" if interval[0] > 0 else "saliency neither prefers nor avoids edges"
    if difference[0] <= 0 <= difference[1]:
        return f"{found}, and so it does in a network that has learned nothing: the maps say nothing about cameras"
    than = "more" if difference[0] > 0 else "less"
    return f"{found}; it follows edges {than} than in a network that has learned nothing, so part of this was learned"


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
    model.eval()
    sums: dict[str, Tensor] = {}
    for at in range(0, len(images), BATCH):
        with _recorded(model, layers) as outputs:
            logits = model(to_network(images[at : at + BATCH], device))
            loss = F.cross_entropy(logits, torch.as_tensor(labels[at : at + BATCH]).to(device), reduction="sum")
            gradients = torch.autograd.grad(loss, [outputs[name] for name in layers])
        for name, gradient in zip(layers, gradients, strict=True):
            taylor = (outputs[name].detach() * gradient).sum((2, 3)).abs().sum(0).double().cpu()
            sums[name] = sums.get(name, 0) + taylor
    return {name: (total / total.sum().clamp_min(1e-12)).numpy() for name, total in sums.items()}


@torch.no_grad()
def activations(model: nn.Module, layer: str, images: np.ndarray, device: torch.device) -> np.ndarray:
    """Outputs of a layer, float32 N×F×h×w."""
    model.eval()
    maps = []
    for at in range(0, len(images), BATCH):
        with _recorded(model, [layer]) as outputs:
            model(to_network(images[at : at + BATCH], device))
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

    def correlation(f: int) -> float:
        return rank_correlation(maps[:, f, inner, inner], edges[:, inner, inner]).mean()

    return np.array(side_by_side(correlation, range(maps.shape[1])))


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
    x = torch.as_tensor(start, dtype=torch.float32, device=device)
    index = torch.arange(len(filters), device=device), torch.as_tensor(filters, device=device)
    with one_thread():  # on a handful of images, threads wait for each other longer than they work
        for step in range(steps):
            gradient = _ascent(model, layer, index, x)
            x = ((x + rate * gradient) * (1 - decay)).clamp(-1, 1)
            if blur and step % blur_every == blur_every - 1:
                x = _blurred(x, blur)
    return x.permute(0, 2, 3, 1).cpu().numpy()


def _ascent(model: nn.Module, layer: str, index: tuple[Tensor, Tensor], x: Tensor) -> Tensor:
    x = x.detach().requires_grad_()
    with _recorded(model, [layer]) as outputs:
        model(x)
    gradient = torch.autograd.grad(outputs[layer][index].mean((1, 2)).sum(), x)[0]
    return gradient / gradient.pow(2).mean((1, 2, 3), keepdim=True).sqrt().clamp_min(1e-12)


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
        own = copy.deepcopy(model)  # outputs are recorded by hooks on the model
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
    kernels = weight.detach().double().cpu().permute(0, 2, 3, 1).numpy()
    response = np.abs(np.fft.fftshift(np.fft.fft2(kernels, (size, size), axes=(1, 2)), axes=(1, 2)))
    energy = (response**2).mean(-1)
    return kernels, spectrum.decibel(energy / energy.max((1, 2), keepdims=True))


# --- LIME


@dataclass(frozen=True)
class LimeExplanation:
    """One explanation: what LIME's linear model says, and how well it holds.

    `segments` int H×W; `weights` float H×W, each pixel its segment's weight (change of probability); `score` LIME's
    own R², on the samples that it was fitted to, the crop itself among them; `fresh_score` the R² on new samples.
    """

    segments: np.ndarray
    weights: np.ndarray
    score: float
    fresh_score: float


def named_camera(cameras: tuple[str, ...], name: str) -> int:
    """The label of a camera by its name, the last one's for an empty name. Raises CamganError for an unknown name."""
    if name and name not in cameras:
        raise CamganError(f"lime_camera must be one of {', '.join(cameras)} or empty, got {name!r}")
    return cameras.index(name) if name else len(cameras) - 1


def grid_segments(cells: int) -> Callable[[np.ndarray], np.ndarray]:
    """A segmentation of any image into cells × cells squares, numbered row by row."""

    def segment(image: np.ndarray) -> np.ndarray:
        rows, columns = (np.arange(side) * cells // side for side in image.shape[:2])
        return rows[:, None] * cells + columns

    return segment


def default_segments(image: np.ndarray) -> np.ndarray:
    """LIME's own segmentation, quickshift with its defaults (kernel 4, distance 200): int H×W, the seed fixed."""
    segments = SegmentationAlgorithm("quickshift", kernel_size=4, max_dist=200, ratio=0.2, random_seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return segments(image)


def single_segment_share(images: np.ndarray) -> float:
    """Share of images that LIME's default segmentation leaves in one piece."""
    return float(np.mean([len(np.unique(default_segments(image))) == 1 for image in images]))


def lime(
    model: nn.Module,
    image: np.ndarray,
    camera: int,
    device: torch.device,
    *,
    cells: int = 0,
    samples: int = 500,
    seed: int = 0,
) -> LimeExplanation:
    """LIME of the probability that `image` (uint8 H×W×3) came from `camera`.

    Segments are squares of a cells × cells grid, or LIME's default ones where cells is 0; a segment switched off is
    filled with its mean colour. The weights are a ridge regression on `samples` random on/off patterns, weighted by
    closeness to the image; the score is that regression's weighted R².
    """

    def probabilities(batch: np.ndarray) -> np.ndarray:
        distinct, index = np.unique(batch, axis=0, return_inverse=True)  # few, where segments are few
        logits = torch.as_tensor(predict(model, distinct, device)).double()
        return logits.softmax(1).numpy()[index.reshape(-1)]

    explainer = lime_image.LimeImageExplainer(random_state=np.random.RandomState(seed))
    found = explainer.explain_instance(
        image,
        probabilities,
        labels=(camera,),
        top_labels=None,
        num_samples=samples,
        batch_size=samples,
        segmentation_fn=grid_segments(cells) if cells else default_segments,
        random_seed=seed,
    )
    names = np.unique(found.segments)
    by_feature = dict(found.local_exp[camera])
    weights = np.zeros(found.segments.shape)
    for feature, name in enumerate(names):
        weights[found.segments == name] = by_feature.get(feature, 0.0)
    rng = np.random.default_rng([seed, 1])
    fresh = _fresh_score(
        image, found.segments, weights, found.intercept[camera], lambda x: probabilities(x)[:, camera], rng
    )
    return LimeExplanation(found.segments, weights, float(found.score), fresh)


def _fresh_score(
    image: np.ndarray,
    segments: np.ndarray,
    weights: np.ndarray,
    intercept: float,
    probability: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
    samples: int = 200,
) -> float:
    """R² of a linear model on samples that it has not seen, at least −1; 0 where the probability does not vary."""
    names, index = np.unique(segments, return_inverse=True)
    index = index.reshape(segments.shape)
    filled = np.stack([image[index == k].mean(0) for k in range(len(names))])[index].astype(np.uint8)
    on = rng.integers(0, 2, (samples, len(names))).astype(bool)
    truth = probability(np.where(on[:, index, None], image, filled))
    by_name = np.array([weights[index == k][0] for k in range(len(names))])
    spread = ((truth - truth.mean()) ** 2).sum()
    return max(-1.0, float(1 - ((truth - intercept - on @ by_name) ** 2).sum() / spread)) if spread > 1e-12 else 0.0


def agreement(maps: np.ndarray) -> float:
    """Mean Pearson correlation over pairs of maps K×H×W, K ≥ 2; 0 counts for a pair with a constant map."""
    flat = maps.reshape(len(maps), -1) - maps.reshape(len(maps), -1).mean(1, keepdims=True)
    norms = np.linalg.norm(flat, axis=1)
    unit = flat / np.maximum(norms, 1e-12)[:, None]
    return float((unit @ unit.T)[np.triu_indices(len(maps), 1)].mean())


# --- generators


def pure_colour_spread(generator: nn.Module) -> dict[str, float]:
    """How much of a constant image's colour a generator passes on, in float64 so that rounding does not count.

    `input`, `output`: `spectrum.colour_spread` of the colours and of what the generator makes of them, in [−1, 1];
    `kept`: output / input, 0 where the output is the same whatever the colour; `level`: mean |output|. In an untrained
    generator, whose norms have no bias, even float64's rounding is amplified until it shows.
    """
    twin = copy.deepcopy(generator).cpu().double().eval()
    colours = spectrum.pure_colours().astype(np.float64) / 127.5 - 1
    with torch.inference_mode():
        out = twin(torch.as_tensor(colours).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).numpy()
    given, made = spectrum.colour_spread(colours), spectrum.colour_spread(out)
    return {"input": given, "output": made, "kept": made / given, "level": float(np.abs(out).mean())}


def pure_colour_verdict(norm: str, kept: float) -> str:
    """What a share `kept` of the differences between pure colours says, given the generator's normalisation."""
    if norm == "instance":
        return "colour is lost, as this normalisation forces it to be"
    if kept < 0.01:
        return "colour is lost, though nothing in the architecture forces it to be"
    return "colour passes, so that this claim does not hold here" if kept > 0.5 else "colour passes in part"
