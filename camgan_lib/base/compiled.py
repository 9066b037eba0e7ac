"""Loops over pixels, compiled to machine code when they are first called and kept for later processes (numba)."""

import contextlib
from collections.abc import Callable

import numba


def compiled(function: Callable) -> Callable:
    """The function, compiled on its first call. Sums and products keep their order: it rounds as plain numpy does.

    Machine code is kept beside the source, or in the user's folder of caches; where neither can be written, every
    process compiles anew.
    """
    made = numba.njit(nogil=True, error_model="numpy")(function)
    with contextlib.suppress(RuntimeError):
        made.enable_caching()
    return made
