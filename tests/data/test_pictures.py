"""A file is read by what it holds, whole or not at all, and nothing in it can raise an error."""

import io
import re
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from camgan_lib.data import pictures
from camgan_lib.data.pictures import Limits, Picture, Unusable, crops_shown, no_warnings, opened, size_shown
from camgan_lib.data.reading import Photo, read_photo

SMALL = 32
EXIF = Image.Exif()
EXIF[0x0112], EXIF[0x0132], EXIF[0x010F] = 6, "2021:05:06 07:08:09", "Maker"


@pytest.fixture(autouse=True)
def quiet():
    with no_warnings():
        yield


def picture(seed: int = 0, height: int = 200, width: int = 160) -> np.ndarray:
    """Something smooth with noise: as compressible as a photo, and no two rows alike."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(40, 200, width)[None, :, None] + np.linspace(0, 40, height)[:, None, None]
    return np.clip(ramp + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)


def saved(pixels: np.ndarray, kind: str, **how: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **how)
    return stream.getvalue()


def tiff(pixels: np.ndarray, **how: object) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, pixels, **how)
    return stream.getvalue()


def heic(pixels: np.ndarray, **how: object) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(stream, **how)
    return stream.getvalue()


def png(height: int, width: int, depth: int, data: bytes, kind: int = 2) -> bytes:
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)), (b"IDAT", zlib.compress(data))]
    body = b"".join(
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in [*chunks, (b"IEND", b"")]
    )
    return b"\x89PNG\r\n\x1a\n" + body


def read(content: bytes, limits: Limits | None = None) -> np.ndarray:
    with opened(content, limits or Limits(), SMALL) as picture:
        return np.asarray(picture.image)


def why_not(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unusable) as error:
        read(content, limits)
    return str(error.value)


# --- kinds of file


@pytest.mark.parametrize(
    "content",
    [
        saved(picture(), "PNG"),
        saved(picture(), "TIFF"),
        saved(picture(), "TIFF", compression="tiff_lzw"),
        saved(picture(), "WEBP", lossless=True),
        tiff(picture(), photometric="rgb", tile=(64, 64)),
        tiff(np.moveaxis(picture(), 2, 0), photometric="rgb", planarconfig="separate"),
        tiff(picture(), photometric="rgb", bigtiff=True),
        tiff(np.stack([picture(), picture(1)]), photometric="rgb"),
    ],
)
def test_8_bit_rgb_is_read_as_it_is_in_every_layout(content):
    assert np.array_equal(read(content), picture())


@pytest.mark.parametrize(
    "content",
    [
        saved(picture(), "JPEG", quality=95),
        saved(picture(), "JPEG", quality=95, progressive=True),
        heic(picture(), quality=95),
        saved(picture(), "AVIF", quality=95),
        saved(picture(), "WEBP", quality=95),
    ],
)
def test_what_loses_a_little_is_read_by_what_it_is(content):
    assert np.abs(read(content).astype(int) - picture()).mean() < 8


def test_of_several_pictures_the_first_is_read():
    stream = io.BytesIO()
    pictures = [Image.fromarray(picture(seed)) for seed in range(2)]
    pictures[0].save(stream, "MPO", save_all=True, append_images=pictures[1:])
    behind = b"\0\0\0\x18ftypmp42" + bytes(500) + b"MotionPhoto_Data"
    for content in (stream.getvalue(), stream.getvalue() + behind, saved(picture(), "JPEG") + behind):
        assert np.array_equal(read(content), read(saved(picture(), "JPEG")))


@pytest.mark.parametrize(
    "content",
    [
        tiff(picture().astype(np.uint16) * 257, photometric="rgb"),
        tiff(picture().astype(np.uint16) * 257, photometric="rgb", byteorder=">"),
        tiff(picture().astype(np.uint16) * 257, photometric="rgb", tile=(64, 64)),
        tiff(picture().astype(np.uint16) * 257, photometric="rgb", compression="zlib"),
        tiff(np.moveaxis(picture().astype(np.uint16) * 257, 2, 0), photometric="rgb", planarconfig="separate"),
        png(40, 40, 16, b"".join(b"\0" + bytes(range(240)) for _ in range(40))),
    ],
)
def test_16_bits_are_refused_in_every_layout(content):
    assert why_not(content) == "expected 8-bit RGB, it is 16-bit RGB"


def test_10_bits_of_a_phone_are_refused():
    deep = heic(picture())
    stream = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (64, 64), np.full((64, 64, 3), 20000, np.uint16).tobytes()).save(stream)
    read(deep)
    assert "10-bit" in why_not(stream.getvalue())


@pytest.mark.parametrize("thumbnail_first", [True, False])
def test_raw_files_are_refused_by_name_and_never_read_by_their_thumbnail(thumbnail_first):
    mosaic = picture()[..., 1].astype(np.uint16) * 64
    stream = io.BytesIO()
    dng = [(50706, 1, 4, b"\1\4\0\0", True)]
    with tifffile.TiffWriter(stream) as writer:
        if thumbnail_first:
            writer.write(picture(height=120), photometric="rgb", subfiletype=1, subifds=1, extratags=dng, metadata=None)
        writer.write(mosaic, photometric=32803, extratags=[] if thumbnail_first else dng, metadata=None)
    assert "RAW" in why_not(stream.getvalue())
    nef = io.BytesIO()
    with tifffile.TiffWriter(nef) as writer:
        writer.write(picture(height=120), photometric="rgb", subfiletype=1, subifds=1, metadata=None)
        writer.write(mosaic, photometric=32803, metadata=None)
    assert "RAW" in why_not(nef.getvalue())


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "1"])
def test_other_pixels_are_named(mode):
    stream = io.BytesIO()
    Image.fromarray(picture()).convert(mode).save(stream, "TIFF")
    assert re.fullmatch(rf"expected 8-bit RGB, it is (\w.* \({mode}\)|{mode})", why_not(stream.getvalue()))


@pytest.mark.parametrize(
    ("content", "words"),
    {
        b"": "an empty file",
        bytes(3000): "nothing but zeros",
        b"<!DOCTYPE html><html>": "an HTML page",
        b"version https://git-lfs.github.com/spec/v1\n": "a Git LFS pointer",
        b"%PDF-1.7": "a PDF",
        b"GIF89a" + bytes(20): "a GIF",
        b"\0\0\0\x18ftypcrx " + bytes(20): "a RAW file of Canon",
        b"FUJIFILMCCD-RAW 0201": "a RAW file of Fujifilm",
        b"\0\0\0\x14ftypqt  " + bytes(500): "a film",
        b"\xff\x0a" + bytes(20): "a JPEG XL",
        b"just words\n": "a text",
    }.items(),
)
def test_what_is_no_photo_is_named_by_its_kind(content, words):
    assert words in why_not(content)


# --- whole or not


def test_a_photo_cut_off_is_refused_however_it_ends():
    whole = saved(picture(3, 400, 320), "JPEG", quality=90)
    for end in (b"", b"\xff\xd9", bytes(len(whole) // 2)):
        reason = why_not(whole[: len(whole) // 2] + end)
        assert "cut off" in reason or "a part is missing" in reason, reason


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("share", [0.15, 0.5, 0.85])
def test_a_missing_part_that_decodes_is_found(subsampling, share):
    whole = saved(picture(4, 480, 320), "JPEG", quality=90, subsampling=subsampling)
    begin = whole.index(b"\xff\xda")
    cut = whole[: begin + int(share * (len(whole) - begin))] + b"\xff\xd9"
    assert "a part is missing" in why_not(cut)


def test_a_progressive_photo_without_its_last_passes_is_refused():
    whole = saved(picture(5, 256, 256), "JPEG", quality=90, progressive=True)
    scans = [at for at in range(len(whole) - 1) if whole[at : at + 2] == b"\xff\xda"]
    assert len(scans) > 3
    assert "the last passes" in why_not(whole[: scans[-2]] + b"\xff\xd9")
    read(whole)


@pytest.mark.parametrize("value", [0, 37, 255])
def test_a_picture_of_one_colour_is_whole(value):
    assert (
        read(saved(np.full((256, 256, 3), value, np.uint8), "JPEG"))
        == read(saved(np.full((256, 256, 3), value, np.uint8), "JPEG"))
    ).all()


@pytest.mark.parametrize("value", [0, 255, (253, 255, 242), (251, 250, 255)])
def test_a_black_or_burnt_out_lower_half_is_whole(value):
    pixels = picture(6, 256, 256)
    pixels[100:] = value
    read(saved(pixels, "JPEG", quality=90))


def test_a_broken_png_is_refused():
    whole = bytearray(saved(picture(), "PNG"))
    whole[900] ^= 0xFF
    assert "cut off or damaged" in why_not(bytes(whole))


# --- limits


def test_a_file_that_lies_about_its_size_is_refused_before_it_is_decoded():
    assert "it claims 169.0 megapixels in" in why_not(png(13000, 13000, 8, bytes(1000)))
    assert "it has 400 megapixels, and largest_photo allows 250" in why_not(png(20000, 20000, 8, bytes(1000)))


def test_limits_can_be_moved():
    blank = png(1200, 1000, 8, bytes((3 * 1000 + 1) * 1200))
    assert "pixels_per_byte allows 100" in why_not(blank)
    assert read(blank, Limits(pixels_per_byte=1e6)).shape == (1200, 1000, 3)
    assert "largest_photo allows 1" in why_not(blank, Limits(megapixels=1, pixels_per_byte=1e6))


# --- crops


def test_of_a_large_photo_only_parts_are_decoded_and_they_are_the_same(tmp_path, monkeypatch):
    path = tmp_path / "large.jpg"
    path.write_bytes(saved(picture(9, 900, 700), "JPEG", subsampling=2, quality=90, restart_marker_rows=1, exif=EXIF))
    whole = read_photo(path, 40, [1], Limits())
    monkeypatch.setattr(pictures, "LARGE", 1000)
    monkeypatch.setattr(pictures, "_decoded", None)
    parts = read_photo(path, 40, [1], Limits())
    assert np.array_equal(whole.crops, parts.crops)
    assert replace(whole, crops=parts.crops) == replace(parts, crops=parts.crops)


@given(
    orientation=st.integers(1, 8),
    height=st.integers(40, 60),
    width=st.integers(40, 60),
    place=st.floats(0, 1),
    seed=st.integers(0, 9),
)
def test_a_crop_of_the_turned_photo_is_a_turned_crop(orientation, height, width, place, seed):
    image = Image.fromarray(picture(seed, height, width))
    image.getexif()[0x0112] = orientation
    turned = np.asarray(ImageOps.exif_transpose(image))
    whole = Picture(image, image.crop)
    assert size_shown(whole, orientation) == turned.shape[:2]
    y, x = (int(place * (side - SMALL)) for side in turned.shape[:2])
    assert np.array_equal(crops_shown(whole, orientation, [(y, x)], SMALL)[0], turned[y : y + SMALL, x : x + SMALL])


# --- anything at all

WHOLE = [
    saved(picture(1), "JPEG", exif=EXIF),
    saved(picture(2), "JPEG", progressive=True, exif=EXIF),
    saved(picture(3), "PNG", exif=EXIF),
    saved(picture(4), "TIFF"),
    tiff(picture(5), photometric="rgb", tile=(64, 64)),
    saved(picture(6), "WEBP", exif=EXIF),
    saved(picture(7), "AVIF"),
    heic(picture(8), exif=EXIF.tobytes()),
]


def mutated(rng: np.random.Generator) -> bytes:
    """A whole file with bytes changed, in its head or anywhere, cut off or out, zeroed or spliced with another one."""
    content = bytearray(WHOLE[rng.integers(len(WHOLE))])
    first, last = sorted(rng.integers(0, len(content), 2))
    match rng.integers(6):
        case 0:
            for at in rng.integers(0, len(content), rng.integers(1, 30)):
                content[at] = rng.integers(256)
        case 1:
            for at in rng.integers(0, min(700, len(content)), rng.integers(1, 20)):
                content[at] = rng.integers(256)
        case 2:
            del content[first:]
        case 3:
            del content[first:last]
        case 4:
            content[first:last] = bytes(last - first)
        case 5:
            other = WHOLE[rng.integers(len(WHOLE))]
            content[first:] = other[rng.integers(len(other)) :]
    return bytes(content)


@pytest.mark.parametrize("seed", range(4))
def test_2000_mutated_files_are_photos_or_a_sentence(tmp_path, seed):
    rng, path = np.random.default_rng(seed), tmp_path / "x.jpg"
    for number in range(500):
        path.write_bytes(mutated(rng))
        found = read_photo(path, 2, [number], Limits())
        assert isinstance(found, Photo) or 5 < len(found) < 300, found
        if isinstance(found, Photo):
            assert found.crops.shape == (2, 32, 32, 3)
            assert found.crops.dtype == np.uint8
        else:
            assert "\n" not in found


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_sentence(tmp_path_factory, content):
    path = Path(tmp_path_factory.mktemp("bytes")) / "x.jpg"
    path.write_bytes(content)
    assert isinstance(read_photo(path, 2, [0], Limits()), str)
