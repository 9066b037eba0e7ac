"""Identification: probabilities and "none of these" on made-up networks whose truth is known."""

import dataclasses
import json

import numpy as np
import pytest

from camgan_lib.measure import identification
from camgan_lib.measure.identification import Calibration, calibrate, identify, reliability, stranger_auc
from camgan_lib.networks.inference import log_softmax

CAMERAS, FEATURES = 4, 40


def made_up(
    photos: int = 40,
    crops: int = 20,
    seed: int = 0,
    between: float = 0.5,
    temperature: float = 1.0,
    strange: float = 0.0,
) -> tuple[np.ndarray, ...]:
    """Logits, features, labels and photo numbers of `photos` photos per camera.

    The features of a camera are normal around its own corner; the crops of a photo share a shift of size `between`.
    `strange` moves all features along an axis that no camera differs in.
    Logits are the true log-probabilities of one crop by itself, times `temperature`.
    """
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(CAMERAS), photos * crops)
    photo = np.arange(CAMERAS * photos).repeat(crops)
    corners = 2 * np.eye(CAMERAS, FEATURES)
    shift = between * rng.normal(size=(CAMERAS * photos, FEATURES))
    features = corners[labels] + shift[photo] + rng.normal(size=(len(labels), FEATURES))
    features[:, -1] += strange
    logits = 2 * features[:, :CAMERAS] / (1 + between**2)
    return (temperature * logits).astype(np.float32), features.astype(np.float32), labels, photo


def asked(parts: tuple[np.ndarray, ...], calibration: Calibration, count: int) -> list[identification.Answer]:
    """The answers for every photo from its first `count` crops."""
    logits, features, _, photo = parts
    rows = [np.flatnonzero(photo == each)[:count] for each in np.unique(photo)]
    return [identify(logits[row], features[row], calibration) for row in rows]


def truth(parts: tuple[np.ndarray, ...]) -> np.ndarray:
    return parts[2][np.unique(parts[3], return_index=True)[1]]


# --- probabilities


@pytest.mark.parametrize("temperature", [0.25, 1.0, 4.0])
def test_the_temperature_of_a_network_is_found(temperature):
    calibration = calibrate(*made_up(photos=100, temperature=temperature))
    assert calibration.temperature == pytest.approx(temperature, rel=0.2)
    assert calibration.sharpness[0] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("count", [1, 4, 16])
def test_probabilities_of_new_photos_are_right_as_often_as_they_say(count):
    calibration = calibrate(*made_up(photos=60, seed=1, temperature=3.0))
    parts = made_up(photos=300, crops=16, seed=2, temperature=3.0)
    said = asked(parts, calibration, count)
    named = np.array([np.argmax(each.probabilities) for each in said])
    sure = np.array([max(each.probabilities) for each in said])
    found = reliability(sure, named == truth(parts), np.arange(len(said)))
    assert found["error"] < 0.04
    assert sure.mean() == pytest.approx((named == truth(parts)).mean(), abs=0.03)


def test_crops_of_a_photo_count_less_than_if_they_were_independent():
    alike = calibrate(*made_up(between=1.5)).sharpness
    apart = calibrate(*made_up(between=0.0)).sharpness
    counts = calibrate(*made_up()).counts
    assert counts == (1, 4, 16, 20)
    assert apart[1] == pytest.approx(4, rel=0.35)
    assert alike[1] < 0.5 * apart[1]


def test_calibration_never_changes_which_camera_is_likeliest():
    parts = made_up(photos=10, temperature=5.0)
    calibration = calibrate(*parts)
    sharper = dataclasses.replace(calibration, temperature=0.1, sharpness=(9.0,) * len(calibration.sharpness))
    for count in (1, 7, 20):
        first, second = (asked(parts, each, count) for each in (calibration, sharper))
        assert [np.argmax(each.probabilities) for each in first] == [np.argmax(each.probabilities) for each in second]
        means = [log_softmax(parts[0][parts[3] == photo][:count]).mean(0).argmax() for photo in np.unique(parts[3])]
        assert [np.argmax(each.probabilities) for each in first] == means


@pytest.mark.parametrize("photos", [1, 5, 50])
def test_photos_that_are_all_right_do_not_make_certain(photos):
    parts = made_up(photos=photos, between=0.0)
    parts = (40 * np.eye(CAMERAS)[parts[2]].astype(np.float32), *parts[1:])
    sure = max(asked(parts, calibrate(*parts), 20)[0].probabilities)
    assert sure < 1 - 0.2 / (CAMERAS * photos + 1)
    assert sure > 1 - 1.0 / (CAMERAS * photos + 1)


def test_probabilities_sum_to_1_and_are_more_extreme_with_more_crops():
    parts = made_up(photos=10)
    calibration = calibrate(*parts)
    few, many = asked(parts, calibration, 1), asked(parts, calibration, 20)
    assert all(sum(each.probabilities) == pytest.approx(1) for each in few + many)
    assert np.mean([max(each.probabilities) for each in few]) < np.mean([max(each.probabilities) for each in many])
    assert all(sum(each.votes) == each.crops == 20 for each in many)


# --- none of these


@pytest.mark.parametrize("count", [1, 4, 16])
def test_thresholds_meet_their_rate_on_new_photos(count):
    rates = []
    for seed in range(4):
        calibration = calibrate(*made_up(photos=20, seed=seed), false_alarms=0.1)
        said = asked(made_up(photos=100, crops=16, seed=100 + seed), calibration, count)
        rates.append(np.mean([each.camera is None for each in said]))
    assert 0.05 < np.mean(rates) < 0.16


def test_photos_of_another_camera_are_found_the_better_with_more_crops():
    calibration = calibrate(*made_up())
    known, other = made_up(photos=30, seed=5), made_up(photos=30, seed=6, strange=8.0)
    areas = []
    for count in (1, 4, 16):
        scores = [np.array([[a.score] for a in asked(each, calibration, count)]) for each in (known, other)]
        areas.append(stranger_auc(*scores).value)
    assert areas == sorted(areas)
    assert areas[-1] > 0.95
    assert np.mean([each.camera is None for each in asked(other, calibration, 16)]) > 0.8


def test_features_with_another_zero_and_unit_give_the_same_scores():
    logits, features, labels, photo = parts = made_up(photos=15)
    moved = logits, 7 * features + np.linspace(-50, 50, FEATURES, dtype=np.float32), labels, photo
    first, second = (asked(each, calibrate(*each), 16) for each in (parts, moved))
    assert np.allclose([each.score for each in first], [each.score for each in second], atol=0.02)


def test_few_photos_promise_no_small_rate_but_keep_their_own_photos():
    parts = made_up(photos=2)
    calibration = calibrate(*parts, false_alarms=0.05)
    assert calibration.photos == 8
    assert all(each.camera is not None for each in asked(parts, calibration, 20))


def test_a_camera_without_held_out_photos_is_named_without_the_question():
    parts = made_up(photos=10)
    seen = parts[2] != 3
    calibration = calibrate(*(each[seen] for each in parts))
    assert calibration.centres[3] is None
    said = [each for each in asked(parts, calibration, 20) if np.argmax(each.probabilities) == 3]
    assert len(said) >= 8
    assert all(each.camera == 3 and each.threshold is None for each in said)


def test_the_area_is_that_of_pairs_and_its_interval_holds_it():
    rng = np.random.default_rng(0)
    known, strange = rng.normal(size=(30, 3)), rng.normal(1.0, 1.0, (25, 2))
    found = stranger_auc(known, strange)
    pairs = strange.reshape(-1, 1) > known.reshape(1, -1)
    assert found.value == pytest.approx(pairs.mean())
    assert found.low < 0.76 < found.high
    assert found.n == 55
    assert stranger_auc(known, known).value == pytest.approx(0.5)
    apart = stranger_auc(known, known + 99)
    assert apart.value == apart.high == 1.0
    assert apart.low < 1


# --- both


def test_a_calibration_goes_to_json_and_back():
    parts = made_up(photos=10)
    calibration = calibrate(*parts)
    text = json.dumps(calibration.to_json(), allow_nan=False)
    again = Calibration.from_json(json.loads(text))
    assert again.to_json() == calibration.to_json()
    assert asked(parts, again, 16) == asked(parts, calibration, 16)
    assert len(text) < 20_000


@pytest.mark.parametrize("change", [{"scales": [1.0]}, {"directions": "AAA="}, {"extra": 1}, {"counts": None}])
def test_json_that_is_no_calibration_is_refused(change):
    kept = calibrate(*made_up(photos=3)).to_json() | change
    with pytest.raises(ValueError, match="not a calibration"):
        Calibration.from_json(kept)


def test_cameras_in_another_order_give_the_same_answers_in_that_order():
    order = np.array([2, 0, 3, 1])
    parts = made_up(photos=10)
    logits, features, labels, photo = parts
    swapped = logits[:, order], features, np.argsort(order)[labels], photo
    first, second = (asked(each, calibrate(*each), 16) for each in (parts, swapped))
    for a, b in zip(first, second, strict=True):
        assert np.allclose(np.array(a.probabilities)[order], b.probabilities, atol=1e-6)
        assert a.score == pytest.approx(b.score, abs=1e-6)
        assert (a.camera is None and b.camera is None) or order[b.camera] == a.camera


def test_the_order_of_crops_and_the_numbers_of_photos_do_not_matter_to_an_answer():
    parts = made_up(photos=10)
    calibration = calibrate(*parts)
    mixed = np.random.default_rng(3).permutation(20)
    a, b = (identify(parts[0][rows], parts[1][rows], calibration) for rows in (np.arange(20), mixed))
    assert np.allclose(a.probabilities, b.probabilities)
    assert a.score == pytest.approx(b.score)
    assert a.votes == b.votes
    renumbered = calibrate(*parts[:3], parts[3] * 7 + 100)
    assert renumbered.to_json() == calibration.to_json()


@pytest.mark.parametrize("rows", [(0, 0), (2, 1)])
def test_crops_that_do_not_fit_are_refused(rows):
    parts = made_up(photos=3)
    with pytest.raises(ValueError, match="expected logits n×4"):
        identify(parts[0][: rows[0]], parts[1][: rows[1]], calibrate(*parts))


def test_no_crops_are_no_calibration():
    with pytest.raises(ValueError, match="needs crops"):
        calibrate(*(each[:0] for each in made_up(photos=1)))


def test_two_cameras_are_enough():
    logits, features, labels, photo = (each[:800] for each in made_up(photos=20))
    parts = logits[:, :2], features, labels, photo
    assert len(asked(parts, calibrate(*parts), 4)[0].probabilities) == 2


# --- reliability


def test_reliability_counts_each_bin_and_its_error():
    probabilities = np.array([0.95, 0.95, 0.65, 0.65, 1.0])
    right = np.array([True, True, True, False, False])
    found = reliability(probabilities, right, np.array([0, 0, 1, 2, 3]))
    assert [(row["low"], row["n"]) for row in found["rows"]] == [(0.6, 2), (0.9, 3)]
    assert [row["right"].value for row in found["rows"]] == pytest.approx([0.5, 2 / 3])
    assert [row["right"].n for row in found["rows"]] == [2, 2]
    assert found["error"] == pytest.approx(2 / 5 * 0.15 + 3 / 5 * (2.9 / 3 - 2 / 3))
