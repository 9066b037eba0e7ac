"""What is said of a machine is plain, and where the system does not tell, it is None."""

import platform

from camgan_lib.base import machine


def test_the_machine_is_described():
    found = machine.machine()
    assert set(found) == {"processor", "instructions", "cores", "memory", "system", "python"}
    assert found["cores"] >= 1
    assert found["memory"] is None or found["memory"] > 2**28
    assert platform.python_version() in found["python"]


def test_libraries_that_are_not_installed_are_left_out(monkeypatch):
    monkeypatch.setattr(machine, "LIBRARIES", ("numpy", "no-such-library"))
    assert list(machine.libraries()) == ["numpy"]


def test_a_system_that_does_not_tell_gives_none(monkeypatch):
    def fail(*_, **__):
        raise OSError

    monkeypatch.setattr(machine.Path, "read_text", fail)
    monkeypatch.setattr(machine.os, "sysconf", fail)
    monkeypatch.setattr(platform, "system", lambda: "Plan 9")
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert machine.processor() is None
    assert machine.memory() is None
