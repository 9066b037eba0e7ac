"""Figures of the explanations: saliency maps, what filters look for, LIME's masks.

Real photos may not be shown: with `show` false a figure holds maps, masks and spectra alone.
"""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.layout import is_narrow, legend, panels
from camgan_lib.show.figures.lettering import wrapped
from camgan_lib.show.figures.palette import FAINT, STRONG, camera_colour
from camgan_lib.show.figures.style import (
    WIDTH,
    colour_bar,
    new_figure,
    picture_rows,
    responsive,
)

FOR, AGAINST = "#0072B2", "#D55E00"


def pick(labels: np.ndarray, photo: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Indices of `count` crops per class, classes in order. Crops come from different photos if there are enough."""
    rng, chosen = np.random.default_rng(seed), []
    for label in np.unique(labels):
        order = rng.permutation(np.flatnonzero(labels == label))
        _, first = np.unique(photo[order], return_index=True)
        spread = order[np.sort(first)]
        rest = np.setdiff1d(order, spread)
        chosen.append(np.concatenate([spread, rest])[:count])
    return np.concatenate(chosen)


@responsive
def saliency(
    images: np.ndarray,
    maps: np.ndarray,
    labels: np.ndarray,
    cameras: Sequence[str],
    *,
    show: bool = True,
    width: float = WIDTH,
) -> Figure:
    """One row per camera, each crop beside its saliency map (brightest: the map's own 99th percentile).

    In a narrow figure a camera takes several rows.
    """
    most = max(np.bincount(labels))
    across = min(most, 2) if is_narrow(width) else most
    down, step = -(-most // across), 2 if show else 1
    cell = (width - (1.1 if is_narrow(width) else 1.8)) / (step * across)
    figure = new_figure(width, len(cameras) * down * (cell + 0.05) + 0.6, pictures=True)
    rows: list[list[np.ndarray | None]] = [[None] * (step * across) for _ in range(len(cameras) * down)]
    for number in range(len(cameras)):
        for place, index in enumerate(np.flatnonzero(labels == number)):
            row, column = rows[number * down + place // across], step * (place % across)
            if show:
                row[column] = images[index]
            row[column + step - 1] = maps[index] / max(np.quantile(maps[index], 0.99), 1e-12)
    names = [text for camera in cameras for text in (camera, *[""] * (down - 1))]
    titles = ["crop", "saliency"][-step:] * across
    axes = figure.subplots()
    drawn = picture_rows(axes, rows, labels=names, titles=titles, framed=True, vmin=0, vmax=1, cmap="magma")
    beside: dict[str, Any] = {"location": "bottom", "fraction": 0.02, "aspect": 40} if is_narrow(width) else {}
    colour_bar(figure, drawn, axes, "|∂ logit / ∂ pixel|, share of\nthe map's 99th percentile", **beside)
    return figure


@responsive
def edge_correlations(trained: np.ndarray, untrained: np.ndarray, own: Estimate, *, width: float = WIDTH) -> Figure:
    """Correlation of saliency with edge strength: crops of the trained network above, means of all networks below.

    `trained`: one value per crop, N; `untrained`: K×N, a row per untrained network; `own`: the trained network's mean,
    with its interval.
    """
    figure = new_figure(width, 3.6)
    crops, networks = figure.subplots(2, 1, height_ratios=(1.6, 1))
    limit = 1.05 * max(0.6, *np.abs([trained.min(), trained.max(), untrained.min(), untrained.max()]))
    for index, (label, values) in enumerate({"trained": trained, "untrained": untrained.ravel()}.items()):
        options = {"bins": np.linspace(-limit, limit, 41), "density": True, "color": camera_colour(index)}
        crops.hist(values, histtype="stepfilled", alpha=0.25, **options)
        crops.hist(values, histtype="step", label=label, **options)
    crops.set_ylabel("density of crops")
    crops.legend(loc="upper left")
    means = untrained.mean(1)
    networks.plot(means, np.linspace(-0.3, 0.3, len(means)), "o", markersize=4, color=camera_colour(1), alpha=0.7)
    ends = [[own.value - own.low], [own.high - own.value]] if own.known else None
    networks.errorbar([own.value], [1], xerr=ends, fmt="o", markersize=5, capsize=3, color=camera_colour(0))
    networks.set_yticks([1, 0], ["trained", f"{len(means)} untrained"])
    networks.set_ylim(-0.6, 1.5)
    for axes in (crops, networks):
        axes.axvline(0, color=STRONG, linewidth=0.8)
    reach = 1.15 * np.nanmax(np.abs([0.1, *means, own.value, own.low, own.high]))
    networks.set_xlim(-min(reach, 1), min(reach, 1))
    crops.set_xlabel(
        "rank correlation of saliency\nwith edge strength, per crop"
        if is_narrow(width)
        else "rank correlation of saliency with edge strength, per crop"
    )
    networks.set_xlabel("mean over crops")
    return figure


@responsive
def filters(
    layers: dict[str, dict[str, np.ndarray]],
    images: np.ndarray,
    *,
    crops_shown: int = 2,
    show: bool = True,
    width: float = WIDTH,
) -> Figure:
    """What the most important filters of each layer look for, one block of rows per layer.

    Per layer: `filters` (int F), `share` (float F, relative importance), `blurred` and `plain` (float F×H×W×3 around
    0, see `explain.maximise_activation`), `top` (int F×K into `images`).
    """
    rows = ["with blur", "no blur"] + [f"top crop {k + 1}" for k in range(crops_shown if show else 0)]
    most = max(len(layer["filters"]) for layer in layers.values())
    across = min(most, 4) if is_narrow(width) else most
    width = min(width, 1.3 + 1.1 * across)
    cell = (width - 1.3) / across
    parts = [(name, first) for name, layer in layers.items() for first in range(0, len(layer["filters"]), across)]
    figure = new_figure(width, len(parts) * (len(rows) * (cell + 0.04) + 0.42))
    blocks = figure.subfigures(len(parts), 1, squeeze=False)[:, 0]
    for block, (name, first) in zip(blocks, parts, strict=True):
        layer = layers[name]
        block.suptitle(name if first == 0 else " ", x=0.01, ha="left", fontweight="bold")
        numbers = range(first, min(first + across, len(layer["filters"])))
        spare = [None] * (across - len(numbers))
        lines = [[*(_filter_picture(layer, images, row, k) for k in numbers), *spare] for row in range(len(rows))]
        titles = [f"{layer['filters'][k]}: {layer['share'][k]:.0%}" for k in numbers]
        picture_rows(block.subplots(), lines, labels=rows, titles=titles, framed=True)
    return figure


def _filter_picture(layer: dict[str, np.ndarray], images: np.ndarray, row: int, column: int) -> np.ndarray:
    if row >= 2:
        return images[layer["top"][column, row - 2]]
    best = layer["blurred" if row == 0 else "plain"][column]
    return 0.5 + 0.5 * best / max(np.abs(best).max(), 1e-12)


@responsive
def importance(shares: dict[str, np.ndarray], *, width: float = WIDTH) -> Figure:
    """Relative importance of every filter, one panel per layer, most important first; dashed: all alike."""
    figure, several = panels(len(shares), width, least=1.65, height=2.3)
    for axes, (name, share) in zip(several, shares.items(), strict=True):
        axes.bar(np.arange(1, len(share) + 1), 100 * np.sort(share)[::-1], width=0.9, color=camera_colour(0))
        axes.axhline(100 / len(share), color=STRONG, linestyle="--", linewidth=1)
        axes.set_title(f"{name}\n({len(share)} filters)")
        axes.set_xlabel("rank of the filter")
    figure.supylabel("relative importance (%)")
    return figure


@responsive
def first_layer(
    kernels: np.ndarray, response_db: np.ndarray, follows: np.ndarray, p: Sequence[float], *, width: float = WIDTH
) -> Figure:
    """First-layer kernels F×k×k×3 above their magnitude responses F×N×N (dB of their maximum).

    `follows`: per filter the correlation of its output with edge strength, its title; `p`: how many random kernels
    follow edges as closely, as a share.
    """
    columns = 4 if is_narrow(width) else 8
    bands = -(-len(kernels) // columns)
    figure = new_figure(width, bands * 2.0 + 0.5, pictures=True)
    several = figure.subplots(bands, 1, squeeze=False)[:, 0]
    for band, axes in enumerate(several):
        numbers = range(band * columns, min((band + 1) * columns, len(kernels)))
        spare = [None] * (columns - len(numbers))
        shown = [0.5 + 0.5 * kernels[k] / np.abs(kernels[k]).max() for k in numbers]
        lines = [[*shown, *spare], [*(response_db[k] for k in numbers), *spare]]
        titles = [f"{follows[k]:+.2f}\np = {p[k]:.2g}" for k in numbers]
        gains: dict[str, Any] = {"vmin": -30, "vmax": 0, "cmap": "magma"}
        drawn = picture_rows(axes, lines, labels=["kernel", "|FFT|"], titles=titles, **gains)
    beside: dict[str, Any] = {"location": "bottom", "fraction": 0.02, "aspect": 40} if is_narrow(width) else {}
    colour_bar(figure, drawn, list(several), "gain (dB of maximum)", **beside)
    return figure


@responsive
def edge_filters(own: np.ndarray, drawn: np.ndarray, *, width: float = WIDTH) -> Figure:
    """How closely kernels follow edges: a histogram of random kernels `drawn`, a line for each of the layer's `own`."""
    figure, (axes,) = panels(1, width, least=width, height=2.6)
    axes.hist(drawn, bins=60, density=True, color=FAINT, label=f"{len(drawn):,} random kernels")
    top = axes.get_ylim()[1]
    axes.vlines(own, 0, 0.35 * top, color=camera_colour(0), label=f"the layer's {len(own)}")
    axes.set(xlabel="rank correlation of a filter's\ndeviation with edge strength", ylabel="density")
    legend(figure, axes, width)
    return figure


@responsive
def lime(
    images: np.ndarray,
    titles: Sequence[str],
    by_default: Sequence[np.ndarray],
    by_grid: Sequence[np.ndarray],
    *,
    show: bool = True,
    width: float = WIDTH,
) -> Figure:
    """Columns of crops, LIME's weights with its default segmentation, and with a grid: blue for, orange against.

    `by_default`, `by_grid`: weights H×W per crop; each map is scaled by its own largest weight.
    """
    rows = (["crop"] if show else []) + ["default\nsegments", "grid"]
    narrow = is_narrow(width)
    cell = (width - 1.0) / (len(rows) if narrow else len(images))
    figure = new_figure(width, (len(images) if narrow else len(rows)) * (cell + 0.05) + 0.6, pictures=True)
    behind = images if show else np.full_like(images, 255)
    lines = [[_tinted(*each) for each in zip(maps, behind, strict=True)] for maps in (by_default, by_grid)]
    lines = [list(images), *lines] if show else lines
    if narrow:
        lines, labels, above = [list(each) for each in zip(*lines, strict=True)], titles, rows
    else:
        labels, above = rows, [wrapped(title, 9) for title in titles]
    picture_rows(figure.subplots(), lines, labels=labels, titles=above, framed=True)
    return figure


def _tinted(weights: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Weights H×W in FOR and AGAINST over a paled grey image: float H×W×3 in [0, 1]."""
    grey = (image.mean(-1, keepdims=True) / 255 * 0.6 + 0.4).repeat(3, -1)
    colours = np.where((weights > 0)[..., None], np.array(mpl.colors.to_rgb(FOR)), np.array(mpl.colors.to_rgb(AGAINST)))
    strength = (np.abs(weights) / max(np.abs(weights).max(), 1e-12) * 0.8)[..., None]
    return grey * (1 - strength) + colours * strength


# --- the same pictures as layers of a widgets.Gallery: name → N×H×W×3


def saliency_layers(images: np.ndarray, maps: np.ndarray, *, show: bool = True) -> dict[str, np.ndarray]:
    """Pictures for a gallery: crops, if they may be shown, and their saliency maps as `saliency` draws them."""
    level = maps / np.maximum(np.quantile(maps, 0.99, axis=(1, 2), keepdims=True), 1e-12)
    drawn = mpl.colormaps["magma"](np.clip(level, 0, 1))[..., :3]
    return {**({"crop": images / 255} if show else {}), "saliency": drawn}


def lime_layers(
    images: np.ndarray, by_default: Sequence[np.ndarray], by_grid: Sequence[np.ndarray], *, show: bool = True
) -> dict[str, np.ndarray]:
    """Pictures for a gallery: crops, if they may be shown, and LIME's weights on white, by both segmentations."""
    white = np.full_like(images[0], 255)
    found = {"default segments": by_default, "grid": by_grid}
    layers = {name: np.stack([_tinted(weights, white) for weights in each]) for name, each in found.items()}
    return {**({"crop": images / 255} if show else {}), **layers}


def filter_layers(
    layers: dict[str, dict[str, np.ndarray]], images: np.ndarray, *, show: bool = True
) -> tuple[list[str], dict[str, np.ndarray]]:
    """Titles and pictures for a gallery of all filters that `filters` shows."""
    names = ["with blur", "no blur", *(["top crop 1", "top crop 2"] if show else [])]
    each = [(name, layer, column) for name, layer in layers.items() for column in range(len(layer["filters"]))]
    titles = [f"{name}, filter {layer['filters'][k]} ({layer['share'][k]:.0%})" for name, layer, k in each]
    pictures = [
        np.stack([_unit(_filter_picture(layer, images, row, k)) for _, layer, k in each]) for row in range(len(names))
    ]
    return titles, dict(zip(names, pictures, strict=True))


def _unit(picture: np.ndarray) -> np.ndarray:
    return picture / 255 if picture.dtype == np.uint8 else picture
