"""What may be confounded with the camera: how often each trait of the photos' files alone names the right camera.

A network is trained to tell cameras apart, by whatever does. If one camera's photos are JPEG and the other's were saved
as PNG, it can learn the format. So each trait is asked first: a small classifier that sees nothing else is fitted on
the training photos and asked on the test photos of the same split (see `alone`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from camgan_lib.measure import alone
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.trait_words import CONTENT, TOGETHER, TRAITS, Fact, Trait, numbers_of, summary, value_of

__all__ = ["MARGIN", "Fact", "Row", "confounders", "sentences", "summary"]

MARGIN = 0.15
"""A trait tells cameras apart if its interval begins further above chance than this. So wide a margin allows for the
number of traits: in less than one of twenty made-up studies, with all traits drawn at random, did one pass."""

Row = dict[str, Any]
"""What is known of a trait; see `confounders`."""


def confounders(facts: Sequence[Fact], cameras: tuple[str, ...]) -> list[Row]:
    """A row for each of TRAITS, and one for all of the file's traits together.

    trait, name, kind: see `Trait`; accuracy: the estimated share of test photos for which the trait alone names the
    right camera, each camera counting alike; chance: 1 / cameras; constant: the share of test photos that one camera,
    always named, gets right; values: what the trait is, a text for each camera (see `summary`); same: whether it is the
    same for all photos; everywhere: None, or the accuracy over all photos, each left out in turn; tells: whether the
    trait tells cameras apart by itself.

    It does if the interval of `accuracy` begins more than MARGIN above chance. With few test photos not even a perfect
    score would. Then traits of the file are judged by `everywhere`. Dates and light are not: photos that were taken
    one after the other share them, and would name each other. Raises ValueError if there are fewer than two cameras,
    or no photo in one of the halves.
    """
    study = _study(facts, len(cameras))
    texts = summary(facts, cameras)
    scored = {trait.key: _scores(trait, facts, study) for trait in TRAITS}
    of_file = [_by_category(trait, facts, study) for trait in TRAITS if trait.kind not in CONTENT]
    scored[TOGETHER.key] = _added(of_file)
    own = study.camera[study.test]
    rows = []
    for trait in (*TRAITS, TOGETHER):
        asked, of_others = scored[trait.key]
        accuracy = alone.balanced(alone.hits(asked, own), own)
        all_photos = None if of_others is None else alone.balanced(alone.hits(of_others, study.camera), study.camera)
        row = {
            **{"trait": trait.key, "name": trait.name, "kind": trait.kind, "accuracy": accuracy},
            **{"chance": 1 / len(cameras), "constant": float(np.bincount(own).max() / len(own))},
            "values": [texts[name].get(trait.key, "") for name in cameras],
            "same": trait is not TOGETHER and len({value_of(trait, fact) for fact in facts}) == 1,
            **{"everywhere": all_photos, "tells": _tells(all_photos or accuracy, len(cameras))},
        }
        rows.append(row)
    return rows


@dataclass(frozen=True)
class _Study:
    """Whose photo each is and whether it is for the test; the number of cameras; whether test photos are too few."""

    camera: np.ndarray
    test: np.ndarray
    cameras: int
    few: bool


def _study(facts: Sequence[Fact], cameras: int) -> _Study:
    """The photos of a study. Raises ValueError as `confounders` does."""
    camera = np.array([fact["camera"] for fact in facts], int)
    test = np.array([fact["half"] == "test" for fact in facts], bool)
    if cameras < 2 or not test.any() or test.all():
        raise ValueError("confounders need two cameras or more, and photos for training and for the test")
    perfect = alone.balanced(np.ones(test.sum()), camera[test])
    return _Study(camera, test, cameras, few=not _tells(perfect, cameras))


def _tells(accuracy: Estimate, cameras: int) -> bool:
    return accuracy.low > 1 / cameras + MARGIN


Scores = tuple[np.ndarray, np.ndarray | None]
"""Scores of test photos by the training photos; of all photos, each by all others, or None where that is not asked."""


def _scores(trait: Trait, facts: Sequence[Fact], study: _Study) -> Scores:
    if not trait.numbers:
        return _by_category(trait, facts, study)
    values, camera, test = numbers_of(trait, facts), study.camera, study.test
    asked = alone.by_nearest(values[~test], camera[~test], study.cameras, values[test])
    every = study.few and trait.kind not in CONTENT
    return asked, alone.by_nearest(values, camera, study.cameras) if every else None


def _by_category(trait: Trait, facts: Sequence[Fact], study: _Study) -> Scores:
    """The scores by the trait's values as categories; numbers are rounded to whole ones."""
    values = [value_of(trait, fact) for fact in facts]
    values = [round(each) if trait.numbers and isinstance(each, float) else each for each in values]
    asked, known = ([values[i] for i in np.flatnonzero(study.test == half)] for half in (True, False))
    scores = alone.by_category(known, study.camera[~study.test], study.cameras, asked)
    return scores, alone.by_category(values, study.camera, study.cameras) if study.few else None


def _added(scores: list[Scores]) -> Scores:
    others = [each for _, each in scores if each is not None]
    return np.sum([each for each, _ in scores], 0), np.sum(others, 0) if others else None


# --- sentences

_ORIGINALS = "Give the files that the cameras wrote, copied and not sent or exported."
REMEDIES = {
    "format": "The network can learn the format instead of the camera. Give all cameras' photos in one format: the "
    "files that the cameras wrote.",
    "compression": "If the cameras wrote all files as they are, this is a part of what each camera leaves. If a "
    f"program saved some of them again, the network can learn the program instead. {_ORIGINALS}",
    "size": "The network sees crops and not the size of a photo. But a photo that was made smaller has lost what the "
    "camera left in its finest detail. Give photos in the cameras' full size.",
    "orientation": "A turned photo turns the camera's traces with it. Give photos of all cameras that were held alike.",
    "bits": "Give photos of all cameras that have as many bits.",
    "history": "Programs, messengers and websites leave traces of their own, and the network can learn those instead "
    f"of the camera. {_ORIGINALS}",
    "grid": "Some photos were cropped or turned after they had been compressed, and the network can see that. "
    f"{_ORIGINALS}",
    "date": "With the time go places, seasons and light, and the network can learn those instead of the camera. Give "
    "photos of all cameras from the same days.",
    "light": "The cameras' photos show other things, or in other light, and the network can learn that instead of the "
    "camera. Give photos of the same motifs by all cameras, and read the network's accuracy against this number.",
    "together": "No trait of the files does so by itself, but together they do. Give photos of all cameras in one "
    "format, compressed in one way, and not edited.",
}
"""What to do, for each kind of trait."""

_WITH_FORMAT = ("compression", "grid", "bits")
_MOST = 6


def sentences(rows: Sequence[Row], cameras: tuple[str, ...]) -> list[str]:
    """What the rows of `confounders` say, in plain English: a text for each kind of trait that tells cameras apart.

    What goes with the format is not said again, nor that all traits together do what one does. If nothing tells the
    cameras apart there is one text that says so. Names of cameras are as they are: whoever shows the texts makes them
    safe.
    """
    telling = [row for row in rows if row["tells"]]
    best = max((_judged(row).value for row in telling if row["kind"] == "format"), default=-1.0)
    telling = [row for row in telling if row["kind"] not in _WITH_FORMAT or _judged(row).value > best]
    kinds = list(dict.fromkeys(row["kind"] for row in telling))
    if set(kinds) - {TOGETHER.kind, *CONTENT}:
        kinds = [kind for kind in kinds if kind != TOGETHER.kind]
    said = [_sentence([row for row in telling if row["kind"] == kind], cameras) for kind in kinds]
    test = rows[0]["accuracy"].n
    if not said:
        said = [f"No trait alone names the right camera much more often than chance ({rows[0]['chance']:.0%})."]
    if rows[0]["everywhere"] is not None:
        said.append(f"Dates and light could not be judged: {test} test photos are too few.")
    return said


def _judged(row: Row) -> Estimate:
    return row["everywhere"] or row["accuracy"]


def _sentence(rows: list[Row], cameras: tuple[str, ...]) -> str:
    """What traits of one kind do, the best in full, and what to do about it."""
    first, *others = sorted(rows, key=lambda row: -_judged(row).value)
    share, every = _judged(first), first["everywhere"] is not None
    photos = f"all {share.n} photos, each asked of all others" if every else f"{share.n} test photos"
    named = "; ".join(f"{name}: {text}" for name, text in zip(cameras[:_MOST], first["values"], strict=False) if text)
    more = f"; {len(cameras) - _MOST} more cameras" if named and len(cameras) > _MOST else ""
    also = ", ".join(f"{row['name']} {_judged(row).value:.0%}" for row in others)
    parts = [
        f"By {first['name']} {'together' if first['kind'] == TOGETHER.kind else 'alone'}, the right camera is named "
        f"for {share:.0%} of {photos} (chance: {first['chance']:.0%}).",
        f"{named}{more}." if named else "",
        f"The {first['accuracy'].n} test photos alone are too few to show it." if every else "",
        f"Also: {also}." if also else "",
        REMEDIES[first["kind"]],
    ]
    return " ".join(part for part in parts if part)
