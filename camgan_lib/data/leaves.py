"""Paints the leaves of a dead-leaves scene: shapes of random size and place that lie over each other.

A scene has thousands of leaves, most of a few dozen pixels: the loops over leaves and pixels are compiled. Functions
that round in their own way on each system (exp, sin, cos) stay with numpy, which computes them for all leaves at once.
"""

import math

import numpy as np

from camgan_lib.base.compiled import compiled

PLACE, LOOK, CHROMA = 6, 4, 3
"""How many numbers say where a leaf lies and of what shape it is, how it looks, and what its colour is drawn from."""


def paint_leaves(canvas: np.ndarray, textures: np.ndarray, count: int, rng: np.random.Generator) -> None:
    """Paints `count` leaves over a canvas, float32 n×n×3 of linear light, in place.

    `textures`, float32 K×n×n, have unit variance and repeat after n pixels.
    """
    place, look, chroma, box, texture = _draw(len(canvas), len(textures), count, rng)
    place[:, 4], place[:, 5] = np.cos(look[:, 0]), np.sin(look[:, 0])
    starts = np.concatenate([[0], np.cumsum((box[:, 1] - box[:, 0]) * (box[:, 3] - box[:, 2]))])
    contrast = look[:, 2].astype(np.float32)
    lit = np.exp(_exponents(textures, box, texture, contrast, starts))
    _paint(canvas, place, look[:, 1], box, colours(look[:, 3:4], chroma), lit, starts)


def colour(rng: np.random.Generator) -> np.ndarray:
    """A random colour of a surface, linear RGB, float32 of length 3: log-normal lightness, mild chroma."""
    return colours(rng.standard_normal(), rng.standard_normal(3))


def colours(lightness: np.ndarray | float, chroma: np.ndarray) -> np.ndarray:
    """Linear RGB, float32 …×3, of normal draws `lightness` …×1 and `chroma` …×3."""
    return (np.exp(-1.6 + 0.7 * lightness) * np.exp(0.25 * chroma)).astype(np.float32)


@compiled
def _draw(size: int, textures: int, count: int, rng: np.random.Generator) -> tuple:
    """Random leaves on a canvas of size×size pixels, each with one of so many `textures` or none.

    `place` count×6: half axes a ≥ b in pixels, centre y and x, room for cosine and sine; b is negative for a rectangle
    and positive for an ellipse. `look` count×4: angle in radians, shading (how much its light changes from one end to
    the other), the texture's contrast (0: none), lightness. `chroma` count×3. `box` count×4: the first row that it
    covers, the first after, the same of columns. `texture` count×3: which one, and its row and column at the box's
    corner.
    """
    place, look, chroma = np.empty((count, PLACE)), np.zeros((count, LOOK)), np.empty((count, CHROMA))
    box, texture = np.empty((count, 4), np.int64), np.zeros((count, 3), np.int64)
    smallest, largest = 3.0, 0.4 * size
    for leaf in range(count):
        a = (smallest**-2 - rng.random() * (smallest**-2 - largest**-2)) ** -0.5
        b = a * (0.35 + (1.0 - 0.35) * rng.random())
        y, x = size * rng.random(), size * rng.random()
        angle = np.pi * rng.random()
        cos, sin = math.cos(angle), math.sin(angle)
        ellipse = rng.random() < 0.6
        reach = 1.45 * a + 1
        top, bottom = covered(y, reach, a * sin, b * cos, b, ellipse, size)
        left, right = covered(x, reach, a * cos, b * sin, b, ellipse, size)
        shading = 0.5 * rng.random()
        if rng.random() < 0.75:
            ty, tx = rng.integers(0, size), rng.integers(0, size)
            texture[leaf, 0] = rng.integers(0, textures)
            texture[leaf, 1] = ty + top - int(max(y - reach, 0.0))
            texture[leaf, 2] = tx + left - int(max(x - reach, 0.0))
            look[leaf, 2] = 0.02 + (0.4 - 0.02) * rng.random()
        look[leaf, 0], look[leaf, 1], look[leaf, 3] = angle, shading, rng.standard_normal()
        for channel in range(CHROMA):
            chroma[leaf, channel] = rng.standard_normal()
        place[leaf, 0], place[leaf, 1], place[leaf, 2], place[leaf, 3] = a, b if ellipse else -b, y, x
        box[leaf, 0], box[leaf, 1], box[leaf, 2], box[leaf, 3] = top, bottom, left, right
    return place, look, chroma, box, texture


@compiled
def covered(
    centre: float, reach: float, along: float, across: float, b: float, ellipse: bool, size: int
) -> tuple[int, int]:
    """The first row (or column) that a leaf covers, and the first after it that it does not cover.

    `along` and `across` say how far its two half axes extend in that direction, from its `centre`. The soft edge adds
    one pixel. It never covers more than `reach` pixels on either side.
    """
    extent = math.hypot(along, across) if ellipse else abs(along) + abs(across)
    extent = min(extent * (1 + 0.5 / b) + 0.01, reach)
    return int(max(centre - extent, 0.0)), int(min(centre + extent + 1, float(size)))


@compiled
def _exponents(
    textures: np.ndarray, box: np.ndarray, texture: np.ndarray, contrast: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """Of each pixel of the leaves' boxes, one leaf after the other: its texture times the leaf's contrast, float32."""
    size = textures.shape[1]
    found = np.zeros(starts[-1], np.float32)
    for leaf in range(len(box)):
        if contrast[leaf] == 0:
            continue
        top, bottom, left, right = box[leaf]
        which, at_row, at_column = texture[leaf]
        at = starts[leaf]
        width, begin = right - left, at_column % size
        before_end = min(width, size - begin)
        for row in range(bottom - top):
            line = textures[which, (at_row + row) % size]
            for column in range(before_end):
                found[at + column] = contrast[leaf] * line[begin + column]
            for column in range(before_end, width):
                found[at + column] = contrast[leaf] * line[begin + column - size]
            at += width
    return found


@compiled
def _paint(
    canvas: np.ndarray,
    place: np.ndarray,
    shading: np.ndarray,
    box: np.ndarray,
    paint: np.ndarray,
    lit: np.ndarray,
    starts: np.ndarray,
) -> None:
    """Lays leaves over each other: `paint` is a leaf's colour, count×3, `lit` its texture's light at each pixel."""
    for leaf in range(len(box)):
        a, b, y, x, cos, sin = place[leaf]
        ellipse, b = b > 0, abs(b)
        top, bottom, left, right = box[leaf]
        at, y32, x32 = starts[leaf], np.float32(y), np.float32(x)
        per_a, per_b, end = 1 / a, 1 / b, (1 + 0.5 / b) * (1 + 1e-9)  # good enough to tell what lies far outside
        for row in range(top, bottom):
            dy = np.float64(np.float32(row) - y32)
            for column in range(left, right):
                dx = np.float64(np.float32(column) - x32)
                along, across = dx * cos + dy * sin, dy * cos - dx * sin
                u, v = along * per_a, across * per_b
                if (u * u + v * v > end * end) if ellipse else (max(abs(u), abs(v)) > end):
                    at += 1
                    continue
                u, v = along / a, across / b
                distance = math.sqrt(u * u + v * v) if ellipse else max(abs(u), abs(v))
                cover = np.float32(min(max(0.5 + (1 - distance) * b, 0.0), 1.0))
                if cover > 0:
                    shade = np.float32((1 + shading[leaf] * min(max(u * 0.8, -1.0), 1.0)) * lit[at])
                    for channel in range(3):
                        below = canvas[row, column, channel]
                        canvas[row, column, channel] = below + cover * (paint[leaf, channel] * shade - below)
                at += 1
