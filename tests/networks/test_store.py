"""Trained things are found by recipe, written whole or not at all, and damage is noticed."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside, write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.networks.store import Store

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


def test_an_outline_is_the_manifest_without_its_metrics(tmp_path):
    store, odd = Store(tmp_path), '\n "weights_sha256": \n "metrics": '
    put = store.put("classifier", {"name": odd}, WEIGHTS, {"history": [{"loss": 1.0, odd: odd}]}, seconds=3, note=odd)
    identity, size = put["id"], sum(path.stat().st_size for path in tmp_path.rglob("*.*"))
    whole = {**put, "bytes": size, "published": False}
    assert store.outline("classifier", identity, metrics=True) == whole
    assert store.outline("classifier", identity) == {name: whole[name] for name in whole if name != "metrics"}
    (tmp_path / "simulated" / "photos").mkdir(parents=True)
    (tmp_path / "classifier" / f".{identity}.half").mkdir()
    assert store.names() == {("classifier", identity), ("simulated", "photos")}
    assert [each["id"] for each in store.manifests()] == [identity]
    assert list(store.manifests(without={identity})) == []


def test_what_a_killed_process_left_half_written_is_removed_by_the_next_one(tmp_path):
    store, name = Store(tmp_path), recipe_id(RECIPE)
    with store.locked("classifier", RECIPE):
        (tmp_path / "classifier" / f".{name}.1a2b").mkdir(parents=True)
        store.checkpoint("classifier", RECIPE).save(WEIGHTS, {})
        (tmp_path / "checkpoints" / f".classifier-{name}.safetensors.1a2b").touch()
    store.remove_leftovers("classifier", RECIPE)
    assert [path.name for path in tmp_path.glob("c*/*")] == [f"classifier-{name}.safetensors"]
    store.remove_leftovers("generator", RECIPE)
    assert not list((tmp_path / "locks").glob("generator-*")), "what was never begun leaves nothing to look for"


@pytest.mark.parametrize("damage", [b"", b"x" * 200, b"null", b"[]", b"{}", b'{"weights_sha256": 1}'])
@pytest.mark.parametrize("file", ["weights.safetensors", "manifest.json"])
def test_a_damaged_network_is_noticed_and_can_be_made_again(tmp_path, capsys, damage, file):
    store = Store(tmp_path)
    store.put("classifier", RECIPE, WEIGHTS, {})
    assert store.has("classifier", RECIPE)
    (store.folder("classifier", RECIPE) / file).write_bytes(damage)
    assert not store.has("classifier", RECIPE)
    assert list(store.manifests()) == [] or file != "manifest.json"
    assert store.get("classifier", RECIPE) is None
    assert "damaged" in capsys.readouterr().err
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


def test_a_checkpoint_gives_back_what_was_saved_last_and_nothing_when_damaged(tmp_path, capsys):
    checkpoint = Store(tmp_path).checkpoint("classifier", RECIPE)
    assert checkpoint.load() is None
    checkpoint.save(WEIGHTS, {"done": 1})
    checkpoint.save(WEIGHTS, {"done": 2, "sums": {"l1": 0.1 + 0.2}})
    tensors, facts = checkpoint.load()
    assert all(torch.equal(tensors[name], WEIGHTS[name]) for name in WEIGHTS)
    assert facts == {"done": 2, "sums": {"l1": 0.1 + 0.2}, "seconds": 0.0}
    whole = checkpoint.path.read_bytes()
    for damaged in (whole[:-3], whole[:-1] + bytes([whole[-1] ^ 1]), b"no tensors", b""):
        checkpoint.path.write_bytes(damaged)
        assert checkpoint.load() is None
        assert "is damaged" in capsys.readouterr().err
    checkpoint.remove()
    checkpoint.remove()
    assert checkpoint.load() is None
    assert capsys.readouterr().err == ""


HOLDER = """
import sys, time
from camgan_lib.networks.store import Store
with Store(sys.argv[1]).locked("classifier", {"seed": 1}):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_recipe_is_made_by_one_process_and_a_killed_one_lets_go(tmp_path, capsys):
    with Store(tmp_path).locked("classifier", RECIPE), Store(tmp_path).locked("generator", RECIPE):
        pass
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        threading.Timer(0.5, holder.kill).start()
        with Store(tmp_path).locked("classifier", {"seed": 1}):
            assert holder.wait(10) != 0
    assert "another run is making classifier" in capsys.readouterr().err


def test_what_another_process_is_making_is_not_removed(tmp_path):
    store = Store(tmp_path)
    store.put("classifier", RECIPE, WEIGHTS, {})
    store.checkpoint("classifier", RECIPE).save(WEIGHTS, {})
    identity = recipe_id(RECIPE)
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        held = store.remove("classifier", recipe_id({"seed": 1}))
        holder.kill()
    assert not held
    assert [each["id"] for each in store.checkpoints()] == [identity]
    assert store.remove("classifier", identity)
    assert store.remove("classifier", identity), "what is gone is gone"
    assert (list(store.manifests()), store.checkpoints()) == ([], [])


@pytest.mark.parametrize("damaged", [False, True])
def test_published_things_are_found_behind_what_is_made_here(tmp_path, capsys, damaged):
    Store(tmp_path / "published").put("classifier", RECIPE, WEIGHTS, {"from": "published"})
    store = Store(tmp_path / "own", [tmp_path / "published"])
    assert store.get("classifier", RECIPE)[1]["published"]
    assert [each["published"] for each in store.manifests()] == [True]
    if damaged:
        (store.behind[0] / "classifier" / recipe_id(RECIPE) / "weights.safetensors").write_bytes(b"x")
        assert store.get("classifier", RECIPE) is None
        assert "is damaged" in capsys.readouterr().err
    store.put("classifier", RECIPE, WEIGHTS, {"from": "own"})
    _, manifest = store.get("classifier", RECIPE)
    assert (manifest["published"], manifest["metrics"]) == (False, {"from": "own"})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path, monkeypatch):
    def full(path, content):
        with open("/dev/full", "wb", buffering=0) as stream:
            return stream.write(content)

    monkeypatch.setattr(Path, "write_bytes", full)
    store = Store(tmp_path)
    with pytest.raises(CamganError, match=r"can't write the store .*No space left.*free space"):
        store.put("classifier", RECIPE, WEIGHTS, {})
    with pytest.raises(CamganError, match=r"can't write .*No space left.*free space"):
        store.checkpoint("classifier", RECIPE).save(WEIGHTS, {})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_read_only_store_is_read_and_refuses_to_be_written(tmp_path, monkeypatch):
    Store(tmp_path).put("classifier", RECIPE, WEIGHTS, {})
    real_open = os.open

    def read_only(path, flags, *mode, **where):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return real_open(path, flags, *mode, **where)

    def refuse(path, *_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    monkeypatch.setattr(os, "open", read_only)
    monkeypatch.setattr(os, "mkdir", refuse)
    store = Store(tmp_path)
    assert store.get("classifier", RECIPE) is not None
    for write in (
        lambda: store.put("classifier", {"seed": 2}, WEIGHTS, {}),
        lambda: store.checkpoint("classifier", RECIPE).save(WEIGHTS, {}),
        lambda: store.locked("classifier", RECIPE).__enter__(),
    ):
        with pytest.raises(CamganError, match=r"can't write .*Read-only file system"):
            write()
