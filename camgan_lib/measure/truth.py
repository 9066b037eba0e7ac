"""Compares the true spectra of simulated cameras with the spectra that their generators give to any picture.

All cameras take the same scenes. The *true difference* of a camera is its mean level minus the mean over all cameras,
in dB. The *recovered difference* is the level of a generator's outputs over its inputs, minus the mean over all
generators. What all generators share through their architecture cancels out.
"""

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from camgan_lib.data.cameras import CAMERAS, CameraModel, shoot
from camgan_lib.data.scenes import render_scene
from camgan_lib.measure import lines, seeds, spectrum, statistics
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.generators import unpack
from camgan_lib.measure.spectrum import mean_level

SIZE = 128


def true_spectra(cameras: Sequence[CameraModel] = CAMERAS, scenes: int = 200, seed: int = 0) -> np.ndarray:
    """Mean level of each camera's crops of the same scenes: cameras×32×32×3, in dB.

    All cameras get the same noise draws, and crops come from the same places.
    """
    return levels_of_crops(cameras, scenes, mean_level, [seed, 77], [seed, 78])


def levels_of_crops(
    cameras: Sequence[CameraModel],
    scenes: int,
    level: Callable[[np.ndarray], np.ndarray],
    of_scene: list[int],
    of_noise: list[int],
) -> np.ndarray:
    """The mean over scenes of a `level` (n×n×C) of each camera's crops of the same scenes: cameras×32×32×3.

    `of_scene` and `of_noise` begin the seeds of scenes and of noise; the scene's number ends them.
    """
    levels = np.zeros((len(cameras), 32, 32, 3))
    for number in range(scenes):
        scene = render_scene(SIZE, [*of_scene, number])
        for k, camera in enumerate(cameras):
            content = shoot(scene, camera, np.random.default_rng([*of_noise, number]))
            photo = np.asarray(Image.open(io.BytesIO(content)), float)
            crops = photo.reshape(SIZE // 32, 32, SIZE // 32, 32, 3).swapaxes(1, 2).reshape(-1, 32, 32, 3)
            levels[k] += level(crops) / scenes
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


def variance_lines(crops: Sequence[np.ndarray], cameras: Sequence[str]) -> list[dict[str, Any]]:
    """A row per camera (`variant`): line strengths of its green log-variance in dB, Estimates over scenes.

    `crops`: as from `crops_of_scenes`, one crop of each scene for each camera.
    """
    rows = []
    for camera, images in zip(cameras, crops, strict=True):
        varied = spectrum.log_variance(images[..., 1])
        rows.append({"variant": camera, **lines.of_photos(varied, np.arange(len(images)), unit="scene")})
    return rows


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

    `own`: by seed and camera; `hits`: by seed; `mean`: the mean of `own`, an Estimate over seeds.
    """
    found = [recovery(each, true_db) for each in recovered_db]
    mean = statistics.over([float(np.mean(each["own"])) for each in found], "seed")
    return {"own": [each["own"] for each in found], "hits": [each["hits"] for each in found], "mean": mean}


CHOOSING = 2
"""Of so many seeds, the first ones, the estimate that recovers most is chosen. The others report how much it does."""


def chosen(estimates: dict[str, np.ndarray], true_db: np.ndarray) -> dict[str, Any]:
    """Which of several ways to train recovers most, chosen on some seeds and scored on the others.

    `estimates`: name → S×K×n×n×C of the same S ≥ 2 seeds. `best` is the name with the highest mean correlation over the
    first `choosing` seeds (CHOOSING, or one of two); `on_choosing`: name → that mean; `recovered`: name → `by_seed` of
    the seeds that had no part in the choice. Raises ValueError for fewer than two seeds.
    """
    count = min(len(each) for each in estimates.values())
    if count < 2:
        raise ValueError(f"at least 2 seeds were expected, one to choose by and one to score, got {count}")
    first = min(CHOOSING, count - 1)
    on_choosing = {name: by_seed(each[:first], true_db)["mean"].value for name, each in estimates.items()}
    recovered = {name: by_seed(each[first:], true_db) for name, each in estimates.items()}
    best = max(on_choosing, key=on_choosing.__getitem__)
    return {"best": best, "choosing": first, "on_choosing": on_choosing, "recovered": recovered}


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
    difference over bins, dB), the correlations `recovered` and `by_crops` (Estimates over seeds), and `p`: that of "the
    recovered correlation is 0 or less", corrected by Holm for the number of stages.
    """
    cameras = list(dict.fromkeys(camera for pair in stages.values() for camera in pair))
    true = dict(zip(cameras, true_spectra(cameras, scenes, seed), strict=True))
    rows: list[dict[str, Any]] = []
    for stage, pair in stages.items():
        levels = np.stack([true[camera] for camera in pair])
        found, without = by_seed(recovered[stage], levels), by_seed(of_crops[stage], levels)
        size = float(2 * np.sqrt((differences(levels)[0] ** 2).mean()))
        rows.append({"stage": stage, "size": size, "recovered": found["mean"], "by_crops": without["mean"]})
    p = statistics.holm({row["stage"]: statistics.p_above(row["recovered"], 0.0) for row in rows})
    return [{**row, "p": p[row["stage"]]} for row in rows]


def agreement_of_seeds(estimates: np.ndarray) -> Estimate:
    """Mean correlation between two seeds' differences of the same camera. `estimates`: S×K×n×n×C of S ≥ 2 seeds.

    The interval is the jackknife's over seeds; two seeds give none.
    """
    flat = np.stack([differences(each) for each in estimates])
    flat = flat - flat.mean(-1, keepdims=True)
    flat /= np.maximum(np.linalg.norm(flat, axis=-1, keepdims=True), 1e-12)
    alike = np.einsum("ikb,jkb->ij", flat, flat) / flat.shape[1]

    def mean(kept: np.ndarray) -> float:
        return float(alike[np.ix_(kept, kept)][np.triu_indices(len(kept), 1)].mean())

    return seeds.jackknife(mean, len(flat))


def of_levels(packed: dict[str, str]) -> dict[str, np.ndarray]:
    """The estimate that needs no generator: its name → the mean levels of cameras' own crops, 1×K×n×n×C.

    `packed`: camera → its level, packed by `generators.pack`.
    """
    return {"no generator: mean spectrum of the crops": np.stack([unpack(each) for each in packed.values()])[None]}
