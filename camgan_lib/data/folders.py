"""Finds the cameras and photos in a user's folder, and names the files that do not belong there."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from camgan_lib.base.errors import CamganError
from camgan_lib.data.kinds import kind_of, looks_like_a_picture
from camgan_lib.data.layouts import Layout, recognise
from camgan_lib.data.names import RAW_SUFFIXES, SUFFIXES, folded, is_system, shown, suffix
from camgan_lib.data.walking import walk

_HALVES = {"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval"}
"""Names of folders that are halves of a data set, and no cameras."""


@dataclass(frozen=True)
class Collection:
    """The photos of a folder: by camera, each list sorted; `base` holds all of them.

    `stray`: what else lies there and why it does not count. `facts`, `split`, `says`: what the layout of a known data
    set tells (see `layouts.Layout`).
    """

    base: Path
    cameras: dict[str, list[Path]]
    stray: dict[Path, str]
    facts: dict[Path, dict[str, str]] = field(default_factory=dict)
    split: str | None = None
    says: str = ""


def find_cameras(folder: Path) -> dict[str, list[Path]]:
    """Camera name → its photos, sorted, of a folder (see `collect`)."""
    return collect(folder).cameras


def collect(folder: Path) -> Collection:
    """The photos of a folder with one sub-folder per camera, at any depth below it, or of a known data set.

    `folder/cameras/<set>` is taken where it is the only set. Raises CamganError if the folder is missing, has fewer
    than two cameras or more than one set, or if names of cameras differ in nothing but case or Unicode form.
    """
    base, layout = _located(folder)
    if layout:
        return Collection(base, layout.cameras, {}, layout.facts, layout.split, layout.says)
    found: dict[str, list[Path]] = {}
    stray: dict[Path, str] = _beside(base)
    _check_names([sub.name for sub in _folders(base)])
    for sub in _folders(base):
        files = list(_files(sub, stray))
        photos = sorted((path for path in files if suffix(path.name) in SUFFIXES), key=os.fsencode)
        if photos:
            found[shown(sub.name)] = photos
            stray |= _strays(files)
        else:
            stray[sub] = f"a folder without photos{f' (it has{_kinds(files)})' if files else ''}"
    return Collection(base, found, stray)


def check_cameras(found: Collection, bad_cameras: str) -> tuple[Collection, list[str]]:
    """The collection without cameras that have fewer than two files that begin as photos do; a line for each of these.

    Only the first bytes of files are read, so it is quick. Raises CamganError as `without` does.
    """
    bad = {}
    for camera, files in found.cameras.items():
        heads = (_head(path) for path in files)
        if sum(1 for _ in islice(filter(looks_like_a_picture, heads), 2)) < 2:
            bad[camera] = _too_few(files)
    kept = {camera: files for camera, files in found.cameras.items() if camera not in bad}
    lines = without(found, bad, list(kept), bad_cameras)
    return replace(found, cameras=kept), lines


def _too_few(files: list[Path]) -> str:
    wrong = next((path for path in files if not looks_like_a_picture(_head(path))), None)
    usable = sum(looks_like_a_picture(_head(path)) for path in files)
    words = f"it has {usable} usable photo{'s' * (usable != 1)} and a split needs 2: add photos"
    return f"{words} ({shown(wrong.name)} is {kind_of(_head(wrong, 4096))})" if wrong else words


def _head(path: Path, count: int = 32) -> bytes:
    try:
        if not path.is_file():
            return b""
        with path.open("rb") as stream:
            return stream.read(count)
    except OSError:
        return b""


def without(found: Collection, bad: dict[str, str], good: list[str], bad_cameras: str) -> list[str]:
    """A line for each camera that can't serve, with the reason.

    Raises CamganError where there is one and `bad_cameras` is not "skip", and where fewer than two cameras are left.
    """
    if not bad:
        return []
    named = "; ".join(f"camera {camera}: {reason}" for camera, reason in bad.items())
    if bad_cameras != "skip":
        raise CamganError(
            f"{named}; or leave {'it' if len(bad) == 1 else 'them'} out with bad_cameras=skip (the cameras that can "
            f"serve: {', '.join(good) or 'none'})"
        )
    if len(good) < 2:
        raise CamganError(f"fewer than 2 cameras are left in {found.base}: {named}")
    return [f"camera {camera} is left out: {reason}" for camera, reason in bad.items()]


def camera_set(folder: Path) -> Path:
    """The folder that has one sub-folder per camera: `folder` itself, or `folder/cameras/<set>` if it is the only set.

    Raises CamganError if the folder is missing, has fewer than two cameras, or has more than one set.
    """
    return _located(folder)[0]


def _located(folder: Path) -> tuple[Path, Layout | None]:
    """The folder with the cameras (see `camera_set`), and its layout where it is a known data set."""
    folder = Path(folder)
    if not folder.is_dir():
        raise CamganError(f"a folder with one sub-folder of photos per camera was expected at {folder}, there is none")
    if (folder / "cameras").is_dir() and not _has_photos(folder / "cameras", depth=0):
        sets = [each for each in _folders(folder / "cameras") if len(_with_photos(each)) > 1]
        if len(sets) > 1:
            raise CamganError(f"{folder} holds several sets of cameras; name one: {', '.join(map(str, sets))}")
        if sets:
            return sets[0], recognise(sets[0])
    if layout := recognise(folder):
        return folder, layout
    found = _with_photos(folder)
    if len(found) > 1 and not {sub.name.lower() for sub in found} <= _HALVES:
        return folder, None
    raise CamganError(_no_cameras(folder, found))


def _no_cameras(folder: Path, found: list[Path]) -> str:
    """The sentence that says what was expected of a folder, what is there, and which folder may be meant."""
    here = shown(str(folder))
    wanted = f"{here} should hold one sub-folder per camera, named after it, with its photos"
    inner = {sub: _with_photos(sub) for sub in found}
    if meant := next((sub for sub in sorted(inner, key=_train_first) if len(inner[sub]) > 1), None):
        names = ", ".join(shown(each.name) for each in inner[meant][:4])
        return f"{wanted}; its folder {shown(meant.name)} does ({names}): give {shown(str(meant))}"
    if len(found) > 1:
        return f"{wanted}; {', '.join(shown(sub.name) for sub in found)} are no cameras"
    if found:
        return (
            f"{wanted}, at least 2 of them; found only {shown(found[0].name)}; if it holds the photos of several "
            f"cameras, sort them: {here}/Camera-1/IMG_0001.jpg, {here}/Camera-2/IMG_0001.jpg and so on"
        )
    if _has_photos(folder, depth=0):
        return f"{wanted}; photos lie in it directly: give the folder above, if this is one camera's"
    return f"{wanted}, at least 2 of them; found none"


def _train_first(folder: Path) -> tuple[bool, str]:
    return not folder.name.lower().startswith("train"), folder.name


def _beside(base: Path) -> dict[Path, str]:
    """The first photo that lies beside the cameras' folders, with how many more there are."""
    photos = sorted(path for path in base.iterdir() if suffix(path.name) in SUFFIXES and path.is_file())
    photos = [path for path in photos if not is_system(path.name)]
    more = f" (nor are {len(photos) - 1} more)" if photos[1:] else ""
    return {photos[0]: f"not in a camera's folder, so not used{more}"} if photos else {}


def _check_names(names: list[str]) -> None:
    first: dict[str, str] = {}
    for name in names:
        if (other := first.setdefault(folded(shown(name)), name)) != name:
            raise CamganError(
                f"the folders {other!a} and {name!a} have the same name but for case or the form of its letters; "
                "are they one camera? Put the photos into one folder, or rename one"
            )


def _folders(base: Path) -> list[Path]:
    """The folders in a folder, sorted, without those of systems; none where it can't be read."""
    try:
        return sorted(path for path in base.iterdir() if not is_system(path.name) and path.is_dir())
    except OSError:
        return []


def _with_photos(base: Path) -> list[Path]:
    """The folders in a folder that have a photo at any depth."""
    return [sub for sub in _folders(base) if _has_photos(sub)]


def _has_photos(folder: Path, depth: int = 100) -> bool:
    """Whether a folder has a photo, at most so deep below it."""
    return any(suffix(name) in SUFFIXES and len(folders) <= depth for folders, name in walk(folder, {}))


def _files(folder: Path, unread: dict[Path, str]) -> Iterator[Path]:
    """The files of a folder at any depth (see `walking.walk`)."""
    return (folder.joinpath(*folders, name) for folders, name in walk(folder, unread))


def _strays(files: list[Path]) -> dict[Path, str]:
    """The first RAW file of a camera's folder, and the first of another kind, each with how many more there are."""
    known = SUFFIXES | RAW_SUFFIXES
    raw = [path for path in files if suffix(path.name) in RAW_SUFFIXES]
    others = [path for path in files if suffix(path.name) not in known]
    found = {}
    if raw:
        words = "RAW, which has not been through the camera's pipeline: its JPEG is what counts"
        found[raw[0]] = words + (f"; so are {len(raw) - 1} more:{_kinds(raw[1:])}" if raw[1:] else "")
    if others:
        more = f"; nor are {len(others) - 1} more:{_kinds(others[1:])}" if others[1:] else ""
        found[others[0]] = f"no photo by its name{more}"
    return found


def _kinds(files: list[Path]) -> str:
    """How the names of files end, the most frequent first: " 3 .mov, 2 .txt"."""
    counted = Counter(shown(suffix(path.name)) or "without suffix" for path in files).most_common()
    return " " + ", ".join(f"{count} {end}" for end, count in counted[:4]) + (", …" if len(counted) > 4 else "")


def relative_name(base: Path, path: Path) -> str:
    """A photo's path below `base`, as a line can hold it, with forward slashes."""
    return "/".join(shown(part) for part in path.relative_to(base).parts)
