"""Is a classifier wrong without some frequencies because they held the information, or because it relied on them?

ResNet-20s are trained and tested on crops that have lost the frequencies beyond a radius, or those up to it, for six
radii, and some on whole crops (ROAR, Hooker et al. 2019; measure/retraining.py). They use fewer crops and epochs than
the book's classifier, so that each takes about a minute on one core. Their first layer begins as high-pass filters:
they learn in 6 epochs what takes tens otherwise. The build may be of any data and profile; its chapters dataset and
classifier must have run. A stopped run goes on where it was.

    python trials/retrained_without.py [--build _build] [--crops 8000] [--epochs 6] [--seeds 2] [--workers 2]
"""

import argparse
import dataclasses
import json
import time
from collections.abc import Iterator
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any

import torch

from camgan_lib.base import paths
from camgan_lib.base.files import write_json
from camgan_lib.base.settings import Settings
from camgan_lib.base.workers import cores, pool
from camgan_lib.book import provenance, run
from camgan_lib.book.plan import make_plan
from camgan_lib.data.crops import CameraData, Crops, fingerprint
from camgan_lib.measure import retraining
from camgan_lib.measure.estimates import recorded
from camgan_lib.networks.recipes import ClassifierRecipe

NAME = "retrained_without"
SAMPLE = 0
"""Seed by which training crops are drawn, the same for all networks."""


def main() -> None:
    given = arguments()
    settings = Settings.from_environment().at(given.build.resolve())
    chapter = run.Run("explanations", make_plan("quick", []).parameters["explanations"], settings)
    data, device, classifier = chapter.dataset(), chapter.device, chapter.classifier("auxiliary")
    tried = retraining.names(given.cutoffs)
    about = {
        **{"crops": given.crops, "epochs": given.epochs, "stem": given.stem, "seeds": given.seeds},
        **{"cutoffs": list(given.cutoffs), "cameras": list(data.cameras), "data_fingerprint": fingerprint(data)},
        "profile": chapter.upstream_parameters("classifier")["profile"],
    }
    left = begun(settings.build / "trials" / f"{NAME}.json", about)
    left["run"] |= {"commit": provenance.commit(), "device": provenance.device_name(device)}
    left["networks"] = [each["id"] for each in chapter.networks()]
    left["classifier"] = left.get("classifier") or retraining.decided(classifier, data.test, tried, device)
    done = {(each["without"], each["seed"]) for each in left["trainings"]}
    wanted = [(name, seed) for seed in range(given.seeds) for name in tried if (name, seed) not in done]
    crops_file = settings.build / "trials" / f"{NAME}.npz"
    CameraData(data.train.some(given.crops, SAMPLE), data.test, data.cameras, {}).save(crops_file)
    recipe = ClassifierRecipe(given.epochs, 64, 2e-3, "cosine", 0.0, True, False, 0, stem=given.stem)
    jobs = [(crops_file, name, tried, dataclasses.replace(recipe, seed=seed), device.type) for name, seed in wanted]
    keep(left, data.test, given.out, settings.build)
    for training in made(jobs, given.workers if device.type == "cpu" else 1):
        left["trainings"].append(training)
        keep(left, data.test, given.out, settings.build)
        share = retraining.hits(training["right"][training["without"]], len(data.test.labels)).mean()
        print(f"{training['without']}, seed {training['seed']}: {share:.1%}, {training['seconds']:.0f} s", flush=True)
    crops_file.unlink()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Settings.from_environment().build)
    parser.add_argument("--crops", type=int, default=8000, help="training crops, drawn from the build's")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=2, help="networks for each thing removed")
    parser.add_argument("--cutoffs", type=float, nargs="+", default=retraining.CUTOFFS, help="cycles/pixel")
    parser.add_argument(
        "--stem", choices=("random", "high-pass"), default="high-pass", help="how the first layer begins"
    )
    parser.add_argument("--workers", type=int, default=0, help="trainings at once, each on one core; 0: one per core")
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / f"{NAME}.json")
    return parser.parse_args()


def begun(path: Path, about: dict[str, Any]) -> dict[str, Any]:
    """What an earlier run of the same kind left, more `seeds` allowed, or else an empty result."""
    found = json.loads(path.read_text("utf-8")) if path.is_file() else {"run": {}}
    same = all(found["run"].get(key) == value for key, value in about.items() if key != "seeds")
    return {**found, "run": about} if same else {"trainings": [], "run": about}


def made(jobs: list[tuple], workers: int) -> Iterator[dict[str, Any]]:
    """Each training as soon as it is made."""
    at_once = min(workers or cores(), len(jobs))
    if at_once < 2:
        yield from (train(*job) for job in jobs)
        return
    with pool(at_once) as processes:
        for future in as_completed([processes.submit(train, *job) for job in jobs]):
            yield future.result()


def train(crops: Path, name: str, tried: list[str], recipe: ClassifierRecipe, device: str) -> dict[str, Any]:
    data, began = CameraData.load(crops), time.monotonic()
    right = retraining.retrain(data.train, data.test, name, tried, recipe, torch.device(device))
    return {"without": name, "seed": recipe.seed, "right": right, "seconds": round(time.monotonic() - began, 1)}


def keep(left: dict[str, Any], test: Crops, *places: Path) -> None:
    """Writes what there is, with its estimates, to the named file and into the build."""
    rows = retraining.summary(left["trainings"], left["classifier"], test.photo, test.labels)
    out, build = places
    for path in (out, build / "trials" / f"{NAME}.json"):  # camgan store prune keeps what the latter names
        write_json(path, {**left, "rows": recorded(rows)})


if __name__ == "__main__":
    main()
