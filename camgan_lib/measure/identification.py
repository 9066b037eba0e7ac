"""Which camera took a photo, and how sure is that? Calibrated probabilities, and "none of these", from a photo's crops.

A network's own probabilities are too sure of themselves, the more so if they are multiplied over the crops of a photo,
which are alike. `calibrate` looks at photos that the network did not learn from; `identify` then answers for one photo.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import by_photo, of_units
from camgan_lib.networks.inference import log_softmax

COUNTS = (1, 4, 16, 64)
"""Numbers of crops for which a calibration is made; between them it is interpolated."""

DIMENSIONS, DRAWS = 32, 16
"""Features are compared in so many directions; so many times is a number of crops drawn from each photo."""

FOLDS, LEAST = 10, 0.01
Numbers = tuple[float, ...] | np.ndarray
Centres = tuple[tuple[float, ...] | None, ...]
LISTS = ("counts", "sharpness", "thresholds", "scales", "middle", "widths")


@dataclass(frozen=True, eq=False)
class Calibration:
    """What is needed to answer for a photo, learned from `photos` photos, `crops` crops. C cameras, F features.

    `temperature`: logits are divided by it. `counts`: numbers of crops; for each of them `sharpness`, the factor of the
    crops' mean log-probability, and `thresholds`: a photo with a higher score is none of these. So is a share
    `false_alarms` of the cameras' own photos. `doubt`: the share of the probabilities that is spread over all cameras,
    so that none is certain. `directions` (int8 F×D) times `scales` (D) turn features into places; distances between
    them are those of Mahalanobis (1936). `centres` are the cameras' mean places (D numbers each; None for a camera
    without photos here), `middle` and `widths` (D) the mean place of all crops and their spread around it.
    """

    photos: int
    crops: int
    temperature: float
    counts: tuple[int, ...]
    sharpness: tuple[float, ...]
    doubt: float
    false_alarms: float
    thresholds: tuple[float, ...]
    directions: np.ndarray
    scales: tuple[float, ...]
    centres: Centres
    middle: tuple[float, ...]
    widths: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """This calibration as plain JSON of about 13 kB; the directions' bytes are in base64."""
        packed = base64.b64encode(np.ascontiguousarray(self.directions).tobytes()).decode()
        return json.loads(json.dumps({**vars(self), "directions": packed}))

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Calibration":
        """The calibration that `to_json` made. Raises ValueError if fields are missing, unknown or of another size."""
        try:
            lists = {name: tuple(kept[name]) for name in LISTS}
            packed = np.frombuffer(base64.b64decode(kept["directions"]), np.int8)
            centres = tuple(each if each is None else tuple(each) for each in kept["centres"])
            directions = packed.reshape(-1, len(lists["scales"]))
            sized = [lists["middle"], lists["widths"], *(each for each in centres if each is not None)]
            if {len(each) for each in sized} != {directions.shape[1]}:
                raise ValueError("directions and centres differ in size")
            return cls(**{**kept, **lists, "directions": directions, "centres": centres})
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not a calibration: {error}") from None


@dataclass(frozen=True)
class Answer:
    """Which camera took a photo.

    `probabilities`: one per camera, given that it is one of them; they sum to 1. `camera`: the index of the likeliest,
    or None for none of these. It is none of these if `score`, how strange the photo is, exceeds `threshold` (None if
    nothing is known of that camera's photos). `votes`: how many of the photo's `crops` are for each camera.
    """

    probabilities: tuple[float, ...]
    camera: int | None
    score: float
    threshold: float | None
    votes: tuple[int, ...]
    crops: int


def identify(logits: np.ndarray, features: np.ndarray, calibration: Calibration) -> Answer:
    """The answer for one photo from the logits n×C and features n×F of its n crops. Raises ValueError for n = 0."""
    count, cameras = logits.shape
    if not count or len(features) != count or cameras != len(calibration.centres):
        wanted = f"logits n×{len(calibration.centres)} and features of as many crops, n at least 1"
        raise ValueError(f"expected {wanted}, got {logits.shape} and {features.shape}")
    mean = log_softmax(logits / calibration.temperature).mean(0)
    sharpness = at_count(count, calibration.counts, calibration.sharpness)
    probabilities = _mixed(sharpness * mean[None], calibration.doubt)[0]
    placed = features @ (calibration.directions * np.array(calibration.scales))
    score = float(strangeness(placed, calibration.centres, calibration.middle, calibration.widths).mean())
    threshold, likeliest = at_count(count, calibration.counts, calibration.thresholds), int(mean.argmax())
    known = calibration.centres[likeliest] is not None
    return Answer(
        probabilities=tuple(map(float, probabilities)),
        camera=None if known and score > threshold else likeliest,
        score=score,
        threshold=threshold if known else None,
        votes=tuple(map(int, np.bincount(logits.argmax(1), minlength=cameras))),
        crops=count,
    )


def calibrate(
    logits: np.ndarray, features: np.ndarray, labels: np.ndarray, photo: np.ndarray, *, false_alarms: float = 0.05
) -> Calibration:
    """The calibration of a network by crops of photos that it did not learn from.

    `logits` N×C, `features` N×F (what its last layer decides by), `labels` and `photo` int N. All photos count alike.
    Raises ValueError if there is no crop, or labels are not below C.
    """
    if not len(labels) or not 0 <= labels.min() <= labels.max() < logits.shape[1]:
        raise ValueError(f"a calibration needs crops with labels below {logits.shape[1]}, got {len(labels)} crops")
    groups = [np.flatnonzero(photo == each) for each in np.unique(photo)]
    truth, longest = labels[[group[0] for group in groups]], max(map(len, groups))
    counts = tuple(sorted({*(n for n in COUNTS if n < longest), min(longest, COUNTS[-1])}))
    rng = np.random.default_rng(11)
    drawn = {n: np.concatenate([_subsets(each, n, rng) for each in groups]) for n in counts}
    mistakes = 0.5 / (len(groups) + 1)
    temperature = 1 / _sharpness(logits[drawn[1][:, 0]], truth.repeat(DRAWS), mistakes)
    log_p, own = log_softmax(logits / temperature), _strangeness_as_new(features, labels, groups)
    directions, scales = _directions(features, labels)
    placed = features @ (directions * np.array(scales))
    return Calibration(
        photos=len(groups),
        crops=len(labels),
        temperature=temperature,
        counts=counts,
        sharpness=tuple(_sharpness(log_p[drawn[n]].mean(1), truth.repeat(DRAWS), mistakes) for n in counts),
        doubt=mistakes / 2,
        false_alarms=false_alarms,
        thresholds=tuple(_limit(own[drawn[n]].mean(1), 1 - false_alarms, len(groups)) for n in counts),
        directions=directions,
        scales=scales,
        centres=_centres(placed, labels, logits.shape[1]),
        middle=_rounded(placed.mean(0)),
        widths=_rounded(placed.std(0)),
    )


def at_count(count: int, counts: tuple[int, ...], values: tuple[float, ...]) -> float:
    """The value for a number of crops: linear in its logarithm between `counts`, constant beyond them."""
    return float(np.interp(np.log(count), np.log(counts), values))


def _subsets(group: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """DRAWS × count of a photo's crops, each row without repetition as far as there are enough."""
    return np.stack([np.resize(rng.permutation(group), count) for _ in range(DRAWS)])


# --- probabilities


def _mixed(scores: np.ndarray, doubt: float) -> np.ndarray:
    """Probabilities of scores N×C (softmax), of which the share `doubt` is spread over all cameras."""
    return (1 - doubt) * np.exp(log_softmax(scores)) + doubt / scores.shape[1]


def _sharpness(scores: np.ndarray, truth: np.ndarray, mistakes: float) -> float:
    """The factor of scores N×C that makes their probabilities fit the truth best (Guo et al. 2017: temperature).

    To the photos that were seen one is added that is mistaken: a share `mistakes` of each row's truth is spread over
    the other cameras. So rows that are all right do not make the factor infinite.
    """
    from scipy.optimize import minimize_scalar

    target = np.full(scores.shape, mistakes / (scores.shape[1] - 1))
    target[np.arange(len(truth)), truth] = 1 - mistakes

    def loss(log_factor: float) -> float:
        return float(-(target * np.log(_mixed(np.exp(log_factor) * scores, mistakes / 2))).sum(1).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-5.0, 5.0), method="bounded").x))


# --- none of these


def strangeness(placed: np.ndarray, centres: Centres, middle: Numbers, widths: Numbers) -> np.ndarray:
    """How strange crops at places N×D are to all cameras; the mean over a photo's crops is the photo's.

    The logarithm of the squared distance to the nearest centre, minus half of that of the distance to the middle: odd
    content lies far from both (after Ren et al. 2021). The logarithm keeps a few odd crops from deciding for all.
    """
    known = [np.array(each) for each in centres if each is not None]
    nearest = np.min([((placed - each) ** 2).mean(1) for each in known], 0)
    around = (((placed - np.array(middle)) / (np.array(widths) + 1e-9)) ** 2).mean(1)
    return np.log(nearest + LEAST) - 0.5 * np.log(around + LEAST)


def _centres(placed: np.ndarray, labels: np.ndarray, cameras: int) -> Centres:
    own = (placed[labels == label] for label in range(cameras))
    return tuple(_rounded(each.mean(0)) if len(each) else None for each in own)


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(f"{each:.5g}") for each in values)


def _directions(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, tuple[float, ...]]:
    """Directions (int8 F×D) and their scales: D principal components, such that crops of one camera have spread 1.

    Each feature is first divided by its spread within cameras. Places of all crops are uncorrelated as well. The
    directions are rounded to 8 bits: they are stored.
    """
    values = features.astype(np.float64)
    within = values.copy()
    for label in np.unique(labels):
        within[labels == label] -= values[labels == label].mean(0)
    spread = within.std(0) + 0.05 * within.std() + 1e-9
    _, axes = np.linalg.eigh(np.cov((values / spread).T, bias=True))
    axes = axes[:, ::-1][:, :DIMENSIONS] / spread[:, None]
    covariance = np.atleast_2d(np.cov((within @ axes).T, bias=True))
    covariance += (1e-3 * np.diag(covariance).mean() + 1e-12) * np.eye(len(covariance))
    whitened = axes @ np.linalg.inv(np.linalg.cholesky(covariance)).T
    whitened = whitened @ np.linalg.eigh(np.atleast_2d(np.cov((values @ whitened).T, bias=True)))[1]
    scales = np.maximum(np.abs(whitened).max(0) / 127, 1e-12)
    return np.round(whitened / scales).astype(np.int8), _rounded(scales)


def _strangeness_as_new(features: np.ndarray, labels: np.ndarray, groups: list[np.ndarray]) -> np.ndarray:
    """`strangeness` of every crop by directions and centres of other photos (if its camera has others).

    Photos are parted into FOLDS, each camera's by turns; each part is placed by all the others.
    """
    found, turn = np.zeros(len(labels)), np.zeros(len(labels), int)
    for label in np.unique(labels):
        photos = [group for group in groups if labels[group[0]] == label]
        for number, group in enumerate(photos):
            turn[group] = number % FOLDS if len(photos) > 1 else -1
    for fold in np.unique(turn):
        placed_by = turn != fold if fold >= 0 else np.ones(len(labels), bool)
        directions, scales = _directions(features[placed_by], labels[placed_by])
        placed = features @ (directions * np.array(scales))
        others = placed[placed_by]
        centres = _centres(others, labels[placed_by], int(labels.max()) + 1)
        found[turn == fold] = strangeness(placed[turn == fold], centres, others.mean(0), others.std(0))
    return found


def _limit(scores: np.ndarray, share: float, photos: int) -> float:
    """What the score of a new photo stays below with a probability: Student's prediction limit, scores being normal.

    A quantile of a few dozen photos would hang on the oddest one or two of them.
    """
    from scipy.stats import t

    reach = t.ppf(share, max(1, photos - 1)) * np.sqrt(1 + 1 / photos)
    return float(scores.mean() + reach * scores.std())


# --- how good it is


def stranger_auc(known: np.ndarray, strange: np.ndarray) -> Estimate:
    """The chance that a photo of another camera is stranger than one of these cameras: the area under the ROC curve.

    `known`, `strange`: scores, photos × draws of crops. Photos are drawn anew on both sides: a photo's unit is the
    share of the other side's scores that it is on the right side of (DeLong, DeLong & Clarke-Pearson 1988).
    """
    above = np.sort(known, None), np.sort(strange, None)

    def below(scores: np.ndarray, others: np.ndarray) -> np.ndarray:
        sides = (np.searchsorted(others, scores, side) for side in ("left", "right"))
        return sum(sides).mean(1) / 2 / len(others)  # type: ignore[union-attr]

    parts = below(strange, above[0]), 1 - below(known, above[1])
    total, area = sum(map(len, parts)), float(parts[0].mean())
    units = np.concatenate([area + total / len(part) * (part - area) for part in parts])
    return of_units(units, np.repeat([0, 1], list(map(len, parts))), unit="photo", bounds=(0.0, 1.0))


def reliability(probabilities: np.ndarray, right: np.ndarray, photo: np.ndarray) -> dict[str, Any]:
    """How often answers of each confidence are right: the numbers of a reliability diagram.

    `probabilities` N, that of the camera that was named; `right` bool N; `photo` int N. `rows`: of each tenth that is
    not empty `low`, `high`, `n`, the mean `confidence`, and `right`, an estimate over photos. `error`: the expected
    calibration error, the mean over answers of the distance of their tenth's confidence from its share right.
    """
    index, rows = np.minimum((np.asarray(probabilities) * 10).astype(int), 9), []
    for tenth in np.unique(index).tolist():
        among = index == tenth
        row = {"low": tenth / 10, "high": (tenth + 1) / 10, "confidence": float(probabilities[among].mean())}
        rows.append({**row, "n": int(among.sum()), "right": by_photo(right[among], photo[among], bounds=(0.0, 1.0))})
    error = sum(row["n"] * abs(row["confidence"] - row["right"].value) for row in rows) / max(1, len(index))
    return {"rows": rows, "error": float(error)}
