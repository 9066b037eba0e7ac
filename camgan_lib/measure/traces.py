"""A detector of JPEG's grid of blocks that needs no training: it counts the zeros that coarse steps leave.

Where an 8×8 block lies on the grid on which a picture was compressed, many coefficients of its cosine transform are
zero; anywhere else they are not. Each pixel votes for the place of that block around it which has the most zeros. If
one place of the 64 gets more votes than chance would give it, there is a grid, and its place is known (ZERO,
Nikoukhah et al. 2021; written here after the paper).
"""

import numpy as np
from scipy.fft import dctn
from scipy.stats import binom

BLOCK = 8
PLACES = BLOCK**2
FALSE_ALARMS = 0.05
"""How many grids may be found, on average, in an image that has none."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def zeros(images: np.ndarray) -> np.ndarray:
    """How many coefficients of each 8×8 block of luma are zero, at every position: int64 N×(H−7)×(W−7).

    `images`: uint8 N×H×W×3. The mean of a block, its first coefficient, is not counted.
    """
    luma = images.astype(np.float32) @ _LUMA
    blocks = np.lib.stride_tricks.sliding_window_view(luma, (BLOCK, BLOCK), axis=(1, 2))
    small = np.abs(dctn(blocks, axes=(-2, -1), norm="ortho")) < 0.5
    return small.sum((-2, -1)) - small[..., 0, 0]


def votes(images: np.ndarray) -> np.ndarray:
    """How many pixels of each image (uint8 N×H×W×3) vote for each place of the grid: int64 N×64.

    Place 8·y + x: blocks begin at rows y, y + 8, … and columns x, x + 8, …. A pixel around which several places have
    the most zeros does not vote.
    """
    counts = zeros(images)
    n, height, width = images.shape[:3]
    by_place = np.full((n, PLACES, height, width), -1, counts.dtype)
    for place in range(PLACES):
        y, x = divmod(place, BLOCK)
        of_place = counts[:, y::BLOCK, x::BLOCK]
        blocks = of_place.repeat(BLOCK, 1).repeat(BLOCK, 2)
        by_place[:, place, y : y + blocks.shape[1], x : x + blocks.shape[2]] = blocks
    most = by_place.max(1, keepdims=True)
    at_most = (by_place == most) & (most >= 0)
    clear = at_most.sum(1, keepdims=True) == 1
    return (at_most & clear).sum((2, 3))


def grid(images: np.ndarray) -> np.ndarray:
    """The place of the grid that is found in each image (uint8 N×H×W×3), 0 to 63, or −1 where none is: int64 N.

    Votes of pixels of one block are not independent, so each block counts once. Found is what at most FALSE_ALARMS
    images without a grid would show.
    """
    found = votes(images)
    blocks = images.shape[1] * images.shape[2] // PLACES
    won = found.max(1)
    chance = binom.sf(np.ceil(won / PLACES) - 1, blocks, 1 / PLACES)
    return np.where(PLACES * chance < FALSE_ALARMS, found.argmax(1), -1)
