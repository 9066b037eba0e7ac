"""Every row of a manifest counts, or is counted."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camgan_lib.data.manifests import read_manifest


def tree(base: Path, *names: str) -> dict[str, list[Path]]:
    cameras: dict[str, list[Path]] = {}
    for name in names or ("A/1.jpg", "A/2.jpg", "B/1.jpg", "B/sub/Ü.jpg"):
        cameras.setdefault(name.split("/")[0], []).append(base / name)
    return cameras


def read(base: Path, text: str | bytes, *names: str, encoding: str = "utf-8"):
    (base / "manifest.csv").write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_manifest(base, tree(base, *names))


def rows(separator: str) -> str:
    lines = ["camera,file,date,scene", "A,1.jpg,2019-05-31,hill", "A,2.jpg,2019-06-01,lake", "B,1.jpg,,hill"]
    return "\r\n".join([*lines, "B,Ü.jpg,2019:06:02 10:00:00,lake"]).replace(",", separator)


@pytest.mark.parametrize("separator", ",;\t")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_separators_and_encodings(tmp_path, separator, encoding):
    found = read(tmp_path, rows(separator), encoding=encoding)
    assert found.facts[tmp_path / "B/sub/Ü.jpg"] == {"scene": "lake"}
    assert found.dates == {
        tmp_path / "A/1.jpg": (2019, 5, 31, 0, 0, 0),
        tmp_path / "A/2.jpg": (2019, 6, 1, 0, 0, 0),
        tmp_path / "B/sub/Ü.jpg": (2019, 6, 2, 10, 0, 0),
    }


@pytest.mark.parametrize(
    "file",
    [
        *("1.jpg", "A/1.jpg", "./1.jpg", " 1.jpg", "C:\\Users\\me\\Photos\\A\\1.jpg", "1.JPG", "/home/me/A/1.jpg"),
    ],
)
def test_a_photo_is_found_however_its_row_names_it(tmp_path, file):
    found = read(tmp_path, f"camera,file,device\nA,{file},one\n")
    assert found.facts == {tmp_path / "A/1.jpg": {"device": "one"}}


def test_letters_may_be_composed_or_not(tmp_path):
    found = read(tmp_path, "camera,file,scene\nCafé,Perù.jpg,x\n", "Cafe\u0301/Peru\u0300.jpg")
    assert found.facts == {tmp_path / "Cafe\u0301/Peru\u0300.jpg": {"scene": "x"}}


def test_what_is_of_no_use_is_counted_and_the_first_is_named(tmp_path):
    text = "camera,file,date\nA,gone.jpg,2019-01-01\nA,1.jpg,5/6/2019\nA,1.jpg,2018-01-01\nA,old.jpg\n,,\n"
    notes = "\n".join(read(tmp_path, text).notes)
    assert "2 rows match no photo, the first: A, gone.jpg" in notes
    assert "3 photos have no row, the first: A/2.jpg" in notes
    assert "1 rows name a photo again (its first row counts), the first: A/1.jpg" in notes
    assert "1 dates are not understood" in notes
    assert "'5/6/2019' of 1.jpg" in notes


def test_dates_of_a_column_that_shows_its_order_count_and_the_first_is_told(tmp_path):
    found = read(tmp_path, "camera,file,date\nA,1.jpg,5/6/2019 5:02 PM\nA,2.jpg,5/13/2019\n")
    assert found.dates[tmp_path / "A/1.jpg"] == (2019, 5, 6, 17, 2, 0)
    assert "'5/6/2019 5:02 PM' of 1.jpg is 2019-05-06 17:02:00" in found.notes[0]


def test_a_name_that_two_photos_have_needs_its_folder(tmp_path):
    names = ("A/x/1.jpg", "A/y/1.jpg")
    found = read(tmp_path, "camera,file,scene\nA,1.jpg,both\nA,y/1.jpg,one\n", *names)
    assert found.facts == {tmp_path / "A/y/1.jpg": {"scene": "one"}}
    assert "1 rows fit several photos (give the folder, too), the first: A, 1.jpg" in found.notes[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,place\nx,y\n", "needs the columns camera and file, it has name, place: not used"),
        (b"", "it has no row: not used"),
        (b"\xff\xfea", "can't be read as a table"),
        (b"camera,file\n" + b'"' + b"x" * 200_000, "can't be read as a table"),
    ],
)
def test_a_table_of_another_kind_costs_itself_and_not_the_run(tmp_path, content, words):
    found = read(tmp_path, content)
    assert not found.dates
    assert not found.facts
    assert words in found.notes[0]


def test_without_a_manifest_there_is_nothing(tmp_path):
    assert read_manifest(tmp_path, tree(tmp_path)).notes == ()


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-16")))
def test_no_bytes_raise(tmp_path_factory, content):
    base = tmp_path_factory.mktemp("manifest")
    read(base, b"camera,file,date\n" + content)
    read(base, content)
