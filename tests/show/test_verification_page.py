"""The page of a verification: whole, safe whatever a name is, open where something differs, and readable on a phone."""

import copy
import re

import pytest

from camgan_lib.show import verification_page
from camgan_lib.verdicts import verification
from camgan_lib.verdicts.verification import DIFFERS, UNTESTED
from tests.show.tags import Tags
from tests.verdicts.results import changed, e, make

EVIL = '<script>alert(1)</script>"'
ABOUT = {name: "x" for name in ("profile", "data", "nostyle", "commit", "device")} | {"seed": 0, "seconds": 60.0}
NETWORK = {"kind": "judge", "record": "0" * 16, "here": "0" * 16, "device": None, "date": None, "seconds": None}
VERDICT = {"letter": "a", "claim": "(a) saliency", "verdict": "holds"}


def report(here=None, **changes):
    record = {**make(), "verdict": {"verdicts": [VERDICT]}}
    again = {**(here or make()), "verdict": {"verdicts": [{**VERDICT, "verdict": changes.pop("verdict", "holds")}]}}
    found = verification.checked(record, again)
    about = {**ABOUT, "started": "2026-11-28T01:00:00+00:00"}
    return {
        "run": "mine",
        "agrees": verification.agrees(found),
        "notes": ["A note."],
        "record": {**about, "sha256": "f" * 64, "libraries": {"python": "3.11.7", "torch": "2.8"}},
        "here": about,
        "machine": {"processor": None, "cores": 2, "memory": 25 * 2**30, "system": "Linux", "python": "CPython 3.12"},
        "libraries": {"torch": "2.9"},
        "begun": ["2026-11-28T01:00:00+00:00", "2026-11-28T02:00:00+00:00"],
        "seconds": {"record": {"dataset": 14.1}, "here": {"dataset": 1450.0, "verdict": None}},
        "parameters": {"from": "the record", "not_recorded": {}},
        "files": {"checked": 15, "wrong": []},
        "networks": [{**NETWORK, "name": "plain 1", "published": True, "same_data": False}],
        "rules": verification.RULES,
        **found,
        **changes,
    }


def page(found, **more):
    return "".join(verification_page.page(found, **more))


def words(found):
    return " ".join(Tags(page(found)).words)


def test_the_page_needs_no_network_and_no_script_and_all_its_elements_are_closed():
    content = page(report(), book=True)
    tags = Tags(content)
    assert not {"script", "link", "img"} & {name for name, _ in tags.found}
    assert "url(" not in content
    assert "@import" not in content
    assert [each["href"] for each in tags.all("a")] == ["html/index.html"]
    assert not Tags(page(report())).all("a")
    assert all("scope" in each for each in tags.all("th"))
    headings = [name for name, _ in tags.found if re.fullmatch(r"h\d", name)]
    assert headings == ["h1"] + ["h2"] * (len(headings) - 1)


def test_where_all_agrees_nothing_is_open_and_both_origins_stand_side_by_side():
    said = words(report())
    assert "Everything came out again." in said
    assert "agreed: 161 of 161 numbers" in said
    assert not [each for each in Tags(page(report())).all("details") if "open" in each]
    for expected in ("25.0 GiB", "2.8", "2.9", "1,450.0", "2026-11-28 01:00 UTC", "came with the project"):
        assert expected in said
    assert "it repeats others' numbers" in said


def test_what_differs_is_open_with_both_values_and_its_p():
    found = report(changed(classifier__auxiliary_accuracy=e(0.74)), verdict="void")
    tags = Tags(page(found))
    assert len([each for each in tags.all("details") if "open" in each]) == 1
    said = " ".join(tags.words)
    assert "Not everything came out again." in said
    assert "What differs beyond chance" in said
    for expected in ("0.94 (0.92 to 0.96)", "0.74 (0.72 to 0.76)", "−0.2", "< 0.001", "changed"):
        assert expected in said


def test_numbers_without_an_interval_do_not_make_the_answer_no():
    said = words(report(changed(classifier__chance=0.26)))
    assert "Everything that can be tested came out again. 1 number without an interval is not the same." in said
    assert "What is not the same, without an interval" in said


def test_many_differences_of_a_chapter_are_folded():
    found = report()
    for each in found["chapters"]["style_gan"] + found["chapters"]["classifier"][:1]:
        each["status"] = DIFFERS if each["place"].startswith("classifier") else UNTESTED
    found["chapters"]["style_gan"] *= 3
    tags = Tags(page(found))
    assert len([each for each in tags.all("details") if "open" in each]) == 1


@pytest.mark.parametrize("damage", [["the weights of judge 0 are not those that its manifest states"], []])
def test_damaged_files_are_named(damage):
    said = words(report(files={"checked": 15, "wrong": damage}))
    assert ("Damaged:" in said) is bool(damage)
    assert ("15 published networks and manifests are what they say" in said) is not bool(damage)


def test_no_name_can_add_to_the_page():
    evil = copy.deepcopy(make())
    evil["frequency"]["norm"] = evil["dataset"]["cameras"][0] = EVIL
    found = report(evil, run=EVIL, notes=[EVIL])
    found["networks"][0]["name"] = found["verdicts"][0]["claim"] = found["machine"]["processor"] = EVIL
    found["record"]["commit"] = found["record"]["libraries"]["torch"] = found["parameters"]["from"] = EVIL
    tags = Tags(page(found))
    assert not tags.all("script")
    assert sum(EVIL in each for each in tags.words) >= 8


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"value": -0.5, "low": None, "high": None}, "−0.5"),
        (31680, "31,680"),
        (True, "yes"),
        (False, "no"),
        (None, ""),
        (0.123456, "0.1235"),
        ("a", "a"),
    ],
)
def test_values_are_said_as_readers_expect(value, said):
    assert verification_page.value(value) == said


@pytest.mark.browser
def test_on_a_phone_nothing_is_wider_than_the_page_and_cells_keep_their_titles(browser, tmp_path):
    found = report(changed(classifier__auxiliary_accuracy=e(0.74)), verdict="void")
    (tmp_path / "report.html").write_text(page(found), "utf-8")
    phone = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme="dark")
    phone.goto((tmp_path / "report.html").as_uri())
    assert phone.evaluate("document.documentElement.scrollWidth") == 400
    title = "getComputedStyle(document.querySelector('.numbers td'), '::before').content"
    assert phone.evaluate(title) == '"record"'
    assert phone.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(23, 23, 26)"
    phone.close()
