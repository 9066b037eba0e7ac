"""Versions of the code that makes things: a plain number per kind of thing, part of every recipe.

`versions.json` holds for each kind its version, and the hash of the source files that make it. Recipes use the number
alone, so they are the same on every Python, machine and layout of the files. `make test` fails where the files are no
longer those of the hash. Whoever changed them then says which it is:

    python -m camgan_lib.base.versions          # the code makes the same things as before: the versions stay
    python -m camgan_lib.base.versions KIND …   # it makes other things of these kinds: their versions go up

What differs by rounding alone is the same thing: a training rounds otherwise on every kind of processor.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from camgan_lib.base.files import write_json
from camgan_lib.base.paths import ROOT

FILE = Path(__file__).with_name("versions.json")
SOURCES = {
    "simulated": (
        "base/compiled",
        "data/scenes",
        "data/leaves",
        "data/filters",
        "data/cameras",
        "data/demosaicing",
        "data/simulation",
    ),
    "crops": (
        "base/identity",
        "data/photos",
        "data/reading",
        "data/pictures",
        "data/crops",
        "data/folders",
        "data/walking",
        "data/splits",
    ),
    "reading": (
        "data/pictures",
        "data/damage",
        "data/metadata",
        "data/dates",
        "data/manifests",
        "data/names",
        "data/layouts",
        "data/traits",
        "data/origins",
        "data/jpeg_grid",
        "data/jpeg_strips",
        "data/reading",
        "data/kinds",
    ),
    "nostyle": ("base/compiled", "data/nostyle", "data/scenes", "data/leaves", "data/filters"),
    "classifier": (
        "networks/resnet",
        "networks/winograd",
        "networks/winograd_loops",
        "networks/normalised",
        "networks/recipes",
        "networks/classifier_training",
        "networks/optimisers",
        "networks/training_state",
        "networks/jobs",
        "base/devices",
    ),
    "generator": (
        "networks/style_gan",
        "networks/winograd",
        "networks/winograd_loops",
        "networks/few_outputs",
        "networks/padding",
        "networks/high_pass",
        "networks/losses",
        "networks/resnet",
        "networks/recipes",
        "networks/gan_training",
        "networks/optimisers",
        "networks/training_state",
        "networks/jobs",
        "base/devices",
    ),
    "camera": (
        "networks/camera_generator",
        "networks/camera_stages",
        "networks/stage_network",
        "networks/padding",
        "data/jpeg_files",
        "data/flat",
    ),
    "judge": (
        "networks/judges",
        "networks/high_pass",
        "networks/recipes",
        "networks/classifier_training",
        "networks/optimisers",
        "networks/training_state",
        "networks/jobs",
        "base/devices",
    ),
    "identifier": (
        "data/validation",
        "networks/forensic",
        "networks/forensic_training",
        "networks/high_pass",
        "networks/losses",
        "networks/resnet",
        "networks/recipes",
        "networks/classifier_training",
        "networks/optimisers",
        "networks/training_state",
        "networks/inference",
        "networks/jobs",
        "base/devices",
    ),
    "measurement": (
        "base/devices",
        "measure/generators",
        "measure/lines",
        "measure/spectrum",
        "measure/evaluation",
        "networks/inference",
    ),
}
"""The source files that make each kind of thing."""


def code_version(kind: str) -> int:
    """The version of the code that makes a kind of thing."""
    return _recorded()[kind]["version"]


def source_hash(kind: str) -> str:
    """The first 16 hex digits of the SHA-256 of a kind's source files, whatever their line endings."""
    digest = hashlib.sha256()
    for name in SOURCES[kind]:
        digest.update((ROOT / "camgan_lib" / f"{name}.py").read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:16]


def changed() -> list[str]:
    """The kinds whose source files are not those that `versions.json` records."""
    recorded = _recorded()
    return [kind for kind in SOURCES if recorded.get(kind, {}).get("sources") != source_hash(kind)]


def record(new: list[str]) -> None:
    """Records the source files as they are, with the version counted up for the kinds in `new`."""
    old = _recorded() if FILE.exists() else {}
    versions = {kind: old.get(kind, {}).get("version", 1) + (kind in new) for kind in SOURCES}
    write_json(FILE, {kind: {"version": versions[kind], "sources": source_hash(kind)} for kind in SOURCES})


def _recorded() -> dict[str, dict[str, Any]]:
    return json.loads(FILE.read_text("utf-8"))


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - set(SOURCES):
        sys.exit(f"kinds are {', '.join(SOURCES)}, got {', '.join(sorted(unknown))}")
    record(sys.argv[1:])
