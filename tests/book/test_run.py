"""A chapter's run: what it trains is kept and found again, what is missing or damaged is one sentence."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.params import read_parameters
from camgan_lib.book import chapters, identifier, identifying, page, prepare, recipes
from camgan_lib.book.run import Run, start
from camgan_lib.data.nostyle import NoStyle
from camgan_lib.networks import inference, jobs
from camgan_lib.networks.recipes import JUDGES
from camgan_lib.networks.store import Store

SMALL = {
    "dataset": {"photos_per_camera": 0, "crops_per_photo": 8, "test_share": 0.3, "workers": 1},
    "classifier": {"epochs": 1, "workers": 1},
    "style_gan": {
        "generator_width": 4,
        "discriminator_width": 4,
        "decoder_blocks": 1,
        "gan_steps": 2,
        "nostyle_train": 0,
        "nostyle_test": 0,
        "judge_epochs": 1,
        "judge_photos": 2,
        "workers": 1,
    },
}


@pytest.fixture
def build(tmp_path, monkeypatch):
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path / "build"))
    rng = np.random.default_rng(0)
    for folder, names in {"photos/one": 4, "photos/two": 4, "images": 8}.items():
        (tmp_path / folder).mkdir(parents=True)
        for n in range(names):
            pixels = rng.integers(0, 256, (160, 160, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / folder / f"{n}.png")
    SMALL["dataset"]["data"] = str(tmp_path / "photos")
    SMALL["style_gan"]["nostyle"] = str(tmp_path / "images")
    return tmp_path / "build"


def begin(chapter: str, **changed) -> Run:
    return start(chapter, {**SMALL.get(chapter, {}), "device": "cpu", **changed})


def run_up_to_the_classifier():
    first = begin("dataset")
    data = first.prepare_dataset()
    first.finish({"cameras": list(data.cameras)})
    second = begin("classifier")
    trained = {which: model for which, (model, _) in second.train_classifiers().items()}
    second.finish({"accuracy": 0.5})
    return data, trained


def test_parameters_of_a_notebook_are_checked(build):
    assert begin("classifier", batch_size="32", unrelated=3).parameters["batch_size"] == 32
    with pytest.raises(CamganError, match=r"classifier.epochs must be of type int \(1 to 1000\), got 0"):
        begin("classifier", epochs=0)


def test_a_missing_chapter_is_named(build):
    with pytest.raises(CamganError, match=r"needs what chapter dataset leaves.*camgan run dataset"):
        begin("classifier").dataset()


def test_networks_are_trained_once_and_found_by_later_chapters(build, monkeypatch):
    data, trained = run_up_to_the_classifier()
    monkeypatch.setattr(jobs, "train_classifier", lambda *_, **__: pytest.fail("trained again"))
    again = begin("classifier")
    later = begin("style_gan")
    for which, model in trained.items():
        expected = inference.predict(model, data.test.images, torch.device("cpu"))
        for found in (again.train_classifiers()[which][0], later.classifier(which)):
            assert np.array_equal(inference.predict(found, data.test.images, torch.device("cpu")), expected)
    kept = Store(build / "store").get("classifier", again.products["quantized"]["key"])[0]
    assert {t.dtype for name, t in kept.items() if name.endswith("weight_int8")} == {torch.int8}


@pytest.mark.parametrize("network", ["resnet20", "forensic"])
def test_what_names_photos_is_trained_once_calibrated_and_found_again(build, monkeypatch, network):
    data, _ = run_up_to_the_classifier()
    run = begin("classifier", network=network, forensic_epochs=1)
    run.train_classifiers()
    model, history = identifier.train(run, data)
    kept, sure = identifier.calibrated(run, model, data)
    run.finish({"identification": kept, **sure})
    assert (history is None) == (network == "resnet20")
    assert kept["on"] == ("test" if network == "resnet20" else "validation") or kept["photos"] < 4
    assert sure["photos"] == len(set(data.test.photo))
    monkeypatch.setattr(jobs, "train_forensic", lambda *_, **__: pytest.fail("trained again"))
    again = begin("classifier", network=network, forensic_epochs=1)
    again.plan_classifiers()
    assert identifier.calibrated(again, identifier.train(again, data)[0], data)[0] == kept
    found = identifying.find_identifier(again.settings)
    assert found.about.network == network
    assert found.calibration.to_json() == kept["calibration"]


def test_the_network_for_photos_leaves_the_papers_networks_as_they_are(build):
    run_up_to_the_classifier()
    keys = [begin("classifier", network=network).plan_classifiers() for network in ("resnet20", "forensic")]
    assert [job.key for job in keys[0].values()] == [job.key for job in keys[1].values()]


def test_generators_are_kept_and_an_untrained_one_has_their_shape(build):
    data, _ = run_up_to_the_classifier()
    gan = begin("style_gan")
    images = gan.prepare_nostyle()
    made = {camera: model for camera, (model, _) in gan.train_style_gans().items()}
    assert list(made) == list(data.cameras)
    gan.finish({"table1": []})
    later = begin("frequency")
    assert np.array_equal(later.nostyle().test, images.test)
    stylised = [inference.stylise(g, images.test, later.device) for g in (made["one"], later.generator("one"))]
    assert np.array_equal(*stylised)
    fresh = [later.untrained_generator(seed).state_dict() for seed in (1, 1, 2)]
    assert fresh[0].keys() == made["one"].state_dict().keys()
    assert all(torch.equal(fresh[0][name], fresh[1][name]) for name in fresh[0])
    assert any(not torch.equal(fresh[0][name], fresh[2][name]) for name in fresh[0])


def test_judges_of_own_photos_learn_from_half_of_them_and_are_found_by_later_chapters(build, monkeypatch):
    data, _ = run_up_to_the_classifier()
    gan = begin("style_gan")
    made = gan.train_judges()
    assert list(made) == list(JUDGES)
    assert {each["kind"] for each in gan.networks()} == {"judge"}
    assert all(each["same_data"] for each in gan.networks())
    assert not gan.other_photos()
    gan.finish({})
    monkeypatch.setattr(jobs, "train_judge", lambda *_, **__: pytest.fail("trained again"))
    again = begin("style_gan").train_judges()
    later = begin("causes").judges()
    for name, (judge,) in made.items():
        expected = inference.predict(judge, data.test.images, torch.device("cpu"))
        for (found,) in (again[name], later[name]):
            assert np.array_equal(inference.predict(found, data.test.images, torch.device("cpu")), expected)


@pytest.mark.parametrize("seeds", [1, 2, 3, 5])
def test_no_two_networks_of_a_judge_or_of_a_repetition_share_photos(seeds):
    dataset = {"data": "simulated", "seed": 0}
    style_gan = {"judge_photos": 2, "judge_seeds": seeds}
    photos = [recipes.judge_photos(dataset, style_gan, number)["seed"] for number in range(3 * seeds)]
    assert dataset["seed"] not in photos
    for number in range(3 * seeds):
        of_judge, of_repetition = photos[number % 3 :: 3], photos[number - number % 3 :][:3]
        assert len(set(of_judge)) == seeds
        assert len(set(of_repetition)) == 3


@pytest.mark.slow
def test_judges_of_simulated_cameras_have_photos_of_their_own_which_are_rendered_only_to_train(build, monkeypatch):
    first = begin("dataset", data="simulated", photos_per_camera=2, photo_size=64, crops_per_photo=2)
    first.finish({"cameras": list(first.prepare_dataset().cameras)})
    gan = begin("style_gan")
    gan.train_judges()
    keys = [each["key"] for each in gan.products["judges"].values()]
    assert len({key["data"] for key in keys} | {first.products["dataset"]["made_by"]}) == 4
    assert gan.other_photos()
    assert {key["recipe"]["seed"] for key in keys} == {1000, 2000, 3000}
    shutil.rmtree(build / "store" / "crops")
    shutil.rmtree(build / "store" / "simulated")
    begin("style_gan").train_judges()
    assert not (build / "store" / "simulated").exists()


@pytest.mark.slow
def test_training_images_are_rendered_where_a_generator_is_trained_and_else_those_shown(build, monkeypatch):
    run_up_to_the_classifier()
    rendered = []

    def load(source, *, train, shown=0, **_):
        rendered.append(shown or train)
        images, tests = (np.zeros((count, 32, 32, 3), np.uint8) for count in (shown or train, 4))
        return NoStyle(images, tests, source, "", np.arange(len(images)), np.arange(4))

    monkeypatch.setattr(prepare, "load_nostyle", load)
    asked = {"nostyle": "scenes", "nostyle_train": 32, "nostyle_test": 4}
    gan = begin("style_gan", **asked)
    assert len(gan.prepare_nostyle(shown=8).train) == 8
    assert rendered == [32, 8], "to train on, and to show"
    gan.train_style_gans()
    gan.finish({})
    shutil.rmtree(build / "store" / "nostyle")
    rendered.clear()
    again = begin("style_gan", **asked)
    assert len(again.prepare_nostyle(shown=8).train) == 8
    assert rendered == [8]
    monkeypatch.setattr(jobs, "make", lambda job: pytest.fail("trained"))
    again.train_style_gans()
    assert all(each["same_data"] for each in again.networks())
    again.finish({})
    assert len(begin("frequency").nostyle().train) == 8


@pytest.mark.slow
def test_changed_data_train_anew_and_damaged_data_are_named(build, monkeypatch):
    run_up_to_the_classifier()
    other = begin("dataset", seed=1)
    other.prepare_dataset()
    other.finish({"cameras": ["one", "two"]})
    monkeypatch.setattr(jobs, "train_classifier", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises(pytest.fail.Exception):
        begin("classifier").train_classifiers()
    crops = build / "store" / "crops" / other.products["dataset"]["file"]
    crops.write_bytes(crops.read_bytes()[:100])
    with pytest.raises(CamganError, match="gone or damaged; run 'camgan book' again"):
        begin("classifier").dataset()
    assert begin("dataset", seed=1).prepare_dataset().cameras == ("one", "two"), "made again where it is made"


def test_a_record_is_whole_json_with_provenance(build):
    first = begin("dataset")
    with pytest.raises(ValueError, match="JSON"):
        first.finish({"accuracy": float("nan")})
    assert not list((build / "records").glob("*"))
    line = first.finish({"accuracy": 0.5})._repr_html_()
    record = json.loads((build / "records" / "dataset.json").read_text())
    assert record["results"] == {"accuracy": 0.5}
    assert set(record["provenance"]) == {
        "profile",
        "data",
        "seed",
        "commit",
        "device",
        "versions",
        "started",
        "seconds",
    }
    assert "seed 0" in line
    assert record["provenance"]["versions"]["torch"] in line


def test_the_foot_shows_which_parameters_differ(build):
    table = page.parameters("classifier", begin("classifier", epochs=3).parameters, static=False)
    assert f"3 of {len(read_parameters(chapters.source('classifier')))} differ" in table
    assert "passes over the training crops" in table


@pytest.mark.trains
def test_networks_trained_side_by_side_are_those_trained_one_by_one(build):
    run_up_to_the_classifier()
    first = {path.name: path.read_bytes() for path in (build / "store" / "classifier").glob("*/weights.safetensors")}
    shutil.rmtree(build / "store" / "classifier")
    second = begin("classifier", workers=2)
    second.train_classifiers()
    assert first == {p.name: p.read_bytes() for p in (build / "store" / "classifier").glob("*/weights.safetensors")}
    assert [(n["name"], n["published"], n["same_data"]) for n in second.networks()] == [
        ("auxiliary", False, True),
        ("quantized", False, True),
    ]


def test_published_weights_stand_in_for_training_unless_the_run_is_fresh(build, tmp_path, monkeypatch):
    run_up_to_the_classifier()
    shutil.move(build / "store" / "classifier", tmp_path / "published" / "store" / "classifier")
    monkeypatch.setattr(paths, "published_folder", lambda: tmp_path / "published")
    monkeypatch.setattr(jobs, "train_classifier", lambda *_, **__: pytest.fail("trained"))
    found = begin("classifier")
    found.train_classifiers()
    assert [network["published"] for network in found.networks()] == [True, True]
    shown = found.finish({})._repr_html_()
    assert 'id="how"' in shown
    assert "published" in shown
    assert found.networks()[0]["id"] in shown
    assert not (build / "store" / "classifier").exists()
    monkeypatch.setenv("CAMGAN_FRESH", "1")
    with pytest.raises(pytest.fail.Exception):
        begin("classifier").train_classifiers()
