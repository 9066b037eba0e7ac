"""How fast the library is, as ratios against the plain way (benchmarks/plain.py), both measured in this run.

Ours and the plain way take turns on the same work, so that other load on the machine falls on either. A ratio's spread
is that between turns. What is measured:

    classifier   crops trained per second: both classifiers (float and 8-bit), ours side by side
    gan          images per second of style GANs for two cameras, width 32, batch 16, ours side by side
    evaluation   10,000 images through a generator and a classifier
    crops        crops per second from JPEG files (needs --data)
    time_to_90   seconds until the auxiliary classifier is right on 90 % of the test crops (needs --data)

    python benchmarks/speed.py [WHAT …] [--data DIR] [--turns 5] [--out FILE]
"""

import argparse
import json
import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import plain
import torch

from camgan_lib import run, training
from camgan_lib.devices import keep_memory, one_thread
from camgan_lib.evaluation import predict, stylise
from camgan_lib.photos import CameraData, Crops, find_cameras, load_crops
from camgan_lib.resnet import ResNet20
from camgan_lib.store import write_json
from camgan_lib.style_gan import Generator

CPU = torch.device("cpu")
PAPER = training.ClassifierRecipe(50, 64, 1e-3, "step", 0.0, True, False, 0)
FAST = training.ClassifierRecipe(3, 64, 4e-3, "cosine", 0.0, True, False, 0)
"""The recipe with which ours reaches 90 %: fewer epochs, a larger step, falling to zero."""
GAN = training.GanRecipe(32, 32, 4, "none", "transpose3", "lsgan", 30.0, 0.1, 1.0, 60, 16, 1e-3, 1e-4, 0)


def random_crops(count: int) -> Crops:
    images = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3)).astype(np.uint8)
    return Crops(images, np.arange(count) % 4, np.arange(count))


def our_classifier(quantized: bool, count: int) -> None:
    with one_thread():
        recipe = replace(PAPER, epochs=1, quantized=quantized)
        training.train_classifier(random_crops(count), recipe, device=CPU, progress=False)


def our_gan(target: int, steps: int) -> None:
    images = random_crops(2000).images
    with one_thread():
        recipe = replace(GAN, gan_steps=steps)
        training.train_style_gan(images, images, target, ResNet20(4), recipe, device=CPU, progress=False)


def plain_classifiers(count: int) -> None:
    for quantized in (False, True):
        list(plain.classifier(random_crops(count), replace(PAPER, epochs=1, quantized=quantized)))


def plain_gans(steps: int) -> None:
    images = random_crops(2000).images
    for _ in range(2):
        plain.gan(images, images, replace(GAN, gan_steps=steps), ResNet20(4))


def at_once(pool: ProcessPoolExecutor, work, arguments: list[tuple]) -> None:
    for done in [pool.submit(work, *each) for each in arguments]:
        done.result()


def classifier(turns: int, pool: ProcessPoolExecutor) -> dict:
    count = 2560
    ours = [(False, count), (True, count)]
    at_once(pool, our_classifier, [(False, 256), (True, 256)])
    plain_classifiers(256)
    pairs = [(lambda: at_once(pool, our_classifier, ours), lambda: plain_classifiers(count))] * turns
    return compare(pairs, 2 * count, "crops/s")


def gan(turns: int, pool: ProcessPoolExecutor) -> dict:
    steps = 60
    at_once(pool, our_gan, [(0, 3), (1, 3)])
    plain_gans(3)
    pairs = [(lambda: at_once(pool, our_gan, [(0, steps), (1, steps)]), lambda: plain_gans(steps))] * turns
    return compare(pairs, 2 * steps * GAN.gan_batch, "images/s")


def evaluation(turns: int) -> dict:
    images, judge = random_crops(10_000).images, ResNet20(4)
    own, theirs = Generator.from_recipe(GAN, seed=0), plain.generator(GAN)

    def ours() -> None:
        predict(judge, stylise(own, images, CPU), CPU)

    return compare([(ours, lambda: plain.evaluate(theirs, judge, images))] * turns, len(images), "images/s")


def crops(turns: int, data: Path) -> dict:
    files = [path for camera in find_cameras(data).values() for path in camera]

    def ours() -> None:
        load_crops(data, crops_per_photo=30, progress=False)

    return compare([(ours, lambda: plain.crops(files, 30))] * turns, 30 * len(files), "crops/s")


def time_to_90(turns: int, data: Path) -> dict:
    """Each turn with a seed of its own."""
    cut = load_crops(data, crops_per_photo=30, progress=False)
    pairs = [
        (lambda s=seed: ours_until(cut, replace(FAST, seed=s)), lambda s=seed: plain_until(cut, replace(PAPER, seed=s)))
        for seed in range(turns)
    ]
    return compare(pairs, None, "s")


def ours_until(data: CameraData, recipe: training.ClassifierRecipe, wanted: float = 0.9) -> None:
    _, history = training.train_classifier(data.train, recipe, device=CPU, test=data.test, progress=False)
    if max(entry["test_accuracy"] for entry in history) < wanted:
        raise SystemExit(f"{recipe} did not reach {wanted:.0%}: {[entry['test_accuracy'] for entry in history]}")


def plain_until(data: CameraData, recipe: training.ClassifierRecipe, wanted: float = 0.9) -> None:
    reached = []
    for accuracy in plain.classifier(data.train, recipe, data.test):
        reached.append(round(accuracy, 4))
        if accuracy >= wanted:
            print(f"plain: {reached}", flush=True)
            return
    raise SystemExit(f"the paper's recipe did not reach {wanted:.0%}: {reached}")


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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = ("classifier", "gan", "evaluation", "crops", "time_to_90")
    parser.add_argument("what", nargs="*", choices=[*names, []], help="all that is possible without a name")
    parser.add_argument("--data", type=Path, help="a folder with a sub-folder of photos per camera")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--out", type=Path, help="where results go as JSON, beside what is there")
    given = parser.parse_args()
    wanted = given.what or [name for name in names if given.data or name not in ("crops", "time_to_90")]
    keep_memory()
    results = json.loads(given.out.read_text("utf-8")) if given.out and given.out.exists() else {}
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn"), keep_memory) as pool:
        for name in wanted:
            more = {"classifier": (pool,), "gan": (pool,), "crops": (given.data,), "time_to_90": (given.data,)}
            found = globals()[name](given.turns, *more.get(name, ()))
            about = {"device": run.device_name(CPU), "commit": run.commit(), "torch": torch.__version__}
            results[name] = {**found, **about, "date": time.strftime("%Y-%m-%d")}
            print(json.dumps({"what": name, **results[name]}), flush=True)
            if given.out:
                write_json(given.out, results)


if __name__ == "__main__":
    main()
