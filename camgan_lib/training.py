"""Training: one loop for a classifier, one for a style GAN.

Images stay uint8 and whole batches are augmented at once. What a step sees follows from (seed, epoch or step) alone,
never from how much was drawn before, and global random state is left as it was: on a CPU the same recipe gives the
same weights on the same machine, also when a killed training goes on from its checkpoint. On CPU and CUDA the networks
run channels-last under bfloat16 autocast.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from camgan_lib import losses
from camgan_lib.devices import autocast, to_network
from camgan_lib.errors import CamganError
from camgan_lib.evaluation import accuracy, predict
from camgan_lib.photos import Crops
from camgan_lib.resnet import ResNet20, without_norms
from camgan_lib.store import Checkpoint
from camgan_lib.style_gan import Discriminator, Generator

STEPS_BETWEEN_CHECKPOINTS = 100
STEM_NORM = 30.0
"""Norm of a kernel that begins as a high-pass filter."""
GRADIENT_LIMIT = 5.0
"""Largest norm of a generator's gradient: without a limit, single steps throw generators without normalisation off."""


@dataclass(frozen=True)
class ClassifierRecipe:
    """What decides a classifier beside its data.

    `decay`: "cosine" to zero, or "step": a tenth at 1/2 and at 3/4. `stem`: how the first layer begins, "random" (He)
    or "high-pass" (see `least_varying`). `small_epochs`: how many of the first epochs see a 16×16 window of each crop,
    at less than half the cost.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    decay: str
    weight_decay: float
    flip: bool
    quantized: bool
    seed: int
    stem: str = "random"
    small_epochs: int = 0


@dataclass(frozen=True)
class GanRecipe:
    """What decides a generator beside its data: architecture, weights of the loss terms, optimisation."""

    generator_width: int
    discriminator_width: int
    decoder_blocks: int
    norm: str
    upsampling: str
    adversarial: str
    l1_weight: float
    tv_weight: float
    auxiliary_weight: float
    gan_steps: int
    gan_batch: int
    generator_rate: float
    discriminator_rate: float
    seed: int
    adversarial_weight: float = 1.0
    generator: str = "gated"
    spectral_weight: float = 0.0


def train_classifier(
    train: Crops,
    recipe: ClassifierRecipe,
    *,
    device: torch.device,
    test: Crops | None = None,
    progress: bool = True,
    bar_position: int = 0,
    checkpoint: Checkpoint | None = None,
    network: Callable[[int, bool], nn.Module] = ResNet20,
) -> tuple[nn.Module, list[dict[str, Any]]]:
    """A ResNet-20 trained by cross-entropy and Adam (paper, section on the classifier), in evaluation mode.

    Another `network(classes, quantized)` may take its place, with buffers `mean` and `std` by which it normalises.

    Returns it with a history of one entry per epoch: loss and accuracy on the training batches as they came, accuracy
    on `test` where given. With a `checkpoint`, kept after every epoch, it goes on where an earlier call was stopped.
    Raises ValueError where a class has no crop.
    """
    classes = int(train.labels.max()) + 1
    if np.bincount(train.labels, minlength=classes).min() == 0:
        raise ValueError("every class needs at least one training crop")
    model = _fresh(lambda: network(classes, recipe.quantized), recipe.seed)
    pixels = train.images.reshape(-1, 3)
    model.mean.copy_(torch.from_numpy(pixels.mean(0, dtype=np.float64) / 127.5 - 1))
    model.std.copy_(torch.from_numpy(pixels.std(0, dtype=np.float64) / 127.5))
    if recipe.stem == "high-pass":
        model.stem.weight.data.copy_(least_varying(train.images, len(model.stem.weight), recipe.seed))
    model = model.to(device)
    optimizer = adam(model, recipe.learning_rate, weight_decay=recipe.weight_decay)
    images, labels = torch.from_numpy(train.images), torch.from_numpy(train.labels)
    per_epoch = math.ceil(len(images) / recipe.batch_size)
    state = {"model": model, "optimizer": optimizer}
    history = _resume(checkpoint, state).get("history", [])
    done, steps = len(history) * per_epoch, recipe.epochs * per_epoch
    name = "8-bit classifier" if recipe.quantized else "classifier"
    bar = _bar(name, "batch", total=steps, initial=done, disable=not progress, position=bar_position)
    for epoch in range(len(history), recipe.epochs):
        model.train()
        rng = np.random.default_rng([recipe.seed, epoch])
        order = torch.from_numpy(rng.permutation(len(images)))
        flips = torch.from_numpy(rng.random(len(images)) < 0.5) if recipe.flip else None
        total = torch.zeros(2, dtype=torch.float64)
        for step, batch in enumerate(order.split(recipe.batch_size)):
            set_rate(optimizer, recipe, epoch * per_epoch + step, recipe.epochs * per_epoch)
            x = flip_some(images[batch], flips[batch] if flips is not None else None)
            x = to_network(window(x, rng) if epoch < recipe.small_epochs else x, device)
            total += _classifier_step(model, optimizer, x, labels[batch].to(device))
            bar.update()
        _check_loss(float(total[0]), f"epoch {epoch + 1}", "learning_rate")
        history.append(_epoch_entry(epoch, total / len(images), model, test, device, optimizer))
        bar.set_postfix({key: history[-1][key] for key in ("loss", "train_accuracy", "test_accuracy")})
        _save(checkpoint, state, {"history": history})
    bar.close()
    return model.eval(), history


def _bar(name: str, unit: str, steps: range | None = None, **facts: Any) -> tqdm:
    return tqdm(steps, desc=name, unit=unit, mininterval=2, **facts)


def adam(model: nn.Module, rate: float, **options: Any) -> torch.optim.Adam:
    """Adam over all of a model's parameters as one vector, in which parameters and gradients become views.

    One fused update in place of one per tensor; convolutions keep channels-last weights without a copy at each step.
    """
    parameters = list(model.parameters())
    vector = nn.Parameter(torch.empty(sum(p.numel() for p in parameters), device=parameters[0].device))
    vector.grad = torch.zeros_like(vector)
    start = 0
    for p in parameters:
        values, gradient = (_view_like(p, v[start : start + p.numel()]) for v in (vector.data, vector.grad))
        values.copy_(p.data)
        p.data, p.grad = values, gradient
        start += p.numel()
    return torch.optim.Adam([vector], rate, fused=True, **options)


def _view_like(parameter: Tensor, part: Tensor) -> Tensor:
    if parameter.ndim != 4:
        return part.view(parameter.shape)
    outputs, inputs, height, width = parameter.shape
    return part.view(outputs, height, width, inputs).permute(0, 3, 1, 2)


def least_varying(images: np.ndarray, count: int, seed: int) -> Tensor:
    """`count` kernels count×3×3×3: the directions in which 3×3 patches of crops (uint8 N×H×W×3) vary least.

    What photos have in common varies most, so these are high-pass filters that leave a camera's traces: principal
    components of patches, as in first layers that whiten, from the other end of the spectrum. Their norm, far above
    that of random kernels, has no effect on what a normalised layer gives but slows how fast Adam turns them.
    """
    rng = np.random.default_rng([seed, 3])
    patches = np.lib.stride_tricks.sliding_window_view(images[_draw(rng, len(images), 2000)], (3, 3), (1, 2))
    flat = patches[:, ::3, ::3].reshape(-1, 27).astype(np.float64)
    _, directions = np.linalg.eigh(np.cov(flat.T))
    return torch.from_numpy(STEM_NORM * directions.T[:count].reshape(count, 3, 3, 3)).float()


def window(images: Tensor, rng: np.random.Generator, side: int = 16) -> Tensor:
    """One and the same window of N×H×W×C images: N×side×side×C."""
    top, left = (int(rng.integers(0, length - side + 1)) for length in images.shape[1:3])
    return images[:, top : top + side, left : left + side].contiguous()


def set_rate(optimizer: torch.optim.Optimizer, recipe: ClassifierRecipe, step: int, steps: int) -> None:
    """Sets the learning rate of a step: the recipe's rate times its decay at this share of the training.

    "cosine" starts with a linear rise over the first 5 % of the steps. Raises ValueError for an unknown decay.
    """
    share = step / steps
    if recipe.decay == "cosine":
        factor = min(1.0, (step + 1) / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * share))
    elif recipe.decay == "step":
        factor = 1.0 if share < 0.5 else 0.1 if share < 0.75 else 0.01
    else:
        raise ValueError(f"decay is 'cosine' or 'step', got {recipe.decay!r}")
    for group in optimizer.param_groups:
        group["lr"] = recipe.learning_rate * factor


def flip_some(images: Tensor, which: Tensor | None) -> Tensor:
    """uint8 N×H×W×3 with the images that `which` (bool N) names mirrored left to right."""
    if which is None:
        return images
    return torch.where(which[:, None, None, None], images.flip(2), images)


def _classifier_step(model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> Tensor:
    optimizer.zero_grad(set_to_none=False)
    with autocast(x.device):
        logits = model(x)
    loss = F.cross_entropy(logits.float(), y)
    loss.backward()
    optimizer.step()
    right = (logits.argmax(1) == y).sum()
    return torch.tensor([loss.item() * len(y), right.item()], dtype=torch.float64)


def _epoch_entry(epoch, sums, model, test, device, optimizer) -> dict[str, Any]:
    tested = accuracy(predict(model, test.images, device), test.labels) if test is not None else None
    return {
        "epoch": epoch + 1,
        "loss": round(float(sums[0]), 5),
        "train_accuracy": round(float(sums[1]), 5),
        "test_accuracy": tested if tested is None else round(tested, 5),
        "learning_rate": optimizer.param_groups[0]["lr"],
    }


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
    judge = _fresh(lambda: Discriminator(recipe.discriminator_width), recipe.seed + target).to(device)
    classifier = without_norms(classifier).to(device, memory_format=torch.channels_last).requires_grad_(False)
    g_optimizer = adam(generator, recipe.generator_rate, betas=(0.5, 0.999))
    d_optimizer = adam(judge, recipe.discriminator_rate, betas=(0.5, 0.999))
    level = _mean_level(real, device) if recipe.spectral_weight else None
    state = {"generator": generator, "judge": judge, "g_optimizer": g_optimizer, "d_optimizer": d_optimizer}
    facts = _resume(checkpoint, state) or {"done": 0, "history": [], "sums": {}}
    done, history, sums = facts["done"], facts["history"], facts["sums"]
    stretch = max(1, recipe.gan_steps // 60)
    facts = {"total": recipe.gan_steps, "initial": done, "disable": not progress, "position": bar_position}
    bar = _bar(f"style GAN {target}", "step", range(done, recipe.gan_steps), **facts)
    for step in bar:
        _set_gan_rate(g_optimizer, recipe.generator_rate, step / recipe.gan_steps)
        rng = np.random.default_rng([recipe.seed, target, step])
        x = to_network(nostyle[_draw(rng, len(nostyle), recipe.gan_batch)], device)
        y = to_network(real[_draw(rng, len(real), recipe.gan_batch)], device)
        terms = _gan_step(generator, judge, classifier, g_optimizer, d_optimizer, x, y, target, recipe, level)
        sums = {name: sums.get(name, 0.0) + value for name, value in terms.items()}
        if (step + 1) % stretch == 0:
            _check_loss(sum(sums.values()), f"step {step + 1}", "generator_rate")
            means = {name: round(value / stretch, 5) for name, value in sums.items()}
            history.append({"step": step + 1, **means})
            sums = {}
            bar.set_postfix(means)
        if (step + 1) % STEPS_BETWEEN_CHECKPOINTS == 0:
            _save(checkpoint, state, {"done": step + 1, "history": history, "sums": sums})
    return generator.eval(), history


def _check_loss(loss: float, when: str, rate: str) -> None:
    if not math.isfinite(loss):
        raise CamganError(f"the training diverged in {when}: its loss is not finite; lower {rate}")


def _save(checkpoint: Checkpoint | None, state: dict[str, Any], facts: dict[str, Any]) -> None:
    """Keeps modules and optimizers, by name, and the facts."""
    if checkpoint is None:
        return
    tensors = {}
    for name, each in state.items():
        if isinstance(each, nn.Module):
            tensors |= {f"{name}/{key}": value for key, value in each.state_dict().items()}
        else:
            by_index = each.state_dict()["state"]
            tensors |= {f"{name}/{i}/{key}": value for i, kept in by_index.items() for key, value in kept.items()}
    checkpoint.save(tensors, facts)


def _resume(checkpoint: Checkpoint | None, state: dict[str, Any]) -> dict[str, Any]:
    """Puts modules and optimizers back to where `_save` found them; returns its facts, {} where there are none."""
    found = checkpoint.load() if checkpoint else None
    if found is None:
        return {}
    tensors, facts = found
    for name, each in state.items():
        own = {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}
        if isinstance(each, nn.Module):
            each.load_state_dict(own)
            continue
        for i, parameter in enumerate(each.param_groups[0]["params"]):
            kept = {key.removeprefix(f"{i}/"): value for key, value in own.items() if key.startswith(f"{i}/")}
            each.state[parameter] = {key: value.to(parameter.device) for key, value in kept.items()}
    return facts


def _draw(rng: np.random.Generator, available: int, count: int) -> np.ndarray:
    return rng.integers(0, available, count)


def _set_gan_rate(optimizer: torch.optim.Optimizer, rate: float, share: float) -> None:
    """Constant over the first half of the steps, then linearly to a twentieth: the last weights are a settled state."""
    for group in optimizer.param_groups:
        group["lr"] = rate * min(1.0, 0.05 + 1.9 * (1 - share))


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


def _fresh(make: Callable[[], nn.Module], seed: int) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()
