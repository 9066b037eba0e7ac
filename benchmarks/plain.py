"""The plain way: what a tutorial would write, as the yardstick of benchmarks/speed.py.

One image at a time through PIL transforms and a DataLoader (in its default, without workers); float32, channels first,
Adam's default loop, one network after the other on all cores. In the GAN's step the discriminator judges stylised and
real images apart and is not frozen while the generator learns, and the judging classifier keeps its normalisation
layers. The networks and the losses are the library's own, by PyTorch's layers alone, padding by
nn.ReflectionPad2d.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision import transforms

from camgan_lib.base import devices
from camgan_lib.data.crops import Crops
from camgan_lib.networks import losses, optimisers, recipes, style_gan
from camgan_lib.networks.resnet import ResNet20

BATCH, GAN_BATCH = 64, 16
DEVICE = torch.device("cpu")
"""Where networks run; `set_up` names another. Images are copied there batch by batch, when they are needed."""


def set_up(device: str) -> None:
    """Begins a process that does things the plain way: on this device, by PyTorch's layers alone, for good."""
    global DEVICE
    DEVICE = torch.device(device)
    only_pytorch().__enter__()


def only_pytorch() -> contextlib.AbstractContextManager:
    """A context in which the library's networks compute by PyTorch's own layers alone, without compiled loops."""
    return mock.patch.object(devices, "on_cpu_in_float32", _never)


def _never(x: torch.Tensor) -> bool:
    return False


class Images(Dataset):
    """Images uint8 N×32×32×3 with labels, as a transform of PIL images gives them."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, flip: bool):
        self.images, self.labels = images, labels
        steps = [transforms.RandomHorizontalFlip()] if flip else []
        self.transform = transforms.Compose([*steps, transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)])

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), int(self.labels[index])


def classifier(
    train: Crops, recipe: recipes.ClassifierRecipe, test: Crops | None = None
) -> Iterator[tuple[ResNet20, dict]]:
    """Trains as the recipe says; after each epoch the network and the entry of its history."""
    torch.manual_seed(recipe.seed)
    model = ResNet20(int(train.labels.max()) + 1, recipe.quantized)
    model.mean.copy_(torch.tensor(train.images.mean((0, 1, 2)) / 127.5 - 1))
    model.std.copy_(torch.tensor(train.images.std((0, 1, 2)) / 127.5))
    optimizer = torch.optim.Adam(model.to(DEVICE).parameters(), recipe.learning_rate)
    loader = DataLoader(Images(train.images, train.labels, recipe.flip), recipe.batch_size, shuffle=True)
    step = 0
    for epoch in range(recipe.epochs):
        model.train()
        total = right = 0.0
        for batch in loader:
            images, labels = (each.to(DEVICE) for each in batch)
            optimizer.param_groups[0]["lr"] = optimisers.rate_at(recipe, step, recipe.epochs * len(loader))
            optimizer.zero_grad()
            logits = model(images)
            loss = F.cross_entropy(logits, labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            right += (logits.argmax(1) == labels).sum().item()
            step += 1
        tested = accuracy(model, test) if test is not None else None
        entry = {"epoch": epoch + 1, "loss": total / len(train.images), "train_accuracy": right / len(train.images)}
        yield model, {**entry, "test_accuracy": tested, "learning_rate": optimizer.param_groups[0]["lr"]}


@torch.no_grad()
def accuracy(model: nn.Module, data: Crops) -> float:
    """Share of crops that the network gives to their camera."""
    model.eval()
    right = 0
    for images, labels in DataLoader(Images(data.images, data.labels, flip=False), BATCH):
        right += int((model(images.to(DEVICE)).argmax(1).cpu() == labels).sum())
    return right / len(data.images)


def generator(recipe: recipes.GanRecipe) -> nn.Module:
    """The recipe's generator, padded by nn.ReflectionPad2d."""
    with mock.patch.object(style_gan, "Reflect", nn.ReflectionPad2d):
        return style_gan.Generator.from_recipe(recipe, seed=0)


def gan(
    real: np.ndarray, nostyle: np.ndarray, recipe: recipes.GanRecipe, judge: ResNet20, target: int = 0
) -> tuple[nn.Module, list[dict]]:
    """A style GAN's generator after the recipe's steps, and its history."""
    g, d = generator(recipe).to(DEVICE), style_gan.Discriminator(recipe.discriminator_width).to(DEVICE)
    g_optimizer = torch.optim.Adam(g.parameters(), recipe.generator_rate, betas=(0.5, 0.999))
    d_optimizer = torch.optim.Adam(d.parameters(), recipe.discriminator_rate, betas=(0.5, 0.999))
    judge.to(DEVICE).eval().requires_grad_(False)
    count = recipe.gan_steps * recipe.gan_batch
    loaders = [
        DataLoader(
            Images(each, np.zeros(len(each)), flip=False),
            recipe.gan_batch,
            sampler=RandomSampler(range(len(each)), replacement=True, num_samples=count),
        )
        for each in (nostyle, real)
    ]
    history, stretch = [], max(1, recipe.gan_steps // 60)
    for step, batches in enumerate(zip(*loaders, strict=True)):
        x, y = (images.to(DEVICE) for images, _ in batches)
        stylised = g(x)
        d_loss = losses.adversarial(d(stylised.detach()), False, recipe.adversarial)
        d_loss = d_loss + losses.adversarial(d(y), True, recipe.adversarial)
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()
        logits = judge(stylised)
        terms = {
            "adversarial": losses.adversarial(d(stylised), True, recipe.adversarial),
            "l1": losses.content(stylised, x),
            "tv": losses.total_variation(stylised),
            "auxiliary": losses.towards(logits, target),
        }
        weights = {"l1": recipe.l1_weight, "tv": recipe.tv_weight, "auxiliary": recipe.auxiliary_weight}
        g_optimizer.zero_grad()
        sum(weights.get(name, 1.0) * term for name, term in terms.items()).backward()
        nn.utils.clip_grad_norm_(g.parameters(), optimisers.GRADIENT_LIMIT)
        g_optimizer.step()
        if (step + 1) % stretch == 0:
            share = (logits.argmax(1) == target).float().mean()
            terms |= {"discriminator": d_loss, "target_share": share}
            history.append({"step": step + 1, **{name: term.item() for name, term in terms.items()}})
    return g, history


@torch.no_grad()
def evaluate(g: nn.Module, judge: nn.Module, images: np.ndarray) -> np.ndarray:
    """Decisions of `judge` on the images after the generator."""
    g.to(DEVICE).eval()
    judge.to(DEVICE).eval()
    loader = DataLoader(Images(images, np.zeros(len(images)), flip=False), BATCH)
    return np.concatenate([judge(g(batch.to(DEVICE))).argmax(1).cpu().numpy() for batch, _ in loader])


def crops(files: list[Path], count: int, seed: int = 0) -> np.ndarray:
    """`count` random crops of each photo, one photo after the other."""
    rng, cut = np.random.default_rng(seed), []
    for path in files:
        with Image.open(path) as image:
            photo = image.convert("RGB")
        for _ in range(count):
            x, y = (int(rng.integers(0, side - 31)) for side in photo.size)
            cut.append(np.asarray(photo.crop((x, y, x + 32, y + 32))))
    return np.stack(cut)


def seconds(work) -> float:
    """How long a call of `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
