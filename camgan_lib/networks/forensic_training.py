"""Training of a ForensicNet. Photos held out say when to stop and, later, how sure its answers may be."""

import copy
import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from camgan_lib.base.devices import by_batch, moved, to_network
from camgan_lib.base.progress import progress as counted
from camgan_lib.data.crops import Crops
from camgan_lib.networks.checkpoint import Checkpoint
from camgan_lib.networks.classifier_training import classifier_step, count_classes, epoch_entry, normalise_by
from camgan_lib.networks.forensic import ForensicNet
from camgan_lib.networks.inference import BATCH, accuracy, log_softmax
from camgan_lib.networks.optimisers import Adam, rate_at
from camgan_lib.networks.recipes import ClassifierRecipe
from camgan_lib.networks.training_state import check_loss, fresh, resume_state, save_state


class HeldOut(NamedTuple):
    """What a network says of crops that it did not learn from: all that `measure.identification.calibrate` needs.

    `logits` float32 N×classes; `features` float32 N×F, what its last layer decides by; `labels` and `photo` int64 N.
    """

    logits: np.ndarray
    features: np.ndarray
    labels: np.ndarray
    photo: np.ndarray


def train_forensic(
    train: Crops,
    recipe: ClassifierRecipe,
    *,
    validation: np.ndarray,
    device: torch.device,
    test: Crops | None = None,
    progress: bool = True,
    bar_position: int = 0,
    checkpoint: Checkpoint | None = None,
) -> tuple[ForensicNet, list[dict[str, Any]], HeldOut]:
    """A ForensicNet trained by cross-entropy and Adam, in evaluation mode, and what it says of the photos held out.

    `validation`: the numbers of the photos held out (see `data.validation`), int. It learns from the others, and has
    the weights of the epoch whose loss on those held out was least (the last epoch's, if there are none). With
    `recipe.flip` each crop is turned or mirrored at random, by one of the eight symmetries of the square.
    `recipe.patience` epochs without a smaller loss end the training (0: it never ends early).

    The history has one entry per epoch: loss and accuracy on the training batches as they came, and on those held out;
    accuracy on `test`, if given, which decides nothing. With a `checkpoint`, written after every epoch, it goes on
    where an earlier call was stopped. The seed decides all that is drawn. Raises ValueError if a class has no crop.
    """
    learned, held = hold_out(train, validation)
    model = fresh(lambda: ForensicNet(count_classes(train), recipe.quantized), recipe.seed)
    normalise_by(model, learned.images)
    model = model.to(device)
    best = copy.deepcopy(model)
    optimizer = Adam(model, recipe.learning_rate, weight_decay=recipe.weight_decay)
    state = {"model": model, "optimizer": optimizer, "best": best}
    history = resume_state(checkpoint, state, {"history": []})["history"]
    per_epoch = math.ceil(len(learned.images) / recipe.batch_size)
    steps, done = recipe.epochs * per_epoch, len(history) * per_epoch
    bar = counted("forensic classifier", "batch", steps, done=done, shown=progress, position=bar_position)
    while len(history) < recipe.epochs and not out_of_patience(history, recipe.patience):
        epoch = len(history)
        loss, right = _epoch(model, optimizer, learned, recipe, epoch, bar)
        check_loss(loss, f"epoch {epoch + 1}", "learning_rate")
        means = loss / len(learned.images), right / len(learned.images)
        history.append(epoch_entry(epoch, means, model, test, device, optimizer) | _validated(model, held, device))
        if best_epoch(history) == epoch:
            best.load_state_dict(model.state_dict())
        shown = ("loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_accuracy")
        bar.set_postfix({key: history[-1][key] for key in shown})
        save_state(checkpoint, state, {"history": history})
    bar.close()
    return best.eval(), history, said_of(best, held, device)


# --- photos held out


def hold_out(train: Crops, validation: np.ndarray) -> tuple[Crops, Crops]:
    """The crops to learn from, and those of the photos with the numbers in `validation`."""
    held = np.isin(train.photo, validation)
    left, out = (Crops(train.images[part], train.labels[part], train.photo[part]) for part in (~held, held))
    return left, out


def said_of(model: nn.Module, crops: Crops, device: torch.device) -> HeldOut:
    """What a trained network says of crops that it did not learn from."""
    return HeldOut(*logits_and_features(model, crops.images, device), crops.labels, crops.photo)


def logits_and_features(model: nn.Module, images: np.ndarray, device: torch.device) -> tuple[np.ndarray, np.ndarray]:
    """Logits N×C and features N×F, float32, of images (uint8 N×32×32×3), by a network with `features` and `head`.

    Computed in evaluation mode, in full float32 on any device.
    """
    model.eval()

    @torch.inference_mode()
    def both(part: slice) -> tuple[Tensor, Tensor]:
        features = model.features(to_network(images[part], device))
        return model.head(features).cpu(), features.cpu()

    if not len(images):
        empty = to_network(np.zeros((1, 32, 32, 3), np.uint8), device)
        with torch.inference_mode():
            features = model.features(empty)[:0]
            return model.head(features).cpu().numpy(), features.cpu().numpy()
    parts = by_batch(both, len(images), BATCH, device)
    logits, features = (torch.cat(each).float().numpy() for each in zip(*parts, strict=True))
    return logits, features


def _validated(model: nn.Module, held: Crops, device: torch.device) -> dict[str, float | None]:
    """Loss and accuracy on the photos held out; None if there are none."""
    if not len(held.labels):
        return {"validation_loss": None, "validation_accuracy": None}
    logits, _ = logits_and_features(model, held.images, device)
    loss = -log_softmax(logits)[np.arange(len(logits)), held.labels].mean()
    return {
        "validation_loss": round(float(loss), 5),
        "validation_accuracy": round(accuracy(logits, held.labels), 5),
    }


def best_epoch(history: list[dict[str, Any]]) -> int:
    """The index of the entry with the least validation loss; of the last one, if no photo is held out."""
    losses = [each["validation_loss"] for each in history]
    return len(history) - 1 if None in losses else int(np.argmin(losses))


def out_of_patience(history: list[dict[str, Any]], patience: int) -> bool:
    """Whether as many epochs as `patience` (0: no number of them) have passed since the best one."""
    return bool(patience and history) and len(history) - 1 - best_epoch(history) >= patience


# --- one epoch


def _epoch(
    model: nn.Module, optimizer: Adam, learned: Crops, recipe: ClassifierRecipe, epoch: int, bar: Any
) -> tuple[float, float]:
    """Trains on every crop once. Returns the sum of losses and how many crops were right as they came.

    Batches are alike in size, so that none is left with a single crop, which has no spread to normalise by.
    """
    model.train()
    device, count = optimizer.vector.device, len(learned.images)
    images, labels = torch.from_numpy(learned.images), torch.from_numpy(learned.labels)
    rng = np.random.default_rng([recipe.seed, epoch])
    order = torch.from_numpy(rng.permutation(count))
    turns = torch.from_numpy(rng.integers(0, 8 if recipe.flip else 1, count))
    batches, terms = order.tensor_split(math.ceil(count / recipe.batch_size)), []
    for step, batch in enumerate(batches):
        optimizer.rate = rate_at(recipe, epoch * len(batches) + step, recipe.epochs * len(batches))
        x = to_network(turn(images[batch], turns[batch]), device)
        terms.append(classifier_step(model, optimizer, x, moved(labels[batch], device)))
        bar.update()
    numbers = torch.stack(terms).tolist()
    loss = sum(mean * len(batch) for (mean, _), batch in zip(numbers, batches, strict=True))
    return loss, sum(right for _, right in numbers)


def turn(images: Tensor, turns: Tensor) -> Tensor:
    """Square images (uint8 N×n×n×C), each by the symmetry of its number in `turns` (int N, 0 to 7).

    Bit 1: mirrored left to right, bit 2: top to bottom, bit 4: rows become columns. No pixel changes its value.
    """
    for bit, change in ((1, lambda x: x.flip(2)), (2, lambda x: x.flip(1)), (4, lambda x: x.transpose(1, 2))):
        images = torch.where((turns & bit > 0)[:, None, None, None], change(images), images)
    return images
