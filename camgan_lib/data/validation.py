"""Chooses photos of the training half on which a network does not learn: they say when to stop, and how sure to be.

They are to differ from the photos that are learned from as much as the test's do. So they are chosen as the test was:
the latest by date, or whole scenes.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from camgan_lib.data.crops import CameraData
from camgan_lib.data.dates import exif_date
from camgan_lib.data.splits import Known, choose_test

SHARE = 0.15
"""Share of each camera's training photos."""

FEWEST = 4
"""A camera with fewer training photos keeps them all for training."""


def validation_of(data: CameraData, seed: int) -> np.ndarray:
    """The numbers of the photos of its training half on which a network does not learn (see `validation_photos`)."""
    return validation_photos(data.report["facts"], np.unique(data.train.photo), data.report["split"], seed)


def validation_photos(facts: Sequence[dict[str, Any]], photos: Iterable[int], split: str, seed: int) -> np.ndarray:
    """The numbers of those of `photos` on which a network does not learn, sorted: about SHARE of each camera's.

    `facts`: what the report of `photos.load_crops` says of each photo, by number; `split`: which split it took. Of a
    split by date the latest photos are chosen, of one by scene or device whole ones, of another some are drawn. Where
    that can't be done for a camera, its photos are drawn. No photo of a camera that has fewer than FEWEST is chosen.
    """
    usable: dict[str, list[Path]] = {}
    for number in sorted(int(each) for each in photos):
        usable.setdefault(str(facts[number]["camera"]), []).append(Path(str(number)))
    usable = {camera: files for camera, files in usable.items() if len(files) >= FEWEST}
    every = [path for files in usable.values() for path in files]
    dated = {path: date for path in every if (date := exif_date(facts[int(path.name)].get("date", "")))}
    about = {path: {key: str(facts[int(path.name)].get(key, "")) for key in ("scene", "device")} for path in every}
    known = Known(dated, about)
    chosen, bad = choose_test(usable, split if split in ("date", "scene", "device") else "random", known, SHARE, seed)
    chosen |= choose_test({camera: usable[camera] for camera in bad}, "random", known, SHARE, seed)[0]
    return np.array(sorted(int(path.name) for path in chosen), np.int64)
