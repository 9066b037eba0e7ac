"""Files written whole or not at all, their hashes, and lines for who runs this."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from camgan_lib.base.errors import CamganError


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def write_aside(path: Path) -> Iterator[Path]:
    """Yields a temporary path in the folder of `path`, renamed to `path` on success and removed on failure.

    Raises CamganError where the folder can't be written.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
        os.close(handle)
    except OSError as error:
        raise CamganError(f"can't write {path} ({error.strerror}); choose a folder that can be written") from None
    aside = Path(name)
    umask = os.umask(0)
    os.umask(umask)
    try:
        yield aside
        aside.chmod(0o666 & ~umask)
        os.replace(aside, path)
    except OSError as error:
        if error.errno not in _OF_THE_DISK:
            raise
        raise CamganError(f"can't write {path} ({error.strerror}); free space or choose another folder") from error
    finally:
        aside.unlink(missing_ok=True)


_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EFBIG}


def write_json(path: Path, value: Any) -> None:
    """Writes JSON (UTF-8, indented, no NaN), whole or not at all."""
    with write_aside(path) as aside:
        aside.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


def say(line: str) -> None:
    """A line for who runs this: on stderr, which reaches the terminal from a kernel, too, and stays off the pages."""
    print(line, file=sys.stderr, flush=True)


def replace_folder(made: Path, folder: Path) -> None:
    """Puts the folder `made` in the place of `folder`, on the same file system.

    What was there before stays until the new one is in place, and comes back if that fails.
    """
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    try:
        os.replace(made, folder)
    except OSError:
        if old.exists():
            os.replace(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
