"""Locks between processes: the process that holds a file's lock works, the others wait.

The operating system releases a lock when its process ends, however it ends.
"""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import say

_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}
"""Errors of file systems that have no locks."""


@contextlib.contextmanager
def locked(path: Path, why: str) -> Iterator[None]:
    """Holds the lock of `path` (a file of its own, made where missing); says `why` it waits while another has it.

    On a file system without locks the work goes on unlocked, with one line that says so. Raises CamganError where the
    file can't be made.
    """
    lock = _open(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"{why}; waiting for it")
        lock.acquire()
    except OSError as error:
        _unlocked(path, error)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Holds the lock of `path` if no other process does; yields whether it was free."""
    lock, free = _open(path), True
    try:
        lock.acquire(timeout=0)
    except Timeout:
        free = False
    except OSError as error:
        _unlocked(path, error)
    try:
        yield free
    finally:
        lock.release()


def _open(path: Path) -> FileLock:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise CamganError(f"can't write {path} ({error.strerror}); choose another folder") from None
    return FileLock(path)


def _unlocked(path: Path, error: OSError) -> None:
    if error.errno not in _NO_LOCKS:
        raise CamganError(f"can't lock {path} ({error.strerror}); choose another folder") from None
    say(f"the file system of {path.parent} has no locks; let no other run use this folder meanwhile")
