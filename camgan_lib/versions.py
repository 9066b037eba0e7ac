"""Versions of the code that makes things, part of every recipe.

`versions.json` holds, for each kind of thing, a version and the hash of the modules that make it. While the hash holds,
the version stands for the code. Where the code differs, its hash does, so that nothing made by other code is taken for
this code's. Whoever changed it then says which it is:

    python -m camgan_lib.versions          # it makes the same things as before: keep the versions
    python -m camgan_lib.versions KIND …   # it makes other things of these kinds: new versions
"""

import functools
import json
import sys
from pathlib import Path
from typing import Any

from camgan_lib.store import code_id, write_json

FILE = Path(__file__).with_name("versions.json")
MODULES = {
    "simulated": ("scenes", "leaves", "cameras", "simulation"),
    "crops": ("photos",),
    "nostyle": ("nostyle", "scenes", "leaves"),
    "classifier": ("resnet", "training", "devices", "jobs"),
    "trial": ("controls/generators", "spectrum", "evaluation"),
    "generator": ("style_gan", "losses", "resnet", "training", "devices", "jobs"),
}


@functools.cache
def code_version(kind: str) -> int | str:
    """The version of the code that makes a kind of thing, or its hash where that is not the recorded one."""
    recorded, code = _recorded()[kind], code_id(*MODULES[kind])
    return recorded["version"] if recorded["code"] == code else code


def _recorded() -> dict[str, dict[str, Any]]:
    return json.loads(FILE.read_text("utf-8"))


def changed() -> list[str]:
    """The kinds whose code differs from what `versions.json` records."""
    recorded = _recorded()
    return [kind for kind, modules in MODULES.items() if recorded.get(kind, {}).get("code") != code_id(*modules)]


def record(new: list[str]) -> None:
    """Records the code as it is, with the version counted up for the kinds in `new`."""
    old = _recorded() if FILE.exists() else {}
    versions = {kind: old.get(kind, {}).get("version", 1) + (kind in new) for kind in MODULES}
    write_json(FILE, {kind: {"version": versions[kind], "code": code_id(*MODULES[kind])} for kind in MODULES})


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - set(MODULES):
        sys.exit(f"kinds are {', '.join(MODULES)}, got {', '.join(sorted(unknown))}")
    record(sys.argv[1:])
