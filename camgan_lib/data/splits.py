"""Decides which photos of each camera are for the test: at random, or by date, scene or device, and says why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from camgan_lib.base.identity import seed_words
from camgan_lib.data.dates import Date, seconds_between
from camgan_lib.data.names import shown

SPLITS = ("auto", "random", "date", "scene", "device")
BURST_SECONDS = 2
"""Photos that a camera took at most so many seconds one after the other show much the same."""

_DRAWS = 200
"""How often shared scenes are drawn before each camera's are drawn by themselves."""

_DATED = 2 / 3
"""The least share of a camera's photos that must have a date for a split by date."""


@dataclass(frozen=True)
class Known:
    """What is known of photos: their dates, and their scenes and devices (`facts`); what the layout `wishes`."""

    dates: dict[Path, Date] = field(default_factory=dict)
    facts: dict[Path, dict[str, str]] = field(default_factory=dict)
    wishes: str | None = None

    def lacking(self, files: list[Path], column: str) -> list[Path]:
        """The photos whose scene or device is not known."""
        return [path for path in files if not self.facts.get(path, {}).get(column)]


def choose_split(usable: dict[str, list[Path]], kind: str, known: Known) -> tuple[str, str]:
    """The split to take, and a line that says which and why. `kind` is one of SPLITS.

    No camera's list is empty. "auto" is what the layout wishes; else "date" where at least two in three photos of each
    camera have one; else "scene" where every photo's is known and each camera has two; else "random".
    """
    if kind != "auto":
        return kind, _undated_line(usable, known) if kind == "date" else f"split by {_WORDS[kind]}, as asked"
    if known.wishes:
        return known.wishes, f"split by {_WORDS[known.wishes]}, as this data set is made for"
    short = {camera: _undated(files, known) for camera, files in usable.items()}
    worst = max(short, key=lambda camera: len(short[camera]) / len(usable[camera]))
    if len(short[worst]) <= (1 - _DATED) * len(usable[worst]):
        return "date", _undated_line(usable, known)
    if all(path in known.dates for path in usable[worst]):
        reason = f"all photos of {worst} have the same date"
    else:
        first = next(path for path in usable[worst] if path not in known.dates)
        count = f"{sum(path not in known.dates for path in usable[worst])} of {len(usable[worst])}"
        reason = f"{count} photos of {worst} have no usable date (the first: {shown(first.name)})"
    if all(not known.lacking(files, "scene") and _count(files, known, "scene") > 1 for files in usable.values()):
        return "scene", f"split by scene, not by date: {reason}"
    return "random", (
        f"split by chance, not by date: {reason}; give their dates in the column date of manifest.csv, or take those "
        "photos out"
    )


_WORDS = {"random": "chance", "date": "date", "scene": "scene", "device": "device"}


def _undated(files: list[Path], known: Known) -> list[Path]:
    """The photos that dates don't put in order: those without one, and all of them where they have the same."""
    same = len({known.dates[path] for path in files if path in known.dates}) < 2
    return [path for path in files if same or path not in known.dates]


def _undated_line(usable: dict[str, list[Path]], known: Known) -> str:
    missing = [path for files in usable.values() for path in files if path not in known.dates]
    line = "split by date: the latest photos of each camera are the test"
    return (
        f"{line}; {len(missing)} without a usable date are for training (the first: {shown(missing[0].name)})"
        if missing
        else line
    )


def _count(files: list[Path], known: Known, column: str) -> int:
    return len({known.facts[path][column] for path in files})


def bursts(files: list[Path], known: Known) -> list[list[Path]]:
    """The photos of a camera in groups of one burst; most are alone, and so are those without a time of day.

    Where all would be one burst, they are alone, too.
    """
    timed = [path for path in files if path in known.dates and known.dates[path][3:] != (0, 0, 0)]
    groups: list[list[Path]] = []
    for path in sorted(timed, key=lambda path: known.dates[path]):
        last = groups[-1][-1] if groups else None
        device = known.facts.get(path, {}).get("device")
        same = last is not None and device == known.facts.get(last, {}).get("device")
        if same and last and seconds_between(known.dates[last], known.dates[path]) <= BURST_SECONDS:
            groups[-1].append(path)
        else:
            groups.append([path])
    alone = set(files) - set(timed)
    groups += [[path] for path in files if path in alone]
    return groups if len(groups) > 1 else [[path] for path in files]


def choose_test(
    usable: dict[str, list[Path]], kind: str, known: Known, share: float, seed: int
) -> tuple[set[Path], dict[str, str]]:
    """The photos for the test, of every camera about the `share` of its photos, at least one and never all.

    `kind` is "random", "date", "scene" or "device". The photos of one burst, scene or device are in one half. Scenes
    that several cameras have taken are in the same half for all. The second result names the cameras that the split
    can't serve, with the reason.
    """
    bad = {camera: reason for camera, files in usable.items() if (reason := _reason(files, kind, known))}
    good = {camera: files for camera, files in usable.items() if camera not in bad}
    shared = _shared_scenes(good, known, share, seed) if kind == "scene" else None
    test: set[Path] = set()
    for camera, files in good.items():
        wanted = min(max(1, round(share * len(files))), len(files) - 1)
        rng = np.random.default_rng([seed, 1, *seed_words(camera)])
        if shared is not None:
            test |= {path for path in files if known.facts[path]["scene"] in shared}
        elif kind == "date":
            test |= _latest(files, known, wanted)
        elif kind == "random":
            test |= _drawn(files, known, wanted, rng)
        else:
            test |= _whole(files, known, kind, wanted, rng)
    return test, bad


def _reason(files: list[Path], kind: str, known: Known) -> str:
    """Why a camera's photos can't be split so; an empty text where they can."""
    if len(files) < 2:
        return f"it has {len(files)} usable photo{'s' * (len(files) != 1)} and a split needs 2: add photos"
    if kind == "date" and len(dated := [path for path in files if path in known.dates]) < 2:
        return (
            f"split=date needs dates, in EXIF or in the column date of manifest.csv, and {len(dated)} of its "
            f"{len(files)} photos have one: add dates or use split=random"
        )
    if kind in ("scene", "device"):
        if lacking := known.lacking(files, kind):
            return (
                f"split={kind} needs every photo's {kind} in manifest.csv (columns camera, file, {kind}), "
                f"{shown(lacking[0].name)} has none: add it or use split=random"
            )
        if _count(files, known, kind) < 2:
            return (
                f"split={kind} needs at least 2 {kind}s per camera, it has one: add photos or use split=date or random"
            )
    return ""


def _latest(files: list[Path], known: Known, wanted: int) -> set[Path]:
    """About `wanted` of the latest photos: none is earlier than one that is left, and no burst is cut in two.

    A burst counts by its first photo. Photos without a date are not among them. At least one photo is chosen, and never
    all that have a date.
    """
    dated = [group for group in bursts(files, known) if group[0] in known.dates]
    latest = sorted(dated, key=lambda group: (known.dates[group[0]], group[0].name))[::-1]
    sizes = np.cumsum([len(group) for group in latest[:-1]])
    count = 1 + int(np.argmin(np.abs(sizes - wanted))) if len(sizes) else 0
    return {path for group in latest[:count] for path in group}


def _drawn(files: list[Path], known: Known, wanted: int, rng: np.random.Generator) -> set[Path]:
    """About `wanted` photos, drawn; a burst is never cut in two."""
    group_of = {path: group for group in bursts(files, known) for path in group}
    groups: dict[Path, list[Path]] = {}
    for i in rng.permutation(len(files)):
        groups.setdefault(group_of[files[i]][0], group_of[files[i]])
    return _filled(list(groups.values()), wanted, len(files))


def _whole(files: list[Path], known: Known, column: str, wanted: int, rng: np.random.Generator) -> set[Path]:
    """The photos of some scenes or devices, in a drawn order."""
    parts: dict[str, list[Path]] = {}
    for path in files:
        parts.setdefault(known.facts[path][column], []).append(path)
    return _filled([parts[name] for name in rng.permutation(sorted(parts))], wanted, len(files))


def _filled(groups: list[list[Path]], wanted: int, count: int) -> set[Path]:
    """Photos of whole groups, each taken if that brings them nearer to `wanted`: at least one group, never all."""
    test: set[Path] = set()
    for group in groups:
        more = len(test) + len(group)
        if abs(more - wanted) < abs(len(test) - wanted) and more < count:
            test |= set(group)
    smallest = min(range(len(groups)), key=lambda i: len(groups[i]))
    return test or set(groups[smallest])


def _shared_scenes(usable: dict[str, list[Path]], known: Known, share: float, seed: int) -> set[str] | None:
    """The scenes for the test where cameras have scenes in common and all can be split so; else None.

    Scenes are taken in a drawn order, which is drawn anew where a camera then has none for the test or for training.
    """
    scenes = {camera: Counter(known.facts[path]["scene"] for path in files) for camera, files in usable.items()}
    total = sum(scenes.values(), Counter())
    if sum(map(len, scenes.values())) == len(total):
        return None
    rng, wanted = np.random.default_rng([seed, 1]), share * total.total()
    for _ in range(_DRAWS):
        test: set[str] = set()
        for name in rng.permutation(sorted(total)).tolist():
            taken = sum(total[each] for each in test)
            needs = any(not test & set(per) and name in per for per in scenes.values())
            if needs or abs(taken + total[name] - wanted) < abs(taken - wanted):
                test.add(name)
        if all(0 < sum(per[name] for name in test if name in per) < per.total() for per in scenes.values()):
            return test
    return None


def in_both(facts: Iterable[dict[str, str]], column: str) -> list[str]:
    """The scenes or devices of photos that are in both halves, by what `photos.load_crops` reports of each photo."""
    halves: dict[str, set[str]] = {}
    for each in facts:
        halves.setdefault(each[column], set()).add(each["half"])
    return sorted(name for name, found in halves.items() if name and len(found) > 1)
