"""Colours of cameras: seen on a light and a dark page, told apart by colour-blind readers, the same in the CSS."""

import re
from itertools import combinations

import numpy as np
import pytest

from camgan_lib.base.paths import ROOT
from camgan_lib.show.figures import palette

CSS = (ROOT / "book" / "_assets" / "figures.css").read_text("utf-8")
GROUNDS = {"light": ("#ffffff", palette.CAMERA_COLOURS), "dark": ("#121212", palette.DARK)}
SEEN = {
    "by most": np.eye(3),
    "without red cones": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "without green cones": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "without blue cones": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
"""How colours are seen, on linear RGB (Machado, Oliveira and Fernandes 2009, full severity)."""


def linear(colour: str) -> np.ndarray:
    value = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(linear(each) @ [0.2126, 0.7152, 0.0722] for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.clip(matrix @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089], 0.009, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("mode", GROUNDS)
def test_each_colour_is_seen_on_its_ground(mode):
    ground, colours = GROUNDS[mode]
    assert min(contrast(colour, ground) for colour in colours) >= 3


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("mode", GROUNDS)
def test_no_two_cameras_look_alike(mode, seen):
    colours = [lab(np.array(SEEN[seen]) @ linear(colour)) for colour in GROUNDS[mode][1]]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(colours, 2)) > 12


def test_further_cameras_start_over():
    assert palette.camera_colour(len(palette.CAMERA_COLOURS)) == palette.camera_colour(0)
    assert len(palette.DARK) == len(palette.CAMERA_COLOURS)


def test_the_pages_variables_are_the_palette():
    light, dark = CSS.split('html[data-theme="dark"]')[:2]
    for colours, text in ((palette.CAMERA_COLOURS, light), (palette.DARK, dark)):
        assert re.findall(r"--camgan-camera-\d: (#\w{6});", text)[: len(colours)] == list(colours)
    for name, grey in (("faint", palette.FAINT), ("soft", palette.SOFT), ("strong", palette.STRONG)):
        assert f"--camgan-{name}: {grey};" in light
    assert all(f"{value[4:-1]}:" in CSS for value in palette.variables().values() if value.startswith("var"))
