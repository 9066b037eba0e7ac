"""Locks hold between processes, and file systems or systems that have none are said and worked on without."""

import ast
import errno
import os
import subprocess
import sys
from pathlib import Path

import filelock
import pytest

from camgan_lib.base.errors import CamganError
from camgan_lib.base.locks import locked, locked_if_free
from camgan_lib.base.paths import ROOT

HOLDER = """
import sys
from pathlib import Path
from camgan_lib.base.locks import locked
with locked(Path(sys.argv[1]), ""):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock `tmp_path/lock` until a line reaches it."""
    command, piped = [sys.executable, "-c", HOLDER, tmp_path / "lock"], subprocess.PIPE
    with subprocess.Popen(command, stdin=piped, stdout=piped, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_lock_that_another_process_holds_is_not_free_until_it_ends(tmp_path, holder):
    with locked_if_free(tmp_path / "lock") as free:
        assert not free
    holder.kill()
    holder.wait(10)
    with locked_if_free(tmp_path / "lock") as free:
        assert free


def test_whoever_waits_says_why(tmp_path, holder, capsys):
    holder.stdin.write("\n")
    holder.stdin.close()
    with locked(tmp_path / "lock", "another run is at it"):
        pass
    assert capsys.readouterr().err in ("", "another run is at it; waiting for it\n")


def fail_with(monkeypatch, code):
    def acquire(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(filelock.FileLock, "acquire", acquire)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_said_and_worked_on(tmp_path, monkeypatch, capsys, code):
    fail_with(monkeypatch, code)
    with locked(tmp_path / "lock", "waiting"), locked_if_free(tmp_path / "other") as free:
        assert free
    said = capsys.readouterr().err.splitlines()
    assert said == [f"the file system of {tmp_path} has no locks; let no other run use this folder meanwhile"] * 2


def test_another_error_is_one_sentence(tmp_path, monkeypatch):
    fail_with(monkeypatch, errno.EIO)
    with pytest.raises(CamganError, match=r"can't write .*choose another folder"), locked(tmp_path / "lock", ""):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(CamganError, match="can't write"), locked(tmp_path / "file" / "lock", ""):
        pass


def test_no_module_imports_what_some_systems_lack():
    lacking = {"fcntl", "resource", "pwd", "grp", "termios", "msvcrt", "winreg"}
    for path in sorted((ROOT / "camgan_lib").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert not lacking & set(names), path


AS_WINDOWS = """
import os, signal
for name in ("sched_getaffinity", "getpgid", "killpg", "fork", "setsid"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGALRM", "SIGUSR1", "SIGHUP"):
    if hasattr(signal, name):
        delattr(signal, name)
from camgan_lib.base import devices, files, locks, memory, workers
assert workers.cores() >= 1
memory.keep_memory()
"""


@pytest.mark.slow
def test_the_base_is_imported_without_the_names_that_windows_lacks():
    done = subprocess.run([sys.executable, "-c", AS_WINDOWS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_lock_is_a_file_of_its_own(tmp_path):
    with locked(tmp_path / "a" / "lock", ""):
        assert [path.name for path in Path(tmp_path / "a").iterdir()] == ["lock"]
