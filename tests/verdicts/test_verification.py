"""A run agrees with itself; planted differences, missing numbers and verdicts that changed are found and named."""

import copy
import json

import pytest

from camgan_lib.measure.estimates import recorded
from camgan_lib.verdicts import verification
from camgan_lib.verdicts.verification import AGREES, DIFFERS, MISSING, NEW, UNTESTED
from tests.verdicts.results import changed, e, make

VERDICTS = [
    {"letter": "a", "claim": "(a) saliency", "verdict": "holds", "version": 1, "fingerprint": "f"},
    {"letter": "b", "claim": "(b) filters", "verdict": "void", "version": 1, "fingerprint": "f"},
]


def with_verdicts(results, *verdicts):
    given = [{**each, **more} for each, more in zip(VERDICTS, verdicts or ({}, {}), strict=False)]
    return {**results, "verdict": {"verdicts": given}}


def checked(here, record=None):
    return verification.checked(with_verdicts(make()) if record is None else record, here)


def places(found, status):
    return [each["place"] for each in verification.numbers(found, status)]


def test_a_run_agrees_with_itself_and_the_answer_is_plain_json():
    found = checked(with_verdicts(make()))
    assert verification.agrees(found)
    assert found["counts"] == {AGREES: found["counts"]["of"], DIFFERS: 0, UNTESTED: 0, MISSING: 0, NEW: 0, "of": 161}
    assert verification.sentences(found) == ["agreed: 161 of 161 numbers", "verdicts: all 2 the same"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_number_that_moved_beyond_chance_is_named_and_one_within_chance_agrees():
    found = checked(with_verdicts(changed(classifier__auxiliary_accuracy=e(0.74), classifier__over_colour=e(0.645))))
    assert places(found, DIFFERS) == ["classifier.auxiliary_accuracy"]
    moved = verification.numbers(found, DIFFERS)[0]
    assert moved["difference"] == pytest.approx(-0.2)
    assert moved["p"] < 0.001
    assert moved["rule"] == "tested"
    assert (moved["record"]["value"], moved["here"]["value"]) == (0.94, 0.74)
    assert not verification.agrees(found)
    assert "differed beyond chance: 1 (classifier.auxiliary_accuracy)" in verification.sentences(found)


@pytest.mark.parametrize(
    ("value", "status"), [(0.25, AGREES), (0.2513, AGREES), (0.26, UNTESTED), ("a", DIFFERS), (None, MISSING)]
)
def test_what_has_no_interval_is_the_same_within_a_hundredth_or_named_apart(value, status):
    found = checked(with_verdicts(changed(classifier__chance=value)))
    assert "classifier.chance" in places(found, status)
    assert verification.agrees(found) is (status in (AGREES, UNTESTED))


@pytest.mark.parametrize("change", [{"dataset__train_crops": 31681}, {"frequency__norm": "instance"}])
def test_counts_and_words_must_be_the_same(change):
    found = checked(with_verdicts(changed(**change)))
    assert [each["rule"] for each in verification.numbers(found, DIFFERS)] == ["exact"]
    assert not verification.agrees(found)


def test_a_missing_number_is_named_and_a_new_one_only_counted():
    here = with_verdicts(make())
    del here["truth"]
    here["dataset"]["more"] = 3
    found = checked(here)
    assert places(found, MISSING) == ["truth.cameras[0]", "truth.cameras[1]"]
    assert places(found, NEW) == ["dataset.more"]
    assert found["counts"]["of"] == 161
    assert not verification.agrees(found)
    assert not any("dataset.more" in each for each in verification.sentences(found))


def test_a_verdict_that_flipped_is_named_though_all_numbers_agree():
    found = checked(with_verdicts(make(), {}, {"verdict": "holds", "version": 2}))
    assert [each["rule"] for each in found["verdicts"]] == [False, True]
    assert "verdicts changed: 1 of 2: (b) void → holds" in verification.sentences(found)
    assert not verification.agrees(found)
    gone = checked(with_verdicts(make(), {}))
    assert [each["status"] for each in gone["verdicts"]] == [AGREES, MISSING]
    assert not verification.agrees(gone)


def test_a_record_of_the_old_form_is_compared_by_its_plain_numbers_and_without_verdicts():
    old = {"run": make()["run"], "classifier": {"auxiliary_accuracy": 0.94, "auxiliary_ci95": [0.9, 1.0]}}
    found = checked(with_verdicts(make()), old)
    assert places(found, AGREES) == ["classifier.auxiliary_accuracy"]
    assert places(found, MISSING) == ["classifier.auxiliary_ci95[0]", "classifier.auxiliary_ci95[1]"]
    assert verification.sentences(found)[-1] == "verdicts: the record has none"
    assert [each["status"] for each in found["verdicts"]] == [NEW, NEW]


def test_data_of_the_same_run_may_lie_in_a_folder_of_another_name():
    """Else numbers of the same photos would not be compared in pairs."""
    units = tuple(0.5 + 0.01 * number for number in range(40))
    record = {**make(), "measured": {"x": e(0.695)}}
    record["measured"]["x"] = type(e(0))(0.695, 0.6, 0.8, 40, "photo", "made up", units=units)
    here = copy.deepcopy(record)
    here["run"]["data"] = "elsewhere"
    moved = tuple(each + 0.03 + 0.0001 * number for number, each in enumerate(units))
    here["measured"]["x"] = type(e(0))(0.727, 0.63, 0.83, 40, "photo", "made up", units=moved)
    assert places(verification.checked(record, here), DIFFERS) == ["measured.x"]


def test_a_flood_of_names_is_cut():
    here = {name: each for name, each in with_verdicts(recorded(make())).items() if name in ("run", "verdict")}
    said = verification.sentences(checked(here))[1]
    assert said.startswith("missing here: 161 (dataset.cameras[0], ")
    assert said.endswith(", and 151 more)")
