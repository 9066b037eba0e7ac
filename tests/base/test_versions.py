"""Versions are plain numbers, the same on every Python; `versions.json` says which files they stand for."""

import json

import pytest

from camgan_lib.base import versions


def test_the_recorded_sources_are_the_sources():
    assert versions.changed() == [], (
        "made by other files than recorded; the first lines of camgan_lib/base/versions.py say what to do"
    )


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "FILE", tmp_path / "versions.json")
    versions.record([])
    return tmp_path / "versions.json"


def test_a_version_goes_up_only_where_it_is_said(recorded, monkeypatch):
    assert versions.code_version("classifier") == 1
    monkeypatch.setattr(versions, "source_hash", lambda kind: f"other {kind}")
    assert versions.changed() == list(versions.SOURCES)
    assert versions.code_version("classifier") == 1, "the number alone names what is made"
    versions.record(["classifier"])
    assert versions.changed() == []
    assert (versions.code_version("classifier"), versions.code_version("crops")) == (2, 1)
    assert json.loads(recorded.read_text())["classifier"] == {"version": 2, "sources": "other classifier"}


def test_line_endings_do_not_change_a_hash(tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    hashes = set()
    for end in ("\n", "\r\n"):
        for name in versions.SOURCES["crops"]:
            path = tmp_path / "camgan_lib" / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"a = 1{end}b = 2{end}".encode())
        hashes.add(versions.source_hash("crops"))
    assert len(hashes) == 1
