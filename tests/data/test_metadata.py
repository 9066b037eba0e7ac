"""EXIF data cost a photo their own date at most."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from camgan_lib.data.metadata import Metadata, read_metadata
from camgan_lib.data.pictures import no_warnings

ORIENTATION, MODIFIED, ORIGINAL, DIGITISED = 0x0112, 0x0132, 0x9003, 0x9004


@pytest.fixture(autouse=True)
def quiet():
    with no_warnings():
        yield


def jpeg(block: bytes | None, prefix: bytes = b"Exif\0\0") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.zeros((40, 40, 3), np.uint8)).save(stream, "JPEG")
    if block is None:
        return stream.getvalue()
    body = prefix + block
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body + stream.getvalue()[2:]


def block(outer: dict[int, tuple[int, bytes]], inner: dict[int, tuple[int, bytes]]) -> bytes:
    """A TIFF block with an outer and an inner directory; an entry is its type and its bytes."""

    def directory(entries: dict[int, tuple[int, bytes]], at: int) -> bytes:
        head, data = struct.pack("<H", len(entries)), b""
        start = at + 2 + 12 * len(entries) + 4
        for tag, (kind, value) in sorted(entries.items()):
            count = len(value) // {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}.get(kind, 1)
            head += struct.pack("<HHI", tag, kind, count)
            head += value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", start + len(data))
            data += value if len(value) > 4 else b""
        return head + bytes(4) + data

    size = len(directory({**outer, 0x8769: (4, bytes(4))}, 8))
    first = directory({**outer, 0x8769: (4, struct.pack("<I", 8 + size))}, 8)
    return b"II*\0" + struct.pack("<I", 8) + first + directory(inner, 8 + size)


def read(content: bytes) -> Metadata:
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return read_metadata(image)


def text(value: str | bytes) -> tuple[int, bytes]:
    return 2, value if isinstance(value, bytes) else value.encode() + b"\0"


def test_the_first_usable_date_counts():
    dates = {ORIGINAL: "2021:01:02 03:04:05", DIGITISED: "2022:01:02 03:04:05"}
    inner = {tag: text(value) for tag, value in dates.items()}
    outer = {MODIFIED: text("2023:01:02 03:04:05"), ORIENTATION: (3, struct.pack("<H", 6))}
    found = read(jpeg(block(outer, inner)))
    assert (found.taken, found.orientation, found.notes) == ((2021, 1, 2, 3, 4, 5), 6, ())
    assert read(jpeg(block(outer, {**inner, ORIGINAL: text("0000:00:00 00:00:00")}))).taken == (2022, 1, 2, 3, 4, 5)
    assert (
        read(jpeg(block(outer, {ORIGINAL: text("yesterday"), DIGITISED: text("2000:01:01 00:00:01")}))).taken[0] == 2023
    )


@pytest.mark.parametrize(
    "value", ["7" * 5000, b"\xce\xc6t\xa8\x8d\0", "2021:08:01 10:00:00".encode("utf-16"), "05/06/2019"]
)
def test_junk_is_no_date_and_is_named(value):
    found = read(jpeg(block({}, {ORIGINAL: text(value)})))
    assert found.taken is None
    assert "is not understood" in found.notes[0]
    assert len(found.notes[0]) < 160


def test_a_clocks_first_date_is_no_date_and_is_named():
    found = read(jpeg(block({}, {ORIGINAL: text("1980:01:01 00:00:00")})))
    assert found.taken is None
    assert "a camera's clock begins with" in found.notes[0]


@pytest.mark.parametrize("value", [0, 9, 77, 65535])
def test_an_orientation_that_there_is_not_turns_nothing(value):
    assert read(jpeg(block({ORIENTATION: (3, struct.pack("<H", value))}, {}))).orientation == 1


@pytest.mark.parametrize(
    "content",
    [
        jpeg(b"II*\0" + struct.pack("<I", 60000)),
        jpeg(b"http://ns.adobe.com/" + bytes(40)),
        jpeg(b"MM\0*" + struct.pack("<I", 8) + bytes(20)),
    ],
)
def test_a_block_that_can_not_be_read_costs_its_date_with_one_note(content):
    assert read(content) == Metadata(1, None, {}, ("its EXIF data can't be read: no date, and not turned",))


def test_without_a_block_there_is_nothing_to_say():
    assert read(jpeg(None)) == Metadata(1, None, {}, ())


@settings(max_examples=150, deadline=None)
@given(
    outer=st.dictionaries(st.integers(0, 65535), st.tuples(st.integers(0, 14), st.binary(max_size=40)), max_size=6),
    inner=st.dictionaries(
        st.sampled_from([ORIGINAL, DIGITISED, 0x9286, 0xA001]),
        st.tuples(st.integers(0, 14), st.binary(max_size=40)),
        max_size=4,
    ),
)
def test_a_tag_of_any_type_length_and_value_raises_nothing(outer, inner):
    found = read(jpeg(block({tag: value for tag, value in outer.items() if tag != 0x8769}, inner)))
    assert 1 <= found.orientation <= 8
    assert all("\n" not in note for note in found.notes)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_a_block_of_any_bytes_raises_nothing(content):
    read(jpeg(content))
    read(jpeg(b"II*\0\x08\0\0\0" + content))
