"""Leaves of a dead-leaves scene: drawn one by one, computed many at once, laid over each other in their order.

A scene has thousands of leaves, most of a few dozen pixels, for which numpy takes longer to be called than to compute.
"""

import math
from typing import NamedTuple

import numpy as np

AT_ONCE = 64
"""Leaves computed at once: enough to share the calls' overhead, few enough for the processor's cache."""


class Leaf(NamedTuple):
    """An ellipse or a rectangle of half axes `a` ≥ `b` pixels around (`y`, `x`), turned by an `angle`.

    It covers pixels from (`top`, `left`) to before (`bottom`, `right`), and no other. Across it goes a `shading`; its
    pixel (`top`, `left`) has pixel `texel` of the stack of textures, counted flat, with a `contrast` (0: none).
    `lightness` and `chroma` are normal deviates of its colour.
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
    """Paints `count` leaves over a canvas n×n×3 of linear light; `textures`: K×2n×2n of unit variance, tiled."""
    leaves = [_draw_leaf(len(canvas), len(textures), rng) for _ in range(count)]
    for at in range(0, count, AT_ONCE):
        several = Leaf(*map(np.array, zip(*leaves[at : at + AT_ONCE], strict=True)))
        cover, paint = _pixels(several, textures)
        start = 0
        for leaf in leaves[at : at + AT_ONCE]:
            target = canvas[leaf.top : leaf.bottom, leaf.left : leaf.right]
            part = slice(start, start := start + target.size // 3)
            target += cover[part].reshape(*target.shape[:2], 1) * (paint[part].reshape(target.shape) - target)


def colour(rng: np.random.Generator) -> np.ndarray:
    """A surface's linear RGB, float32 of 3: log-normal lightness, mild chroma."""
    return _colours(rng.standard_normal(), rng.standard_normal(3))


def _colours(lightness: np.ndarray | float, chroma: np.ndarray) -> np.ndarray:
    """Linear RGB of normal deviates: …×3 of …×1 and …×3."""
    return np.float32(np.exp(-1.6 + 0.7 * lightness) * np.exp(0.25 * chroma))


def _draw_leaf(size: int, textures: int, rng: np.random.Generator) -> Leaf:
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
    """A radius with density ∝ r⁻³ between 3 pixels and 0.4 of the scene: the law that makes scenes scale-invariant."""
    smallest, largest = 3.0, 0.4 * size
    return (smallest**-2 - rng.random() * (smallest**-2 - largest**-2)) ** -0.5


def _uniform(low: float, high: float, rng: np.random.Generator) -> float:
    """rng.uniform of one number, the same to the bit, at a fraction of its overhead."""
    return low + (high - low) * rng.random()


def _covered(
    centre: float, reach: float, axes: tuple[float, float], b: float, ellipse: bool, size: int
) -> tuple[int, int]:
    """First pixel along one direction that a leaf covers, and the first that it does not cover any more.

    `axes`: what its half axes reach in that direction; no more than `reach` in all, with the soft edge of one pixel.
    """
    extent = math.hypot(*axes) if ellipse else abs(axes[0]) + abs(axes[1])
    extent = min(extent * (1 + 0.5 / b) + 0.01, reach)
    return int(max(centre - extent, 0)), int(min(centre + extent + 1, size))


def _pixels(leaves: Leaf, textures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of all pixels of several leaves, one after the other: their share that is covered, P×1, and their light, P×3.

    `leaves` holds arrays, an entry per leaf.
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
