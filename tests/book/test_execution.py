"""Runs of a small book of two chapters: order, checks, what is kept, what failure leaves."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from camgan_lib import __version__
from camgan_lib.base import files, paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.settings import Settings
from camgan_lib.book import chapters, execution, plan, profiles, staleness
from camgan_lib.book.plan import make_plan
from camgan_lib.book.results import write_results

FIRST = """
from camgan_lib.base.files import write_json
from camgan_lib.base.settings import Settings
from camgan_lib.base.errors import CamganError
if mood == "user":
    raise CamganError("mend it")
assert mood != "bad", "it broke"
record = {"parameters": {"n": n}, "results": {"n": n}, "products": {}, "provenance": {
    "seed": seed, "commit": None, "device": "cpu", "versions": {}, "started": "2026-01-01"}}
write_json(Settings.from_environment().build / "records" / "dataset.json", record)
"""
SECOND = """
import json
from camgan_lib.base.files import write_json
from camgan_lib.base.settings import Settings
before = json.loads((Settings.from_environment().build / "records" / "dataset.json").read_text())
record = {**before, "parameters": {}, "results": {"twice": 2 * before["results"]["n"]}}
write_json(Settings.from_environment().build / "records" / "summary.json", record)
"""
COMMON = (
    'profile: str = "quick"  # the profile\nseed: int = 0  # [0..9] seed\n'
    'device: str = "auto"  # {auto, cpu, cuda, mps} where\n'
)


@pytest.fixture
def small_book(tmp_path, monkeypatch):
    (tmp_path / "book").mkdir()
    (tmp_path / "profiles").mkdir()
    (tmp_path / "camgan_lib").mkdir()
    (tmp_path / "profiles" / "quick.yml").write_text("chapters: {}\n")
    (tmp_path / "profiles" / "other.yml").write_text("shared: {seed: 3}\nchapters:\n  dataset: {n: '5'}\n")
    declared = {
        "01_dataset": 'n: int = 1  # [1..100] how many\nmood: str = "good"  # {good, bad, user} how it goes\n',
        "02_summary": "",
    }
    for (name, cell), body in zip(declared.items(), (FIRST, SECOND), strict=True):
        notebook = nbformat.v4.new_notebook(
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            cells=[
                nbformat.v4.new_code_cell(COMMON + cell, metadata={"tags": ["parameters"]}),
                nbformat.v4.new_code_cell(body),
            ],
        )
        nbformat.write(notebook, tmp_path / "book" / f"{name}.ipynb")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(chapters, "UPSTREAM", {"dataset": (), "summary": ("dataset",)})
    monkeypatch.setattr(plan, "_check_values", lambda parameters: None)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    return tmp_path


def results(plan):
    return json.loads(write_results(plan).read_text())


@pytest.mark.end_to_end
def test_a_run_keeps_what_has_not_changed(small_book, capsys):
    settings = Settings.of(small_book / "_build")
    plan = make_plan("quick", [], settings)
    execution.run_chapters(plan, ["dataset", "summary"])
    assert results(plan)["summary"] == {"twice": 2}
    execution.run_chapters(plan, ["dataset", "summary"])
    assert capsys.readouterr().out.count("kept") == 2

    changed = make_plan("quick", ["dataset.n=4"], settings)
    assert not staleness.is_current(changed, "dataset")
    assert (staleness.stale_chapters(plan), staleness.stale_chapters(changed)) == ([], ["dataset", "summary"])
    assert staleness.stale_chapters(make_plan("quick", [], replace(settings, fresh=True))) == [
        "dataset",
        "summary",
    ]
    execution.run_chapters(changed, ["dataset", "summary"])
    assert "kept" not in capsys.readouterr().out
    assert results(changed)["summary"] == {"twice": 8}

    (plan.build / "records" / "dataset.json").write_text((plan.build / "records" / "dataset.json").read_text() + "\n")
    assert not staleness.is_current(changed, "dataset"), "a record that another run left is not this run's"


@pytest.mark.parametrize("error", [execution.ChapterFailed("it broke", users=False), CamganError("mend it")])
def test_what_stops_a_run_stands_on_a_line_of_its_own(small_book, monkeypatch, error):
    def fail(*_):
        print("0:01 · [1/1] dataset", end="\r", file=sys.stderr)
        raise error

    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(execution, "execute", fail)
    with pytest.raises(type(error)):
        execution.run_chapters(make_plan("quick", [], Settings.of(small_book / "_build")), ["dataset"])
    assert terminal.getvalue().endswith(files.CLEAR)


@pytest.mark.end_to_end
@pytest.mark.parametrize(("mood", "users"), [("bad", False), ("user", True)])
def test_a_failing_chapter_stops_the_run_and_the_next_run_starts_there(small_book, mood, users):
    build = small_book / "_build"
    bad = make_plan("quick", [f"dataset.mood={mood}"], Settings.of(build))
    with pytest.raises(
        execution.ChapterFailed, match=r"chapter dataset stopped in cell \d .*(it broke|mend it)"
    ) as caught:
        execution.run_chapters(bad, ["dataset", "summary"])
    assert caught.value.users is users
    assert [p.name for p in (build / "executed").iterdir()] == ["01_dataset.failed.ipynb"]
    with pytest.raises(CamganError, match="stands on chapter dataset"):
        execution.run_chapters(bad, ["summary"])
    with pytest.raises(CamganError, match="has not run"):
        write_results(bad)
    good = make_plan("quick", [], Settings.of(build))
    execution.run_chapters(good, ["dataset", "summary"])
    assert sorted(p.name for p in (build / "executed").iterdir()) == ["01_dataset.ipynb", "02_summary.ipynb"]


def test_a_profile_sets_parameters_and_the_command_line_wins(small_book):
    plan = make_plan("other", [])
    assert plan.parameters["dataset"] == {"profile": "other", "seed": 3, "device": "auto", "n": 5, "mood": "good"}
    assert plan.parameters["summary"]["seed"] == 3
    plan = make_plan("other", ["seed=4", "dataset.n=6"])
    assert (plan.parameters["dataset"]["n"], plan.parameters["summary"]["seed"]) == (6, 4)
    assert make_plan("quick", ["n=7"], only="dataset").parameters["dataset"]["n"] == 7


@pytest.mark.parametrize(
    ("profile", "settings", "kernel", "says"),
    [
        ("nosuch", [], "python3", "no profile 'nosuch'; take one of other, quick, or a .yml file$"),
        ("quik", [], "python3", "no profile 'quik'.*; did you mean 'quick'\\?$"),
        ("quick", ["dataset.m=1"], "python3", "no parameter 'm'"),
        ("quick", ["datasets.n=1"], "python3", "the chapters are dataset, summary; did you mean 'dataset'\\?$"),
        ("quick", ["dataset.moood=good"], "python3", "no parameter 'moood'.*; did you mean 'mood'\\?$"),
        ("quick", ["n=1"], "python3", "which chapter\\? Write dataset.n=…; shared are seed, device$"),
        ("quick", ["sed=1"], "python3", "which chapter.*; did you mean 'seed'\\?$"),
        ("quick", ["modd=bad"], "python3", "which chapter.*; did you mean 'mood'\\?$"),
        ("quick", ["dataset.n=0"], "python3", "1 to 100"),
        ("quick", ["dataset.n"], "python3", "name=value"),
        ("quick", [], "nokernel", "no Jupyter kernel 'nokernel'"),
        ("quick", [], "python", "no Jupyter kernel 'python'.*; did you mean 'python3'\\?$"),
    ],
)
def test_bad_settings_are_refused_before_a_kernel_starts(small_book, profile, settings, kernel, says):
    with pytest.raises(CamganError, match=says):
        make_plan(profile, settings, kernel=kernel)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("chapters: [1]", "another shape"),
        ("chapters: {dataset: 3}", "another shape"),
        ("- a", "something else"),
        ("parameters: {}", "parameters"),
        ("a: [", "YAML"),
        ("shared: {n: 3}", "'shared:' takes"),
        ("chapters: {nosuch: {}}", "no chapter 'nosuch'"),
        ("chapters: {3: {}}", "no chapter 3"),
        ("chapters: {datset: {}}", "no chapter 'datset'.*; did you mean 'dataset'\\?$"),
        ("chapters: {dataset: {modo: bad}}", "no parameter 'modo'.*; did you mean 'mood'\\?$"),
        ("chapter: {}", "has chapter; did you mean 'chapters'\\?$"),
        ("shared: {sead: 3}", "has sead; did you mean 'seed'\\?$"),
    ],
)
def test_bad_profiles_are_one_sentence(small_book, text, says):
    file = small_book / "mine.yml"
    file.write_text(text)
    with pytest.raises(CamganError, match=says) as caught:
        make_plan(str(file), [])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["book", "-p", "classifier.epochs=0"], "1 to "),
        (["book", "-p", "classifier.epoch=3"], "; did you mean 'epochs'?\n"),
        (["book", "--profile", "nosuch"], "no profile 'nosuch'"),
        (["run", "classifier", "--profile", "quik"], "; did you mean 'quick'?\n"),
        (["run", "classifier", "-p", "epoch=3"], "; did you mean 'epochs'?\n"),
        (["book", "--data", "/nonexistent"], "--data takes a folder"),
        pytest.param(["book", "-p", "device=cuda"], "cuda", marks=pytest.mark.slow),
        (["book", "--kernel", "nosuch"], "no Jupyter kernel"),
        (["run", "nosuch"], "no chapter 'nosuch'"),
        (["params", "nosuch"], "no chapter 'nosuch'"),
        (["params", "clasifier"], "; did you mean 'classifier'?\n"),
    ],
)
def test_the_command_line_says_one_sentence_and_ends_with_2(tmp_path, arguments, says):
    import torch

    if "device=cuda" in arguments and torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device, so asking for it is no mistake")
    camgan = Path(sys.executable).with_name("camgan")
    build = [] if arguments[0] == "params" else ["--build", str(tmp_path / "build")]
    done = subprocess.run([camgan, *arguments, *build], capture_output=True, text=True)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "build").exists(), "nothing is written before the parameters are right"


def test_the_command_line_says_its_version():
    camgan = Path(sys.executable).with_name("camgan")
    done = subprocess.run([camgan, "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"camgan {__version__}\n")


def test_data_stands_for_a_set_of_cameras_and_the_cifar_10_beside_it(tmp_path):
    for camera in ("one", "two"):
        (tmp_path / "cameras" / "set" / camera).mkdir(parents=True)
        (tmp_path / "cameras" / "set" / camera / "1.jpg").write_bytes(b"")
    assert profiles.data_settings(str(tmp_path)) == [f"dataset.data={tmp_path}/cameras/set"]
    assert profiles.data_settings(str(tmp_path / "cameras" / "set")) == [f"dataset.data={tmp_path}/cameras/set"]
    (tmp_path / "cifar10.npz").write_bytes(b"")
    assert profiles.data_settings(str(tmp_path))[1:] == [f"style_gan.nostyle={tmp_path}/cifar10.npz"]
    with pytest.raises(CamganError, match="give the folder above"):
        profiles.data_settings(str(tmp_path / "cameras" / "set" / "one"))
