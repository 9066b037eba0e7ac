"""How long a run will take: chapters side by side, each after those that it stands on, by the last run's seconds."""

import json
from types import SimpleNamespace

import pytest

from camgan_lib.book import chapters, timings
from camgan_lib.book.timings import Timings, time_left

UPSTREAM = {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")}
SECONDS = {"a": 10, "b": 5, "c": 7, "d": 1}


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.setattr(chapters, "UPSTREAM", UPSTREAM)
    monkeypatch.setattr(timings, "products_are_whole", lambda plan, chapter: (tmp_path / chapter).exists())
    return SimpleNamespace(profile="smoke", build=tmp_path, parameters={chapter: {"n": 1} for chapter in UPSTREAM})


def run(plan, chapter, seconds):
    timings = Timings(plan, "ab")
    timings.begin(chapter)
    timings.end(chapter, seconds)


@pytest.mark.parametrize(
    ("waiting", "running", "at_once", "left"),
    [
        ("abcd", {}, 1, 23),
        ("abcd", {}, 2, 18),
        ("bcd", {"a": 4}, 2, 14),
        ("d", {"b": 1, "c": 1}, 2, 7),
        ("d", {"c": 100}, 2, 1),
        ("", {}, 2, 0),
    ],
)
def test_the_time_left_by_hand(plan, waiting, running, at_once, left):
    assert time_left(list(waiting), running, SECONDS, at_once) == (left, [])


def test_what_was_never_timed_is_named_and_not_guessed(plan):
    assert time_left(["c", "d"], {"b": 1}, {"b": 5}, 2) == (4, ["c", "d"])
    assert Timings(plan, "abcd").left(list("abcd"), 2) == "4 chapters not yet timed"


def test_seconds_are_kept_by_profile(plan):
    run(plan, "a", 61.23)
    assert Timings(plan, "ab").expected == {"a": 61.2}
    again = Timings(plan, "ab")
    again.begin("a")
    assert again.left(["b"], 2) == "about 1 min left and 1 chapter not yet timed"
    assert Timings(plan, "a").left(["a"], 2) == "about 1 min left"
    plan.profile = "paper"
    assert Timings(plan, "ab").expected == {}


def test_a_chapter_that_makes_its_networks_is_timed_apart_from_one_that_finds_them(plan):
    run(plan, "a", 60)
    (plan.build / "records").mkdir()
    record = {"products": {"dataset": {}}, "parameters": {"n": 1}}
    (plan.build / "records" / "a.json").write_text(json.dumps(record))
    (plan.build / "a").touch()
    assert Timings(plan, "a").expected == {}
    run(plan, "a", 3)
    assert Timings(plan, "a").expected == {"a": 3}
    plan.parameters["a"] = {"n": 2}
    assert Timings(plan, "a").expected == {"a": 60}


def test_pages_count_where_they_are_built(plan):
    run(plan, "a", 20)
    Timings(plan, "a").end(timings.PAGES, 30)
    assert Timings(plan, "a", pages=True).left(["a"], 2) == "about 50 s left"
    assert Timings(plan, "a").left(["a"], 2) == "about 20 s left"
    with Timings(plan, "a").building():
        pass
    assert Timings(plan, "a", pages=True).left(["a"], 2) == "about 50 s left", "nothing was built"


def test_a_damaged_file_counts_as_none(plan):
    (plan.build / "timings.json").write_text("{")
    assert Timings(plan, "a").expected == {}
    run(plan, "a", 1)
    assert Timings(plan, "a").expected == {"a": 1}
