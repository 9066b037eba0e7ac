"""The state of an unfinished training, kept in one file."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from camgan_lib.base.files import say, write_aside

if TYPE_CHECKING:
    import torch


def tensors_sha256(tensors: dict[str, "torch.Tensor"]) -> str:
    """SHA-256 of tensors' names, types, shapes and values, as hex."""
    from safetensors.torch import save

    return hashlib.sha256(save({name: tensors[name].cpu().contiguous() for name in sorted(tensors)})).hexdigest()


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
