"""Keeps freed memory in the process, which makes trainings faster.

Large arrays come and go at every step. To ask the system for their memory each time costs more than to keep it.
"""

import contextlib
import ctypes
import functools


@functools.cache
def keep_memory() -> None:
    """Tells the C library to keep the memory that this process frees. Does nothing where that is not glibc.

    Otherwise about a third of a training step's tensors go back to the system, and the next step asks for them again.
    """
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
        libc.mallopt(_MMAP_THRESHOLD, _MMAP_THRESHOLD_MAX)


_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_THRESHOLD_MAX = -1, -3, 4 * 1024 * 1024 * 8
"""Parameters of glibc's mallopt(3), and the largest value of the last."""
