"""What both trainings share: progress bars, checkpoints, seeds, the check that a loss is finite."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from camgan_lib.base.errors import CamganError
from camgan_lib.networks.checkpoint import Checkpoint


def progress_bar(name: str, unit: str, steps: range | None = None, **facts: Any) -> tqdm:
    return tqdm(steps, desc=name, unit=unit, mininterval=2, **facts)


def check_loss(loss: float, when: str, rate: str) -> None:
    if not math.isfinite(loss):
        raise CamganError(f"the training diverged in {when}: its loss is not finite; lower {rate}")


def save_state(checkpoint: Checkpoint | None, state: dict[str, Any], facts: dict[str, Any]) -> None:
    """Keeps modules and optimizers, by name, and the facts."""
    if checkpoint is None:
        return
    tensors = {}
    for name, each in state.items():
        if isinstance(each, nn.Module):
            tensors |= {f"{name}/{key}": value for key, value in each.state_dict().items()}
        else:
            by_index = each.state_dict()["state"]
            tensors |= {f"{name}/{i}/{key}": value for i, kept in by_index.items() for key, value in kept.items()}
    checkpoint.save(tensors, facts)


def resume_state(checkpoint: Checkpoint | None, state: dict[str, Any]) -> dict[str, Any]:
    """Puts modules and optimizers back to where `_save` found them; returns its facts, {} where there are none."""
    found = checkpoint.load() if checkpoint else None
    if found is None:
        return {}
    tensors, facts = found
    for name, each in state.items():
        own = {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}
        if isinstance(each, nn.Module):
            each.load_state_dict(own)
            continue
        for i, parameter in enumerate(each.param_groups[0]["params"]):
            kept = {key.removeprefix(f"{i}/"): value for key, value in own.items() if key.startswith(f"{i}/")}
            each.state[parameter] = {key: value.to(parameter.device) for key, value in kept.items()}
    return facts


def draw(rng: np.random.Generator, available: int, count: int) -> np.ndarray:
    return rng.integers(0, available, count)


def fresh(make: Callable[[], nn.Module], seed: int) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()
