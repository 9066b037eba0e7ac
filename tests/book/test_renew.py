"""One script makes all that is published anew: nothing is left out, and what is done is not done again."""

import importlib.metadata
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from camgan_lib.base import paths
from camgan_lib.base.params import parse_setting, read_parameters
from camgan_lib.book import chapters

spec = importlib.util.spec_from_file_location("renew", paths.ROOT / "published" / "renew.py")
renew = importlib.util.module_from_spec(spec)
sys.modules["renew"] = renew
spec.loader.exec_module(renew)
STEPS = renew.steps(Path("work"), Path("data"))


def test_every_published_run_sweep_and_trial_is_made_by_a_step():
    published = {path.stem for kind in ("sweeps", "trials") for path in paths.published_folder().glob(f"{kind}/*.json")}
    published |= {path.parent.name for path in paths.published_folder().glob("*/results.json")}
    names = [step.name for step in STEPS]
    assert published <= set(names)
    assert len(names) == len(set(names))
    assert names.index("networks") < names.index("extraction") < names.index("simulated") < names.index("words")


def test_steps_name_files_and_parameters_that_there_are():
    declared = {name: read_parameters(source) for name, source in chapters.sources().items()}
    for word in (word for step in STEPS for command in step.commands for word in command):
        if word.endswith((".py", ".yml")) and not word.startswith("work"):
            assert (paths.ROOT / word).is_file(), word
        if "=" in word:
            chapter, name, _ = parse_setting(word)
            assert name in declared[chapter], word


def test_steps_give_scripts_the_options_that_they_have():
    for command in (command for step in STEPS for command in step.commands):
        if command[1].endswith(".py"):
            source = (paths.ROOT / command[1]).read_text("utf-8")
            assert all(f'"{word}"' in source for word in command if word.startswith("--")), command


def test_steps_give_the_folder_of_photos_as_it_was_given():
    words = [word for step in STEPS for command in step.commands for word in command if step.real]
    assert {word for word in words if word.split("/")[0] == "data"} == {"data", "data/cifar10.npz"}


def test_no_script_has_the_name_of_a_module_that_a_library_may_import():
    """Its folder is where a script's imports are looked for first, those of the libraries that it imports too."""
    taken = set(sys.stdlib_module_names) | set(importlib.metadata.packages_distributions())
    folders = ("trials", "benchmarks", "data_scripts")
    assert not taken & {path.stem for folder in folders for path in paths.ROOT.glob(f"{folder}/*.py")}


@pytest.fixture
def published(tmp_path, monkeypatch):
    (tmp_path / "published" / "left").mkdir(parents=True)
    monkeypatch.setattr(renew, "published_folder", lambda: tmp_path / "published")
    return tmp_path / "published"


def test_a_step_is_done_once_at_a_commit_and_one_that_fails_ends_the_renewal(published, tmp_path):
    def step(name, code):
        return renew.Step(name, [[sys.executable, "-c", code]], tmp_path / "left" / f"{name}.*")

    (tmp_path / "left").mkdir()
    write = f"open({str(tmp_path / 'left' / 'first.json')!r}, 'a').write('1')"
    first, wrong = step("first", write), step("wrong", "raise SystemExit(3)")
    assert renew.do([first, wrong, first], tmp_path, "abc") == 3
    assert renew.do([first], tmp_path, "abc") == 0
    made = json.loads((published / "made.json").read_text())
    assert (made["commit"], list(made["seconds"]), list(made["unfinished"])) == ("abc", ["first"], ["wrong"])
    assert (published / "left" / "first.json").read_text() == "1"
    assert renew.do([first], tmp_path, "def") == 0
    assert (tmp_path / "left" / "first.json").read_text() == "11"


def test_a_step_that_was_stopped_takes_as_long_as_all_its_calls(published, tmp_path, monkeypatch):
    seconds = iter([0, 10, 20, 50, 60, 64])
    monkeypatch.setattr(renew.time, "monotonic", lambda: next(seconds))
    ends = iter([KeyboardInterrupt, 0, 0])

    def run(*_, **__):
        if (end := next(ends)) is KeyboardInterrupt:
            raise KeyboardInterrupt
        return subprocess.CompletedProcess([], end)

    monkeypatch.setattr(renew.subprocess, "run", run)
    step = renew.Step("long", [["first"], ["second"]])
    with pytest.raises(KeyboardInterrupt):
        renew.do([step], tmp_path, "abc")
    assert renew.do([step], tmp_path, "abc") == 0
    made = json.loads((published / "made.json").read_text())
    assert (made["seconds"], made["unfinished"]) == ({"long": 44}, {})


@pytest.mark.parametrize(
    ("head", "arguments", "sentence"),
    [
        ("abc+", [], "a clean commit was expected"),
        (None, [], "a clean commit was expected"),
        ("abc", ["--only", "mars"], "no step is called 'mars'; the steps are networks,"),
    ],
)
def test_what_can_not_be_made_is_one_sentence(monkeypatch, capsys, head, arguments, sentence):
    monkeypatch.setattr(renew, "commit", lambda: head)
    monkeypatch.setattr(sys, "argv", ["renew.py", *arguments])
    assert renew.main() == 2
    assert sentence in capsys.readouterr().err
