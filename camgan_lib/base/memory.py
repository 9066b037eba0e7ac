"""Freed memory is kept: large arrays come and go at every step, and fetching their pages anew costs more than that."""

import contextlib
import ctypes
import functools


@functools.cache
def keep_memory() -> None:
    """Has this process keep memory that it frees, where the C library is glibc: each training step asks for it again.

    Otherwise a third of a step's tensors are handed back to the system and their pages fetched anew.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
        libc.mallopt(_MMAP_THRESHOLD, _MMAP_THRESHOLD_MAX)


_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_THRESHOLD_MAX = -1, -3, 4 * 1024 * 1024 * 8
"""Parameters of glibc's mallopt(3), and the largest value of the last."""
