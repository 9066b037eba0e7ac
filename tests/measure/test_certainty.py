"""Answers for test photos are counted once each, and calibrated on photos that are not asked."""

import numpy as np
import pytest

from camgan_lib.measure import certainty as module
from camgan_lib.measure.certainty import certainty
from camgan_lib.measure.identification import calibrate
from camgan_lib.networks.forensic_training import HeldOut

CAMERAS, PHOTOS, CROPS = 3, 8, 12


def held(seed: int, sharp: float = 3.0, cameras: int = CAMERAS, photos: int = PHOTOS) -> HeldOut:
    """Crops whose features are a camera's place with noise, and logits that are too sure of themselves."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(cameras), photos * CROPS)
    photo = np.repeat(np.arange(cameras * photos), CROPS)
    features = 4 * np.eye(cameras, 6)[labels] + rng.normal(0, 1, (len(labels), 6))
    logits = sharp * (features[:, :cameras] + rng.normal(0, 1.5, (len(labels), cameras)))
    return HeldOut(logits.astype(np.float32), features.astype(np.float32), labels, photo)


@pytest.mark.parametrize("others", [True, False])
def test_every_photo_is_answered_once_and_calibration_helps(others):
    fitted = held(1)
    calibration = calibrate(fitted.logits, fitted.features, fitted.labels, fitted.photo) if others else None
    found = certainty(held(2), calibration)
    assert found["photos"] == CAMERAS * PHOTOS
    assert found["right"].value + found["none"].value + found["wrong"].value == pytest.approx(1)
    assert found["right"].value > 0.8
    assert found["after"]["error"] < found["before"]["error"]
    assert found["judged"]
    assert sum(row["n"] for row in found["whole"]["rows"]) == CAMERAS * PHOTOS
    for when in ("before", "after"):
        assert sum(row["n"] for row in found[when]["rows"]) == CAMERAS * PHOTOS * CROPS


def test_without_other_photos_none_is_asked_by_a_calibration_on_itself(monkeypatch):
    test, seen = held(3), []

    def noted(logits, features, labels, photo):
        seen.append(set(photo.tolist()))
        return calibrate(logits, features, labels, photo)

    monkeypatch.setattr(module, "calibrate", noted)
    certainty(test, None)
    first, second = seen
    assert not first & second
    assert first | second == set(range(CAMERAS * PHOTOS))


def test_a_single_test_photo_per_camera_is_answered_too():
    found = certainty(held(4, cameras=2, photos=1), None)
    assert (found["photos"], found["judged"], found["constant"]) == (2, False, 0.5)
