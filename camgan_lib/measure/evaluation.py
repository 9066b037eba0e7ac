"""Accuracy of classifiers per crop and per photo with 95 % intervals, the colour-only baseline, and Table 1."""

import dataclasses
from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.data.crops import Crops
from camgan_lib.data.nostyle import NoStyle
from camgan_lib.measure.averages import counted
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import by_photo, of_count, of_images
from camgan_lib.networks.inference import log_softmax, predict, stylise


def vote_by_photo(logits: np.ndarray, labels: np.ndarray, photo: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Decision and label of each photo.

    The decision is the camera with the highest mean log-probability over the photo's crops.
    """
    photos, first, index = np.unique(photo, return_index=True, return_inverse=True)
    sums = np.zeros((len(photos), logits.shape[1]))
    np.add.at(sums, index, log_softmax(logits))
    return sums.argmax(1), labels[first]


def confusion(labels: np.ndarray, decisions: np.ndarray, classes: int) -> np.ndarray:
    """How many crops of each camera (row) are taken for each camera (column): classes × classes."""
    return np.bincount(labels * classes + decisions, minlength=classes**2).reshape(classes, classes)


def colour_statistics(images: np.ndarray) -> np.ndarray:
    """Mean and standard deviation of each channel: float64 N×6, in units of [0, 1]."""
    scaled = images.astype(np.float32) / 255
    return np.concatenate([scaled.mean((1, 2)), scaled.std((1, 2))], 1).astype(np.float64)


def colour_only_accuracy(train: Crops, test: Crops) -> Estimate:
    """Test accuracy of a multinomial logistic regression that sees colour statistics only (`colour_statistics`).

    Such a classifier knows nothing but content and light. It also gets the squares and products of the statistics, so
    the classes need not be linearly separable. The estimate is by photo as that of `evaluate` on the same test crops,
    so that the two can be compared in pairs.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    model = make_pipeline(
        StandardScaler(), PolynomialFeatures(2), StandardScaler(), LogisticRegression(C=1.0, max_iter=500)
    )
    model.fit(colour_statistics(train.images), train.labels)
    decided = model.predict(colour_statistics(test.images))
    return by_photo(decided == test.labels, test.photo, test.labels, bounds=(0.0, 1.0))


FIRST = 1000
"""Table 1 is also kept of so many first test images: published networks are checked on these in a minute."""


def table1(
    generators: dict[str, nn.Module],
    stylised: dict[str, np.ndarray],
    images: NoStyle,
    auxiliary: nn.Module,
    quantized: nn.Module,
    device: torch.device,
    *,
    all_seen: bool,
) -> list[dict[str, Any]]:
    """The rows of Table 1, one per camera: shares of no-style images that a classifier takes for the camera.

    `generators`: camera → its generator, in the order of the classifiers' outputs; `stylised`: camera → what it makes
    of the test images. Columns judged by the auxiliary classifier: `no_style` (untouched test images), `train` and
    `test` (stylised images). Judged by the 8-bit classifier: `transfer` (stylised test images). `l1`: mean |G(x) − x|
    of test images, in units of [−1, 1]. Each is an estimate, scenes drawn anew; but if `images.train` are `all_seen` in
    training, `train` is their very share, and its interval has no width. `first`: the columns of the first test images
    alone (at most FIRST), plain numbers, and how many these are (`n`).
    """
    untouched = predict(auxiliary, images.test, device).argmax(1)

    def row(label: int, camera: str, generator: nn.Module) -> dict[str, Any]:
        def taken(model: nn.Module, made: np.ndarray) -> np.ndarray:
            return predict(model, made, device).argmax(1) == label

        made = stylised[camera]
        seen = taken(auxiliary, stylise(generator, images.train, device))
        test, transfer = taken(auxiliary, made), taken(quantized, made)
        l1 = np.abs(made.astype(np.int16) - images.test).mean((1, 2, 3)) / 127.5
        firsts = {"no_style": untouched == label, "test": test, "transfer": transfer, "l1": l1}
        return {
            "camera": camera,
            "no_style": of_images(untouched == label, scene=images.scene),
            "train": counted(float(seen.mean()), len(seen)) if all_seen else _of_training(seen, images.train_scene),
            "test": of_images(test, scene=images.scene),
            "transfer": of_images(transfer, scene=images.scene),
            "l1": by_photo(l1, images.scene, unit="scene"),
            "first": {"n": len(l1[:FIRST]), **{name: float(each[:FIRST].mean()) for name, each in firsts.items()}},
        }

    return [row(label, *each) for label, each in enumerate(generators.items())]


def _of_training(hit: np.ndarray, scene: np.ndarray) -> Estimate:
    """A share of training images. Its unit keeps it from being paired with a share of test images."""
    return dataclasses.replace(of_images(hit, scene=scene), unit="training scene")


def evaluate(model: nn.Module, test: Crops, device: torch.device) -> dict[str, Any]:
    """How often a classifier is right on test crops.

    `accuracy`: per crop, an estimate, photos drawn anew within each camera; `photo_accuracy`: per photo, by
    `vote_by_photo`, an estimate over photos; `confusion`: counts (`confusion`).
    """
    logits = predict(model, test.images, device)
    decided = logits.argmax(1)
    votes, truth = vote_by_photo(logits, test.labels, test.photo)
    return {
        "accuracy": by_photo(decided == test.labels, test.photo, test.labels, bounds=(0.0, 1.0)),
        "photo_accuracy": of_count(int((votes == truth).sum()), len(truth), "photo"),
        "confusion": confusion(test.labels, decided, logits.shape[1]),
    }
