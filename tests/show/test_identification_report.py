"""Answers of `camgan identify`, in a terminal and on a page: whole, readable, and safe whatever a name is."""

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from camgan_lib.data.names import readable, shown
from camgan_lib.data.voting import cells
from camgan_lib.measure.identification import Answer
from camgan_lib.show import identification, identification_page
from camgan_lib.show.figures.palette import CAMERA_COLOURS
from camgan_lib.show.identification import About, Mistaken, Seen, percent, sentences, text
from camgan_lib.show.terminal import columns_of, cut_to
from tests.show.tags import Tags

EVIL = '<img src=x onerror=alert(1)>".jpg'
NAMES = ("A&B <i>", "Nikon-D5300", "写真機")
MISTAKEN = Mistaken(0.05, 0.01, 0.17, 40)
ABOUT = About("_build", "forensic", "0123456789abcdef", "abc", NAMES, "test", 40, MISTAKEN)
ANY = st.text(st.characters(exclude_categories=()), max_size=150)


def seen(file=EVIL, camera=0, classes=3, notes=(), count=12, picture=True):
    rng = np.random.default_rng(classes)
    named = rng.integers(0, classes, count)
    sure = rng.uniform(1 / classes, 1, count)
    likely = (0.9, *[0.1 / (classes - 1)] * (classes - 1))
    votes = tuple(np.bincount(named, minlength=classes).tolist())
    answer = Answer(likely, camera, -0.25, 0.5, votes, count)
    stream = io.BytesIO()
    Image.new("RGB", (48, 32), "red").save(stream, "JPEG")
    small = (stream.getvalue(), 32, 48) if picture else None
    return Seen(file, "00" * 32, (400, 600), answer, named, sure, cells(count, 400, 600), notes, small)


def page(answers, left_out=None, about=ABOUT):
    return "".join(identification_page.page(answers, left_out or {}, about))


# --- words


@settings(max_examples=60, deadline=None)
@given(ANY)
def test_any_text_becomes_one_line_of_valid_unicode(name):
    line = shown(name)
    line.encode("utf-8")
    assert len(line.splitlines()) <= 1
    assert not set(line) & set("\u202e\u2066\u2069\x1b\0")


def test_bytes_of_a_name_that_are_no_unicode_are_written_out():
    name = b"caf\xe9 \xff.jpg".decode("utf-8", "surrogateescape")
    assert readable(name) == shown(name) == r"caf\xe9 \xff.jpg"
    assert readable("two\nlines") == "two\nlines"
    assert shown("two\nlines") == r"two\nlines"


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0.0%"), (1e-5, "< 0.1%"), (0.973, "97.3%"), (0.9996, "> 99.9%"), (1, "100.0%")]
)
def test_what_is_not_certain_is_not_shown_as_certain(share, words):
    assert percent(share) == words


def test_letters_are_measured_as_a_terminal_shows_them():
    assert columns_of("写真.jpg") == 8
    assert columns_of("e\u0301") == 1
    assert cut_to("写真写真", 5) == "写真…"
    assert cut_to("photos/IMG_0001.jpg", 9, end=True) == "…0001.jpg"


def test_the_sentences_say_what_the_answers_stand_on():
    said = " ".join(sentences(ABOUT))
    for words in (
        "network 0123456789abcdef",
        "the build _build",
        "40 test photos",
        "Of 40 test photos of these cameras it called 5% (1% to 17%)",
        "3 cameras only",
    ):
        assert words in said
    assert "Nikon-D5300" in said
    many = replace(ABOUT, cameras=tuple(f"camera {number}" for number in range(30)))
    assert "these 30 cameras only. " in " ".join(sentences(many))


# --- the table


def test_the_table_has_a_row_for_each_photo():
    lines = text([seen("a.jpg"), seen("b.jpg", None)], {}, ABOUT).splitlines()
    votes = seen().answer.votes
    assert lines[0].split() == ["photo", "camera", "probability", "votes", "of", "crops"]
    assert re.fullmatch(rf"a\.jpg +A&B <i> +90\.0% +{votes[0]} of 12", lines[1])
    assert re.fullmatch(r"b\.jpg +none of these +– +–", lines[2])


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=4), ANY, ANY)
def test_no_line_is_wider_than_a_terminal(files, camera, reason):
    about = replace(ABOUT, cameras=(camera, "B", "C"))
    said = text([seen(file, notes=(reason,)) for file in files], dict.fromkeys(files, reason), about)
    said.encode("utf-8")
    assert max(map(columns_of, said.split("\n"))) <= identification.WIDTH


def test_what_is_left_out_is_named_and_a_flood_of_it_counted():
    said = text([], {f"{number}.jpg": "it is a text" for number in range(25)}, ABOUT)
    assert "left out 0.jpg: it is a text" in said
    assert said.endswith("left out 5 more; --json and --report name them all")
    noted = text(
        [seen("a.jpg", notes=("it is black and white",)), seen("b.jpg", notes=("it is black and white",))], {}, ABOUT
    )
    assert "a.jpg (and 1 more): it is black and white" in noted


# --- the page


def test_the_page_needs_no_network_and_no_script():
    tags = Tags(page([seen(), seen(camera=None)], {"x.jpg": "it is a text"}))
    assert not tags.all("script")
    assert not tags.all("link")
    sources = [each["src"] for each in tags.all("img")]
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert Image.open(io.BytesIO(base64.b64decode(sources[0].split(",")[1]))).size == (48, 32)
    assert not any("url(" in word or "@import" in word for word in tags.words)
    assert {each["href"][0] for each in tags.all("a")} == {"#"}


def test_the_page_can_be_read_without_seeing_it():
    tags = Tags(page([seen(), seen("b.jpg", None)]))
    assert [name for name, _ in tags.found if re.fullmatch(r"h\d", name)] == ["h1", "h2", "h2", "h3", "h3"]
    assert all(each["alt"] for each in tags.all("img"))
    assert all(each["aria-label"] for each in tags.all("svg"))
    assert all("scope" in each for each in tags.all("th"))
    assert [each["id"] for each in tags.all("input")] == [each["for"] for each in tags.all("label")]
    ids = [attributes["id"] for _, attributes in tags.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert tags.all("html") == [{"lang": "en"}]


@settings(max_examples=40, deadline=None)
@given(ANY, ANY, ANY)
def test_no_name_can_add_to_the_page(file, camera, note):
    plain = Tags(page([seen("a", notes=("b",))], {"c": "d"}))
    about = replace(ABOUT, build=camera, cameras=(camera, file, note))
    tags = Tags(page([seen(file, notes=(note,))], {note: file}, about))
    assert [name for name, _ in tags.found] == [name for name, _ in plain.found]
    assert [set(each) for _, each in tags.found] == [set(each) for _, each in plain.found]


def test_names_stand_on_the_page_as_they_are():
    tags = Tags(page([seen(EVIL, notes=("its <date>",))], {"<b>.jpg": "it is a text & more"}))
    assert tags.words.count(EVIL) == 2, "in the table and over the photo"
    assert "its <date>" in tags.words
    assert "<b>.jpg" in tags.words
    assert "A&B <i>" in tags.words
    assert tags.all("img")[0]["alt"].endswith(EVIL)


def test_the_map_has_a_field_for_each_crop_in_its_cameras_colour():
    one = seen()
    tags = Tags(page([one]))
    fields = tags.all("rect")
    assert [each["fill"] for each in fields] == [CAMERA_COLOURS[label] for label in one.named]
    strengths = [float(each["fill-opacity"]) for each in fields]
    assert strengths == pytest.approx(0.1 + 0.75 * (one.sure - 1 / 3), abs=0.006), "from 0.1 for a guess to 0.6"
    area = sum(float(each["width"]) * float(each["height"]) for each in fields)
    assert area == pytest.approx(512 * 512 * 32 / 48, rel=0.01)
    assert not Tags(page([seen(picture=False)])).all("rect")


def test_fields_without_room_have_no_numbers():
    assert len(Tags(page([seen(count=12)])).all("text")) == 12
    assert not Tags(page([seen(count=1500)])).all("text")


def test_of_many_cameras_those_that_do_not_matter_are_counted():
    cameras = tuple(f"camera {number}" for number in range(40))
    one = seen(classes=40)
    one = replace(one, answer=replace(one.answer, probabilities=(0.99, *[0.01 / 39] * 39)))
    tags = Tags(page([one], about=replace(ABOUT, cameras=cameras)))
    quiet = sum(not votes for votes in one.answer.votes[1:])
    assert f"{quiet} more cameras, together" in tags.words
    assert quiet > 20


def test_none_of_these_does_not_look_like_an_answer():
    words = "".join(Tags(page([seen(camera=None)])).words)
    assert "if it were one of these" in words
    assert "it differs from these cameras" in words
    assert "Strangeness to these cameras: −0.25, above 0.50" in words


def test_a_camera_without_a_threshold_says_so():
    one = seen()
    words = "".join(Tags(page([replace(one, answer=replace(one.answer, threshold=None))])).words)
    assert "nothing is known of what is usual for this camera" in words
