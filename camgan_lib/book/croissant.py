"""Describes the photos of a run in the format Croissant: `<build>/croissant.json`, with the table `data/photos.csv`.

Tools that read Croissant (http://mlcommons.org/croissant/1.0) then find each photo that was used: its camera, whether
it is for training or for the test, its size; and the photos themselves. Simulated photos lie below the build folder.
A user's photos do not, and where they lie is not told: paths are those below the folder of photos, so a copy of
`croissant.json` and `data/` that is put there finds them.
"""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

from camgan_lib.base.files import file_sha256, write_aside, write_json
from camgan_lib.base.settings import Site
from camgan_lib.base.versions import code_version
from camgan_lib.book import recipes
from camgan_lib.book.citation import read_citation
from camgan_lib.book.croissant_terms import CONTEXT, Node, field, file_object, record_set
from camgan_lib.book.plan import Plan
from camgan_lib.book.records import Record

NAME = "croissant.json"
TABLE = "data/photos.csv"
COLUMNS = {
    "file": ("sc:Text", "The photo's path below the folder of photos, with forward slashes."),
    "camera": ("sc:Text", "The camera that took it."),
    "split": ("sc:Text", "Whether it is for training or for the test."),
    "width": ("sc:Integer", "Width in pixels, as stored."),
    "height": ("sc:Integer", "Height in pixels, as stored."),
    "format": ("sc:Text", "The format of the file by its content."),
}
"""Columns of the table of photos: type and meaning."""

_FORMATS = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "HEIF": "image/heic", "AVIF": "image/avif", "WEBP": "image/webp"}
_SPLITS = {"train": "cr:TrainingSplit", "test": "cr:TestSplit"}
Rows = list[dict[str, Any]]


def write_croissant(plan: Plan, record: Record) -> dict[Path, str]:
    """Writes the description of a run's photos. `record`: that of chapter dataset.

    Returns the SHA-256 of each file of the build folder that is part of it: the table, the crops, the manifest of
    simulated photos, and the description itself.
    """
    crops = plan.settings.store / "crops" / record["products"]["dataset"]["file"]
    about = _about(crops)
    photos = simulated_photos(plan, record)
    hashes = {plan.build / TABLE: _write_table(plan.build / TABLE, about)}
    files = [crops, photos / "manifest.csv"] if photos else [crops]
    hashes |= {path: file_sha256(path) for path in files if path.is_relative_to(plan.build)}
    write_json(plan.build / NAME, _document(plan.build, record, about, photos, hashes))
    return {**hashes, plan.build / NAME: file_sha256(plan.build / NAME)}


def _about(crops: Path) -> dict[str, Any]:
    """The names of cameras and the report of a file of crops, whose pixels are not read."""
    import numpy as np

    with np.load(crops, allow_pickle=False) as file:
        return json.loads(str(file["about"]))


def simulated_photos(plan: Plan, record: Record) -> Path | None:
    """The folder of a run's simulated photos; None where they are not, or do not lie in the build folder."""
    if record["parameters"]["data"] != "simulated":
        return None
    folder = plan.settings.store / "simulated" / recipes.simulated_folder(record["parameters"])
    return folder if folder.is_relative_to(plan.build) and (folder / "manifest.csv").is_file() else None


def _write_table(path: Path, about: dict[str, Any]) -> str:
    """Writes the table of photos and returns its SHA-256."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in about["report"]["facts"]:
        camera = about["cameras"][each["camera"]]
        writer.writerow([each["file"], camera, each["half"], each["width"], each["height"], each["format"]])
    with write_aside(path) as aside:
        aside.write_text(stream.getvalue(), "utf-8", newline="")
    return file_sha256(path)


def _document(
    build: Path, record: Record, about: dict[str, Any], photos: Path | None, hashes: dict[Path, str]
) -> dict[str, Any]:
    simulated = record["parameters"]["data"] == "simulated"
    below = f"{photos.relative_to(build).as_posix()}/" if photos else ""
    files = [
        file_object(path.relative_to(build).as_posix(), path, digest, _MEANINGS.get(path.suffix, ""))
        for path, digest in hashes.items()
    ]
    rows = about["report"]["facts"]
    distribution = [*files, _file_set(rows, below)]
    records = [_cameras(about["cameras"]), _splits(), _photos(), _images(below)]
    site = Site.from_environment()
    head = {"name": record["provenance"]["data"], "description": _description(about, simulated, photos is not None)}
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **head,
        **({"url": site.address or site.repository} if site.address or site.repository else {}),
        "datePublished": record["provenance"]["started"][:10],
        **(_of_simulated() if simulated else {}),
        "distribution": distribution,
        "recordSet": records,
    }


_MEANINGS = {
    ".csv": "A table with a row per photo.",
    ".npz": (
        "Crops as numpy arrays: images (uint8 N×32×32×3), labels (the camera's number) and photo (the number of its "
        "row in the table of photos, from 0), each for train and test; and, under about, a report in JSON."
    ),
}


def _description(about: dict[str, Any], simulated: bool, here: bool) -> str:
    counts = about["report"]["photos"]
    train, test = (sum(each[half] for each in counts.values()) for half in ("train", "test"))
    what = "Photos by simulated cameras of scenes that no camera took" if simulated else "Photos, a folder per camera"
    split = f"{train} photos for training, {test} for the test, split: {about['report']['split']}"
    crops = f"{about['report']['crops_per_photo']} crops of 32×32 pixels were cut from each"
    where = "" if here else f" Paths are those below the folder of photos: put a copy of {NAME} and data/ there."
    return f"{what}. {len(counts)} cameras, {split}; {crops}.{where}"


def _of_simulated() -> dict[str, Any]:
    """Whose simulated photos are. Of a user's photos this is not known."""
    citation = read_citation()
    cite = f"{' and '.join(citation.authors)}: {citation.title}, version {citation.version}"
    return {
        "version": f"{code_version('simulated')}.0.0",
        "license": citation.license_url,
        "creator": [{"@type": "sc:Organization", "name": name} for name in citation.authors],
        "citeAs": cite,
    }


def _file_set(rows: Rows, below: str) -> Node:
    """The photos' files: all that lie in a folder that holds photos which were used, and end as these do."""
    patterns = {(each["file"].split("/")[0], Path(each["file"]).suffix) for each in rows}
    includes = sorted(f"{below}{_literal(folder)}/*{_literal(end)}" for folder, end in patterns)
    formats = sorted({_FORMATS.get(each["format"], f"image/{each['format'].lower()}") for each in rows})
    return {
        "@type": "cr:FileSet",
        "@id": "photo-files",
        "name": "photo-files",
        "description": "The photos.",
        "encodingFormat": formats[0] if len(formats) == 1 else formats,
        "includes": includes[0] if len(includes) == 1 else includes,
    }


def _literal(text: str) -> str:
    """A text as a pattern that matches nothing else."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def _cameras(names: list[str]) -> Node:
    fields = [
        field("cameras/name", "sc:Text", "The camera's name."),
        field("cameras/label", "sc:Integer", "Its number, from 0, as crops and networks use it."),
    ]
    data = [{"cameras/name": name, "cameras/label": label} for label, name in enumerate(names)]
    return record_set("cameras", "The cameras.", fields, key="name", data=data)


def _splits() -> Node:
    fields = [field("splits/name", "sc:Text", "The name."), field("splits/url", "sc:URL", "What it is for.")]
    data = [{"splits/name": name, "splits/url": url} for name, url in _SPLITS.items()]
    return record_set("splits", "Training and test.", fields, key="name", data=data, dataType="cr:Split")


def _photos() -> Node:
    refers = {"camera": "cameras/name", "split": "splits/name"}
    fields = [
        field(f"photos/{name}", kind, meaning, {"fileObject": TABLE, "column": name}, refers.get(name))
        for name, (kind, meaning) in COLUMNS.items()
    ]
    return record_set("photos", "A record per photo that was used.", fields, key="file")


def _images(below: str) -> Node:
    """The photos themselves, found in the table by their path below `below`."""
    path = {"fileSet": "photo-files", "fileProperty": "fullpath", "regex": f"(?:{re.escape(below)})?(.+)"}
    table = {name: {"fileObject": TABLE, "column": name} for name in COLUMNS}
    fields = [
        field("images/file", *COLUMNS["file"], path, table["file"]),
        field("images/content", "sc:ImageObject", "The photo.", {"fileSet": "photo-files", "fileProperty": "content"}),
        *(field(f"images/{name}", *COLUMNS[name], table[name]) for name in ("camera", "split")),
    ]
    return record_set("images", "A record per photo, with its pixels.", fields, key="file")
