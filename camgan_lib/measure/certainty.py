"""How sure a network may be of photos that it has not seen: calibration and "none of these", on test photos."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.identification import Calibration, calibrate, identify, reliability
from camgan_lib.measure.statistics import of_count
from camgan_lib.networks.forensic_training import HeldOut
from camgan_lib.networks.inference import log_softmax


def certainty(test: HeldOut, calibration: Calibration | None) -> dict[str, Any]:
    """What a network answers for test photos, all the crops of each voting, and how sure it is.

    `calibration` None: there are no other photos to calibrate on, so each half of the photos, the earlier numbers and
    the later ones, is asked by a calibration on the other half.

    photos: their number; constant: the share of the camera that has most of them; right, none, wrong: the shares that
    are named rightly, taken for none of these, and named wrongly, estimates over photos; before, after:
    `identification.reliability` of single crops by the network's own probabilities and by calibrated ones; whole: that
    of whole photos. judged: whether every camera has photos on both sides.
    """
    truth, answers, before, after = [], [], np.zeros(len(test.labels)), np.zeros(len(test.labels))
    parts = list(_parts(test, calibration))
    for crops, by in parts:
        before[crops] = _likeliest(test.logits[crops], 1.0)
        after[crops] = _likeliest(test.logits[crops], by.temperature)
        for photo in np.unique(test.photo[crops]):
            own = crops[test.photo[crops] == photo]
            answers.append(identify(test.logits[own], test.features[own], by))
            truth.append(int(test.labels[own[0]]))
    correct = test.logits.argmax(1) == test.labels
    likeliest = [int(np.argmax(answer.probabilities)) for answer in answers]
    named_right = np.array(likeliest) == np.array(truth)
    return {
        "photos": len(answers),
        "judged": all(centre is not None for _, by in parts for centre in by.centres),
        "constant": float(np.bincount(truth).max() / len(truth)),
        "right": _share([answer.camera == camera for answer, camera in zip(answers, truth, strict=True)]),
        "none": _share([answer.camera is None for answer in answers]),
        "wrong": _share([answer.camera not in (None, camera) for answer, camera in zip(answers, truth, strict=True)]),
        "before": reliability(before, correct, test.photo),
        "after": reliability(after, correct, test.photo),
        "whole": reliability(np.array([max(a.probabilities) for a in answers]), named_right, np.arange(len(answers))),
    }


def _share(hits: list[bool]) -> Estimate:
    return of_count(sum(hits), len(hits), "photo")


def _likeliest(logits: np.ndarray, temperature: float) -> np.ndarray:
    """The probability of each crop's likeliest camera."""
    return np.exp(log_softmax(logits / temperature)).max(1)


def _parts(test: HeldOut, calibration: Calibration | None) -> Iterator[tuple[np.ndarray, Calibration]]:
    """Indices of crops, and the calibration by which they are asked."""
    if calibration is not None:
        yield np.arange(len(test.labels)), calibration
        return
    later = np.zeros(len(test.labels), bool)
    for label in np.unique(test.labels):
        photos = np.unique(test.photo[test.labels == label])
        later |= np.isin(test.photo, photos[(len(photos) + label % 2) // 2 :])
    for part in np.unique(later):
        others = later != part if len(np.unique(later)) > 1 else later == part
        fitted = calibrate(test.logits[others], test.features[others], test.labels[others], test.photo[others])
        yield np.flatnonzero(later == part), fitted
