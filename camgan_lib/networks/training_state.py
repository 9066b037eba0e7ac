"""What the trainings share: checkpoints, first weights, the check that a loss is finite."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from torch import Tensor, nn

from camgan_lib.base.devices import drawn_from
from camgan_lib.base.errors import CamganError
from camgan_lib.networks.checkpoint import Checkpoint


def check_loss(loss: float, when: str, rate: str) -> None:
    """Raises CamganError, naming the learning rate to lower, if a loss is infinite or NaN."""
    if not math.isfinite(loss):
        raise CamganError(f"the training diverged in {when}: its loss is not finite; lower {rate}")


def save_state(checkpoint: Checkpoint | None, state: dict[str, nn.Module], facts: dict[str, Any]) -> None:
    """Saves the tensors of `state` (networks and their optimizers) under its names, and the facts."""
    if checkpoint is not None:
        tensors = {f"{name}/{key}": value for name, each in state.items() for key, value in each.state_dict().items()}
        checkpoint.save(tensors, facts)


def resume_state(
    checkpoint: Checkpoint | None, state: dict[str, nn.Module], beginning: dict[str, Any]
) -> dict[str, Any]:
    """Puts the networks and optimizers of `state` back to where they were saved, and returns the facts of then.

    Returns `beginning`, the facts of a training at its first step, if nothing was saved. The same, with a line that
    says so, if the file does not fit these networks, as one made by an older version of the code.
    """
    if checkpoint is None or (found := checkpoint.load()) is None:
        return beginning
    tensors, facts = found
    parts = {name: _beneath(name, tensors) for name in state}
    whole = all(_fits(parts[name], each) for name, each in state.items()) and beginning.keys() <= facts.keys()
    if not whole or sum(map(len, parts.values())) < len(tensors):
        checkpoint.refuse("made by another version of the code")
        return beginning
    for name, each in state.items():
        each.load_state_dict(parts[name])
    return facts


def _beneath(name: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin with `name/`, under the rest of their names."""
    return {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}


def _fits(kept: dict[str, Tensor], each: nn.Module) -> bool:
    """Whether saved tensors have the names and shapes of a module's."""
    return {k: v.shape for k, v in kept.items()} == {k: v.shape for k, v in each.state_dict().items()}


def draw(rng: np.random.Generator, available: int, count: int) -> np.ndarray:
    """`count` random indices below `available`; an index may come more than once."""
    return rng.integers(0, available, count)


def fresh(make: Callable[[], nn.Module], seed: int) -> Any:
    """The network that `make` builds, on the CPU, its first weights drawn from `seed`."""
    with drawn_from(seed):
        return make()
