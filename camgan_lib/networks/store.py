"""The store: trained networks and measurements on disk, found by the recipe that made them.

A recipe is a dict of JSON values with everything that decides the result: the data's fingerprint, the model, the
training, the seed and the version of the code. Its SHA-256 names a folder, which holds `weights.safetensors` and
`manifest.json`. Both are written whole or not at all. A training that has not finished keeps a checkpoint under the
same name, and the next run goes on from it.
"""

import contextlib
import json
import shutil
from collections.abc import Sequence
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
        with locked_if_free(self._lock(kind, name)) as free:
            if not free:
                return
            for path in (self.root / "checkpoints").glob(f".{kind}-{name}.*"):
                path.unlink(missing_ok=True)
            for path in (self.root / kind).glob(f".{name}.*"):
                shutil.rmtree(path, ignore_errors=True)

    def manifests(self) -> list[dict]:
        """The manifests of everything stored, sorted by kind and date, with two more entries: `bytes`, `published`.

        Where a thing is both here and behind, the manifest is the one from here.
        """
        found: dict[tuple[str, str], dict] = {}
        for root in (self.root, *self.behind):
            for path in root.glob("*/[!.]*/manifest.json"):
                with contextlib.suppress(ValueError, OSError, TypeError, KeyError):
                    manifest = json.loads(path.read_text("utf-8"))
                    size = sum(each.stat().st_size for each in path.parent.iterdir())
                    about = {**manifest, "bytes": size, "published": root != self.root}
                    found.setdefault((about["kind"], about["id"]), about)
        return sorted(found.values(), key=lambda each: (each["kind"], each.get("date") or "", each["id"]))

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
