"""Processes and threads that work for this process, one core for each.

Processes of a `pool` end when the process that started them ends, however it ends.
"""

import contextlib
import multiprocessing
import multiprocessing.context
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from camgan_lib.base.errors import CamganError
from camgan_lib.base.memory import keep_memory

SLOW_IMPORTS = ("numba", "torch", "scipy.ndimage", "scipy.stats")
_thread = threading.local()
_process_has_one_core = False


def cores() -> int:
    """The number of cores that the caller may use: 1 inside a worker, so that workers start no workers of their own."""
    if _process_has_one_core or getattr(_thread, "has_one_core", False):
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def take_one_core() -> None:
    """From now on `cores()` is 1 in this thread. For threads that work side by side with others."""
    _thread.has_one_core = True


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """`cores()` is 1 within, in this thread."""
    before = getattr(_thread, "has_one_core", False)
    _thread.has_one_core = True
    try:
        yield
    finally:
        _thread.has_one_core = before


def fresh_processes() -> multiprocessing.context.BaseContext:
    """How new processes start: fresh, not as copies of this one.

    On Linux they are copies of one that has imported what takes seconds to import, elsewhere they import it themselves.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([name for name in SLOW_IMPORTS if name in sys.modules])
    return context


@contextlib.contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Yields a pool of `workers` fresh processes. On any error, drops tasks that wait and ends those that run.

    Raises CamganError where one of the processes was killed.
    """
    executor = ProcessPoolExecutor(workers, fresh_processes(), _begin)
    try:
        yield executor
    except BaseException as error:
        processes = list((executor._processes or {}).values())  # no public name before Python 3.14
        executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(5)
        if isinstance(error, BrokenProcessPool):
            raise CamganError(
                "a process that worked for this run was killed (out of memory?); "
                "run again to go on from where it was, with workers=1 if memory is short"
            ) from None
        raise
    executor.shutdown()


def _begin() -> None:
    global _process_has_one_core
    _process_has_one_core = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends its workers
    keep_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
