"""The file in which a training keeps its state, so that it can go on after it was stopped."""

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
    """A file with the tensors and plain facts of an unfinished training. It is written whole or not at all.

    `clock` gives the seconds that this process has trained, `before` those of the processes whose work it goes on with.
    """

    def __init__(self, path: Path):
        self.path = Path(path)
        self.clock: Callable[[], float] = lambda: 0.0
        self.before = 0.0

    def seconds(self) -> float:
        """Seconds of training so far, in all processes together."""
        return self.before + self.clock()

    def save(self, tensors: dict[str, "torch.Tensor"], facts: dict[str, Any]) -> None:
        """Writes tensors and facts in place of those saved before, and adds `seconds` to the facts.

        Raises CamganError if the file can't be written.
        """
        from safetensors.torch import save

        flat = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        text = json.dumps({**facts, "seconds": self.seconds()}, allow_nan=False)
        about = {"facts": text, "sha256": tensors_sha256(flat)}
        with write_aside(self.path) as aside:
            aside.write_bytes(save(flat, metadata=about))

    def load(self) -> tuple[dict[str, "torch.Tensor"], dict[str, Any]] | None:
        """(tensors, facts) as saved last, or None if nothing was saved or the file is damaged."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, "pt") as file:
                tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 (not a dict)
                about = file.metadata()
            if about["sha256"] != tensors_sha256(tensors):
                raise ValueError("checksum differs")
            facts = json.loads(about["facts"])
            self.before = float(facts["seconds"])
            return tensors, facts
        except FileNotFoundError:
            return None
        except (SafetensorError, ValueError, KeyError, TypeError, OSError) as error:
            self.refuse(str(error))
            return None

    def refuse(self, reason: str) -> None:
        """Says that the file is of no use, and why; the time that went into it no longer counts."""
        self.before = 0.0
        say(f"checkpoint {self.path.name} is damaged ({reason}); the training starts from its beginning")

    def remove(self) -> None:
        """Removes the file if there is one."""
        self.path.unlink(missing_ok=True)
