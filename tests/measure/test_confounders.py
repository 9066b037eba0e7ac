"""A trait that tells cameras apart is found to, one that does not is not, and few photos are not overrated."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camgan_lib.measure.confounders import MARGIN, REMEDIES, confounders, sentences, summary
from camgan_lib.measure.estimates import read, recorded
from camgan_lib.measure.trait_words import TRAITS

CAMERAS = ("Cam-A", "Cam-B")


def photo(camera: int, half: str, **others) -> dict:
    """A photo like any other, but for the traits that are given."""
    plain = {
        **{"camera": camera, "half": half, "date": "2021-05-31 17:02:11", "device": "", "format": "JPEG"},
        **{"quality": 92.0, "tables": "17bf46ab", "subsampling": "4:2:0", "progressive": False, "width": 4032},
        **{"height": 3024, "orientation": 1, "bits": 8, "software": "", "marks": "", "grid": "0,0"},
        **{"brightness": 0.4, "contrast": 0.2, "red": 0.4, "green": 0.5, "blue": 0.3, "saturated": 0.0},
    }
    return plain | others


def study(train: int = 20, test: int = 10, cameras: int = 2, **of_camera) -> list[dict]:
    """So many photos of each camera; `of_camera`: a trait → its values by camera."""
    return [
        photo(camera, half, **{key: values[camera] for key, values in of_camera.items()})
        for camera in range(cameras)
        for half, count in (("train", train), ("test", test))
        for _ in range(count)
    ]


def row_of(rows: list[dict], trait: str) -> dict:
    return next(row for row in rows if row["trait"] == trait)


VALUES = {
    **{"format": ("JPEG", "PNG"), "quality": (95.0, 60.0), "tables": ("1a", "2b"), "subsampling": ("4:2:0", "4:4:4")},
    **{"progressive": (False, True), "width": (4032, 1600), "orientation": (1, 6), "bits": (8, 16)},
    **{"software": ("", "Photoshop"), "marks": ("", "WhatsApp (file name)"), "grid": ("0,0", "5,3")},
    **{"date": ("2020-01-01 10:00:00", "2021-06-01 10:00:00"), "brightness": (0.2, 0.8), "contrast": (0.1, 0.3)},
    **{"saturated": (0.0, 0.5), "red": (0.2, 0.8)},
}
TRAIT_OF = {"width": "size", "red": "colour"}


@pytest.mark.parametrize("key", VALUES)
def test_a_trait_that_determines_the_camera_names_it_always(key):
    rows = confounders(study(**{key: VALUES[key]}), CAMERAS)
    row = row_of(rows, TRAIT_OF.get(key, key))
    assert row["accuracy"].value == 1
    assert row["accuracy"].low > 0.8
    assert row["tells"]
    assert not row["same"]
    texts = sentences(rows, CAMERAS)
    assert any(f"By {row['name']} alone, the right camera is named for 100%" in text for text in texts)
    assert any(REMEDIES[row["kind"]] in text for text in texts)


def test_a_trait_that_is_the_same_for_all_photos_is_at_chance_exactly():
    for cameras in (2, 3, 5):
        rows = confounders(study(cameras=cameras), tuple("abcde"[:cameras]))
        assert [row["accuracy"].value for row in rows] == pytest.approx([1 / cameras] * (len(TRAITS) + 1), abs=1e-12)
        assert not any(row["tells"] for row in rows)
        assert all(row["same"] for row in rows[:-1])


def test_cameras_count_alike_whatever_their_number_of_photos():
    facts = [photo(0, half) for half in ("train", "test") for _ in range(40)]
    facts += [photo(1, half, format="PNG") for half in ("train", "train", "test", "test", "test")]
    facts += [photo(1, "test") for _ in range(3)]
    row = row_of(confounders(facts, CAMERAS), "format")
    assert row["accuracy"].value == pytest.approx((1 + 0.5) / 2)
    assert row["constant"] == pytest.approx(40 / 46)
    assert row["accuracy"].low < 0.75 - 0.2, "the camera with six photos makes it uncertain"
    assert "weighted alike" in row["accuracy"].method


def test_a_value_that_no_training_photo_has_says_nothing():
    facts = study(software=("", "Photoshop"))
    facts += [photo(camera, "test", software="GIMP") for camera in (0, 1) for _ in range(10)]
    assert row_of(confounders(facts, CAMERAS), "software")["accuracy"].value == pytest.approx(0.75)


def test_traits_that_say_something_only_together_are_found():
    kinds = [("JPEG", 8), ("JPEG", 16), ("PNG", 8)], [("PNG", 16), ("PNG", 8), ("JPEG", 16)]
    facts = [
        photo(camera, half, format=form, bits=bits)
        for camera in (0, 1)
        for half in ("train", "test")
        for form, bits in kinds[camera] * 12
    ]
    rows = confounders(facts, CAMERAS)
    assert not row_of(rows, "format")["tells"]
    together = row_of(rows, "together")
    assert together["accuracy"].value >= row_of(rows, "format")["accuracy"].value


# --- few photos


def test_with_few_test_photos_all_photos_are_asked_and_the_text_says_so():
    rows = confounders(study(train=5, test=1, format=("JPEG", "PNG")), CAMERAS)
    row = row_of(rows, "format")
    assert (row["accuracy"].value, row["accuracy"].n, row["everywhere"].value, row["everywhere"].n) == (1, 2, 1, 12)
    assert row["accuracy"].low < 0.5 < 0.73 < row["everywhere"].low
    text, judged = sentences(rows, CAMERAS)
    assert "for 100% (74% to 100%) of all 12 photos" in text
    assert "The 2 test photos alone are too few to show it." in text
    assert judged == "Dates and light could not be judged: 2 test photos are too few."


def test_few_photos_do_not_show_what_only_they_have():
    by_time = study(train=5, test=1, date=("2020-01-01 10:00:00", "2021-01-01 10:00:00"), brightness=(0.1, 0.9))
    rows = confounders(by_time, CAMERAS)
    assert row_of(rows, "date")["accuracy"].value == 1
    assert not any(row["tells"] for row in rows)
    assert row_of(rows, "date")["everywhere"] is None
    assert not any(row["tells"] for row in confounders(study(train=1, test=1, format=("JPEG", "PNG")), CAMERAS))


def test_with_many_test_photos_all_photos_are_not_asked():
    assert all(row["everywhere"] is None for row in confounders(study(), CAMERAS))


def test_traits_drawn_at_random_seldom_tell_cameras_apart():
    rng, found = np.random.default_rng(0), 0
    for _ in range(30):
        facts = study(train=10, test=2)
        for fact in facts:
            fact |= {key: values[int(rng.integers(2))] for key, values in VALUES.items()}
            fact |= {"quality": float(rng.integers(80, 99)), "brightness": rng.random(), "red": rng.random()}
        found += any(row["tells"] for row in confounders(facts, CAMERAS))
    assert found <= 3


# --- properties

FACTS = st.builds(
    photo,
    st.integers(0, 2),
    st.sampled_from(["train", "test"]),
    format=st.sampled_from(["JPEG", "PNG"]),
    quality=st.none() | st.floats(1, 100, width=16),
    software=st.sampled_from(["", "GIMP", "Photoshop"]),
    date=st.sampled_from(["", "2020-01-01 10:00:00", "2020-12-31 24:00:60", "2021-01-01", "not a date"]),
    brightness=st.none() | st.sampled_from([0.1, 0.4, 0.5]),
)
EACH_HALF = [photo(camera, half) for camera in range(3) for half in ("train", "test")]


@given(st.lists(FACTS, max_size=25), st.permutations(range(3)))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_cameras_does_not_matter(drawn, order):
    facts = EACH_HALF + drawn
    names = ("a", "b", "c")
    turned = [fact | {"camera": order[fact["camera"]]} for fact in facts]
    renamed = tuple(names[order.index(index)] for index in range(3))
    for one, other in zip(confounders(facts, names), confounders(turned, renamed), strict=True):
        assert one["accuracy"].value == pytest.approx(other["accuracy"].value)
        assert (one["accuracy"].low, one["same"]) == (pytest.approx(other["accuracy"].low), other["same"])
        assert Counter(one["values"]) == Counter(other["values"])
        assert [other["values"][order[index]] for index in range(3)] == one["values"]


@given(st.lists(FACTS, max_size=25))
@settings(max_examples=40, deadline=None)
def test_every_share_is_one_and_rows_are_plain_json(drawn):
    rows = confounders(EACH_HALF + drawn, ("a", "b", "c"))
    for row in rows:
        assert 0 <= row["accuracy"].low <= row["accuracy"].value <= row["accuracy"].high <= 1
        assert row["tells"] == ((row["everywhere"] or row["accuracy"]).low > 1 / 3 + MARGIN)
    assert read(json.loads(json.dumps(recorded(rows)))) == rows
    assert all(isinstance(text, str) and text for text in sentences(rows, ("a", "b", "c")))


# --- words


def test_a_summary_says_what_each_cameras_photos_are():
    facts = [photo(0, "train", quality=q, date=d) for q, d in ((85.0, "2019-05-01"), (92.0, "2021-07-09"), (95.0, ""))]
    facts += [photo(1, "train", format="PNG", quality=None, subsampling=None, grid=None, date="", device="Canon X")] * 2
    found = summary(facts, (*CAMERAS, "empty"))
    of_a, of_b = found["Cam-A"], found["Cam-B"]
    assert (of_a["format"], of_a["quality"], of_a["subsampling"]) == ("JPEG 3", "92 (85–95)", "4:2:0 3")
    assert (of_a["date"], of_a["size"]) == ("2019-05 to 2021-07, 1 of 3 undated", "4032×3024 3")
    assert (of_b["format"], of_b["quality"], of_b["grid"]) == ("PNG 2", "2 of 2 without", "none 2")
    assert (of_b["date"], of_b["device"], of_a["device"]) == ("2 of 2 undated", "Canon X 2", "none named 3")
    assert set(found["empty"].values()) == {"no photo"}


def test_more_values_than_a_line_holds_are_counted():
    facts = [photo(0, "train", tables=str(number)) for number in (1, 1, 1, 2, 2, 3, 4, 5)]
    assert summary(facts, CAMERAS)["Cam-A"]["tables"] == "1 3, 2 2, 3 1, 2 more"


def test_what_goes_with_the_format_is_not_said_again():
    facts = study(format=("JPEG", "PNG"), quality=(92.0, None), tables=("1a", None), subsampling=("4:2:0", None))
    texts = sentences(confounders(facts, CAMERAS), CAMERAS)
    assert len(texts) == 1
    assert "Cam-A: JPEG 30; Cam-B: PNG 30." in texts[0]


def test_where_nothing_tells_cameras_apart_one_sentence_says_so():
    texts = sentences(confounders(study(), CAMERAS), CAMERAS)
    assert texts == ["No trait alone names the right camera much more often than chance (50%)."]


@pytest.mark.parametrize(
    ("facts", "cameras"),
    [(study(test=0), CAMERAS), (study(train=0), CAMERAS), (study(cameras=1), ("a",)), ([], CAMERAS)],
)
def test_without_photos_in_both_halves_there_is_nothing_to_ask(facts, cameras):
    with pytest.raises(ValueError, match="two cameras or more, and photos for training and for the test"):
        confounders(facts, cameras)
