"""Figures of chapter 1: the cameras' crops, their spectra and their colours."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from matplotlib.figure import Figure

from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.crops import CameraData
from camgan_lib.show.figures.lettering import legend_label, wrapped
from camgan_lib.show.figures.style import (
    Table,
    bare,
    camera_colour,
    colour_bar,
    mosaic,
    new_figure,
    not_shown,
    show_spectrum,
    table,
)


def pipelines() -> Table:
    """A row per simulated camera with the stages in which their pipelines differ."""
    columns = {
        "name": ("camera", "{}"),
        "demosaicing": ("demosaicing", "{}"),
        "denoising": ("denoising", "{:.1f}"),
        "sharpening": ("sharpening", "{:.1f}"),
        "subsampling": ("chroma", "{}"),
        "quality": ("JPEG quality", "{}"),
    }
    return table([asdict(camera) for camera in CAMERAS], columns)


def counts(data: CameraData) -> Table:
    """Photos and crops of each camera in both halves of the split."""
    rows = [
        {
            "camera": camera,
            "train_photos": data.report["photos"][camera]["train"],
            "test_photos": data.report["photos"][camera]["test"],
            "train_crops": int((data.train.labels == label).sum()),
            "test_crops": int((data.test.labels == label).sum()),
        }
        for label, camera in enumerate(data.cameras)
    ]
    names = ("train_photos", "test_photos", "train_crops", "test_crops")
    return table(rows, {"camera": ("camera", "{}"), **{name: (name.replace("_", " "), "{:,}") for name in names}})


def samples(data: CameraData, *, per_camera: int = 32, columns: int = 8, show: bool = True) -> Figure:
    """Test crops of each camera: the first of each photo, then the second of each, and so on.

    If `show` is false, a figure that says why they are not shown.
    """
    if not show:
        return not_shown("crops of these cameras")
    across = min(len(data.cameras), 2)
    down = -(-len(data.cameras) // across)
    figure = new_figure(3.6 * across, down * (3.6 * per_camera / columns**2 + 0.35))
    axes = figure.subplots(down, across, squeeze=False)
    for label, axis in enumerate(axes.flat):
        bare(axis)
        if label < len(data.cameras):
            of_camera = np.flatnonzero(data.test.labels == label)
            turn = np.argsort(_rank_in_photo(data.test.photo[of_camera]), kind="stable")[:per_camera]
            axis.imshow(mosaic(data.test.images[of_camera[turn]], columns, gap=2))
            axis.set_title(wrapped(data.cameras[label], 40))
    return figure


def sheet(data: CameraData, *, camera: str, number: int, show: bool = True) -> Figure:
    """Sheet `number` (from 1) of 40 training crops of a camera, photo after photo. The first follows the last."""
    if not show:
        return not_shown("crops of these cameras")
    crops = data.train.of(data.cameras.index(camera))
    figure = new_figure(6.4, 4.3)
    axes = bare(figure.add_subplot())
    axes.imshow(mosaic(crops.take(np.arange(40) + 40 * (number - 1), axis=0, mode="wrap"), 8, gap=2))
    axes.set_title(f"{wrapped(camera, 40)}, sheet {number}")
    return figure


def _rank_in_photo(photo: np.ndarray) -> np.ndarray:
    """0 for each photo's first crop, 1 for its second, …"""
    _, first, index = np.unique(photo, return_index=True, return_inverse=True)
    return np.arange(len(photo)) - first[index]


def mean_spectra(spectra: Sequence[np.ndarray], cameras: Sequence[str]) -> Figure:
    """Mean power spectra of each camera (dB, N×N, frequency zero in the middle), above the same minus their mean.

    The upper row has one scale, cut at the lowest half per cent of levels. The lower row's is symmetric about zero.
    """
    levels = np.array(spectra)
    apart = levels - levels.mean(0)
    figure = new_figure(1.75 * len(cameras) + 0.6, 4.0)
    axes = figure.subplots(2, len(cameras), squeeze=False, sharex=True, sharey=True)
    bottom, top, limit = np.quantile(levels, 0.005), levels.max(), float(np.quantile(np.abs(apart), 0.995))
    for number, camera in enumerate(cameras):
        upper = show_spectrum(axes[0, number], levels[number], vmin=bottom, vmax=top)
        axes[0, number].set_title(wrapped(camera, 20))
        lower = show_spectrum(axes[1, number], apart[number], cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes[1, 0].set(xlabel="cycles/pixel", ylabel="cycles/pixel")
    colour_bar(figure, upper, axes[0], "power (dB)")
    colour_bar(figure, lower, axes[1], "minus mean (dB)")
    return figure


def radial(profiles: Sequence[tuple[np.ndarray, np.ndarray]], cameras: Sequence[str]) -> Figure:
    """Radial power profiles: (cycles/pixel, dB) per camera."""
    figure = new_figure(6.2, 3.0)
    axes = figure.subplots(1, 1, squeeze=False)
    for number, (frequency, level) in enumerate(profiles):
        label = legend_label(cameras[number])
        axes[0, 0].plot(frequency, level, color=camera_colour(number), label=label, linewidth=1.6)
    axes[0, 0].set(xlabel="frequency (cycles/pixel)", ylabel="mean power (dB)", xlim=(0, 0.5))
    axes[0, 0].legend()
    return figure


def colour_statistics(statistics: Sequence[np.ndarray], cameras: Sequence[str]) -> Figure:
    """Distributions of each camera's colour statistics, a panel per column of `evaluation.colour_statistics`."""
    names = ("mean red", "mean green", "mean blue", "deviation red", "deviation green", "deviation blue")
    figure = new_figure(7.2, 3.8)
    axes = figure.subplots(2, 3, squeeze=False)
    for index, axis in enumerate(axes.flat):
        edges = np.linspace(0, 1 if index < 3 else 0.4, 31)
        for number, values in enumerate(statistics):
            density, _ = np.histogram(values[:, index], edges, density=True)
            axis.stairs(density, edges, color=camera_colour(number), linewidth=1.3, label=legend_label(cameras[number]))
        axis.set(title=names[index], xlim=(edges[0], edges[-1]))
    for axis in axes[:, 0]:
        axis.set_ylabel("density")
    for axis in axes[1]:
        axis.set_xlabel("value (0 to 1)")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(4, len(cameras)))
    return figure
