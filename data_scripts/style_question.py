#!/usr/bin/env python3
"""Make pictures for a question that is not about cameras: which filter resized it, or of which JPEG quality is it?

Each class is a folder of rendered scenes. No two pictures show the same scene, and the classes differ in one treatment
only. The book then asks its questions about these classes instead of cameras: camgan book --data FOLDER
"""

import argparse
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside
from camgan_lib.data.scenes import render_scene, to_display

FILTERS = {
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
QUALITIES = (70, 80, 90, 95)
QUESTIONS = ("resampling", "jpeg")


def make(folder: Path, question: str, photos: int, size: int, seed: int) -> Path:
    """The folder, with `photos` PNG files of `size`×`size` pixels per class in `folder/<class>/`.

    Files that are there already are kept. "resampling": each scene is rendered 1.5 times as large and reduced by the
    filter of its class. "jpeg": each goes through JPEG of the quality of its class.

    Raises CamganError for fewer than two photos or a size below 64.
    """
    if photos < 2 or size < 64:
        raise CamganError(f"at least 2 photos of at least 64 pixels were expected, got {photos} of {size}")
    classes = list(FILTERS) if question == "resampling" else [f"quality-{quality}" for quality in QUALITIES]
    jobs = [(number, photo) for photo in range(photos) for number in range(len(classes))]
    for number, photo in tqdm(jobs, desc=question, unit="photo", mininterval=2):
        path = folder / classes[number] / f"{photo + 1:05d}.png"
        if not path.exists():
            with write_aside(path) as aside:
                treated(question, number, size, [seed, number, photo]).save(aside)
    return folder


def treated(question: str, number: int, size: int, seed: list[int]) -> Image.Image:
    """A scene, size×size pixels, with a little noise like a sensor's and the treatment of class `number`."""
    side = size * 3 // 2 if question == "resampling" else size
    scene = render_scene(side + side % 2, seed)
    scene = scene + np.random.default_rng([*seed, 1]).normal(0, 0.004, scene.shape)
    picture = Image.fromarray(to_display(scene))
    if question == "resampling":
        return picture.resize((size, size), list(FILTERS.values())[number])
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=QUALITIES[number])
    return Image.open(stream).convert("RGB")


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("question", choices=QUESTIONS)
    parser.add_argument("--out", type=Path, required=True, help="the folder to make")
    parser.add_argument("--photos", type=int, default=100, help="pictures per class")
    parser.add_argument("--size", type=int, default=256, help="side of a picture in pixels")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    try:
        folder = make(given.out, given.question, given.photos, given.size, given.seed)
    except CamganError as error:
        print(f"style_question: {error}", file=sys.stderr)
        return 2
    print(f"{given.question}: {folder}; now: camgan book --profile quick --data {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
