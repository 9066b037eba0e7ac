"""Simulated photos the plain way, with numpy, scipy and colour-demosaicing: the yardstick of the compiled loops.

A photo is the same, to the byte, as the library's.
"""

import math
from types import SimpleNamespace
from typing import NamedTuple

import colour_demosaicing
import numpy as np
from scipy.ndimage import gaussian_filter

from camgan_lib.data.cameras import COLOUR_MATRIX, READ_NOISE, SHOT_NOISE, CameraModel, compress, mosaic
from camgan_lib.data.leaves import colour, colours
from camgan_lib.data.scenes import BLOWN_OUT, LENS_BLUR, METERED, PLAIN, _power_law_field

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
    return cover[:, None], each(colours(leaves.lightness[:, None], leaves.chroma)) * shade[:, None]


def render_scene(size: int, seed: int | list[int]) -> np.ndarray:
    """A scene: linear RGB light ≥ 0, float32 size×size×3, where 1 saturates a sensor.

    The same size and seed give the same scene. Raises ValueError if the size is below 32.
    """
    if size < 32:
        raise ValueError(f"a scene is at least 32 pixels wide, got {size}")
    rng = np.random.default_rng(seed)
    textures = np.tile([_power_law_field(size, slope, rng) for slope in (0.6, 1.0, 1.5)], (1, 2, 2))
    canvas = np.empty((size, size, 3), np.float32)
    canvas[:] = colour(rng)
    canvas *= np.exp(0.25 * textures[1][:size, :size, None])
    paint_leaves(canvas, textures, int(2200 * (size / 512) ** 2), rng)
    if rng.random() < PLAIN:
        _paint_plain_area(canvas, rng)
    return _expose(_defocus(canvas, rng), rng)


def _paint_plain_area(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """Paints a sky, a wall or a window on one side of a line, in place: smooth, and now and then far too bright."""
    size = len(canvas)
    y, x = np.mgrid[:size, :size].astype(np.float32) / size - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    cover = np.clip((along - rng.uniform(-0.1, 0.35)) * size, 0, 1)[..., None]
    brightness = rng.uniform(1, 4) if rng.random() < 1 - BLOWN_OUT else 60.0
    plain = colour(rng) * np.float32(brightness) * (1 + rng.uniform(-0.5, 0.5) * along[..., None])
    canvas += cover * (plain.astype(np.float32) - canvas)


def _defocus(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The scene as a lens shows it: half of them sharp, the others blurred where a random depth is out of focus."""
    sharp = gaussian_filter(canvas, (LENS_BLUR, LENS_BLUR, 0))
    if rng.random() < 0.5:
        return sharp
    sigma = rng.uniform(1.0, 4.0)
    size = len(canvas)
    depth = gaussian_filter(rng.standard_normal((8, 8)), 1.0)
    yx = np.linspace(0, 6.99, size)
    lower = yx.astype(int)
    part = (yx - lower).astype(np.float32)
    rows = depth[lower] * (1 - part[:, None]) + depth[lower + 1] * part[:, None]
    field = rows[:, lower] * (1 - part) + rows[:, lower + 1] * part
    edge = np.quantile(field, rng.uniform(0.3, 1.0))
    weight = np.clip((field - edge) / (0.3 * field.std()) + 0.5, 0, 1).astype(np.float32)[..., None]
    return sharp + weight * (gaussian_filter(canvas, (sigma, sigma, 0)) - sharp)


def _expose(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The scene in uneven, slightly coloured light, exposed for its median, now and then wrong by some stops."""
    size = len(canvas)
    y, x = np.mgrid[:size, :size].astype(np.float32) / size - 0.5
    slope = rng.normal(0, 0.7, 2)
    light = np.exp(slope[0] * y + slope[1] * x)[..., None]
    stops = rng.choice([rng.normal(0, 0.4), rng.uniform(-4, -2), rng.uniform(1, 2.5)], p=[0.8, 0.1, 0.1])
    tint = np.exp(rng.normal(0, 0.08, 3))
    lit = canvas * light * tint
    return (lit * (METERED / np.median(lit.mean(2))) * 2.0**stops).astype(np.float32)


def add_noise(raw: np.ndarray, gain: float, rng: np.random.Generator) -> np.ndarray:
    """What a sensor measures (H×W or H×W×3) with shot and read noise, clipped to 0…1.

    The variance is gain·SHOT_NOISE·signal + (gain·READ_NOISE)²; gain ≥ 1 is the sensitivity over the lowest one.
    """
    deviation = np.sqrt(gain * SHOT_NOISE * np.maximum(raw, 0) + (gain * READ_NOISE) ** 2)
    return np.clip(raw + deviation * rng.standard_normal(raw.shape, np.float32), 0, 1).astype(np.float32)


def demosaic(raw: np.ndarray, method: str) -> np.ndarray:
    """Linear light, float32 H×W×3, from an RGGB mosaic H×W, which is mirrored at its borders.

    `method` is "bilinear", "malvar" (Malvar, He & Cutler 2004) or "menon" (Menon, Andriani & Calvagno 2007).
    """
    functions = {
        "bilinear": colour_demosaicing.demosaicing_CFA_Bayer_bilinear,
        "malvar": colour_demosaicing.demosaicing_CFA_Bayer_Malvar2004,
        "menon": colour_demosaicing.demosaicing_CFA_Bayer_Menon2007,
    }
    margin = 4
    framed = np.pad(raw, margin, mode="reflect")
    return np.asarray(functions[method](framed, "RGGB")[margin:-margin, margin:-margin], np.float32)


def correct_colour(image: np.ndarray, balance: np.ndarray) -> np.ndarray:
    """Display RGB of linear sensor RGB H×W×3: a factor per channel (`balance`), then COLOUR_MATRIX."""
    return image * balance @ COLOUR_MATRIX.T


def denoise(image: np.ndarray, strength: float, gain: float) -> np.ndarray:
    """The image with detail that is no larger than the noise blurred: x + s·w·(blur(x) − x), w near 0 across edges.

    `image` is linear H×W×3, `strength` s is in [0, 1] (0: off), `gain` is the photo's sensitivity and sets the noise.
    """
    if strength == 0:
        return image
    detail = gaussian_filter(image, (0.8, 0.8, 0)) - image
    scale = 4 * np.sqrt(gain * SHOT_NOISE * np.clip(image, 0, 1) + (gain * READ_NOISE) ** 2)
    return image + strength * np.exp(-((detail / scale) ** 2)) * detail


def tone(image: np.ndarray) -> np.ndarray:
    """Display values in [0, 1] of linear light: a power law (1 / 2.2) with a gentle S-curve."""
    display = np.clip(image, 0, 1) ** (1 / 2.2)
    return display + 0.15 * display * (1 - display) * (2 * display - 1)


def sharpen(image: np.ndarray, amount: float) -> np.ndarray:
    """Display values H×W×3 with sharper lightness x: x + amount · (x − blur(x)), a radius of one pixel; 0 is off."""
    if amount == 0:
        return image
    lightness = image @ np.array([0.299, 0.587, 0.114], np.float32)
    return image + amount * (lightness - gaussian_filter(lightness, 1.0))[..., None]


def develop(scene: np.ndarray, camera: CameraModel, rng: np.random.Generator) -> np.ndarray:
    """The picture that a camera takes of a scene, before compression: uint8 H×W×3 of linear light H×W×3 (H, W even).

    Sensitivity (1 to 4, times the camera's `noise`) and white balance are drawn for each photo, in the same way for
    all cameras.
    """
    gain, balance = 4.0 ** rng.random(), np.exp(rng.normal(0, 0.05, 3)).astype(np.float32)
    gain *= camera.noise
    if camera.demosaicing == "none":
        measured = add_noise(scene, gain, rng)
    else:
        measured = demosaic(add_noise(mosaic(scene), gain, rng), camera.demosaicing)
    image = correct_colour(measured, balance)
    image = sharpen(tone(denoise(image, camera.denoising, gain)), camera.sharpening)
    return np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)


def shoot(scene: np.ndarray, camera: CameraModel, rng: np.random.Generator) -> bytes:
    """The bytes of the JPEG file that a camera makes of a scene (linear light H×W×3; H, W even)."""
    return compress(develop(scene, camera, rng), camera.quality, camera.subsampling)
