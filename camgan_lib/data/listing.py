"""Lists the files of a user's data with size and time, to see whether they have changed without reading them."""

from pathlib import Path

from camgan_lib.base.errors import CamganError
from camgan_lib.data.folders import find_cameras


def listing(source: Path) -> list[list]:
    """[name, size in bytes, time of the last change in ns] of a file, or of the files in a folder that matter.

    In a folder with cameras the photos and manifests matter, in any other folder all files. Raises CamganError if there
    is neither a file nor a folder.
    """
    if source.is_file():
        files = [source]
    elif source.is_dir():
        try:
            files = [path for found in find_cameras(source).values() for path in found]
        except CamganError:
            files = sorted(path for path in source.rglob("*") if path.is_file())
        files += sorted(source.rglob("manifest.csv"))
    else:
        raise CamganError(f"a file or folder of images was expected at {source}, there is none; check the path")
    base = source.absolute().parent  # links are not followed: a camera's folder may lie elsewhere
    stats = [(path, path.stat()) for path in files]
    return [[str(path.absolute().relative_to(base)), stat.st_size, stat.st_mtime_ns] for path, stat in stats]
