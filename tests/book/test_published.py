"""What was published is complete, small, and what its manifests say."""

import json
import math
import re

import numpy as np
import pytest
import torch

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import file_sha256
from camgan_lib.base.identity import recipe_id, seed_words
from camgan_lib.base.settings import Settings
from camgan_lib.book import judge_jobs, prepare, published, publishing, recipes
from camgan_lib.book.plan import make_plan
from camgan_lib.book.run import CLASSIFIERS
from camgan_lib.book.sweep_grid import read_sweep as read
from camgan_lib.data import photos, reading, simulation, splits
from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.nostyle import load_nostyle
from camgan_lib.data.pictures import Limits
from camgan_lib.measure import consistency, estimates, evaluation, lines, spectrum
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.generators import share_taken
from camgan_lib.measure.sweep_summary import summary
from camgan_lib.networks import inference
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import load_classifier
from camgan_lib.networks.store import Store, open_store
from camgan_lib.networks.style_gan import Generator

MANIFESTS = sorted(paths.published_folder().rglob("*.json"))
RECIPE = {"recipe": {"epochs": 1}, "data": "d"}


def test_a_name_that_is_none_is_one_sentence():
    with pytest.raises(CamganError, match=r"there is no published run 'mars'; there are .*real4"):
        published.results("mars")


def test_weights_are_whole_small_and_named_by_their_recipe():
    folders = [path.parent for path in published.store_folder().rglob("manifest.json")]
    assert sorted(folder.parent.name for folder in folders) == ["classifier"] * 2 + ["generator"] * 4 + ["judge"] * 9
    for folder in folders:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        assert manifest["id"] == folder.name == recipe_id(manifest["recipe"])
        assert manifest["weights_sha256"] == file_sha256(folder / "weights.safetensors")
        assert {"kind", "metrics", "commit", "versions", "device", "seconds", "date"} <= set(manifest)
    assert sum(path.stat().st_size for path in published.store_folder().rglob("*.safetensors")) <= 30e6


def test_every_record_names_commits_without_changes_beside_them():
    for path in published.files():
        commits, _ = published.made_at(path)
        assert all(re.fullmatch("[0-9a-f]{12}", commit) for commit in commits), path
        assert commits, path


def read_sweep(path):
    return read(paths.ROOT / "sweeps" / f"{path.stem}.yml")


def texts(value, key=""):
    """All texts in JSON but packed spectra."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name != "crops":
                yield name
                yield from texts(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str) and not key.endswith("_db"):
        yield value


def test_nothing_published_names_a_folder_of_the_machine_that_made_it():
    for path in MANIFESTS:
        for text in texts(json.loads(path.read_text("utf-8"))):
            packed = len(text) > 200 and re.fullmatch(r"[\w+/]+=*", text)
            assert packed or not re.search(r"(^|[\s'\"(=])(/|~|\.\./)\w", text), (path, text)


def test_a_builds_own_sweep_goes_before_the_published_one(tmp_path):
    name = "upsampling"
    assert published.sweep(name, tmp_path)["published"]
    (tmp_path / "sweeps").mkdir()
    rows = [{"style_gan.seed": seed, "camera": "mine"} for seed in (0, 1)]
    own = {"sweep": {"axes": ["style_gan.seed"]}, "rows": rows}
    (tmp_path / "sweeps" / f"{name}.json").write_text(json.dumps(own))
    assert published.sweep(name, tmp_path) == {**own, "published": False}
    assert published.sweep(name, tmp_path, ["mine"])["rows"] == rows
    of = [row.get("camera") for row in published.sweep(name, paths.ROOT)["rows"]]
    assert published.sweep(name, tmp_path, list(dict.fromkeys(of)))["published"], "one of other cameras is passed over"
    (tmp_path / "sweeps" / f"{name}.json").write_text(json.dumps({**own, "rows": rows[:1]}))
    assert published.sweep(name, tmp_path)["published"], "one of a single seed is passed over"
    assert not published.sweep(name, tmp_path, seeds=1)["published"]
    with pytest.raises(CamganError, match=r"run 'camgan sweep sweeps/mars.yml'"):
        published.sweep("mars", tmp_path)


@pytest.mark.parametrize("path", sorted(paths.published_folder().glob("sweeps/*.json")), ids=lambda path: path.stem)
def test_published_sweeps_are_whole_and_of_the_projects_own_files(path):
    """As many rows as the file asks for, at least five seeds for controls 1 to 3, each with a finite number of all."""
    result, asked = published.sweep(path.stem, paths.ROOT / "nowhere", seeds=1), read_sweep(path)
    assert result["sweep"]["axes"] == list(asked.axes)
    cells = {tuple(row[axis] for axis in asked.axes) for row in result["rows"]}
    assert cells == {tuple(cell.place[axis] for axis in asked.axes) for cell in asked.cells}
    if path.stem in ("without_camera", "upsampling", "loss_terms", "truth"):
        assert min(row["n"] for row in summary(result)) >= 5
    for row in summary(result):
        assert not any(math.isnan(each.value) for each in row.values() if isinstance(each, Estimate))
    assert {"commit", "device", "date"} <= set(result["run"])


def test_publishing_copies_results_manifests_and_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "published_folder", lambda: tmp_path / "published")
    build = tmp_path / "build"
    own = Store(build / "store")
    with pytest.raises(CamganError, match=r"no results.json in .*run 'camgan book' first"):
        publishing.publish("mine", build, own, weights=True)
    manifest = own.put("classifier", RECIPE, {"w": torch.ones(3)}, {}, seconds=1.0)
    results = {"run": {"networks": [{"id": manifest["id"]}]}, "dataset": {"photos": 3}}
    (build / "results.json").write_text(json.dumps(results))
    folder = publishing.publish("mine", build, own, weights=False)
    assert published.results("mine") == results
    assert json.loads((folder / "classifier" / f"{manifest['id']}.json").read_text())["recipe"] == RECIPE
    assert not published.store_folder().exists()
    publishing.publish("mine", build, own, weights=True)
    found = Store(tmp_path / "empty", [published.store_folder()]).get("classifier", RECIPE)
    assert torch.equal(found[0]["w"], torch.ones(3))
    assert found[1]["published"]
    card = published.store_folder() / "classifier" / manifest["id"] / "README.md"
    assert card.read_text("utf-8").startswith("---\nlicense: mit")
    publishing.publish("mine", build, Store(tmp_path / "none"), weights=True)
    assert published.store_folder().exists(), "a run on published networks can be published, too"
    for bad in ("../mine", str(tmp_path / "elsewhere"), "store", ""):
        with pytest.raises(CamganError, match="a published run's name"):
            publishing.publish(bad, build, own, weights=True)
    (build / "results.json").write_text(json.dumps({"run": {"networks": [{"id": "gone"}]}}))
    with pytest.raises(CamganError, match=r"networks gone are not in"):
        publishing.publish("mine", build, own, weights=True)


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("weights", [True, False])
@pytest.mark.parametrize("broken", ["copytree", "write_json"])
def test_a_publishing_that_fails_leaves_what_was_published(tmp_path, monkeypatch, weights, broken):
    monkeypatch.setattr(paths, "published_folder", lambda: tmp_path / "published")
    build, own = tmp_path / "build", Store(tmp_path / "build" / "store")
    made = [own.put("classifier", {"n": n}, {"w": torch.ones(3)}, {}, seconds=1.0)["id"] for n in (1, 2, 3)]

    def publish(*identities):
        results = {"run": {"networks": [{"id": identity} for identity in identities]}, "n": len(identities)}
        (build / "results.json").write_text(json.dumps(results))
        return publishing.publish("mine", build, own, weights=weights)

    publish(made[0])
    before = content(tmp_path / "published")
    module = publishing.shutil if broken == "copytree" else publishing
    real, calls = getattr(module, broken), []

    def fail_at_the_second(*arguments, **more):
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return real(*arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(module, broken, fail_at_the_second)
        if (broken == "copytree") == weights:
            with pytest.raises(CamganError, match=r"can't publish mine .*No space left.* unchanged"):
                publish(*made[1:])
            after = content(tmp_path / "published")
            assert before.items() <= after.items(), "what was there is there, bit for bit"
            assert not [path for path in after if any(part.startswith(".") for part in path.parts)]
    publish(*made[1:])
    assert published.results("mine")["n"] == 2
    kept = {path.name for path in published.store_folder().glob("classifier/*")}
    assert kept == (set(made[1:]) if weights else set())


@pytest.mark.end_to_end
@pytest.mark.timeout(1200)
def test_published_weights_give_the_published_metrics(tmp_path):
    """Published networks answer to the recipes of profile paper, and judge data that are made again as published.

    Made again are all test photos, a few training photos of each camera (for the colours alone) and the test images.
    Other processors may round otherwise: a few of 1,320 crops and of 1,000 images may then change sides.
    """
    expected, parameters = estimates.read(published.results("simulated")), make_plan("paper", []).parameters
    settings, device = Settings.of(tmp_path), torch.device("cpu")
    store, networks = open_store(settings), published_networks(parameters)
    found = {name: store.get(kind, key) for name, (kind, key) in networks.items()}
    assert [name for name, each in found.items() if each is None] == [], "no published weights answer to these recipes"
    assert all(manifest["published"] for _, manifest in found.values())
    test, train = some_crops(tmp_path / "photos", parameters["dataset"], train_photos=8)
    assert evaluation.colour_only_accuracy(train, test).value == pytest.approx(
        expected["dataset"]["colour_only_accuracy"].value, abs=0.06
    )
    judges = {which: load_classifier(found[which][0]) for which in CLASSIFIERS}
    for which, model in judges.items():
        judged, stated = evaluation.evaluate(model, test, device), expected["classifier"]
        assert judged["accuracy"].value == pytest.approx(stated[f"{which}_accuracy"].value, abs=0.003)
        assert judged["photo_accuracy"].value == stated[f"{which}_photo_accuracy"].value
    count = parameters["style_gan"]["nostyle_test"]
    nostyle, shown = load_nostyle("scenes", train=8, test=count, seed=0), expected["frequency"]["spectrum_images"]
    images, scene = nostyle.test[:shown], nostyle.scene[:shown]
    generators = {}
    for camera in expected["dataset"]["cameras"]:
        recipe = GanRecipe(**networks[camera][1]["recipe"])
        generators[camera] = Generator.from_recipe(recipe, seed=0)
        generators[camera].load_state_dict(found[camera][0])
    stylised = {camera: inference.stylise(generator, images, device) for camera, generator in generators.items()}
    for label, row in enumerate(expected["style_gan"]["table1"]):
        stated, first = row["first"], stylised[row["camera"]][: row["first"]["n"]]
        own = {"l1": np.abs(first.astype(np.int16) - images[: len(first)]).mean() / 127.5}
        own["no_style"] = share_taken(judges["auxiliary"], images[: len(first)], label, device)
        own |= {
            column: share_taken(judges[which], first, label, device)
            for column, which in (("test", "auxiliary"), ("transfer", "quantized"))
        }
        for column, value in own.items():
            assert value == pytest.approx(stated[column], abs=0.003), (row["camera"], column)
    check_frequency(images, scene, stylised, expected["frequency"])


def published_networks(parameters):
    """The kind and recipe of each network of profile paper on simulated photos, by classifier, camera or judge."""
    p = parameters["style_gan"]
    data = prepare.simulated_by(parameters["dataset"])
    nostyle = recipe_id(recipes.nostyle_images(p, "scenes"))
    found = {
        which: recipes.classifier(parameters["classifier"], data, quantized=which == "quantized")
        for which in CLASSIFIERS
    }
    generators = {
        camera.name: recipes.generator(p, data, nostyle, found["auxiliary"], target)
        for target, camera in enumerate(CAMERAS)
    }
    judges = judge_jobs.products(parameters["dataset"], p, {})
    return (
        {name: ("classifier", key) for name, key in found.items()}
        | {name: ("generator", key) for name, key in generators.items()}
        | {name: (each["kind"], each["key"]) for name, each in judges.items()}
    )


def some_crops(folder, dataset, *, train_photos):
    """Crops of all test photos that the split chooses, and of the first training photos of each camera."""
    count, size, seed = (dataset[name] for name in ("photos_per_camera", "photo_size", "seed"))
    files = {camera.name: [folder / camera.name / f"{n + 1:05d}.jpg" for n in range(count)] for camera in CAMERAS}
    chosen, _ = splits.choose_test(files, "random", splits.Known(), dataset["test_share"], seed)
    halves = {True: [], False: []}
    for label, (camera, paths_of_camera) in enumerate(files.items()):
        wanted = [path for path in paths_of_camera if path in chosen]
        wanted += [path for path in paths_of_camera if path not in chosen][:train_photos]
        for path in wanted:
            simulation._make_photo(folder, label, int(path.stem) - 1, size, seed)
            seeds = [seed, *seed_words(camera, path.name)]
            crops = reading.read_photo(path, dataset["crops_per_photo"], seeds, Limits()).crops
            halves[path in chosen].append((crops, label, len(halves[path in chosen])))
    return photos._join(halves[True]), photos._join(halves[False])


def check_frequency(images, scene, stylised, expected):
    """The numbers of chapter frequency that stylised images decide, to a hundredth of the AUC and a tenth of a dB."""
    auc = consistency.consistency_auc(list(stylised.values()), [scene] * len(stylised), unit="scene").auc
    assert auc.value == pytest.approx(expected["consistency"]["stylised"].value, abs=0.01)
    few = slice(128)  # as many as untrained generators get in that chapter
    for row in expected["lines"]:
        if row["camera"] in stylised:
            found = lines.line_report(stylised[row["camera"]][few].astype(float) - images[few])
            for name in spectrum.CLASSES:
                stated, coherence = row[f"{name}_db"], f"{name}_coherence"
                stated = stated.value if isinstance(stated, Estimate) else stated
                assert found[f"{name}_db"] == pytest.approx(stated, abs=0.1), (row["camera"], name)
                assert found[coherence] == pytest.approx(row[coherence], abs=0.005), (row["camera"], name)
