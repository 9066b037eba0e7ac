"""Is it the frequencies? Residuals rebuilt from their spectra alone, and residuals that have lost some bins."""

import numpy as np

from camgan_lib import spectrum


def transplant(images: np.ndarray, residual: np.ndarray, strength: float, *, phases: str, seed: int = 0) -> np.ndarray:
    """New images (uint8 N×n×n×3) with the mean spectrum of residuals M×n×n×3 added to each, times `strength`.

    The magnitude of each bin and channel is the residuals' root mean square; `phases` are "fixed", those of the mean
    residual, the same for all, or "random", drawn for each image. Strength 0 gives the images back. Raises ValueError
    for other phases.
    """
    spectra = np.fft.rfft2(residual.astype(float), axes=(1, 2))
    magnitude = np.sqrt((np.abs(spectra) ** 2).mean(0))
    if phases == "fixed":
        angle = np.angle(spectra.mean(0))[None]
    elif phases == "random":
        noise = np.random.default_rng(seed).standard_normal(images.shape)
        angle = np.angle(np.fft.rfft2(noise, axes=(1, 2)))
    else:
        raise ValueError(f"phases are 'fixed' or 'random', got {phases!r}")
    pattern = np.fft.irfft2(magnitude * np.exp(1j * angle), images.shape[1:3], axes=(1, 2))
    return np.clip(np.rint(images + strength * pattern), 0, 255).astype(np.uint8)


def without_bins(images: np.ndarray, residual: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Images plus their residuals (N×n×n×3) without the bins of `mask` (boolean n×n of a shifted spectrum), uint8."""
    spectra = np.fft.fft2(residual.astype(float), axes=(1, 2))
    spectra[:, np.fft.ifftshift(mask)] = 0
    kept = np.fft.ifft2(spectra, axes=(1, 2)).real
    return np.clip(np.rint(images + kept), 0, 255).astype(np.uint8)


def random_bins(residual: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other bins that hold as much of the residuals' power as those of `mask`: a mask n×n, symmetric, without zero.

    Bins are drawn in pairs u, −u among those outside of `mask`, until their power would exceed it.
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
