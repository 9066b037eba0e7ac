"""Lists the files of a user's data with size and time, to see whether they have changed without reading them."""

from pathlib import Path

from camgan_lib.base.errors import CamganError
from camgan_lib.data.folders import collect

_TABLES = {".csv", ".tsv"}


def listing(source: Path) -> list[list]:
    """[name, size in bytes, time of the last change in ns] of a file, or of the files in a folder that matter.

    In a folder with cameras the photos and tables matter, in any other folder all files. A link that leads nowhere has
    size and time 0. Raises CamganError if there is neither a file nor a folder.
    """
    if source.is_file():
        files = [source]
    elif source.is_dir():
        files = _that_matter(source)
    else:
        raise CamganError(f"a file or folder of images was expected at {source}, there is none; check the path")
    base = source.absolute().parent  # links are not followed: a camera's folder may lie elsewhere
    return [[str(path.absolute().relative_to(base)), *_stat(path)] for path in files]


def _that_matter(folder: Path) -> list[Path]:
    try:
        found = collect(folder)
    except CamganError:
        return sorted(path for path in folder.rglob("*") if path.is_file())
    tables = sorted(path for path in found.base.iterdir() if path.suffix.lower() in _TABLES)
    return [path for files in found.cameras.values() for path in files] + tables


def _stat(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return stat.st_size, stat.st_mtime_ns
