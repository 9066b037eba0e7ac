"""Measures generators on other content, and on images that are shifted against the pixel grid."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from camgan_lib.measure import lines
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import by_photo
from camgan_lib.networks.inference import Judge, decisions, stylise


class Content(NamedTuple):
    """Images of one kind that generators get.

    `images`: uint8 N×n×n×3; `among`: bool N×K, which of them camera k's generator gets; `source`: for each image the
    photo or scene that it is cut from, which are drawn anew (`unit`: "photo" or "scene"); `camera`: for each image the
    number of the camera that took it, or None if none did.
    """

    images: np.ndarray
    among: np.ndarray
    source: np.ndarray
    unit: str
    camera: np.ndarray | None = None


def without_style(images: np.ndarray, cameras: int, scene: np.ndarray | None = None) -> Content:
    """No-style images, which all generators get. `scene`: what each is cut from (else each is one by itself)."""
    source = np.arange(len(images)) if scene is None else scene
    return Content(images, np.ones((len(images), cameras), bool), source, "image" if scene is None else "scene")


def of_other_cameras(images: np.ndarray, labels: np.ndarray, photo: np.ndarray, cameras: int) -> Content:
    """Crops of which each generator gets those that all other cameras took. `photo`: the photo of each crop."""
    return Content(images, labels[:, None] != np.arange(cameras), photo, "photo", labels)


def swapped(
    generators: dict[str, nn.Module],
    judges: dict[str, Judge],
    contents: dict[str, Content],
    device: torch.device,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Shares of images turned, and lines of the residual: a row per kind of content.

    `generators`: camera → generator, in the order of the judges' outputs. Rows have `content`, `n` images, `turned`
    (judge → Estimate: of the images that the judge did not take for the camera, how many it takes for it when they are
    stylised; None if there are no such images), `l1` in units of [−1, 1], and the lines (`lines.line_report`): means
    over cameras. `by_camera` holds each camera's own `n`, `untouched` and `taken` (judge → share of its n images).
    """
    return [
        {"content": name, **_of_content(generators, judges, content, device, seed)}
        for name, content in contents.items()
    ]


def _of_content(
    generators: dict[str, nn.Module], judges: dict[str, Judge], content: Content, device: torch.device, seed: int
) -> dict[str, Any]:
    before = {name: decisions(judge, content.images, device) for name, judge in judges.items()}
    after = {name: np.zeros((*said.shape, len(generators)), bool) for name, said in before.items()}
    reports, by_camera = [], {}
    for target, (camera, generator) in enumerate(generators.items()):
        if not (given := content.among[:, target]).any():
            continue
        stylised = stylise(generator, content.images[given], device)
        residual = stylised.astype(float) - content.images[given]
        for name, judge in judges.items():
            after[name][given, :, target] = decisions(judge, stylised, device) == target
        reports.append({"l1": float(np.abs(residual).mean() / 127.5), **lines.line_report(residual)})
        by_camera[camera] = {
            "n": int(given.sum()),
            "untouched": {name: float((said[given] == target).mean()) for name, said in before.items()},
            "taken": {name: float(hit[given, :, target].mean()) for name, hit in after.items()},
        }
    others = {name: said[..., None] != np.arange(len(generators)) for name, said in before.items()}
    among = {name: content.among[:, None] & each for name, each in others.items()}
    turned = {name: _share(after[name], among[name], content, seed) for name in judges}
    means = {key: float(np.mean([report[key] for report in reports])) for key in reports[0]}
    return {"n": len(content.images), "turned": turned, **means, "by_camera": by_camera}


def _share(hit: np.ndarray, among: np.ndarray, content: Content, seed: int) -> Estimate | None:
    """The mean over networks and cameras of the share of images that are hit (bool N×S×K), photos or scenes drawn anew.

    An image counts for all of them at once, by its influence on the mean. None if no image counts for any.
    """
    hit, among = hit.reshape(len(hit), -1), among.reshape(len(hit), -1)
    used = among.any(0)
    if not used.any():
        return None
    hit, among = hit[:, used].astype(float), among[:, used]
    counts = among.sum(0)
    shares = (hit * among).sum(0) / counts
    influence = (among * (hit - shares) / counts).mean(1)
    values = shares.mean() + len(hit) * influence
    return by_photo(values, content.source, content.camera, bounds=(0.0, 1.0), unit=content.unit, seed=seed)


def at_random_phase(generator: nn.Module, images: np.ndarray, device: torch.device, seed: int = 0) -> np.ndarray:
    """Residuals N×n×n×3 of images that are shifted by 0 to 7 pixels each way before, and shifted back after.

    Shifts wrap around the border. What a generator draws at fixed places then has random phases; what follows the
    content stays where it is.
    """
    shifts = np.random.default_rng(seed).integers(0, 8, (len(images), 2))
    moved = np.stack([np.roll(image, shift, (0, 1)) for image, shift in zip(images, shifts, strict=True)])
    residual = stylise(generator, moved, device).astype(float) - moved
    return np.stack([np.roll(each, -shift, (0, 1)) for each, shift in zip(residual, shifts, strict=True)])
