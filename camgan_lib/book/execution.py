"""Executes chapters with papermill, each after the chapters that it stands on.

An executed copy carries a key, the hash of everything that decided it (see `staleness`). A chapter whose key has not
changed is not executed again, so a run that failed goes on where it stopped.
"""

import contextlib
import itertools
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import say, write_aside
from camgan_lib.base.imports import skip_slow_import
from camgan_lib.base.locks import locked
from camgan_lib.base.workers import cores, pool
from camgan_lib.book import chapters
from camgan_lib.book.plan import Plan
from camgan_lib.book.records import read_record
from camgan_lib.book.staleness import chapter_key, is_current, write_stamp


def alone(build: Path) -> AbstractContextManager[None]:
    """Holds a build folder for this process. Another run of the same build waits, and says so."""
    return locked(build / ".lock", f"another run is using {build}")


AT_ONCE = 2
"""How many chapters run at once. One alone keeps a single core busy most of its time: it starts, draws, judges."""


def run_chapters(plan: Plan, names: list[str], *, again: bool = False) -> None:
    """Executes chapters whose executed copy is missing or not current; with `again`, all of them.

    A chapter starts when those that it stands on are done. AT_ONCE chapters run side by side, each with its share of
    the cores. Raises ChapterFailed at the first that fails, and CamganError where a chapter stands on one that has not
    run.
    """
    number = {chapter: f"[{n}/{len(names)}] {chapter}" for n, chapter in enumerate(names, 1)}
    waiting = list(names)
    running: dict[Future, str] = {}
    at_once = 1 if _is_chain(names) else min(AT_ONCE, cores(), len(names))
    with _line_ended(), pool(at_once) if at_once > 1 else contextlib.nullcontext() as processes:
        while waiting or running:
            for chapter in _ready(waiting, running.values())[: at_once - len(running)]:
                waiting.remove(chapter)
                if not again and is_current(plan, chapter):
                    print(f"{number[chapter]}: unchanged since it ran, kept", flush=True)
                    break
                print(f"{number[chapter]} …", flush=True)
                running[_start(processes, plan, chapter, at_once)] = chapter
            else:
                for done in _first(running):
                    print(f"{number[running.pop(done)]}: {done.result():.0f} s", flush=True)


@contextlib.contextmanager
def _line_ended() -> Iterator[None]:
    """Where a run stops, ends the line of a progress bar, on which its message would stand."""
    try:
        yield
    except (ChapterFailed, CamganError):
        say("")
        raise


def _is_chain(names: list[str]) -> bool:
    """Whether each chapter stands on the one before, so that none could run beside another."""
    return all(before in chapters.UPSTREAM[after] for before, after in itertools.pairwise(names))


def _ready(waiting: list[str], running: Iterable[str]) -> list[str]:
    """Chapters that stand on none that waits or runs."""
    unfinished = {*waiting, *running}
    return [chapter for chapter in waiting if not unfinished & set(chapters.UPSTREAM[chapter])]


def _start(processes: ProcessPoolExecutor | None, plan: Plan, chapter: str, at_once: int) -> Future:
    if processes:
        return processes.submit(_execute, plan, chapter, max(1, cores() // at_once))
    done: Future = Future()
    done.set_result(_execute(plan, chapter))
    return done


def _execute(plan: Plan, chapter: str, threads: int | None = None) -> float:
    """Executes a chapter and returns the seconds that it took. `threads`: its share where it runs beside others."""
    if threads:
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    began = time.monotonic()
    try:
        execute(plan, chapter)
    except KeyboardInterrupt:
        logging.getLogger("asyncio").disabled = True  # it would report nbclient's abandoned task at exit
        raise _stopped(chapter) from None
    return time.monotonic() - began


def _first(running: dict[Future, str]) -> Iterable[Future]:
    """The chapters that end first. Raises ChapterFailed where the user stops the run before."""
    try:
        return wait(running, return_when=FIRST_COMPLETED).done
    except KeyboardInterrupt:
        raise _stopped(", ".join(running.values())) from None


def _stopped(names: str) -> "ChapterFailed":
    """What is raised where the user stops a run."""
    return ChapterFailed(f"stopped in chapter {names}; the next run starts there", users=False)


class ChapterFailed(Exception):
    """A chapter stopped. The message names chapter, cell and error; `users` says whether the user can mend it."""

    def __init__(self, message: str, users: bool):
        super().__init__(message)
        self.users = users

    def __reduce__(self) -> tuple:
        return ChapterFailed, (str(self), self.users)


def execute(plan: Plan, chapter: str) -> None:
    """Executes one chapter into `<build>/executed/`, whole or not at all. A failed copy is kept beside it.

    Raises ChapterFailed, and CamganError where a chapter that it stands on has left no record.
    """
    skip_slow_import()
    import papermill
    from papermill.exceptions import PapermillExecutionError

    for name in chapters.UPSTREAM[chapter]:
        if read_record(plan.build / "records", name) is None:
            raise CamganError(f"chapter {chapter} stands on chapter {name}, which has not run; run 'camgan run {name}'")
    source = chapters.source(chapter)
    executed = plan.build / "executed" / source.name
    failed = executed.with_suffix(".failed.ipynb")
    key = chapter_key(plan, chapter)
    for left_by_a_killed_run in executed.parent.glob(f".{executed.name}.*"):
        left_by_a_killed_run.unlink()
    os.environ.update(replace(plan.settings, static=True).environment())
    with write_aside(executed) as aside, _sockets() as sockets:
        began = time.monotonic()
        try:
            papermill.execute_notebook(
                str(source),
                str(aside),
                parameters=plan.parameters[chapter],
                kernel_name=plan.kernel,
                progress_bar=False,
                stderr_file=sys.stderr,
                extra_arguments=KERNEL_LOG,
                config=sockets,
            )
        except PapermillExecutionError as error:
            if error.ename == "KeyboardInterrupt":
                raise KeyboardInterrupt from None
            shutil.copyfile(aside, failed)
            raise _failure(chapter, error, failed) from None
        except (RuntimeError, OSError) as error:
            raise ChapterFailed(_why_not(chapter, error), users=False) from None
        failed.unlink(missing_ok=True)
        write_stamp(aside, plan.build / "records" / f"{chapter}.json", key, round(time.monotonic() - began, 1))


LONGEST_SOCKET = 90
"""Characters of a socket's path that every system takes."""


@contextlib.contextmanager
def _sockets() -> Iterator[Any]:
    """How a kernel is reached: by files in a folder that only this user can open.

    jupyter_client's TCP ports are chosen before the kernel takes them. Where another kernel takes one in between, the
    run would wait for ever. Windows has nothing but ports.
    """
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(prefix="camgan-") as folder:
        path = str(Path(folder) / "kernel")
        fit = sys.platform != "win32" and len(path) <= LONGEST_SOCKET
        yield Config({"KernelManager": {"transport": "ipc", "ip": path}} if fit else {})


KERNEL_LOG = [
    "--IPKernelApp.log_level=ERROR",
    "--IPKernelApp.exec_lines=__import__('logging').getLogger('IPKernelApp').addFilter("
    "lambda record: 'KeyboardInterrupt caught' not in record.getMessage())",
]
"""The kernel logs errors only, and not that it was interrupted.

jupyter_client interrupts every kernel before it shuts it down, so that message would come at the end of good runs, too.
"""

DEAD = ("Kernel died", "Kernel didn't respond", "No kernel is running")
"""How nbclient's and jupyter_client's messages about a dead kernel begin; most of them are plain RuntimeErrors."""


def _why_not(chapter: str, error: Exception) -> str:
    words = " ".join(str(error).split())
    if isinstance(error, RuntimeError) and any(dead in words for dead in DEAD):
        return f"the kernel of chapter {chapter} died (killed, or out of memory); the next run starts there"
    return f"chapter {chapter} could not be executed: {type(error).__name__}: {words}"


def _failure(chapter: str, error: Any, kept: Path) -> ChapterFailed:
    first_line = next((line for line in error.source.splitlines() if line.strip()), "")
    return ChapterFailed(
        f"chapter {chapter} stopped in cell {error.exec_count} ({first_line.strip()!r}): "
        f"{error.ename}: {error.evalue}\n"
        f"Its copy up to there: {kept}. The next run starts at this chapter.",
        users=error.ename == "CamganError",
    )
