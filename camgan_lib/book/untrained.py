"""Untrained generators of the architectures that a sweep names, measured as the sweep measures trained ones."""

from pathlib import Path
from typing import Any

import torch

from camgan_lib.book import recipes
from camgan_lib.book.sweep_grid import read_sweep
from camgan_lib.data.scenes import no_style_crops
from camgan_lib.measure import generators
from camgan_lib.networks.gan_training import first_seeds
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.style_gan import Generator

IMAGES = 128
"""No-style images that each generator is given: two scenes of its own."""


def measured(path: Path, networks: int, seed: int, device: torch.device) -> dict[str, Any]:
    """What a sweep finds for its variants without a step of training, for as many `networks` of each as wanted.

    `path`: the sweep's file; the variants with `gan_steps` 0 are measured. A network draws its first weights as the
    training of the first camera's generator does, and gets images of its own, so that networks are independent. The
    result has `sweep` and `rows` as that of a sweep (`sweep_summary`).
    """
    architectures: dict[str, GanRecipe] = {}
    for cell in read_sweep(path).cells:
        recipe = recipes.from_parameters(GanRecipe, cell.parameters["style_gan"])
        if not recipe.gan_steps:
            architectures.setdefault(cell.place["variant"], recipe)
    rows = []
    for number in range(seed, seed + networks):
        images = no_style_crops(IMAGES, number, workers=1)
        for variant, recipe in architectures.items():
            generator = Generator.from_recipe(recipe, first_seeds(number, 0)[0]).to(device).eval()
            found = generators.measure(generator, images, 0, {}, device)
            rows.append({"variant": variant, "seed": number, "id": "", **found})
    ordered = sorted(rows, key=lambda row: list(architectures).index(row["variant"]))
    return {"sweep": {"axes": ["variant", "seed"]}, "rows": ordered}
