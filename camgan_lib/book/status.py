"""What a run says while it runs: a line for each chapter that begins or ends, and how far it is.

On a terminal, how far it is stands in one line that is kept up to date; elsewhere a whole line is printed each minute.
"""

import contextlib
import json
import os
import select
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from camgan_lib.base.files import CLEAR, say
from camgan_lib.base.sockets import socket_folder
from camgan_lib.show.terminal import cut_to

SECONDS_BETWEEN_LINES = 60
SILENT = 120
"""Seconds after which work that sends nothing any more is not shown: its process was killed."""


@contextlib.contextmanager
def shown(where: Callable[[], str]) -> Iterator[tuple["Status", str]]:
    """Shows the state of a run within. Yields it, and the address to which processes send their progress.

    `where` says what runs and how long it will take, as it is at the moment.
    """
    status = Status(where)
    with socket_folder() as folder, contextlib.ExitStack() as until_the_end:
        listener, address = None, os.devnull  # where no socket can be, nothing is heard
        if folder is not None:
            listener = until_the_end.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            listener.bind(address := str(folder / "progress"))
        thread = threading.Thread(target=status.listen, args=(listener,), daemon=True)
        thread.start()
        try:
            yield status, address
        finally:
            status.over.set()
            if listener is not None:
                _wake(address)
            thread.join()
            status.clear()


def _wake(address: str) -> None:
    """Sends an empty message to who waits for one."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"", address)


def over_the_line(stream: TextIO) -> Any:
    """A stream whose every text first empties the line of a terminal, on which the state of a run stands."""
    return _OverTheLine(stream) if stream.isatty() else stream


class _OverTheLine:
    def __init__(self, stream: TextIO):
        self._stream = stream
        self.flush = stream.flush

    def write(self, text: str) -> None:
        self._stream.write(f"{CLEAR}{text}")


class Status:
    """The state of a run (see `shown`)."""

    def __init__(self, where: Callable[[], str]):
        self._where = where
        self._drawn = sys.stderr.isatty()
        self._began = self._said = time.monotonic()
        self._steps: dict[tuple[int, str], tuple[float, str]] = {}
        self._lock = threading.Lock()
        self.over = threading.Event()

    def print(self, line: str) -> None:
        """Prints a whole line on stdout."""
        with self._lock:
            self.clear()
            print(line, flush=True)

    def text(self) -> str:
        """How far the run is, in one line."""
        now = time.monotonic()
        steps = [text for heard, text in self._steps.values() if now - heard < SILENT]
        more = [f"{len(steps) - 2} more"] if len(steps) > 3 else []
        passed = f"{int(now - self._began) // 60}:{int(now - self._began) % 60:02d}"
        return " · ".join([passed, self._where(), *(steps[:2] if more else steps), *more])

    def show(self) -> None:
        """Draws the line anew, or prints it where no terminal is."""
        if not self._drawn:
            return say(self.text())
        with self._lock:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"{CLEAR}{cut_to(self.text(), width)}\r")
            sys.stderr.flush()

    def hear(self, message: bytes) -> None:
        """Takes what a process has sent of its work (see `progress`)."""
        with contextlib.suppress(ValueError, KeyError, TypeError):
            state: dict[str, Any] = json.loads(message)
            work = state["process"], state["name"]
            if state["ended"]:
                self._steps.pop(work, None)
            else:
                count = f"{state['name']}: {state['done']}/{state['total']}"
                self._steps[work] = time.monotonic(), "".join(filter(str.isprintable, count))

    def listen(self, listener: socket.socket | None) -> None:
        """Hears what is sent and shows the state, until the run is over."""
        while not self.over.is_set():
            if listener is None:
                self.over.wait(1)
            elif select.select([listener], [], [], 1)[0]:
                self.hear(listener.recv(65536))
            now = time.monotonic()
            if now - self._said >= (1 if self._drawn else SECONDS_BETWEEN_LINES):
                self._said = now
                self.show()

    def clear(self) -> None:
        """Empties the line of the terminal."""
        if self._drawn:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
