"""Spectra of small images: dB spectra, high-pass residuals, line strength, coherence, consistency across content.

All functions are pure numpy. Images are N×H×W or N×H×W×3, uint8 or float, at 8-bit scale (0 to 255) unless said
otherwise, H = W = n even. Spectra are shifted: zero frequency at index n/2, so that index i is (i − n/2)/n cycles per
pixel and index 0 is the Nyquist frequency (½ cycle per pixel). Powers are normalised so that white noise of variance
σ² has the expected power σ² in every bin, with or without window; dB are 10·log10 of that.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

LUMINANCE = (0.299, 0.587, 0.114)
CLASSES = ("axis_nyquist", "diagonal_nyquist", "quarters", "odd_eighths")
FLOOR = 1e-6
"""Least power that `decibel` tells apart from none: −60 dB."""


def luminance(images: np.ndarray) -> np.ndarray:
    """Y = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) of N×H×W×3: float64 N×H×W in the units of the images."""
    return images.astype(np.float64) @ np.array(LUMINANCE)


def hann(n: int) -> np.ndarray:
    """The periodic Hann window of two dimensions, n×n: w(x)·w(y), w(x) = ½ − ½ cos(2πx/n).

    A sine at a whole bin spreads to its direct neighbours and no further.
    """
    line = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
    return np.outer(line, line)


def transform(images: np.ndarray, *, window: bool = True) -> np.ndarray:
    """Shifted 2-D Fourier transform of each image and channel, complex128, shaped as `images`.

    F(u) = Σ_x w(x) (s(x) − s̄) exp(−2πi u·x/n) / √Σw², s̄ the window-weighted mean, so that F(0) = 0; w is Hann's
    window, or 1 where `window` is false. Without a window Σ_u |F|² = Σ_x (s − s̄)² (Parseval).
    Raises ValueError for images that are not square or of odd side.
    """
    if images.ndim not in (3, 4) or images.shape[1] != images.shape[2] or images.shape[1] % 2:
        raise ValueError(f"square images of even side, N×n×n or N×n×n×C, were expected, got shape {images.shape}")
    n = images.shape[1]
    weight = hann(n) if window else np.ones((n, n))
    weight = weight.reshape(n, n, *[1] * (images.ndim - 3))
    values = images.astype(np.float64)
    values = weight * (values - (weight * values).sum((1, 2), keepdims=True) / weight.sum())
    return np.fft.fftshift(np.fft.fft2(values, axes=(1, 2)), axes=(1, 2)) / np.sqrt((weight**2).sum())


def power(images: np.ndarray, *, window: bool = True) -> np.ndarray:
    """|F|² of each image and channel (see `transform`), float64, shaped as `images`."""
    return np.abs(transform(images, window=window)) ** 2


def decibel(values: np.ndarray) -> np.ndarray:
    """10·log10 of powers, at least −60 dB."""
    return 10 * np.log10(np.maximum(values, FLOOR))


def mean_db(images: np.ndarray, *, window: bool = True) -> np.ndarray:
    """The spectrum in dB of the mean power over images, n×n or n×n×C."""
    return decibel(power(images, window=window).mean(0))


def high_pass(images: np.ndarray) -> np.ndarray:
    """What the four neighbours do not predict of a pixel, float64, shaped as `images`.

    e = s ∗ [0 ¼ 0; ¼ −1 ¼; 0 ¼ 0], borders mirrored; frequency response −1 + ½(cos 2πf_x + cos 2πf_y).
    """
    values = images.astype(np.float64)
    pad = [(0, 0), (1, 1), (1, 1)] + [(0, 0)] * (images.ndim - 3)
    s = np.pad(values, pad, mode="reflect")
    return (s[:, :-2, 1:-1] + s[:, 2:, 1:-1] + s[:, 1:-1, :-2] + s[:, 1:-1, 2:]) / 4 - values


def log_variance(images: np.ndarray) -> np.ndarray:
    """log(|e| + 1), e the `high_pass` of an image: a map of local deviation, shaped as `images`.

    Its spectrum shows what varies *periodically in variance*, as a colour mosaic (Gallagher & Chen 2008) and JPEG's
    blocks do; such traces have no line in the spectrum of the image itself.
    """
    return np.log1p(np.abs(high_pass(images)))


def frequencies(n: int) -> np.ndarray:
    """Cycles per pixel of each index of a shifted spectrum: −½ … ½ − 1/n."""
    return (np.arange(n) - n // 2) / n


def classes_of_bins(n: int = 32) -> dict[str, np.ndarray]:
    """Bins where periods of 2, 4 and 8 pixels lie: class → boolean n×n mask of a shifted spectrum.

    axis_nyquist: (½, 0) and (0, ½); diagonal_nyquist: (½, ½); quarters: (±¼, 0) and (0, ±¼); odd_eighths: (±⅛, 0),
    (±⅜, 0) and the same along the other axis (a blocking grid is drawn along the axes). All bins but those whose two
    frequencies are multiples of ⅛ are `rest`. Raises ValueError unless n is a multiple of 16 (neighbours at ±2 must
    be `rest`).
    """
    if n % 16:
        raise ValueError(f"a spectrum with a side that is a multiple of 16 was expected, got {n}")
    u, v = np.meshgrid(np.arange(n) - n // 2, np.arange(n) - n // 2, indexing="ij")

    def both(step: int) -> np.ndarray:
        return (u % step == 0) & (v % step == 0)

    axis = (u == 0) | (v == 0)
    masks = {
        "axis_nyquist": axis & both(n // 2) & ((u != 0) | (v != 0)),
        "diagonal_nyquist": (u == -n // 2) & (v == -n // 2),
        "quarters": axis & both(n // 4) & ~both(n // 2),
        "odd_eighths": axis & both(n // 8) & ~both(n // 4),
    }
    return {**masks, "rest": ~both(n // 8)}


def line_strength(spectrum: np.ndarray) -> np.ndarray:
    """How far each bin of a shifted mean power n×n stands above its surroundings, in dB, n×n.

    L(k) = 10·log10(P(k) / geometric mean of P at k ± 2 along each axis), around the corner of the spectrum. Hann's
    window keeps a line out of bins at distance 2, and on a power law P = |f|^−α L is near 0, as log|f| is harmonic.
    """
    level = decibel(spectrum)
    around = [np.roll(level, shift, axis) for axis in (0, 1) for shift in (-2, 2)]
    return level - np.mean(around, axis=0)


def coherence(images: np.ndarray) -> np.ndarray:
    """C = |mean F|² / mean |F|² over images, per bin (and channel): 1 for one pattern in all, 1/N for random phases."""
    spectra = transform(images)
    return np.abs(spectra.mean(0)) ** 2 / np.maximum((np.abs(spectra) ** 2).mean(0), FLOOR)


def line_report(images: np.ndarray) -> dict[str, float]:
    """Lines of a set of images or residuals N×n×n×C, channels averaged.

    Per class of bins c of `classes_of_bins`: `c_db`, the mean line strength in dB, and `c_coherence`, the mean
    coherence; with `rest_coherence` for all other bins and `null_coherence` = 1/N.
    """
    strength, coherent = line_strength(power(images).mean((0, -1))), coherence(images).mean(-1)
    masks = classes_of_bins(images.shape[1])
    report = {f"{name}_db": float(strength[masks[name]].mean()) for name in CLASSES}
    report |= {f"{name}_coherence": float(coherent[masks[name]].mean()) for name in CLASSES}
    return {**report, "rest_coherence": float(coherent[masks["rest"]].mean()), "null_coherence": 1 / len(images)}


class Line(NamedTuple):
    """The strongest line of a set of images: its class of bins, its strength in dB with a 95 % interval."""

    bins: str
    strength: float
    low: float
    high: float


def strongest_line(images: np.ndarray, photo: np.ndarray, *, draws: int = 500, seed: int = 0) -> Line:
    """Which class of bins stands out most in the mean power of N×n×n images, with a 95 % interval by photo.

    The class is chosen on every other photo, strength and interval are those of the remaining photos, drawn anew.
    Of fewer than four photos each image counts as one.
    """
    masks = {name: mask for name, mask in classes_of_bins(images.shape[1]).items() if name in CLASSES}
    _, index = np.unique(photo, return_inverse=True)
    index = index if index.max() >= 3 else np.arange(len(images))
    by_photo = np.zeros((index.max() + 1, *images.shape[1:]))
    np.add.at(by_photo, index, power(images))
    chosen = line_strength(by_photo[::2].sum(0))
    bins = max(masks, key=lambda name: chosen[masks[name]].mean())
    sums = by_photo[1::2]
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), draws)
    drawn = (counts @ sums.reshape(len(sums), -1)).reshape(draws, *images.shape[1:])
    low, high = np.quantile([line_strength(each)[masks[bins]].mean() for each in drawn], (0.025, 0.975))
    return Line(bins, float(line_strength(sums.sum(0))[masks[bins]].mean()), float(low), float(high))


def radial_profile(spectrum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over rings of a shifted power n×n: (frequency in cycles/pixel, dB), rings 1/n wide, from 1/n to ½."""
    n = spectrum.shape[0]
    ring = np.rint(n * np.hypot(*np.meshgrid(frequencies(n), frequencies(n)))).astype(int)
    keep = (ring >= 1) & (ring <= n // 2)
    sums = np.bincount(ring[keep], spectrum[keep], n // 2 + 1) / np.maximum(np.bincount(ring[keep]), 1)
    return np.arange(1, n // 2 + 1) / n, decibel(sums[1:])


class Consistency(NamedTuple):
    """`auc` of own against other classes with its 95 % interval (`low`, `high`) and one AUC per class."""

    auc: float
    low: float
    high: float
    by_class: tuple[float, ...]


def consistency_auc(
    groups: Sequence[np.ndarray],
    content: Sequence[np.ndarray] | None = None,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Consistency:
    """Is the pattern of a class the same whatever the content? ½: no more than chance, 1: always.

    `groups`: per class the images N×n×n×C whose dB spectra (windowed) are compared; `content`: per class an integer
    per image, equal where the content is (by default the index within the class: the same images stylised towards
    each camera). Each image's spectrum is correlated with the mean spectrum of every class, made without that
    content in any class, the mean of these class means being subtracted from all. The AUC is the share of (image, other
    class) pairs where the correlation with the own class is the higher one (ties count half): Mann–Whitney per image,
    averaged over images, so that images which resemble nothing weigh no more. The interval draws contents anew.
    Raises ValueError for fewer than two classes or two contents.
    """
    features = [decibel(power(images)).reshape(len(images), -1) for images in groups]
    content = [np.arange(len(f)) for f in features] if content is None else [np.asarray(c) for c in content]
    contents, index = np.unique(np.concatenate(content), return_inverse=True)
    label = np.repeat(np.arange(len(features)), [len(f) for f in features])
    if len(features) < 2 or len(contents) < 2:
        raise ValueError(f"at least 2 classes and 2 contents were expected, got {len(features)} and {len(contents)}")
    score = _own_against_other(np.concatenate(features), label, index)
    sums, counts = np.bincount(index, score), np.bincount(index)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (draws, len(sums)))
    low, high = np.quantile(sums[drawn].sum(1) / counts[drawn].sum(1), (0.025, 0.975))
    by_class = tuple(float(score[label == c].mean()) for c in range(len(features)))
    return Consistency(float(score.mean()), float(low), float(high), by_class)


def _own_against_other(features: np.ndarray, label: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Per image the share of other classes whose mean it resembles less than its own class's, ties counting half."""
    classes = label.max() + 1
    sums = np.stack([features[label == c].sum(0) for c in range(classes)])
    counts = np.bincount(label)
    scores = np.empty(len(features))
    for out in range(content.max() + 1):
        chosen = np.flatnonzero(content == out)
        rest_sums, rest_counts = sums.copy(), counts.copy()
        np.subtract.at(rest_sums, label[chosen], features[chosen])
        np.subtract.at(rest_counts, label[chosen], 1)
        means = rest_sums / np.maximum(rest_counts, 1)[:, None]
        centre = means.mean(0)
        alike = _correlation(features[chosen] - centre, means - centre)
        own = alike[np.arange(len(chosen)), label[chosen]][:, None]
        wins = (own > alike).sum(1) + 0.5 * ((own == alike).sum(1) - 1)
        scores[chosen] = wins / (classes - 1)
    return scores


def _correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = (x - x.mean(1, keepdims=True) for x in (a, b))
    norms = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
    return a @ b.T / np.maximum(norms, FLOOR)
