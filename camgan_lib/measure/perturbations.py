"""Changes of images that have exactly a wanted L2 norm: adversarial ones, made for a classifier, and any direction.

Adversarial perturbations are found by gradient steps on the sphere of the wanted norm, for each image (Madry et al.
2018) or one for all images (Moosavi-Dezfooli et al. 2017). They raise the target's logit above the largest other one
(Carlini & Wagner 2017, f₆): unlike cross-entropy, this margin has a gradient however sure the classifier is. Norms are
those of the change that is left after levels are cut off at 0 and 255 and rounded to whole numbers.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from camgan_lib.base.devices import by_batch, full_precision, moved, to_network
from camgan_lib.networks.resnet import frozen

BATCH = 64
FIRST_STEP, FIRST_UNIVERSAL_STEP = 0.5, 0.2
"""The first step's length in units of the wanted norm. Steps become shorter, down to none, in proportion."""

FEW = 8
"""Images per step towards a universal perturbation. Many steps on few images each transfer better than few on many."""

Seed: TypeAlias = int | Sequence[int]


def per_image(
    model: nn.Module,
    images: np.ndarray,
    target: int,
    norms: np.ndarray,
    device: torch.device,
    steps: int = 20,
    seed: int = 0,
) -> np.ndarray:
    """Images (uint8 N×H×W×3), each changed so that `model` takes it for `target`, by projected gradient steps.

    `norms`: for each image the L2 norm of its change, in 8-bit levels (see `of_norm`). Where the classifier's gradient
    is zero, the change is noise drawn from `seed`.
    """
    model, noise = frozen(model), _faint_noise(images.shape[1:3], seed)

    def made(part: slice) -> np.ndarray:
        x, norm = to_network(images[part], device), moved((norms[part] / 127.5).astype(np.float32), device)
        shift = moved(noise, device).expand_as(x)
        for step in range(steps):
            length = FIRST_STEP * (1 - step / steps) * norm[:, None, None, None]
            shift = _on_sphere(x, shift + length * _uphill(model, x, shift, target), norm)
        return shift.permute(0, 2, 3, 1).cpu().numpy()

    return of_norm(images, np.concatenate(by_batch(made, len(images), BATCH, device)), norms)


def universal(
    model: nn.Module,
    images: np.ndarray,
    target: int,
    norm: float,
    device: torch.device,
    steps: int = 200,
    seeds: Sequence[Seed] = (0,),
) -> list[np.ndarray]:
    """For each seed one direction float H×W×3 of norm 1 for all images, which moves most of them towards `target`.

    It is found for changes of L2 norm `norm` (8-bit levels) of these images, FEW of them in each step, drawn from its
    seed. `of_norm` adds it to images. Searches from other seeds find other directions, which transfer otherwise to
    other networks; the smallest rounding makes another search of one seed, too.
    """
    model, draws = frozen(model), [np.random.default_rng(seed) for seed in seeds]
    patterns = moved(torch.cat([_faint_noise(images.shape[1:3], seed) for seed in seeds]), device)
    limits = torch.full((FEW * len(seeds),), norm / 127.5, device=device)
    for step in range(steps):
        x = to_network(images[np.concatenate([draw.integers(0, len(images), FEW) for draw in draws])], device)
        with full_precision(device):
            uphill = _uphill(model, x, _on_sphere(x, patterns.repeat_interleave(FEW, 0), limits), target)
        gradients = uphill.unflatten(0, (len(seeds), FEW)).mean(1)
        patterns = _unit(patterns + FIRST_UNIVERSAL_STEP * (1 - step / steps) * _unit(gradients))
    return list(patterns.permute(0, 2, 3, 1).cpu().numpy().astype(float))


def of_norm(images: np.ndarray, direction: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """Images (uint8 N×H×W×3) that are changed along `direction` by just as much as `norms` say.

    `direction`: float, shaped as the images, or one for all; it is scaled for each image, cut off where levels end, and
    rounded, so that the L2 norm of what remains is the wanted one (N, 8-bit levels; its square is a whole number). Of
    pixels that would all take their next level at the same scale, only as many do, drawn at random, as the norm needs.
    What a single pixel's level still leaves missing is given to pixels that had not moved, by one level each. Where the
    direction does not reach so far, as it points out of the range almost everywhere, it goes as far as it can.
    """
    shape, count = images.shape, len(images)
    flat = images.reshape(count, -1).astype(np.float32)
    along = np.broadcast_to(direction, shape).reshape(count, -1).astype(np.float32)
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    wanted = norms.astype(float) ** 2
    low, high = np.zeros(count), norms * 2.0**16
    for _ in range(44):
        middle = (low + high) / 2
        beyond = _squared(_change(flat, along, middle)) > wanted * (1 + 1e-9)
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    below, above = (_change(flat, along, scale) for scale in (low, high))
    order = np.random.default_rng(0).permutation(flat.shape[1])
    grown = np.cumsum((above**2 - below**2)[:, order], 1, dtype=float)
    taken = np.zeros_like(below, bool)
    taken[:, order] = grown <= (wanted - _squared(below))[:, None] + 1e-6
    change = np.where(taken, above, below)
    return (flat + _filled_up(change, flat, along, wanted)).astype(np.uint8).reshape(shape)


def norms_of(changed: np.ndarray, images: np.ndarray) -> np.ndarray:
    """The L2 norm of each image's change, N, in 8-bit levels."""
    return np.linalg.norm((changed.astype(float) - images).reshape(len(images), -1), axis=1)


def _change(flat: np.ndarray, along: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """What is added to images N×P along unit directions of these lengths, in whole levels that stay in range."""
    added = along * scale[:, None].astype(np.float32)
    np.clip(added, -flat, 255 - flat, out=added)
    return np.rint(added, out=added)


def _filled_up(change: np.ndarray, flat: np.ndarray, along: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The change, and one level more in pixels without any that can move, strongest first, as many as are missing."""
    free = (change == 0) & (((along > 0) & (flat < 255)) | ((along < 0) & (flat > 0)))
    missing = np.rint(wanted - _squared(change))[:, None]
    order = np.argsort(np.where(free, -np.abs(along), np.inf), axis=1)
    chosen = np.zeros_like(free)
    np.put_along_axis(chosen, order, np.arange(flat.shape[1]) < missing, 1)
    return change + np.sign(along) * (chosen & free)


def _squared(change: np.ndarray) -> np.ndarray:
    return np.einsum("np,np->n", change, change, dtype=float)


def _faint_noise(size: tuple[int, ...], seed: Seed) -> Tensor:
    """Noise 1×3×H×W so faint that the first gradient step outweighs it, and a direction where there is no gradient."""
    return torch.from_numpy(1e-6 * np.random.default_rng(seed).normal(size=(1, 3, *size)).astype(np.float32))


def _uphill(model: nn.Module, x: Tensor, shift: Tensor, target: int) -> Tensor:
    """For each image the direction, of norm 1, in which the target's margin rises and levels can still move."""
    shift = shift.detach().requires_grad_(True)
    logits = model((x + shift).clamp(-1, 1)).float()
    others = torch.cat([logits[:, :target], logits[:, target + 1 :]], 1)
    (gradient,) = torch.autograd.grad((logits[:, target] - others.amax(1)).sum(), shift)
    at = (x + shift).detach()
    return _unit(gradient.masked_fill(((at >= 1) & (gradient > 0)) | ((at <= -1) & (gradient < 0)), 0))


def _unit(directions: Tensor) -> Tensor:
    return directions / directions.flatten(1).norm(dim=1).clamp_min(1e-12)[:, None, None, None]


def _on_sphere(x: Tensor, shift: Tensor, norm: Tensor) -> Tensor:
    """The shift, scaled so that it has the wanted norm after levels are cut off (almost, where much is cut off)."""
    for _ in range(4):
        shift = (x + _unit(shift) * norm[:, None, None, None]).clamp(-1, 1) - x
    return shift.detach()
