"""Identities are the same on every Python: each one found on this machine computes them and gets the same."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from camgan_lib.base.identity import recipe_id
from camgan_lib.base.paths import ROOT
from camgan_lib.base.versions import code_version

PROGRAM = """
import json, sys
from camgan_lib.base import versions
from camgan_lib.base.identity import recipe_id, seed_words
from camgan_lib.book import recipes
given = json.loads(sys.stdin.read())
dataset, classifier, gan = (given["parameters"][name] for name in ("dataset", "classifier", "style_gan"))
def made(dataset):
    return recipe_id({"simulated": recipes.simulation(dataset), **recipes.cut(dataset)})
made_by = made(dataset)
nostyle = recipe_id(recipes.nostyle_images(gan, "scenes"))
both = [recipes.classifier(classifier, made_by, quantized=quantized) for quantized in (False, True)]
networks = both + [recipes.generator(gan, made_by, nostyle, both[0], target) for target in range(4)]
own = [recipes.judge_photos(dataset, gan, number) for number in range(9)]
networks += [recipes.judge(gan, made(photos), number, half=False) for number, photos in enumerate(own)]
print(json.dumps({
    "networks": [recipe_id(each) for each in networks],
    "manifests": [recipe_id(each) for each in given["recipes"]],
    "seeds": seed_words("camera", "IMG 0001 ü.jpg"),
    "versions": {kind: versions.code_version(kind) for kind in versions.SOURCES},
    "changed": versions.changed(),
}))
"""


def pythons() -> list[str]:
    """Every Python from 3.11 on that this machine has: those on the PATH and pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    names = [f"python3.{minor}" for minor in range(11, 30)]
    found = [sys.executable, *filter(None, map(shutil.which, names)), *map(str, pyenv.glob("versions/*/bin/python"))]
    versions = {}
    for each in found:
        said = subprocess.run([each, "-VV"], capture_output=True, text=True)
        number = re.match(r"Python 3\.(\d+)", said.stdout)
        if said.returncode == 0 and number and int(number[1]) >= 11:
            versions.setdefault(said.stdout, each)
    return list(versions.values())


@pytest.fixture(scope="module")
def given():
    from camgan_lib.book.plan import make_plan

    parameters = make_plan("paper", []).parameters
    manifests = sorted((ROOT / "published" / "store").glob("*/*/manifest.json"))
    recipes = [json.loads(path.read_text("utf-8"))["recipe"] for path in manifests]
    return {"parameters": parameters, "recipes": recipes, "ids": sorted(path.parent.name for path in manifests)}


@pytest.mark.parametrize("python", pythons())
def test_every_python_gets_the_ids_of_the_published_networks(python, given):
    run = [python, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{PROGRAM}"]
    done = subprocess.run(run, input=json.dumps(given), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert sorted(found["networks"]) == sorted(found["manifests"]) == given["ids"], "profile paper's networks"
    assert found["versions"] == {kind: code_version(kind) for kind in found["versions"]}
    assert found["changed"] == []
    assert found["seeds"] == [1454341476, 15011948, 3611867441]


def test_an_id_does_not_depend_on_the_order_of_keys():
    assert recipe_id({"a": 1, "b": [1.5, None]}) == recipe_id({"b": [1.5, None], "a": 1}) == "993a7a2ceb877d40"
