"""Compiled loops of Winograd's minimal filtering F(4×4, 3×3): pixels to values at 36 points of each tile, and back.

Each loop over tiles has its adjoint, which gives gradients. Images are N×H×W×C, H and W multiples of TILE; values at
points are 36×T×C, T the number of tiles of 4×4 outputs. Each tile is made of a window of 6×6 pixels, four apart.
"""

import numpy as np

from camgan_lib.base.compiled import compiled

TILE, POINTS = 4, 36


@compiled
def to_points(x: np.ndarray, tiles: np.ndarray, mirrored: bool) -> None:
    """Writes the values at 36 points of each 6×6 window of x (N×H×W×C), four pixels apart: 36×T×C."""
    n, height, width, channels = x.shape
    lines, nothing = np.zeros((6, width + 2, channels), np.float32), np.zeros(channels, np.float32)
    for image in range(n):
        for down in range(height // TILE):
            y = TILE * down - 1
            for place in range(width + 2):
                at = place - 1
                if mirrored:
                    at = abs(at) if at < width else width - 2
                elif at < 0 or at >= width:
                    continue
                above = x[image, y, at] if y >= 0 else x[image, 1, at] if mirrored else nothing
                below = x[image, y + 5, at] if y + 5 < height else x[image, height - 2, at] if mirrored else nothing
                six = (above, x[image, y + 1, at], x[image, y + 2, at], x[image, y + 3, at], x[image, y + 4, at], below)
                _window_to_points(six, lines[:, place])
            for across in range(width // TILE):
                tile = (image * (height // TILE) + down) * (width // TILE) + across
                for i in range(6):
                    line = lines[i, TILE * across : TILE * across + 6]
                    six = (line[0], line[1], line[2], line[3], line[4], line[5])
                    _window_to_points(six, tiles[6 * i : 6 * i + 6, tile])


@compiled
def _window_to_points(six: tuple, out: np.ndarray) -> None:
    """Six values in a row, each of C channels, as the values at six points: 6×C."""
    two, four, five = np.float32(2), np.float32(4), np.float32(5)
    d0, d1, d2, d3, d4, d5 = six
    o0, o1, o2, o3, o4, o5 = out[0], out[1], out[2], out[3], out[4], out[5]
    for k in range(len(d0)):
        even, odd = d4[k] - four * d2[k], d3[k] - four * d1[k]
        outer, inner = d4[k] - d2[k], two * (d3[k] - d1[k])
        o0[k] = four * d0[k] - five * d2[k] + d4[k]
        o1[k], o2[k], o3[k], o4[k] = even + odd, even - odd, outer + inner, outer - inner
        o5[k] = four * d1[k] - five * d3[k] + d5[k]


@compiled
def from_points(made: np.ndarray, bias: np.ndarray, skip: np.ndarray, out: np.ndarray, relu: bool) -> None:
    """Puts tiles 36×T×K together into `out` N×H×W×K, adds bias and `skip`, and may cut off what is below 0."""
    n, height, width, channels = out.shape
    lines, square = np.empty((6, TILE, channels), np.float32), np.empty((TILE, channels), np.float32)
    nothing = np.zeros(channels, np.float32)
    for image in range(n):
        for down in range(height // TILE):
            for across in range(width // TILE):
                tile = (image * (height // TILE) + down) * (width // TILE) + across
                for j in range(6):
                    m0, m1, m2 = made[j, tile], made[6 + j, tile], made[12 + j, tile]
                    m3, m4, m5 = made[18 + j, tile], made[24 + j, tile], made[30 + j, tile]
                    _points_to_outputs((m0, m1, m2, m3, m4, m5), lines[j])
                for i in range(TILE):
                    six = (lines[0, i], lines[1, i], lines[2, i], lines[3, i], lines[4, i], lines[5, i])
                    _points_to_outputs(six, square)
                    for j in range(TILE):
                        y, x = TILE * down + i, TILE * across + j
                        more = skip[image, y, x] if len(skip) else nothing
                        _finish(square[j], bias, more, relu, out[image, y, x])


@compiled
def _points_to_outputs(six: tuple, out: np.ndarray) -> None:
    """Values at six points, each of K channels, as the four results in a row: 4×K."""
    two, four, eight = np.float32(2), np.float32(4), np.float32(8)
    m0, m1, m2, m3, m4, m5 = six
    o0, o1, o2, o3 = out[0], out[1], out[2], out[3]
    for k in range(len(m0)):
        plus, minus, more, less = m1[k] + m2[k], m1[k] - m2[k], m3[k] + m4[k], m3[k] - m4[k]
        o0[k], o1[k] = m0[k] + plus + more, minus + two * less
        o2[k], o3[k] = plus + four * more, minus + eight * less + m5[k]


@compiled
def _finish(made: np.ndarray, bias: np.ndarray, skip: np.ndarray, relu: bool, out: np.ndarray) -> None:
    """Writes the sum of three, without what is below 0 where `relu` says so."""
    zero = np.float32(0)
    if relu:
        for k in range(len(out)):
            out[k] = max(made[k] + bias[k] + skip[k], zero)
    else:
        for k in range(len(out)):
            out[k] = made[k] + bias[k] + skip[k]


@compiled
def from_outputs(gradient: np.ndarray, out: np.ndarray, relu: bool, points: np.ndarray, bias: np.ndarray) -> None:
    """The adjoint of `from_points`: gradients of its results N×H×W×K as those of the values at points, 36×T×K.

    With `relu`, only where the result `out` is above 0. Their sum over pixels is added to `bias`.
    """
    n, height, width, channels = gradient.shape
    lines, square = np.empty((6, TILE, channels), np.float32), np.empty((TILE, TILE, channels), np.float32)
    zero = np.float32(0)
    for image in range(n):
        for down in range(height // TILE):
            for across in range(width // TILE):
                tile = (image * (height // TILE) + down) * (width // TILE) + across
                for i in range(TILE):
                    for j in range(TILE):
                        y, x = TILE * down + i, TILE * across + j
                        given, made, kept = gradient[image, y, x], out[image, y, x], square[i, j]
                        for k in range(channels):
                            kept[k] = zero if relu and made[k] <= zero else given[k]
                        for k in range(channels):
                            bias[k] += kept[k]
                for j in range(TILE):
                    _outputs_to_points((square[0, j], square[1, j], square[2, j], square[3, j]), lines[:, j])
                for i in range(6):
                    line = lines[i]
                    _outputs_to_points((line[0], line[1], line[2], line[3]), points[6 * i : 6 * i + 6, tile])


@compiled
def _outputs_to_points(four: tuple, out: np.ndarray) -> None:
    """The adjoint of `_points_to_outputs`: gradients of four results in a row as those of six values: 6×K."""
    two, by_four, eight = np.float32(2), np.float32(4), np.float32(8)
    d0, d1, d2, d3 = four
    o0, o1, o2, o3, o4, o5 = out[0], out[1], out[2], out[3], out[4], out[5]
    for k in range(len(d0)):
        even, odd = d0[k] + d2[k], d1[k] + d3[k]
        outer, inner = d0[k] + by_four * d2[k], two * d1[k] + eight * d3[k]
        o0[k] = d0[k]
        o1[k], o2[k], o3[k], o4[k] = even + odd, even - odd, outer + inner, outer - inner
        o5[k] = d3[k]


@compiled
def to_pixels(points: np.ndarray, gradient: np.ndarray, mirrored: bool) -> None:
    """The adjoint of `to_points`: gradients of the values at points, 36×T×C, as those of the pixels, N×H×W×C."""
    n, height, width, channels = gradient.shape
    lines, row = np.empty((6, 6, channels), np.float32), np.empty((6, channels), np.float32)
    gradient[:] = 0
    for image in range(n):
        for down in range(height // TILE):
            for across in range(width // TILE):
                tile = (image * (height // TILE) + down) * (width // TILE) + across
                for j in range(6):
                    p0, p1, p2 = points[j, tile], points[6 + j, tile], points[12 + j, tile]
                    p3, p4, p5 = points[18 + j, tile], points[24 + j, tile], points[30 + j, tile]
                    _points_to_window((p0, p1, p2, p3, p4, p5), lines[:, j])
                for i in range(6):
                    y = _inside(TILE * down - 1 + i, height, mirrored)
                    if y < 0:
                        continue
                    line = lines[i]
                    _points_to_window((line[0], line[1], line[2], line[3], line[4], line[5]), row)
                    for j in range(6):
                        x = _inside(TILE * across - 1 + j, width, mirrored)
                        if x >= 0:
                            pixel, part = gradient[image, y, x], row[j]
                            for k in range(channels):
                                pixel[k] += part[k]


@compiled
def _inside(at: int, length: int, mirrored: bool) -> int:
    """The pixel that stands at a place from −1 to `length`; −1 where that is a zero of the border."""
    if 0 <= at < length:
        return at
    return (1 if at < 0 else length - 2) if mirrored else -1


@compiled
def _points_to_window(six: tuple, out: np.ndarray) -> None:
    """The adjoint of `_window_to_points`: gradients of six values as those of six pixels in a row: 6×C."""
    two, four, five = np.float32(2), np.float32(4), np.float32(5)
    p0, p1, p2, p3, p4, p5 = six
    o0, o1, o2, o3, o4, o5 = out[0], out[1], out[2], out[3], out[4], out[5]
    for k in range(len(p0)):
        even, odd = p1[k] + p2[k], p1[k] - p2[k]
        outer, inner = p3[k] + p4[k], two * (p3[k] - p4[k])
        o0[k] = four * p0[k]
        o1[k], o3[k] = four * (p5[k] - odd) - inner, odd + inner - five * p5[k]
        o2[k], o4[k] = -five * p0[k] - four * even - outer, p0[k] + even + outer
        o5[k] = p5[k]
