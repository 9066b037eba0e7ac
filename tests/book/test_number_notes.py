"""What the book says of a glued number: key, chapter, profile, data, sources, networks, commit."""

import json

import pytest

from camgan_lib.book import chapters, number_notes

NETWORKS = [
    {"name": "auxiliary", "kind": "classifier", "id": "a" * 16},
    {"name": "quantized", "kind": "classifier", "id": "b" * 16},
    *({"name": f"camera {n}", "kind": "generator", "id": f"{n}" * 16} for n in range(6)),
]
FACTS = {"profile": "smoke", "data": "simulated", "commit": "c0ffee"}


def cell(text, *keys):
    outputs = [{"metadata": {"scrapbook": {"name": key}}} for key in keys] + [{"output_type": "stream"}]
    return {"cell_type": "code", "source": [text], "outputs": outputs}


@pytest.fixture
def noted(tmp_path):
    """The notes of a chapter with these cells in a build of its own."""

    def note(*cells, chapter="classifier", facts=FACTS):
        record = {"chapter": chapter, "parameters": {}, "networks": NETWORKS, "provenance": facts}
        for folder, name, content in (
            ("records", f"{chapter}.json", record),
            ("executed", chapters.source(chapter).name, {"cells": list(cells)}),
        ):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / name).write_text(json.dumps(content), "utf-8")
        return {key: str(each) for key, each in number_notes.of_chapter(chapter, tmp_path).items()}

    note.build = tmp_path
    return note


def test_a_note_names_key_chapter_networks_and_commit(noted):
    assert noted(cell('glue("right", run.train_classifiers())', "right")) == {
        "right": "right · chapter classifier, profile smoke, data simulated · "
        "networks: auxiliary aaaaaaaaaaaa and 8-bit bbbbbbbbbbbb · commit c0ffee"
    }


def test_of_many_networks_some_are_named_and_the_rest_counted(noted):
    (note,) = noted(cell('glue("x", run.generator("a"))', "x")).values()
    assert "camera 3 333333333333 and 2 more · commit" in note


def test_results_of_other_chapters_and_published_files_are_named(noted):
    found = noted(
        cell('glue("a", run.results("dataset"))\nglue("b", published.trial("interval_coverage"))', "a", "b"),
        cell('glue("c", published.sweep("truth", run.build))\nglue("d", published.results("real4"))', "c", "d"),
        chapter="truth",
        facts={**FACTS, "data": "none"},
    )
    assert found["a"] == "a · chapter truth, profile smoke · from the results of chapter dataset · commit c0ffee"
    assert "published/trials/interval_coverage.json (commit " in found["b"]
    assert "published/sweeps/truth.json (commit " in found["c"]
    assert "published/real4/results.json (commit " in found["d"]


def test_a_build_that_has_run_a_sweep_itself_is_named(noted):
    noted()
    (noted.build / "sweeps").mkdir()
    (noted.build / "sweeps" / "truth.json").write_text('{"rows": [{"commit": "a"}, {"commit": "b"}]}')
    found = noted(cell('glue("c", published.sweep("truth", run.build))', "c"))
    assert "sweeps/truth.json of this build (commits a and b)" in found["c"]


def test_without_an_executed_chapter_there_are_no_notes(tmp_path):
    assert number_notes.of_chapter("classifier", tmp_path) == {}
    assert number_notes.of_result("classifier.auxiliary_accuracy", tmp_path) is None


def test_a_result_has_the_networks_of_its_chapter(noted):
    noted()
    note = str(number_notes.of_result("classifier.auxiliary_accuracy", noted.build))
    assert note.startswith(
        "classifier.auxiliary_accuracy · chapter classifier, profile smoke, data simulated · networks:"
    )
    assert note.endswith("and 4 more · commit c0ffee")
