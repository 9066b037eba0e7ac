"""Files and folders that are written whole or not at all, hashes of files, and lines for whoever runs this."""

import contextlib
import errno
import hashlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from camgan_lib.base.errors import CamganError

_DISK_IS_FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)}
"""Errors that only writing can raise."""


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def write_aside(path: Path) -> Iterator[Path]:
    """Yields a temporary file beside `path`. It replaces `path` at the end, or is removed where an error is raised.

    Raises CamganError where this file can't be made, written or moved into its place. Other errors of the caller's code
    pass through as they are.
    """
    path = Path(path)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise CamganError(f"can't write {path} ({error.strerror}); choose a folder that can be written") from None
    try:
        yield aside
        os.replace(aside, path)
    except OSError as error:
        if not _is_of(error, aside):
            raise
        raise CamganError(f"can't write {path} ({error.strerror}); free space or choose another folder") from error
    finally:
        aside.unlink(missing_ok=True)


def _is_of(error: OSError, aside: Path) -> bool:
    """Whether an error comes from writing the temporary file: it names that file, or no file where the disk is full."""
    if error.filename is None:
        return error.errno in _DISK_IS_FULL
    return str(error.filename) == str(aside)


def write_json(path: Path, value: Any) -> None:
    """Writes JSON (UTF-8, indented, no NaN), whole or not at all."""
    with write_aside(path) as aside:
        aside.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


CLEAR = "\r\x1b[K"
"""Empties a terminal's line, on which a run may be showing how far it is."""


def say(line: str) -> None:
    """Prints a line on stderr. From a chapter it reaches the terminal, not the page."""
    print(f"{CLEAR if sys.stderr.isatty() else ''}{line}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def folder_aside(folder: Path) -> Iterator[Path]:
    """Yields a new, empty folder beside `folder`. It replaces `folder` at the end, or is removed at an error.

    What `folder` held before stays until then. Raises OSError where the new one can't be made or moved into its place.
    """
    aside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    aside.mkdir(parents=True)
    try:
        yield aside
        replace_folder(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def replace_folder(made: Path, folder: Path) -> None:
    """Moves the folder `made` to `folder`, on the same file system.

    What was there before stays until the new one is in place, and comes back where that fails. Raises OSError.
    """
    old = folder.with_name(f".{folder.name}.old")
    if old.exists() and not folder.exists():
        os.replace(old, folder)  # an earlier process was killed between the two moves below
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
