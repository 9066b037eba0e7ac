"""Renders dead-leaves scenes in linear light: what simulated cameras photograph, and images that no camera took.

Shapes that lie over each other, with radii that follow a power law, have the statistics of natural images: an amplitude
spectrum close to 1/f (up to about 0.12 cycles/pixel; above that, lens and focus make it steeper), edges where one thing
hides another, and no scale that stands out (Lee, Mumford & Huang 2001; Baradad et al. 2021). To them is added what
makes real photos hard to tell apart: texture and shading, uneven light, plain walls and skies, under- and
over-exposure, areas out of focus.
"""

import functools

import numpy as np
from scipy.ndimage import gaussian_filter

from camgan_lib.base.workers import cores, pool
from camgan_lib.data.leaves import colour, paint_leaves

LENS_BLUR = 0.55
"""How far the lens blurs a point: standard deviation in pixels."""

METERED = 0.18
"""Median light of a correctly exposed scene, as a share of saturation: the photographers' grey card."""

PLAIN, BLOWN_OUT = 0.65, 0.5
"""Share of scenes with a plain area, and share of these areas that saturate the sensor.

In a saturated area no camera leaves a trace. Crops from it limit the accuracy of every classifier, as skies and windows
in real photos do."""

NO_STYLE_STREAM, CAMERA_STREAM = 0, 1
"""First number of a scene's seed: a scene without style and one for a camera are never the same."""

_NO_STYLE_SIZE, _REDUCTION = 512, 2


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


def _power_law_field(size: int, slope: float, rng: np.random.Generator) -> np.ndarray:
    """Random noise, float32 size×size, with unit variance, an amplitude spectrum 1/f^slope, and no seam when tiled."""
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((size, size))) / _falling(size, slope), (size, size))
    return (field / field.std()).astype(np.float32)


@functools.cache
def _falling(size: int, slope: float) -> np.ndarray:
    """|f|^slope for each frequency of `rfft2`, and infinity at zero: what the spectrum of white noise is divided by."""
    radius = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    radius[0, 0] = np.inf
    return radius**slope


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


def to_display(linear: np.ndarray) -> np.ndarray:
    """Linear light as uint8 values, by nothing but clipping and the sRGB curve (IEC 61966-2-1)."""
    clipped = np.clip(linear, 0, 1)
    curve = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * np.maximum(clipped, 1e-9) ** (1 / 2.4) - 0.055)
    return np.round(curve * 255).astype(np.uint8)


def no_style_crops(count: int, seed: int, workers: int = 0, crop: int = 32, shown: int = 0) -> np.ndarray:
    """Crops of scenes that no camera took, uint8 count×crop×crop×3. Scenes are halved in size by averaging areas.

    With `shown`, only that many of these crops come back, and only the scenes that they need are rendered. `workers`
    processes render them (0: one per core); the result does not depend on their number. The seeds of these scenes begin
    with NO_STYLE_STREAM, those of scenes for cameras with CAMERA_STREAM, so no scene is used for both.
    """
    order = _no_style_order(count, seed, crop, shown)
    jobs = [(seed, number, crop) for number in range(order.max() // _per_scene(crop) + 1)]
    if workers == 1 or len(jobs) < 4:
        parts = [_no_style_scene(*job) for job in jobs]
    else:
        with pool(workers or cores()) as processes:
            parts = list(processes.map(_no_style_scene, *zip(*jobs, strict=True), chunksize=4))
    return np.concatenate(parts)[order]


def no_style_scenes(count: int, seed: int, crop: int = 32, shown: int = 0) -> np.ndarray:
    """The number of the scene that each of the crops is cut from which `no_style_crops` gives: int64, from 0 on."""
    return _no_style_order(count, seed, crop, shown) // _per_scene(crop)


def _no_style_order(count: int, seed: int, crop: int, shown: int) -> np.ndarray:
    """Which of the crops of all scenes, counted scene by scene, `no_style_crops` gives, in its order: int64."""
    per_scene = _per_scene(crop)
    order = np.random.default_rng([NO_STYLE_STREAM, seed]).permutation(-(-count // per_scene) * per_scene)[:count]
    if shown:
        held = np.cumsum(np.bincount(order // per_scene))
        order = order[order // per_scene <= np.searchsorted(held, shown)][:shown]
    return order


def _per_scene(crop: int) -> int:
    return (_NO_STYLE_SIZE // _REDUCTION // crop) ** 2


def _no_style_scene(seed: int, number: int, crop: int) -> np.ndarray:
    """All crops of scene `number`, row by row, without gaps: uint8 n×crop×crop×3."""
    scene = render_scene(_NO_STYLE_SIZE, [NO_STYLE_STREAM, seed, number])
    side = _NO_STYLE_SIZE // _REDUCTION
    reduced = scene.reshape(side, _REDUCTION, side, _REDUCTION, 3).mean((1, 3))
    cells = to_display(reduced)[: side // crop * crop, : side // crop * crop]
    grid = cells.reshape(side // crop, crop, side // crop, crop, 3).swapaxes(1, 2)
    return grid.reshape(-1, crop, crop, 3)
