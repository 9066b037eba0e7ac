"""A strip is exactly what decoding the whole photo gives there."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from camgan_lib.data.jpeg_strips import in_strips


def picture(height: int, width: int) -> Image.Image:
    rng = np.random.default_rng(height * width)
    small = rng.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def saved(image: Image.Image, **how: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", **{"quality": 90, **how})
    return stream.getvalue()


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(40, 300),
    width=st.integers(40, 200),
    way=st.integers(0, 2),
    interval=st.sampled_from([{"restart_marker_rows": 1}, {"restart_marker_rows": 3}, {"restart_marker_blocks": 4}]),
    place=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_part_is_exactly_that_of_the_whole(height, width, way, interval, place):
    content = saved(picture(height, width), subsampling=way, **interval)
    strips = in_strips(content)
    if strips is None:
        assert "restart_marker_blocks" in interval
        return
    assert (strips.width, strips.height) == (width, height)
    top, left = (int(share * (side - 32)) for share, side in zip(place, (height, width), strict=True))
    box = (left, top, left + 32, top + 32)
    whole = np.asarray(Image.open(io.BytesIO(content)))
    assert np.array_equal(np.asarray(strips.crop(box)), whole[top : top + 32, left : left + 32])
    for row in (0, height // 2, height - 1):
        assert np.array_equal(np.asarray(strips.crop((0, row, width, row + 1)))[0], whole[row])


def test_a_thumbnail_in_the_metadata_is_not_taken_for_the_photo():
    photo, thumbnail = picture(300, 200), saved(picture(80, 60), restart_marker_rows=1)
    plain = saved(photo, restart_marker_rows=1)
    body = b"Exif\0\0" + thumbnail
    content = plain[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + plain[2:]
    part = in_strips(content).crop((40, 200, 72, 232))
    assert np.array_equal(np.asarray(part), np.asarray(Image.open(io.BytesIO(plain)))[200:232, 40:72])


@pytest.mark.parametrize("how", [{}, {"progressive": True, "restart_marker_rows": 1}])
def test_a_jpeg_without_places_to_begin_anew_has_no_strips(how):
    assert in_strips(saved(picture(100, 100), **how)) is None


def test_a_jpeg_whose_markers_are_not_those_that_it_tells_of_has_no_strips():
    whole = saved(picture(200, 160), restart_marker_rows=1)
    at = whole.index(b"\xff\xd3")
    assert in_strips(whole[:at] + whole[at + 2 :]) is None
    assert in_strips(whole[: len(whole) // 2]) is None
    assert in_strips(whole[: len(whole) // 2] + b"\xff\xd9") is None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise(content):
    in_strips(content)
    in_strips(b"\xff\xd8\xff\xdd\0\4\0\1" + content)
