"""Trained things on disk: found by the recipe that made them, written whole or not at all.

A recipe is a JSON-able dict of all that decides the result: data fingerprint, model and training parameters, seed and
the code that trains. Its SHA-256 names a folder with `weights.safetensors` and `manifest.json` beside it. A training
that is not finished leaves a checkpoint under the same name, from which the next run goes on.
"""

import ast
import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from camgan_lib import paths
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
        if error.errno not in _OF_THE_DISK:
            raise
        raise CamganError(f"can't write {path} ({error.strerror}); free space or choose another folder") from error
    finally:
        aside.unlink(missing_ok=True)


_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EFBIG}


def write_json(path: Path, value: Any) -> None:
    """Writes JSON (UTF-8, indented, no NaN), whole or not at all."""
    with write_aside(path) as aside:
        aside.write_text(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


def tensors_sha256(tensors: dict[str, "torch.Tensor"]) -> str:
    """SHA-256 of tensors' names, types, shapes and values, as hex."""
    from safetensors.torch import save

    return hashlib.sha256(save({name: tensors[name].cpu().contiguous() for name in sorted(tensors)})).hexdigest()


def open_lock(path: Path) -> IO:
    """A file to lock, made where there is none. Raises CamganError where that can't be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("w")
    except OSError as error:
        raise CamganError(f"can't write {path} ({error.strerror}); choose another folder") from None


def wait_for(lock: IO, why: str) -> None:
    """Takes an exclusive lock; says why it waits where another process holds it. It ends with the file or process."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"{why}; waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)


def say(line: str) -> None:
    """A line for who runs this: on stderr, which reaches the terminal from a kernel, too, and stays off the pages."""
    print(line, file=sys.stderr, flush=True)


class Checkpoint:
    """Where an unfinished training stands, in one file: tensors and plain facts, written whole or not at all."""

    def __init__(self, path: Path):
        self.path = Path(path)
        self.clock: Callable[[], float] = lambda: 0.0

    def save(self, tensors: dict[str, "torch.Tensor"], facts: dict[str, Any]) -> None:
        """Replaces what was saved before, `seconds` by the clock among the facts.

        Raises CamganError where the file can't be written.
        """
        from safetensors.torch import save

        flat = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        text = json.dumps({**facts, "seconds": self.clock()}, allow_nan=False)
        about = {"facts": text, "sha256": tensors_sha256(flat)}
        with write_aside(self.path) as aside:
            aside.write_bytes(save(flat, metadata=about))

    def load(self) -> tuple[dict[str, "torch.Tensor"], dict[str, Any]] | None:
        """(tensors, facts) as saved last, or None where nothing was saved or the file is damaged."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, "pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
                about = file.metadata()
            if about["sha256"] != tensors_sha256(tensors):
                raise ValueError("checksum differs")
            return tensors, json.loads(about["facts"])
        except FileNotFoundError:
            return None
        except (SafetensorError, ValueError, KeyError, TypeError, OSError) as error:
            say(f"checkpoint {self.path.name} is damaged ({error}); the training starts from its beginning")
            return None

    def remove(self) -> None:
        """Removes the file, where there is one."""
        self.path.unlink(missing_ok=True)


class Store:
    """A folder of trained things, `<root>/<kind>/<recipe id>/`, and others `behind` it that are only read."""

    def __init__(self, root: Path, behind: Sequence[Path] = ()):
        self.root = Path(root)
        self.behind = tuple(map(Path, behind))

    def folder(self, kind: str, recipe: dict) -> Path:
        return self.root / kind / recipe_id(recipe)

    def checkpoint(self, kind: str, recipe: dict) -> Checkpoint:
        """Where the training of this recipe keeps its state until it has finished."""
        return Checkpoint(self.root / "checkpoints" / f"{kind}-{recipe_id(recipe)}.safetensors")

    @contextlib.contextmanager
    def locked(self, kind: str, recipe: dict) -> Iterator[None]:
        """Holds a recipe for one process: another that wants to make the same thing waits until it is made.

        The system lets go of the lock when its process ends, however it ends.
        """
        with self._lock(kind, recipe) as lock:
            wait_for(lock, f"another run is making {kind} {recipe_id(recipe)}")
            yield

    def _lock(self, kind: str, recipe: dict) -> IO:
        return open_lock(self.root / "locks" / f"{kind}-{recipe_id(recipe)}")

    def sweep(self, kind: str, recipe: dict) -> None:
        """Removes what killed processes left half-written of a recipe, unless one is making it now."""
        name = recipe_id(recipe)
        with self._lock(kind, recipe) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            for path in (self.root / "checkpoints").glob(f".{kind}-{name}.*"):
                path.unlink(missing_ok=True)
            for path in (self.root / kind).glob(f".{name}.*"):
                shutil.rmtree(path, ignore_errors=True)

    def manifests(self) -> list[dict]:
        """The manifests of all that is stored, by kind and date, with `bytes` and `published`; own ones go before."""
        found = {}
        for root in (self.root, *self.behind):
            for path in root.glob("*/[!.]*/manifest.json"):
                with contextlib.suppress(ValueError, OSError, TypeError, KeyError):
                    manifest = json.loads(path.read_text("utf-8"))
                    size = sum(each.stat().st_size for each in path.parent.iterdir())
                    about = {**manifest, "bytes": size, "published": root != self.root}
                    found.setdefault((about["kind"], about["id"]), about)
        return sorted(found.values(), key=lambda each: (each["kind"], each.get("date") or "", each["id"]))

    def remove(self, kind: str, identity: str) -> None:
        """Removes a stored thing by its recipe id. Raises CamganError where it can't be removed."""
        try:
            shutil.rmtree(self.root / kind / identity)
        except OSError as error:
            raise CamganError(f"can't remove {kind} {identity} from {self.root} ({error.strerror})") from None

    def get(self, kind: str, recipe: dict) -> tuple[dict[str, "torch.Tensor"], dict] | None:
        """(weights, manifest) of a recipe, or None where there is none or its files are damaged.

        `published` in the manifest says whether it comes from a folder behind this one.
        """
        for root in (self.root, *self.behind):
            if (found := _read(root / kind / recipe_id(recipe), kind)) is not None:
                return found[0], {**found[1], "published": root != self.root}
        return None

    def has(self, kind: str, recipe: dict) -> bool:
        """Whether a recipe's network is here or behind, and whole."""
        folders = (root / kind / recipe_id(recipe) for root in (self.root, *self.behind))
        return any((folder / "manifest.json").exists() and _manifest(folder, kind) for folder in folders)

    def put(self, kind: str, recipe: dict, weights: dict[str, "torch.Tensor"], metrics: dict, **facts: Any) -> dict:
        """Writes weights and manifest (recipe, metrics, further facts), whole or not at all; returns the manifest."""
        from safetensors.torch import save

        folder = self.folder(kind, recipe)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        except OSError as error:
            raise CamganError(f"can't write the store {self.root} ({error.strerror}); choose another") from None
        try:
            flat = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
            (aside / "weights.safetensors").write_bytes(save(flat))
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
        except OSError as error:
            raise CamganError(
                f"can't write the store {self.root} ({error.strerror}); free space or choose another folder"
            ) from None
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return manifest


def _read(folder: Path, kind: str) -> tuple[dict[str, "torch.Tensor"], dict] | None:
    from safetensors.torch import load_file

    manifest = _manifest(folder, kind)
    return manifest and (load_file(folder / "weights.safetensors"), manifest)


def _manifest(folder: Path, kind: str) -> dict | None:
    """The manifest of a stored thing, or None where there is none, or it or the weights are damaged."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        weights = folder / "weights.safetensors"
        if manifest["weights_sha256"] != file_sha256(weights) or recipe_id(manifest["recipe"]) != folder.name:
            raise ValueError("checksum differs")
        return manifest
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OSError) as error:
        say(f"stored {kind} {folder.name} is damaged ({error}); it will be made again")
        return None


def own_store() -> Store:
    """This build's store, the published weights behind it (unless the environment's CAMGAN_FRESH is set)."""
    behind = [] if os.environ.get("CAMGAN_FRESH") else [paths.published_folder() / "store"]
    return Store(paths.store_folder(), behind)
