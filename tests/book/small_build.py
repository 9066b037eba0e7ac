"""Build folders as a run leaves them, made in a moment: real photos and crops, all records, networks that are none."""

import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from camgan_lib.base.files import file_sha256, write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings
from camgan_lib.book import chapters, published, recipes
from camgan_lib.book.plan import Plan, make_plan
from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.photos import load_crops
from camgan_lib.data.simulation import FIELDS

VERSIONS = {"python": "3.11.7", "torch": "2.14.1", "numpy": "2.4.6"}
SMALL = ("dataset.photos_per_camera=2", "dataset.photo_size=64", "dataset.crops_per_photo=2", "dataset.test_share=0.5")
NAMES = {"My [Phone] ä": ("IMG 1.jpg", "a, b/IMG_2.jpg", "c.png"), "Other": ("1.jpg", "2.jpg", "3.png")}
"""Folders of cameras with their photos, some at more depth, with names that tables and patterns trip over."""


def own_photos(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for camera, names in NAMES.items():
        for name in names:
            path = folder / camera / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8)).save(path)
    return folder


def _as_simulated(folder: Path) -> Path:
    """Two photos by each simulated camera, of noise, with a manifest as the simulation writes it."""
    rng, lines = np.random.default_rng(1), [",".join(FIELDS)]
    for camera in CAMERAS:
        (folder / camera.name).mkdir(parents=True)
        for name in ("00001.jpg", "00002.jpg"):
            path = folder / camera.name / name
            Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
            lines.append(f"{camera.name},{name},{file_sha256(path)},0123456789abcdef")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder


def small_build(folder: Path, photos: Path | None = None) -> Plan:
    """The plan of a run of profile smoke with a build folder in which each chapter has left its files.

    `photos`: a folder of the user's photos; simulated ones without it.
    """
    given = [*SMALL, f"dataset.data={photos}"] if photos else list(SMALL)
    plan = make_plan("smoke", given, Settings.of(folder))
    network, products = _network(plan), {"dataset": {"dataset": _crops(plan, photos)}}
    shown = sorted(published.store_folder().glob("generator/*"))[0].name
    used = {
        "classifier": [{"name": "auxiliary", "kind": "classifier", "id": network}],
        "style_gan": [{"name": "sim-A-bilinear", "kind": "generator", "id": shown}],
    }
    for n, (chapter, source) in enumerate(chapters.sources().items()):
        record = {
            "chapter": chapter,
            "parameters": plan.parameters[chapter],
            "results": {},
            "products": products.get(chapter, {}),
            "networks": used.get(chapter, []),
            "provenance": {
                **{"profile": "smoke", "seed": 0, "commit": "0123456789ab", "device": "cpu, 2 cores"},
                **{"versions": VERSIONS, "data": photos.name if photos else "simulated"},
                **{"started": f"2026-11-28T01:{n:02}:00+00:00", "seconds": 59.6},
            },
        }
        write_json(folder / "records" / f"{chapter}.json", record)
        write_json(folder / "executed" / source.name, {"cells": [], "n": n})
    (folder / "executed" / "overview.png").write_bytes(b"picture")
    write_json(folder / "results.json", {"run": {"networks": []}})
    (folder / "html").mkdir()
    (folder / "html" / "camgan-key").write_text("key 1")
    return plan


def _crops(plan: Plan, photos: Path | None) -> dict[str, str]:
    p, store = plan.parameters["dataset"], plan.settings.store
    if photos is None:
        photos = _as_simulated(store / "simulated" / recipes.simulated_folder(p))
    data = load_crops(photos, test_share=0.5, crops_per_photo=2, workers=1, progress=False)
    data.save(store / "crops" / "0011223344556677.npz")
    return {"file": "0011223344556677.npz", "fingerprint": "ff" * 32, "made_by": "0011223344556677"}


def _network(plan: Plan) -> str:
    """A stored network whose weights are some bytes; its id."""
    template = next(published.store_folder().glob("classifier/*/manifest.json"))
    manifest = json.loads(template.read_text("utf-8"))
    manifest["recipe"]["data"], manifest["data_fingerprint"] = "0011223344556677", "ff" * 32
    manifest["id"] = recipe_id(manifest["recipe"])
    folder = plan.settings.store / "classifier" / manifest["id"]
    folder.mkdir(parents=True)
    shutil.copy(template.with_name("weights.safetensors"), folder)
    manifest["weights_sha256"] = file_sha256(folder / "weights.safetensors")
    write_json(folder / "manifest.json", manifest)
    return manifest["id"]
