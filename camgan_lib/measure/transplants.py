"""Adds a generator's residuals to new images, whole or with parts changed, and asks a judge about the images.

Five things are added to the same new images, so that each step between two of them changes one thing only:

    own residual                what the generator makes of this very image
    own, random phases          its phases are drawn anew; how strong each frequency is stays
    another image's residual    the generator's answer to other content, with its phases
    another's, random phases    that, with phases drawn anew
    one fixed pattern           the same for all images: mean strength of each frequency, phases of the mean residual
"""

from typing import Any

import numpy as np
import torch
from scipy import fft
from torch import nn

from camgan_lib.base.devices import side_by_side
from camgan_lib.measure import spectrum
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import difference, holm, of_images, of_units, p_differs
from camgan_lib.networks.inference import decisions_of

PHASES = ("kept", "random", "mean")


def transplant(images: np.ndarray, residual: np.ndarray, strength: float, *, phases: str, seed: int = 0) -> np.ndarray:
    """Images (uint8 N×n×n×3) plus `strength` times a residual with other phases, uint8.

    `phases` "kept": the residual of the same number, `residual` is N×n×n×3. "random": the same with phases drawn anew
    for each image, alike in all channels; the strength of each frequency, how channels go together and each channel's
    mean stay. "mean": one pattern for all images, from residuals M×n×n×3: their root mean square per bin and channel,
    with the phases of their mean. Raises ValueError for other phases.
    """
    if phases not in PHASES:
        raise ValueError(f"phases are one of {', '.join(PHASES)}, got {phases!r}")
    spectra = np.fft.rfft2(residual.astype(float), axes=(1, 2))
    if phases == "random":
        spectra = spectra * random_phases(images.shape[:3], seed)[..., None]
    if phases == "mean":
        spectra = (np.sqrt((np.abs(spectra) ** 2).mean(0)) * np.exp(1j * np.angle(spectra.mean(0))))[None]
    pattern = np.fft.irfft2(spectra, images.shape[1:3], axes=(1, 2))
    return _added(images, strength * pattern)


def random_phases(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Factors e^{iφ}, complex N×n×(n/2+1), by which spectra (rfft2) of real images N×n×n get random phases.

    Frequency zero has the factor 1, so that mean colours are never inverted. The three other bins whose value is real
    (½ cycle per pixel along one axis or both) can only change their sign, and do so at random.
    """
    noise = np.random.default_rng(seed).standard_normal(shape)
    factors = np.exp(1j * np.angle(np.fft.rfft2(noise, axes=(1, 2))))
    factors[:, 0, 0] = 1
    return factors


def _added(images: np.ndarray, pattern: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(images + pattern), 0, 255).astype(np.uint8)


STRENGTHS = (0.0, 0.5, 1.0, 1.5, 2.0)
STEPS = (
    ("own residual", "own, random phases"),
    ("own residual", "another image's residual"),
    ("another image's residual", "another's, random phases"),
    ("another's, random phases", "one fixed pattern"),
)
"""Pairs of what is added that differ in one thing: phases, content, phases, whether it is one pattern for all."""

STEP_NAMES = {
    "own residual": "own",
    "own, random phases": "own with random phases",
    "another image's residual": "other",
    "another's, random phases": "random phases",
    "one fixed pattern": "fixed",
}
"""What is added → its short name in `steps`."""


def by_strength(
    stylised: dict[str, np.ndarray],
    judge: nn.Module,
    images: np.ndarray,
    device: torch.device,
    scene: np.ndarray | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """How often new images are taken for the camera when a residual is added, and how the kinds of it differ.

    `stylised`: camera → what its generator makes of `images`. The first half of `images` gives the other images'
    residuals; the second half are the new images. `scene`: for each of `images` the scene that it is cut from.
    `curves`: what is added (see the module) → an estimate for each of `strengths`, mean over cameras, scenes drawn
    anew. `steps`: "own − other" and so on (STEPS, STEP_NAMES) → paired difference at strength 1, and "own − untouched"
    and so on for each kind.
    """
    first, new = np.array_split(images, 2)
    new_scene = None if scene is None else np.asarray(scene)[len(first) :]
    donor = np.random.default_rng([seed, 1]).integers(0, len(first), len(new))

    def of_camera(numbered: tuple[int, np.ndarray]) -> dict[str, np.ndarray]:
        target, of_all = numbered
        many, own = np.array_split(of_all.astype(float) - images, 2)
        given = {
            "own residual": (own, "kept"),
            "own, random phases": (own, "random"),
            "another image's residual": (many[donor], "kept"),
            "another's, random phases": (many[donor], "random"),
            "one fixed pattern": (many, "mean"),
        }

        made = {
            name: np.concatenate([transplant(new, residual, s, phases=phases, seed=seed) for s in STRENGTHS])
            for name, (residual, phases) in given.items()
        }
        said = decisions_of(judge, {**made, "untouched": new}, device)
        return {name: (each[:, 0] == target).reshape(-1, len(new)) for name, each in said.items()}

    found = side_by_side(of_camera, enumerate(stylised.values()))
    curves = {
        name: [of_images(hit.T, scene=new_scene) for hit in np.stack([each[name] for each in found], 1)]
        for name in found[0]
    }
    untouched = curves.pop("untouched")[0]
    return {"strengths": list(STRENGTHS), "curves": curves, "steps": _steps(curves, untouched)}


def _steps(curves: dict[str, list[Estimate]], untouched: Estimate) -> dict[str, Estimate]:
    full = {name: curve[STRENGTHS.index(1.0)] for name, curve in curves.items()}
    steps = {f"{STEP_NAMES[a]} − {STEP_NAMES[b]}": difference(full[a], full[b]) for a, b in STEPS}
    return steps | {f"{STEP_NAMES[name]} − untouched": difference(each, untouched) for name, each in full.items()}


# --- removal


def without_bins(images: np.ndarray, residual: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Images plus their residuals (N×n×n×3) without the bins of `mask`, uint8.

    `mask`: boolean n×n of a spectrum with frequency zero in the middle.
    """
    spectra = fft.fft2(residual.astype(float), axes=(1, 2))
    spectra[:, np.fft.ifftshift(mask)] = 0
    return _added(images, fft.ifft2(spectra, axes=(1, 2)).real)


def random_bins(residual: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A mask n×n of other bins that hold as much of the residuals' power as those of `mask`.

    It is symmetric and leaves out frequency zero. Bins are drawn in pairs u, −u outside of `mask`, until their power
    would exceed that of `mask`.
    """
    power = spectrum.power(residual.astype(float), window=False).mean((0, -1))
    n = len(mask)
    back = (n - np.arange(n)) % n
    partner = np.arange(n * n).reshape(n, n)[np.ix_(back, back)]
    chosen, budget = np.zeros(n * n, bool), power[mask].sum()
    blocked = mask.ravel().copy()
    blocked[(n // 2) * n + n // 2] = True
    for index in rng.permutation(n * n):
        pair = {index, partner.ravel()[index]}
        cost = sum(power.ravel()[each] for each in pair)
        if cost > budget or any(blocked[each] or chosen[each] for each in pair):
            continue
        chosen[list(pair)] = True
        budget -= cost
    return chosen.reshape(n, n)


def removal(
    stylised: dict[str, np.ndarray],
    judge: nn.Module,
    images: np.ndarray,
    device: torch.device,
    scene: np.ndarray | None = None,
    draws: int = 20,
) -> list[dict[str, Any]]:
    """Share of stylised images still taken for the camera when their residual has lost a class of bins.

    `stylised`: camera → what its generator makes of `images`. A row per camera and class (`spectrum.classes_of_bins`
    but `rest`): `camera`, `bins`, `share_of_power` of the class; estimates by scene of the shares taken: `all` (nothing
    removed), `without` (the class removed), `without_random` (other bins of at most the same power removed, mean over
    `draws` sets of them); `difference`: `without` minus `without_random`, paired, so that it is negative if the class
    matters more than its power. `share_random`: those other bins' share of power.
    """

    def of_camera(named: tuple[int, str]) -> list[dict[str, Any]]:
        target, camera = named
        rng = np.random.default_rng(target)
        residual = stylised[camera].astype(float) - images
        power = spectrum.power(residual, window=False).mean((0, -1))

        def taken(masks: list[np.ndarray]) -> np.ndarray:
            made = {number: without_bins(images, residual, mask) for number, mask in enumerate(masks)}
            return np.stack([each[:, 0] == target for each in decisions_of(judge, made, device).values()])

        rows, everything = [], of_images(taken([np.zeros_like(power, bool)])[0], scene=scene)
        for name in spectrum.CLASSES:
            mask = spectrum.classes_of_bins(images.shape[1])[name]
            others = [random_bins(residual, mask, rng) for _ in range(draws)]
            hits = taken([mask, *others])
            without, random = (of_images(each, scene=scene) for each in (hits[0], hits[1:].mean(0)))
            row = {"camera": camera, "bins": name, "all": everything, "without": without, "without_random": random}
            row |= {"draws": draws}
            row |= {"difference": difference(without, random)}
            row |= {"share_of_power": float(power[mask].sum() / power.sum())}
            rows.append(row | {"share_random": float(np.mean([power[o].sum() for o in others]) / power.sum())})
        return rows

    return [row for rows in side_by_side(of_camera, enumerate(stylised)) for row in rows]


def over_cameras(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row per class of bins: the rows of `removal` averaged over cameras.

    All cameras have the same images, so that a scene is drawn for all of them at once. `draws`: how many sets of other
    bins stand for a class's power. `p`: that of "the class matters as much as its power", two-sided, corrected for the
    number of classes (Holm).
    """
    found = []
    for name in dict.fromkeys(row["bins"] for row in rows):
        several = [row for row in rows if row["bins"] == name]
        mean = {key: _mean([row[key] for row in several], (0, 1)) for key in ("all", "without", "without_random")}
        shares = {key: float(np.mean([row[key] for row in several])) for key in ("share_of_power", "share_random")}
        shares |= {"draws": several[0]["draws"]}
        found.append({"bins": name, **mean, **shares, "difference": _mean([row["difference"] for row in several])})
    corrected = holm({row["bins"]: p_differs(row["difference"]) for row in found})
    return [{**row, "p": corrected[row["bins"]]} for row in found]


def _mean(several: list[Estimate], bounds: tuple[float, float] | None = None) -> Estimate:
    """The mean of estimates that have the same units."""
    return of_units(np.mean([each.units for each in several], 0), unit=several[0].unit, bounds=bounds)
