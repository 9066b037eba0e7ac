"""Decides which photos of each camera are for the test: at random, by date or by scene."""

import re
from pathlib import Path

import numpy as np

from camgan_lib.base.errors import CamganError
from camgan_lib.base.identity import seed_words

SPLITS = ("auto", "random", "date", "scene")


def sortable_date(text: str) -> tuple[int, ...]:
    """A date with the year first ("2019:05:31 17:02:11", "2019-05-31") as numbers in order; () for any other text."""
    numbers = tuple(map(int, re.findall(r"\d+", text)))
    return numbers if len(numbers) >= 3 and numbers[0] >= 1800 else ()


def choose_test(
    usable: dict[str, list[Path]],
    kind: str,
    dates: dict[Path, tuple[int, ...]],
    facts: dict[Path, dict[str, str]],
    share: float,
    seed: int,
) -> set[Path]:
    """The photos that are for the test, of every camera about the `share` of its photos, at least one and never all.

    `usable` holds the photos of each camera, `dates` the date of each photo (see `sortable_date`), `facts` its row in
    the manifest. `kind` is "random", "date" or "scene". Raises CamganError if a camera has fewer than two photos, or
    if a date or scene that the split needs is missing.
    """
    test: set[Path] = set()
    for camera, files in usable.items():
        if len(files) < 2:
            raise CamganError(
                f"camera {camera} has {len(files)} usable photos and a split needs 2; add photos or remove its folder"
            )
        wanted = min(max(1, round(share * len(files))), len(files) - 1)
        rng = np.random.default_rng([seed, 1, *seed_words(camera)])
        if kind == "date":
            if missing := [path.name for path in files if not dates[path]]:
                raise CamganError(
                    f"split=date needs every photo's date, in EXIF or year first in the column date of manifest.csv, "
                    f"{camera}/{missing[0]} has none; add it or use split=random"
                )
            test |= set(sorted(files, key=lambda path: (dates[path], path.name))[-wanted:])
        elif kind == "scene":
            test |= _whole_scenes(camera, files, facts, wanted, rng)
        else:
            test |= {files[i] for i in rng.permutation(len(files))[:wanted]}
    return test


def _whole_scenes(
    camera: str, files: list[Path], facts: dict[Path, dict[str, str]], wanted: int, rng: np.random.Generator
) -> set[Path]:
    """The photos of some scenes: in a drawn order, each is taken if that brings the test nearer to `wanted` photos.

    At least one scene is taken, and never all. Raises CamganError if a photo has no scene, or if there is only one.
    """
    scenes: dict[str, set[Path]] = {}
    for path in files:
        scene = facts.get(path, {}).get("scene")
        if not scene:
            raise CamganError(
                f"split=scene needs every photo's scene in manifest.csv (columns camera, file, scene), "
                f"{camera}/{path.name} has none; add it or use split=random"
            )
        scenes.setdefault(scene, set()).add(path)
    if len(scenes) < 2:
        raise CamganError(f"split=scene needs at least 2 scenes per camera, {camera} has one; use split=date or random")
    drawn = [scenes[name] for name in rng.permutation(sorted(scenes))]
    test: set[Path] = set()
    for photos in drawn:
        count = len(test) + len(photos)
        if abs(count - wanted) < abs(len(test) - wanted) and count < len(files):
            test |= photos
    return test or min(drawn, key=len)
