"""Three ways of demosaicing a Bayer mosaic (RGGB), compiled: bilinear, Malvar's and Menon's.

All compute in float64 on a mosaic that the caller has framed with mirrored pixels.
"""

import numpy as np

from camgan_lib.base.compiled import compiled

MARGIN = 4
"""Pixels of the frame around a mosaic; an even number, so that the frame begins with the same cell."""
THIRD = 1 / 3


@compiled
def bilinear(raw: np.ndarray) -> np.ndarray:
    """The mean of the nearest measurements of a channel: float32 H×W×3 of a mosaic framed by MARGIN pixels."""
    height, width = raw.shape[0] - 2 * MARGIN, raw.shape[1] - 2 * MARGIN
    out = np.empty((height, width, 3), np.float32)
    for row in range(height):
        above, own, below = raw[row + MARGIN - 1], raw[row + MARGIN], raw[row + MARGIN + 1]
        for column in range(width):
            at = column + MARGIN
            up, down, left, right = above[at] + 0.0, below[at] + 0.0, own[at - 1] + 0.0, own[at + 1] + 0.0
            if (row + column) % 2:
                beside, over = (left + right) * 0.5, (up + down) * 0.5
                first, second = (beside, over) if row % 2 == 0 else (over, beside)
                out[row, column, 0], out[row, column, 1], out[row, column, 2] = first, own[at], second
            else:
                corners = 0.25 * above[at - 1] + 0.25 * above[at + 1] + 0.25 * below[at - 1] + 0.25 * below[at + 1]
                cross = 0.25 * up + 0.25 * left + 0.25 * right + 0.25 * down
                first, second = (own[at], corners) if row % 2 == 0 else (corners, own[at])
                out[row, column, 0], out[row, column, 1], out[row, column, 2] = first, cross, second
    return out


@compiled
def malvar(raw: np.ndarray) -> np.ndarray:
    """Linear interpolation corrected by the other channels' Laplacian (Malvar, He & Cutler 2004), as `bilinear`."""
    height, width = raw.shape[0] - 2 * MARGIN, raw.shape[1] - 2 * MARGIN
    out = np.empty((height, width, 3), np.float32)
    for row in range(height):
        up2, up, own = raw[row + MARGIN - 2], raw[row + MARGIN - 1], raw[row + MARGIN]
        down, down2 = raw[row + MARGIN + 1], raw[row + MARGIN + 2]
        for column in range(width):
            c = column + MARGIN
            far_v, far_h = np.float64(up2[c]) + down2[c], np.float64(own[c - 2]) + own[c + 2]
            near_v, near_h = np.float64(up[c]) + down[c], np.float64(own[c - 1]) + own[c + 1]
            corners = np.float64(up[c - 1]) + up[c + 1] + down[c - 1] + down[c + 1]
            here = np.float64(own[c])
            if (row + column) % 2:
                along = (0.5 * far_v - corners - far_h + 4 * near_h + 5 * here) / 8
                across = (0.5 * far_h - corners - far_v + 4 * near_v + 5 * here) / 8
                first, second = (along, across) if row % 2 == 0 else (across, along)
                out[row, column, 0], out[row, column, 1], out[row, column, 2] = first, here, second
            else:
                green = (-far_v - far_h + 2 * near_v + 2 * near_h + 4 * here) / 8
                other = (-1.5 * far_v - 1.5 * far_h + 2 * corners + 6 * here) / 8
                first, second = (here, other) if row % 2 == 0 else (other, here)
                out[row, column, 0], out[row, column, 1], out[row, column, 2] = first, green, second
    return out


@compiled
def menon(raw: np.ndarray) -> np.ndarray:
    """Interpolation along the direction in which colour varies less (Menon, Andriani & Calvagno 2007), as `bilinear`.

    With the refining of their section III.
    """
    height, width = raw.shape
    rows, columns = _neighbours(height), _neighbours(width)
    level = raw.astype(np.float64)
    planes, across = _directed(level, rows, columns)
    _fill(level, planes, across, rows, columns)
    _refine(planes, across, rows, columns)
    out = np.empty((height - 2 * MARGIN, width - 2 * MARGIN, 3), np.float32)
    for row in range(out.shape[0]):
        for column in range(out.shape[1]):
            for channel in range(3):
                out[row, column, channel] = planes[channel, row + MARGIN, column + MARGIN]
    return out


@compiled
def _neighbours(size: int) -> np.ndarray:
    """For each line those 2 before, 1 before, 1 after and 2 after it, mirrored at the border: int64 size×4."""
    found = np.empty((size, 4), np.int64)
    for at in range(size):
        for k, step in enumerate((-2, -1, 1, 2)):
            other = abs(at + step)
            found[at, k] = other if other < size else 2 * size - 2 - other
    return found


@compiled
def _directed(level: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Planes 3×H×W with green everywhere, red and blue where measured, and where `across` was the better direction."""
    height, width = level.shape
    green_h, green_v = level.copy(), level.copy()
    chroma_h, chroma_v = np.zeros_like(level), np.zeros_like(level)
    for r in range(height):
        for c in range(r % 2, width, 2):
            here = level[r, c]
            left2, left, right, right2 = columns[c]
            up2, up, down, down2 = rows[r]
            far, near = level[r, left2] + level[r, right2], level[r, left] + level[r, right]
            green_h[r, c] = 0.5 * near + (0.5 * here - 0.25 * far)
            far, near = level[up2, c] + level[down2, c], level[up, c] + level[down, c]
            green_v[r, c] = 0.5 * near + (0.5 * here - 0.25 * far)
            chroma_h[r, c], chroma_v[r, c] = here - green_h[r, c], here - green_v[r, c]
    change_h, change_v = np.empty((height + 4, width + 4)), np.empty((height + 4, width + 4))
    change_h[:], change_v[:] = 0.0, 0.0
    for r in range(height):
        down2 = rows[r, 3]
        for c in range(width):
            change_h[r + 2, c + 2] = abs(chroma_h[r, c] - chroma_h[r, columns[c, 3]])
            change_v[r + 2, c + 2] = abs(chroma_v[r, c] - chroma_v[down2, c])
    planes, across = np.zeros((3, height, width)), np.empty((height, width), np.bool_)
    for r in range(height):
        for c in range(width):
            y, x, h, v = r + 2, c + 2, change_h, change_v
            smooth_h = 3 * h[y, x] + 3 * h[y, x - 2] + h[y - 1, x - 1] + h[y + 1, x - 1]
            smooth_h += h[y - 2, x] + h[y + 2, x] + h[y - 2, x - 2] + h[y + 2, x - 2]
            smooth_v = 3 * v[y, x] + 3 * v[y - 2, x] + v[y - 1, x - 1] + v[y - 1, x + 1]
            smooth_v += v[y, x - 2] + v[y, x + 2] + v[y - 2, x - 2] + v[y - 2, x + 2]
            across[r, c] = smooth_v >= smooth_h
            planes[1, r, c] = green_h[r, c] if across[r, c] else green_v[r, c]
            if r % 2 == c % 2:
                planes[2 * (r % 2), r, c] = level[r, c]
    return planes, across


@compiled
def _fill(level: np.ndarray, planes: np.ndarray, across: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> None:
    """Red and blue where green was measured, then each where the other was, from differences to a known channel."""
    height, width = level.shape
    green = planes[1]
    for r in range(height):
        up, down = rows[r, 1], rows[r, 2]
        own, other = planes[2 * (r % 2)], planes[2 - 2 * (r % 2)]
        for c in range(1 - r % 2, width, 2):
            left, right = columns[c, 1], columns[c, 2]
            here = green[r, c]
            own[r, c] = here + 0.5 * (own[r, left] + own[r, right]) - 0.5 * (green[r, left] + green[r, right])
            other[r, c] = here + 0.5 * (other[up, c] + other[down, c]) - 0.5 * (green[up, c] + green[down, c])
    for r in range(height):
        up, down = rows[r, 1], rows[r, 2]
        own, other = planes[2 * (r % 2)], planes[2 - 2 * (r % 2)]
        for c in range(r % 2, width, 2):
            left, right = columns[c, 1], columns[c, 2]
            if across[r, c]:
                known, unknown = other[r, left] + other[r, right], own[r, left] + own[r, right]
            else:
                known, unknown = other[up, c] + other[down, c], own[up, c] + own[down, c]
            other[r, c] = own[r, c] + 0.5 * known - 0.5 * unknown


@compiled
def _refine(planes: np.ndarray, across: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> None:
    """Smooths differences of channels along the chosen direction: first green, then both others at green, then all."""
    _, height, width = planes.shape
    green = planes[1]
    before = (planes[0] - green, planes[2] - green)
    for r in range(height):
        up, down, own, chroma = rows[r, 1], rows[r, 2], planes[2 * (r % 2)], before[r % 2]
        for c in range(r % 2, width, 2):
            left, right = columns[c, 1], columns[c, 2]
            sides = chroma[r, left] + chroma[r, right] if across[r, c] else chroma[up, c] + chroma[down, c]
            green[r, c] = own[r, c] - (chroma[r, c] * THIRD + sides * THIRD)
    for r in range(height):
        up, down = rows[r, 1], rows[r, 2]
        own, other = planes[2 * (r % 2)], planes[2 - 2 * (r % 2)]
        for c in range(1 - r % 2, width, 2):
            left, right = columns[c, 1], columns[c, 2]
            beside = (own[r, left] - green[r, left]) + (own[r, right] - green[r, right])
            over = (other[up, c] - green[up, c]) + (other[down, c] - green[down, c])
            own[r, c], other[r, c] = green[r, c] + 0.5 * beside, green[r, c] + 0.5 * over
    for r in range(height):
        up, down = rows[r, 1], rows[r, 2]
        own, other = planes[2 * (r % 2)], planes[2 - 2 * (r % 2)]
        for c in range(r % 2, width, 2):
            left, right = columns[c, 1], columns[c, 2]
            if across[r, c]:
                sides = (other[r, left] - own[r, left]) + (other[r, right] - own[r, right])
            else:
                sides = (other[up, c] - own[up, c]) + (other[down, c] - own[down, c])
            other[r, c] = own[r, c] + ((other[r, c] - own[r, c]) * THIRD + sides * THIRD)
