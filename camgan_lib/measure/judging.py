"""What judges say of stylised images: the share that they turn to the camera, with what the oracle reaches beside it.

An image is turned if a judge takes it for the camera and did not take the image for it before. Shares are means over
cameras, and scenes are drawn anew (`statistics.of_images`). A judge is one network, or several of one architecture that
differ in seed and photos; shares are then means over these, too, and the networks are not drawn anew.
"""

from typing import Any, NamedTuple

import numpy as np
import torch

from camgan_lib.data.crops import Crops
from camgan_lib.measure import statistics
from camgan_lib.measure.averages import over_same_scenes
from camgan_lib.measure.estimates import Estimate
from camgan_lib.networks.inference import Judge, decisions

Stylised = dict[str, np.ndarray]
"""Camera → images as some style makes them, in the order of the judges' outputs."""


def accuracy(judge: Judge, test: Crops, device: torch.device) -> Estimate:
    """The share of test crops that a judge gives to their own camera, photos drawn anew within each camera."""
    right = (decisions(judge, test.images, device) == test.labels[:, None]).mean(1)
    return statistics.by_photo(right, test.photo, test.labels, bounds=(0.0, 1.0))


class Turned(NamedTuple):
    """Shares of images that a judge turns: over all cameras, by camera, and by network of the judge, in order."""

    share: Estimate
    by_camera: dict[str, float]
    by_network: list[float]


def turned(
    judge: Judge,
    images: np.ndarray,
    made: dict[str, Stylised],
    device: torch.device,
    scene: np.ndarray | None = None,
) -> dict[str, Turned]:
    """Of each kind in `made`: the shares of `images` turned.

    `made`: kind → what it makes of the images for each camera; `scene`: the scene of each image. A camera for which the
    judge took every image before has no share of its own.
    """
    before = decisions(judge, images, device)

    def of(stylised: Stylised) -> Turned:
        among = before[..., None] != np.arange(len(stylised))
        hit = np.stack([decisions(judge, each, device) == k for k, each in enumerate(stylised.values())], 2)
        counted = [k for k in range(len(stylised)) if among[..., k].any()]
        shares = {c: float(hit[..., k][among[..., k]].mean()) for k, c in enumerate(stylised) if k in counted}
        alone = [statistics.of_images(hit[:, s], among[:, s]).value for s in range(hit.shape[1])]
        return Turned(statistics.of_images(hit, among, scene), shares, alone)

    return {kind: of(stylised) for kind, stylised in made.items()}


def beside_oracle(
    judges: dict[str, Judge],
    test: Crops,
    images: np.ndarray,
    generators: Stylised,
    oracle: Stylised,
    device: torch.device,
    scene: np.ndarray | None = None,
) -> dict[str, dict[str, Any]]:
    """What each judge says of the generators' images and of the oracle's (`measure.oracle`): judge → its numbers.

    `accuracy` on test crops; `turned`, `turned_by_camera` and `turned_by_network` of the generators; and, unless
    `oracle` is empty, the same of the oracle, and `short_of_oracle`: oracle minus generators, paired by scene.
    """
    made = {"turned": generators} | ({"oracle_turned": oracle} if oracle else {})
    found = {}
    for name, judge in judges.items():
        said = turned(judge, images, made, device, scene)
        row: dict[str, Any] = {"accuracy": accuracy(judge, test, device)}
        for kind, each in said.items():
            row |= {kind: each.share, f"{kind}_by_camera": each.by_camera, f"{kind}_by_network": each.by_network}
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
