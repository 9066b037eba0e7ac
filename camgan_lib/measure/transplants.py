"""Rebuilds residuals from their spectra alone, or removes some frequencies, and asks judges about the images."""

from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.base.devices import side_by_side
from camgan_lib.measure import spectrum
from camgan_lib.measure.generators import share_taken
from camgan_lib.measure.statistics import bootstrap_by_photo
from camgan_lib.networks.inference import predict, stylise


def transplant(images: np.ndarray, residual: np.ndarray, strength: float, *, phases: str, seed: int = 0) -> np.ndarray:
    """New images (uint8 N×n×n×3) plus `strength` times a residual that is rebuilt from residuals M×n×n×3.

    `phases` says what is added. "fixed": one pattern for all images, the residuals' root mean square per bin and
    channel with the phases of their mean. "other": the residual of another image as it is. "random": that residual with
    phases drawn anew, the same in all channels; the strength of each frequency and how channels go together stay. With
    strength 0 the images come back unchanged. Raises ValueError for other phases.
    """
    spectra, rng = np.fft.rfft2(residual.astype(float), axes=(1, 2)), np.random.default_rng(seed)
    others = spectra[rng.integers(0, len(spectra), len(images))]
    if phases == "fixed":
        added = (np.sqrt((np.abs(spectra) ** 2).mean(0)) * np.exp(1j * np.angle(spectra.mean(0))))[None]
    elif phases == "other":
        added = others
    elif phases == "random":
        noise = rng.standard_normal(images.shape[:3])
        added = others * np.exp(1j * np.angle(np.fft.rfft2(noise, axes=(1, 2))))[..., None]
    else:
        raise ValueError(f"phases are 'fixed', 'other' or 'random', got {phases!r}")
    pattern = np.fft.irfft2(added, images.shape[1:3], axes=(1, 2))
    return np.clip(np.rint(images + strength * pattern), 0, 255).astype(np.uint8)


def without_bins(images: np.ndarray, residual: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Images plus their residuals (N×n×n×3) without the bins of `mask`, uint8.

    `mask`: boolean n×n of a spectrum with frequency zero in the middle.
    """
    spectra = np.fft.fft2(residual.astype(float), axes=(1, 2))
    spectra[:, np.fft.ifftshift(mask)] = 0
    kept = np.fft.ifft2(spectra, axes=(1, 2)).real
    return np.clip(np.rint(images + kept), 0, 255).astype(np.uint8)


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


STRENGTHS = (0.0, 0.5, 1.0, 1.5, 2.0)


def by_strength(
    generators: dict[str, nn.Module], judge: nn.Module, images: np.ndarray, device: torch.device
) -> dict[str, list[tuple[float, float, float]]]:
    """How often new images with a transplanted spectrum are taken for the camera: name → (mean, low, high) by strength.

    The spectrum comes from the generator's residuals on the first half of `images`; the new images are the second half.
    Names: "generator" (the image's own residual times strength), "other image's residual", "fixed phases" and "random
    phases" (see `transplant`). Means are over cameras, 95 % intervals over images drawn anew.
    """
    first, new = np.array_split(images, 2)
    names = {"other image's residual": "other", "fixed phases": "fixed", "random phases": "random"}

    def of_camera(numbered: tuple[int, nn.Module]) -> dict[str, np.ndarray]:
        target, generator = numbered
        residual = stylise(generator, first, device).astype(float) - first
        own = stylise(generator, new, device).astype(float) - new
        made = {
            "generator": [np.clip(np.rint(new + s * own), 0, 255).astype(np.uint8) for s in STRENGTHS],
            **{name: [transplant(new, residual, s, phases=p) for s in STRENGTHS] for name, p in names.items()},
        }
        return {
            name: np.array([predict(judge, each, device).argmax(1) == target for each in several])
            for name, several in made.items()
        }

    taken = side_by_side(of_camera, enumerate(generators.values()))
    index = np.arange(len(new))
    mean = {name: np.mean([each[name] for each in taken], 0) for name in ("generator", *names)}
    return {name: [_interval(row, index) for row in curve] for name, curve in mean.items()}


def removal(
    generators: dict[str, nn.Module], judge: nn.Module, images: np.ndarray, device: torch.device, draws: int = 3
) -> list[dict[str, Any]]:
    """Share of stylised images still taken for the camera when their residual has lost a class of bins.

    A row per camera and class (`spectrum.classes_of_bins` but `rest`): `camera`, `bins`, `share_of_power` of the class,
    and shares taken: `all` (nothing removed), `without` (the class removed) and `without_random` (other bins of the
    same power removed, mean over draws). `share_random`: those bins' share of power.
    """

    def of_camera(named: tuple[int, str]) -> list[dict[str, Any]]:
        target, camera = named
        rng = np.random.default_rng(target)
        residual = stylise(generators[camera], images, device).astype(float) - images
        power = spectrum.power(residual, window=False).mean((0, -1))

        def taken(mask: np.ndarray) -> float:
            return share_taken(judge, without_bins(images, residual, mask), target, device)

        rows, everything = [], taken(np.zeros_like(power, bool))
        for name in spectrum.CLASSES:
            mask = spectrum.classes_of_bins(images.shape[1])[name]
            others = [random_bins(residual, mask, rng) for _ in range(draws)]
            rows.append(
                {
                    "camera": camera,
                    "bins": name,
                    "share_of_power": float(power[mask].sum() / power.sum()),
                    "all": everything,
                    "without": taken(mask),
                    "without_random": float(np.mean([taken(other) for other in others])),
                    "share_random": float(np.mean([power[other].sum() / power.sum() for other in others])),
                }
            )
        return rows

    return [row for rows in side_by_side(of_camera, enumerate(generators)) for row in rows]


def _interval(values: np.ndarray, index: np.ndarray) -> tuple[float, float, float]:
    low, high = bootstrap_by_photo(values, index)
    return float(values.mean()), low, high
