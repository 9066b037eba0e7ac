"""How far long work has come, shown where someone can read it.

On a terminal and in a notebook it is a bar. A process that belongs to a run of the book sends it to that run, which
shows all of it in one line of its own (`Settings` says where). Elsewhere, as in a log file, it is a line a minute.
"""

import contextlib
import io
import json
import os
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any

from tqdm import tqdm

from camgan_lib.base.files import say
from camgan_lib.base.settings import progress_address

SECONDS_BETWEEN_LINES = 60
SECONDS_BETWEEN_MESSAGES = 1


def progress(
    name: str,
    unit: str,
    total: int,
    steps: Iterable | None = None,
    *,
    done: int = 0,
    shown: bool = True,
    position: int = 0,
) -> tqdm:
    """What counts the steps of some work: an iterable over `steps`, or without these an object with `update()`.

    `name` and `unit`, in the singular, say what is counted. `done` of the `total` steps were done before. Nothing is
    shown unless `shown`. `position` is the line of a bar, from 0, where several are drawn at once.
    """
    about: dict[str, Any] = {"desc": name, "unit": unit, "total": total, "initial": done}
    if not shown:
        return tqdm(steps, disable=True, **about)
    if address := progress_address():
        return _Told(_messages_to(address), steps, mininterval=SECONDS_BETWEEN_MESSAGES, **about)
    if sys.stderr.isatty() or type(sys.stderr).__module__.startswith("ipykernel"):
        return tqdm(steps, mininterval=2, position=position, **about)
    return _Told(_line, steps, mininterval=SECONDS_BETWEEN_LINES, **about)


class _Told(tqdm):
    """A bar that calls `tell` with itself wherever tqdm would draw it."""

    def __init__(self, tell: Callable[["_Told"], None], *arguments: Any, **about: Any):
        self._tell = tell
        self.ended = False
        super().__init__(*arguments, file=io.StringIO(), **about)

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        self._tell(self)

    def close(self) -> None:
        self.ended = True
        super().close()

    def seconds_left(self) -> float | None:
        """Seconds that the rest takes at the pace so far; None before the first step."""
        passed, gone = self.format_dict["elapsed"], self.n - self.initial
        return passed / gone * (self.total - self.n) if gone else None


def _line(bar: _Told) -> None:
    left = bar.seconds_left()
    if left and not bar.ended:
        say(f"{bar.desc}: {bar.n} of {bar.total} {bar.unit}s, about {duration(left)} left")


def _messages_to(address: str) -> Callable[[_Told], None]:
    """What sends a bar's state to the socket at an address, or nothing where none listens there any more."""

    def tell(bar: _Told) -> None:
        state = {"process": os.getpid(), "name": bar.desc, "done": bar.n, "total": bar.total}
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto(json.dumps({**state, "ended": bar.ended}).encode(), address)

    return tell


def duration(seconds: float) -> str:
    """Seconds as a person says them: "40 s", "3 min", "2 h 10 min"."""
    if seconds < 59.5:
        return f"{max(1, seconds):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
