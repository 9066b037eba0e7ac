"""Finds where the 8×8 blocks of JPEG lie in a photo, also those of a compression before it was cropped and saved again.

Coarse steps make many coefficients of a block's cosine transform small, but only where the block lies on the grid on
which the photo was compressed. So windows of the photo vote: each for that place of the 64 whose blocks have the most
small coefficients. `measure.traces` asks the same of single crops of 32×32 pixels, pixel by pixel; a photo has room for
windows that do not overlap, so that one pass of a few milliseconds is enough.

A photo that was compressed, cropped and compressed again has two grids, and the last one outshines the first. But what
the last one does to the counts is the same at place (x, y) as at its mirror image (−x, −y), on average. So the windows
vote by the difference of the two, which only another grid can favour.
"""

import numpy as np

BLOCK = 8
PLACES = BLOCK**2
SMALL = 1.0
"""A coefficient (orthonormal, of luma 0 to 255) counts as small below this."""

WINDOWS = 7
"""The photo has at most so many windows in each direction, spread over it."""

SIDES = (32, 16)
"""Side of a window in pixels, and of one in a photo that is too small for WINDOWS of these."""

FALSE_ALARMS = 0.05
"""How many grids may be found, on average, in a photo that has none."""

CLEAR, CLEAR_OF_LINE = 0.03, 1e-4
"""How often the winner of all places, and that of a row or a column, may have so many votes more than the next place
by chance: a texture favours several alike, and a straight edge those in a line. Measured: of 402 photos by four cameras
none then had a grid besides its own, nor had one of them after it was scaled, unless by two, which makes blocks of 16.
"""

_FREQUENCY = np.arange(BLOCK)[:, None] * (2 * np.arange(BLOCK) + 1) * np.pi / (2 * BLOCK)
_COSINES = (np.cos(_FREQUENCY) * np.sqrt(np.where(np.arange(BLOCK) == 0, 1, 2) / BLOCK)[:, None]).astype(np.float32)
"""Rows are the basis vectors of the cosine transform of 8 values."""


def grid(luma: np.ndarray) -> tuple[int, int] | None:
    """The first column and row, x and y in 0…7, at which a block of the strongest grid begins; None if there is none.

    `luma`: float32 H×W, 0 to 255. None, too, if it is smaller than about 55×55: then there are too few windows.
    """
    place, _ = _winner(small_coefficients(luma).reshape(-1, PLACES), CLEAR)
    return None if place is None else (place % BLOCK, place // BLOCK)


def earlier_grid(luma: np.ndarray, own: tuple[int, int]) -> tuple[int, int] | None:
    """The place (x, y) of a grid besides `own` (x, y), on which the photo was compressed last; None if there is none.

    `luma`: float32 H×W, 0 to 255. A place that is its own mirror image, as one that lies 4 columns aside, can't be
    found. If a grid lies straight above or beside the last one, all places in line with it show it in part. So the
    windows vote by all places first, then only by those in a row or a column with the last grid.
    """
    counts = np.roll(small_coefficients(luma), (-own[1], -own[0]), (1, 2)).astype(np.float32)
    mirrored = np.roll(counts[:, ::-1, ::-1], 1, (1, 2))
    excess = (counts - mirrored) / np.sqrt(counts + mirrored + 1)
    place, _ = _winner(excess.reshape(-1, PLACES), CLEAR)
    (x, for_x), (y, for_y) = (_winner(line, CLEAR_OF_LINE) for line in (excess[:, 0], excess[:, :, 0]))
    if place is None and for_x >= for_y:
        place = x
    elif place is None:
        place = None if y is None else y * BLOCK
    return None if place is None else ((place + own[0]) % BLOCK, (place // BLOCK + own[1]) % BLOCK)


def small_coefficients(luma: np.ndarray) -> np.ndarray:
    """How many coefficients are small in the blocks that begin at each place of the grid: int64 windows×8×8 (y, x).

    `luma`: float32 H×W. Where it is too small for a window there is none.
    """
    side = SIDES[0] if min(luma.shape) >= WINDOWS * SIDES[0] + BLOCK - 1 else SIDES[1]
    reach = side + BLOCK - 1  # blocks that begin in a window may end outside
    tops, lefts = (_starts(length, side) for length in luma.shape)
    cut = [luma[y : y + reach, x : x + reach] for y in tops for x in lefts]
    if not cut:
        return np.zeros((0, BLOCK, BLOCK), np.int64)
    along_x = np.lib.stride_tricks.sliding_window_view(np.stack(cut), BLOCK, axis=2) @ _COSINES.T
    columns = along_x.transpose(0, 2, 3, 1)  # windows × x × frequency along x × y
    both = np.lib.stride_tricks.sliding_window_view(columns, BLOCK, axis=3) @ _COSINES.T
    small = np.abs(both, out=both) < SMALL
    # The eight truth values of a row are eight bytes of one number. Numbers add up byte by byte: no sum passes 128.
    packed = small.view(np.uint64)[..., 0].reshape(len(cut), side // BLOCK, BLOCK, BLOCK, side // BLOCK, BLOCK)
    return packed.sum((1, 3, 4))[..., None].view(np.uint8).sum(-1, dtype=np.int64).transpose(0, 2, 1)


def _starts(length: int, side: int) -> list[int]:
    """Where windows begin along one direction, on multiples of 8: at most WINDOWS of them, none over another."""
    room = length - (BLOCK - 1)
    if room < side:
        return []
    starts = np.linspace(0, room - side, min(WINDOWS, room // side))
    return [int(start) // BLOCK * BLOCK for start in starts]


def _winner(scores: np.ndarray, clear_by: float) -> tuple[int | None, int]:
    """The place with the highest score (windows×places) in more windows than by chance, or None; and its votes.

    A window in which several places share the highest score does not vote. The winner must have more votes than it
    would if each window voted at random (FALSE_ALARMS over all places), and more than the next place
    has, by chance at most in a share of `clear_by`.
    """
    from scipy.special import bdtrc

    windows, places = scores.shape
    if not windows:
        return None, 0
    clear = (scores == scores.max(1, keepdims=True)).sum(1) == 1
    votes = np.bincount(scores.argmax(1)[clear], minlength=places)
    second, first = np.sort(votes)[-2:]
    by_chance = places * bdtrc(first - 1, windows, 1 / places) < FALSE_ALARMS
    by_next = bdtrc(first - 1, first + second, 0.5) < clear_by
    return (int(votes.argmax()) if by_chance and by_next else None), int(first)
