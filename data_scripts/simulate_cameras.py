"""Make photos by the four simulated cameras: a folder of JPEG files per camera. Nothing is downloaded.

    python data_scripts/simulate_cameras.py --out photos --photos 275

A second run checks the photos and makes only those that are missing or damaged. The book uses the folder with
`camgan book --data photos`. Without --data it simulates photos of its own.
"""

import argparse
import sys
from pathlib import Path

from PIL import Image

from camgan_lib.base.errors import CamganError
from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.simulation import simulate_cameras


def main() -> None:
    """Runs the command. After a user's mistake it prints one sentence and ends with exit code 2."""
    arguments = _arguments()
    try:
        folder = _simulate(arguments)
    except (CamganError, OSError) as error:
        print(f"simulate_cameras: {error}", file=sys.stderr)
        sys.exit(2)
    print(f"{len(CAMERAS)} cameras × {arguments.photos} photos of {arguments.size}×{arguments.size} in {folder}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the photos, made if need be")
    parser.add_argument("--photos", type=int, default=275, help="photos per camera (default: 275, the paper's number)")
    parser.add_argument("--size", type=int, default=512, help="side of a photo in pixels, even, ≥ 64 (default: 512)")
    parser.add_argument("--seed", type=int, default=0, help="decides scenes and noise (default: 0)")
    parser.add_argument("--workers", type=int, default=0, help="processes (default: 0, one per core)")
    return parser.parse_args()


def _simulate(arguments: argparse.Namespace) -> Path:
    """The folder with the photos that were asked for. Raises CamganError for arguments that can't be used."""
    least = {"photos": 1, "size": 64, "seed": 0, "workers": 0}
    for name, value in least.items():
        if getattr(arguments, name) < value:
            raise CamganError(f"--{name} is {value} or more, got {getattr(arguments, name)}")
    if arguments.size % 2:
        raise CamganError(f"--size is even, for a Bayer mosaic has cells of 2×2 pixels; got {arguments.size}")
    if arguments.out.exists() and not arguments.out.is_dir():
        raise CamganError(f"--out is a folder, {arguments.out} is a file")
    options = {name: getattr(arguments, name) for name in least}
    return _checked(simulate_cameras(arguments.out, **options), arguments.photos, arguments.size)


def _checked(folder: Path, photos: int, size: int) -> Path:
    """Returns the folder. Raises CamganError if a camera has not so many photos, or one of another size."""
    for camera in CAMERAS:
        files = sorted(p for p in (folder / camera.name).glob("*.jpg") if p.name[0] != ".")
        if len(files) != photos:
            raise CamganError(f"{photos} photos were expected in {folder / camera.name}, there are {len(files)}")
        for path in files:
            with Image.open(path) as image:
                if image.size != (size, size):
                    raise CamganError(f"{path} should be {size}×{size} pixels, it is {image.width}×{image.height}")
    return folder


if __name__ == "__main__":
    main()
