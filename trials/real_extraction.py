"""What do generators that are built as cameras hold of real cameras? Beside what the cameras' own files say of JPEG.

Each camera's generator learns from crops of its photos, and never sees a file. Asked is which chroma subsampling and
which quality of JPEG it holds, and how often classifiers and judges take its images for the camera's. Every second
photo is kept for the judges, which share none with the classifiers and the generators.

    python trials/real_extraction.py --data DIR --halve HALVES     # links to the photos, and to CIFAR-10 if DIR has it
    camgan run dataset --data HALVES/run --profile camera -p dataset.photos_per_camera=0 -p dataset.test_share=0.15
    camgan run classifier --data HALVES/run --profile camera
    python trials/real_extraction.py --data HALVES/run --judges HALVES/judges [--build _build] [--seeds 2 3]

Rows are added to those that the record holds. No picture is kept.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from camgan_lib.base import paths
from camgan_lib.base.files import write_json
from camgan_lib.base.settings import Settings
from camgan_lib.book import prepare, provenance, recipes, run
from camgan_lib.book.plan import make_plan
from camgan_lib.book.profiles import data_settings
from camgan_lib.data.folders import find_cameras
from camgan_lib.data.jpeg_files import compression
from camgan_lib.measure import judging, oracle, spectrum
from camgan_lib.measure.estimates import recorded
from camgan_lib.networks import inference
from camgan_lib.networks.jobs import Job, make_all, now
from camgan_lib.networks.judges import load_judge
from camgan_lib.networks.recipes import JUDGES

JUDGED = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of photos, as for camgan book")
    parser.add_argument("--halve", type=Path, help="only lay out the two halves of the photos in this folder")
    parser.add_argument("--judges", type=Path, help="the folder of photos for judges")
    parser.add_argument("--build", type=Path, default=Settings.from_environment().build)
    parser.add_argument("--seeds", nargs="*", type=int, default=[2, 3])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "real_extraction.json")
    given = parser.parse_args()
    if given.halve:
        halve(given.data, given.halve)
        return
    if not given.judges:
        parser.error("--judges needs the folder of photos that --halve laid out for judges")
    settings = Settings.from_environment().at(given.build.resolve())
    parameters = make_plan("camera", data_settings(str(given.data))).parameters["style_gan"]
    base = run.Run("style_gan", parameters, settings)
    data, images = base.dataset(), base.prepare_nostyle().test[:JUDGED]
    judges = {name: base.classifier(name) for name in ("auxiliary", "quantized")} | judges_of(
        base, given.judges.resolve()
    )
    right = {name: judging.accuracy(judge, data.test, base.device) for name, judge in judges.items()}
    record: dict[str, Any] = json.loads(given.out.read_text("utf-8")) if given.out.exists() else {"rows": []}
    record["files"] = {name: said_by_files(files) for name, files in find_cameras(given.data).items()}
    record |= {"right": recorded(right), "run": {"judged": len(images), "nostyle": base.prepare_nostyle().name}}
    level = spectrum.mean_level(images).mean()
    crops = {camera: data.train.of(k) for k, camera in enumerate(data.cameras)}
    record["content"] = {camera: float(level - spectrum.mean_level(own).mean()) for camera, own in crops.items()}
    for seed in given.seeds:
        made = run.Run("style_gan", {**parameters, "seed": 10 * seed, "gan_steps": given.steps}, settings)
        made.prepare_nostyle()
        trained = {camera: generator for camera, (generator, _) in made.train_style_gans().items()}
        stylised = {camera: inference.stylise(each, images, base.device) for camera, each in trained.items()}
        row: dict[str, Any] = {"seed": seed, "steps": given.steps, "l1": oracle.l1(stylised, images)}
        row["turned"] = {
            name: judging.turned(judge, images, {"it": stylised}, base.device)["it"].by_camera
            for name, judge in judges.items()
        }
        row["reading"] = {camera: each.reading() for camera, each in trained.items()}
        row |= {"commit": provenance.commit(), "device": provenance.device_name(base.device), "date": now()}
        record["rows"] = [each for each in record["rows"] if each["seed"] != seed] + [row]
        write_json(given.out, record)
        print(seed, {name: list(by.values()) for name, by in row["turned"].items()}, flush=True)


def halve(data: Path, out: Path) -> None:
    """Links to every second photo of each camera, by name, in out/run, to the others in out/judges."""
    for camera, files in find_cameras(data).items():
        for number, path in enumerate(files):
            link = out / ("run", "judges")[number % 2] / camera / path.name
            link.parent.mkdir(parents=True, exist_ok=True)
            if not link.exists():
                link.symlink_to(path.resolve())
    if (data / "cifar10.npz").is_file() and not (out / "run" / "cifar10.npz").exists():
        (out / "run" / "cifar10.npz").symlink_to((data / "cifar10.npz").resolve())


def judges_of(base: run.Run, folder: Path) -> dict[str, list[nn.Module]]:
    """Judges of the run's recipes that learn from the photos of another folder: stored, or trained now."""
    dataset = {**base.upstream_parameters("dataset"), "data": str(folder), "test_share": 0.01}
    data, crops = prepare.crops(dataset, base.store)
    facts = {**provenance.provenance(base.parameters, base.device), "data_fingerprint": crops["fingerprint"]}
    count = base.parameters["judge_seeds"] * len(JUDGES)
    keys = [recipes.judge(base.parameters, crops["made_by"], number, half=False) for number in range(count)]
    path = base.store.root / "crops" / crops["file"]
    make_all([Job("judge", key, base.store, path, base.device.type, facts, position=n) for n, key in enumerate(keys)])
    found: dict[str, list[nn.Module]] = {}
    for key in keys:
        weights, _ = base.store.get("judge", key) or ({}, {})
        found.setdefault(key["architecture"], []).append(load_judge(key["architecture"], weights).to(base.device))
    assert data.cameras == base.dataset().cameras
    return found


def said_by_files(files: list[Path]) -> dict[str, Any]:
    """What a camera's JPEG files say: how many have which subsampling, and their qualities' mean and range."""
    found = [compression(path) for path in files]
    qualities = np.array([quality for _, quality in found])
    return {
        "subsampling": dict(Counter(way for way, _ in found)),
        "quality": float(qualities.mean()),
        "range": [float(qualities.min()), float(qualities.max())],
    }


if __name__ == "__main__":
    main()
