#!/usr/bin/env python3
"""Simulate pairs of cameras that differ in one stage: mosaic, demosaicing, noise, sharpening, subsampling, JPEG.

Each stage gets a folder, with a folder of photos per camera in it. Use one of them with camgan book --data OUT/mosaic,
or all of them with sweeps/stages.yml.
"""

import argparse
import sys
from pathlib import Path

from camgan_lib.base.errors import CamganError
from camgan_lib.data import stages


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("data/stages"), help="the folder to make")
    parser.add_argument("--photos", type=int, default=60, help="photos per camera")
    parser.add_argument("--size", type=int, default=256, help="side of a photo in pixels")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    try:
        for stage in stages.STAGES:
            stages.photos(given.out, stage, given.photos, given.size, given.seed)
    except CamganError as error:
        print(f"simulate_stages: {error}", file=sys.stderr)
        return 2
    print(f"{len(stages.STAGES)} stages in {given.out}; now: camgan sweep sweeps/stages.yml")
    return 0


if __name__ == "__main__":
    sys.exit(main())
