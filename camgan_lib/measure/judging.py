"""What judges say of stylised images: the share that they turn to the camera, with what the oracle reaches beside it.

An image is turned if a judge takes it for the camera and did not take the image for it before. Shares are means over
cameras, and scenes are drawn anew (`statistics.of_images`).
"""

from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.data.crops import Crops
from camgan_lib.measure import statistics
from camgan_lib.measure.averages import over_same_scenes
from camgan_lib.measure.estimates import Estimate
from camgan_lib.networks.inference import predict

Stylised = dict[str, np.ndarray]
"""Camera → images as some style makes them, in the order of the judges' outputs."""


def accuracy(judge: nn.Module, test: Crops, device: torch.device) -> Estimate:
    """The share of test crops that a judge gives to their own camera, photos drawn anew within each camera."""
    right = predict(judge, test.images, device).argmax(1) == test.labels
    return statistics.by_photo(right, test.photo, test.labels, bounds=(0.0, 1.0))


def turned(
    judge: nn.Module,
    images: np.ndarray,
    made: dict[str, Stylised],
    device: torch.device,
    scene: np.ndarray | None = None,
) -> dict[str, tuple[Estimate, dict[str, float]]]:
    """Of each kind in `made`: the share of `images` turned, and the share of each camera.

    `made`: kind → what it makes of the images for each camera; `scene`: the scene of each image. A camera for which the
    judge took every image before has no share of its own.
    """
    before = predict(judge, images, device).argmax(1)

    def of(stylised: Stylised) -> tuple[Estimate, dict[str, float]]:
        among = before[:, None] != np.arange(len(stylised))
        hit = [predict(judge, each, device).argmax(1) == k for k, each in enumerate(stylised.values())]
        shares = {c: float(hit[k][among[:, k]].mean()) for k, c in enumerate(stylised) if among[:, k].any()}
        return statistics.of_images(np.stack(hit, 1), among, scene), shares

    return {kind: of(stylised) for kind, stylised in made.items()}


def beside_oracle(
    judges: dict[str, nn.Module],
    test: Crops,
    images: np.ndarray,
    generators: Stylised,
    oracle: Stylised,
    device: torch.device,
    scene: np.ndarray | None = None,
) -> dict[str, dict[str, Any]]:
    """What each judge says of the generators' images and of the oracle's (`measure.oracle`): judge → its numbers.

    `accuracy` on test crops; `turned` and `turned_by_camera` of the generators; and, unless `oracle` is empty,
    `oracle_turned`, `oracle_turned_by_camera`, and `short_of_oracle`: oracle minus generators, paired by scene.
    """
    made = {"turned": generators} | ({"oracle_turned": oracle} if oracle else {})
    found = {}
    for name, judge in judges.items():
        said = turned(judge, images, made, device, scene)
        row: dict[str, Any] = {"accuracy": accuracy(judge, test, device)}
        for kind, (share, by_camera) in said.items():
            row |= {kind: share, f"{kind}_by_camera": by_camera}
        if oracle:
            row["short_of_oracle"] = statistics.difference(row["oracle_turned"], row["turned"])
        found[name] = row
    return found


def mean_over(rows: dict[str, dict[str, Any]]) -> dict[str, Estimate]:
    """The mean over judges of each share in the rows of `beside_oracle`, scenes drawn anew for all judges at once."""
    found = {}
    for kind in ("turned", "oracle_turned", "short_of_oracle"):
        shares = [row[kind] for row in rows.values() if kind in row]
        if shares:
            found[kind] = over_same_scenes(shares, None if kind == "short_of_oracle" else (0.0, 1.0))
    return found
