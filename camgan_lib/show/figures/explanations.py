"""Figures of the explanations: saliency maps, what filters look for, LIME's masks.

Real photos may not be shown: with `show` false a figure holds maps, masks and spectra alone.
"""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures.style import (
    WIDTH,
    bare,
    camera_colour,
    colour_bar,
    frame,
    new_figure,
    row_label,
    show_spectrum,
    wrapped,
)

FOR, AGAINST = "#1B9E4B", "#D7301F"


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


def saliency(
    images: np.ndarray, maps: np.ndarray, labels: np.ndarray, cameras: Sequence[str], *, show: bool = True
) -> Figure:
    """One row per camera, each crop beside its saliency map (brightest: the map's own 99th percentile)."""
    per_row = max(np.bincount(labels))
    step = 2 if show else 1
    figure = new_figure(WIDTH if show else 5.0, len(cameras) * (0.9 if show else 1.0) + 0.5, pictures=True)
    grid = figure.subplots(len(cameras), step * per_row, squeeze=False)
    for row, camera in enumerate(cameras):
        for axes in grid[row]:
            bare(axes)
        row_label(grid[row, 0], camera)
        for column, index in enumerate(np.flatnonzero(labels == row)):
            if show:
                grid[row, 2 * column].imshow(images[index])
            level = maps[index] / max(np.quantile(maps[index], 0.99), 1e-12)
            drawn = grid[row, step * column + step - 1].imshow(level, vmin=0, vmax=1, cmap="magma")
    for column in range(per_row):
        if show:
            grid[0, 2 * column].set_title("crop", pad=3)
        grid[0, step * column + step - 1].set_title("saliency", pad=3)
    colour_bar(figure, drawn, list(grid.ravel()), "|∂ logit / ∂ pixel|, share of\nthe map's 99th percentile")
    return figure


def edge_correlations(trained: np.ndarray, untrained: np.ndarray, own: Estimate) -> Figure:
    """Correlation of saliency with edge strength: crops of the trained network above, means of all networks below.

    `trained`: one value per crop, N; `untrained`: K×N, a row per untrained network; `own`: the trained network's mean,
    with its interval.
    """
    figure = new_figure(6.0, 3.6)
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
        axes.axvline(0, color="0.5", linewidth=0.8)
    reach = 1.15 * np.nanmax(np.abs([0.1, *means, own.value, own.low, own.high]))
    networks.set_xlim(-min(reach, 1), min(reach, 1))
    crops.set_xlabel("rank correlation of saliency with edge strength, per crop")
    networks.set_xlabel("mean over crops")
    return figure


def filters(
    layers: dict[str, dict[str, np.ndarray]], images: np.ndarray, *, crops_shown: int = 2, show: bool = True
) -> Figure:
    """What the most important filters of each layer look for, one block of rows per layer.

    Per layer: `filters` (int F), `share` (float F, relative importance), `blurred` and `plain` (float F×H×W×3 around
    0, see `explain.maximise_activation`), `top` (int F×K into `images`).
    """
    rows = ["with blur", "no blur"] + [f"top crop {k + 1}" for k in range(crops_shown if show else 0)]
    columns = max(len(layer["filters"]) for layer in layers.values())
    cell = (WIDTH - 1.3) / columns
    figure = new_figure(WIDTH, len(layers) * (len(rows) * (cell + 0.04) + 0.42))
    blocks = figure.subfigures(len(layers), 1, squeeze=False)[:, 0]
    for block, (name, layer) in zip(blocks, layers.items(), strict=True):
        block.suptitle(name, x=0.01, ha="left", fontweight="bold")
        grid = block.subplots(len(rows), columns, squeeze=False)
        for row, label in enumerate(rows):
            row_label(grid[row, 0], label)
            for column, axes in enumerate(grid[row]):
                bare(axes)
                if column < len(layer["filters"]):
                    axes.imshow(_filter_picture(layer, images, row, column))
        for column, (index, share) in enumerate(zip(layer["filters"], layer["share"], strict=True)):
            grid[0, column].set_title(f"{index}: {share:.0%}", pad=3)
    return figure


def _filter_picture(layer: dict[str, np.ndarray], images: np.ndarray, row: int, column: int) -> np.ndarray:
    if row >= 2:
        return images[layer["top"][column, row - 2]]
    best = layer["blurred" if row == 0 else "plain"][column]
    return 0.5 + 0.5 * best / max(np.abs(best).max(), 1e-12)


def importance(shares: dict[str, np.ndarray]) -> Figure:
    """Relative importance of every filter, one panel per layer, most important first; dashed: all alike."""
    figure = new_figure(WIDTH, 2.3)
    for axes, (name, share) in zip(figure.subplots(1, len(shares), squeeze=False)[0], shares.items(), strict=True):
        axes.bar(np.arange(1, len(share) + 1), 100 * np.sort(share)[::-1], width=0.9, color=camera_colour(0))
        axes.axhline(100 / len(share), color="0.3", linestyle="--", linewidth=1)
        axes.set_title(f"{name} ({len(share)} filters)")
        axes.set_xlabel("rank of the filter")
    figure.axes[0].set_ylabel("relative importance (%)")
    return figure


def first_layer(kernels: np.ndarray, response_db: np.ndarray, follows: np.ndarray, p: Sequence[float]) -> Figure:
    """First-layer kernels F×k×k×3 above their magnitude responses F×N×N (dB of their maximum).

    `follows`: per filter the correlation of its output with edge strength, its title; `p`: how many random kernels
    follow edges as closely, as a share.
    """
    columns = 8
    bands = -(-len(kernels) // columns)
    figure = new_figure(WIDTH, bands * 2.2 + 0.2, pictures=True)
    grid = figure.subplots(2 * bands, columns, squeeze=False)
    for axes in grid.ravel():
        bare(axes)
    for index, kernel in enumerate(kernels):
        band, column = divmod(index, columns)
        top, bottom = grid[2 * band, column], grid[2 * band + 1, column]
        top.imshow(0.5 + 0.5 * kernel / np.abs(kernel).max())
        top.set_title(f"{follows[index]:+.2f}\np = {p[index]:.2g}", pad=3)
        drawn = show_spectrum(bottom, response_db[index], labels=False, vmin=-30, vmax=0, cmap="magma")
    for band in range(bands):
        row_label(grid[2 * band, 0], "kernel")
        row_label(grid[2 * band + 1, 0], "|FFT|")
    colour_bar(figure, drawn, list(grid.ravel()), "gain (dB of maximum)")
    return figure


def edge_filters(own: np.ndarray, drawn: np.ndarray) -> Figure:
    """How closely kernels follow edges: a histogram of random kernels `drawn`, a line for each of the layer's `own`."""
    figure = new_figure(6.0, 2.4)
    axes = figure.add_subplot()
    axes.hist(drawn, bins=60, density=True, color="0.75", label=f"{len(drawn):,} random kernels")
    top = axes.get_ylim()[1]
    axes.vlines(own, 0, 0.35 * top, color=camera_colour(0), label=f"the layer's {len(own)}")
    axes.set(xlabel="rank correlation of a filter's deviation with edge strength", ylabel="density")
    axes.legend(loc="upper right")
    return figure


def lime(
    images: np.ndarray,
    titles: Sequence[str],
    by_default: Sequence[np.ndarray],
    by_grid: Sequence[np.ndarray],
    *,
    show: bool = True,
) -> Figure:
    """Columns of crops, LIME's weights with its default segmentation, and with a grid: green for, red against.

    `by_default`, `by_grid`: weights H×W per crop; each map is scaled by its own largest weight.
    """
    rows = (["crop"] if show else []) + ["default\nsegments", "grid"]
    cell = (WIDTH - 1.0) / len(images)
    figure = new_figure(WIDTH, len(rows) * (cell + 0.05) + 0.6, pictures=True)
    grid = figure.subplots(len(rows), len(images), squeeze=False)
    for row, label in enumerate(rows):
        row_label(grid[row, 0], label)
    for column, image in enumerate(images):
        for axes in grid[:, column]:
            bare(axes)
        if show:
            grid[0, column].imshow(image)
        grid[0, column].set_title(wrapped(titles[column], 9), pad=3)
        for axes, weights in zip(grid[-2:, column], (by_default[column], by_grid[column]), strict=True):
            frame(axes)
            _weights_over(axes, weights, image if show else np.full_like(image, 255))
    return figure


def _weights_over(axes: Axes, weights: np.ndarray, image: np.ndarray) -> None:
    axes.imshow(_tinted(weights, image))


def _tinted(weights: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Weights H×W as green and red over a paled grey image: float H×W×3 in [0, 1]."""
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
