"""A verification takes what the record holds, keeps to its folder, goes on where it stopped and says what it found."""

import copy
import json
import shutil

import pytest
import torch
from typer.testing import CliRunner

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.settings import Settings
from camgan_lib.book import cli, published, results, verify, verify_record, verify_report
from camgan_lib.book.execution import ChapterFailed
from camgan_lib.book.plan import make_plan
from camgan_lib.book.verify_record import plan_again, read_recorded, unrecorded
from camgan_lib.measure.estimates import recorded
from camgan_lib.networks.store import Store
from tests.verdicts.results import e, make

VERDICTS = {"verdicts": [{"letter": "a", "claim": "(a) saliency", "verdict": "holds"}]}
COMMIT = "1" * 12


@pytest.fixture(scope="module")
def parameters():
    """The parameters of profile smoke, as results.json holds them."""
    return {chapter: results.named(those) for chapter, those in make_plan("smoke", []).parameters.items()}


@pytest.fixture
def smoke(parameters):
    """The same, for a test to change."""
    return copy.deepcopy(parameters)


def run(parameters, /, **changes):
    """The results of a made-up run with these parameters; `changes` to what is said of the run."""
    head = {"profile": "smoke", "data": "simulated", "nostyle": "scenes", "seed": 0, "commit": COMMIT, "networks": []}
    about = {"device": "cpu, 2 cores", "versions": {}, "started": "2026-11-28T01:00:00+00:00", "seconds": 60.0}
    head |= about | {"seconds_by_chapter": {"dataset": 60.0}, "parameters": parameters}
    return {**recorded(make()), "run": {**head, **changes}, "verdict": VERDICTS}


def write(folder, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(content))
    return str(folder)


@pytest.fixture
def record(tmp_path, smoke):
    """A function that writes a made-up record, with changes to what it says of the run, and returns its folder."""
    return lambda **changes: write(tmp_path / "mine", run(smoke, **changes))


@pytest.fixture
def executed(monkeypatch, smoke):
    """Puts in the place of the book what leaves these results; what is in `stop` is raised first."""
    content, stop = run(smoke), []

    def execute(plan, names):
        if stop:
            raise stop.pop()

    monkeypatch.setattr(verify, "run_chapters", execute)
    monkeypatch.setattr(verify, "write_results", lambda plan: write(plan.build, content))
    monkeypatch.setattr(verify, "build_html", lambda settings: None)
    monkeypatch.setattr(verify, "recipe_id", lambda files: "the same code")
    return content, stop


def camgan(*arguments):
    """Exit code and lines of a command."""
    done = CliRunner().invoke(cli.app, list(map(str, arguments)))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output.splitlines()


# --- the record


def test_the_parameters_are_the_records_and_not_todays_defaults(record, smoke):
    smoke["classifier"]["epochs"] = 7
    found = read_recorded(record(seed=3))
    plan = plan_again(found, Settings.of(paths.ROOT / "nowhere"))
    assert plan.parameters["classifier"]["epochs"] == 7
    assert plan.parameters["dataset"]["photos_per_camera"] == 6
    assert (plan.profile, found.source) == ("smoke", verify_record.ITSELF)
    assert unrecorded(found) == {}


def test_a_parameter_of_today_that_the_record_does_not_know_gets_its_default_and_is_named(record, smoke):
    del smoke["causes"]["attack_steps"], smoke["extraction"]
    found = read_recorded(record(seed=3))
    assert plan_again(found, Settings.of(paths.ROOT / "nowhere")).parameters["extraction"]["seed"] == 3
    assert "causes.attack_steps" in unrecorded(found)
    assert any(
        "do not know" in each or "does not know" in each for each in verify_report.notes(found, run(smoke), NONE)
    )


NONE = {"changes": [], "fresh": False}


@pytest.mark.parametrize(
    ("chapter", "parameter", "value", "words"),
    [
        ("classifier", "gone", 3, r"has no parameter 'gone'"),
        ("classifier", "epochs", -1, r"classifier.epochs must be of type int"),
        ("gone", "epochs", 1, r"there is no chapter 'gone'"),
    ],
)
def test_what_todays_code_does_not_take_is_one_sentence_with_the_commit(
    record, smoke, chapter, parameter, value, words
):
    smoke.setdefault(chapter, {})[parameter] = value
    with pytest.raises(CamganError, match=rf"can't make mine again: .*{words}.*check out its commit {COMMIT}"):
        plan_again(read_recorded(record()), Settings.of(paths.ROOT / "nowhere"))


def test_a_record_without_parameters_takes_those_beside_it_or_else_its_profile(tmp_path, record, smoke):
    folder = record(parameters=None, profile="quick")
    assert read_recorded(folder).source.startswith("profile quick as it is today")
    assert plan_again(read_recorded(folder), Settings.of(tmp_path), given=["classifier.epochs=3"])
    (tmp_path / "mine" / "records").mkdir()
    of_classifier = {"parameters": {**smoke["classifier"], "epochs": 9}}
    (tmp_path / "mine" / "records" / "classifier.json").write_text(json.dumps(of_classifier))
    assert read_recorded(folder).parameters["classifier"]["epochs"] == 9
    shutil.rmtree(tmp_path / "mine" / "records")
    with pytest.raises(CamganError, match=r"mine does not record its parameters, and its profile can't be read"):
        read_recorded(record(parameters=None, profile="mars"))
    with pytest.raises(CamganError, match=r"the parameters of each chapter were expected in mine's results"):
        read_recorded(record(parameters={"classifier": 3}))


@pytest.mark.parametrize(
    ("changes", "given", "words"),
    [
        ({"data": "real4"}, {}, r"photos that do not come with the project \(real4\); name their folder with --data"),
        ({"nostyle": "cifar10.npz"}, {}, r"pictures without a camera .*\(cifar10.npz\).* -p style_gan.nostyle=PATH"),
        ({}, {"data": "."}, r"a run of simulated photos; leave --data out"),
        ({}, {"given": ["classifier.epochs=3"]}, r"takes what mine recorded"),
        ({}, {"given": ["seed=3"]}, r"takes what mine recorded"),
        ({}, {"given": ["dataset.data=."]}, r"takes what mine recorded"),
    ],
)
def test_what_is_needed_or_must_not_be_given_is_one_sentence(record, changes, given, words):
    with pytest.raises(CamganError, match=words):
        plan_again(read_recorded(record(**changes)), Settings.of(paths.ROOT / "nowhere"), **given)


def test_photos_are_given_by_their_folder_and_a_device_by_name(record, tmp_path, monkeypatch):
    monkeypatch.setattr(verify_record, "data_settings", lambda folder: ["dataset.data=D", "style_gan.nostyle=D/c.npz"])
    monkeypatch.setattr("camgan_lib.book.plan._check_values", lambda parameters: None)
    for nostyle, expected in (("scenes", "scenes"), ("c.npz", "D/c.npz")):
        found = read_recorded(record(data="real4", nostyle=nostyle))
        plan = plan_again(found, Settings.of(tmp_path), data="D", given=["device=cpu"])
        assert plan.parameters["dataset"]["data"] == "D"
        assert plan.parameters["style_gan"]["nostyle"] == expected
        assert {each["device"] for each in plan.parameters.values()} == {"cpu"}


# --- the folder


def test_a_stopped_verification_goes_on_says_so_and_begins_anew_where_asked(tmp_path, record, executed, monkeypatch):
    where, build = record(), tmp_path / "v"
    executed[1].append(ChapterFailed("chapter causes stopped", users=False))
    with pytest.raises(ChapterFailed):
        camgan("verify", where, "--build", build)
    (build / "store").mkdir()
    code, said = camgan("verify", where, "--build", build)
    assert code == 0
    assert any("goes on where it was" in each for each in said)
    assert (build / "store").exists()
    report = json.loads((build / "report.json").read_text())
    assert len(report["begun"]) == 2
    assert "goes on" not in "".join(camgan("verify", where, "--build", build, "--anew")[1])
    assert not (build / "store").exists()


def test_a_verification_is_never_mixed_with_another(tmp_path, record, executed):
    where, build = record(), tmp_path / "v"
    assert camgan("verify", where, "--build", build)[0] == 0
    begun = json.loads((build / "begun.json").read_text())
    assert set(begun["decided"]) == set(verify.WORDS)
    for other, words in verify.WORDS.items():
        changed = {**begun, "decided": {**begun["decided"], other: "else"}}
        (build / "begun.json").write_text(json.dumps(changed))
        with pytest.raises(CamganError, match=rf"was begun with {words}; --anew removes it"):
            camgan("verify", where, "--build", build)
    assert (build / "report.json").exists(), "what is there stays"
    assert camgan("verify", where, "--build", build, "--anew")[0] == 0


def test_code_that_changes_meanwhile_is_noticed(tmp_path, record, executed, monkeypatch):
    hashes = iter(("code", "published", "other code", "published"))
    monkeypatch.setattr(verify, "recipe_id", lambda files: next(hashes))
    with pytest.raises(CamganError, match=r"changed while the run was made again \(other code\)"):
        camgan("verify", record(), "--build", tmp_path / "v")
    assert not (tmp_path / "v" / "report.json").exists()


def test_no_folder_of_others_and_not_the_record_is_touched(tmp_path, record, executed):
    where = record()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("")
    for anew in ((), ("--anew",)):
        with pytest.raises(
            CamganError, match=r"holds other files \(a.jpg …\); a verification starts in an empty folder"
        ):
            camgan("verify", where, "--build", tmp_path / "photos", *anew)
        with pytest.raises(CamganError, match=r"holds the record itself"):
            camgan("verify", where, "--build", where, *anew)
    with pytest.raises(CamganError, match=r"is a file; name another"):
        camgan("verify", where, "--build", tmp_path / "photos" / "a.jpg")
    assert [each.name for each in (tmp_path / "photos").iterdir()] == ["a.jpg"]


def test_its_store_is_its_own_whatever_the_environment_names(tmp_path, record, executed, monkeypatch):
    monkeypatch.setenv("CAMGAN_STORE", str(tmp_path / "shared"))
    monkeypatch.setenv("CAMGAN_FRESH", "1")
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path / "b"))
    seen = []
    monkeypatch.setattr(verify, "run_chapters", lambda plan, names: seen.append(plan.settings))
    camgan("verify", record())
    assert seen == [Settings.of(tmp_path / "b" / "verify" / "mine")]


# --- the report


def test_exit_codes_and_last_lines(tmp_path, record, executed):
    where, build = record(), tmp_path / "v"
    code, said = camgan("verify", where, "--build", build)
    assert (code, said[-3:]) == (
        0,
        ["agreed: 161 of 161 numbers", "verdicts: all 1 the same", f"report: {build / 'report.html'}"],
    )
    executed[0]["classifier"]["auxiliary_accuracy"] = e(0.74).record()
    code, said = camgan("verify", where, "--build", build)
    assert (code, said[-4:-2]) == (
        1,
        ["agreed: 160 of 161 numbers", "differed beyond chance: 1 (classifier.auxiliary_accuracy)"],
    )
    executed[0]["classifier"]["auxiliary_accuracy"] = e(0.94).record()
    executed[0]["verdict"] = {"verdicts": [{**VERDICTS["verdicts"][0], "verdict": "void"}]}
    code, said = camgan("verify", where, "--build", build)
    assert (code, said[-2]) == (1, "verdicts changed: 1 of 1: (a) holds → void")


def test_commits_code_and_networks_are_reported_and_not_refused(record, smoke):
    networks = [{"name": "auxiliary", "kind": "classifier", "id": "a" * 16, "published": True, "same_data": False}]
    found = read_recorded(record(code={"simulated": 0, "crops": 1}, versions={"torch": "2.8"}, networks=networks))
    here = run(
        smoke,
        commit="2" * 12 + "+",
        versions={"torch": "2.9"},
        networks=[{**networks[0], "id": "b" * 16, "published": False}],
    )
    said = " ".join(verify_report.notes(found, here, {"changes": ["camgan_lib/x.py"], "fresh": False}))
    for words in (
        f"made at commit {COMMIT}, this run at commit 222222222222 with changes that were not committed.",
        "not as committed: camgan_lib/x.py",
        "torch 2.8 → 2.9",
        "The code that makes simulated photos has changed since the record (version 0 there, ",
        "Of 1 networks 0 came with the project; 1 were trained here.",
        "another recipe than the record's: auxiliary",
        "differ in some bytes",
    ):
        assert words in said
    assert "crops has changed" not in said


def test_published_files_are_checked_against_their_manifests(tmp_path, monkeypatch, record):
    monkeypatch.setattr(paths, "published_folder", lambda: tmp_path / "published")
    store = Store(tmp_path / "published" / "store")
    made = [store.put("judge", {"code": n}, {"w": torch.ones(3)}, {}, seconds=1.0)["id"] for n in (1, 2, 3)]
    named = [{"name": f"plain {n}", "kind": "judge", "id": each} for n, each in enumerate([*made, "f" * 16])]
    found = read_recorded(record(networks=named[:3]))
    assert verify_report.check_files(found) == {"checked": 3, "wrong": []}
    (store.root / "judge" / made[0] / "weights.safetensors").write_bytes(b"else")
    manifest = store.root / "judge" / made[1] / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"code": 2', '"code": 5'))
    (store.root / "judge" / made[2] / "manifest.json").write_text("{")
    wrong = verify_report.check_files(read_recorded(record(networks=named)))["wrong"]
    assert len(wrong) == 4
    for identity, words in zip(made, ("(SHA-256)", "not named by its recipe", "can't be read"), strict=True):
        assert any(identity in each and words in each for each in wrong)
    assert wrong[-1] == f"judge {'f' * 16} (plain 3) of the run has no manifest"


def test_damaged_files_make_the_answer_no(tmp_path, record, executed):
    named = [{"name": "plain 1", "kind": "judge", "id": "f" * 16}]
    code, said = camgan("verify", record(networks=named), "--build", tmp_path / "v")
    assert code == 1
    assert f"published files: judge {'f' * 16} (plain 1) of the run has no manifest" in said


@pytest.mark.parametrize(
    "name", sorted(each.parent.name for each in paths.published_folder().glob("[!.]*/results.json"))
)
def test_what_is_published_can_be_verified(name, monkeypatch):
    """Its files are whole, and its parameters are those of today's chapters."""
    monkeypatch.setattr(verify_record, "data_settings", lambda folder: ["dataset.data=D", "style_gan.nostyle=D/c.npz"])
    monkeypatch.setattr("camgan_lib.book.plan._check_values", lambda parameters: None)
    found = read_recorded(name)
    assert verify_report.check_files(found)["wrong"] == []
    data = None if found.run["data"] == "simulated" else "D"
    assert plan_again(found, Settings.of(paths.ROOT / "nowhere"), data).profile == found.run["profile"]


@pytest.mark.end_to_end
def test_the_smoke_book_agrees_with_itself_and_is_not_executed_again(smoke_book, tmp_path, monkeypatch, capsys):
    """A verification that has all chapters behind it goes on to its end: nothing runs, and everything agrees."""
    monkeypatch.setattr(verify, "build_html", lambda settings: None)
    build = tmp_path / "v"
    for part in ("executed", "records", "store"):
        shutil.copytree(smoke_book / part, build / part)
    found = read_recorded(str(smoke_book))
    plan = plan_again(found, Settings.of(build))
    begun = {"decided": verify.what_decides(found, plan), "attempts": ["2026-11-28T01:00:00+00:00"]}
    (build / "begun.json").write_text(json.dumps(begun))
    report, page = verify.verify(str(smoke_book), build)
    said = capsys.readouterr().out
    assert said.count("unchanged since it ran, kept") == len(plan.parameters)
    assert report["agrees"]
    assert report["counts"]["agrees"] == report["counts"]["of"] > 1000
    assert published.read_results(str(build)) == published.read_results(str(smoke_book))
    assert page.stat().st_size > 100_000
