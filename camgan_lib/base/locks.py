"""Locks between processes: one process holds the lock of a file and works, the others wait for it.

The operating system releases a lock when the process that holds it ends, however it ends.
"""

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import say

_NO_LOCKS = {getattr(errno, name) for name in ("ENOLCK", "ENOSYS", "EOPNOTSUPP", "ENOTSUP") if hasattr(errno, name)}
"""Errors of file systems that have no locks. Not every system has all of them."""


@contextlib.contextmanager
def locked(path: Path, why: str) -> Iterator[None]:
    """Holds the lock of `path`, a file of its own that is made where it is missing.

    Where another process holds the lock, prints `why` and waits. Where the file system has no locks, prints a line that
    says so and goes on without. Raises CamganError where the file can't be made or locked.
    """
    lock = _open(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"{why}; waiting for it")
        lock.acquire()
    except (OSError, NotImplementedError) as error:
        _unlocked(path, error)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Yields whether no other process holds the lock of `path`, and holds it meanwhile if so.

    A file system without locks counts as free, with one line that says so. Raises CamganError as `locked` does.
    """
    lock, free = _open(path), True
    try:
        lock.acquire(timeout=0)
    except Timeout:
        free = False
    except (OSError, NotImplementedError) as error:
        _unlocked(path, error)
    try:
        yield free
    finally:
        lock.release()


def _open(path: Path) -> FileLock:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CamganError(f"can't write {path} ({error.strerror}); choose another folder") from None
    return FileLock(path)


def _unlocked(path: Path, error: OSError | NotImplementedError) -> None:
    if isinstance(error, OSError) and error.errno not in _NO_LOCKS:
        raise CamganError(f"can't write {path} ({error.strerror}); choose another folder") from None
    say(f"the file system of {path.parent} has no locks; let no other run use this folder meanwhile")
