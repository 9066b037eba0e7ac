"""An attack on a crop, and its undoing: something is added at a chosen strength, then frequencies are taken away."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import traitlets
from torch import nn

from camgan_lib.base.devices import side_by_side
from camgan_lib.data.crops import Crops
from camgan_lib.measure import perturbations
from camgan_lib.measure.fooling import UNIVERSAL_STEPS
from camgan_lib.show.widgets.base import Widget
from camgan_lib.show.widgets.networks import PageNetwork

PER_CAMERA = 3
"""Crops of each camera that a reader can attack."""


class Attack(Widget):
    """A crop to which a generator's residual, one pattern or noise is added, and what a classifier says of it.

    State: `image` (from 1), `target` (index of a camera), `source` ("generator", "pattern" or "noise"), `strength`
    (in %), `draw` (number of the noise), `undo` ("off", "low-pass" or "stop band"), `cut` (cycles/pixel), `classifier`
    (its name).
    """

    module, label = "attack", "Attack and undo"
    address = ("image", "target", "source", "strength", "draw", "undo", "cut", "classifier")

    count = traitlets.Int().tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    patterns = traitlets.Bytes().tag(sync=True)
    norms: traitlets.List[Any] = traitlets.List().tag(sync=True)
    image = traitlets.Int(1).tag(sync=True)
    target = traitlets.Int(1).tag(sync=True)
    source = traitlets.Unicode("generator").tag(sync=True)
    strength = traitlets.Int(100).tag(sync=True)
    draw = traitlets.Int(1).tag(sync=True)
    undo = traitlets.Unicode("off").tag(sync=True)
    cut = traitlets.Float(0.35).tag(sync=True)
    classifier = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        networks: Sequence[PageNetwork],
        crops: np.ndarray,
        names: Sequence[str],
        stylised: Sequence[np.ndarray],
        patterns: Sequence[np.ndarray],
    ):
        """`networks`: classifiers, then a generator per camera in their order (see `networks.page_network`).

        `crops`: uint8 N×32×32×3, each with a name. Per camera: what its generator makes of the crops (`stylised`,
        uint8), which gives the norm of every change at full strength, and a pattern, float 32×32×3 of any scale.
        Raises ValueError where crops and names, or crops and stylised images, are not as many.
        """
        if len(names) != len(crops) or any(each.shape != crops.shape for each in stylised):
            raise ValueError(f"a name and stylised images for each of {len(crops)} crops were expected")
        norms = [perturbations.norms_of(each, crops).round(2).tolist() for each in stylised]
        packed = [np.rint(127 * each / np.abs(each).max()).astype(np.int8) for each in patterns]
        super().__init__(
            networks=networks,
            classifier=networks[0].name,
            count=len(crops),
            names=list(names),
            pixels=crops.tobytes(),
            patterns=np.stack(packed).tobytes(),
            norms=norms,
        )


def crops(
    test: Crops | None, without_style: np.ndarray, cameras: Sequence[str], seed: int
) -> tuple[np.ndarray, list[str]]:
    """PER_CAMERA test crops of each camera, drawn from `seed`, uint8 N×32×32×3, and a name for each.

    Without `test`, where photos must not be shown, the first no-style images (uint8 N×32×32×3) in their place.
    """
    if test is None:
        images = without_style[: PER_CAMERA * len(cameras)]
        return images, [f"no-style image {number}" for number in range(1, len(images) + 1)]
    order = np.random.default_rng(seed).permutation(len(test.labels))
    chosen = [order[test.labels[order] == label][:PER_CAMERA] for label in range(len(cameras))]
    names = [f"{camera}, crop {k}" for camera, of in zip(cameras, chosen, strict=True) for k in range(1, len(of) + 1)]
    return test.images[np.concatenate(chosen)], names


def patterns(
    model: nn.Module,
    images: np.ndarray,
    crops: np.ndarray,
    stylised: Sequence[np.ndarray],
    device: torch.device,
    steps: int,
    seed: int,
) -> list[np.ndarray]:
    """One universal pattern towards each camera, float 32×32×3, sought as in `fooling.beside`, on `images`.

    It is sought for the mean norm of what the camera's generator makes of the `crops` (`stylised`, as they).
    """
    norms = [float(perturbations.norms_of(each, crops).mean()) for each in stylised]

    def sought(numbered: tuple[int, float]) -> np.ndarray:
        target, norm = numbered
        return perturbations.universal(model, images, target, norm, device, UNIVERSAL_STEPS * steps, [seed])[0]

    return side_by_side(sought, enumerate(norms))
