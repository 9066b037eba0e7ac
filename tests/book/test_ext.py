"""The book's extension shows the executed copy, and says where there is none."""

import importlib.util
import json
from types import SimpleNamespace

import nbformat
import pytest

from camgan_lib.base import paths

spec = importlib.util.spec_from_file_location("executed_copy", paths.ROOT / "book" / "_ext" / "executed_copy.py")
executed_copy = importlib.util.module_from_spec(spec)
spec.loader.exec_module(executed_copy)


def notebook(*cells) -> str:
    return nbformat.writes(nbformat.v4.new_notebook(cells=list(cells)))


def code(text, tags=(), outputs=()):
    return nbformat.v4.new_code_cell(text, metadata={"tags": list(tags)}, outputs=list(outputs))


@pytest.fixture
def shown(tmp_path, monkeypatch):
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path))
    (tmp_path / "executed").mkdir()

    def show(name, source):
        text = [source]
        executed_copy.show_executed_copy(SimpleNamespace(srcdir=tmp_path), name, text)
        return text[0]

    show.folder = tmp_path / "executed"
    return show


def test_the_executed_copy_takes_the_place_of_the_source(shown):
    streams = [nbformat.v4.new_output("stream", name=name, text=f"to {name}") for name in ("stdout", "stderr")]
    copy = notebook(
        code("n: int = 1", ["parameters"]),
        code("n = 2", ["injected-parameters"]),
        code("print(n)", outputs=streams),
        code("n", ["show-input"]),
    )
    (shown.folder / "01_a.ipynb").write_text(copy)
    cells = json.loads(shown("01_a", notebook(code("print(n)"))))["cells"]
    assert ["".join(cell["source"]) for cell in cells] == ["n: int = 1", "print(n)", "n"]
    assert [cell["metadata"]["tags"] for cell in cells] == [
        ["parameters", "remove-cell"],
        ["hide-input"],
        ["show-input"],
    ]
    assert ["".join(output["text"]) for output in cells[1]["outputs"]] == ["to stdout"]


def test_code_that_shows_nothing_stands_before_the_code_that_does(shown):
    glued = nbformat.v4.new_output("display_data", {"application/papermill.record/text/plain": "1"})
    copy = notebook(
        code("import a"),
        nbformat.v4.new_markdown_cell("text"),
        code("glue(b)", outputs=[glued]),
        code("nothing", outputs=[nbformat.v4.new_output("display_data", {"text/html": "", "text/plain": ""})]),
        code("c", outputs=[nbformat.v4.new_output("stream", name="stdout", text="c")]),
        code("d", outputs=[nbformat.v4.new_output("stream", name="stdout", text="d")]),
    )
    (shown.folder / "01_a.ipynb").write_text(copy)
    cells = json.loads(shown("01_a", "{}"))["cells"]
    assert ["".join(each["source"]) for each in cells[4:]] == ["import a\n\nglue(b)\n\nnothing\n\nc", "d"]
    assert [each["metadata"].get("tags") for each in (cells[0], cells[2])] == [["remove-cell"], ["remove-cell"]]
    assert cells[2]["outputs"], "glued values are still there"


def test_a_widget_beside_a_figure_gets_a_cell_of_its_own(shown):
    picture, widget = (
        nbformat.v4.new_output("display_data", data)
        for data in ({"image/png": ""}, {"text/html": '<div class="camgan-widget"></div>'})
    )
    cell = code("both", outputs=[picture, widget])
    cell["metadata"]["mystnb"] = {"figure": {"name": "fig-a"}}
    (shown.folder / "01_a.ipynb").write_text(notebook(cell, code("alone", outputs=[widget])))
    first, beside, alone = json.loads(shown("01_a", "{}"))["cells"]
    assert [list(each["data"]) for each in first["outputs"]] == [["image/png"]]
    assert (executed_copy.BESIDE in beside["metadata"]["tags"], "figure" in str(beside["metadata"])) == (True, False)
    assert beside["outputs"] == alone["outputs"]
    assert len(beside["outputs"]) == 1


def test_a_chapter_without_a_copy_says_that_it_was_not_executed(shown):
    cells = json.loads(shown("01_a", notebook(nbformat.v4.new_markdown_cell("# A"), code("1"))))["cells"]
    assert "has not been executed" in "".join(cells[1]["source"])


def test_a_stale_chapter_says_so(shown, monkeypatch):
    for name in ("01_a", "02_b"):
        (shown.folder / f"{name}.ipynb").write_text(notebook(nbformat.v4.new_markdown_cell("# A"), code("1")))
    monkeypatch.setenv("CAMGAN_STALE", "b c")
    sources = {
        name: ["".join(c["source"]) for c in json.loads(shown(name, "{}"))["cells"]] for name in ("01_a", "02_b")
    }
    assert sources["01_a"] == ["# A", "1"]
    assert "out of date" in sources["02_b"][1]


def test_other_pages_are_left_alone(shown):
    assert shown("intro", "# Hello") == "# Hello"
