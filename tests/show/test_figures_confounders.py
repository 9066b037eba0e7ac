"""The table and the text of confounders: every trait, within a terminal's width, whatever the cameras are called."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camgan_lib.measure.confounders import confounders, sentences
from camgan_lib.measure.trait_words import TRAITS
from camgan_lib.show.figures import confounders as shown
from camgan_lib.show.terminal import WIDTH, columns_of

ODD = (
    *(
        "<b>A</b> & co",
        "$x_1$ *bold* `code`",
        "カメラ一号機のとても長い名前です",
        "📷🌅 sunset",
        "👩‍👩‍👧",
        "a\x1b[31mb\nc\r\td",
    ),
    *("\u202egnp.exe", "\ud800", "e\u0301" * 30, "|", " ", "-" * 200),
)


def facts(cameras: int, train: int = 10, test: int = 10) -> list[dict]:
    """Photos of cameras of which the first saves PNG, and the others JPEG of a quality of their own."""
    return [
        {
            **{"camera": camera, "half": half, "date": "2021-05-31 17:02:11", "device": "", "width": 40, "height": 30},
            **{"format": "PNG" if camera == 0 else "JPEG", "quality": None if camera == 0 else 80.0 + camera},
            **{"tables": f"{camera:08x}", "subsampling": "4:2:0", "progressive": False, "orientation": 1, "bits": 8},
            **{"software": "", "marks": "", "grid": "0,0", "brightness": 0.5, "contrast": 0.1, "saturated": 0.0},
            **{"red": 0.5, "green": 0.5, "blue": 0.5},
        }
        for camera in range(cameras)
        for half, count in (("train", train), ("test", test))
        for _ in range(count)
    ]


def fits(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) <= 22 and all(columns_of(line) <= WIDTH for line in lines)


def is_safe(text: str) -> bool:
    """Whether a terminal shows the text as it is: no control but line ends, no turned direction, valid UTF-8."""
    text.encode()
    return not any(letter < " " and letter != "\n" for letter in text) and "\u202e" not in text and "\x7f" not in text


class Cells(HTMLParser):
    """The texts of a page and the names of its elements."""

    def __init__(self, page: str):
        super().__init__()
        self.texts, self.tags = [], set()
        self.feed(page)

    def handle_data(self, data):
        self.texts.append(data)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)


def test_the_table_has_every_trait_with_its_accuracy_and_each_cameras_values():
    names = ("Cam-A", "Cam-B")
    rows = confounders(facts(2), names)
    found = shown.table(rows, names)
    assert found.header == ["Trait", "Alone, test photos", "Cam-A", "Cam-B"]
    (rest,) = shown.same(rows)
    every = [*(trait.name for trait in TRAITS), "all file traits"]
    assert [name for name in every if name in {row[0] for row in found.rows} or f"{name} " in rest] == every
    assert not any(f"{row[0]} " in rest for row in found.rows)
    assert found.rows[0] == ["file format", "100% (83% to 100%) *", "PNG 20", "JPEG 20"]
    assert '100<span class="camgan-mark">*</span></span> <small' in found._repr_html_()
    assert "chance is 50%" in found.caption


def test_with_few_test_photos_both_accuracies_are_shown():
    names = ("Cam-A", "Cam-B")
    rows = confounders(facts(2, train=5, test=1), names)
    found = shown.table(rows, names)
    assert found.rows[0][:3] == ["file format", "100% (16% to 100%)", "100% (74% to 100%) *"]
    assert "All photos" in found.caption
    line = shown.text(rows, names).split("\n")[1].split()
    assert line == ["file", "format", "100%", "(16–100)", "100%", "(74–100)*", "PNG", "6", "JPEG", "6"]


def test_the_text_collects_what_is_the_same_for_all():
    names = ("Cam-A", "Cam-B")
    lines = shown.text(confounders(facts(2), names), names).split("\n")
    assert lines[0].split() == ["test", "photos", "Cam-A", "Cam-B"]
    assert lines[1].split() == ["file", "format", "100%", "(83–100)*", "PNG", "20", "JPEG", "20"]
    same = " ".join(lines[lines.index(next(line for line in lines if line.startswith("The same"))) :])
    assert "JPEG chroma 4:2:0" in same
    assert "orientation as stored" in same
    assert not any(line.startswith("orientation") for line in lines)


def test_many_cameras_share_a_column():
    names = tuple(f"camera {number}" for number in range(12))
    text = shown.text(confounders(facts(12), names), names)
    assert "PNG: camera 0; JPEG: 11 cameras" in text
    assert fits(text)


@pytest.mark.parametrize("cameras", [2, 3, 5, len(ODD)])
def test_any_name_is_shown_as_text_and_within_the_width(cameras):
    names = ODD[:cameras]
    rows = confounders(facts(cameras), names)
    text, notes = shown.text(rows, names), shown.notes(sentences(rows, names))
    assert fits(text)
    assert is_safe(text)
    assert is_safe(repr(notes))
    assert all(columns_of(line) <= WIDTH for line in repr(notes).split("\n"))
    table, listed = Cells(shown.table(rows, names)._repr_html_()), Cells(notes._repr_html_())
    assert table.tags == {"div", "table", "caption", "span", "thead", "tbody", "tr", "th", "td", "small"}
    assert listed.tags == {"ul", "li"}
    assert ("<b>A</b> & co" in table.texts) == (cameras <= 6)
    assert all(is_safe(cell) for cell in table.texts + listed.texts)


@given(st.lists(st.text(min_size=1, max_size=40), min_size=2, max_size=6, unique=True))
@settings(max_examples=40, deadline=None)
def test_no_name_breaks_the_text(names):
    rows = confounders(facts(len(names), 2, 1), tuple(names))
    text = shown.text(rows, names)
    assert fits(text)
    assert is_safe(text)
    repr(shown.notes(sentences(rows, tuple(names)))).encode()


def test_letters_have_their_width():
    assert [columns_of(text) for text in ("abc", "相机", "e\u0301", "📷", "")] == [3, 4, 1, 2, 0]
