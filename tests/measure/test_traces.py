"""JPEG's grid is found where it is, and not where there is none."""

import io

import numpy as np
import pytest
from PIL import Image

from camgan_lib.data.scenes import no_style_crops
from camgan_lib.measure import traces


@pytest.fixture(scope="module")
def scenes() -> np.ndarray:
    """48×48 pixels, so that crops of 32×32 can begin at any place of the grid."""
    return no_style_crops(24, 3, workers=1, crop=48)


def compressed(image: np.ndarray, quality: int) -> np.ndarray:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=quality, subsampling=0)
    return np.asarray(Image.open(stream))


def test_the_place_of_the_grid_is_found(scenes):
    rng = np.random.default_rng(0)
    y, x = rng.integers(0, 16, (2, len(scenes)))
    made = np.stack([compressed(each, 90)[a : a + 32, b : b + 32] for each, a, b in zip(scenes, y, x, strict=True)])
    found = traces.grid(made)
    right = 8 * (-y % 8) + -x % 8
    assert (found == right).mean() > 0.9
    assert set(found[found != right]) <= {-1}


def test_no_grid_is_found_where_there_is_none(scenes):
    assert (traces.grid(scenes[:, :32, :32]) >= 0).mean() <= traces.FALSE_ALARMS
    noise = np.random.default_rng(1).integers(0, 256, (40, 32, 32, 3)).astype(np.uint8)
    assert (traces.grid(noise) >= 0).mean() <= traces.FALSE_ALARMS


def test_an_image_of_one_colour_has_no_grid():
    assert traces.grid(np.full((1, 32, 32, 3), 90, np.uint8)).tolist() == [-1]
    assert traces.votes(np.full((1, 32, 32, 3), 90, np.uint8)).sum() < 32 * 32 / 2
