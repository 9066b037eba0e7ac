"""Training of one style GAN: a generator, a discriminator, a frozen auxiliary classifier."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from camgan_lib.base.devices import autocast, to_network
from camgan_lib.base.errors import CamganError
from camgan_lib.base.progress import progress as counted
from camgan_lib.data.flat import is_flat
from camgan_lib.networks import losses
from camgan_lib.networks.camera_generator import CameraGenerator
from camgan_lib.networks.checkpoint import Checkpoint
from camgan_lib.networks.optimisers import GRADIENT_LIMIT, Adam, gan_rate_at
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import frozen
from camgan_lib.networks.style_gan import Generator, discriminator_of
from camgan_lib.networks.training_state import check_loss, draw, fresh, resume_state, save_state

STEPS_BETWEEN_CHECKPOINTS = 100
FEWEST_FLAT = 32
"""Fewest images, and crops, that mean spectra of flat ones are taken from."""

STEPS_BETWEEN_DIFFERENCES = 3
"""A camera generator's gradients by differences cost as much as the rest of a step, so not every step has them."""


def train_style_gan(
    real: np.ndarray,
    nostyle: np.ndarray,
    target: int,
    classifiers: list[nn.Module],
    recipe: GanRecipe,
    *,
    device: torch.device,
    progress: bool = True,
    bar_position: int = 0,
    checkpoint: Checkpoint | None = None,
) -> tuple[Generator, list[dict[str, Any]]]:
    """A generator, trained to give no-style images the style of the camera of `real` (both uint8 N×32×32×3).

    Loss of the generator: the sum of the adversarial loss, L1, TV, and the cross-entropy of the frozen auxiliary
    classifier towards `target`, each with its weight (paper, section on the GAN). The auxiliary classifier is the first
    of `classifiers`; the cross-entropies of others are added at the same weight (ours). Where their weights are not 0,
    three distances from the crops are added, too (ours): of the mean spectrum, of that of local variance, and of what
    the auxiliary classifier decides by. A `target` one above the last camera's number stands for no camera: the
    classifiers shall take an image for all alike.

    Returns the generator in evaluation mode, with a history: the terms' means over stretches of steps, and
    `target_share`, the share of stylised images that the auxiliary classifier takes for the target. With a
    `checkpoint` it goes on where an earlier call was stopped.
    """
    flat = _flat(nostyle, "no-style images") if recipe.compared == "flat" else None
    real = real if flat is None else real[_flat(real, "crops")]
    seeds = first_seeds(recipe.seed, target)
    generator = Generator.from_recipe(recipe, seeds[0]).to(device)
    discriminator = fresh(lambda: discriminator_of(recipe), seeds[1]).to(device)
    classifiers = [
        frozen(each).requires_grad_(False).to(device, memory_format=torch.channels_last) for each in classifiers
    ]
    g_optimizer = Adam(generator, recipe.generator_rate, betas=(0.5, 0.999))
    d_optimizer = Adam(discriminator, recipe.discriminator_rate, betas=(0.5, 0.999))
    aims = {
        "embedding": mean_of(classifiers[0].features, real, device) if recipe.embedding_weight else None,
        "spectral": mean_of(losses.levels, real, device) if recipe.spectral_weight else None,
        "variance": mean_of(losses.variance_levels, real, device) if recipe.variance_weight else None,
    }
    state = {"generator": generator, "discriminator": discriminator}
    state |= {"g_optimizer": g_optimizer, "d_optimizer": d_optimizer}
    facts = resume_state(checkpoint, state, {"done": 0, "history": [], "sums": {}})
    done, history, sums = facts["done"], facts["history"], facts["sums"]
    stretch, unread = max(1, recipe.gan_steps // 60), []
    facts = {"done": done, "shown": progress, "position": bar_position}
    bar = counted(f"style GAN {target}", "step", recipe.gan_steps, range(done, recipe.gan_steps), **facts)
    for step in bar:
        g_optimizer.rate = gan_rate_at(recipe.generator_rate, step / recipe.gan_steps)
        rng = np.random.default_rng([recipe.seed, target, step])
        compared = recipe.gan_batch if flat is None else recipe.gan_batch // 2
        chosen = draw(rng, len(nostyle), recipe.gan_batch)
        if flat is not None:
            chosen[-compared:] = flat[draw(rng, len(flat), compared)]
        x, y = (to_network(each, device) for each in (nostyle[chosen], real[draw(rng, len(real), compared)]))
        drawn = generator.draws(rng, len(x), x.shape[-1], device) if isinstance(generator, CameraGenerator) else None
        networks = generator, discriminator, classifiers, g_optimizer, d_optimizer
        differences = drawn is not None and step % STEPS_BETWEEN_DIFFERENCES == 0
        unread.append(_gan_step(*networks, x, y, drawn, differences, target, recipe, aims))
        if (step + 1) % stretch == 0:
            sums, unread = _added(sums, unread), []
            check_loss(sum(sums.values()), f"step {step + 1}", "generator_rate")
            means = {name: round(value / stretch, 5) for name, value in sums.items()}
            history.append({"step": step + 1, **means})
            sums = {}
            bar.set_postfix(means)
        if (step + 1) % STEPS_BETWEEN_CHECKPOINTS == 0:
            sums, unread = _added(sums, unread), []
            save_state(checkpoint, state, {"done": step + 1, "history": history, "sums": sums})
    return generator.eval(), history


def first_seeds(seed: int, target: int) -> tuple[int, int]:
    """The seeds of a generator's and its discriminator's first weights, for a recipe's seed and a camera.

    Seed 0 gives both the camera's number, as in the published runs. Any other seed gives numbers of its own: with
    seed + camera, camera 0 of seed 1 would begin as camera 1 of seed 0 did.
    """
    if seed == 0:
        return target, target
    generator, discriminator = np.random.SeedSequence([seed, target]).generate_state(2)
    return int(generator), int(discriminator)


def _flat(images: np.ndarray, name: str) -> np.ndarray:
    """The numbers of the flat ones among images. Raises CamganError where there are few."""
    found = np.flatnonzero(is_flat(images))
    if len(found) < FEWEST_FLAT:
        raise CamganError(
            f"only {len(found)} of {len(images)} {name} are flat, {FEWEST_FLAT} are needed; set compared to 'all'"
        )
    return found


def _added(sums: dict[str, float], unread: list[dict[str, Tensor]]) -> dict[str, float]:
    """`sums` and the terms of some steps, added in their order.

    The numbers leave the device here, all at once: reading them at each step would wait for the device each time.
    """
    if not unread:
        return sums
    names = list(unread[0])
    for values in torch.stack([torch.stack([terms[name] for name in names]) for terms in unread]).tolist():
        sums = {name: sums.get(name, 0.0) + value for name, value in zip(names, values, strict=True)}
    return sums


def mean_of(measure: Callable[[Tensor], Tensor], real: np.ndarray, device: torch.device) -> Tensor:
    """The mean over a camera's crops of what `measure` gives of a batch of them."""
    parts = np.array_split(real, math.ceil(len(real) / 2000))
    means = [measure(to_network(part, device)).mean(0) * (len(part) / len(real)) for part in parts]
    return torch.stack(means).sum(0)


def _gan_step(
    generator, discriminator, classifiers, g_optimizer, d_optimizer, x, y, drawn, differences, target, recipe, aims
) -> dict[str, Tensor]:
    """One training step of both networks. Returns the loss's terms, still on the device.

    Terms of weight 0 are computed too, for the history; they have no part in the training.
    """
    with autocast(x.device):
        stylised = generator(x) if drawn is None else generator(x, drawn)
    with torch.set_grad_enabled(recipe.adversarial_weight > 0):
        with autocast(x.device):
            on_stylised, on_real = discriminator(torch.cat([stylised[-len(y) :].detach(), y])).chunk(2)
        d_loss = losses.adversarial(on_stylised.float(), False, recipe.adversarial)
        d_loss = d_loss + losses.adversarial(on_real.float(), True, recipe.adversarial)
    if recipe.adversarial_weight:
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()

    def judged(images: Tensor) -> tuple[Tensor, dict[str, Tensor], Tensor]:
        return _generator_loss(images, x, len(y), discriminator, classifiers, target, recipe, aims)

    loss, terms, logits = judged(stylised)
    g_optimizer.zero_grad()
    loss.backward()
    if differences:
        generator.set_differences(x, drawn, lambda images: judged(images)[0])
    nn.utils.clip_grad_norm_(g_optimizer.vector, GRADIENT_LIMIT)
    g_optimizer.step()
    share = (logits.argmax(1) == target).float().mean()
    terms |= {"discriminator": d_loss, "target_share": share}
    return {name: value.detach() for name, value in terms.items()}


def _generator_loss(
    stylised, x, compared, discriminator, classifiers, target, recipe, aims
) -> tuple[Tensor, dict[str, Tensor], Tensor]:
    """The generator's loss of a batch, its terms, and the auxiliary classifier's logits.

    The last `compared` images are compared with crops by the discriminator and the spectra.
    """
    discriminator.requires_grad_(False)
    with autocast(x.device):
        with torch.set_grad_enabled(recipe.adversarial_weight > 0):
            on_stylised = discriminator(stylised[-compared:])
        with torch.set_grad_enabled(recipe.auxiliary_weight + recipe.embedding_weight > 0):
            features = classifiers[0].features(stylised)
            said = [classifiers[0].head(features).float(), *(each(stylised).float() for each in classifiers[1:])]
    discriminator.requires_grad_(True)
    stylised, logits = stylised.float(), said[0]
    terms = {
        "adversarial": losses.adversarial(on_stylised.float(), True, recipe.adversarial),
        "l1": losses.content(stylised, x),
        "tv": losses.total_variation(stylised),
        "auxiliary": sum(losses.towards(each, target) for each in said),
    }
    loss = (
        recipe.adversarial_weight * terms["adversarial"]
        + recipe.l1_weight * terms["l1"]
        + recipe.tv_weight * terms["tv"]
        + recipe.auxiliary_weight * terms["auxiliary"]
    )
    for name, distance, seen, weight in (
        ("spectral", losses.spectral, stylised[-compared:], recipe.spectral_weight),
        ("variance", losses.variance, stylised[-compared:], recipe.variance_weight),
        ("embedding", losses.embedding, features.float(), recipe.embedding_weight),
    ):
        if aims[name] is not None:
            terms[name] = distance(seen, aims[name])
            loss = loss + weight * terms[name]
    return loss, terms, logits
