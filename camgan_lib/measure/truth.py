"""Compares the true spectra of simulated cameras with the spectra that their generators give to any picture.

All cameras take the same scenes. The *true difference* of a camera is its mean level minus the mean over all cameras,
in dB. The *recovered difference* is the level of a generator's outputs over its inputs, minus the mean over all
generators. What all generators share through their architecture cancels out.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from camgan_lib.data.cameras import CAMERAS, CameraModel, shoot
from camgan_lib.data.scenes import render_scene
from camgan_lib.measure.generators import mean_level, unpack
from camgan_lib.measure.statistics import mean_interval

SIZE = 128


def true_spectra(cameras: Sequence[CameraModel] = CAMERAS, scenes: int = 200, seed: int = 0) -> np.ndarray:
    """Mean level of each camera's crops of the same scenes: cameras×32×32×3, in dB.

    All cameras get the same noise draws, and crops come from the same places.
    """
    levels = np.zeros((len(cameras), 32, 32, 3))
    for number in range(scenes):
        scene = render_scene(SIZE, [seed, 77, number])
        for k, camera in enumerate(cameras):
            content = shoot(scene, camera, np.random.default_rng([seed, 78, number]))
            photo = np.asarray(Image.open(io.BytesIO(content)), float)
            crops = photo.reshape(SIZE // 32, 32, SIZE // 32, 32, 3).swapaxes(1, 2).reshape(-1, 32, 32, 3)
            levels[k] += mean_level(crops) / scenes
    return levels


def crops_of_scenes(
    aligned: bool, cameras: Sequence[CameraModel] = CAMERAS, scenes: int = 60, seed: int = 0
) -> list[np.ndarray]:
    """For each camera one crop of each of the same scenes: a list of uint8 scenes×32×32×3.

    `aligned`: corners lie at multiples of 16 pixels, where blocks of luminance and chroma begin. Otherwise the place is
    drawn for each scene, the same for all cameras, so that mosaic and blocks lie differently in a camera's crops.
    """
    made: list[list[np.ndarray]] = [[] for _ in cameras]
    for number in range(scenes):
        scene = render_scene(SIZE, [seed, 81, number])
        y, x = (32, 32) if aligned else 24 + np.random.default_rng([seed, 83, number]).integers(0, 16, 2)
        for k, camera in enumerate(cameras):
            rng = np.random.default_rng([seed, 82, number, k])
            photo = np.asarray(Image.open(io.BytesIO(shoot(scene, camera, rng))))
            made[k].append(photo[y : y + 32, x : x + 32])
    return [np.stack(each) for each in made]


def differences(spectra_db: np.ndarray) -> np.ndarray:
    """Each of K spectra (K×n×n×C, dB) minus their mean: K×bins, without frequency zero."""
    n = spectra_db.shape[1]
    keep = np.ones((n, n), bool)
    keep[n // 2, n // 2] = False
    from_mean = spectra_db - spectra_db.mean(0)
    return from_mean[:, keep].reshape(len(spectra_db), -1)


def correlations(recovered_db: np.ndarray, true_db: np.ndarray) -> np.ndarray:
    """Correlation of each recovered difference (row) with each true one (column), K×K in [−1, 1]."""
    a, b = differences(recovered_db), differences(true_db)
    a, b = (x - x.mean(1, keepdims=True) for x in (a, b))
    return a @ b.T / np.maximum(np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1), 1e-12)


def recovery(recovered_db: np.ndarray, true_db: np.ndarray) -> dict[str, Any]:
    """How well the recovered differences agree with the true ones.

    `own`: each camera's correlation with its own true difference; `hits`: for how many cameras no other camera's true
    difference correlates more.
    """
    found = correlations(recovered_db, true_db)
    return {"own": np.diag(found).tolist(), "hits": int((found.argmax(1) == np.arange(len(found))).sum())}


def by_seed(recovered_db: np.ndarray, true_db: np.ndarray) -> dict[str, Any]:
    """`recovery` of the estimates of S seeds, S×K×n×n×C.

    `own`: by seed and camera; `hits`: by seed; `mean`: [mean of `own`, low, high] with Student's interval over seeds,
    or [mean] for one seed.
    """
    found = [recovery(each, true_db) for each in recovered_db]
    means = [float(np.mean(each["own"])) for each in found]
    interval = [value for value in mean_interval(means) if value == value]
    return {"own": [each["own"] for each in found], "hits": [each["hits"] for each in found], "mean": interval}


def by_stage(
    recovered: dict[str, np.ndarray],
    of_crops: dict[str, np.ndarray],
    stages: dict[str, Sequence[CameraModel]],
    scenes: int = 50,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """A row per pair of cameras that differ in one stage: how large the true difference is, how well it comes back.

    `recovered`: stage → estimates S×2×n×n×C of S seeds; `of_crops`: likewise, the estimate without a generator;
    `stages`: stage → its two cameras in the same order. Rows have `stage`, `size` (root mean square of the true
    difference over bins, dB), and the correlations `recovered` and `by_crops`: [mean, low, high] with Student's
    interval over seeds, or [mean] for one seed.
    """
    cameras = list(dict.fromkeys(camera for pair in stages.values() for camera in pair))
    true = dict(zip(cameras, true_spectra(cameras, scenes, seed), strict=True))
    rows = []
    for stage, pair in stages.items():
        levels = np.stack([true[camera] for camera in pair])
        found, without = by_seed(recovered[stage], levels), by_seed(of_crops[stage], levels)
        size = float(2 * np.sqrt((differences(levels)[0] ** 2).mean()))
        rows.append({"stage": stage, "size": size, "recovered": found["mean"], "by_crops": without["mean"]})
    return rows


def agreement_of_seeds(estimates: np.ndarray) -> float:
    """Mean correlation between two seeds' differences of the same camera. `estimates`: S×K×n×n×C of S seeds."""
    flat = np.stack([differences(each) for each in estimates])
    flat = flat - flat.mean(-1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=-1, keepdims=True), 1e-12)
    pairs = [(i, j) for i in range(len(flat)) for j in range(i)]
    return float(np.mean([(flat[i] * flat[j]).sum(-1).mean() for i, j in pairs]))


def best(recovered: dict[str, dict[str, Any]], names: Sequence[str]) -> str:
    """The name of the estimate with the highest mean correlation, among `names`. `recovered`: name → `by_seed`."""
    return max(names, key=lambda name: recovered[name]["mean"][0])


def of_levels(packed: dict[str, str]) -> dict[str, np.ndarray]:
    """The estimate that needs no generator: its name → the mean levels of cameras' own crops, 1×K×n×n×C.

    `packed`: camera → its level, packed by `generators.pack`.
    """
    return {"no generator: mean spectrum of the crops": np.stack([unpack(each) for each in packed.values()])[None]}
