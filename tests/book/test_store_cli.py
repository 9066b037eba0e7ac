"""`camgan store` knows what every kind of record needs, and removes nothing that a process is at work on."""

import json
import subprocess
import sys
import threading

import pytest
import torch
from typer.testing import CliRunner

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings
from camgan_lib.book import cli, store_cli, usage
from camgan_lib.networks.store import Store

CLASSIFIER = {"data": "d", "recipe": {"epochs": 1}, "code": 1}
GENERATOR = {"data": "d", "auxiliary": recipe_id(CLASSIFIER), "target": 0, "recipe": {"gan_steps": 1}, "code": 1}
MEASUREMENT = {"of": recipe_id(GENERATOR), "judges": {"quantized": recipe_id({"twin": 1})}, "recipe": {}, "code": 1}
ALL = {"classifier": CLASSIFIER, "generator": GENERATOR, "measurement": MEASUREMENT}


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A build whose store has a measurement, its generator, that one's classifier, a judge and a stranger."""
    monkeypatch.delenv("CAMGAN_STORE", raising=False)
    monkeypatch.setattr(store_cli.published, "store_folder", lambda: tmp_path / "published")
    store = Store(tmp_path / "build" / "store")
    for kind, recipe in [*ALL.items(), ("classifier", {"twin": 1}), ("classifier", {"stranger": 1})]:
        store.put(kind, recipe, {"w": torch.ones(1)}, {}, seconds=1.0, date="2026-01-01")
    return tmp_path / "build"


def camgan(*arguments):
    done = CliRunner().invoke(cli.app, [*map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def left(build):
    return {each["id"] for each in Store(build / "store").manifests()}


def prune(build):
    camgan("store", "prune", "--yes", "--build", build)
    return left(build)


def ids(*recipes):
    return {recipe_id(recipe) for recipe in recipes}


def product(kind):
    return {"products": {"it": {"kind": kind, "key": ALL[kind]}}}


MEASURED = [{"seed": 1, "id": recipe_id(MEASUREMENT), "l1": 0.5}]
OF_MEASUREMENT = ids(*ALL.values(), {"twin": 1})


@pytest.mark.parametrize(
    ("file", "record", "kept"),
    [
        ("records/classifier.json", product("classifier"), ids(CLASSIFIER)),
        ("records/style_gan.json", {"products": {"generators": {"a": {"key": GENERATOR}}}}, ids(CLASSIFIER, GENERATOR)),
        ("records/summary.json", {"networks": [{"id": recipe_id(CLASSIFIER)}]}, ids(CLASSIFIER)),
        ("results.json", {"run": {"networks": [{"id": recipe_id(GENERATOR)}]}}, ids(CLASSIFIER, GENERATOR)),
        ("sweeps/records/abc/classifier.json", product("classifier"), ids(CLASSIFIER)),
        ("sweeps/mine.json", {"rows": MEASURED}, OF_MEASUREMENT),
        ("sweeps/begun/mine.json", {"needs": [recipe_id(GENERATOR)]}, ids(CLASSIFIER, GENERATOR)),
        ("trials/judge.json", {"networks": [recipe_id(CLASSIFIER)]}, ids(CLASSIFIER)),
        ("sweeps/.half.json", {"rows": MEASURED}, set()),
    ],
)
def test_what_any_record_names_is_kept_with_what_it_stands_on(build, file, record, kept):
    (build / file).parent.mkdir(parents=True, exist_ok=True)
    write_json(build / file, record)
    listed = {line.split()[1]: " used" in line for line in camgan("store", "list", "--build", build).splitlines()[:-1]}
    assert {identity for identity, used in listed.items() if used} == kept
    assert prune(build) == kept


def test_without_yes_nothing_changes(build):
    before = sorted(path for path in build.rglob("*"))
    said = camgan("store", "prune", "--build", build)
    assert "would remove (with --yes) 5" in said
    assert sorted(path for path in build.rglob("*")) == before
    camgan("store", "prune", "--build", build / "nowhere")
    assert not (build / "nowhere").exists()


def test_a_record_that_cannot_be_read_stops_it(build):
    (build / "records").mkdir()
    (build / "records" / "dataset.json").write_text("{")
    with pytest.raises(CamganError, match=r"dataset.json can't be read .*what it needs is unknown"):
        prune(build)
    assert len(left(build)) == 5


def test_checkpoints_of_what_nothing_needs_go_too(build):
    store = Store(build / "store")
    for recipe in (CLASSIFIER, {"begun": 1}, {"needed": 1}):
        store.checkpoint("classifier", recipe).save({"w": torch.ones(1)}, {})
    usage.begin(build, "mine", sorted(ids(CLASSIFIER, {"needed": 1})))
    assert "unfinished" in camgan("store", "prune", "--build", build)
    assert prune(build) == ids(CLASSIFIER)
    assert {each["id"] for each in store.checkpoints()} == ids(CLASSIFIER, {"needed": 1})


HOLDER = """
import sys
from pathlib import Path
from camgan_lib.base.locks import locked
with locked(Path(sys.argv[1]), ""):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holding(lock):
    command, piped = [sys.executable, "-c", HOLDER, lock], subprocess.PIPE
    process = subprocess.Popen(command, stdin=piped, stdout=piped, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_what_a_process_is_making_stays(build):
    identity = recipe_id({"stranger": 1})
    with holding(build / "store" / "locks" / f"classifier-{identity}") as process:
        said = camgan("store", "prune", "--yes", "--build", build)
        process.kill()
    assert f"{identity}" in said
    assert "kept, it is being made" in said
    assert left(build) == {identity}


def test_beside_a_sweep_that_runs_its_needs_stay_and_the_rest_goes(build):
    usage.begin(build, "mine", [recipe_id(MEASUREMENT)])
    with holding(build / "sweeps" / ".lock") as process:
        assert prune(build) == OF_MEASUREMENT
        process.kill()


@pytest.mark.parametrize("lock", [".lock", "sweeps/.naming.lock"])
def test_it_waits_for_a_run_of_the_book_and_for_a_sweep_that_names_its_needs(build, lock, capfd):
    with holding(build / lock) as process:
        done = threading.Thread(target=prune, args=(build,))
        done.start()
        done.join(1)
        assert done.is_alive()
        assert len(left(build)) == 5
        process.kill()
        done.join(10)
    assert left(build) == set()


def test_a_store_that_others_share_is_not_pruned(build, monkeypatch):
    monkeypatch.setenv("CAMGAN_STORE", str(build / "store"))
    with pytest.raises(CamganError, match="CAMGAN_STORE names"):
        prune(build)


def test_show_prints_a_manifest_and_wants_an_id_that_is_one(build):
    manifest = json.loads(camgan("store", "show", recipe_id(MEASUREMENT)[:8], "--build", build))
    assert manifest["recipe"] == MEASUREMENT
    with pytest.raises(CamganError, match="5 stored things have an id that begins with ''"):
        camgan("store", "show", "", "--build", build)


def test_settings_of_the_command_line_go_before_those_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path / "a"))
    monkeypatch.delenv("CAMGAN_STORE", raising=False)
    assert store_cli.settings_of(None).build == tmp_path / "a"
    assert store_cli.settings_of(str(tmp_path / "b")) == Settings.of(tmp_path / "b")
