"""Declarations are read as written; values are checked before any kernel starts."""

import json
import subprocess
import sys

import papermill
import pytest

from camgan_lib.base.errors import CamganError, did_you_mean
from camgan_lib.base.params import check_parameters, parse_declarations, parse_setting, read_parameters, values_model
from camgan_lib.book import chapters

DECLARED = parse_declarations(
    """
# the cell may hold comments
epochs: int = 8  # [1..1000] passes over the training crops
rate: float = 1e-3  # [0..1] step size; a "#" in a comment is harmless
split: str = "auto"  # {auto, random, date} how photos are shared out
name: str = "a b"  # any text
flip: bool = True  # mirror crops
"""
)


def test_declarations_are_read():
    assert list(DECLARED) == ["epochs", "rate", "split", "name", "flip"]
    epochs = DECLARED["epochs"]
    assert (epochs.type, epochs.default, epochs.lowest, epochs.highest) == ("int", 8, 1, 1000)
    assert epochs.meaning == "passes over the training crops"
    assert DECLARED["split"].choices == ("auto", "random", "date")
    assert DECLARED["name"].default == "a b"
    assert [p.range for p in DECLARED.values()] == ["1 to 1000", "0 to 1", "auto, random, date", "any", "true, false"]


@pytest.mark.parametrize(
    "line",
    ["epochs = 8", "epochs: list = []", "print(1)", "epochs: int", "n: int = m", 'n: str = "#"', "n: int = 1  # a = b"],
)
def test_other_statements_are_refused(line, capfd):
    with pytest.raises(ValueError, match=r"line 3: (type 'list' is none of|expected 'name: type = default)"):
        parse_declarations(f"# a comment\nseed: int = 0  # seed\n{line}\n")
    assert capfd.readouterr().err == ""


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    (tmp_path / "01_a.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "metadata": {}, "source": []}]}))
    with pytest.raises(ValueError, match="has no code cell tagged 'parameters'"):
        read_parameters(tmp_path / "01_a.ipynb")


def test_papermill_reads_the_chapters_as_we_do():
    for chapter, source in chapters.sources().items():
        found = papermill.inspect_notebook(source)
        ours = read_parameters(source)
        assert list(found) == list(ours), chapter
        assert [p["inferred_type_name"] for p in found.values()] == [p.type for p in ours.values()]
        assert all(found[name]["help"].endswith(p.meaning) for name, p in ours.items())


def test_reading_does_not_load_papermills_executor():
    code = (
        "import sys; from camgan_lib.base.params import parse_declarations; parse_declarations('n: int = 1  # n'); "
        "print('papermill' in sys.modules, 'nbformat' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False False\n"


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("rate", "1e-4", 1e-4),
        ("rate", 1, 1.0),
        ("epochs", "12", 12),
        ("epochs", 12.0, 12),
        ("flip", "false", False),
        ("split", "date", "date"),
        ("name", "", ""),
    ],
)
def test_values_become_the_declared_type(name, given, meant):
    value = check_parameters("c", DECLARED, {name: given})[name]
    assert value == meant
    assert type(value) is type(DECLARED[name].default)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("epochs", 0),
        ("epochs", 1001),
        ("epochs", 1.5),
        ("epochs", True),
        ("epochs", "many"),
        ("epochs", "0-9"),
        ("epochs", "0__9"),
        ("rate", "0_.5"),
        ("epochs", None),
        ("rate", "nan"),
        ("rate", float("inf")),
        ("rate", -0.1),
        ("split", "Date"),
        ("flip", 3),
        ("name", 5),
        ("name", ["a"]),
    ],
)
def test_wrong_values_are_one_sentence(name, given):
    with pytest.raises(CamganError) as caught:
        check_parameters("classifier", DECLARED, {name: given})
    text = str(caught.value)
    assert f"classifier.{name}" in text
    assert repr(given) in text
    assert "\n" not in text


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(CamganError, match=r"no parameter 'epoch'.*epochs, rate"):
        check_parameters("classifier", DECLARED, {"epoch": 3})


def test_a_misspelt_name_gets_a_suggestion():
    with pytest.raises(CamganError, match=r"; did you mean 'epochs'\?$"):
        check_parameters("classifier", DECLARED, {"epoch": 3})
    with pytest.raises(CamganError, match=r"explains them\)$"):
        check_parameters("classifier", DECLARED, {"zzz": 3})
    assert did_you_mean(3, ["three"]) == ""


def test_the_schema_says_the_same_rules():
    schema = values_model("classifier", DECLARED).model_json_schema()
    assert schema["additionalProperties"] is False
    rules = {name: {k: v for k, v in each.items() if k != "title"} for name, each in schema["properties"].items()}
    assert rules["epochs"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 1000,
        "default": 8,
        "description": "passes over the training crops",
    }
    assert (rules["rate"]["type"], rules["rate"]["default"]) == ("number", 1e-3)
    assert (rules["split"]["type"], rules["split"]["enum"]) == ("string", ["auto", "random", "date"])
    assert (rules["name"]["type"], rules["flip"]["type"]) == ("string", "boolean")


def test_settings_of_the_command_line():
    assert parse_setting("classifier.epochs=3") == ("classifier", "epochs", "3")
    assert parse_setting("seed=4") == (None, "seed", "4")
    assert parse_setting("dataset.data=a.b=c") == ("dataset", "data", "a.b=c")
    with pytest.raises(CamganError, match="name=value"):
        parse_setting("epochs")


def test_every_chapter_declares_parameters_that_pass_their_own_check():
    for chapter, source in chapters.sources().items():
        declared = read_parameters(source)
        assert {"profile", "seed", "device"} <= set(declared), chapter
        assert check_parameters(chapter, declared, {}) == {name: p.default for name, p in declared.items()}
        assert all(p.meaning for p in declared.values()), chapter
