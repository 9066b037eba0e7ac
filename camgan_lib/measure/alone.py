"""How often one trait alone names the camera: small classifiers that see nothing else, and their balanced accuracy.

Each camera counts alike, whatever its number of photos, so that chance is 1 / cameras. Where several cameras are as
likely, each is named in an equal share of cases: a trait that is the same for all photos scores chance, exactly, and
the order of the cameras does not matter. A classifier returns scores, photos × cameras; `hits` turns them into hits.
"""

from collections.abc import Sequence

import numpy as np

from camgan_lib.measure import intervals
from camgan_lib.measure.estimates import Estimate

MOST = 5000
"""Photos that the nearest are looked for among; of more, so many are taken evenly."""

ALIKE = 3
"""So many photos with the very same numbers are enough to go by."""

_ROWS = 256
_SAME = 1e-12
_FAR = np.inf
"""How far a photo that lacks the trait is from one that has it."""


def by_category(
    known: Sequence[object], camera: np.ndarray, cameras: int, asked: Sequence[object] | None = None
) -> np.ndarray:
    """The logarithm of each camera's share of known photos with the value that a photo has, smoothed: photos×cameras.

    `known`: the value of each known photo, `camera` its index. `asked`: values of the photos to name; None asks of
    each known one, by all others. Half a photo is added to each share. A value that no other photo has says nothing:
    all cameras score 0. Scores of several traits add up (naive Bayes).
    """
    values = {value: number for number, value in enumerate(dict.fromkeys(known))}
    index = np.array([values[value] for value in known], int)
    counts = np.zeros((len(values) + 1, cameras))
    np.add.at(counts, (index, camera), 1)
    totals = np.bincount(camera, minlength=cameras).astype(float)
    if asked is None:
        own = np.eye(cameras)[camera]
        found, of_all = counts[index] - own, totals - own
    else:
        found, of_all = counts[[values.get(value, -1) for value in asked]], totals
    shares = found / np.maximum(of_all, 1)
    scores = np.log(shares + 0.5 * cameras / len(index))
    return np.where(found.any(1, keepdims=True), scores, 0.0)


def by_nearest(known: np.ndarray, camera: np.ndarray, cameras: int, asked: np.ndarray | None = None) -> np.ndarray:
    """Each camera's share of its known photos that are among the nearest ones of a photo: photos×cameras.

    `known`, `asked`: photos × numbers, NaN in all of them where a photo lacks the trait; `camera`: the index of each
    known photo's camera. `asked` None asks of each known photo, by all others. The numbers are measured in standard
    deviations of the known photos. As many are nearest as the square root of their number, and all that are as near as
    the last of them; but where ALIKE photos or more have the very same numbers, these alone. A photo that lacks the
    trait is near to those that do, too, and to no other.
    """
    scale = np.nanstd(known, 0) if len(known) and not np.isnan(known).all() else np.ones(known.shape[1])
    scale = np.where(scale > 0, scale, 1.0)
    every = np.arange(len(known)) if len(known) <= MOST else np.linspace(0, len(known) - 1, MOST).astype(int)
    near, owner = known[every] / scale, np.eye(cameras)[camera[every]]
    wanted = max(1, round(len(near) ** 0.5))
    points = (known if asked is None else asked) / scale
    scores = np.zeros((len(points), cameras))
    for first in range(0, len(points), _ROWS):
        rows = slice(first, first + _ROWS)
        distance = _distances(points[rows], near)
        if asked is None:
            distance[np.arange(first, first + len(distance))[:, None] == every] = np.nan
        scores[rows] = _of_nearest(distance, owner, wanted)
    return scores


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Euclidean distances, points of a × points of b: 0 between two that lack the trait, _FAR where only one does."""
    lacks = np.isnan(a).any(1)[:, None], np.isnan(b).any(1)[None]
    squares = ((np.nan_to_num(a)[:, None] - np.nan_to_num(b)[None]) ** 2).sum(2)
    return np.where(lacks[0] & lacks[1], 0.0, np.where(lacks[0] | lacks[1], _FAR, squares**0.5))


def _of_nearest(distance: np.ndarray, owner: np.ndarray, wanted: int) -> np.ndarray:
    """Shares of each camera's photos among the `wanted` nearest; a distance NaN is that of a photo to itself."""
    other = ~np.isnan(distance)
    filled = np.where(other, distance, _FAR)
    count = min(wanted, filled.shape[1])
    last = np.partition(filled, count - 1, 1)[:, count - 1]
    farthest = np.where(np.isfinite(filled), filled, -1).max(1)
    reach = np.where(np.isfinite(last), last, farthest)
    reach = np.where((filled <= _SAME).sum(1) >= min(ALIKE, count), np.minimum(reach, 0), reach)
    inside = (filled <= reach[:, None] * (1 + 1e-9) + _SAME) & np.isfinite(filled)
    return (inside @ owner) / np.maximum(other @ owner, 1)


def hits(scores: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """1 where a photo's own camera has the highest score, 0 where it has not, 1/k where k cameras share the highest."""
    best = scores >= scores.max(1, keepdims=True) - 1e-9
    return best[np.arange(len(scores)), camera] / best.sum(1)


def balanced(hit: np.ndarray, camera: np.ndarray) -> Estimate:
    """The mean over cameras of each one's mean of `hit` (0 to 1 per photo), with its interval over photos.

    The interval is the exact binomial one. If the cameras have different numbers of photos, it is that of as many
    photos as would leave the mean as uncertain: k² / Σ 1/n over k cameras of n photos each. Raises ValueError if there
    is no photo.
    """
    if not len(hit):
        raise ValueError("an accuracy needs at least one photo, there is none")
    _, index = np.unique(camera, return_inverse=True)
    counts = np.bincount(index)
    value = float((np.bincount(index, hit) / counts).mean())
    size = len(counts) ** 2 / float((1 / counts).sum())
    low, high = intervals.exact(value * size, size)  # type: ignore[arg-type]  # numbers that are not whole do, too
    alike = "" if counts.min() == counts.max() else ", cameras weighted alike"
    return Estimate(value, low, high, len(hit), "photo", f"exact binomial over photos{alike}")
