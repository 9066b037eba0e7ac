"""What JPEG files say of their own compression."""

import numpy as np
import pytest
from PIL import Image

from camgan_lib.base.errors import CamganError
from camgan_lib.data.cameras import SUBSAMPLING
from camgan_lib.data.jpeg_files import compression

PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8))


@pytest.mark.parametrize("quality", [30, 50, 75, 90, 97])
@pytest.mark.parametrize("way", SUBSAMPLING)
def test_way_and_quality_are_those_that_the_file_was_saved_with(tmp_path, way, quality):
    path = tmp_path / "photo.jpg"
    PICTURE.save(path, quality=quality, subsampling=SUBSAMPLING[way])
    found, read = compression(path)
    assert found == way
    assert read == pytest.approx(quality, abs=0.6)


def test_a_file_that_is_no_jpeg_is_refused_in_a_sentence(tmp_path):
    PICTURE.save(tmp_path / "picture.png")
    (tmp_path / "text.jpg").write_text("no picture")
    for name in ("picture.png", "text.jpg", "missing.jpg"):
        with pytest.raises(CamganError, match="a JPEG file was expected"):
            compression(tmp_path / name)
