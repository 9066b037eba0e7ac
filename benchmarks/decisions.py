"""Whether faster evaluation decides otherwise: the published networks by compiled loops, by PyTorch, and in float64.

Both float32 ways are compared with the networks computed in float64: how many decisions differ, how far logits are off,
and how many levels of stylised images differ. No-style images, drawn by the seed of the published run.

    python benchmarks/decisions.py [--images 2048] [--out FILE]
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch
from plain import only_pytorch
from torch import nn

from camgan_lib.base.devices import side_by_side, to_network
from camgan_lib.base.files import write_json
from camgan_lib.book import provenance
from camgan_lib.book.published import store_folder
from camgan_lib.data.scenes import no_style_crops
from camgan_lib.networks import inference
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import load_classifier
from camgan_lib.networks.store import Store
from camgan_lib.networks.style_gan import Generator

CPU = torch.device("cpu")


def published() -> tuple[dict[str, nn.Module], dict[str, nn.Module]]:
    """The published classifiers and the paper's generators, by their ids."""
    store = Store(store_folder())
    classifiers, generators = {}, {}
    for manifest in sorted(store.manifests(), key=lambda each: each["id"]):
        recipe, kind = manifest["recipe"], manifest["kind"]
        weights, _ = store.get(kind, recipe) or ({}, {})
        if kind == "classifier":
            classifiers[manifest["id"]] = load_classifier(weights)
        elif kind == "generator" and recipe["recipe"].get("generator", "gated") == "gated":
            generators[manifest["id"]] = Generator.from_recipe(GanRecipe(**recipe["recipe"]), seed=0)
            generators[manifest["id"]].load_state_dict(weights)
    return classifiers, generators


def computed(model: nn.Module, images: np.ndarray, double: bool) -> np.ndarray:
    """The output for images (uint8 N×32×32×3), by PyTorch's own layers."""
    model = (model.double() if double else model.float()).eval()

    @torch.inference_mode()
    def of(part: np.ndarray) -> np.ndarray:
        x = to_network(part, CPU)
        return model(x.double() if double else x).double().numpy()

    with only_pytorch():
        return np.concatenate(side_by_side(of, np.array_split(images, -(-len(images) // 64))))


def levels(output: np.ndarray) -> np.ndarray:
    return np.clip(np.rint((output + 1) * 127.5), 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=2048)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    images = no_style_crops(given.images, seed=1)
    classifiers, generators = published()
    sets, counts = {"no style": images}, {"ours": 0, "PyTorch": 0}
    changed = {name: dict.fromkeys(counts, 0) for name in ("levels", "decisions")}
    furthest = dict.fromkeys(counts, 0.0)
    for name, generator in generators.items():
        exact = levels(computed(generator, images, double=True))
        ways = {"PyTorch": levels(computed(generator, images, double=False))}
        ways["ours"] = inference.stylise(generator, images, CPU)
        for way, made in ways.items():
            changed["levels"][way] += int((made != exact).sum())
        sets[name] = exact
    for classifier, each in itertools.product(classifiers.values(), sets.values()):
        exact = computed(classifier, each, double=True)
        ways = {"PyTorch": computed(classifier, each, double=False), "ours": inference.predict(classifier, each, CPU)}
        for way, logits in ways.items():
            changed["decisions"][way] += int((logits.argmax(1) != exact.argmax(1)).sum())
            furthest[way] = max(furthest[way], float(np.abs(logits - exact).max()))
    found = {
        "images": len(images),
        "classifiers": len(classifiers),
        "generators": len(generators),
        "decisions": len(images) * len(sets) * len(classifiers),
        "levels": images.size * len(generators),
        "decisions_changed": changed["decisions"],
        "levels_changed": changed["levels"],
        "largest_logit_error": {way: float(f"{value:.2g}") for way, value in furthest.items()},
        "device": provenance.device_name(CPU),
        "commit": provenance.commit(),
        "torch": torch.__version__,
    }
    print(found)
    if given.out:
        write_json(given.out, found)


if __name__ == "__main__":
    main()
