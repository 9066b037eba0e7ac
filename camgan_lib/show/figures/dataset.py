"""Figures of chapter 1: the cameras' crops, their spectra and their colours."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from matplotlib.figure import Figure

from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.crops import CameraData
from camgan_lib.show.figures.layout import by_column, is_narrow, legend, names_at_ends, panels
from camgan_lib.show.figures.lettering import legend_label, wrapped
from camgan_lib.show.figures.palette import camera_colour
from camgan_lib.show.figures.style import (
    WIDTH,
    bare,
    colour_bar,
    mosaic,
    new_figure,
    not_shown,
    responsive,
    show_spectrum,
)
from camgan_lib.show.figures.tables import Table, table


def pipelines() -> Table:
    """A row per simulated camera with the stages in which their pipelines differ."""
    columns = {
        "name": ("camera", "{}"),
        "demosaicing": ("Demosaicing", "{}"),
        "denoising": ("Denoising", "{:.1f}"),
        "sharpening": ("Sharpening", "{:.1f}"),
        "subsampling": ("chroma", "{}"),
        "quality": ("JPEG quality", "{}"),
    }
    return table(
        [asdict(camera) for camera in CAMERAS], columns, "The simulated cameras, by the stages in which they differ"
    )


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
    columns = {"camera": ("Camera", "{}"), **{name: (name.replace("_", " "), "{:,}") for name in names}}
    return table(rows, columns, "Photos and crops of each camera")


@responsive
def samples(
    data: CameraData, *, per_camera: int = 32, columns: int = 8, show: bool = True, width: float = WIDTH
) -> Figure:
    """Test crops of each camera: the first of each photo, then the second of each, and so on.

    If `show` is false, a figure that says why they are not shown.
    """
    if not show:
        return not_shown("crops of these cameras")
    sheets = []
    for label in range(len(data.cameras)):
        of_camera = np.flatnonzero(data.test.labels == label)
        turn = np.argsort(_rank_in_photo(data.test.photo[of_camera]), kind="stable")[:per_camera]
        sheets.append(mosaic(data.test.images[of_camera[turn]], columns, gap=2))
    across = 1 if is_narrow(width) else min(len(sheets), 2)
    down = -(-len(sheets) // across)
    high = max(sheet.shape[0] / sheet.shape[1] for sheet in sheets)
    figure = new_figure(width, down * (width / across * high + 0.3), pictures=True)
    for axis, sheet, camera in zip(
        figure.subplots(down, across, squeeze=False).flat, sheets, data.cameras, strict=False
    ):
        axis.imshow(sheet)
        axis.set_title(wrapped(camera, 40))
    for axis in figure.axes:
        bare(axis)
    return figure


@responsive
def sheet(data: CameraData, *, camera: str, number: int, show: bool = True, width: float = WIDTH) -> Figure:
    """Sheet `number` (from 1) of 40 training crops of a camera, photo after photo. The first follows the last."""
    if not show:
        return not_shown("crops of these cameras")
    crops = data.train.of(data.cameras.index(camera)).take(np.arange(40) + 40 * (number - 1), axis=0, mode="wrap")
    crops = mosaic(crops, 5 if is_narrow(width) else 8, gap=2)
    width = min(width, 5.6)
    figure = new_figure(width, width * crops.shape[0] / crops.shape[1] + 0.3)
    axes = bare(figure.add_subplot())
    axes.imshow(crops)
    axes.set_title(f"{wrapped(camera, 40)}, sheet {number}")
    return figure


def _rank_in_photo(photo: np.ndarray) -> np.ndarray:
    """0 for each photo's first crop, 1 for its second, …"""
    _, first, index = np.unique(photo, return_index=True, return_inverse=True)
    return np.arange(len(photo)) - first[index]


@responsive
def mean_spectra(spectra: Sequence[np.ndarray], cameras: Sequence[str], *, width: float = WIDTH) -> Figure:
    """Mean power spectra of each camera (dB, N×N, frequency zero in the middle), above the same minus their mean.

    The upper row has one scale, cut at the lowest half per cent of levels. The lower row's is symmetric about zero.
    """
    levels = np.array(spectra)
    apart = levels - levels.mean(0)
    narrow = is_narrow(width)
    figure = new_figure(width, 1.75 * len(cameras) + 0.8 if narrow else (width - 1.4) / len(cameras) * 2 + 1.0)
    axes = by_column(figure, 2, len(cameras), width, sharex=True, sharey=True)
    bottom, top, limit = np.quantile(levels, 0.005), levels.max(), float(np.quantile(np.abs(apart), 0.995))
    for number, camera in enumerate(cameras):
        upper = show_spectrum(axes[0, number], levels[number], vmin=bottom, vmax=top)
        axes[0, number].set_title(wrapped(camera, 20))
        lower = show_spectrum(axes[1, number], apart[number], cmap="RdBu_r", vmin=-limit, vmax=limit)
    axes[0, -1 if narrow else 0].set(xlabel="cycles/pixel" if narrow else "", ylabel="cycles/pixel")
    axes[1, -1 if narrow else 0].set(xlabel="cycles/pixel", ylabel="" if narrow else "cycles/pixel")
    place = "bottom" if narrow else "right"
    colour_bar(figure, upper, axes[0], "power (dB)", location=place)
    colour_bar(figure, lower, axes[1], "minus mean (dB)", location=place)
    return figure


@responsive
def radial(
    profiles: Sequence[tuple[np.ndarray, np.ndarray]], cameras: Sequence[str], *, width: float = WIDTH
) -> Figure:
    """Radial power profiles: (cycles/pixel, dB) per camera."""
    figure, (axes,) = panels(1, width, least=width, height=3.2)
    for number, (frequency, level) in enumerate(profiles):
        axes.plot(frequency, level, color=camera_colour(number), linewidth=1.6)
    axes.set(xlabel="frequency (cycles/pixel)", ylabel="mean power (dB)", xlim=(0, 0.5))
    ends = [
        (level[-1], legend_label(cameras[n], 10 if is_narrow(width) else 16), camera_colour(n))
        for n, (_, level) in enumerate(profiles)
    ]
    names_at_ends(axes, ends)
    return figure


@responsive
def colour_statistics(statistics: Sequence[np.ndarray], cameras: Sequence[str], *, width: float = WIDTH) -> Figure:
    """Distributions of each camera's colour statistics, a panel per column of `evaluation.colour_statistics`."""
    names = ("mean red", "mean green", "mean blue", "deviation red", "deviation green", "deviation blue")
    figure, axes = panels(6, width, least=2.2 if not is_narrow(width) else 1.6, height=1.75, extra=0.4)
    across = 2 if is_narrow(width) else 3
    for index, axis in enumerate(axes):
        edges = np.linspace(0, 1 if index < 3 else 0.4, 31)
        for number, values in enumerate(statistics):
            density, _ = np.histogram(values[:, index], edges, density=True)
            axis.stairs(density, edges, color=camera_colour(number), linewidth=1.3, label=legend_label(cameras[number]))
        axis.set(title=names[index], xlim=(edges[0], edges[-1]))
    for axis in axes[::across]:
        axis.set_ylabel("density")
    for axis in axes[-across:]:
        axis.set_xlabel("value (0 to 1)")
    legend(figure, axes[0], width)
    return figure
