"""What trained networks say of images: a classifier's logits, a generator's stylised images."""

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import numpy as np
import torch
from torch import nn

from camgan_lib.base.devices import by_batch, to_network
from camgan_lib.networks.camera_generator import CameraGenerator, Draws
from camgan_lib.networks.prepared import prepared

Name = TypeVar("Name")

BATCH = 32
"""Images per step, so few that a layer's output is still in the processor's cache when the next layer reads it."""


Judge: TypeAlias = nn.Module | Sequence[nn.Module]
"""One network, or several of one architecture that differ in seed and photos."""


def predict(model: nn.Module, images: np.ndarray, device: torch.device) -> np.ndarray:
    """Logits (float32 N×C) of images (uint8 N×32×32×3), in evaluation mode; computed in full float32 on any device.

    The network is made ready for it first (`prepared`).
    """
    model = prepared(model.eval(), device)

    @torch.inference_mode()
    def logits(part: slice) -> torch.Tensor:
        return model(to_network(images[part], device)).cpu()

    return torch.cat(by_batch(logits, len(images), BATCH, device)).float().numpy()


def decisions(judge: Judge, images: np.ndarray, device: torch.device) -> np.ndarray:
    """The class that each of a judge's S networks gives each image (uint8 N×32×32×3): int N×S."""
    networks = [judge] if isinstance(judge, nn.Module) else judge
    return np.stack([predict(each, images, device).argmax(1) for each in networks], 1)


def decisions_of(judge: Judge, sets: dict[Name, np.ndarray], device: torch.device) -> dict[Name, np.ndarray]:
    """The `decisions` on each of several sets of images, all of which are asked about at once: name → int N×S."""
    said = decisions(judge, np.concatenate(list(sets.values())), device)
    return dict(zip(sets, np.split(said, np.cumsum([len(each) for each in sets.values()])[:-1]), strict=True))


def stylise(generator: nn.Module, images: np.ndarray, device: torch.device) -> np.ndarray:
    """The generator's output for `images`, rounded to 8 bits: uint8, shaped as `images`. Computed in full float32.

    What a generator draws at random for an image depends on the image's number alone.
    """
    ready = prepared(generator.eval(), device)

    @torch.inference_mode()
    def picture(part: slice) -> torch.Tensor:
        x = to_network(images[part], device)
        out = ready(x, *_drawn(generator, range(len(images))[part], device, images.shape[1]))
        return out.add(1).mul(127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).cpu()

    return torch.cat(by_batch(picture, len(images), BATCH, device)).contiguous().numpy()


def _drawn(generator: nn.Module, numbers: range, device: torch.device, side: int) -> tuple[Draws, ...]:
    if not isinstance(generator, CameraGenerator):
        return ()
    each = [generator.draws(np.random.default_rng([97, number]), 1, side, device) for number in numbers]
    corner, noise, gain = (torch.cat(parts) for parts in list(zip(*each, strict=True))[:3])
    return (each[0]._replace(corner=corner, noise=noise, gain=gain),)


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Share of rows whose highest logit is the label's."""
    return float((logits.argmax(1) == labels).mean())


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities of logits N×C, in float64."""
    shifted = logits.astype(np.float64) - logits.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
