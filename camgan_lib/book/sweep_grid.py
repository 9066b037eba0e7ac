"""Sweep files: a grid of parameters, read from YAML and checked.

A file has `about` (a sentence), the `profile` that every cell starts from, `grid` (a parameter and its values),
`variants` (a name and the parameters that it sets), `train` ("generators": a task per cell and camera, or
"classifiers": one per cell), and `cameras` (how many of them get generators; all where it is not given). A parameter is
written chapter.name; `seed` alone is the seed of every chapter.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from camgan_lib.base.errors import CamganError
from camgan_lib.base.params import check_parameters, read_parameters
from camgan_lib.book import chapters
from camgan_lib.book.profiles import read_profile

CHAPTERS = ("dataset", "classifier", "style_gan")
KEYS = {"about", "profile", "grid", "variants", "train", "cameras"}

SHAPE = (
    "a sweep has 'about', 'profile', 'grid' and 'variants' (mappings), 'train' (generators or classifiers) "
    "and 'cameras' (how many get generators)"
)


@dataclass(frozen=True)
class Cell:
    """One point of the grid: its `place` (axis → value), and all parameters of the chapters that train."""

    place: dict[str, Any]
    parameters: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Sweep:
    """What a sweep's file says. `name` is the file's name; `axes` are "variant", if there are any, and the grid's."""

    name: str
    about: str
    profile: str
    train: str
    cameras: int | None
    axes: tuple[str, ...]
    cells: list[Cell]


def read_sweep(path: Path) -> Sweep:
    """The sweep that a file describes. Raises CamganError where it can't be read or a value in it isn't allowed."""
    try:
        content = yaml.safe_load(Path(path).read_text("utf-8"))
    except FileNotFoundError:
        raise CamganError(f"there is no sweep {path}; name a .yml file, such as those in sweeps/") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise CamganError(f"sweep {path} can't be read as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict) or set(content) - KEYS:
        wrong = sorted(set(content) - KEYS) if isinstance(content, dict) else "something else"
        raise CamganError(f"{SHAPE}; {path} has {wrong}")
    grid, variants = content.get("grid") or {}, content.get("variants") or {}
    train, profile = content.get("train", "generators"), content.get("profile", "quick")
    cameras = content.get("cameras")
    mappings = (
        isinstance(grid, dict) and isinstance(variants, dict) and all(isinstance(v, dict) for v in variants.values())
    )
    mappings = mappings and (cameras is None or (isinstance(cameras, int) and cameras > 0))
    if not mappings or train not in ("generators", "classifiers") or not (grid or variants):
        raise CamganError(f"{SHAPE}; {path} has another shape")
    if bad := [name for name, values in grid.items() if not isinstance(values, list) or not values]:
        raise CamganError(f"each parameter of a grid has a list of values; {path} has something else for {bad[0]}")
    axes = (("variant",) if variants else ()) + tuple(grid)
    cells = []
    for variant, changes in (variants or {None: {}}).items():
        for values in itertools.product(*grid.values()):
            chosen = dict(zip(grid, values, strict=True))
            place = ({"variant": variant} if variants else {}) | chosen
            cells.append(Cell(place, _parameters(profile, changes | chosen)))
    return Sweep(Path(path).stem, content.get("about", ""), profile, train, cameras, axes, cells)


def _parameters(profile: str, changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """All parameters of the chapters that train: the profile's, with `changes` (chapter.name → value)."""
    name, values = read_profile(profile)
    for key, value in changes.items():
        chapter, _, parameter = str(key).rpartition(".")
        if not chapter and parameter != "seed":
            raise CamganError(f"a sweep's parameters are written chapter.name, or seed, got {key!r}")
        if chapter and chapter not in CHAPTERS:
            raise CamganError(f"a sweep changes parameters of {', '.join(CHAPTERS)}, got {key!r}")
        for each in [chapter] if chapter else CHAPTERS:
            values[each] = {**values[each], parameter: value}
    declared = {chapter: read_parameters(chapters.source(chapter)) for chapter in CHAPTERS}
    return {c: check_parameters(c, declared[c], {**values[c], "profile": name}) for c in CHAPTERS}
