"""Versions stand for the code that makes things only while that code is the recorded one."""

import json

import pytest

from camgan_lib import versions


def test_the_recorded_code_is_the_code():
    assert versions.changed() == [], (
        "see the first lines of camgan_lib/versions.py: say whether it makes the same things"
    )


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "FILE", tmp_path / "versions.json")
    versions.code_version.cache_clear()
    versions.record([])
    yield tmp_path / "versions.json"
    versions.code_version.cache_clear()


def test_other_code_goes_by_its_hash_until_it_is_recorded(recorded, monkeypatch):
    assert versions.code_version("classifier") == 1
    versions.code_version.cache_clear()
    monkeypatch.setattr(versions, "code_id", lambda *modules: f"other {len(modules)}")
    assert versions.changed() == list(versions.MODULES)
    assert versions.code_version("classifier") == "other 4"
    versions.code_version.cache_clear()
    versions.record(["classifier"])
    assert (versions.code_version("classifier"), versions.code_version("crops")) == (2, 1)
    assert json.loads(recorded.read_text())["classifier"] == {"version": 2, "code": "other 4"}
