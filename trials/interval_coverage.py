"""How often do the book's intervals hold the truth, and how often do its tests find what is there?

Simulates studies of the sizes that the book has, many times, with the truth known, and counts. For each procedure of
`measure/statistics.py`: `coverage`, the share of 95 % intervals that hold the truth; for tests `false`, how often they
call an effect real that is none, and `power`, how often they find the effect that is named.

    python trials/interval_coverage.py [--studies 2000]
"""

import argparse
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from camgan_lib.base import paths
from camgan_lib.base.files import write_json
from camgan_lib.book import provenance
from camgan_lib.measure import consistency, fooling, intervals, statistics
from camgan_lib.measure.estimates import Estimate

CAMERAS = 4
Study = Callable[[np.random.Generator], tuple[Estimate, float]]
"""Draws a study: its estimate, and the truth."""


def photos(each: int, crops: int) -> tuple[np.ndarray, np.ndarray]:
    """For each crop its photo and its camera, of `each` photos per camera."""
    photo = np.repeat(np.arange(CAMERAS * each), crops)
    return photo, photo // each


def rates(rng: np.random.Generator, mean: float, spread: float, count: int) -> np.ndarray:
    """Shares of right crops in `count` photos: beta distributed with this mean and standard deviation."""
    size = mean * (1 - mean) / spread**2 - 1
    return rng.beta(mean * size, (1 - mean) * size, count)


def accuracy(each: int, crops: int, mean: float, spread: float = 0.12) -> Study:
    """The accuracy of a classifier on `each` photos per camera."""

    def study(rng: np.random.Generator) -> tuple[Estimate, float]:
        photo, camera = photos(each, crops)
        right = rng.random(len(photo)) < rates(rng, mean, spread, CAMERAS * each)[photo]
        return statistics.by_photo(right, photo, camera, bounds=(0, 1)), mean

    return study


def paired_accuracies(each: int, crops: int, mean: float, lost: float, spread: float = 0.12) -> Study:
    """The difference of two classifiers' accuracies on the same crops: the second loses `lost` of each photo."""

    def of_photos(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        base = rates(rng, mean, spread, count)
        own, other = (np.clip(base + rng.normal(0, 0.04, count) - down, 0, 1) for down in (0, lost))
        return own, other

    own, other = of_photos(np.random.default_rng(0), 1_000_000)
    truth = float((own - other).mean()) if lost else 0.0

    def study(rng: np.random.Generator) -> tuple[Estimate, float]:
        photo, camera = photos(each, crops)
        alike, chances = rng.random(len(photo)) < 0.7, rng.random((2, len(photo)))
        chances[1, alike] = chances[0, alike]
        right = [chance < rate[photo] for chance, rate in zip(chances, of_photos(rng, CAMERAS * each), strict=True)]
        a, b = (statistics.by_photo(one, photo, camera, bounds=(0, 1)) for one in right)
        return statistics.difference(a, b), truth

    return study


def correlations(each: int, mean: float) -> Study:
    """The mean of a number without bounds, as a correlation of saliency with edges: 30 skewed values per photo."""

    def study(rng: np.random.Generator) -> tuple[Estimate, float]:
        photo, camera = photos(each, 9)
        of_photo = (rng.gamma(2, 1, CAMERAS * each) - 2) * 0.08 + mean
        return statistics.by_photo(of_photo[photo] + rng.normal(0, 0.2, len(photo)), photo, camera), mean

    return study


def shares_of_images(count: int, per_scene: int, share: float) -> Study:
    """The share of images that are turned, over four cameras, images of a scene being alike."""

    place = _logit(share)

    def study(rng: np.random.Generator) -> tuple[Estimate, float]:
        scene = np.arange(count) // per_scene
        ease = rng.normal(0, 0.8, scene.max() + 1)[scene][:, None] + rng.normal(0, 0.8, (count, 1))
        hit = rng.random((count, CAMERAS)) < 1 / (1 + np.exp(-(place + ease)))
        return statistics.of_images(hit, rng.random((count, CAMERAS)) < 0.75, scene), share

    return study


def universal(share: float, spread: float, *, beside: bool) -> Study:
    """The share of 120 images of 74 scenes that universal perturbations turn, each sought for an eighth of the scenes.

    What a perturbation turns differs by `spread` between perturbations. With `beside` it is the difference from what
    is turned of the same images without one, which is as much.
    """

    def study(rng: np.random.Generator) -> tuple[Estimate, float]:
        scene = rng.integers(0, 74, 120)
        drawn = (rng.permutation(74) % fooling.DRAWS)[scene]
        ease = rng.normal(share, 0.1, 74)[scene][:, None]
        chances = ease + rng.normal(0, spread, (fooling.DRAWS, CAMERAS))[drawn], np.repeat(ease, CAMERAS, 1)
        turned, other = (
            statistics.of_images(rng.random(chance.shape) < chance, None, drawn, unit="perturbation")
            for chance in chances
        )
        return (statistics.difference(other, turned), 0.0) if beside else (turned, share)

    return study


def few_differ(count: int, lost: float, won: float) -> Study:
    """The difference of two shares of the same images, of which few are taken otherwise the second time."""

    def study(rng: np.random.Generator) -> tuple[Estimate, float]:
        before, chance = rng.random(count) < 0.8, rng.random(count)
        after = np.where(before, chance > lost / 0.8, chance < won / 0.2)
        return statistics.difference(*(statistics.of_images(each) for each in (after, before))), won - lost

    return study


def _logit(share: float) -> float:
    """The place at which a logistic curve, widened by N(0, 2 · 0.8²), has this mean."""
    noise = np.random.default_rng(1).normal(0, 0.8 * np.sqrt(2), 200_000)
    at = np.linspace(-6, 6, 241)
    means = [float((1 / (1 + np.exp(-(each + noise[:20_000])))).mean()) for each in at]
    return float(np.interp(share, means, at))


def over_seeds(count: int) -> Study:
    """The mean over a few seeds."""
    return lambda rng: (statistics.over(rng.normal(3, 2, count), "seed"), 3.0)


def counted(n: int, share: float) -> Study:
    """A share of independent units."""
    return lambda rng: (statistics.of_count(int(rng.binomial(n, share)), n, "photo"), share)


def two_studies(mean: float) -> Study:
    """The difference of accuracies on two sets of photos."""
    first, second = accuracy(11, 30, mean), accuracy(11, 30, mean)
    return lambda rng: (statistics.difference(_alone(first(rng)[0]), _alone(second(rng)[0])), 0.0)


def _alone(estimate: Estimate) -> Estimate:
    """The estimate without its units, so that it can't be paired."""
    return Estimate(**{**vars(estimate), "units": (), "strata": ()})


def among_networks(networks: int, effect: float) -> Study:
    """A trained network beside untrained ones; `effect` is its distance from them, in their standard deviations."""

    def study(rng: np.random.Generator) -> tuple[Estimate, float]:
        own = rng.normal(effect, 1) + rng.normal(0, 0.3, 44)
        return statistics.against_networks(statistics.of_units(own, unit="photo"), rng.normal(0, 1, networks)), 0.0

    return study


def patterns(contents: int, apart: float, uneven: float, dimensions: int = 60) -> Study:
    """The consistency of four classes' patterns; images' noise varies by a log-normal law of spread `uneven`."""
    own = np.random.default_rng(2).normal(0, apart, (CAMERAS, 1, dimensions))
    label, content = np.divmod(np.arange(CAMERAS * contents), contents)

    def auc(rng: np.random.Generator) -> Estimate:
        shared = rng.normal(0, 0.7, (contents, dimensions))
        noise = rng.lognormal(0, uneven, (CAMERAS, contents, 1)) * rng.normal(size=(CAMERAS, contents, dimensions))
        levels = (own + shared + noise).reshape(-1, dimensions)
        return consistency.of_levels(levels, label, content).auc

    truth = lru_cache(lambda: float(np.mean([auc(np.random.default_rng([3, n])).value for n in range(400)])))
    return lambda rng: (auc(rng), truth())


STUDIES: dict[str, Study] = {
    "accuracy 94 %, 4 × 11 photos of 30 crops": accuracy(11, 30, 0.94),
    "accuracy 98 %, 4 × 11 photos of 30 crops": accuracy(11, 30, 0.98, 0.05),
    "accuracy 80 %, 4 × 11 photos of 30 crops": accuracy(11, 30, 0.80),
    "accuracy 90 %, 4 × 15 photos of 30 crops": accuracy(15, 30, 0.90),
    "accuracy 70 %, 4 × 5 photos of 6 crops": accuracy(5, 6, 0.70),
    "paired accuracies, none lost": paired_accuracies(11, 30, 0.90, 0.0),
    "paired accuracies, 5 points lost": paired_accuracies(11, 30, 0.90, 0.05),
    "paired accuracies, 4 × 5 photos, 5 points lost": paired_accuracies(5, 30, 0.85, 0.05),
    "skewed numbers, 4 × 11 photos": correlations(11, -0.14),
    "share 40 % of 120 images of 60 scenes": shares_of_images(120, 2, 0.40),
    "share 90 % of 120 images of 60 scenes": shares_of_images(120, 2, 0.90),
    "share 35 % of 120 images, 8 perturbations": universal(0.35, 0.05, beside=False),
    "paired shares of 120 images, 8 perturbations": universal(0.35, 0.05, beside=True),
    "mean of 5 seeds": over_seeds(5),
    "two studies of 4 × 11 photos": two_studies(0.90),
}
"""Studies whose intervals should hold the truth in 93 to 97 of 100 cases."""

EXACT: dict[str, Study] = {
    "count of 44": counted(44, 0.93),
    "count of 16": counted(16, 0.30),
}
"""Studies whose intervals are exact, so that they hold the truth in 95 of 100 cases at least."""

CAUTIOUS: dict[str, Study] = {
    "paired shares of 60 images, 1 % differ": few_differ(60, 0.01, 0.0),
    "paired shares of 60 images, 3 % differ": few_differ(60, 0.02, 0.01),
    "paired shares of 120 images, 5 % differ": few_differ(120, 0.04, 0.01),
    "consistency of 40 contents, no pattern": patterns(40, 0.0, 0.0),
    "consistency of 40 contents": patterns(40, 0.3, 0.0),
    "consistency of 40 contents, uneven images": patterns(40, 0.3, 1.0),
}
"""Studies whose intervals are wide on purpose: few units differ, or the wider of two is taken."""


def coverage(study: Study, studies: int, seed: int = 0) -> float:
    """How often a study's interval holds the truth."""
    found = [study(np.random.default_rng([seed, number])) for number in range(studies)]
    return float(np.mean([each.low <= truth <= each.high for each, truth in found]))


def called(study: Study, test: Callable[[Estimate], float], studies: int, seed: int = 1) -> float:
    """How often a test's p value is below 0.05."""
    found = (study(np.random.default_rng([seed, number]))[0] for number in range(studies))
    return float(np.mean([test(each) < 0.05 for each in found]))


def families(studies: int, tests: int = 8, seed: int = 2) -> float:
    """How often Holm's correction lets one of so many tests of nothing through."""
    rng = np.random.default_rng(seed)
    return float(
        np.mean([min(statistics.holm(dict(enumerate(p))).values()) < 0.05 for p in rng.random((studies, tests))])
    )


TESTS: dict[str, tuple[Callable[[Estimate], float], Study, dict[str, Study]]] = {
    "paired difference, two-sided": (
        statistics.p_differs,
        paired_accuracies(11, 30, 0.90, 0.0),
        {f"{100 * lost:.0f} points": paired_accuracies(11, 30, 0.90, lost) for lost in (0.02, 0.05, 0.10)},
    ),
    "equivalence within 5 points": (
        lambda each: statistics.p_within(each, 0.05),
        paired_accuracies(11, 30, 0.70, 0.05, 0.1),
        {
            "no difference": paired_accuracies(11, 30, 0.80, 0.0),
            "no difference, 4 × 5 photos": paired_accuracies(5, 30, 0.80, 0.0),
        },
    ),
    "one network among 20 untrained": (
        statistics.p_differs,
        among_networks(20, 0.0),
        {f"{effect} standard deviations": among_networks(20, effect) for effect in (2, 3, 4)},
    ),
}
"""Tests: how, a study in which there is nothing to find, and studies with effects, by name."""


def rows(studies: int) -> list[dict[str, Any]]:
    """All that is simulated, a row per procedure."""
    found: list[dict[str, Any]] = [
        {"procedure": name, "coverage": coverage(study, studies)}
        for name, study in {**STUDIES, **EXACT, **CAUTIOUS}.items()
    ]
    for name, (test, nothing, effects) in TESTS.items():
        power = {effect: called(study, test, studies) for effect, study in effects.items()}
        found.append({"procedure": name, "false": called(nothing, test, studies), "power": power})
    return [*found, {"procedure": "Holm's correction of 8 tests", "false": families(studies)}]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "interval_coverage.json")
    given = parser.parse_args()
    run = {"studies": given.studies, "draws": intervals.DRAWS, "commit": provenance.commit()}
    write_json(given.out, {"rows": rows(given.studies), "run": run})


if __name__ == "__main__":
    main()
