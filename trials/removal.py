"""Can a camera's trace be removed? Generators towards no camera, and two plain ways, judged on the cameras' test crops.

A generator learns to turn the crops of all cameras into pictures that the classifiers take for every camera alike, and
that a discriminator can't tell from images that no camera took. Asked is how often judges that had no part in it are
still right, and what the picture lost (L1). Beside it: a median of 3×3 pixels, and JPEG of quality 60.

    python trials/removal.py [--build _build] [--seeds 0 1 2] [--steps 1000]

reads a build that has run chapters dataset, classifier and style_gan of profile paper. It can be stopped and started
again.
"""

import argparse
import io
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from camgan_lib.base import paths
from camgan_lib.base.devices import one_thread
from camgan_lib.base.files import write_json
from camgan_lib.base.settings import Settings
from camgan_lib.base.workers import cores, pool
from camgan_lib.book import provenance, recipes, run
from camgan_lib.book.plan import make_plan
from camgan_lib.data.crops import Crops
from camgan_lib.measure import judging, oracle
from camgan_lib.measure.estimates import recorded
from camgan_lib.networks import inference
from camgan_lib.networks.checkpoint import Checkpoint
from camgan_lib.networks.gan_training import train_style_gan
from camgan_lib.networks.judges import load_judge
from camgan_lib.networks.recipes import SECOND, GanRecipe

WAY = {
    "generator": "residual",
    "generator_width": 16,
    "decoder_blocks": 4,
    "discriminator": "high-pass",
    "l1_weight": 6.0,
    "tv_weight": 0.0,
    "second_classifier": True,
    "generator_rate": 1e-3,
    "discriminator_rate": 2e-4,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "towards no camera": WAY,
    "without classifiers": {**WAY, "auxiliary_weight": 0.0, "second_classifier": False},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Settings.from_environment().build)
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "removal.json")
    given = parser.parse_args()
    settings = Settings.from_environment().at(given.build.resolve())
    base = run.Run("style_gan", make_plan("paper", []).parameters["style_gan"], settings)
    judges = {name: base.classifier(name) for name in ("auxiliary", "quantized")} | base.train_judges()
    test = base.dataset().test
    tasks = [(name, seed) for name in VARIANTS for seed in given.seeds]
    with pool(min(cores(), len(tasks))) as processes:
        waiting = {processes.submit(cleaned, settings, name, seed, given.steps): (name, seed) for name, seed in tasks}
        made = {waiting[done]: done.result() for done in as_completed(waiting)}
    ways = {("untouched", 0): test.images}
    ways |= {("median of 3×3", 0): median(test.images), ("JPEG of quality 60", 0): jpeg(test.images, 60)}
    rows = []
    for (name, seed), images in (ways | {task: made[task] for task in tasks}).items():
        crops = Crops(images, test.labels, test.photo)
        right = {judge: judging.accuracy(each, crops, base.device) for judge, each in judges.items()}
        l1 = oracle.l1({"it": images}, test.images)["it"]
        rows.append({"variant": name, "seed": seed, "l1": l1, "right": right})
        print(name, seed, round(l1, 4), {judge: round(each.value, 3) for judge, each in right.items()}, flush=True)
    about = {"steps": given.steps, "crops": len(test.labels), "commit": provenance.commit()}
    about |= {"device": provenance.device_name(base.device)}
    write_json(given.out, recorded({"rows": rows, "run": about}))


def cleaned(settings: Settings, name: str, seed: int, steps: int) -> np.ndarray:
    """The test crops as a generator of one variant and seed makes them. Goes on where it was stopped."""
    parameters = make_plan("paper", []).parameters["style_gan"]
    changed = {**parameters, **VARIANTS[name], "gan_steps": steps, "seed": 10 * seed}
    made = run.Run("style_gan", changed, settings)
    data, nostyle = made.dataset(), made.prepare_nostyle()
    classifiers = [made.classifier("auxiliary")]
    if job := made.plan_generators()[data.cameras[0]].second:
        weights, _ = made.store.get("judge", job) or ({}, {})
        classifiers.append(load_judge(SECOND, weights))
    recipe = recipes.from_parameters(GanRecipe, changed)
    kept = Checkpoint(settings.build / "trials" / f"removal-{list(VARIANTS).index(name)}-{seed}.safetensors")
    with one_thread():
        model, _ = train_style_gan(
            nostyle.train,
            data.train.images,
            len(data.cameras),
            classifiers,
            recipe,
            device=made.device,
            checkpoint=kept,
            bar_position=seed,
        )
    return inference.stylise(model, data.test.images, made.device)


def median(images: np.ndarray) -> np.ndarray:
    """Each image by a median of 3×3 pixels, channel by channel."""
    return np.stack([np.asarray(Image.fromarray(each).filter(ImageFilter.MedianFilter(3))) for each in images])


def jpeg(images: np.ndarray, quality: int) -> np.ndarray:
    """Each image after JPEG of a quality, chroma halved in both directions."""
    made = []
    for each in images:
        stream = io.BytesIO()
        Image.fromarray(each).save(stream, "JPEG", quality=quality, subsampling=2)
        made.append(np.asarray(Image.open(stream)))
    return np.stack(made)


if __name__ == "__main__":
    main()
