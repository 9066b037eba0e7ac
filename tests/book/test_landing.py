"""The first page's finding and the page that compares: sentences that follow from results, and none without any."""

import importlib.util
import json
import re
from dataclasses import asdict

import pytest

from camgan_lib.base import paths
from camgan_lib.book import published
from camgan_lib.measure.estimates import recorded
from camgan_lib.verdicts import rules
from tests.verdicts.results import changed, e, make

spec = importlib.util.spec_from_file_location("landing", paths.ROOT / "book" / "_ext" / "landing.py")
landing = importlib.util.module_from_spec(spec)
spec.loader.exec_module(landing)
BOOK = paths.ROOT / "book"


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A build that is the published run "simulated", another one, old, lies beside it."""
    monkeypatch.setattr(paths, "published_folder", lambda: tmp_path / "published")
    for name in ("build/executed", "published/simulated", "published/real4"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "build" / "executed" / "overview.png").write_bytes(b"x")
    old = {"run": {"networks": []}, "classifier": {"auxiliary_accuracy": 0.9}}
    (tmp_path / "published" / "real4" / "results.json").write_text(json.dumps(old))
    write(tmp_path / "published" / "simulated", make())
    write(tmp_path / "build", make())
    return tmp_path / "build"


def write(folder, results):
    results["verdict"] = {"verdicts": [asdict(each) for each in rules.verdicts(results)]}
    (folder / "results.json").write_text(json.dumps(recorded(results)))


def test_nothing_executed_nothing_found(tmp_path):
    assert landing.finding(BOOK, tmp_path) == landing.comparison(tmp_path) == landing.NOTHING
    assert landing.verdicts(tmp_path) == ""


def test_the_finding_has_the_runs_numbers(build):
    text = landing.finding(BOOK, build)
    assert "takes {result}`94.0% (92.0% to 96.0%) <classifier.auxiliary_accuracy>` of test crops" in text
    assert "AUC of {result}`0.900 (0.890 to 0.910) <frequency.consistency.stylised>`" in text
    assert "not the paper's scale" not in text


def test_the_live_figure_stands_where_the_run_left_one(build):
    assert "{raw} html" not in landing.finding(BOOK, build)
    (build / "executed" / "hero.html").write_text("<div>live</div>")
    text = landing.finding(BOOK, build)
    assert "<div>live</div>" in text
    assert "{figure}" in text, "its static picture is there in any case"


def test_what_it_says_follows_from_the_numbers(build):
    assert "The paper's observation holds here." in landing.finding(BOOK, build)
    assert "verdicts may rest on it" in landing.finding(BOOK, build)
    write(build, changed(frequency__consistency__against_untrained=e(-0.1)))
    assert "does not follow from it" in landing.finding(BOOK, build)
    write(build, changed(frequency__consistency__untrained=e(0.7)))
    assert "follows from it with limits" in landing.finding(BOOK, build)
    write(build, changed(causes__turned__generator__auxiliary=e(0.3), run__profile="quick"))
    text = landing.finding(BOOK, build)
    assert "does not show what the paper saw" in text
    assert "Nor does its conclusion follow." in text
    assert "Profile *quick*, not the paper's scale." in text


def test_the_first_page_says_that_a_classifier_that_knows_nothing_gives_no_verdict(build):
    write(build, changed(classifier__over_colour=e(-0.1)))
    text = landing.finding(BOOK, build)
    assert "not judged in full" in text
    assert "What rests on the classifier is therefore not judged in this run." in text


def test_the_published_run_is_known_and_another_is_set_beside_it(build):
    assert landing.comparison(build).startswith("This is the published run: all 16")
    write(build, changed(classifier__auxiliary_accuracy=e(0.5), dataset__train_crops=3))
    text = landing.comparison(build)
    assert "≠" in text
    assert "not the same" in text
    assert text.count("<table") == 2
    assert "1 of 85 estimates differ beyond chance" in text
    assert "Nothing differs in the other parts" in text


def test_verdicts_stand_side_by_side(build):
    write(build, changed(explanations__lime_single_segment=e(0.9)))
    text = landing.verdicts(build)
    assert "this run" in text
    assert "by earlier rules" not in text, "the old run recorded none"
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in text.split("<tr")]
    assert ["void", "–", "holds"] in [[re.sub("<[^>]*>", "", cell) for cell in row] for row in rows]
    assert "Fewer than two runs have verdicts by the present rules" in text


def test_a_run_of_an_older_form_says_so(build):
    (build / "results.json").write_text((paths.published_folder() / "real4" / "results.json").read_text())
    assert "made by an earlier version" in landing.finding(BOOK, build)
    assert "The runs have no estimate in common." in landing.comparison(build)
    assert published.older(published.results("simulated")) == ""
