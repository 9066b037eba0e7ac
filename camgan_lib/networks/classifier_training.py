"""Training of a classifier by cross-entropy and Adam (paper, section on the classifier)."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base.devices import autocast, moved, to_network
from camgan_lib.base.progress import progress as counted
from camgan_lib.data.crops import Crops
from camgan_lib.networks.checkpoint import Checkpoint
from camgan_lib.networks.inference import accuracy, predict
from camgan_lib.networks.optimisers import Adam, rate_at
from camgan_lib.networks.recipes import ClassifierRecipe
from camgan_lib.networks.resnet import ResNet20
from camgan_lib.networks.training_state import check_loss, draw, fresh, resume_state, save_state

STEM_NORM = 30.0
"""Norm of each kernel of a first layer that begins as high-pass filters."""


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

    Another `network(classes, quantized)` may take its place; it needs buffers `mean` and `std` to normalise by.

    Returns it with a history of one entry per epoch: loss and accuracy on the training batches as they came, accuracy
    on `test` if given. With a `checkpoint`, written after every epoch, it goes on where an earlier call was stopped.
    Raises ValueError if a class has no crop.
    """
    classes = count_classes(train)
    model = fresh(lambda: network(classes, recipe.quantized), recipe.seed)
    normalise_by(model, train.images)
    if recipe.stem == "high-pass":
        model.stem.weight.data.copy_(least_varying(train.images, len(model.stem.weight), recipe.seed))
    model = model.to(device)
    optimizer = Adam(model, recipe.learning_rate, weight_decay=recipe.weight_decay)
    images, labels = torch.from_numpy(train.images), torch.from_numpy(train.labels)
    per_epoch = math.ceil(len(images) / recipe.batch_size)
    state = {"model": model, "optimizer": optimizer}
    history = resume_state(checkpoint, state, {"history": []})["history"]
    done, steps = len(history) * per_epoch, recipe.epochs * per_epoch
    name = "8-bit classifier" if recipe.quantized else "classifier"
    bar = counted(name, "batch", steps, done=done, shown=progress, position=bar_position)
    for epoch in range(len(history), recipe.epochs):
        model.train()
        rng = np.random.default_rng([recipe.seed, epoch])
        order = torch.from_numpy(rng.permutation(len(images)))
        flips = torch.from_numpy(rng.random(len(images)) < 0.5) if recipe.flip else None
        terms = []
        for step, batch in enumerate(order.split(recipe.batch_size)):
            optimizer.rate = rate_at(recipe, epoch * per_epoch + step, steps)
            x = flip_some(images[batch], flips[batch] if flips is not None else None)
            x = to_network(window(x, rng) if epoch < recipe.small_epochs else x, device)
            terms.append(classifier_step(model, optimizer, x, moved(labels[batch], device)))
            bar.update()
        loss, right = _sums(terms, recipe.batch_size, len(images))
        check_loss(loss, f"epoch {epoch + 1}", "learning_rate")
        means = loss / len(images), right / len(images)
        history.append(epoch_entry(epoch, means, model, test, device, optimizer))
        bar.set_postfix({key: history[-1][key] for key in ("loss", "train_accuracy", "test_accuracy")})
        save_state(checkpoint, state, {"history": history})
    bar.close()
    return model.eval(), history


def count_classes(train: Crops) -> int:
    """The number of classes. Raises ValueError if a class has no crop."""
    classes = int(train.labels.max()) + 1
    if np.bincount(train.labels, minlength=classes).min() == 0:
        raise ValueError("every class needs at least one training crop")
    return classes


def normalise_by(model: nn.Module, images: np.ndarray) -> None:
    """Sets a classifier's `mean` and `std` to those of the pixels of crops (uint8 N×H×W×3)."""
    pixels = images.reshape(-1, 3)
    model.mean.copy_(torch.from_numpy(pixels.mean(0, dtype=np.float64) / 127.5 - 1))
    model.std.copy_(torch.from_numpy(pixels.std(0, dtype=np.float64) / 127.5))


def least_varying(images: np.ndarray, count: int, seed: int) -> Tensor:
    """`count` kernels count×3×3×3: the directions in which 3×3 patches of crops (uint8 N×H×W×3) vary least.

    They are the last principal components of the patches. A photo's content varies most, so these kernels are
    high-pass filters, which leave a camera's traces. Their norm is far above that of random kernels. That changes
    nothing in the output of a normalised layer, but Adam turns large kernels more slowly.
    """
    rng = np.random.default_rng([seed, 3])
    patches = np.lib.stride_tricks.sliding_window_view(images[draw(rng, len(images), 2000)], (3, 3), (1, 2))
    flat = patches[:, ::3, ::3].reshape(-1, 27).astype(np.float64)
    _, directions = np.linalg.eigh(np.cov(flat.T))
    return torch.from_numpy(STEM_NORM * directions.T[:count].reshape(count, 3, 3, 3)).float()


def window(images: Tensor, rng: np.random.Generator, side: int = 16) -> Tensor:
    """A random window, at the same place in all of the images N×H×W×C: N×side×side×C."""
    top, left = (int(rng.integers(0, length - side + 1)) for length in images.shape[1:3])
    return images[:, top : top + side, left : left + side].contiguous()


def flip_some(images: Tensor, which: Tensor | None) -> Tensor:
    """The images (uint8 N×H×W×3), those that `which` (bool N) marks mirrored left to right."""
    if which is None:
        return images
    return torch.where(which[:, None, None, None], images.flip(2), images)


def classifier_step(model: nn.Module, optimizer: Adam, x: Tensor, y: Tensor) -> Tensor:
    """One step of training. Returns the batch's mean loss and how many of its crops are right, on the device."""
    optimizer.zero_grad()
    with autocast(x.device):
        logits = model(x)
    loss = F.cross_entropy(logits.float(), y)
    loss.backward()
    optimizer.step()
    return torch.stack([loss.detach(), (logits.argmax(1) == y).sum().float()])


def _sums(terms: list[Tensor], size: int, count: int) -> tuple[float, float]:
    """The sum of losses over `count` crops and how many are right, from what each step on `size` crops returned.

    The numbers leave the device here, all at once: reading them at each step would wait for the device each time.
    """
    loss = right = 0.0
    for step, (mean, few) in enumerate(torch.stack(terms).tolist()):
        loss += mean * min(size, count - step * size)
        right += few
    return loss, right


def epoch_entry(epoch, means, model, test, device, optimizer) -> dict[str, Any]:
    tested = accuracy(predict(model, test.images, device), test.labels) if test is not None else None
    return {
        "epoch": epoch + 1,
        "loss": round(means[0], 5),
        "train_accuracy": round(means[1], 5),
        "test_accuracy": tested if tested is None else round(tested, 5),
        "learning_rate": optimizer.rate,
    }
