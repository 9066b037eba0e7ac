#!/usr/bin/env python3
"""Put the training photos of the SP Cup 2018 contest (camera model identification) into one sub-folder per camera.

SOURCE is what Kaggle gives for the competition "IEEE's Signal Processing Society - Camera Model Identification": the
archive, its train.zip, or a folder with the contents of either. Without --all or --camera, the photos of the paper's
four phones are taken. Files are linked if that is possible, and copied if not. Files that are there already are kept.

To get the data (about 10 GB) you need a Kaggle account that has accepted the competition's rules:
  https://www.kaggle.com/competitions/sp-society-camera-model-identification
  kaggle competitions download -c sp-society-camera-model-identification

Then: camgan book --data FOLDER
"""

import argparse
import os
import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image
from tqdm import tqdm

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside

PAPERS = ("HTC-1-M7", "iPhone-6", "LG-Nexus-5x", "Samsung-Galaxy-Note3")
CAMERAS = (
    *PAPERS,
    *("iPhone-4s", "Motorola-Droid-Maxx", "Motorola-Nexus-6", "Motorola-X", "Samsung-Galaxy-S4", "Sony-NEX-7"),
)
PHOTOS = 275
"""Training photos of each camera."""
SMALLEST = 512
"""Shortest side of a training photo in pixels. The contest's test pictures are crops of 512×512 pixels."""
LARGEST_FILE = 100 * 2**20
"""Most bytes that a photo may have."""
HOW_TO_GET = (
    "it comes from https://www.kaggle.com/competitions/sp-society-camera-model-identification after log-in and consent "
    "to its rules, by 'kaggle competitions download -c sp-society-camera-model-identification'"
)


@dataclass(frozen=True)
class Photo:
    """One photo of the source: camera, file name, size in bytes, and a function that writes it to a path."""

    camera: str
    name: str
    size: int
    put: Callable[[Path], None]


def lay_out(source: Path, folder: Path, cameras: tuple[str, ...], photos: int = PHOTOS) -> dict[str, Counter]:
    """Puts the photos of `cameras` into `folder/<camera>/` and checks them; returns each camera's picture sizes.

    Raises CamganError if the source is missing or damaged, if a camera does not have `photos` photos, or if a photo is
    not a JPEG of 512 pixels or more.
    """
    with ExitStack() as stack:
        found = [photo for photo in _photos(source, folder, stack) if photo.camera in cameras]
        _check_counts(source, found, cameras, photos)
        for photo in tqdm(found, desc="laying out", unit="photo", mininterval=1):
            path = folder / photo.camera / photo.name
            if not path.is_file() or path.stat().st_size != photo.size:
                path.parent.mkdir(parents=True, exist_ok=True)
                photo.put(path)
    sizes: dict[str, Counter] = {camera: Counter() for camera in cameras}
    for photo in tqdm(found, desc="checking", unit="photo", mininterval=1):
        sizes[photo.camera][_picture_size(folder / photo.camera / photo.name)] += 1
    return sizes


def _photos(source: Path, folder: Path, stack: ExitStack) -> list[Photo]:
    """All photos of the source. An archive stays open until `stack` closes; one inside it is unpacked into `folder`."""
    if source.is_dir():
        found = list(_in_folder(source))
        inner = next((p for name in ("train.zip", f"{_COMPETITION}.zip") if (p := source / name).is_file()), None)
        return found if found or inner is None else _in_archive(inner, folder, stack)
    if not source.is_file():
        raise CamganError(f"the contest's archive or folder was expected at {source}, there is none; {HOW_TO_GET}")
    return _in_archive(source, folder, stack)


_COMPETITION = "sp-society-camera-model-identification"


def _in_folder(source: Path) -> Iterator[Photo]:
    for path in sorted(source.rglob("*")):
        if path.is_file() and _is_photo(PurePosixPath(path.relative_to(source.parent).as_posix())):
            yield Photo(path.parent.name, path.name, path.stat().st_size, lambda to, path=path: _link(path, to))


def _link(path: Path, to: Path) -> None:
    """Makes `to` a hard link to `path`, or a copy where links are impossible."""
    with suppress(OSError):
        to.unlink(missing_ok=True)
        os.link(path, to)
        return
    with write_aside(to) as aside:
        shutil.copyfile(path, aside)


def _is_photo(path: PurePosixPath) -> bool:
    """Whether a path in the source is a camera's photo. Only its last two parts are ever used to write a file."""
    plain = not path.name.startswith(".") and not set(path.name) & set('\\:*?"<>|')
    return plain and path.parent.name in CAMERAS and path.suffix.lower() in (".jpg", ".jpeg")


def _in_archive(path: Path, folder: Path, stack: ExitStack) -> list[Photo]:
    archive = _open(path, stack)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    photos = [
        Photo(name.parent.name, name.name, entry.file_size, lambda to, entry=entry: _unpack(archive, entry, to))
        for entry in entries
        if _is_photo(name := PurePosixPath(entry.filename))
    ]
    inner = [entry for entry in entries if PurePosixPath(entry.filename).name == "train.zip"]
    if photos or not inner:
        return photos
    unpacked = folder / ".train.zip"
    stack.callback(unpacked.unlink, missing_ok=True)
    print(f"unpacking train.zip ({inner[0].file_size / 2**30:.1f} GB) for a while into {folder} …", flush=True)
    _unpack(archive, inner[0], unpacked, limit=None)
    return _in_archive(unpacked, folder, stack)


def _open(path: Path, stack: ExitStack) -> zipfile.ZipFile:
    try:
        return stack.enter_context(zipfile.ZipFile(path))
    except (zipfile.BadZipFile, OSError) as error:
        raise CamganError(f"{path} can't be read as a zip archive ({error}); download it again: {HOW_TO_GET}") from None


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, limit: int | None = LARGEST_FILE) -> None:
    if limit is not None and entry.file_size > limit:
        raise CamganError(f"{entry.filename} has {entry.file_size} bytes, a photo of at most {limit} was expected")
    try:
        with write_aside(to) as aside, archive.open(entry) as inside, aside.open("wb") as outside:
            shutil.copyfileobj(inside, outside, 2**20)
    except (zipfile.BadZipFile, RuntimeError, EOFError, NotImplementedError) as error:
        raise CamganError(f"{entry.filename} can't be unpacked ({error}); download the archive again") from None


def _check_counts(source: Path, found: list[Photo], cameras: tuple[str, ...], photos: int) -> None:
    if not found:
        raise CamganError(f"{source} holds no folder of {', '.join(cameras)} with photos; {HOW_TO_GET}")
    names = {camera: [photo.name for photo in found if photo.camera == camera] for camera in cameras}
    for camera, given in names.items():
        if len(given) != photos or len(set(given)) != photos:
            raise CamganError(
                f"{photos} photos of {camera} were expected in {source}, found {len(set(given))}"
                f"{' (some twice)' if len(set(given)) != len(given) else ''}; "
                "take the whole archive, or say --photos with the number that you have"
            )


def _picture_size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path, formats=["JPEG"]) as image:
            size, mode = image.size, image.mode
    except Exception as error:
        raise CamganError(f"{path} should be a JPEG photo and can't be read ({error}); download it again") from None
    if mode != "RGB" or min(size) < SMALLEST:
        raise CamganError(f"{path} should be RGB with {SMALLEST} pixels or more a side, it is {mode} with {size}")
    return size


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="the archive, its train.zip, or the folder it was unpacked into")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data/spcup"), help="default: %(default)s")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="all ten cameras")
    which.add_argument("--camera", action="append", choices=CAMERAS, help="this camera; may be given several times")
    parser.add_argument("--photos", type=int, default=PHOTOS, help="photos expected of each camera (%(default)s)")
    given = parser.parse_args(arguments)
    cameras = CAMERAS if given.all else tuple(given.camera or PAPERS)
    try:
        sizes = lay_out(given.source, given.folder, cameras, given.photos)
    except CamganError as error:
        print(f"lay_out_spcup: {error}", file=sys.stderr)
        return 2
    for camera, count in sizes.items():
        shapes = ", ".join(f"{number} of {width}×{height}" for (width, height), number in count.most_common())
        print(f"{camera}: {count.total()} photos, {shapes}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
