"""The state of a run: one line that is kept up to date on a terminal, whole lines in a file."""

import io
import json
import re
import time

import pytest

from camgan_lib.base.progress import progress
from camgan_lib.base.settings import PROGRESS
from camgan_lib.book import status as module
from camgan_lib.book.status import over_the_line, shown


def message(name, done, process=1, ended=False):
    return json.dumps({"process": process, "name": name, "done": done, "total": 9, "ended": ended}).encode()


def wait_until(true):
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_work_of_all_processes_stands_in_one_line():
    with shown(lambda: "about 3 min left · [2/14] classifier") as (status, _):
        assert status.text() == "0:00 · about 3 min left · [2/14] classifier"
        status.hear(message("classifier", 3))
        status.hear(message("8-bit classifier", 4, process=2))
        status.hear(b"nothing like it")
        status.hear(b"[]")
        assert status.text().endswith("[2/14] classifier · classifier: 3/9 · 8-bit classifier: 4/9")
        for process in (3, 4):
            status.hear(message("\x1b[2Jphotos", 1, process))
        assert status.text().endswith("classifier: 3/9 · 8-bit classifier: 4/9 · 2 more")
        for process in (3, 4):
            status.hear(message("\x1b[2Jphotos", 9, process, ended=True))
        status.hear(message("classifier", 9, ended=True))
        assert status.text().endswith("[2/14] classifier · 8-bit classifier: 4/9")


def test_a_process_is_heard(monkeypatch):
    with shown(lambda: "") as (status, address):
        monkeypatch.setenv(PROGRESS, address)
        bar = progress("photos", "photo", 2)
        wait_until(lambda: "photos: 0/2" in status.text())
        bar.close()
        wait_until(lambda: "photos" not in status.text())


def test_a_file_gets_whole_lines_and_no_control_characters(monkeypatch, capsys):
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LINES", 0.01)
    with shown(lambda: "dataset") as (status, _):
        status.print("[1/1] dataset …")
        time.sleep(1.2)
    out, err = capsys.readouterr()
    assert out == "[1/1] dataset …\n"
    assert re.fullmatch(r"(0:0\d · dataset\n)+", err)


def test_short_runs_say_nothing_between_chapters(capsys):
    with shown(lambda: "dataset"):
        pass
    assert capsys.readouterr() == ("", "")


def test_a_terminal_has_one_line_that_is_empty_at_the_end(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)
    with pytest.raises(RuntimeError, match="stopped"), shown(lambda: "x" * 500) as (status, _):
        status.show()
        line = terminal.getvalue()
        assert line.startswith("\r\x1b[K0:00 · xxx")
        assert line.endswith("…\r")
        assert len(line) < 120
        over_the_line(terminal).write("a warning\n")
        raise RuntimeError("stopped")
    assert terminal.getvalue() == f"{line}\r\x1b[Ka warning\n\r\x1b[K"


def test_a_stream_that_is_no_terminal_stays_as_it_is():
    stream = io.StringIO()
    assert over_the_line(stream) is stream
