"""Paints the leaves of a dead-leaves scene: shapes of random size and place that lie over each other.

A scene has thousands of leaves, most of a few dozen pixels. Calling numpy for each of them takes longer than the
computation. So the random numbers are drawn leaf by leaf, the pixels of many leaves are computed at once, and then the
leaves are laid over each other in their order.
"""

import math
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

AT_ONCE = 64
"""Leaves whose pixels are computed at once: many save calls of numpy, few fit into the processor's cache."""


class Leaf(NamedTuple):
    """An ellipse or a rectangle with half axes `a` ≥ `b` pixels around (`y`, `x`), turned by `angle` radians.

    It covers no pixel outside rows `top` to `bottom` − 1 and columns `left` to `right` − 1. `shading` is how much its
    light changes from one end to the other. `texel` is the flat index, in the stack of textures, of the pixel that lies
    on (`top`, `left`); `contrast` is the texture's strength (0: none). `lightness` and `chroma` are draws from the
    normal distribution that give its colour.
    """

    a: float
    b: float
    y: float
    x: float
    angle: float
    ellipse: bool
    top: int
    bottom: int
    left: int
    right: int
    shading: float
    texel: int
    contrast: float
    lightness: float
    chroma: np.ndarray


def paint_leaves(canvas: np.ndarray, textures: np.ndarray, count: int, rng: np.random.Generator) -> None:
    """Paints `count` leaves over a canvas, n×n×3 of linear light, in place.

    `textures` K×2n×2n have unit variance and repeat after n pixels.
    """
    leaves = [_draw_leaf(len(canvas), len(textures), rng) for _ in range(count)]
    for at in range(0, count, AT_ONCE):
        fields = zip(Leaf._fields, zip(*leaves[at : at + AT_ONCE], strict=True), strict=True)
        several = SimpleNamespace(**{name: np.array(values) for name, values in fields})
        cover, paint = _pixels(several, textures)
        start = 0
        for leaf in leaves[at : at + AT_ONCE]:
            target = canvas[leaf.top : leaf.bottom, leaf.left : leaf.right]
            part = slice(start, start := start + target.size // 3)
            target += cover[part].reshape(*target.shape[:2], 1) * (paint[part].reshape(target.shape) - target)


def colour(rng: np.random.Generator) -> np.ndarray:
    """A random colour of a surface, linear RGB, float32 of length 3: log-normal lightness, mild chroma."""
    return _colours(rng.standard_normal(), rng.standard_normal(3))


def _colours(lightness: np.ndarray | float, chroma: np.ndarray) -> np.ndarray:
    """Linear RGB, float32 …×3, of normal draws `lightness` …×1 and `chroma` …×3."""
    return (np.exp(-1.6 + 0.7 * lightness) * np.exp(0.25 * chroma)).astype(np.float32)


def _draw_leaf(size: int, textures: int, rng: np.random.Generator) -> Leaf:
    """A random leaf on a canvas of size×size pixels, with one of so many `textures` or none."""
    a = _radius(size, rng)
    b = a * _uniform(0.35, 1.0, rng)
    y, x = _uniform(0, size, rng), _uniform(0, size, rng)
    angle = _uniform(0, np.pi, rng)
    cos, sin = math.cos(angle), math.sin(angle)
    ellipse = rng.random() < 0.6
    reach = 1.45 * a + 1
    top, bottom = _covered(y, reach, (a * sin, b * cos), b, ellipse, size)
    left, right = _covered(x, reach, (a * cos, b * sin), b, ellipse, size)
    shading, texel, contrast = _uniform(0, 0.5, rng), 0, 0.0
    if rng.random() < 0.75:
        ty, tx = rng.integers(0, size, 2).tolist()
        ty, tx = ty + top - int(max(y - reach, 0)), tx + left - int(max(x - reach, 0))
        texel = (int(rng.integers(textures)) * 2 * size + ty) * 2 * size + tx
        contrast = _uniform(0.02, 0.4, rng)
    deviates = rng.standard_normal(), rng.standard_normal(3)
    return Leaf(a, b, y, x, angle, ellipse, top, bottom, left, right, shading, texel, contrast, *deviates)


def _radius(size: int, rng: np.random.Generator) -> float:
    """A random radius from 3 pixels to 0.4 of the scene, with density ∝ r⁻³, so that scenes look alike at any scale."""
    smallest, largest = 3.0, 0.4 * size
    return (smallest**-2 - rng.random() * (smallest**-2 - largest**-2)) ** -0.5


def _uniform(low: float, high: float, rng: np.random.Generator) -> float:
    """The number that rng.uniform would give, to the bit, in a fraction of the time."""
    return low + (high - low) * rng.random()


def _covered(
    centre: float, reach: float, axes: tuple[float, float], b: float, ellipse: bool, size: int
) -> tuple[int, int]:
    """The first row (or column) that a leaf covers, and the first after it that it does not cover.

    `axes` says how far its two half axes extend in that direction, from its `centre`. The soft edge adds one pixel. It
    never covers more than `reach` pixels on either side.
    """
    extent = math.hypot(*axes) if ellipse else abs(axes[0]) + abs(axes[1])
    extent = min(extent * (1 + 0.5 / b) + 0.01, reach)
    return int(max(centre - extent, 0)), int(min(centre + extent + 1, size))


def _pixels(leaves: SimpleNamespace, textures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much of each pixel its leaf covers, P×1 in [0, 1], and the leaf's light there, P×3.

    The P pixels are those of the leaves' boxes, one leaf after the other. `leaves` has the fields of
    `Leaf`, each an array with an entry per leaf.
    """
    widths = leaves.right - leaves.left
    sizes = (leaves.bottom - leaves.top) * widths

    def each(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, sizes, 0)

    within = np.arange(sizes.sum()) - each(np.cumsum(sizes) - sizes)
    row, column = np.divmod(within, each(widths))
    dy = (row + each(leaves.top)).astype(np.float32) - each(leaves.y.astype(np.float32))
    dx = (column + each(leaves.left)).astype(np.float32) - each(leaves.x.astype(np.float32))
    cos, sin, a, b = map(each, (np.cos(leaves.angle), np.sin(leaves.angle), leaves.a, leaves.b))
    u, v = (dx * cos + dy * sin) / a, (dy * cos - dx * sin) / b
    distance = np.where(each(leaves.ellipse), np.sqrt(u * u + v * v), np.maximum(np.abs(u), np.abs(v)))
    cover = np.clip(0.5 + (1 - distance) * b, 0, 1).astype(np.float32)
    texture = textures.reshape(-1)[each(leaves.texel) + row * textures.shape[2] + column]
    shade = 1 + each(leaves.shading) * np.clip(u * 0.8, -1, 1)
    shade = (shade * np.exp(each(leaves.contrast.astype(np.float32)) * texture)).astype(np.float32)
    return cover[:, None], each(_colours(leaves.lightness[:, None], leaves.chroma)) * shade[:, None]
