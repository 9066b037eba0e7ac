"""What the project says of itself is the same in pyproject.toml, CITATION.cff, codemeta.json and .zenodo.json."""

import json
import tomllib
from pathlib import Path

import yaml

import camgan_lib
from camgan_lib.book.citation import read_citation

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
CODEMETA = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
ZENODO = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))


def test_name_and_description_agree():
    assert CITATION["title"] == CODEMETA["name"] == ZENODO["title"]
    assert CITATION["title"].lower().endswith(PROJECT["description"].lower())
    assert PROJECT["description"] == CITATION["abstract"] == CODEMETA["description"] == ZENODO["description"]
    assert CODEMETA["alternateName"] == PROJECT["name"]
    assert CODEMETA["keywords"] == ZENODO["keywords"]


def test_version_date_and_licence_agree():
    versions = {PROJECT["version"], str(CITATION["version"]), CODEMETA["version"], ZENODO["version"]}
    assert versions == {camgan_lib.__version__}
    assert CODEMETA["dateModified"] == CITATION["date-released"].isoformat()
    assert PROJECT["license"]["text"] == CITATION["license"] == ZENODO["license"]
    assert CODEMETA["license"] == f"https://spdx.org/licenses/{CITATION['license']}"
    assert CODEMETA["runtimePlatform"] == f"Python {PROJECT['requires-python']}"


def test_authors_and_the_paper_agree():
    authors = [each["name"] for each in CITATION["authors"]]
    assert [each["name"] for each in PROJECT["authors"]] == authors
    assert [each["name"] for each in CODEMETA["author"]] == authors
    assert [each["name"] for each in ZENODO["creators"]] == authors
    paper = CITATION["references"][0]
    names = [each["family-names"] for each in paper["authors"]]
    assert CODEMETA["referencePublication"]["name"] == paper["title"]
    assert [each["familyName"] for each in CODEMETA["referencePublication"]["author"]] == names
    assert ZENODO["references"] == [f"{', '.join(names)}: {paper['title']}"]


def test_files_that_codemeta_names_are_there():
    for key in ("readme", "softwareHelp", "buildInstructions"):
        assert (ROOT / CODEMETA[key]).is_file()


def test_the_library_reads_what_citation_cff_says():
    found = read_citation()
    assert (found.title, found.version, found.license) == (CITATION["title"], PROJECT["version"], "MIT")
    assert found.authors == tuple(each["name"] for each in PROJECT["authors"])
    assert found.paper == CITATION["references"][0]["title"]
