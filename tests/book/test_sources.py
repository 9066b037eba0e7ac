"""The sources of the book: no outputs, no definitions, short code, every citation and reference known."""

import ast
import json
import re

import pytest
import yaml

from camgan_lib.base import paths
from camgan_lib.base.params import read_parameters
from camgan_lib.book import chapters

CHAPTERS = chapters.sources()
PAGES = sorted(paths.book_folder().glob("*.md"))


def cells(path, kind):
    found = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == kind]
    return [("".join(cell["source"]), cell) for cell in found]


def prose(path):
    return path.read_text("utf-8") if path.suffix == ".md" else "\n".join(text for text, _ in cells(path, "markdown"))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_sources_hold_no_outputs_and_nothing_of_a_machine(chapter):
    notebook = json.loads(CHAPTERS[chapter].read_text("utf-8"))
    assert all(
        cell["outputs"] == [] and cell["execution_count"] is None for _, cell in cells(CHAPTERS[chapter], "code")
    )
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info", "camgan"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapters_call_and_define_nothing(chapter):
    code = [text for text, _ in cells(CHAPTERS[chapter], "code")]
    assert sum(len(text.splitlines()) for text in code) <= 150
    for text in code:
        kinds = {type(node) for node in ast.walk(ast.parse(text))}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.While, ast.Try}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_papermill_reads_the_same_parameters(chapter):
    from papermill.inspection import inspect_notebook

    declared, seen = read_parameters(CHAPTERS[chapter]), inspect_notebook(str(CHAPTERS[chapter]))
    assert list(seen) == list(declared)
    for name, parameter in declared.items():
        assert ast.literal_eval(seen[name]["default"]) == parameter.default
        assert seen[name]["inferred_type_name"] == parameter.type
        assert parameter.meaning in seen[name]["help"]


def test_every_citation_is_in_the_bibliography_and_every_entry_is_cited():
    entries = re.findall(r"^@\w+\{([^,]+),", (paths.book_folder() / "references.bib").read_text("utf-8"), re.M)
    cited = {
        key.strip()
        for path in [*CHAPTERS.values(), *PAGES]
        for keys in re.findall(r"\{cite\}`([^`]+)`", prose(path))
        for key in keys.split(",")
    }
    assert len(entries) == len(set(entries))
    assert cited == set(entries)


def test_labels_are_unique_and_references_lead_to_one():
    everything = [(path, path.read_text("utf-8")) for path in [*CHAPTERS.values(), *PAGES]]
    labels = [
        name
        for path in CHAPTERS.values()
        for _, cell in cells(path, "code")
        for name in re.findall(r'"name": "(\w[\w-]*)"', json.dumps(cell["metadata"]))
    ]
    labels += [label for path, _ in everything for label in re.findall(r":label: ([\w-]+)", prose(path))]
    assert len(labels) == len(set(labels))
    used = {name for _, text in everything for name in re.findall(r"\{(?:numref|eq)\}`([\w-]+)`", text)}
    assert used <= set(labels)
    numbered = {label for label in labels if label.startswith("fig-")}
    assert numbered >= {"fig-samples", "fig-fft", "fig-stylised", "fig-colours", "fig-high-pass"}


def test_every_glued_number_is_glued_in_its_chapter():
    """Names that a function of `verdicts` gives are known when the chapter runs: test_end_to_end looks for these."""
    for path in CHAPTERS.values():
        code = "\n".join(text for text, _ in cells(path, "code"))
        names = re.findall(r'glue\(f?"([\w{}]+)"', code)
        patterns = [re.compile(re.sub(r"\{\w+\}", r"\\w+", name)) for name in names]
        for name in re.findall(r"\{glue:text\}`([\w-]+)", prose(path)):
            named = any(pattern.fullmatch(name) for pattern in patterns)
            assert named or re.search(r"glue\(name, ", code), (path.name, name)


def test_the_table_of_contents_names_every_page():
    toc = yaml.safe_load((paths.book_folder() / "_toc.yml").read_text("utf-8"))
    names = {toc["root"], *re.findall(r"'file': '(\w+)'", str(toc))}
    assert names == {path.stem for path in [*CHAPTERS.values(), *PAGES]}


def test_no_asset_names_a_content_delivery_network():
    """Not even for what a reader has to switch on: a page asks the network for nothing."""
    named = re.compile(rb"(jsdelivr|unpkg|cdnjs|esm\.sh|googleapis|cdn\.[a-z]+\.[a-z])")
    folders = (paths.book_folder() / "_assets", paths.ROOT / "camgan_lib" / "show" / "widgets")
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in {".js", ".css", ".html"}]
    assert {"tex-mml-chtml.js", "spectrum_explorer.js"} <= {path.name for path in files}
    assert [path.name for path in files if named.search(path.read_bytes())] == []
