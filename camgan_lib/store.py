"""Trained things on disk: found by the recipe that made them, written whole or not at all.

A recipe is a JSON-able dict of all that decides the result: data fingerprint, model and training parameters, seed and
the code that trains. Its SHA-256 names a folder with `weights.safetensors` and `manifest.json` beside it.
"""

import ast
import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from camgan_lib.errors import CamganError

if TYPE_CHECKING:
    import torch


def recipe_id(recipe: Any) -> str:
    """The first 16 hex digits of the SHA-256 of a recipe's canonical JSON."""
    text = json.dumps(recipe, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def code_id(*modules: str) -> str:
    """Hash of what modules of this package do: docstrings, comments and layout left out."""
    digest = hashlib.sha256()
    for module in modules:
        tree = ast.parse((Path(__file__).parent / f"{module}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
                value = body[0].value
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    body[0] = ast.Pass()
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()[:16]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextlib.contextmanager
def write_aside(path: Path) -> Iterator[Path]:
    """Yields a temporary path in the folder of `path`, renamed to `path` on success and removed on failure.

    Raises CamganError where the folder can't be written.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
        os.close(handle)
    except OSError as error:
        raise CamganError(f"can't write {path} ({error.strerror}); choose a folder that can be written") from None
    aside = Path(name)
    umask = os.umask(0)
    os.umask(umask)
    try:
        yield aside
        aside.chmod(0o666 & ~umask)
        os.replace(aside, path)
    except OSError as error:
        raise CamganError(f"can't write {path} ({error.strerror}); free space or choose another folder") from error
    finally:
        aside.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """Writes JSON (UTF-8, indented, no NaN), whole or not at all."""
    with write_aside(path) as aside:
        aside.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


class Store:
    """A folder of trained things, `<root>/<kind>/<recipe id>/`."""

    def __init__(self, root: Path):
        self.root = Path(root)

    def folder(self, kind: str, recipe: dict) -> Path:
        return self.root / kind / recipe_id(recipe)

    def get(self, kind: str, recipe: dict) -> tuple[dict[str, "torch.Tensor"], dict] | None:
        """(weights, manifest) of a recipe, or None where there is none or its files are damaged."""
        from safetensors.torch import load_file

        folder = self.folder(kind, recipe)
        try:
            manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
            weights = folder / "weights.safetensors"
            if manifest["weights_sha256"] != file_sha256(weights):
                raise ValueError("checksum differs")
            return load_file(weights), manifest
        except FileNotFoundError:
            return None
        except (ValueError, KeyError) as error:
            print(f"stored {kind} {folder.name} is damaged ({error}); it will be made again")
            return None

    def put(self, kind: str, recipe: dict, weights: dict[str, "torch.Tensor"], metrics: dict, **facts: Any) -> dict:
        """Writes weights and manifest (recipe, metrics, further facts), whole or not at all; returns the manifest."""
        from safetensors.torch import save_file

        folder = self.folder(kind, recipe)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        except OSError as error:
            raise CamganError(f"can't write the store {self.root} ({error.strerror}); choose another") from None
        try:
            flat = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
            save_file(flat, aside / "weights.safetensors")
            manifest = {
                "kind": kind,
                "id": folder.name,
                "recipe": recipe,
                "metrics": metrics,
                "weights_sha256": file_sha256(aside / "weights.safetensors"),
                **facts,
            }
            write_json(aside / "manifest.json", manifest)
            aside.chmod(0o755)
            if folder.exists():
                shutil.rmtree(folder)
            os.replace(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return manifest
