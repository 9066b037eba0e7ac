#!/usr/bin/env python3
"""Sort the photos of SOCRatES by the phone's model: a name tells the phone (Eurecom_128_...), only EXIF the model.

SOURCE is the folder that the data set was unpacked into. A phone's model is the one that most of its photos name in
EXIF. Only the pictures picFG are taken: picBG show something uniform. Files are linked if that is possible, and copied
if not. manifest.csv says which phone took a photo, so that a split by device works.

The data set is given to researchers who accept its licence: http://socrates.eurecom.fr/

Then: camgan book --data FOLDER
"""

import argparse
import csv
import os
import re
import shutil
import sys
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside
from camgan_lib.data.layouts import recognise

_MAKE, _MODEL = 0x010F, 0x0110


def lay_out(source: Path, folder: Path) -> tuple[dict[str, Counter[str]], list[str]]:
    """Puts the photos into `folder/<model>/` and writes manifest.csv: model → photos of each phone, phones left out.

    Phones whose photos name no model in EXIF are left out. Raises CamganError if the source is not SOCRatES, if fewer
    than two models are named, or if the folder lies in the source or can't be written.
    """
    if folder.resolve().is_relative_to(source.resolve()):
        raise CamganError(f"{folder} lies in {source}; name a folder beside it for the sorted photos")
    layout = recognise(source)
    if layout is None or layout.name != "SOCRatES":
        raise CamganError(f"{source} should hold photos named as in SOCRatES, such as Eurecom_128_picFG_025.JPG")
    phones: dict[str, list[Path]] = defaultdict(list)
    first = {path.name: path for path in reversed(layout.facts)}  # a name that is there twice is one photo
    for path in sorted(first.values()):
        phones[layout.facts[path]["device"]].append(path)
    named = {phone: _model(paths) for phone, paths in tqdm(sorted(phones.items()), desc="reading EXIF", unit="phone")}
    spelt: dict[str, str] = {}
    models = {phone: spelt.setdefault(model.lower(), model) for phone, model in named.items() if model}
    if len(spelt) < 2:
        raise CamganError(f"the photos in {source} name {len(spelt)} models in EXIF, at least 2 are needed")
    _write(folder, {path: models[phone] for phone in models for path in phones[phone]}, layout.facts)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for phone, model in models.items():
        counts[model][phone] = len(phones[phone])
    return dict(sorted(counts.items())), sorted(set(phones) - set(models))


def _model(photos: list[Path]) -> str:
    """The model that most of a phone's photos name in EXIF, as a folder's name; an empty text if none does."""
    names = Counter(filter(None, map(_exif_model, photos)))
    return names.most_common(1)[0][0] if names else ""


def _exif_model(path: Path) -> str:
    """Make and model in a photo's EXIF data as a folder's name, such as Samsung_SM-G900F; "" if they can't be read."""
    try:
        with Image.open(path, formats=["JPEG"]) as image:
            exif = image.getexif()
    except Exception:  # Pillow raises errors of many kinds for damaged files
        return ""
    make, model = (str(exif.get(tag) or "").replace("\0", " ").strip() for tag in (_MAKE, _MODEL))
    whole = model if model.lower().startswith(make.lower()) else f"{make} {model}"
    return re.sub(r"[^\w.+-]+", "_", whole, flags=re.ASCII).strip("_.") if model else ""


def _write(folder: Path, models: dict[Path, str], facts: dict[Path, dict[str, str]]) -> None:
    for path, model in tqdm(models.items(), desc="laying out", unit="photo", mininterval=1):
        to = folder / model / path.name
        if not to.is_file() or to.stat().st_size != path.stat().st_size:
            _link(path, to)
    with write_aside(folder / "manifest.csv") as aside, aside.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(("camera", "file", "device"))
        table.writerows((model, path.name, facts[path]["device"]) for path, model in models.items())


def _link(path: Path, to: Path) -> None:
    """Makes `to` a hard link to `path`, or a copy where links are impossible."""
    with suppress(OSError):
        to.parent.mkdir(parents=True, exist_ok=True)
        to.unlink(missing_ok=True)
        os.link(path, to)
        return
    with write_aside(to) as aside:
        shutil.copyfile(path, aside)


def main(arguments: list[str] | None = None) -> int:
    """Reads the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="the folder that SOCRatES was unpacked into")
    parser.add_argument("folder", type=Path, nargs="?", default=Path("data/socrates"), help="default: %(default)s")
    given = parser.parse_args(arguments)
    try:
        counts, without = lay_out(given.source, given.folder)
    except CamganError as error:
        print(f"lay_out_socrates: {error}", file=sys.stderr)
        return 2
    for model, phones in counts.items():
        print(f"{model}: {phones.total()} photos by {len(phones)} phone{'s' * (len(phones) != 1)}")
    if without:
        print(f"left out, their photos name no model: {', '.join(f'Eurecom_{phone}' for phone in without)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
