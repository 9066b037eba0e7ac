"""How fast the library is, as ratios against the plain way (benchmarks/plain.py), both measured in this run.

Ours and the plain way take turns on the same work, so that other load on the machine falls on either; the plain way in
a process that the library has not set up. A ratio's spread is that between turns. What is measured:

    classifier   crops trained per second: both classifiers (float and 8-bit), ours side by side
    gan          images per second of style GANs for two cameras, width 32, batch 16, ours side by side
    evaluation   10,000 images through a generator and a classifier
    simulation   simulated photos of 512×512 pixels per second; the plain way in as many processes (plain_simulation.py)
    crops        crops per second from JPEG files (needs --data)
    time_to_90   seconds until the auxiliary classifier is right on 90 % of the test crops (needs --data)
    quick_book   seconds for the whole book in profile quick, every network trained (half an hour a turn)

    python benchmarks/speed.py [WHAT …] [--data DIR] [--turns 5] [--device cuda] [--out FILE]
"""

import argparse
import contextlib
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import plain
import torch

from camgan_lib.base.devices import one_thread
from camgan_lib.base.files import write_json
from camgan_lib.base.memory import keep_memory
from camgan_lib.base.settings import Settings
from camgan_lib.base.workers import cores
from camgan_lib.book import provenance, run
from camgan_lib.book.plan import make_plan
from camgan_lib.data.cameras import CAMERAS, shoot
from camgan_lib.data.crops import CameraData, Crops
from camgan_lib.data.folders import find_cameras
from camgan_lib.data.nostyle import NoStyle
from camgan_lib.data.photos import load_crops
from camgan_lib.data.scenes import CAMERA_STREAM, render_scene
from camgan_lib.networks import classifier_training, gan_training, jobs, recipes
from camgan_lib.networks.checkpoint import Checkpoint
from camgan_lib.networks.inference import predict, stylise
from camgan_lib.networks.resnet import ResNet20, to_integers
from camgan_lib.networks.style_gan import Generator

CPU = torch.device("cpu")
DEVICE = CPU
"""Where our networks run; `set_up` names another."""

PAPER = recipes.ClassifierRecipe(50, 64, 1e-3, "step", 0.0, True, False, 0)
FAST = recipes.ClassifierRecipe(4, 64, 4e-3, "cosine", 0.0, True, False, 0, "high-pass", 2)
"""The recipe with which ours reaches 90 %: high-pass filters at first, two epochs on small windows, two on crops."""
GAN = recipes.GanRecipe(32, 32, 4, "none", "transpose3", "lsgan", 30.0, 0.1, 1.0, 60, 16, 1e-3, 1e-4, 0)


def random_crops(count: int) -> Crops:
    images = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3)).astype(np.uint8)
    return Crops(images, np.arange(count) % 4, np.arange(count))


def our_classifier(quantized: bool, count: int) -> None:
    """One epoch, with the checkpoint that every training keeps."""
    recipe = replace(PAPER, epochs=1, quantized=quantized)
    with one_thread(), tempfile.TemporaryDirectory() as folder:
        kept = Checkpoint(Path(folder) / "c.safetensors")
        classifier_training.train_classifier(
            random_crops(count), recipe, device=DEVICE, progress=False, checkpoint=kept
        )


def our_gan(target: int, steps: int) -> None:
    images, recipe = random_crops(2000).images, replace(GAN, gan_steps=steps)
    with one_thread(), tempfile.TemporaryDirectory() as folder:
        kept = Checkpoint(Path(folder) / "g.safetensors")
        judge = ResNet20(4)
        gan_training.train_style_gan(
            images, images, target, [judge], recipe, device=DEVICE, progress=False, checkpoint=kept
        )


def plain_classifiers(count: int) -> None:
    for quantized in (False, True):
        list(plain.classifier(random_crops(count), replace(PAPER, epochs=1, quantized=quantized)))


def plain_gans(steps: int) -> None:
    images = random_crops(2000).images
    for _ in range(2):
        plain.gan(images, images, replace(GAN, gan_steps=steps), ResNet20(4))


def at_once(work, arguments: list[tuple]) -> None:
    """Ours: calls of `work` side by side, each in a process of its own."""
    for done in [POOL.submit(work, *each) for each in arguments]:
        done.result()


def set_up(device: str) -> None:
    """Begins a process that trains our way."""
    global DEVICE
    DEVICE = torch.device(device)
    keep_memory()


def plainly(work, *arguments) -> Any:
    """The plain way: in a process of its own, on all cores."""
    return PLAIN.submit(work, *arguments).result()


def classifier(given: argparse.Namespace) -> dict:
    count = given.images
    ours = [(False, count), (True, count)]
    warm = min(128, count)
    at_once(our_classifier, [(False, warm), (True, warm)])
    plainly(plain_classifiers, warm)
    pairs = [(lambda: at_once(our_classifier, ours), lambda: plainly(plain_classifiers, count))] * given.turns
    return compare(pairs, 2 * count, "crops/s")


def gan(given: argparse.Namespace) -> dict:
    steps = max(1, 3 * given.images // (8 * GAN.gan_batch))
    ours = [(0, steps), (1, steps)]
    at_once(our_gan, [(0, 3), (1, 3)])
    plainly(plain_gans, 3)
    pairs = [(lambda: at_once(our_gan, ours), lambda: plainly(plain_gans, steps))] * given.turns
    return compare(pairs, 2 * steps * GAN.gan_batch, "images/s")


def evaluation(given: argparse.Namespace) -> dict:
    count = 4 * given.images
    pairs = [(lambda: our_evaluation(count), lambda: plainly(plain_evaluation, count))] * given.turns
    return compare(pairs, count, "images/s")


def our_evaluation(count: int) -> None:
    generator, judge = (each.to(DEVICE) for each in (Generator.from_recipe(GAN, seed=0), ResNet20(4)))
    predict(judge, stylise(generator, random_crops(count).images, DEVICE), DEVICE)


def plain_evaluation(count: int) -> None:
    plain.evaluate(plain.generator(GAN), ResNet20(4), random_crops(count).images)


def simulation(given: argparse.Namespace) -> dict:
    count = max(1, given.images // 128)
    at_once(our_photos, [(1,), (1,)])
    pairs = [(lambda: at_once(our_photos, [(count,)] * 2), lambda: at_once(plain_photos, [(count,)] * 2))] * given.turns
    return compare(pairs, 2 * count, "photos/s")


def our_photos(count: int, size: int = 512) -> None:
    photos_by(render_scene, shoot, count, size)


def plain_photos(count: int, size: int = 512) -> None:
    import plain_simulation  # slow to import

    photos_by(plain_simulation.render_scene, plain_simulation.shoot, count, size)


def photos_by(render, take, count: int, size: int) -> None:
    for number in range(count):
        take(render(size, [CAMERA_STREAM, 0, number]), CAMERAS[number % len(CAMERAS)], np.random.default_rng(number))


def crops(given: argparse.Namespace) -> dict:
    files = [path for camera in find_cameras(given.data).values() for path in camera]

    def ours() -> None:
        load_crops(given.data, crops_per_photo=30, progress=False)

    ours()
    plainly(plain.crops, files, 1)
    return compare([(ours, lambda: plainly(plain.crops, files, 30))] * given.turns, 30 * len(files), "crops/s")


def time_to_90(given: argparse.Namespace) -> dict:
    """Each turn with a seed of its own."""
    cut = load_crops(given.data, crops_per_photo=30, progress=False)
    pairs = [
        (
            lambda s=seed: ours_until(cut, replace(FAST, seed=s)),
            lambda s=seed: plainly(plain_until, cut, replace(PAPER, seed=s)),
        )
        for seed in range(given.turns)
    ]
    return compare(pairs, None, "s")


class Until:
    """A training's checkpoint that keeps nothing and ends it when enough of the test crops are right."""

    def __init__(self, wanted: float):
        self.wanted = wanted

    def load(self) -> None:
        return None

    def save(self, tensors: dict, facts: dict) -> None:
        if facts["history"][-1]["test_accuracy"] >= self.wanted:
            print(f"ours: {[entry['test_accuracy'] for entry in facts['history']]}", flush=True)
            raise StopIteration


def ours_until(data: CameraData, recipe: recipes.ClassifierRecipe, wanted: float = 0.9) -> None:
    with contextlib.suppress(StopIteration):
        classifier_training.train_classifier(
            data.train, recipe, device=CPU, test=data.test, progress=False, checkpoint=Until(wanted)
        )
        raise SystemExit(f"{recipe} did not reach {wanted:.0%}")


def plain_until(data: CameraData, recipe: recipes.ClassifierRecipe, wanted: float = 0.9) -> None:
    reached = []
    for _, entry in plain.classifier(data.train, recipe, data.test):
        reached.append(round(entry["test_accuracy"], 4))
        if reached[-1] >= wanted:
            print(f"plain: {reached}", flush=True)
            return
    raise RuntimeError(f"the paper's recipe did not reach {wanted:.0%}: {reached}")


def quick_book(given: argparse.Namespace) -> dict:
    """The book in profile quick, every network trained; the plain way trains plainly, all else is ours."""
    return compare([(lambda: book(plainly=False), lambda: book(plainly=True))] * given.turns, None, "s")


def book(plainly: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).with_name("camgan"), "book", "--profile", "quick", "--fresh", "--build", folder]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
        if plainly:
            subprocess.run([*command[:1], "run", "dataset", *command[2:]], **quiet)
            train_plainly(make_plan("quick", []).parameters, Settings.of(Path(folder), fresh=True))
        subprocess.run(command, **quiet)


def train_plainly(parameters: dict[str, dict], settings: Settings) -> None:
    """Trains the book's networks the plain way, one by one, and puts them where its chapters look for them."""
    plain_jobs = {"classifier": plain_classifier_job, "generator": plain_generator_job}
    with mock.patch.dict(jobs.TRAIN, plain_jobs), plain.only_pytorch():
        first = run.Run("classifier", {**parameters["classifier"], "workers": 1}, settings)
        first.train_classifiers()
        first.finish({})
        second = run.Run("style_gan", {**parameters["style_gan"], "workers": 1}, settings)
        second.prepare_nostyle()
        second.train_style_gans()


def plain_classifier_job(job: jobs.Job, _) -> tuple[dict, list[dict]]:
    torch.set_num_threads(cores())
    data, recipe = CameraData.load(job.crops), recipes.ClassifierRecipe(**job.key["recipe"])
    steps = list(plain.classifier(data.train, recipe, data.test))
    model = steps[-1][0]
    return to_integers(model) if recipe.quantized else model.state_dict(), [entry for _, entry in steps]


def plain_generator_job(job: jobs.Job, _) -> tuple[dict, list[dict]]:
    torch.set_num_threads(cores())
    data, target, auxiliary = CameraData.load(job.crops), job.key["target"], ResNet20(4)
    auxiliary.load_state_dict(job.store.get("classifier", job.auxiliary)[0])
    recipe, nostyle = recipes.GanRecipe(**job.key["recipe"]), NoStyle.load(job.nostyle).train
    model, history = plain.gan(data.train.of(target), nostyle, recipe, auxiliary, target)
    return {name: tensor.half() for name, tensor in model.state_dict().items()}, history


def compare(pairs: list[tuple], amount: int | None, unit: str) -> dict:
    """Times ours and the plain way in turns. Per turn a rate (amount / seconds, or seconds where `amount` is None)."""
    times = [[plain.seconds(work) for work in pair] for pair in pairs]
    rates = [[round(amount / s if amount else s, 3) for s in turn] for turn in times]
    ratios = sorted(slow / fast for fast, slow in times)
    return {
        "unit": unit,
        "ours": statistics.median(fast for fast, _ in rates),
        "plain": statistics.median(slow for _, slow in rates),
        "ratio": round(statistics.median(ratios), 2),
        "ratio_spread": [round(ratios[0], 2), round(ratios[-1], 2)],
        "turns": rates,
    }


def main() -> None:
    global POOL, PLAIN
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", choices=[*MEASURED, []], help="all that is possible without a name")
    parser.add_argument("--data", type=Path, help="a folder with a sub-folder of photos per camera")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--images", type=int, default=2560, help="size of a turn")
    parser.add_argument("--device", default="cpu", help="where both ways run: cpu, cuda; what needs --data is for cpu")
    parser.add_argument("--out", type=Path, help="where results go as JSON, beside what is there")
    given = parser.parse_args()
    set_up(given.device)
    processes = 2 if given.device == "cpu" else 1  # a GPU has work enough with one training
    results = json.loads(given.out.read_text("utf-8")) if given.out and given.out.exists() else {}
    spawn = multiprocessing.get_context("spawn")
    named = (given.device,)
    ours, plainly = (
        ProcessPoolExecutor(processes, spawn, set_up, named),
        ProcessPoolExecutor(1, spawn, plain.set_up, named),
    )
    with ours as POOL, plainly as PLAIN:
        for name in given.what or [name for name in MEASURED if given.data or name not in NEED_DATA]:
            found = MEASURED[name](given)
            about = {
                "device": provenance.device_name(DEVICE),
                "commit": provenance.commit(),
                "torch": torch.__version__,
            }
            results[name] = {**found, **about, "date": time.strftime("%Y-%m-%d")}
            print(json.dumps({"what": name, **results[name]}), flush=True)
            if given.out:
                write_json(given.out, results)


MEASURED = {each.__name__: each for each in (classifier, gan, evaluation, simulation, crops, time_to_90, quick_book)}
NEED_DATA = ("crops", "time_to_90")

if __name__ == "__main__":
    main()
