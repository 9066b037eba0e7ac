"""Whether the spectra of a class have a pattern that is the same whatever the content."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from camgan_lib.measure import spectrum, statistics
from camgan_lib.measure.estimates import Estimate

GROUPS = 10
FEWEST = 8
"""At most so many groups of contents give an interval, of at least so many contents of each class."""


class Consistency(NamedTuple):
    """`auc` of own against other classes, groups of contents drawn anew, and one AUC per class."""

    auc: Estimate
    by_class: tuple[float, ...]


def consistency_auc(
    groups: Sequence[np.ndarray], content: Sequence[np.ndarray] | None = None, *, unit: str = "content", seed: int = 0
) -> Consistency:
    """Is the pattern of a class the same whatever the content? ½: no more than chance, 1: always.

    `groups`: per class the images N×n×n×C whose levels (`spectrum.level`) are compared; `content`: per class an integer
    per image, equal where the content is (by default the index within the class: the same images stylised towards
    each camera); `unit`: what one content is called. Each image's spectrum is correlated with the mean spectrum of
    every class, made without that content in any class, the mean of these class means being subtracted from all. The
    AUC is the share of (image, other class) pairs where the correlation with the own class is the higher one (ties
    count half): Mann–Whitney per image, averaged over images, so that images which resemble nothing weigh no more.

    Raises ValueError for fewer than two classes or two contents.
    """
    return of_levels(*_levels(groups, content), unit=unit, seed=seed)


def of_levels(
    levels: np.ndarray, label: np.ndarray, content: np.ndarray, *, unit: str = "content", seed: int = 0
) -> Consistency:
    """`consistency_auc` of images whose levels N×F are known, with each one's class and content, whole numbers from 0.

    All images share the class means, so their scores are not independent: an interval that drew scores anew would be
    up to half as wide as it has to be. Here contents are dealt to up to GROUPS groups. The interval is about the AUC of
    all, from how much groups differ in one of two ways, whichever is the larger: each gives an AUC by itself, or each
    is left out (the jackknife). The first alone held the truth in 87 of 100 simulated studies in which some images were
    much noisier than others; `trials/interval_coverage.py` simulates the wider of both.
    """
    score = _own_against_other(levels, label, content)
    group = _grouped(label, content, seed)
    count = group.max() + 1

    def aucs(choose: Callable[[np.ndarray, int], np.ndarray]) -> np.ndarray:
        parts = (choose(group, g) for g in range(count))
        return np.array([_own_against_other(*_part(levels, label, content, part)).mean() for part in parts])

    alone = aucs(np.equal)
    left_out = (1 - count) * aucs(np.not_equal) if count > 1 else alone
    apart = max(alone, left_out, key=np.var)
    auc = statistics.of_units(score.mean() + apart - apart.mean(), unit=f"{unit} group", bounds=(0, 1), seed=seed)
    return Consistency(auc, tuple(float(score[label == c].mean()) for c in range(label.max() + 1)))


def auc_alone(groups: Sequence[np.ndarray], content: Sequence[np.ndarray] | None = None) -> float:
    """The AUC of `consistency_auc` without an interval."""
    return float(_own_against_other(*_levels(groups, content)).mean())


def _levels(
    groups: Sequence[np.ndarray], content: Sequence[np.ndarray] | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each image its level, its class and its content, as whole numbers from 0."""
    given = [np.arange(len(images)) for images in groups] if content is None else list(content)
    contents, index = np.unique(np.concatenate(given), return_inverse=True)
    if len(groups) < 2 or len(contents) < 2:
        raise ValueError(f"at least 2 classes and 2 contents were expected, got {len(groups)} and {len(contents)}")
    label = np.repeat(np.arange(len(groups)), [len(images) for images in groups])
    return np.concatenate([spectrum.level(images).reshape(len(images), -1) for images in groups]), label, index


def _grouped(label: np.ndarray, content: np.ndarray, seed: int) -> np.ndarray:
    """A group for each image, by its content. The contents of each class are spread evenly."""
    present = np.zeros((label.max() + 1, content.max() + 1), bool)
    present[label, content] = True
    count = int(np.clip(present.sum(1).min() // FEWEST, 1, GROUPS))
    order = np.random.default_rng(seed).permutation(present.shape[1])
    order = order[np.argsort(present.argmax(0)[order], kind="stable")]
    group = np.empty(len(order), int)
    group[order] = np.arange(len(order)) % count
    return group[content]


def _part(
    features: np.ndarray, label: np.ndarray, content: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return features[chosen], label[chosen], np.unique(content[chosen], return_inverse=True)[1]


def _own_against_other(features: np.ndarray, label: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Per image the share of other classes whose mean it resembles less than its own class's, ties counting half."""
    classes = label.max() + 1
    sums = np.stack([features[label == c].sum(0) for c in range(classes)])
    counts = np.bincount(label)
    scores = np.empty(len(features))
    for out in range(content.max() + 1):
        chosen = np.flatnonzero(content == out)
        rest_sums, rest_counts = sums.copy(), counts.copy()
        np.subtract.at(rest_sums, label[chosen], features[chosen])
        np.subtract.at(rest_counts, label[chosen], 1)
        means = rest_sums / np.maximum(rest_counts, 1)[:, None]
        centre = means.mean(0)
        alike = _correlation(features[chosen] - centre, means - centre)
        own = alike[np.arange(len(chosen)), label[chosen]][:, None]
        wins = (own > alike).sum(1) + 0.5 * ((own == alike).sum(1) - 1)
        scores[chosen] = wins / (classes - 1)
    return scores


def _correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = (x - x.mean(1, keepdims=True) for x in (a, b))
    norms = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
    return a @ b.T / np.maximum(norms, spectrum.FLOOR)
