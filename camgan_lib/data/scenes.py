"""Dead-leaves scenes: content without a camera, in linear light.

Shapes with power-law radii that occlude each other have the statistics of natural images: an amplitude spectrum close
to 1/f (up to some 0.12 cycles/pixel; beyond, lens and focus make it steeper), edges by occlusion, no scale that stands
out (Lee, Mumford & Huang 2001; Baradad et al. 2021). What makes real photos hard to tell apart is added: texture and
shading, uneven light, plain walls and skies, under- and over-exposure, areas out of focus.
"""

import functools

import numpy as np
from scipy.ndimage import gaussian_filter

from camgan_lib.base.workers import cores, pool
from camgan_lib.data.leaves import colour, paint_leaves

LENS_BLUR = 0.55
"""Standard deviation in pixels of the lens' point spread function."""

METERED = 0.18
"""Median light of a correctly exposed scene, as a share of saturation: the photographers' grey card."""

PLAIN, BLOWN_OUT = 0.65, 0.5
"""Share of scenes with a plain area, and share of these areas that saturate the sensor.

On crops from blown-out areas no camera has left anything to find: they bound every classifier's accuracy, as the skies
and windows of real photos do."""

NO_STYLE_STREAM, CAMERA_STREAM = 0, 1
"""First word of a scene's seed: no-style scenes and scenes for cameras are never the same."""

_NO_STYLE_SIZE, _REDUCTION = 512, 2


def render_scene(size: int, seed: int | list[int]) -> np.ndarray:
    """A scene, float32 size×size×3 of linear RGB light ≥ 0; 1 saturates a sensor.

    The same size and seed give the same scene. Raises ValueError for a size under 32.
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
    """Periodic noise of unit variance with amplitude spectrum 1/f^slope, float32 size×size."""
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((size, size))) / _falling(size, slope), (size, size))
    return (field / field.std()).astype(np.float32)


@functools.cache
def _falling(size: int, slope: float) -> np.ndarray:
    """What to divide white noise's spectrum by: |f|^slope, and infinity at zero."""
    radius = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    radius[0, 0] = np.inf
    return radius**slope


def _paint_plain_area(canvas: np.ndarray, rng: np.random.Generator) -> None:
    """A sky, a wall or a window: one side of a line, without texture, slowly changing, now and then far too bright."""
    size = len(canvas)
    y, x = np.mgrid[:size, :size].astype(np.float32) / size - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    cover = np.clip((along - rng.uniform(-0.1, 0.35)) * size, 0, 1)[..., None]
    brightness = rng.uniform(1, 4) if rng.random() < 1 - BLOWN_OUT else 60.0
    plain = colour(rng) * np.float32(brightness) * (1 + rng.uniform(-0.5, 0.5) * along[..., None])
    canvas += cover * (plain.astype(np.float32) - canvas)


def _defocus(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The scene through a lens: sharp where the depth map is in focus, blurred elsewhere."""
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
    """Uneven light, a coloured illuminant and an exposure: metered to the mean, now and then off by stops."""
    size = len(canvas)
    y, x = np.mgrid[:size, :size].astype(np.float32) / size - 0.5
    slope = rng.normal(0, 0.7, 2)
    light = np.exp(slope[0] * y + slope[1] * x)[..., None]
    stops = rng.choice([rng.normal(0, 0.4), rng.uniform(-4, -2), rng.uniform(1, 2.5)], p=[0.8, 0.1, 0.1])
    tint = np.exp(rng.normal(0, 0.08, 3))
    lit = canvas * light * tint
    return np.float32(lit * (METERED / np.median(lit.mean(2))) * 2.0**stops)


def to_display(linear: np.ndarray) -> np.ndarray:
    """Linear light as uint8 by clipping and the sRGB curve (IEC 61966-2-1) alone: a picture that no camera took."""
    clipped = np.clip(linear, 0, 1)
    curve = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * np.maximum(clipped, 1e-9) ** (1 / 2.4) - 0.055)
    return np.round(curve * 255).astype(np.uint8)


def no_style_crops(count: int, seed: int, workers: int = 0, crop: int = 32, shown: int = 0) -> np.ndarray:
    """Crops (uint8 count×crop×crop×3) of scenes that no camera took, reduced twofold by area averaging.

    With `shown`, so many of these crops, from as few scenes as hold them; no other scene is rendered.
    `workers` processes render them (0: one per core); the result does not depend on their number. The scenes' seeds
    begin with NO_STYLE_STREAM, those of the cameras' scenes with CAMERA_STREAM, so no scene serves both.
    """
    per_scene = (_NO_STYLE_SIZE // _REDUCTION // crop) ** 2
    order = np.random.default_rng([NO_STYLE_STREAM, seed]).permutation(-(-count // per_scene) * per_scene)[:count]
    if shown:
        held = np.cumsum(np.bincount(order // per_scene))
        order = order[order // per_scene <= np.searchsorted(held, shown)][:shown]
    jobs = [(seed, number, crop) for number in range(order.max() // per_scene + 1)]
    if workers == 1 or len(jobs) < 4:
        parts = [_no_style_scene(*job) for job in jobs]
    else:
        with pool(workers or cores()) as processes:
            parts = list(processes.map(_no_style_scene, *zip(*jobs, strict=True), chunksize=4))
    return np.concatenate(parts)[order]


def _no_style_scene(seed: int, number: int, crop: int) -> np.ndarray:
    scene = render_scene(_NO_STYLE_SIZE, [NO_STYLE_STREAM, seed, number])
    side = _NO_STYLE_SIZE // _REDUCTION
    reduced = scene.reshape(side, _REDUCTION, side, _REDUCTION, 3).mean((1, 3))
    cells = to_display(reduced)[: side // crop * crop, : side // crop * crop]
    grid = cells.reshape(side // crop, crop, side // crop, crop, 3).swapaxes(1, 2)
    return grid.reshape(-1, crop, crop, 3)
