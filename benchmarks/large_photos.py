"""Crops of many twelve-megapixel photos: seconds and peak memory, against reading each with Pillow in one loop.

The photos are mosaics of simulated ones. Each has quantisation tables of its own, so no two show the same picture, and
none is compressed twice. Both ways read the same files and cut 30 crops of each; ours also looks for damage and copies,
and measures what chapter 1 shows of a photo.

    python benchmarks/large_photos.py [--photos 1000] [--turns 3] [--out FILE]
"""

import argparse
import io
import json
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from scaling import CROPS, measured

from camgan_lib.base.files import write_json
from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.folders import find_cameras
from camgan_lib.data.photos import load_crops
from camgan_lib.data.simulation import simulate_cameras

SIZE = (4000, 3000)


def ours(folder: Path) -> None:
    load_crops(folder, crops_per_photo=CROPS, split="random", progress=False)


def plain(folder: Path) -> None:
    rng, kept = np.random.default_rng(0), []
    for path in (path for files in find_cameras(folder).values() for path in files):
        pixels = np.asarray(Image.open(path).convert("RGB"))
        corners = zip(*(rng.integers(0, side - 31, CROPS) for side in pixels.shape[:2]), strict=True)
        kept.append(np.stack([pixels[y : y + 32, x : x + 32] for y, x in corners]))


def make_photos(folder: Path, count: int) -> int:
    """Writes `count` photos of two cameras, and returns their bytes on the disk."""
    with tempfile.TemporaryDirectory() as small:
        simulate_cameras(Path(small), photos=3, size=512, seed=0, progress=False)
        tiles = {camera.name: sorted((Path(small) / camera.name).glob("*.*")) for camera in CAMERAS[:2]}
        whole = {camera: mosaic([Image.open(path) for path in files]) for camera, files in tiles.items()}
    total = 0
    for camera, content in whole.items():
        (folder / camera).mkdir(parents=True)
        for number in range(count // 2):
            total += (folder / camera / f"{number:04d}.jpg").write_bytes(with_own_tables(content, number))
    return total


def mosaic(tiles: list[Image.Image]) -> bytes:
    rng, picture = np.random.default_rng(1), Image.new("RGB", SIZE)
    for y in range(0, SIZE[1], 512):
        for x in range(0, SIZE[0], 512):
            picture.paste(tiles[rng.integers(len(tiles))], (x, y))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=90, subsampling=2)
    return stream.getvalue()


def with_own_tables(content: bytes, number: int) -> bytes:
    """A JPEG whose first table of quantisation has two steps of its own: other pixels, the same data."""
    changed, at = bytearray(content), content.index(b"\xff\xdb") + 5
    changed[at + 1] = 5 + number % 40
    changed[at + 2] = 5 + number // 40
    return bytes(changed)


def main() -> None:
    import torch

    from camgan_lib.book import provenance

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--out", type=Path, help="where results go as JSON")
    given = parser.parse_args()
    turns = []
    with tempfile.TemporaryDirectory() as folder:
        size = make_photos(Path(folder), given.photos)
        for _ in range(given.turns):
            turn = {}
            for way in (ours, plain):
                turn[f"{way.__name__}_s"], turn[f"{way.__name__}_mb"] = (
                    round(x, 2) for x in measured(way, Path(folder))
                )
            turns.append(turn)
            print(json.dumps(turn), flush=True)
    ratios = sorted(turn["plain_s"] / turn["ours_s"] for turn in turns)
    found = {
        "photos": given.photos,
        "megapixels": SIZE[0] * SIZE[1] / 1e6,
        "gigabytes": round(size / 1e9, 2),
        "turns": turns,
        "ratio": round(float(np.median(ratios)), 2),
        "ratio_spread": [round(ratios[0], 2), round(ratios[-1], 2)],
        "device": provenance.device_name(torch.device("cpu")),
        "commit": provenance.commit(),
    }
    if given.out:
        write_json(given.out, found)


if __name__ == "__main__":
    main()
