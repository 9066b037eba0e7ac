"""A book's RO-Crate has what its profiles ask for, its files are those on disk, and it tells no path of the user."""

import json
import shutil
import warnings
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from rocrate.rocrate import ROCrate
from small_build import own_photos, small_build

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import file_sha256
from camgan_lib.book import chapters
from camgan_lib.book.crate import write_crate
from camgan_lib.book.crate_graph import PROFILES


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The plan of a small run on simulated photos; its crate is written."""
    plan = small_build(tmp_path_factory.mktemp("made") / "build")
    write_crate(plan)
    return plan


@pytest.fixture
def plan(made, tmp_path):
    """A copy of that run, whose files a test may spoil."""
    shutil.copytree(made.build, tmp_path / "build")
    return type(made)(made.profile, made.parameters, type(made.settings).of(tmp_path / "build"), made.kernel)


def graph_of(build):
    document = json.loads((build / "ro-crate-metadata.json").read_text("utf-8"))
    found = {each["@id"]: each for each in document["@graph"]}
    assert len(found) == len(document["@graph"]), "no id is there twice"
    return found


def many(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def ids(value):
    return [each["@id"] for each in many(value)]


def of_type(graph, kind):
    return {name: each for name, each in graph.items() if kind in many(each["@type"])}


def check(build):
    """Checks a crate against RO-Crate 1.1 and the musts of Workflow RO-Crate 1.0 and Provenance Run Crate 0.5."""
    document = json.loads((build / "ro-crate-metadata.json").read_text("utf-8"))
    assert document["@context"] == [
        "https://w3id.org/ro/crate/1.1/context",
        "https://w3id.org/ro/terms/workflow-run/context",
    ]
    graph = graph_of(build)
    root, head = graph["./"], graph["ro-crate-metadata.json"]
    assert "https://w3id.org/ro/crate/1.1" in ids(head["conformsTo"])
    assert ids(head["about"]) == ["./"]
    assert set(ids(root["conformsTo"])) == set(PROFILES)
    assert {"name", "description", "datePublished", "license", "author", "citation"} <= set(root)
    check_references(graph)
    check_files(build, graph)
    check_actions(graph)
    return graph


def check_references(graph):
    """What is referred to is described, but for addresses on the web."""
    for each in graph.values():
        for key, value in each.items():
            if not key.startswith("@"):
                for name in [v["@id"] for v in many(value) if isinstance(v, dict)]:
                    assert name in graph or name.startswith("https://w3id.org/ro/crate"), (each["@id"], key, name)


def check_files(build, graph):
    """Each file and folder is there, with its size and checksum, and the root says that it is part of it."""
    files, parts = of_type(graph, "File"), ids(graph["./"]["hasPart"])
    for name, each in files.items():
        path = build / unquote(name)
        assert each["contentSize"] == str(path.stat().st_size), name
        assert each["sha256"] == file_sha256(path), name
        assert each["encodingFormat"], name
    folders = set(of_type(graph, "Dataset")) - {"./"}
    assert all((build / unquote(name)).is_dir() for name in folders)
    assert set(parts) == set(files) | folders


def check_actions(graph):
    """The workflow, its steps and tools, the actions of each, and of the engine that ran them."""
    (main,) = ids(graph["./"]["mainEntity"])
    workflow, tools = graph[main], ids(graph[main]["hasPart"])
    assert set(workflow["@type"]) == {"File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"}
    assert graph[ids(workflow["programmingLanguage"])[0]]["@type"] == "ComputerLanguage"
    actions = of_type(graph, "CreateAction")
    assert set(ids(graph["./"]["mentions"])) == set(actions)
    for name, action in actions.items():
        assert graph[ids(action["instrument"])[0]], name
        assert ids(action["result"]), name
        datetime.fromisoformat(action["endTime"])
    steps = [graph[name] for name in ids(workflow["step"])]
    assert [ids(step["workExample"])[0] for step in steps] == tools
    assert [step["position"] for step in steps] == [str(n) for n in range(1, len(steps) + 1)]
    controls = of_type(graph, "ControlAction")
    for control in controls.values():
        (step,), (action,) = ids(control["instrument"]), ids(control["object"])
        assert graph[step]["@type"] == "HowToStep"
        assert ids(graph[step]["workExample"]) == ids(actions[action]["instrument"])
    (engine,) = of_type(graph, "OrganizeAction").values()
    assert set(ids(engine["object"])) == set(controls)
    assert ids(engine["result"]) == ["#run"]
    assert ids(actions["#run"]["instrument"]) == [main]


def test_a_crate_has_what_its_profiles_ask_for(made):
    graph = check(made.build)
    assert "results.json" in ids(graph["#run"]["result"])
    assert graph["#paper"]["name"].startswith("Source Camera Style-Transfer GAN")
    assert ids(graph["./"]["license"]) == ["https://spdx.org/licenses/MIT"]


def test_each_chapter_is_an_action_of_its_notebook(made):
    graph = graph_of(made.build)
    for chapter, source in chapters.sources().items():
        action = graph[f"#run-{chapter}"]
        assert ids(action["instrument"]) == [f"source/{source.name}"]
        assert {f"records/{chapter}.json", f"executed/{source.name}"} <= set(ids(action["result"]))
        given = set(ids(action["object"]))
        assert {f"records/{before}.json" for before in chapters.UPSTREAM[chapter]} <= given
        values = {graph[name]["name"]: graph[name].get("value") for name in given if name.startswith(f"#{chapter}/")}
        assert values.keys() == made.parameters[chapter].keys()
        began, ended = (datetime.fromisoformat(action[key]) for key in ("startTime", "endTime"))
        assert (ended - began).total_seconds() == 60
    assert graph["#dataset/photos_per_camera"]["value"] == 2
    parameter = graph[ids(graph["#dataset/photos_per_camera"]["exampleOfWork"])[0]]
    assert (parameter["@type"], parameter["additionalType"]) == ("FormalParameter", "Integer")
    assert (graph["#run"]["startTime"], graph["#run"]["endTime"]) == (
        "2026-11-28T01:00:00+00:00",
        f"2026-11-28T01:{len(chapters.sources()):02}:00+00:00",
    )


def test_what_goes_in_has_come_out_before_or_was_there(made):
    """Files that actions take are results of actions; the folder of photos is what the run began with."""
    graph = graph_of(made.build)
    actions = of_type(graph, "CreateAction").values()
    taken = {name for action in actions for name in ids(action["object"]) if not name.startswith("#")}
    left = {name for action in actions for name in ids(action["result"])}
    (photos,) = taken - left
    assert photos.startswith("store/simulated/2-")
    assert graph[photos]["@type"] == "Dataset"


def test_networks_are_results_of_trainings_here_or_elsewhere(made):
    graph = graph_of(made.build)
    trainings = {name: each for name, each in of_type(graph, "CreateAction").items() if name.startswith("#training-")}
    assert len(trainings) == 2
    kinds = {each["name"]: each for each in trainings.values()}
    own, other = kinds["Training of classifier auxiliary"], kinds["Training of generator sim-A-bilinear"]
    assert all(name.startswith("store/classifier/") for name in ids(own["result"]))
    assert "store/crops/0011223344556677.npz" in ids(own["object"]), "it learned from these very bytes"
    assert "store/crops/0011223344556677.npz" not in ids(other["object"])
    (elsewhere,) = ids(other["result"])
    assert graph[elsewhere]["@type"] == "CreativeWork"
    assert len(graph[elsewhere]["sha256"]) == 64
    assert elsewhere in ids(graph["#run-style_gan"]["object"])
    recipe = next(graph[name] for name in ids(other["object"]) if graph[name]["name"] == "recipe")
    assert json.loads(recipe["value"])["recipe"]["gan_steps"] == 6250
    assert graph[ids(other["instrument"])[0]]["softwareVersion"] == "de9b50ea4570"


def test_rocrate_reads_the_crate(made):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        crate = ROCrate(made.build)
    assert crate.mainEntity.id == "source/_toc.yml"
    assert crate.get("#run")["instrument"] is crate.mainEntity
    assert crate.get("results.json")["contentSize"] == str((made.build / "results.json").stat().st_size)


def test_the_same_build_gives_the_same_bytes_and_is_not_written_again(plan):
    path = plan.build / "ro-crate-metadata.json"
    before, content = path.stat().st_mtime_ns, path.read_bytes()
    assert write_crate(plan) == path
    assert path.stat().st_mtime_ns == before
    path.unlink()
    write_crate(plan)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "spoilt", ["html/camgan-key", "executed/01_dataset.ipynb", "source/_toc.yml", "croissant.json"]
)
def test_a_crate_that_is_not_of_these_files_is_written_anew(plan, spoilt):
    (plan.build / spoilt).write_text("something else")
    check(write_crate(plan).parent)
    (plan.build / "ro-crate-metadata.json").write_text("{")
    check(write_crate(plan).parent)


def test_a_chapter_that_has_not_run_is_named_and_nothing_is_written(plan):
    for name in ("ro-crate-metadata.json", "croissant.json"):
        (plan.build / name).unlink()
    (plan.build / "records" / "truth.json").unlink()
    with pytest.raises(CamganError, match=r"a crate needs every chapter, truth has not run; run 'camgan book'"):
        write_crate(plan)
    assert not (plan.build / "croissant.json").exists()


def test_a_crate_of_own_photos_tells_no_path_of_the_user(tmp_path):
    photos = own_photos(tmp_path / "somebody" / "holiday")
    plan = small_build(tmp_path / "build", photos)
    graph = check(write_crate(plan).parent)
    assert graph["#photos"]["name"] == graph["#dataset/data"]["value"] == "holiday"
    for name in ("ro-crate-metadata.json", "croissant.json", "data/photos.csv", "README.md"):
        text = (plan.build / name).read_text("utf-8")
        assert "somebody" not in text
        assert str(tmp_path) not in text
        assert str(Path.home()) not in text


def test_a_store_elsewhere_is_not_part_of_the_crate(plan, tmp_path):
    shutil.move(plan.build / "store", tmp_path / "elsewhere")
    settings = type(plan.settings)(plan.build, tmp_path / "elsewhere", own_store=False)
    moved = type(plan)(plan.profile, plan.parameters, settings, plan.kernel)
    graph = check(write_crate(moved).parent)
    assert not [name for name in graph if name.startswith("store/")]
    assert graph["#photos"]["identifier"].startswith("2-")
    assert graph["#crops-0011223344556677"]["identifier"] == "ff" * 32
    assert "elsewhere" not in (plan.build / "ro-crate-metadata.json").read_text("utf-8").replace("elsewhere.", "")


def test_addresses_of_sources_and_own_sweeps_are_told_where_there_are_any(plan, monkeypatch):
    monkeypatch.setenv("CAMGAN_REPOSITORY", "https://example.org/camgan")
    (plan.build / "sweeps").mkdir()
    (plan.build / "sweeps" / "mine.json").write_text("{}")
    (plan.build / "ro-crate-metadata.json").unlink()
    graph = check(write_crate(plan).parent)
    assert graph["source/01_dataset.ipynb"]["url"] == "https://example.org/camgan/blob/main/book/01_dataset.ipynb"
    takers = {name for name, each in graph.items() if "sweeps/mine.json" in ids(each.get("object"))}
    assert takers == {"#run-controls", "#run-truth"}


@pytest.mark.end_to_end
@pytest.mark.timeout(1500)
def test_the_smoke_book_is_a_crate(smoke_book):
    graph = check(smoke_book)
    assert len([name for name in graph if name.startswith("#training-") and "seconds" not in name]) >= 9
    assert str(smoke_book) not in (smoke_book / "ro-crate-metadata.json").read_text("utf-8")
