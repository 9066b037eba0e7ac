"""Finds the cameras and photos in a user's folder, reads its manifest, and names the files that do not belong there."""

import csv
from pathlib import Path

from camgan_lib.base.errors import CamganError

SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff"}
_IGNORED = {"thumbs.db", "desktop.ini", "manifest.csv"}


def find_cameras(folder: Path) -> dict[str, list[Path]]:
    """Camera name → its image files, sorted, of a folder with one sub-folder per camera (see `camera_set`).

    Raises CamganError as `camera_set` does, and for a name that is not valid Unicode.
    """
    cameras = camera_folders(camera_set(folder))
    for path in (path for files in cameras.values() for path in files):
        if not _is_unicode(f"{path.parent.name}/{path.name}"):
            raise CamganError(f"the name of {str(path)!a} is not valid UTF-8; rename the file or its folder")
    return cameras


def _is_unicode(name: str) -> bool:
    """Whether a name can be written as UTF-8: on Linux one can hold any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def camera_set(folder: Path) -> Path:
    """The folder that has one sub-folder per camera: `folder` itself, or `folder/cameras/<set>` if it is the only set.

    Raises CamganError if the folder is missing, has fewer than two cameras, or has more than one set.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise CamganError(f"a folder with one sub-folder of photos per camera was expected at {folder}, there is none")
    found = camera_folders(folder)
    if len(found) < 2 and (folder / "cameras").is_dir():
        sets = [each for each in sorted((folder / "cameras").iterdir()) if len(camera_folders(each)) > 1]
        if len(sets) > 1:
            raise CamganError(f"{folder} holds several sets of cameras; name one: {', '.join(map(str, sets))}")
        if sets:
            return sets[0]
    if len(found) < 2:
        names = f"only {next(iter(found))}" if found else "none"
        raise CamganError(
            f"at least 2 sub-folders with photos ({', '.join(sorted(SUFFIXES))}) were expected in {folder}, "
            f"found {names}"
        )
    return folder


def camera_folders(folder: Path) -> dict[str, list[Path]]:
    """Name → image files, sorted, of each sub-folder that has some, hidden ones left out; {} if there is no folder."""
    if not folder.is_dir():
        return {}
    found: dict[str, list[Path]] = {}
    for sub in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")):
        files = sorted(p for p in sub.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
        if files:
            found[sub.name] = files
    return found


def stray_files(cameras: dict[str, list[Path]]) -> dict[Path, str]:
    """Files in the cameras' folders that are no images, and folders beside them without images: path → why.

    Hidden files, and those that systems leave in folders, are not counted.
    """
    why = f"none of {', '.join(sorted(SUFFIXES))}"
    base = next(iter(cameras.values()))[0].parent.parent
    folders = [path for path in sorted(base.iterdir()) if path.is_dir() and not path.name.startswith(".")]
    stray = {folder: f"a folder with {why}" for folder in folders if folder.name not in cameras}
    for path in sorted(path for camera in cameras for path in (base / camera).iterdir() if path.is_file()):
        known = path.suffix.lower() in SUFFIXES or path.name.lower() in _IGNORED or path.name.startswith(".")
        stray |= {} if known else {path: why}
    return stray


def read_manifest(cameras: dict[str, list[Path]]) -> dict[Path, dict[str, str]]:
    """The rows of the manifest.csv beside the cameras' folders: path of a photo → column → text; {} if there is none.

    Its columns are camera, file, and date or scene. Raises CamganError if it can't be read or lacks camera or file.
    """
    base = next(iter(cameras.values()))[0].parent.parent
    path = base / "manifest.csv"
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows, columns = list(reader), reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CamganError(
            f"{path} should be a table of comma-separated values in UTF-8, it can't be read ({error})"
        ) from None
    if not {"camera", "file"} <= set(columns):
        raise CamganError(f"{path} needs the columns camera and file, it has {', '.join(columns) or 'none'}")
    named = [row for row in rows if row["camera"] and row["file"]]
    return {base / row["camera"] / row["file"].replace("\\", "/").rsplit("/", 1)[-1]: row for row in named}
