"""What a generator that is built as a camera holds, beside what the simulated camera is: stage by stage.

A reading (`CameraGenerator.reading`) is in the camera's own terms: which way of demosaicing, how much sharpening, which
way of subsampling, which quality of JPEG. Demosaicing is read by distance. The generator has linear filters, so each
known way is first written as the linear filters that come nearest to what it does to scenes.
"""

import functools
import itertools
import math
from typing import Any

import numpy as np
import torch

from camgan_lib.data.cameras import (
    COLOUR_MATRIX,
    DEMOSAICING,
    READ_NOISE,
    SHOT_NOISE,
    CameraModel,
    demosaic,
    mosaic,
    sharpen,
)
from camgan_lib.data.scenes import render_scene
from camgan_lib.data.stages import BASE, pair
from camgan_lib.measure import statistics
from camgan_lib.networks.camera_generator import (
    SPEED,
    START_COLOUR,
    START_DENOISING,
    START_NOISE,
    START_QUALITY,
    SUBSAMPLING,
    CameraGenerator,
)
from camgan_lib.networks.camera_stages import CELL, COUNTS, REACH, TIED

SIDE = 2 * REACH + 1
SCENES, SCENE_SIZE = 6, 128
GREY = 0.2
"""Light of middle grey, as a share of the brightest."""

CERTAIN = 10.0
"""A logit so large that what it stands for is as good as certain."""

LIKELIHOOD = 0.1
"""The least distance of likelihoods that counts. Generators that all are sure of one way differ by next to nothing."""

RELATIVE = "sharpening, less the cameras' mean"


@functools.cache
def linear_filters(method: str) -> np.ndarray:
    """The linear filters (4×3×7×7) nearest to what a way of demosaicing does to scenes, by least squares.

    For each place of the mosaic's cell and each channel: from the 7×7 measurements around it. What was measured itself
    stays. `method` is one of DEMOSAICING.
    """
    filters = np.zeros((4, 3, SIDE, SIDE))
    inner = slice(8, SCENE_SIZE - 8, 2)
    raws = [mosaic(render_scene(SCENE_SIZE, [85, number])) for number in range(SCENES)]
    made = [demosaic(raw, method) for raw in raws]
    around = [np.lib.stride_tricks.sliding_window_view(np.pad(raw, REACH), (SIDE, SIDE)) for raw in raws]
    for place in range(4):
        y, x = divmod(place, 2)
        rows = slice(inner.start + y, inner.stop + y, 2), slice(inner.start + x, inner.stop + x, 2)
        seen = np.concatenate([each[rows].reshape(-1, SIDE**2) for each in around]).astype(np.float64)
        for channel in range(3):
            wanted = np.concatenate([each[rows][..., channel].ravel() for each in made])
            filters[place, channel] = np.linalg.lstsq(seen, wanted, rcond=1e-4)[0].reshape(SIDE, SIDE)
    return filters


def response(filters: np.ndarray) -> np.ndarray:
    """Frequency response of the filters (4×3×7×7) that guess a channel: 8×16×16 complex, one for each such pair."""
    guessed = [filters[place, channel] for place in range(4) for channel in range(3) if channel != CELL[place]]
    return np.fft.fft2(np.stack(guessed), (16, 16))


def distances(filters: np.ndarray) -> dict[str, float]:
    """How far filters (4×3×7×7) are from each known way of demosaicing: root mean square of the responses' difference.

    Nothing passed on at all would be 1 away from filters that pass on all.
    """
    own = response(filters)
    return {name: float(np.sqrt((np.abs(own - response(linear_filters(name))) ** 2).mean())) for name in DEMOSAICING}


def sharpening_of(camera: CameraModel) -> float:
    """How much stronger a camera's sharpening makes the highest frequency of lightness on an axis (1: as it was)."""
    stripes = np.tile(0.5 + 0.1 * (-1.0) ** np.arange(64), (64, 1))[..., None].repeat(3, 2).astype(np.float32)
    return float(np.ptp(sharpen(stripes, camera.sharpening)[32, 16:48, 0]) / np.ptp(stripes[32, 16:48, 0]))


def noise_of(shot: float, read: float, spread: float = 0.0) -> float:
    """Standard deviation of the noise at middle grey, in thousandths of the brightest light, at the median gain."""
    return 1000 * math.sqrt(shot * GREY + read**2)


def compared(reading: dict[str, Any], camera: CameraModel) -> dict[str, dict[str, Any]]:
    """Stage → what was `read` of a generator and what is `true` of its camera.

    `lens`: how much of the highest frequency of light it lets through (simulated cameras have none: 1); `mosaic`: the
    share that comes by way of it, 0 to 1; `demosaicing`: the known way that is nearest, with all `distances`; `noise`:
    as `noise_of`; `denoising`: its strength, 0 to 1; `sharpening`: as `sharpening_of`; `subsampling`: the likeliest
    way; `luma quality` and `chroma quality` of JPEG, 1 to 100.
    """
    away = distances(np.array(reading["filters"]))
    ways, gain = reading["subsampling"], 2.0 * camera.noise
    return {
        "lens": {"read": reading["lens"], "true": 1.0},
        "mosaic": {"read": reading["mosaic"], "true": float(camera.demosaicing != "none")},
        "demosaicing": {"read": min(away, key=away.__getitem__), "true": camera.demosaicing, "distances": away},
        "noise": {"read": noise_of(**reading["noise"]), "true": noise_of(SHOT_NOISE * gain, READ_NOISE * gain)},
        "denoising": {"read": reading["denoising"], "true": camera.denoising},
        "sharpening": {"read": reading["sharpening"], "true": sharpening_of(camera)},
        "subsampling": {"read": max(ways, key=ways.__getitem__), "true": camera.subsampling, "likely": ways},
        "luma quality": {"read": reading["quality"]["luma"], "true": camera.quality},
        "chroma quality": {"read": reading["quality"]["chroma"], "true": camera.quality},
    }


def with_numbers_of(camera: CameraModel) -> CameraGenerator:
    """A generator without a small network whose stages hold a simulated camera's own numbers: what it could learn.

    Not its own are a way of demosaicing that is no filter (Menon's, by `linear_filters`), white balance, which each
    photo draws anew, and noise, whose gain is log-normal here.
    """
    generator = CameraGenerator(4, 0).eval().requires_grad_(False)
    wanted = torch.from_numpy(linear_filters(camera.demosaicing)).float()
    change, places = wanted - generator.start, generator.tied.flatten()
    sums = torch.zeros(TIED + 1).index_add_(0, places, change.flatten())
    filters = sums[:TIED] / torch.bincount(places, minlength=TIED + 1)[:TIED]
    colour = torch.from_numpy(np.asarray(COLOUR_MATRIX)).float() - torch.tensor(START_COLOUR)
    gain = camera.noise * 2.0
    noise = torch.tensor([SHOT_NOISE * gain, READ_NOISE * gain, math.log(4) / math.sqrt(12)]) / torch.tensor(
        START_NOISE
    )
    near = torch.tensor([0.0, 1.0, 2.0, 4.0, 5.0, 8.0])
    blur = torch.exp(-near / 2)
    sharpening = -camera.sharpening * blur / (blur * torch.tensor(COUNTS)).sum()
    sharpening[0] += camera.sharpening
    quality = (100 - camera.quality) / (100 - START_QUALITY)
    for parameter, value in (
        (generator.filters, filters),
        (generator.colour, colour),
        (generator.lens, torch.tensor(-CERTAIN)),
        (generator.mosaic, torch.tensor(CERTAIN)),
        (generator.noise, noise.log()),
        (generator.denoising, torch.tensor(camera.denoising).logit() - START_DENOISING),
        (generator.sharpening, sharpening),
        (generator.scale, torch.full((2,), math.log(quality))),
    ):
        parameter.copy_(value / SPEED)
    generator.subsampling[SUBSAMPLING.index(camera.subsampling)] = CERTAIN
    return generator


def over_seeds(readings: list[dict[str, Any]], cameras: list[CameraModel]) -> list[dict[str, Any]]:
    """A row per camera and stage: what the generators of several seeds say, and what is true.

    `readings`: for each seed camera → its reading. A number is read as an Estimate over seeds; a way (of demosaicing,
    of subsampling) as the one that most seeds name, and `hits` is how many of the `n` seeds name the true one. The
    stage RELATIVE is sharpening less its mean over the cameras.
    """
    found = {camera.name: [compared(each[camera.name], camera) for each in readings] for camera in cameras}
    for seed in range(len(readings)):
        stages = [each[seed] for each in found.values()]
        means = {of: float(np.mean([stage["sharpening"][of] for stage in stages])) for of in ("read", "true")}
        for stage in stages:
            stage[RELATIVE] = {of: stage["sharpening"][of] - mean for of, mean in means.items()}
    return [_row(camera, stage, [each[stage] for each in of]) for camera, of in found.items() for stage in of[0]]


def _row(camera: str, stage: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    said, true = [each["read"] for each in found], found[0]["true"]
    row = {"camera": camera, "stage": stage, "true": true, "n": len(said)}
    if not isinstance(true, str):
        return {**row, "read": statistics.over(said, "seed")}
    most = max(dict.fromkeys(said), key=said.count)
    return {**row, "read": f"{most} ({said.count(most)} of {len(said)})", "hits": said.count(true)}


def of_pairs(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each pair of cameras that differ in one stage: how far apart their generators' readings are, stage by stage.

    `rows`: of a sweep over `stages.STAGES`, with `dataset.data` (a folder named after the stage), `style_gan.seed`,
    `camera` and `reading`. A row per pair and seed: `stage`, `seed`, `apart`: stage of the reading → distance, in units
    of the root mean square distance between generators of the camera that all pairs share that have neither photos nor
    seed in common (of likelihoods: at least LIKELIHOOD); `named`: the stage that is furthest apart. Raises ValueError
    where there are no two such generators.
    """
    parts = {id(row): _parts(row["reading"]) for row in rows}
    common = [row for row in rows if row["camera"] == BASE.name]
    apart_by_chance = [
        (parts[id(a)], parts[id(b)])
        for a, b in itertools.combinations(common, 2)
        if _photos(a) != _photos(b) and a["style_gan.seed"] != b["style_gan.seed"]
    ]
    if not apart_by_chance:
        raise ValueError(
            f"generators of camera {BASE.name} by at least two seeds, on two sets of photos, were expected"
        )
    scale = {
        stage: np.sqrt(np.mean([((a[stage] - b[stage]) ** 2).sum() for a, b in apart_by_chance]))
        for stage in apart_by_chance[0][0]
    }
    scale["subsampling"] = max(scale["subsampling"], LIKELIHOOD)
    found = []
    for base in rows:
        if base["camera"] != BASE.name:
            continue
        place = base["dataset.data"], base["style_gan.seed"]
        other = next(row for row in rows if (row["dataset.data"], row["style_gan.seed"]) == place and row is not base)
        a, b = parts[id(base)], parts[id(other)]
        apart = {stage: float(np.linalg.norm(a[stage] - b[stage]) / max(scale[stage], 1e-9)) for stage in scale}
        named = max(apart, key=apart.__getitem__)
        found.append({"stage": place[0].rpartition("/")[2], "seed": place[1], "apart": apart, "named": named})
    return found


def _photos(row: dict[str, Any]) -> int:
    """Which of the two sets of scenes a row's camera was shown: its place among the pair's names."""
    names = [camera.name for camera in pair(row["dataset.data"].rpartition("/")[2])]
    return names.index(row["camera"])


def _parts(reading: dict[str, Any]) -> dict[str, np.ndarray]:
    """What a reading says of each stage, as vectors. Noise is its logarithm at middle grey, JPEG that of its steps."""
    noise, quality = reading["noise"], reading["quality"]["luma"]
    steps = (100 - quality) / 50 if quality >= 50 else 50 / quality
    return {
        "mosaic": np.array([reading["mosaic"]]),
        "demosaicing": np.array(reading["filters"]).ravel(),
        "noise": np.log([math.sqrt(noise["shot"] * GREY + noise["read"] ** 2)]),
        "sharpening": np.array([reading["sharpening"]]),
        "subsampling": np.array(list(reading["subsampling"].values())),
        "JPEG": np.log([steps]),
    }
