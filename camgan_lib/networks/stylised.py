"""Stylised images in the store: what a generator made of the no-style images, for every chapter that looks at them.

They are found by the hashes of the generator's weights and of the images that it was given. Nothing needs them: where
they are gone, they are made again. So they may take LIMIT bytes, and the oldest are removed for new ones.
"""

import hashlib

import numpy as np
import torch
from torch import nn

from camgan_lib.base.versions import code_version
from camgan_lib.networks.inference import stylise
from camgan_lib.networks.jobs import now
from camgan_lib.networks.store import Store

KIND = "stylised"
LIMIT = 10**9
"""Most bytes that stylised images take in a store; the newest are kept whatever they take."""


def stylised(
    store: Store, weights: str, generator: nn.Module, images: np.ndarray, count: int, device: torch.device
) -> np.ndarray:
    """What a generator makes of the first `count` of images (uint8 N×n×n×3), shaped as these; 0: of all of them.

    `weights`: the hash of the generator's weights. All of them are put into the store; a part of them is taken from
    there, or made now where they are not there.
    """
    given = hashlib.sha256(np.ascontiguousarray(images)).hexdigest()  # type: ignore[arg-type]  # numpy declares its buffers from Python 3.12 on
    recipe = {"weights": weights, "images": given, "code": code_version("measurement")}
    if (found := store.get(KIND, recipe)) is not None:
        return found[0]["images"][: count or None].numpy()
    made = stylise(generator, images[: count or None], device)
    if len(made) == len(images):
        store.put(KIND, recipe, {"images": torch.from_numpy(made)}, {}, date=now())
        store.limit(KIND, LIMIT)
    return made
