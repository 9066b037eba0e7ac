"""How fast training is, as a ratio against the plain way, both measured in this run on this machine.

Plain: float32, channels first, Adam's default loop, a DataLoader that mirrors and converts one image at a time. Ours:
what `camgan_lib.training` does: whole batches in uint8, channels-last, bfloat16 autocast where the device has it, fused
Adam. Both are timed in turns, several times, and the best of each counts: other load on the machine falls on either.

    python benchmarks/training_speed.py [--images 1280] [--turns 3] [--device auto]
"""

import argparse
import contextlib
import json
import time
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

from camgan_lib import training
from camgan_lib.devices import resolve_device
from camgan_lib.photos import Crops
from camgan_lib.resnet import ResNet20

BATCH = 64


class OneByOne(Dataset):
    """Crops as float images, converted and mirrored one at a time."""

    def __init__(self, data: Crops):
        self.data, self.rng = data, np.random.default_rng(0)

    def __len__(self) -> int:
        return len(self.data.images)

    def __getitem__(self, index: int):
        image = torch.from_numpy(self.data.images[index]).permute(2, 0, 1).float() / 127.5 - 1
        return image.flip(2) if self.rng.random() < 0.5 else image, int(self.data.labels[index])


def plain_classifier(data: Crops, device: torch.device) -> None:
    """One epoch of a ResNet-20 the plain way."""
    model = ResNet20(4).to(device).train()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    for images, labels in DataLoader(OneByOne(data), BATCH, shuffle=True):
        optimizer.zero_grad()
        F.cross_entropy(model(images.to(device)), labels.to(device)).backward()
        optimizer.step()


def our_classifier(data: Crops, device: torch.device) -> None:
    """One epoch of a ResNet-20 as the library trains it."""
    recipe = training.ClassifierRecipe(1, BATCH, 1e-3, "cosine", 0.0, True, False, 0)
    training.train_classifier(data, recipe, device=device, progress=False)


def our_gan(data: Crops, device: torch.device) -> None:
    """As many steps of a style GAN as the data have batches, as the library trains it."""
    recipe = training.GanRecipe(
        generator_width=32,
        discriminator_width=32,
        decoder_blocks=4,
        norm="instance",
        upsampling="transpose3",
        adversarial="lsgan",
        l1_weight=50.0,
        tv_weight=0.1,
        auxiliary_weight=1.0,
        gan_steps=len(data.images) // BATCH,
        gan_batch=BATCH,
        generator_rate=1e-3,
        discriminator_rate=1e-4,
        seed=0,
    )
    training.train_style_gan(data.images, data.images, 0, ResNet20(4), recipe, device=device, progress=False)


def plain_gan(data: Crops, device: torch.device) -> None:
    """The same steps in float32, channels first, with Adam's default loop."""
    adam, keep = torch.optim.Adam, torch.nn.Module.to

    def first(images, device: torch.device) -> torch.Tensor:
        return torch.as_tensor(images).to(device).permute(0, 3, 1, 2).float().contiguous() / 127.5 - 1

    with (
        mock.patch.object(training, "autocast", return_value=contextlib.nullcontext()),
        mock.patch.object(training, "to_network", first),
        mock.patch.object(torch.optim, "Adam", lambda p, rate, betas, fused: adam(p, rate, betas=betas)),
        mock.patch.object(torch.nn.Module, "to", lambda module, device, memory_format=None: keep(module, device)),
    ):
        our_gan(data, device)


def images_per_second(work, data: Crops, device: torch.device) -> float:
    """Throughput of one call of `work`."""
    began = time.perf_counter()
    work(data, device)
    return len(data.images) / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1280, help="images per turn (a multiple of 64)")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--device", default="auto")
    given = parser.parse_args()
    device, rng = resolve_device(given.device), np.random.default_rng(0)
    images = rng.integers(0, 256, (given.images, 32, 32, 3)).astype(np.uint8)
    data = Crops(images, np.arange(given.images) % 4, np.arange(given.images))
    warm = Crops(images[:128], data.labels[:128], data.photo[:128])
    for name, plain, ours in (
        ("ResNet-20", plain_classifier, our_classifier),
        ("style GAN, width 32", plain_gan, our_gan),
    ):
        for work in (plain, ours):
            work(warm, device)
        turns = [[images_per_second(work, data, device) for work in (plain, ours)] for _ in range(given.turns)]
        slow, fast = (max(column) for column in zip(*turns, strict=True))
        print(json.dumps({"what": name, "plain": round(slow), "ours": round(fast), "ratio": round(fast / slow, 2)}))


if __name__ == "__main__":
    main()
