#!/usr/bin/env python3
"""Render no-style images that are as sharp as simulated photos: crops of scenes that are not halved in size.

For camgan book -p style_gan.nostyle=OUT, and for sweeps/stage_readings.yml.
"""

import argparse
import sys
from pathlib import Path

from camgan_lib.data.whole_scenes import write_whole_scenes


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("data/whole_scenes.npz"), help="the .npz file to write")
    given = parser.parse_args(arguments)
    if given.out.suffix != ".npz":
        print(f"whole_scenes: --out takes the name of an .npz file, got {given.out}", file=sys.stderr)
        return 2
    print(f"no-style images in {write_whole_scenes(given.out)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
