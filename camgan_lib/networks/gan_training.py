"""Training of one style GAN: a generator, a discriminator, a frozen auxiliary classifier."""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from camgan_lib.base.devices import autocast, to_network
from camgan_lib.networks import losses
from camgan_lib.networks.checkpoint import Checkpoint
from camgan_lib.networks.optimisers import GRADIENT_LIMIT, adam, set_gan_rate
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import ResNet20, without_norms
from camgan_lib.networks.style_gan import Discriminator, Generator
from camgan_lib.networks.training_state import check_loss, draw, fresh, progress_bar, resume_state, save_state

STEPS_BETWEEN_CHECKPOINTS = 100


def train_style_gan(
    real: np.ndarray,
    nostyle: np.ndarray,
    target: int,
    classifier: ResNet20,
    recipe: GanRecipe,
    *,
    device: torch.device,
    progress: bool = True,
    bar_position: int = 0,
    checkpoint: Checkpoint | None = None,
) -> tuple[Generator, list[dict[str, Any]]]:
    """A generator that gives no-style images (uint8 N×32×32×3) the style of the camera of `real` crops (likewise).

    Loss of the generator: the sum of the adversarial loss, L1, TV, and the cross-entropy of the frozen auxiliary
    classifier towards `target`, each with its weight (paper, section on the GAN); and, where its weight is not 0, the
    distance of the mean spectrum from that of the crops (ours). Returns it in evaluation mode, with
    a history of the terms (means over stretches of steps) and `target_share`, the share of stylised images taken for
    the target. With a `checkpoint` it goes on where an earlier call was stopped.
    """
    generator = Generator.from_recipe(recipe, recipe.seed + target).to(device)
    judge = fresh(lambda: Discriminator(recipe.discriminator_width), recipe.seed + target).to(device)
    classifier = without_norms(classifier).to(device, memory_format=torch.channels_last).requires_grad_(False)
    g_optimizer = adam(generator, recipe.generator_rate, betas=(0.5, 0.999))
    d_optimizer = adam(judge, recipe.discriminator_rate, betas=(0.5, 0.999))
    level = _mean_level(real, device) if recipe.spectral_weight else None
    state = {"generator": generator, "judge": judge, "g_optimizer": g_optimizer, "d_optimizer": d_optimizer}
    facts = resume_state(checkpoint, state) or {"done": 0, "history": [], "sums": {}}
    done, history, sums = facts["done"], facts["history"], facts["sums"]
    stretch = max(1, recipe.gan_steps // 60)
    facts = {"total": recipe.gan_steps, "initial": done, "disable": not progress, "position": bar_position}
    bar = progress_bar(f"style GAN {target}", "step", range(done, recipe.gan_steps), **facts)
    for step in bar:
        set_gan_rate(g_optimizer, recipe.generator_rate, step / recipe.gan_steps)
        rng = np.random.default_rng([recipe.seed, target, step])
        x = to_network(nostyle[draw(rng, len(nostyle), recipe.gan_batch)], device)
        y = to_network(real[draw(rng, len(real), recipe.gan_batch)], device)
        terms = _gan_step(generator, judge, classifier, g_optimizer, d_optimizer, x, y, target, recipe, level)
        sums = {name: sums.get(name, 0.0) + value for name, value in terms.items()}
        if (step + 1) % stretch == 0:
            check_loss(sum(sums.values()), f"step {step + 1}", "generator_rate")
            means = {name: round(value / stretch, 5) for name, value in sums.items()}
            history.append({"step": step + 1, **means})
            sums = {}
            bar.set_postfix(means)
        if (step + 1) % STEPS_BETWEEN_CHECKPOINTS == 0:
            save_state(checkpoint, state, {"done": step + 1, "history": history, "sums": sums})
    return generator.eval(), history


def _mean_level(real: np.ndarray, device: torch.device) -> Tensor:
    """The mean level of a camera's crops (see `losses.mean_level`)."""
    parts = np.array_split(real, math.ceil(len(real) / 2000))
    levels = [losses.mean_level(to_network(part, device)) * (len(part) / len(real)) for part in parts]
    return torch.stack(levels).sum(0)


def _gan_step(generator, judge, classifier, g_optimizer, d_optimizer, x, y, target, recipe, level) -> dict[str, float]:
    """One step of both networks. Terms without weight are computed for the history alone, and teach nothing."""
    with autocast(x.device):
        stylised = generator(x)
    with torch.set_grad_enabled(recipe.adversarial_weight > 0):
        with autocast(x.device):
            on_stylised, on_real = judge(torch.cat([stylised.detach(), y])).chunk(2)
        d_loss = losses.adversarial(on_stylised.float(), False, recipe.adversarial)
        d_loss = d_loss + losses.adversarial(on_real.float(), True, recipe.adversarial)
    if recipe.adversarial_weight:
        d_optimizer.zero_grad(set_to_none=False)
        d_loss.backward()
        d_optimizer.step()

    judge.requires_grad_(False)
    with autocast(x.device):
        with torch.set_grad_enabled(recipe.adversarial_weight > 0):
            on_stylised = judge(stylised)
        with torch.set_grad_enabled(recipe.auxiliary_weight > 0):
            logits = classifier(stylised)
    judge.requires_grad_(True)
    stylised, logits = stylised.float(), logits.float()
    terms = {
        "adversarial": losses.adversarial(on_stylised.float(), True, recipe.adversarial),
        "l1": losses.content(stylised, x),
        "tv": losses.total_variation(stylised),
        "auxiliary": losses.towards(logits, target),
    }
    loss = (
        recipe.adversarial_weight * terms["adversarial"]
        + recipe.l1_weight * terms["l1"]
        + recipe.tv_weight * terms["tv"]
        + recipe.auxiliary_weight * terms["auxiliary"]
    )
    if level is not None:
        terms["spectral"] = losses.spectral(stylised, level)
        loss = loss + recipe.spectral_weight * terms["spectral"]
    g_optimizer.zero_grad(set_to_none=False)
    loss.backward()
    nn.utils.clip_grad_norm_(g_optimizer.param_groups[0]["params"], GRADIENT_LIMIT)
    g_optimizer.step()
    share = (logits.argmax(1) == target).float().mean()
    return {name: value.item() for name, value in {**terms, "discriminator": d_loss, "target_share": share}.items()}
