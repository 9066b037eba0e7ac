"""Names of photos and systems, and names in lines."""

import json
import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camgan_lib.data.names import folded, is_system, shown, suffix


@pytest.mark.parametrize(
    "name",
    [
        *(
            ".DS_Store",
            "._IMG_1.jpg",
            "Thumbs.db",
            "desktop.ini",
            "@eaDir",
            "#recycle",
            "__MACOSX",
            "Icon\r",
            ".thumbnails",
        ),
        *("$RECYCLE.BIN", "System Volume Information", "ZbThumbnail.info", "IMG_1.AAE", "IMG_1.xmp", ".nomedia"),
    ],
)
def test_what_systems_leave_is_known(name):
    assert is_system(name)
    assert is_system(name.upper())


@pytest.mark.parametrize(
    "name", ["IMG_1.jpg", "-p epochs=1.jpg", "$x$.jpg", "CON.jpg", "📷.jpg", "~tilde.jpg", "Icon.jpg"]
)
def test_photos_are_none_of_a_systems(name):
    assert not is_system(name)
    assert suffix(name) == ".jpg"


@given(st.binary(min_size=1, max_size=40))
def test_any_bytes_are_shown_in_one_line(raw):
    line = shown(os.fsdecode(raw))
    line.encode()
    json.dumps(line)
    assert len(line.splitlines()) <= 1
    assert not any(unicodedata.category(letter) == "Cc" for letter in line)


def test_a_direction_is_written_out():
    assert shown("rtl\u202egpj.jpg") == "rtl\\u202egpj.jpg"
    assert shown("new\nline.jpg") == "new\\nline.jpg"
    assert shown("é 照片 📷.jpg") == "é 照片 📷.jpg"


@given(st.text(max_size=20))
def test_form_and_case_do_not_matter(name):
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    assert folded(unicodedata.normalize("NFD", name)) == folded(unicodedata.normalize("NFC", name))
    assert folded(f" {name} ") == folded(name)
