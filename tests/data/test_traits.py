"""The traits of a photo are what it was saved with, and nothing in a file raises an error."""

import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from camgan_lib.data.scenes import render_scene, to_display
from camgan_lib.data.traits import traits

FLAT = np.full((40, 48, 3), (200, 100, 50), np.uint8)


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    """A picture that was never compressed, uint8 320×320×3."""
    return to_display(render_scene(320, [1]))


def saved(pixels: np.ndarray, kind: str = "JPEG", **options) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, kind, **options)
    return stream.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def of(content: bytes, exif=None, **options) -> dict:
    image = opened(content)
    return traits(content, image, np.asarray(image), exif or {}, **options)


@pytest.mark.parametrize(("quality", "way"), [(60, "4:2:0"), (92, "4:4:4"), (95, "4:2:2")])
def test_a_jpeg_says_how_it_was_compressed(scene, quality, way):
    found = of(saved(scene, quality=quality, subsampling=way))
    assert found["quality"] == pytest.approx(quality, abs=0.6)
    assert (found["format"], found["subsampling"], found["progressive"], found["bits"]) == ("JPEG", way, False, 8)
    assert of(saved(scene, quality=quality, progressive=True))["progressive"] is True
    again = of(saved(scene[:64], quality=quality))["tables"]
    assert found["tables"] == again != of(saved(scene, quality=quality - 1))["tables"]


def test_a_jpeg_with_a_second_picture_behind_the_first_is_a_jpeg(scene):
    stream = io.BytesIO()
    pictures = [Image.fromarray(scene), Image.fromarray(scene[:64, :64])]
    pictures[0].save(stream, "MPO", save_all=True, append_images=pictures[1:], quality=90)
    found = of(stream.getvalue())
    assert (found["format"], found["quality"]) == ("JPEG", pytest.approx(90, abs=0.6))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_other_formats_have_no_compression_of_jpegs(kind):
    found = of(saved(FLAT, kind))
    assert found["format"] == kind
    assert [found[key] for key in ("quality", "tables", "subsampling", "progressive", "grid")] == [None] * 5
    assert (found["bits"], found["width"], found["height"]) == (8, 48, 40)


def test_orientation_is_one_to_eight():
    assert [of(saved(FLAT), {"orientation": text})["orientation"] for text in ("6", " 8 ", "9", "", "Ⅷ", "1e3")] == [
        *(6, 8, 1, 1, 1, 1)
    ]


# --- the grid


def test_an_untouched_jpeg_has_its_grid_in_the_corner(scene):
    assert of(saved(scene, quality=90))["grid"] == of(saved(FLAT))["grid"] == "0,0"
    twice = np.asarray(opened(saved(scene, quality=80)))
    assert of(saved(twice, quality=95))["grid"] == "0,0"


@pytest.mark.parametrize("quality", [75, 95])
def test_a_crop_shows_where_the_blocks_of_the_compression_before_lie(scene, quality):
    photo = np.asarray(opened(saved(scene, quality=quality)))
    assert of(saved(photo, "PNG"))["grid"] == "0,0"
    assert of(saved(photo[5:, 3:], "PNG"))["grid"] == "5,3"
    assert of(saved(photo[16:, 9:], "TIFF"))["grid"] == "7,0"
    assert of(saved(np.rot90(photo[:, :317]), "PNG"))["grid"] == "0,5"


def test_a_crop_that_was_saved_as_jpeg_again_shows_the_grid_before(scene):
    photo = np.asarray(opened(saved(scene, quality=75)))
    assert of(saved(photo[5:, 3:], quality=95))["grid"] == "5,3"
    assert of(saved(photo[5:, 3:], quality=60))["grid"] == "0,0", "its blocks are lost below coarser ones"


def test_a_part_of_a_photo_shows_the_grid_of_the_photo(scene):
    content = saved(np.asarray(opened(saved(scene, quality=80)))[5:, 3:], "PNG")
    image = opened(content)
    part = np.asarray(image)[30:, 41:]
    assert traits(content, image, part, {}, corner=(30, 41))["grid"] == "5,3"
    assert traits(content, image, part, {}, corner=None)["grid"] is None, "a thinned picture has no blocks"


def test_a_picture_that_was_never_compressed_has_no_grid(scene):
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3)).astype(np.uint8)
    smaller = np.asarray(Image.open(io.BytesIO(saved(scene, quality=75))).resize((240, 240)))
    assert [of(saved(each, "PNG"))["grid"] for each in (scene, noise, smaller)] == [None] * 3


# --- light


def test_light_is_measured_from_black_to_white():
    found = of(saved(FLAT, "PNG"))
    assert [found[key] for key in ("red", "green", "blue")] == pytest.approx([200 / 255, 100 / 255, 50 / 255], abs=1e-4)
    assert found["brightness"] == pytest.approx((0.299 * 200 + 0.587 * 100 + 0.114 * 50) / 255, abs=1e-4)
    assert (found["contrast"], found["saturated"]) == (pytest.approx(0, abs=1e-6), 0)
    half = FLAT.copy()
    half[:, :24, 1] = 255
    assert of(saved(half, "PNG"))["saturated"] == 0.5


# --- anything that a file can hold

TEXTS = st.text(max_size=20) | st.binary(max_size=20) | st.integers() | st.none()


@given(
    content=st.binary(max_size=200) | st.binary(max_size=200).map(lambda junk: b"\xff\xd8" + junk),
    exif=st.dictionaries(st.sampled_from(["make", "model", "software", "orientation", "comment"]), TEXTS),
    name=st.text(max_size=40),
    xmp=TEXTS,
)
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_an_error(content, exif, name, xmp):
    image = opened(saved(FLAT))
    image.info |= {"xmp": xmp, "Software": xmp, "exif": xmp}
    found = traits(content, image, FLAT, exif, name=name)
    assert json.loads(json.dumps(found)) == found


@given(
    content=st.binary(min_size=2, max_size=60),
    marker=st.sampled_from([0xE1, 0xEC, 0xED, 0xFE]),
    kind=st.sampled_from(["JPEG", "PNG"]),
)
@settings(max_examples=60, deadline=None)
def test_no_segment_raises_an_error(content, marker, kind):
    whole = saved(FLAT, kind)
    odd = whole[:2] + bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content + whole[2:]
    image = opened(whole)
    assert traits(odd, image, FLAT, {})["width"] == 48


def test_no_pixels_are_no_light():
    content = saved(FLAT)
    found = traits(content, opened(content), np.zeros((0, 0, 3), np.uint8), {})
    assert (found["brightness"], found["grid"]) == (None, "0,0")


def test_real_photos_show_their_own_grid_and_crops_of_them_where_it_lies(real_data):
    paths = sorted((real_data / "cameras" / "real4").glob("*/*.jpg"))[::20]
    if not paths:
        pytest.skip("CAMGAN_DATA has no cameras/real4")
    contents = [path.read_bytes() for path in paths]
    assert {of(content)["grid"] for content in contents} == {"0,0"}
    crops = [of(saved(np.asarray(opened(content))[5:, 3:], "PNG", compress_level=1))["grid"] for content in contents]
    assert set(crops) <= {"5,3", None}
    assert crops.count("5,3") > 0.9 * len(crops)
