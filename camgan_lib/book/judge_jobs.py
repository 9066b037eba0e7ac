"""The judges of a run: what each learns from, and the trainings of those that the store lacks.

On simulated cameras each network has photos of other scenes than the run's, and the networks of one judge share none.
They are rendered only where a network has to be trained. The user's own photos are all there are, so each network then
learns from half of the photos that the run's classifiers learn from, another half each.
"""

from typing import Any

import torch

from camgan_lib.book import prepare, recipes
from camgan_lib.book.prepare import Product
from camgan_lib.book.provenance import provenance
from camgan_lib.networks.jobs import Job
from camgan_lib.networks.recipes import JUDGES
from camgan_lib.networks.store import Store

Parameters = dict[str, Any]


def products(dataset: Parameters, style_gan: Parameters, crops: Product) -> dict[str, Product]:
    """The product of each judge's network by name: its `kind`, and its recipe as `key`.

    A judge is an architecture; `judge_seeds` networks of it differ in seed and photos, "plain 1", "plain 2" and so on.
    `crops`: the product of chapter dataset.
    """
    found = {}
    for number in range(style_gan["judge_seeds"] * len(JUDGES)):
        name = f"{JUDGES[number % len(JUDGES)]} {number // len(JUDGES) + 1}"
        own = recipes.judge_photos(dataset, style_gan, number)
        made_by = prepare.simulated_by(own) if own else crops["made_by"]
        key = recipes.judge(style_gan, made_by, number, half=own is None)
        found[name] = {"kind": "judge", "key": key}
    return found


def missing(
    dataset: Parameters, style_gan: Parameters, crops: Product, store: Store, device: torch.device
) -> list[Job]:
    """The trainings of the judges that the store lacks, after their photos have been rendered."""
    jobs = []
    for number, product in enumerate(products(dataset, style_gan, crops).values()):
        if store.get("judge", product["key"]) is not None:
            continue
        own = recipes.judge_photos(dataset, style_gan, number)
        data = prepare.crops({**own, "workers": style_gan["workers"]}, store)[1] if own else crops
        facts = {**provenance(style_gan, device), "data_fingerprint": data["fingerprint"]}
        path = store.root / "crops" / data["file"]
        jobs.append(Job("judge", product["key"], store, path, device.type, facts, position=number))
    return jobs
