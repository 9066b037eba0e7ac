"""Folders for sockets, by which processes of one user reach each other."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

LONGEST = 90
"""Characters of a socket's path that every system takes."""


@contextlib.contextmanager
def socket_folder(inside: Path | None = None) -> Iterator[Path | None]:
    """Yields an empty folder that only this user can open, or None where no socket can be in it.

    It is made `inside` another, or else in the system's folder of temporary files. No socket can be in it on Windows,
    and where its path is long.
    """
    with tempfile.TemporaryDirectory(prefix="camgan-", dir=inside, ignore_cleanup_errors=True) as folder:
        yield Path(folder) if sys.platform != "win32" and len(folder) + len("/progress") <= LONGEST else None
