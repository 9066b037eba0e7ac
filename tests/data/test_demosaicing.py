"""Compiled demosaicing gives what the known implementation gives, to the bit."""

import colour_demosaicing
import numpy as np
import pytest

from camgan_lib.data import demosaicing
from camgan_lib.data.cameras import add_noise, mosaic
from camgan_lib.data.scenes import CAMERA_STREAM, render_scene

KNOWN = {
    "bilinear": colour_demosaicing.demosaicing_CFA_Bayer_bilinear,
    "malvar": colour_demosaicing.demosaicing_CFA_Bayer_Malvar2004,
    "menon": colour_demosaicing.demosaicing_CFA_Bayer_Menon2007,
}


@pytest.fixture(scope="module")
def mosaics():
    """Of noise, of a flat field, and of scenes, some of them clipped; one is not square."""
    rng = np.random.default_rng(0)
    scenes = [add_noise(mosaic(render_scene(128, [CAMERA_STREAM, 0, 0, k])), 2.0, rng) for k in range(4)]
    raws = [rng.random((48, 32), np.float32), np.full((32, 32), 0.25, np.float32), *scenes]
    return [np.pad(raw, demosaicing.MARGIN, mode="reflect") for raw in raws]


@pytest.mark.parametrize("method", KNOWN)
def test_demosaicing_is_that_of_the_known_implementation(method, mosaics):
    inner = slice(demosaicing.MARGIN, -demosaicing.MARGIN)
    for framed in mosaics:
        known = np.asarray(KNOWN[method](framed, "RGGB")[inner, inner], np.float32)
        np.testing.assert_array_equal(getattr(demosaicing, method)(framed), known)
