"""No-style images that are as sharp as simulated photos: crops of scenes that, like photos, are not halved in size.

The usual ones are halved, as pictures must be whose own camera shall leave no trace. They hold more fine detail than
photos do, and a generator that is compared with photos takes it away. With these, only style is left to learn.
"""

from pathlib import Path

import numpy as np

from camgan_lib.base.files import write_aside
from camgan_lib.base.workers import cores, pool
from camgan_lib.data.scenes import NO_STYLE_STREAM, render_scene, to_display

SCENES = {"x_train": 800, "x_test": 50}
"""How many scenes each half is cut from: about as many as the usual no-style images come from."""

PER_SCENE = 64
SIZE, CROP = 512, 32


def write_whole_scenes(path: Path) -> Path:
    """Writes the images as a file that parameter `nostyle` takes (uint8 N×32×32×3 each half), unless it is there.

    The same file each time; 64 crops of each scene. No two halves share a scene.
    """
    if not path.exists():
        train = SCENES["x_train"]
        with pool(cores()) as processes:
            crops = list(processes.map(_crops_of, range(sum(SCENES.values())), chunksize=8))
        halves = np.concatenate(crops[:train]), np.concatenate(crops[train:])
        mixed = [np.random.default_rng([6]).permutation(each) for each in halves]
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_aside(path) as aside, aside.open("wb") as stream:
            np.savez(stream, x_train=mixed[0], x_test=mixed[1])
    return path


def _crops_of(number: int) -> np.ndarray:
    """PER_SCENE of a scene's crops, uint8 N×32×32×3."""
    across = SIZE // CROP
    scene = to_display(render_scene(SIZE, [NO_STYLE_STREAM, 7, number]))
    crops = scene.reshape(across, CROP, across, CROP, 3).swapaxes(1, 2).reshape(-1, CROP, CROP, 3)
    return np.random.default_rng([7, number]).permutation(crops)[:PER_SCENE]
