"""Executes chapters with papermill, each after the chapters that it stands on.

An executed copy carries a key, the hash of everything that decided it (see `staleness`). A chapter whose key has not
changed is not executed again, so a run that failed goes on where it stopped.
"""

import contextlib
import functools
import itertools
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside
from camgan_lib.base.imports import skip_slow_import
from camgan_lib.base.locks import locked
from camgan_lib.base.settings import PROGRESS, Settings
from camgan_lib.base.workers import cores, pool
from camgan_lib.book import chapters
from camgan_lib.book.plan import Plan
from camgan_lib.book.records import read_record
from camgan_lib.book.staleness import chapter_key, is_current, library_hashes, write_stamp
from camgan_lib.book.status import over_the_line, shown
from camgan_lib.book.timings import Timings


def alone(build: Path) -> AbstractContextManager[None]:
    """Holds a build folder for this process. Another run of the same build waits, and says so."""
    return locked(build / ".lock", f"another run is using {build}")


AT_ONCE = 2
"""How many chapters run at once. One alone keeps a single core busy most of its time: it starts, draws, judges."""


def run_chapters(plan: Plan, names: list[str], *, again: bool = False, timings: Timings | None = None) -> None:
    """Executes chapters whose executed copy is missing or not current; with `again`, all of them.

    A chapter starts when those that it stands on are done. AT_ONCE chapters run side by side, each with its share of
    the cores. `timings` tell how long it takes. Raises ChapterFailed at the first that fails, and CamganError where a
    chapter stands on one that has not run.
    """
    number = {chapter: f"[{n}/{len(names)}] {chapter}" for n, chapter in enumerate(names, 1)}
    waiting = list(names)
    running: dict[Future, str] = {}
    at_once = 1 if _is_chain(names) else min(AT_ONCE, cores(), len(names))
    timings, library = timings or Timings(plan, names), library_hashes()

    def where() -> str:
        return f"{timings.left(list(waiting), at_once)} · {', '.join(number[each] for each in timings.running())}"

    with (
        shown(where) as (status, address),
        _kernels(names, environment := _environment(plan, at_once, address)) as kernels,
        pool(at_once) if at_once > 1 else contextlib.nullcontext() as processes,
    ):
        while waiting or running:
            for chapter in _ready(waiting, running.values())[: at_once - len(running)]:
                waiting.remove(chapter)
                key = chapter_key(plan, chapter, library)
                if not again and is_current(plan, chapter, key):
                    status.print(f"{number[chapter]}: unchanged since it ran, kept")
                    break
                status.print(f"{number[chapter]} …")
                timings.begin(chapter)
                running[_start(processes, plan, chapter, key, kernels(), environment)] = chapter
            else:
                for done in _first(running):
                    chapter, seconds = running.pop(done), done.result()
                    timings.end(chapter, seconds)
                    status.print(f"{number[chapter]}: {seconds:.0f} s")


def _is_chain(names: list[str]) -> bool:
    """Whether each chapter stands on the one before, so that none could run beside another."""
    return all(before in chapters.UPSTREAM[after] for before, after in itertools.pairwise(names))


def _ready(waiting: list[str], running: Iterable[str]) -> list[str]:
    """Chapters that stand on none that waits or runs."""
    unfinished = {*waiting, *running}
    return [chapter for chapter in waiting if not unfinished & set(chapters.UPSTREAM[chapter])]


def _environment(plan: Plan, at_once: int, progress: str) -> dict[str, str]:
    """What the environment of all chapters holds: settings, each one's share of the cores, where progress goes."""
    share = {"OMP_NUM_THREADS": str(max(1, cores() // at_once))} if at_once > 1 else {}
    return {**share, **os.environ, **_settings(plan).environment(), PROGRESS: progress}


def _settings(plan: Plan) -> Settings:
    return replace(plan.settings, static=True)


@contextlib.contextmanager
def _kernels(names: list[str], environment: dict[str, str]) -> Iterator[Callable[[], str]]:
    """Yields what starts a server of kernels, at its first call, and returns its address. One chapter needs none."""
    with contextlib.ExitStack() as until_the_end:

        @functools.cache
        def address() -> str:
            if len(names) == 1:
                return ""
            from camgan_lib.book.kernels import imported_by, kernel_server

            return until_the_end.enter_context(kernel_server(environment, imported_by(map(chapters.source, names))))

        yield address


def _start(
    processes: ProcessPoolExecutor | None, plan: Plan, chapter: str, key: str, kernels: str, environment: dict[str, str]
) -> Future:
    if processes:
        return processes.submit(_execute, plan, chapter, key, kernels, environment)
    done: Future = Future()
    done.set_result(_execute(plan, chapter, key, kernels, environment))
    return done


def _execute(plan: Plan, chapter: str, key: str, kernels: str, environment: dict[str, str]) -> float:
    """Executes a chapter and returns the seconds that it took."""
    began, before = time.monotonic(), dict(os.environ)
    os.environ.update(environment)
    try:
        execute(plan, chapter, key, kernels)
    except KeyboardInterrupt:
        logging.getLogger("asyncio").disabled = True  # it would report nbclient's abandoned task at exit
        raise _stopped(chapter) from None
    finally:
        os.environ.clear()
        os.environ.update(before)
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


def execute(plan: Plan, chapter: str, key: str = "", kernels: str = "") -> None:
    """Executes one chapter into `<build>/executed/`, whole or not at all. A failed copy is kept beside it.

    `key` is the chapter's key when its run began; without one, it is that of now. `kernels` is the address of a server
    of kernels (`kernels.kernel_server`), "" for none.

    Raises ChapterFailed, and CamganError where a chapter that it stands on has left no record.
    """
    skip_slow_import()
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from camgan_lib.book.kernels import WarmKernels, reached

    for name in chapters.UPSTREAM[chapter]:
        if read_record(plan.build / "records", name) is None:
            raise CamganError(f"chapter {chapter} stands on chapter {name}, which has not run; run 'camgan run {name}'")
    source = chapters.source(chapter)
    executed = plan.build / "executed" / source.name
    failed = executed.with_suffix(".failed.ipynb")
    key = key or chapter_key(plan, chapter)
    for left_by_a_killed_run in executed.parent.glob(f".{executed.name}.*"):
        left_by_a_killed_run.unlink()
    os.environ.update(_settings(plan).environment())
    with write_aside(executed) as aside, reached(kernels) as how:
        began = time.monotonic()
        try:
            papermill.execute_notebook(
                str(source),
                str(aside),
                parameters=plan.parameters[chapter],
                kernel_name=plan.kernel,
                progress_bar=False,
                stderr_file=over_the_line(sys.stderr),
                extra_arguments=KERNEL_LOG,
                kernel_manager_class=WarmKernels,
                config=how,
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
