"""Crops of a photo that is asked about: the grid covers it evenly, and any file gives crops or a reason."""

import hashlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from camgan_lib.data import pictures
from camgan_lib.data.pictures import Limits, no_warnings
from camgan_lib.data.voting import Voting, cells, grid, read_for_voting

ASKED = st.integers(1, 300), st.integers(32, 700), st.integers(32, 700)


@pytest.fixture(autouse=True)
def quiet():
    with no_warnings():
        yield


def photo(tmp_path, height=200, width=300, name="photo.png", orientation=1, **how):
    pixels = np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / name
    Image.fromarray(pixels).save(path, exif=exif, **how)
    return path


def read(path, crops=64, thumbnail=None):
    return read_for_voting(path, crops, Limits(), thumbnail)


# --- the grid


@settings(max_examples=150, deadline=None)
@given(*ASKED)
def test_crops_lie_inside_the_photo_and_no_two_in_the_same_place(count, height, width):
    corners = grid(count, height, width)
    assert len(corners) == min(count, (height - 31) * (width - 31))
    assert len({*map(tuple, corners)}) == len(corners)
    assert corners.min() >= 0
    assert (corners + 32 <= [height, width]).all()


@settings(max_examples=150, deadline=None)
@given(*ASKED)
def test_cells_cover_the_photo_once_and_hold_their_crops_middle(count, height, width):
    corners, parts = grid(count, height, width), cells(count, height, width)
    assert len(parts) == len(corners)
    assert (parts[:, 2] * parts[:, 3]).sum() == pytest.approx(1)
    middles = (corners + 16) / [height, width]
    first, last = parts[:, :2], parts[:, :2] + parts[:, 2:]
    overlap = (np.minimum(last[:, None], last) - np.maximum(first[:, None], first)).min(2)
    assert (overlap[~np.eye(len(parts), dtype=bool)] < 1e-9).all()
    assert (np.abs(middles - (first + last) / 2) * [height, width] <= 16 + 4).all(), "in the middle, but for the edges"


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 300), st.integers(800, 6000), st.integers(800, 6000))
def test_cells_of_a_large_photo_are_nearly_square(count, height, width):
    if not 1 / count < height / width < count:
        return  # a single row or column has cells of the photo's own shape
    sides = cells(count, height, width)[:, 2:] * [height, width]
    assert (np.maximum(*sides.T) / np.minimum(*sides.T)).max() < 3


def test_64_crops_begin_at_all_64_places_of_a_block():
    for height, width in ((3024, 4032), (4096, 4096), (512, 512), (1080, 1920)):
        corners = grid(64, height, width)
        assert len({tuple(each % 8) for each in corners}) == 64


def test_a_small_photo_gives_the_crops_that_it_has_room_for():
    assert grid(64, 32, 32).tolist() == [[0, 0]]
    assert sorted(grid(64, 33, 34).tolist()) == [[y, x] for y in range(2) for x in range(3)]
    assert len(grid(64, 32, 50)) == 19


@pytest.mark.parametrize(("count", "height", "width"), [(0, 100, 100), (4, 31, 100), (4, 100, 31)])
def test_what_can_have_no_grid_is_refused(count, height, width):
    with pytest.raises(ValueError, match="expected 1 crop or more"):
        grid(count, height, width)


# --- reading


@pytest.mark.parametrize("orientation", range(1, 9))
def test_crops_and_thumbnail_are_of_the_photo_as_it_is_shown(tmp_path, orientation):
    path = photo(tmp_path, orientation=orientation)
    with Image.open(path) as image:
        shown = np.asarray(ImageOps.exif_transpose(image))
    found = read(path, crops=6, thumbnail=400)
    assert found.size == shown.shape[:2]
    for crop, (top, left) in zip(found.crops, found.corners, strict=True):
        assert (crop == shown[top : top + 32, left : left + 32]).all()
    assert (found.thumbnail == shown).all(), "a photo is not made larger"
    assert max(read(path, thumbnail=75).thumbnail.shape) == 75


def test_of_a_photo_that_is_read_in_strips_the_thumbnail_is_the_same(tmp_path, monkeypatch):
    path = tmp_path / "photo.jpg"
    ramps = np.linspace(0, 255, 800)[:, None, None] * np.ones((1, 1000, 3)), np.linspace(0, 90, 1000)[None, :, None]
    Image.fromarray(((ramps[0] + ramps[1]) / 2).astype(np.uint8)).save(path, quality=90, restart_marker_rows=1)
    whole = read(path, crops=12, thumbnail=100)
    monkeypatch.setattr(pictures, "LARGE", 1000)
    strips = read(path, crops=12, thumbnail=100)
    assert (strips.crops == whole.crops).all()
    assert strips.size == whole.size == (800, 1000)
    assert strips.thumbnail.shape == (80, 100, 3)
    assert np.abs(strips.thumbnail.astype(int) - whole.thumbnail).max() <= 4


def test_what_is_known_of_the_file_comes_with_the_crops(tmp_path):
    path = photo(tmp_path, name="photo.jpg", format="PNG")
    found = read(path)
    assert isinstance(found, Voting)
    assert found.crops.shape == (64, 32, 32, 3)
    assert found.thumbnail is None
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "it is a PNG, whatever its name says" in found.notes
    assert any("its 64 crops overlap" in note for note in found.notes)
    assert not any("overlap" in note for note in read(path, crops=8).notes)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_file_gives_crops_or_a_reason_and_no_error(data):
    content = bytearray(_jpeg())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(1, len(content))) :]
    found = read_for_voting(_File(bytes(content)), 4, Limits(), 20)
    assert isinstance(found, Voting) or (isinstance(found, str) and "\n" not in found)


def test_what_is_no_photo_is_named_in_words(tmp_path):
    (tmp_path / "letter.jpg").write_text("Dear Sir or Madam, ")
    assert "it is a text" in read(tmp_path / "letter.jpg")
    assert "no file" in read(tmp_path)
    assert "expected at least 32×32" in read(photo(tmp_path, 31, 90))


def _jpeg() -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (64, 80, 3), np.uint8)
    Image.fromarray(pixels).save(stream, "JPEG", quality=80)
    return stream.getvalue()


class _File:
    """A file that lies in memory."""

    name = "photo.jpg"

    def __init__(self, content: bytes):
        self.content = content

    def is_file(self) -> bool:
        return True

    def stat(self):
        return type("Stat", (), {"st_size": len(self.content)})

    def read_bytes(self) -> bytes:
        return self.content
