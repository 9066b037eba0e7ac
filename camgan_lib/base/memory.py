"""Makes a process keep the memory that it frees, because training asks for the same amount again at every step."""

import contextlib
import ctypes
import functools


@functools.cache
def keep_memory() -> None:
    """Makes this process keep freed memory, if its C library is glibc; elsewhere does nothing.

    Otherwise glibc returns the memory of a third of a step's tensors to the system, and fetches it anew page by page.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
        libc.mallopt(_MMAP_THRESHOLD, _MMAP_THRESHOLD_MAX)


_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_THRESHOLD_MAX = -1, -3, 4 * 1024 * 1024 * 8
"""Numbers of two parameters of glibc's mallopt(3), and the largest value of the second."""
