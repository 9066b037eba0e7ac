"""What was published is complete, small, and what its manifests say."""

import json

import pytest

from camgan_lib import paths, published
from camgan_lib.errors import CamganError
from camgan_lib.store import Store, file_sha256, recipe_id

MANIFESTS = sorted(paths.published_folder().rglob("*.json"))
RECIPE = {"recipe": {"epochs": 1}, "data": "d"}


def test_a_name_that_is_none_is_one_sentence():
    with pytest.raises(CamganError, match=r"there is no published run 'mars'; there are .*real4"):
        published.results("mars")


def test_weights_are_whole_small_and_named_by_their_recipe():
    folders = [path.parent for path in published.store_folder().rglob("manifest.json")]
    for folder in folders:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        assert manifest["id"] == folder.name == recipe_id(manifest["recipe"])
        assert manifest["weights_sha256"] == file_sha256(folder / "weights.safetensors")
        assert {"kind", "metrics", "commit", "versions", "device", "seconds", "date"} <= set(manifest)
    assert sum(path.stat().st_size for path in published.store_folder().rglob("*.safetensors")) <= 30e6


def test_nothing_published_names_a_folder_of_the_machine_that_made_it():
    for path in MANIFESTS:
        assert "/" not in path.read_text("utf-8"), path


def test_publishing_copies_results_manifests_and_weights(tmp_path, monkeypatch):
    import torch

    monkeypatch.setattr(paths, "published_folder", lambda: tmp_path / "published")
    build = tmp_path / "build"
    with pytest.raises(CamganError, match=r"no results.json in .*run 'camgan book' first"):
        published.publish("mine", build, weights=True)
    manifest = Store(build / "store").put("classifier", RECIPE, {"w": torch.ones(3)}, {}, seconds=1.0)
    results = {"run": {"networks": [{"id": manifest["id"]}]}, "dataset": {"photos": 3}}
    (build / "results.json").write_text(json.dumps(results))
    folder = published.publish("mine", build, weights=False)
    assert published.results("mine") == results
    assert json.loads((folder / "classifier" / f"{manifest['id']}.json").read_text())["recipe"] == RECIPE
    assert not published.store_folder().exists()
    published.publish("mine", build, weights=True)
    found = Store(tmp_path / "empty", [published.store_folder()]).get("classifier", RECIPE)
    assert torch.equal(found[0]["w"], torch.ones(3))
    assert found[1]["published"]
    (build / "results.json").write_text(json.dumps({"run": {"networks": [{"id": "gone"}]}}))
    with pytest.raises(CamganError, match=r"networks gone are not in"):
        published.publish("mine", build, weights=True)
