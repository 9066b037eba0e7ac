"""LIME explanations of a classifier, with numbers that say how well they hold (Ribeiro et al. 2016)."""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from lime import lime_image
from lime.wrappers.scikit_image import SegmentationAlgorithm
from torch import nn

from camgan_lib.base.devices import side_by_side
from camgan_lib.base.errors import CamganError
from camgan_lib.networks.inference import predict

FRESH_SAMPLES = 200
"""New samples on which an explanation is scored; fewer if it was fitted to fewer."""

lime_image.tqdm = iter  # LIME has no other way to switch off its progress bars


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


def single_segment(images: np.ndarray) -> np.ndarray:
    """Whether LIME's default segmentation leaves an image in one piece, bool N."""
    return np.array([len(np.unique(default_segments(image))) == 1 for image in images])


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
        numbers: dict[bytes, int] = {}  # of distinct images: few, where segments are few
        index = [numbers.setdefault(image.tobytes(), len(numbers)) for image in batch]
        distinct = np.stack([np.frombuffer(each, np.uint8).reshape(image.shape) for each in numbers])
        logits = torch.as_tensor(predict(model, distinct, device)).double()
        return logits.softmax(1).numpy()[index]

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
        image,
        found.segments,
        weights,
        found.intercept[camera],
        lambda x: probabilities(x)[:, camera],
        rng,
        min(FRESH_SAMPLES, samples),
    )
    return LimeExplanation(found.segments, weights, float(found.score), fresh)


def repeated(
    model: nn.Module,
    images: np.ndarray,
    camera: int,
    device: torch.device,
    *,
    cells: int,
    samples: int,
    seeds: Iterable[int],
) -> list[list[LimeExplanation]]:
    """`lime` of each image with each seed, on a grid of cells × cells: a list per image."""
    seeds = list(seeds)

    def explained(image: np.ndarray) -> list[LimeExplanation]:
        options = {"cells": cells, "samples": samples}
        return [lime(model, image, camera, device, seed=seed, **options) for seed in seeds]

    return side_by_side(explained, images)


def _fresh_score(
    image: np.ndarray,
    segments: np.ndarray,
    weights: np.ndarray,
    intercept: float,
    probability: Callable[[np.ndarray], np.ndarray],
    rng: np.random.Generator,
    samples: int = FRESH_SAMPLES,
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
