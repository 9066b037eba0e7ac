"""What is asked of a generator that should have a camera's style, and estimates of it over seeds.

Everything is asked of 8-bit images that the generators made of the same no-style images, so it can be asked of any
style transfer, and of the oracle (`measure.oracle`), which is the camera itself.
"""

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.base.devices import to_network
from camgan_lib.base.errors import CamganError
from camgan_lib.data.crops import CROP, Crops
from camgan_lib.measure import intervals, judging, lines, oracle, spectrum, statistics, traces, truth
from camgan_lib.measure.estimates import LEVEL, Estimate
from camgan_lib.measure.intervals import Bounds
from camgan_lib.networks import losses
from camgan_lib.networks.classifier_training import train_classifier
from camgan_lib.networks.gan_training import mean_of
from camgan_lib.networks.inference import Judge, predict
from camgan_lib.networks.judges import PlainNet
from camgan_lib.networks.recipes import JUDGES, ClassifierRecipe

Stylised = dict[str, np.ndarray]
"""Camera → images as some style makes them, uint8 N×32×32×3."""

BEST, CHOOSING = "built as a camera", 3
"""The variant of `trials/extraction.py` that the others are compared with, and how many seeds it was chosen on."""

ALONE = "stages alone, from whole scenes"
"""The variant without a small network that is trained on content as sharp as the photos', to be read."""

OWN = "with the cameras' own numbers"
"""Generators that nobody trained: their stages hold what the simulated cameras are (`readings.with_numbers_of`)."""

UNTRAINED = "untrained"
"""Generators built as cameras, as they begin: what their form alone does."""

PLAIN = ("recovered", "l1", "grid", "told", "told_oracle")
"""What a row holds by camera, the last three of some rows only. `told`: how often a fresh classifier tells images
rightly from the camera's own crops; `told_oracle`: from the oracle's."""

SHARES = (0.0, 1.0)
TELLING_EPOCHS = 3
BATCH = 16


def measure(
    stylised: Stylised,
    images: np.ndarray,
    scene: np.ndarray,
    judges: dict[str, Judge],
    true_db: np.ndarray,
    device: torch.device,
) -> dict[str, Any]:
    """What stylised images show, in plain numbers.

    `images`: what they were made of; `scene`: the scene of each; `true_db`: the cameras' true spectra
    (`truth.true_spectra`). `turned`: judge → camera → the share of images that it turns to the camera, the mean over
    its networks; `recovered`: camera → correlation of its recovered with its true difference; `hits`: for how many
    cameras no other's true difference correlates more; `l1`: camera → mean |change| in units of [−1, 1]; `lines`:
    camera → lines of the green channel's log-variance, in dB; `grid`: camera → the share of images in which JPEG's grid
    is found (`traces.grid`).
    """
    turned = {
        name: judging.turned(judge, images, {"it": stylised}, device, scene)["it"].by_camera
        for name, judge in judges.items()
    }
    before = spectrum.mean_level(images)
    found = truth.recovery(np.stack([spectrum.mean_level(each) - before for each in stylised.values()]), true_db)
    return {
        "turned": turned,
        "recovered": dict(zip(stylised, found["own"], strict=True)),
        "hits": found["hits"],
        "l1": oracle.l1(stylised, images),
        "lines": {camera: variance_lines(each) for camera, each in stylised.items()},
        "grid": {camera: float((traces.grid(each) >= 0).mean()) for camera, each in stylised.items()},
    }


def variance_lines(images: np.ndarray) -> dict[str, float]:
    """Strengths, in dB, of the lines of the green channel's log-variance (uint8 N×32×32×3)."""
    report = lines.line_report(spectrum.log_variance(images[..., 1:2]))
    return {name: value for name, value in report.items() if name.endswith("_db")}


def loss_terms(
    stylised: np.ndarray, images: np.ndarray, crops: np.ndarray, target: int, auxiliary: nn.Module, device: torch.device
) -> dict[str, float]:
    """What the terms of a generator's loss that need no discriminator are, in batches of BATCH: their means.

    `stylised` of `images`, towards the camera `target`, whose `crops` set the aims of the spectra (all uint8
    N×32×32×3). What a generator was trained on can be asked of images that it has not seen, and of any style.
    """
    aims = [mean_of(measured, crops, device) for measured in (losses.levels, losses.variance_levels)]
    found: dict[str, list[float]] = {name: [] for name in ("l1", "spectral", "variance", "auxiliary")}
    for start in range(0, len(images) // BATCH * BATCH, BATCH):
        made, before = (to_network(each[start : start + BATCH], device) for each in (stylised, images))
        with torch.no_grad():
            found["l1"].append(float(losses.content(made, before)))
            found["spectral"].append(float(losses.spectral(made, aims[0])))
            found["variance"].append(float(losses.variance(made, aims[1])))
            found["auxiliary"].append(float(losses.towards(auxiliary(made), target)))
    return {name: float(np.mean(each)) for name, each in found.items()}


def told_apart(
    made: np.ndarray, scene: np.ndarray, crops: np.ndarray, photo: np.ndarray, seed: int, device: torch.device
) -> float:
    """The share of images that a fresh classifier tells rightly as `made` by a style or as the camera's own `crops`.

    A PlainNet learns from half of the scenes and half of the photos, and is asked of the other half of each; both kinds
    count alike. 0.5 is chance. `scene` and `photo` say which belong together. Content differs, too: compare with what
    the same gives for the oracle, whose images have the content of `made` and the camera's true style. Or give the
    oracle's images in place of `crops`, and their scenes: then there is no difference but style.
    """
    halves = [_half(group, seed) for group in (scene, photo)]

    def both(which: list[np.ndarray]) -> Crops:
        parts = [each[chosen] for each, chosen in zip((made, crops), which, strict=True)]
        labels = np.repeat([0, 1], [len(each) for each in parts])
        return Crops(np.concatenate(parts), labels, np.arange(len(labels)))

    recipe = ClassifierRecipe(TELLING_EPOCHS, 64, 2e-3, "cosine", 0.0, True, False, seed, "high-pass")
    model, _ = train_classifier(both(halves), recipe, network=PlainNet, device=device, progress=False)
    asked = both([~each for each in halves])
    right = predict(model, asked.images, device).argmax(1) == asked.labels
    return float(np.mean([right[asked.labels == kind].mean() for kind in (0, 1)]))


def _half(group: np.ndarray, seed: int) -> np.ndarray:
    """Whether each member's group is among half of the groups, drawn from the seed: the same half of the same groups.

    If a scene were learned from as one kind and asked of as the other, its content would speak for the wrong one.
    """
    return np.isin(group, np.random.default_rng([seed, 99]).permutation(np.unique(group))[::2])


def read_entry(path: Path, cameras: Sequence[str], count: int) -> Stylised:
    """Another generator's images from an .npz file: an array uint8 `count`×32×32×3 for each camera, by its name.

    Raises CamganError where the file is none, or an array is missing or has another shape or type.
    """
    wanted = f"an .npz file was expected with an array uint8 {count}×{CROP}×{CROP}×3 for each of {', '.join(cameras)}"
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {camera: file[camera] for camera in cameras if camera in file}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise CamganError(f"{wanted}; {path} can't be read ({' '.join(str(error).split())})") from None
    for camera in cameras:
        if camera not in found:
            raise CamganError(f"{wanted}; {path} has none for {camera}")
        if found[camera].dtype != np.uint8 or found[camera].shape != (count, CROP, CROP, 3):
            shape = "×".join(map(str, found[camera].shape))
            raise CamganError(f"{wanted}; {path} has {found[camera].dtype} {shape} for {camera}")
    return found


def weights(generator: nn.Module) -> int:
    """How many numbers a generator learned."""
    return sum(each.numel() for each in generator.parameters())


def by_variant(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """`over_seeds` of each variant, by its name. Of BEST, which was chosen on the first CHOOSING seeds, the others."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["variant"] != BEST or row["seed"] >= CHOOSING:
            found.setdefault(row["variant"], []).append(row)
    return {name: over_seeds(each) for name, each in found.items()}


def over_seeds(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Estimates of what `measure` found for generators of one variant, a row per seed.

    Each camera has a generator per seed; trainings are drawn anew within cameras. `n`: how many seeds; `judges`: over
    the independent judges and all cameras; `by_judge` and `by_camera`, whose intervals hold for all judges, and for all
    cameras, at once; `auxiliary`, `quantized`, `recovered`, `l1`: means over cameras; `lines`: camera → line →
    Estimate; `grid`, `told` and `told_oracle`: means over cameras, of the rows that have them.
    """
    cameras = list(rows[0]["l1"])
    shares = {judge: _numbers(rows, ("turned", judge)) for judge in (*JUDGES, "auxiliary", "quantized")}
    of_judges = np.mean([shares[judge] for judge in JUDGES], 0)
    found: dict[str, Any] = {
        "n": len(rows),
        "judges": over_trainings(of_judges, bounds=SHARES),
        "by_judge": {judge: over_trainings(shares[judge], len(JUDGES), SHARES) for judge in JUDGES},
        "by_camera": {c: over_trainings(of_judges[k : k + 1], len(cameras), SHARES) for k, c in enumerate(cameras)},
        "lines": {c: _lines(rows, c) for c in cameras},
    }
    found |= {name: over_trainings(shares[name], bounds=SHARES) for name in ("auxiliary", "quantized")}
    asked = {name: [row for row in rows if name in row] for name in PLAIN}
    bounds = {name: None if name in ("recovered", "l1") else SHARES for name in PLAIN}
    numbers = {name: _numbers(those, (name,)) for name, those in asked.items() if those}
    return found | {name: over_trainings(each, bounds=bounds[name]) for name, each in numbers.items()}


def without(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row per other variant that has seeds in common with BEST: its numbers minus those of BEST, seed by seed.

    Seeds that BEST was chosen on are left out. `variant`, `n` seeds, and Estimates of the differences of `judges`,
    `recovered` and `l1`, means over cameras.
    """
    best = {(row["seed"], row["steps"]): row for row in rows if row["variant"] == BEST and row["seed"] >= CHOOSING}
    found = []
    for name in dict.fromkeys(row["variant"] for row in rows if row["variant"] != BEST):
        own = [row for row in rows if row["variant"] == name and (row["seed"], row["steps"]) in best]
        if not own:
            continue
        beside = [best[row["seed"], row["steps"]] for row in own]
        judges = [np.mean([_numbers(of, ("turned", judge)) for judge in JUDGES], 0) for of in (own, beside)]
        less = {"judges": over_trainings(judges[0] - judges[1])}
        less |= {key: over_trainings(_numbers(own, (key,)) - _numbers(beside, (key,))) for key in ("recovered", "l1")}
        found.append({"variant": name, "n": len(own), **less})
    return found


def _numbers(rows: list[dict[str, Any]], path: tuple[str, ...]) -> np.ndarray:
    """What rows hold under a path of keys, by camera and row."""
    found = []
    for row in rows:
        for key in path:
            row = row[key]
        found.append(list(row.values()))
    return np.array(found, float).T


def over_trainings(numbers: np.ndarray, among: int = 1, bounds: Bounds = None) -> Estimate:
    """The mean of numbers by camera and training, trainings drawn anew within cameras (Student's interval)."""
    cameras, each = numbers.shape
    mean, free = float(numbers.mean()), cameras * (each - 1)
    about = {"n": each, "unit": "seed", "level": 1 - (1 - LEVEL) / among}
    if not free:
        return Estimate(mean, math.nan, math.nan, method="no interval from one seed", **about)
    error = math.sqrt(((numbers - numbers.mean(1, keepdims=True)) ** 2).sum() / free / numbers.size)
    half = intervals.student(free, about["level"]) * error
    low, high = intervals.within(mean - half, mean + half, bounds)
    return Estimate(mean, low, high, method="Student's t, seeds drawn anew within cameras", **about)


def _lines(rows: list[dict[str, Any]], camera: str) -> dict[str, Estimate]:
    names = rows[0]["lines"][camera]
    return {name: statistics.over([row["lines"][camera][name] for row in rows], "seed") for name in names}
