"""The first page's finding and the page that compares: sentences that follow from results, and none without any."""

import importlib.util
import json
import shutil

import pytest

from camgan_lib.base import paths
from camgan_lib.book import published

spec = importlib.util.spec_from_file_location("landing", paths.ROOT / "book" / "_ext" / "landing.py")
landing = importlib.util.module_from_spec(spec)
spec.loader.exec_module(landing)
BOOK = paths.ROOT / "book"


@pytest.fixture
def build(tmp_path):
    (tmp_path / "executed").mkdir()
    (tmp_path / "executed" / "overview.png").write_bytes(b"x")
    shutil.copy(paths.published_folder() / "simulated" / "results.json", tmp_path)
    return tmp_path


def change(build, edit):
    found = json.loads((build / "results.json").read_text())
    edit(found)
    (build / "results.json").write_text(json.dumps(found))


def test_nothing_executed_nothing_found(tmp_path):
    assert landing.finding(BOOK, tmp_path) == landing.comparison(tmp_path) == landing.NOTHING


def test_the_finding_has_the_runs_numbers(build):
    run, text = published.results("simulated"), landing.finding(BOOK, build)
    assert f"{run['classifier']['auxiliary_accuracy']:.1%}" in text
    assert f"{run['frequency']['consistency_auc']:.3f}" in text
    assert "not the paper's scale" not in text


def test_what_it_says_follows_from_the_numbers(build):
    text = landing.finding(BOOK, build)
    assert "observation holds here" in text
    assert "does not follow" in text
    change(build, lambda found: found["frequency"].update(consistency_auc_untrained_ci95=[0.48, 0.52]))
    assert "Its conclusion follows from it." in landing.finding(BOOK, build)
    change(build, lambda found: found["frequency"].update(consistency_auc_untrained_ci95=[0.6, 0.7]))
    assert "follows from it with limits" in landing.finding(BOOK, build)
    change(build, lambda found: found["causes"]["turned"]["generator"].update(auxiliary=[0.3, 0.2, 0.4]))
    change(build, lambda found: found["run"].update(profile="quick"))
    text = landing.finding(BOOK, build)
    assert "does not show what the paper saw" in text
    assert "Nor does its conclusion follow." in text
    assert "Profile *quick*, not the paper's scale." in text


def test_the_published_run_is_known_and_another_is_set_beside_it(build):
    assert landing.comparison(build).startswith("This is the published run: all ")
    change(build, lambda found: found["classifier"].update(auxiliary_accuracy=0.5))
    text = landing.comparison(build)
    assert "≠" in text
    assert text.count("<table") == 1
    assert "Nothing differs in the other parts" in text
