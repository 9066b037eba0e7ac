"""Accuracy of classifiers per crop and per photo with 95 % intervals, the colour-only baseline, and Table 1."""

from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.data.crops import Crops
from camgan_lib.measure.statistics import bootstrap_by_photo
from camgan_lib.networks.inference import accuracy, log_softmax, predict, stylise


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


def colour_only_accuracy(train: Crops, test: Crops) -> float:
    """Test accuracy of a multinomial logistic regression that sees colour statistics only (`colour_statistics`).

    Such a classifier knows nothing but content and light. It also gets the squares and products of the statistics, so
    the classes need not be linearly separable.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    model = make_pipeline(
        StandardScaler(), PolynomialFeatures(2), StandardScaler(), LogisticRegression(C=1.0, max_iter=500)
    )
    model.fit(colour_statistics(train.images), train.labels)
    return float(model.score(colour_statistics(test.images), test.labels))


FIRST = 1000
"""Table 1 is also kept of so many first test images: published networks are checked on these in a minute."""


def table1(
    generators: dict[str, nn.Module],
    train: np.ndarray,
    test: np.ndarray,
    auxiliary: nn.Module,
    quantized: nn.Module,
    device: torch.device,
) -> list[dict[str, Any]]:
    """The rows of Table 1, one per camera: shares of no-style images that a classifier takes for the camera.

    `generators`: camera → its generator, in the order of the classifiers' outputs; `train` and `test`: no-style images,
    uint8 N×32×32×3. Columns judged by the auxiliary classifier: `no_style` (untouched test images), `train` and `test`
    (stylised images). Judged by the 8-bit classifier: `transfer` (stylised test images). `l1`: mean |G(x) − x| of test
    images, in units of [−1, 1]. `first`: the columns of the first test images alone (at most FIRST) and their number.
    """

    def decided(model: nn.Module, images: np.ndarray) -> np.ndarray:
        return predict(model, images, device).argmax(1)

    untouched = decided(auxiliary, test)

    def row(label: int, camera: str, generator: nn.Module) -> dict[str, Any]:
        stylised = stylise(generator, test, device)
        values = {
            "no_style": untouched == label,
            "train": decided(auxiliary, stylise(generator, train, device)) == label,
            "test": decided(auxiliary, stylised) == label,
            "transfer": decided(quantized, stylised) == label,
            "l1": np.abs(stylised.astype(np.int16) - test),
        }
        unit = {"l1": 127.5}
        first = {
            name: float(each[:FIRST].mean() / unit.get(name, 1)) for name, each in values.items() if name != "train"
        }
        means = {name: float(each.mean() / unit.get(name, 1)) for name, each in values.items()}
        return {"camera": camera, **means, "first": {"n": min(FIRST, len(test)), **first}}

    return [row(label, *each) for label, each in enumerate(generators.items())]


def evaluate(model: nn.Module, test: Crops, device: torch.device) -> dict[str, Any]:
    """How often a classifier is right on test crops.

    `accuracy`: per crop; `ci95`: its 95 % interval, photos drawn anew; `photo_accuracy`: per photo, by `vote_by_photo`;
    `confusion`: counts (`confusion`).
    """
    logits = predict(model, test.images, device)
    decisions, truth = vote_by_photo(logits, test.labels, test.photo)
    return {
        "accuracy": accuracy(logits, test.labels),
        "ci95": bootstrap_by_photo(logits.argmax(1) == test.labels, test.photo),
        "photo_accuracy": float((decisions == truth).mean()),
        "confusion": confusion(test.labels, logits.argmax(1), logits.shape[1]),
    }
