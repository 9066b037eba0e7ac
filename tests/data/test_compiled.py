"""Compiled loops simulate the photos that plain numpy, scipy and colour-demosaicing simulate, to the byte."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from camgan_lib.data.cameras import CAMERAS, shoot
from camgan_lib.data.scenes import CAMERA_STREAM, NO_STYLE_STREAM, render_scene

PATH = Path(__file__).parents[2] / "benchmarks" / "plain_simulation.py"
spec = importlib.util.spec_from_file_location("plain_simulation", PATH)
plain = importlib.util.module_from_spec(spec)
spec.loader.exec_module(plain)

ODD = replace(CAMERAS[1], demosaicing="none", noise=3.0, denoising=0.0), replace(CAMERAS[3], sharpening=0.0)


@pytest.mark.parametrize(("stream", "size"), [(CAMERA_STREAM, 64), (NO_STYLE_STREAM, 94), (CAMERA_STREAM, 192)])
def test_photos_are_the_same_to_the_byte(stream, size):
    for number in range(8):
        seed = [stream, 5, number]
        scene = render_scene(size, seed)
        np.testing.assert_array_equal(scene, plain.render_scene(size, seed))
        camera = (*CAMERAS, *ODD)[number % 6]
        assert shoot(scene, camera, np.random.default_rng(seed)) == plain.shoot(
            scene, camera, np.random.default_rng(seed)
        )
