"""Spectra of small images: transforms, levels in dB, high-pass residuals, and the bins where lines can lie.

All functions take arrays. Images are N×H×W or N×H×W×3, uint8 or float, at 8-bit scale (0 to 255) unless said
otherwise, H = W = n even. Spectra are shifted: zero frequency at index n/2, so that index i is (i − n/2)/n cycles per
pixel and index 0 is the Nyquist frequency (½ cycle per pixel). Powers are normalised so that white noise of variance
σ² has the expected power σ² in every bin, with or without window; dB are 10·log10 of that.

Two things are averaged over images, each for its purpose. The *level* of an image is 10·log10(P + ROUNDING). Its mean
is what the book shows, compares and (in `networks.losses.levels`) trains on. The *mean power* keeps what is added to
all images apart from them: `measure.lines` is built on it.
"""

import numpy as np
from scipy import fft

LUMINANCE = (0.299, 0.587, 0.114)
CLASSES = ("axis_nyquist", "diagonal_nyquist", "quarters", "odd_eighths")
FLOOR = 1e-6
"""Least power that `decibel` tells apart from none: −60 dB."""
ROUNDING = 1 / 12
"""Power of the error of rounding to 8 bits, in squared levels. Below it a spectrum shows nothing of the image."""


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
    return np.fft.fftshift(fft.fft2(values, axes=(1, 2)), axes=(1, 2)) / np.sqrt((weight**2).sum())


def power(images: np.ndarray, *, window: bool = True) -> np.ndarray:
    """|F|² of each image and channel (see `transform`), float64, shaped as `images`."""
    return np.abs(transform(images, window=window)) ** 2


def decibel(values: np.ndarray) -> np.ndarray:
    """10·log10 of powers, at least −60 dB."""
    return 10 * np.log10(np.maximum(values, FLOOR))


def level(images: np.ndarray, *, window: bool = True, floor: float = ROUNDING) -> np.ndarray:
    """The spectrum of each image and channel in dB, 10·log10(|F|² + floor), shaped as `images`.

    `floor`: ROUNDING for images in 8-bit levels, which are rounded; 0 for what has other units, as `log_variance`.
    """
    return decibel(power(images, window=window) + floor)


def mean_level(images: np.ndarray, *, window: bool = True, floor: float = ROUNDING) -> np.ndarray:
    """The mean of the images' levels (see `level`), n×n or n×n×C.

    Unlike the mean power, it is not dominated by a few images of strong contrast. Of random phases it lies 2.5 dB below
    the dB of the mean power, and 5.5 dB in the three bins whose transform is real: (½, 0), (0, ½) and (½, ½).
    """
    return level(images, window=window, floor=floor).mean(0)


def mean_db(images: np.ndarray, *, window: bool = True) -> np.ndarray:
    """The mean power over images in dB, n×n or n×n×C."""
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
    frequencies are multiples of ⅛ are `rest`. Raises ValueError unless n is a multiple of 32: half-way between two
    eighths there must be a bin that Hann's window keeps free of lines.
    """
    if n % 32:
        raise ValueError(f"a spectrum with a side that is a multiple of 32 was expected, got {n}")
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


def radial_profile(spectrum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over rings of a shifted power n×n: (frequency in cycles/pixel, dB), rings 1/n wide, from 1/n to ½."""
    n = spectrum.shape[0]
    ring = np.rint(n * np.hypot(*np.meshgrid(frequencies(n), frequencies(n)))).astype(int)
    keep = (ring >= 1) & (ring <= n // 2)
    sums = np.bincount(ring[keep], spectrum[keep], n // 2 + 1) / np.maximum(np.bincount(ring[keep]), 1)
    return np.arange(1, n // 2 + 1) / n, decibel(sums[1:])
