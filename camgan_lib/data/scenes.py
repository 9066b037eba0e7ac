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

from camgan_lib.base.compiled import compiled
from camgan_lib.base.workers import cores, pool
from camgan_lib.data.filters import blurred
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
    textures = np.array([_power_law_field(size, slope, rng) for slope in (0.6, 1.0, 1.5)])
    canvas = _ground(colour(rng), np.exp(0.25 * textures[1]))
    paint_leaves(canvas, textures, int(2200 * (size / 512) ** 2), rng)
    if rng.random() < PLAIN:
        _paint_plain_area(canvas, rng)
    return _expose(_defocus(canvas, rng), rng)


@compiled
def _ground(paint: np.ndarray, light: np.ndarray) -> np.ndarray:
    """A colour in a light n×n: float32 n×n×3."""
    out = np.empty((*light.shape, 3), np.float32)
    for row in range(light.shape[0]):
        for column in range(light.shape[1]):
            for channel in range(3):
                out[row, column, channel] = paint[channel] * light[row, column]
    return out


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
    angle = rng.uniform(0, 2 * np.pi)
    edge = rng.uniform(-0.1, 0.35)
    brightness = rng.uniform(1, 4) if rng.random() < 1 - BLOWN_OUT else 60.0
    paint, slope = colour(rng) * np.float32(brightness), rng.uniform(-0.5, 0.5)
    _cover(canvas, _places(len(canvas)), np.cos(angle), np.sin(angle), edge, paint, slope)


@compiled
def _cover(
    canvas: np.ndarray, at: np.ndarray, cos: float, sin: float, edge: float, paint: np.ndarray, slope: float
) -> None:
    """Covers what lies beyond `edge` along a direction with `paint`, in place. `slope`: how its light changes there."""
    size = len(canvas)
    for row in range(size):
        for column in range(size):
            along = at[column] * cos + at[row] * sin
            cover = min(max((along - edge) * size, 0.0), 1.0)
            if cover > 0:
                light = 1 + slope * along
                for channel in range(3):
                    below = canvas[row, column, channel]
                    canvas[row, column, channel] = below + cover * np.float64(
                        np.float32(paint[channel] * light) - below
                    )


def _places(size: int) -> np.ndarray:
    """Where each row or column of a scene lies, from −½ to ½: float32."""
    return np.arange(size, dtype=np.float32) / size - 0.5


def _defocus(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The scene as a lens shows it: half of them sharp, the others blurred where a random depth is out of focus."""
    sharp = blurred(canvas, LENS_BLUR)
    if rng.random() < 0.5:
        return sharp
    sigma = rng.uniform(1.0, 4.0)
    size = len(canvas)
    depth = gaussian_filter(rng.standard_normal((8, 8)), 1.0)
    yx = np.linspace(0, 6.99, size)
    field = _between(depth, yx.astype(int), (yx - yx.astype(int)).astype(np.float32))
    edge = np.quantile(field, rng.uniform(0.3, 1.0))
    weight = np.clip((field - edge) / (0.3 * field.std()) + 0.5, 0, 1).astype(np.float32)
    _mix(sharp, blurred(canvas, sigma), weight)
    return sharp


@compiled
def _between(depth: np.ndarray, lower: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Depths between those of a coarse grid: float64 n×n. Each place lies `part` of the way beyond line `lower`."""
    out = np.empty((len(part), len(part)))
    for row in range(len(part)):
        here, down = lower[row], part[row]
        line = depth[here] * (np.float32(1) - down) + depth[here + 1] * down
        for column in range(len(part)):
            at, right = lower[column], part[column]
            out[row, column] = line[at] * (np.float32(1) - right) + line[at + 1] * right
    return out


@compiled
def _mix(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> None:
    """Goes from `first` to `second`, n×n×3, by a weight n×n in [0, 1], in place of the first."""
    for row in range(len(first)):
        for column in range(len(first)):
            for channel in range(3):
                here = first[row, column, channel]
                first[row, column, channel] = here + weight[row, column] * (second[row, column, channel] - here)


def _expose(canvas: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The scene in uneven, slightly coloured light, exposed for its median, now and then wrong by some stops."""
    y, x = (_places(len(canvas)) * slope for slope in rng.normal(0, 0.7, 2))
    light = np.exp(y[:, None] + x)
    stops = rng.choice([rng.normal(0, 0.4), rng.uniform(-4, -2), rng.uniform(1, 2.5)], p=[0.8, 0.1, 0.1])
    tint = np.exp(rng.normal(0, 0.08, 3))
    median = np.median(_means(canvas, light, tint))
    return _lit(canvas, light, tint, METERED / median, 2.0**stops)


@compiled
def _means(canvas: np.ndarray, light: np.ndarray, tint: np.ndarray) -> np.ndarray:
    """The mean over the channels of a canvas in a coloured light, float64 n×n."""
    found = np.empty(light.shape)
    for row in range(len(canvas)):
        for column in range(len(canvas)):
            here, total = light[row, column], 0.0
            for channel in range(3):
                total += canvas[row, column, channel] * here * tint[channel]
            found[row, column] = total / 3
    return found


@compiled
def _lit(canvas: np.ndarray, light: np.ndarray, tint: np.ndarray, exposure: float, wrong: float) -> np.ndarray:
    """A canvas in a coloured light, exposed: float32 n×n×3."""
    out = np.empty_like(canvas)
    for row in range(len(canvas)):
        for column in range(len(canvas)):
            here = light[row, column]
            for channel in range(3):
                out[row, column, channel] = canvas[row, column, channel] * here * tint[channel] * exposure * wrong
    return out


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
