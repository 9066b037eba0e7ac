"""Which explanation finds the truth? Explanations of classifiers, scored by frequencies that are known to matter.

Two simulated cameras that differ in one stage of their pipeline (data/stages.py) differ at known frequencies. For each
stage a few classifiers learn to tell the two apart. Every method of measure/attribution.py then says which frequencies
of a test crop matter, and gets a score by the truth (measure/known_truth.py). Photos are made first if need be, as by
data_scripts/simulate_stages.py. What is done is kept in the build folder: a run that was stopped goes on.

    python trials/known_truth.py [--build _build] [--data data/stages] [--seeds 3] [--photos 60] [--epochs 8]
"""

import argparse
import functools
import json
from pathlib import Path

import numpy as np

from camgan_lib.base import paths
from camgan_lib.base.devices import resolve_device
from camgan_lib.base.files import write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings
from camgan_lib.book import provenance
from camgan_lib.data import stages
from camgan_lib.data.crops import CameraData, Crops
from camgan_lib.data.photos import load_crops
from camgan_lib.measure import known_truth, saliency
from camgan_lib.measure.estimates import recorded
from camgan_lib.networks.classifier_training import train_classifier
from camgan_lib.networks.inference import predict
from camgan_lib.networks.recipes import ClassifierRecipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    settings = Settings.from_environment()
    parser.add_argument("--build", type=Path, default=settings.build)
    parser.add_argument("--data", type=Path, help="the folder of stages (default: BUILD/trials/stages)")
    parser.add_argument("--photos", type=int, default=60, help="photos per camera")
    parser.add_argument("--test-share", type=float, default=0.33, help="of the photos")
    parser.add_argument("--crops", type=int, default=30, help="crops per photo, of which a classifier learns")
    parser.add_argument("--judged", type=int, default=2, help="crops of each test photo that are explained")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=3, help="classifiers per stage")
    parser.add_argument("--scenes", type=int, default=100, help="scenes that the truth is measured on")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "known_truth.json")
    given = parser.parse_args()
    build = given.build.resolve() / "trials"
    found = {stage: one_stage(stage, given, build) for stage in stages.STAGES}
    right = {stage: known_truth.accuracy(networks, test) for stage, (networks, test) in found.items()}
    judged = {stage: networks for stage, (networks, _) in found.items() if known_truth.judged(right[stage])}
    some = {stage: few_of_each(found[stage][1], given.judged) for stage in judged}
    rows = [row for stage, networks in judged.items() for row in known_truth.rows(stage, networks, some[stage])]
    order = {name: known_truth.ranking(judged, name) for name in known_truth.TRUTHS} if judged else {}
    about = {name: value for name, value in vars(given).items() if name not in ("build", "data", "out", "device")}
    about |= {"commit": provenance.commit(), "device": provenance.device_name(resolve_device(given.device))}
    accuracies = [{"stage": stage, "accuracy": each, "judged": stage in judged} for stage, each in right.items()]
    write_json(given.out, recorded({"stages": accuracies, "rows": rows, "ranking": order, "run": about}))


def one_stage(stage: str, given: argparse.Namespace, build: Path) -> tuple[list[dict], Crops]:
    """Each network's `right` on the stage's test crops and `scores` on a few of each photo, and the test crops."""
    folder = stages.photos(given.data or build / "stages", stage, given.photos, 256, 0)
    data = load_crops(
        folder,
        photos_per_camera=given.photos,
        test_share=given.test_share,
        crops_per_photo=given.crops,
        split="random",
        on_bad="refuse",
        seed=0,
        workers=1,
    )
    networks = []
    for seed in seeds_of(stage, given.seeds):
        recipe = ClassifierRecipe(given.epochs, 64, 2e-3, "cosine", 0.0, True, False, seed, stem="high-pass")
        settings = {name: getattr(given, name) for name in ("photos", "test_share", "crops", "judged", "scenes")}
        about = {"stage": stage, "recipe": vars(recipe), **settings}
        path = build / "known_truth" / f"{recipe_id(about)}.json"
        if not path.exists():
            write_json(path, about | one_network(stage, data, recipe, given))
        networks.append(json.loads(path.read_text("utf-8")))
    return networks, data.test


def seeds_of(stage: str, count: int) -> range:
    """The seeds of a stage's networks, at most 100. No two stages share one, so that all networks begin differently."""
    first = 100 * list(stages.STAGES).index(stage)
    return range(first, first + count)


@functools.cache
def all_truths(scenes: int) -> dict[str, dict[str, np.ndarray]]:
    """For each of `known_truth.TRUTHS` and each stage the pair's true difference."""
    measures = dict(zip(known_truth.TRUTHS, (known_truth.of_spectrum, known_truth.of_variance), strict=True))
    return {
        name: {stage: measure(stages.pair(stage), scenes) for stage in stages.STAGES}
        for name, measure in measures.items()
    }


def one_network(stage: str, data: CameraData, recipe: ClassifierRecipe, given: argparse.Namespace) -> dict:
    """Trains a classifier; returns which test crops it is right on and the scores of its explanations."""
    device = resolve_device(given.device)
    model, _ = train_classifier(data.train, recipe, device=device)
    learned_from = data.train.some(500, recipe.seed).images
    (untrained,) = saliency.untrained(model, learned_from, 1, stem=recipe.stem, seed=recipe.seed)
    right = predict(model, data.test.images, device).argmax(1) == data.test.labels
    crops, truths = few_of_each(data.test, given.judged), all_truths(given.scenes)
    found = known_truth.by_crop(model, untrained, crops, truths, stage, device, seed=recipe.seed)
    return {"right": right.astype(int).tolist(), **found}


def few_of_each(crops: Crops, count: int) -> Crops:
    """The first `count` crops of each photo."""
    chosen = np.concatenate([np.flatnonzero(crops.photo == photo)[:count] for photo in np.unique(crops.photo)])
    return Crops(crops.images[chosen], crops.labels[chosen], crops.photo[chosen])


if __name__ == "__main__":
    main()
