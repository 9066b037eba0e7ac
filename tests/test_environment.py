"""The conda route names the packages of pyproject.toml, in the same versions; both are truly what the code imports."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]

CONDA_NAMES = {"pytorch": "torch"}
"""Packages that go by another name on conda-forge."""
IMPORTED_AS = {
    "colour_demosaicing": "colour-demosaicing",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "PIL": "pillow",
    "pillow_heif": "pillow-heif",
    "yaml": "pyyaml",
}
COME_WITH_OTHERS = {
    "dask",
    "IPython",
    "jupyter_client",
    "jupyter_core",
    "nbformat",
    "nbclient",
    "myst_nb",
    "docutils",
    "sphinx",
    "jupyter_cache",
    "traitlets",
}
"""Parts of jupyter-book, ipykernel, ipywidgets and papermill, in the versions that those need."""


def split(requirement: str) -> tuple[str, frozenset[str]]:
    name, versions = re.fullmatch(r"([\w.-]+)(.*)", requirement).groups()
    return CONDA_NAMES.get(name, name), frozenset(versions.split(",")) - {""}


def test_conda_and_pip_name_the_same_packages_and_versions():
    (pip,) = [entry["pip"] for entry in CONDA if isinstance(entry, dict)]
    conda = dict(split(entry) for entry in CONDA if isinstance(entry, str))
    assert conda.pop("pip") == frozenset()
    assert conda.pop("python") == frozenset([PROJECT["requires-python"]])
    assert pip.pop() == "-e ."
    extra = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *extra["sweep"], *(name for name in extra["test"] if name != "camgan[sweep]")]
    assert conda | dict(map(split, pip)) == dict(map(split, wanted))


def imports(folder: str) -> dict[str, str]:
    """Packages imported under a folder, and a file that does."""
    found = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            found |= {name.split(".")[0]: path.relative_to(ROOT).as_posix() for name in names}
    return found


def test_the_library_imports_only_what_is_installed_with_it():
    named = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["sweep"]]
    known = {name for name, _ in map(split, named)} | COME_WITH_OTHERS | {"camgan_lib"}
    known |= {path.stem for path in (ROOT / "book" / "_ext").glob("*.py")}
    for folder in ("camgan_lib", "data_scripts", "book"):
        for name, path in imports(folder).items():
            assert name in sys.stdlib_module_names or IMPORTED_AS.get(name, name) in known, f"{path} imports {name}"
