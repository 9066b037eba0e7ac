"""Trained things are found by recipe, written whole or not at all, and damage is noticed."""

import os

import pytest
import torch

from camgan_lib.errors import CamganError
from camgan_lib.store import Store, recipe_id, write_aside, write_json

RECIPE = {"seed": 1, "epochs": 2}
WEIGHTS = {"w": torch.arange(6.0).reshape(2, 3).T, "n": torch.tensor([3], dtype=torch.int8)}


def test_recipe_id_depends_on_content_not_on_order():
    assert recipe_id({"a": 1, "b": 2}) == recipe_id({"b": 2, "a": 1})
    assert recipe_id({"a": 1}) != recipe_id({"a": 2})


def test_what_was_put_is_found_by_its_recipe_alone(tmp_path):
    store = Store(tmp_path)
    assert store.get("classifier", RECIPE) is None
    store.put("classifier", RECIPE, WEIGHTS, {"accuracy": 0.5}, seconds=3)
    weights, manifest = store.get("classifier", RECIPE)
    assert all(torch.equal(weights[name], WEIGHTS[name]) for name in WEIGHTS)
    assert manifest["recipe"] == RECIPE
    assert (manifest["metrics"], manifest["seconds"]) == ({"accuracy": 0.5}, 3)
    assert store.get("classifier", {**RECIPE, "seed": 2}) is None
    assert store.get("generator", RECIPE) is None


@pytest.mark.parametrize("damage", [b"", b"x" * 200])
def test_damaged_weights_are_noticed_and_can_be_made_again(tmp_path, capsys, damage):
    store = Store(tmp_path)
    store.put("classifier", RECIPE, WEIGHTS, {})
    (store.folder("classifier", RECIPE) / "weights.safetensors").write_bytes(damage)
    assert store.get("classifier", RECIPE) is None
    assert "damaged" in capsys.readouterr().out
    store.put("classifier", RECIPE, WEIGHTS, {})
    assert store.get("classifier", RECIPE) is not None


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"v": 1})
    with pytest.raises(RuntimeError), write_aside(path) as aside:
        aside.write_text("half")
        raise RuntimeError
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"v": float("nan")})
    assert path.read_text() == '{\n "v": 1\n}\n'
    assert os.listdir(tmp_path) == ["a.json"]


def test_an_unwritable_place_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CamganError, match="can't write"), write_aside(tmp_path / "file" / "a.json"):
        pass
    with pytest.raises(CamganError, match="can't write the store"):
        Store(tmp_path / "file").put("classifier", RECIPE, WEIGHTS, {})
