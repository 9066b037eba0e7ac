"""Progress: a message to the run that listens, a line a minute into a file, a bar on a terminal alone."""

import io
import json
import socket

import pytest

from camgan_lib.base import progress as module
from camgan_lib.base.progress import duration, progress
from camgan_lib.base.settings import PROGRESS
from camgan_lib.base.sockets import socket_folder


@pytest.fixture
def every_step(monkeypatch):
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", 0)
    monkeypatch.setattr(module, "SECONDS_BETWEEN_MESSAGES", 0)


def test_a_file_gets_whole_lines(every_step, monkeypatch, capsys):
    monkeypatch.delenv(PROGRESS, raising=False)
    assert list(progress("photos", "photo", 4, iter("abcd"))) == list("abcd")
    said = capsys.readouterr().err.splitlines()
    assert said == [f"photos: {n} of 4 photos, about 1 s left" for n in (1, 2, 3)]


def test_short_work_says_nothing_in_a_file(monkeypatch, capsys):
    monkeypatch.delenv(PROGRESS, raising=False)
    with progress("photos", "photo", 2) as bar:
        bar.update(2)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar(monkeypatch):
    monkeypatch.delenv(PROGRESS, raising=False)
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)
    list(progress("photos", "photo", 2, range(2)))
    assert "\rphotos: 100%|" in terminal.getvalue()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no Unix sockets")
def test_a_run_that_listens_gets_messages(every_step, monkeypatch, capsys):
    with socket_folder() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(folder / "progress"))
        monkeypatch.setenv(PROGRESS, str(folder / "progress"))
        list(progress("style GAN 1", "step", 5, range(3, 5), done=3))
        heard = [json.loads(listener.recv(1000)) for _ in range(4)]
    assert [(each["name"], each["done"], each["total"], each["ended"]) for each in heard] == [
        ("style GAN 1", done, 5, ended) for done, ended in ((3, False), (4, False), (5, False), (5, True))
    ]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("shown", [True, False])
def test_nobody_listens_and_the_work_goes_on(every_step, monkeypatch, capsys, tmp_path, shown):
    monkeypatch.setenv(PROGRESS, str(tmp_path / "gone"))
    assert list(progress("photos", "photo", 2, range(2), shown=shown)) == [0, 1]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(0, "1 s"), (40.4, "40 s"), (59.6, "1 min"), (150, "2 min"), (3570, "1 h 0 min"), (7800, "2 h 10 min")],
)
def test_durations_are_said_as_a_person_says_them(seconds, says):
    assert duration(seconds) == says
