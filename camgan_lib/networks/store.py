"""The store: trained networks, stylised images and measurements on disk, found by the recipe that made them.

A recipe is a dict of JSON values with everything that decides the result: the data's fingerprint, the model, the
training, the seed and the version of the code. Its SHA-256 names a folder, which holds `weights.safetensors` and
`manifest.json`. Both are written whole or not at all. A training that has not finished keeps a checkpoint under the
same name, and the next run goes on from it.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Container, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import file_sha256, folder_aside, say, write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.locks import locked, locked_if_free
from camgan_lib.base.settings import Settings
from camgan_lib.networks.checkpoint import Checkpoint

if TYPE_CHECKING:
    import torch


class Store:
    """A folder of stored things, `<root>/<kind>/<recipe id>/`. Other stores `behind` it are only read."""

    def __init__(self, root: Path, behind: Sequence[Path] = ()):
        self.root = Path(root)
        self.behind = tuple(map(Path, behind))

    def folder(self, kind: str, recipe: dict) -> Path:
        """Where this store keeps what the recipe makes, whether it is there or not."""
        return self.root / kind / recipe_id(recipe)

    def checkpoint(self, kind: str, recipe: dict) -> Checkpoint:
        """Where the training of this recipe keeps its state until it has finished."""
        return Checkpoint(self._checkpoint(kind, recipe_id(recipe)))

    def _checkpoint(self, kind: str, identity: str) -> Path:
        return self.root / "checkpoints" / f"{kind}-{identity}.safetensors"

    def locked(self, kind: str, recipe: dict) -> contextlib.AbstractContextManager[None]:
        """Holds a recipe for this process. Another process that wants to make the same thing waits until it is made."""
        return locked(self._lock(kind, recipe_id(recipe)), f"another run is making {kind} {recipe_id(recipe)}")

    def _lock(self, kind: str, identity: str) -> Path:
        return self.root / "locks" / f"{kind}-{identity}"

    def remove_leftovers(self, kind: str, recipe: dict) -> None:
        """Removes files of this recipe that killed processes left half-written. Keeps them while a process makes it."""
        name = recipe_id(recipe)
        if not self._lock(kind, name).exists():
            return  # no process has begun to make it
        with locked_if_free(self._lock(kind, name)) as free:
            if not free:
                return
            for path in _aside(self.root / "checkpoints", f".{kind}-{name}."):
                path.unlink(missing_ok=True)
            for path in _aside(self.root / kind, f".{name}."):
                shutil.rmtree(path, ignore_errors=True)

    def names(self) -> set[tuple[str, str]]:
        """Kind and id of each thing that is stored here or behind, by the names of folders alone; reads no file.

        So it may hold folders that are no stored things, too, of which there is no `outline`.
        """
        found = set()
        for root in (self.root, *self.behind):
            for kind in _folders(root) - {"checkpoints", "locks"}:
                found |= {(kind, name) for name in _folders(root / kind)}
        return found

    def outline(self, kind: str, identity: str, *, metrics: bool = False) -> dict | None:
        """The manifest of what is stored under an id, with two more entries, `bytes` and `published`; its own where
        it is behind, too. None where there is none, or one that can't be read. Weights are not checked.

        It lacks `metrics`, which may be long, unless they are asked for.
        """
        for root in (self.root, *self.behind):
            if (found := _outline(f"{root}/{kind}/{identity}", metrics)) is not None:
                found["published"] = root != self.root
                return found
        return None

    def manifests(self, without: Container[str] = ()) -> Iterator[dict]:
        """Yields the `outline` of each stored thing whose id is not in `without`, in no order."""
        for kind, identity in self.names():
            if identity not in without and (found := self.outline(kind, identity)) is not None:
                yield found

    def checkpoints(self) -> list[dict]:
        """`kind`, `id` and `bytes` of each checkpoint of an unfinished training, sorted."""
        found = []
        for path in sorted((self.root / "checkpoints").glob("[!.]*-*.safetensors")):
            kind, _, identity = path.stem.rpartition("-")
            with contextlib.suppress(FileNotFoundError):
                found.append({"kind": kind, "id": identity, "bytes": path.stat().st_size})
        return found

    def remove(self, kind: str, identity: str) -> bool:
        """Removes what is stored under an id, and its checkpoint. Returns False where a process is making or using it.

        Raises CamganError where it can't be removed.
        """
        with locked_if_free(self._lock(kind, identity)) as free:
            if not free:
                return False
            try:
                self._checkpoint(kind, identity).unlink(missing_ok=True)
                if (folder := self.root / kind / identity).exists():
                    shutil.rmtree(folder)
            except OSError as error:
                raise CamganError(f"can't remove {kind} {identity} from {self.root} ({error.strerror})") from None
        return True

    def limit(self, kind: str, most: int) -> None:
        """Removes the oldest stored things of a kind until all of it takes at most so many bytes.

        The newest is kept, and what a process is making or using.
        """
        folders = sorted(
            (each for each in (self.root / kind).glob("[!.]*") if each.is_dir()), key=lambda each: each.stat().st_mtime
        )
        sizes = {each.name: sum(file.stat().st_size for file in each.iterdir()) for each in folders}
        for folder in folders[:-1]:
            if sum(sizes.values()) <= most:
                return
            if self.remove(kind, folder.name):
                del sizes[folder.name]

    def get(self, kind: str, recipe: dict) -> tuple[dict[str, "torch.Tensor"], dict] | None:
        """(weights, manifest) of a recipe, or None if there are none or the files are damaged.

        `published` in the manifest says whether it comes from a store behind this one.
        """
        for root in (self.root, *self.behind):
            if (found := _read(root / kind / recipe_id(recipe), kind)) is not None:
                return found[0], {**found[1], "published": root != self.root}
        return None

    def has(self, kind: str, recipe: dict) -> bool:
        """Whether this store or one behind it has what the recipe makes, undamaged."""
        folders = (root / kind / recipe_id(recipe) for root in (self.root, *self.behind))
        return any((folder / "manifest.json").exists() and _manifest(folder, kind) for folder in folders)

    def put(self, kind: str, recipe: dict, weights: dict[str, "torch.Tensor"], metrics: dict, **facts: Any) -> dict:
        """Stores weights and a manifest (recipe, metrics, further facts), and returns the manifest.

        Both are written, or neither. Raises CamganError where the store can't be written.
        """
        from safetensors.torch import save

        folder = self.folder(kind, recipe)
        try:
            with folder_aside(folder) as aside:
                flat = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
                (aside / "weights.safetensors").write_bytes(save(flat))
                digest = file_sha256(aside / "weights.safetensors")
                manifest = {"kind": kind, "id": folder.name, "recipe": recipe, "metrics": metrics}
                manifest |= {"weights_sha256": digest, **facts}
                write_json(aside / "manifest.json", manifest)
        except OSError as error:
            raise CamganError(
                f"can't write the store {self.root} ({error.strerror}); free space or choose another folder"
            ) from None
        return manifest


def _outline(folder: str, metrics: bool) -> dict | None:
    """A manifest as `Store.outline` returns it.

    `write_json` indents it by one space. So the lines from the name of its `metrics` to the name of what comes after
    them can be left out before the rest is parsed, which takes a tenth of the time.
    """
    try:
        whole = _bytes(f"{folder}/manifest.json")
        begin, end = whole.find(b'\n "metrics": '), whole.rfind(b'\n "weights_sha256": ')
        some = 0 < begin < end and not metrics
        manifest = json.loads((whole[:begin] + whole[end:] if some else whole).decode("utf-8"))
        if not folder.endswith(f"/{manifest['kind']}/{manifest['id']}") or not isinstance(manifest["recipe"], dict):
            return None
        manifest["bytes"] = len(whole) + os.stat(f"{folder}/weights.safetensors").st_size
    except (ValueError, OSError, TypeError, KeyError):
        return None
    return manifest


def _bytes(path: str) -> bytes:
    """What a file holds. Takes less time than `open`, which counts where a hundred thousand are read."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return os.read(file, os.fstat(file).st_size)
    finally:
        os.close(file)


def _folders(folder: Path) -> set[str]:
    """Names of the folders in a folder, but for those that are being written; none where there is no such folder."""
    try:
        with os.scandir(folder) as found:
            return {each.name for each in found if each.is_dir() and not each.name.startswith(".")}
    except (FileNotFoundError, NotADirectoryError):
        return set()


def _aside(folder: Path, prefix: str) -> list[Path]:
    """What lies in a folder under names that begin with `prefix`; nothing where there is no such folder."""
    try:
        return [folder / name for name in os.listdir(folder) if name.startswith(prefix)]
    except FileNotFoundError:
        return []


def _read(folder: Path, kind: str) -> tuple[dict[str, "torch.Tensor"], dict] | None:
    from safetensors.torch import load_file

    manifest = _manifest(folder, kind)
    return None if manifest is None else (load_file(folder / "weights.safetensors"), manifest)


def _manifest(folder: Path, kind: str) -> dict | None:
    """The manifest of a stored thing, or None where there is none. None, and a line, where its files are damaged."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        weights = folder / "weights.safetensors"
        if manifest["weights_sha256"] != file_sha256(weights) or recipe_id(manifest["recipe"]) != folder.name:
            raise ValueError("checksum differs")
        return manifest
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OSError) as error:
        say(f"stored {kind} {folder.name} is damaged ({error}); it counts as missing")
        return None


def open_store(settings: Settings) -> Store:
    """The store that the settings name. Published weights are behind it unless everything is to be trained afresh."""
    return Store(settings.store, [] if settings.fresh else [paths.published_folder() / "store"])
