"""A network's card says what its manifest and the published run say, its code runs, and the published cards are so."""

import json
import re

import pytest
import yaml

from camgan_lib.book import model_card, published
from camgan_lib.measure.estimates import Estimate

FOLDERS = sorted(path.parent for path in published.store_folder().glob("*/*/manifest.json"))
ONE_OF_EACH = {folder.parent.name: folder for folder in FOLDERS}


def manifest_of(folder):
    return json.loads((folder / "manifest.json").read_text("utf-8"))


def front_matter(card):
    return yaml.safe_load(card.split("---\n")[1])


def test_the_published_cards_are_those_of_the_published_runs():
    """After a run is published anew: python -m camgan_lib.book.model_card."""
    before = {folder: (folder / "README.md").read_text("utf-8") for folder in FOLDERS}
    times = {folder: (folder / "README.md").stat().st_mtime_ns for folder in FOLDERS}
    assert [path.parent for path in model_card.write_cards()] == FOLDERS
    assert {folder: (folder / "README.md").read_text("utf-8") for folder in FOLDERS} == before
    assert {folder: (folder / "README.md").stat().st_mtime_ns for folder in FOLDERS} == times, "nothing was written"


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_the_code_of_a_card_loads_the_network_and_calls_it(kind, monkeypatch):
    monkeypatch.chdir(ONE_OF_EACH[kind])
    (code,) = re.findall(r"```python\n(.*?)```", (ONE_OF_EACH[kind] / "README.md").read_text("utf-8"), re.S)
    names = {}
    exec(code, names)  # the repository's own text
    out = names["stylised"] if kind == "generator" else names["logits"]
    assert out.shape == ((1, 32, 32, 3) if kind == "generator" else (1, 4))


def test_numbers_come_with_their_intervals_and_where_they_are_from():
    folder = ONE_OF_EACH["classifier"]
    manifest = manifest_of(folder)
    accuracy = Estimate(0.9, 0.8123, 0.95, 44, "photo", "some method")
    results = {
        "run": {"networks": [{"id": manifest["id"], "name": "auxiliary"}], "commit": "abc123"},
        "dataset": {"cameras": ["one", "two"]},
        "classifier": {"auxiliary_accuracy": accuracy},
    }
    card = model_card.card(manifest, "mine", results)
    assert "| test crops named right | 0.9000 | 0.8123 to 0.9500 | 44 photos; some method |" in card
    assert "published run `mine`" in card
    assert "abc123" in card
    assert "one, two" in card
    found = front_matter(card)
    assert found["license"] == "mit"
    assert found["model-index"][0]["results"][0]["metrics"] == [
        {"type": "accuracy", "name": "test crops named right", "value": 0.9}
    ]


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_without_a_run_a_card_has_the_numbers_of_the_training_and_claims_no_interval(kind):
    manifest = manifest_of(ONE_OF_EACH[kind])
    card = model_card.card(manifest)
    assert "model-index" not in front_matter(card)
    assert "no interval" in card
    assert "95 %" not in card
    for fact in (manifest["weights_sha256"], manifest["data_fingerprint"], manifest["commit"], manifest["date"]):
        assert fact in card
    for name, value in manifest["recipe"]["recipe"].items():
        assert f"| {name} | {value} |" in card


def test_an_old_manifest_with_few_facts_has_a_card_too():
    card = model_card.card({"kind": "classifier", "id": "00ff", "recipe": {}, "metrics": {}, "weights_sha256": "12"})
    assert "No number is recorded." in card
    assert front_matter(card)["library_name"] == "camgan"


def test_data_are_known_as_simulated_by_what_names_them():
    simulated = manifest_of(ONE_OF_EACH["classifier"])
    assert model_card.is_simulated(simulated)
    own = {**simulated, "recipe": {**simulated["recipe"], "data": simulated["data_fingerprint"]}}
    assert not model_card.is_simulated(own)
    assert "Photos of real cameras" in model_card.card(own)
