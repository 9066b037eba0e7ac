"""The store: trained networks and measurements on disk, found by their recipes, written whole or not at all.

A recipe is a JSON-able dict of everything that decides the result: the data's fingerprint, the settings of the model
and its training, the seed, the version of the code. Its SHA-256 names a folder with `weights.safetensors` and
`manifest.json`. An unfinished training leaves a checkpoint under the same name, from which the next run goes on.
"""

import contextlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import file_sha256, replace_folder, say, write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.locks import locked, locked_if_free
from camgan_lib.base.settings import Settings
from camgan_lib.networks.checkpoint import Checkpoint

if TYPE_CHECKING:
    import torch


class Store:
    """A folder with results in `<root>/<kind>/<recipe id>/`. Folders `behind` it are searched next, and only read."""

    def __init__(self, root: Path, behind: Sequence[Path] = ()):
        self.root = Path(root)
        self.behind = tuple(map(Path, behind))

    def folder(self, kind: str, recipe: dict) -> Path:
        """Where the result of a recipe is kept."""
        return self.root / kind / recipe_id(recipe)

    def checkpoint(self, kind: str, recipe: dict) -> Checkpoint:
        """The checkpoint of this recipe's training, which exists until the training has finished."""
        return Checkpoint(self.root / "checkpoints" / f"{kind}-{recipe_id(recipe)}.safetensors")

    def locked(self, kind: str, recipe: dict) -> contextlib.AbstractContextManager[None]:
        """A context that only one process at a time can enter for a recipe; the others wait.

        The operating system frees the lock when its process ends, also if it is killed.
        """
        return locked(self._lock(kind, recipe_id(recipe)), f"another run is making {kind} {recipe_id(recipe)}")

    def _lock(self, kind: str, identity: str) -> Path:
        return self.root / "locks" / f"{kind}-{identity}"

    def remove_leftovers(self, kind: str, recipe: dict) -> None:
        """Removes files that killed processes left half-written, unless a process works on this recipe now."""
        name = recipe_id(recipe)
        with locked_if_free(self._lock(kind, name)) as free:
            if not free:
                return
            for path in (self.root / "checkpoints").glob(f".{kind}-{name}.*"):
                path.unlink(missing_ok=True)
            for path in (self.root / kind).glob(f".{name}.*"):
                shutil.rmtree(path, ignore_errors=True)

    def manifests(self) -> list[dict]:
        """The manifests of all results, by kind and date, each with `bytes` and `published` (it is in a folder behind).

        If a result is both here and behind, only the one here is listed.
        """
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
        """(weights, manifest) of a recipe, or None if there are none or the files are damaged.

        `published` in the manifest says whether they come from a folder behind this one.
        """
        for root in (self.root, *self.behind):
            if (found := _read(root / kind / recipe_id(recipe), kind)) is not None:
                return found[0], {**found[1], "published": root != self.root}
        return None

    def has(self, kind: str, recipe: dict) -> bool:
        """Whether a recipe's result is here, or in a folder behind, with undamaged files."""
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
            replace_folder(aside, folder)
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
    """The manifest in a folder, or None if there is none, or if it or the weights are damaged."""
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


def open_store(settings: Settings) -> Store:
    """The store that the settings name, with the published weights behind it unless `fresh` is set."""
    return Store(settings.store, [] if settings.fresh else [paths.published_folder() / "store"])
