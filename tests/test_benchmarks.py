"""The benchmarks run; what they measure no test asserts."""

import json
import runpy
import subprocess
import sys

import pytest

from camgan_lib.base import paths

pytestmark = pytest.mark.timeout(600)


def run(script: str, *arguments) -> None:
    command = [sys.executable, paths.ROOT / "benchmarks" / script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.trains
def test_speed_is_measured_against_the_plain_way(tmp_path):
    run("speed.py", "classifier", "gan", "evaluation", "--turns", 1, "--images", 32, "--out", tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text())
    assert list(found) == ["classifier", "gan", "evaluation"]
    for each in found.values():
        assert {"unit", "ours", "plain", "ratio", "ratio_spread", "turns", "device", "commit"} <= set(each)
        assert len(each["turns"]) == 1


@pytest.mark.slow
def test_decisions_of_both_ways_are_counted_beside_float64(tmp_path):
    run("decisions.py", "--images", 4, "--out", tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text())
    assert (found["classifiers"], found["generators"], found["decisions"]) == (2, 4, 4 * 5 * 2)
    for way, furthest in found["largest_logit_error"].items():
        assert 0 < furthest < 1e-3, f"{way}: float32 is not float64, and near it"


@pytest.mark.trains
def test_scaling_has_an_exponent_for_time_and_memory(tmp_path):
    run("scaling.py", "--photos", 8, 16, "--size", 64, "--out", tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text())
    assert [row["photos"] for row in found["rows"]] == [8, 16]
    assert set(found["exponents"]) == {"simulate_s", "simulate_mb", "crops_s", "crops_mb"}


@pytest.mark.slow
def test_large_photos_are_read_both_ways(tmp_path):
    run("large_photos.py", "--photos", 4, "--turns", 1, "--out", tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text())
    assert (found["photos"], found["megapixels"], len(found["turns"])) == (4, 12.0, 1)
    assert {"ours_s", "ours_mb", "plain_s", "plain_mb"} == set(found["turns"][0])


@pytest.mark.browser
def test_networks_in_a_page_are_timed_by_every_kind_of_kernel(browser, tmp_path):
    run("page_networks.py", "--turns", 1, "--tiles", 60, "--out", tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text())
    for what in ("crop_ms", "batch_ms", "stylise_ms"):
        assert set(found[what]) == {"relaxed", "simd", "plain"}
    assert found["photo"]["turns"][0]["seconds"] > 0


def test_the_readme_holds_what_was_measured():
    folder = paths.ROOT / "benchmarks"
    tables = runpy.run_path(str(folder / "tables.py"))
    text = (folder / "README.md").read_text("utf-8")
    assert tables["written"](text) == text, "python benchmarks/tables.py writes the tables anew"
