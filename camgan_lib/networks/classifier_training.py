"""Training of a classifier by cross-entropy and Adam (paper, section on the classifier)."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base.devices import autocast, to_network
from camgan_lib.data.crops import Crops
from camgan_lib.networks.checkpoint import Checkpoint
from camgan_lib.networks.inference import accuracy, predict
from camgan_lib.networks.optimisers import adam, set_rate
from camgan_lib.networks.recipes import ClassifierRecipe
from camgan_lib.networks.resnet import ResNet20
from camgan_lib.networks.training_state import check_loss, draw, fresh, progress_bar, resume_state, save_state

STEM_NORM = 30.0
"""Norm of a kernel that begins as a high-pass filter."""


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
    model = fresh(lambda: network(classes, recipe.quantized), recipe.seed)
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
    history = resume_state(checkpoint, state).get("history", [])
    done, steps = len(history) * per_epoch, recipe.epochs * per_epoch
    name = "8-bit classifier" if recipe.quantized else "classifier"
    bar = progress_bar(name, "batch", total=steps, initial=done, disable=not progress, position=bar_position)
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
        check_loss(float(total[0]), f"epoch {epoch + 1}", "learning_rate")
        history.append(_epoch_entry(epoch, total / len(images), model, test, device, optimizer))
        bar.set_postfix({key: history[-1][key] for key in ("loss", "train_accuracy", "test_accuracy")})
        save_state(checkpoint, state, {"history": history})
    bar.close()
    return model.eval(), history


def least_varying(images: np.ndarray, count: int, seed: int) -> Tensor:
    """`count` kernels count×3×3×3: the directions in which 3×3 patches of crops (uint8 N×H×W×3) vary least.

    What photos have in common varies most, so these are high-pass filters that leave a camera's traces: principal
    components of patches, as in first layers that whiten, from the other end of the spectrum. Their norm, far above
    that of random kernels, has no effect on what a normalised layer gives but slows how fast Adam turns them.
    """
    rng = np.random.default_rng([seed, 3])
    patches = np.lib.stride_tricks.sliding_window_view(images[draw(rng, len(images), 2000)], (3, 3), (1, 2))
    flat = patches[:, ::3, ::3].reshape(-1, 27).astype(np.float64)
    _, directions = np.linalg.eigh(np.cov(flat.T))
    return torch.from_numpy(STEM_NORM * directions.T[:count].reshape(count, 3, 3, 3)).float()


def window(images: Tensor, rng: np.random.Generator, side: int = 16) -> Tensor:
    """One and the same window of N×H×W×C images: N×side×side×C."""
    top, left = (int(rng.integers(0, length - side + 1)) for length in images.shape[1:3])
    return images[:, top : top + side, left : left + side].contiguous()


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
