"""Adam over one vector of weights, and how learning rates change during a training."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from camgan_lib.networks.recipes import ClassifierRecipe

GRADIENT_LIMIT = 5.0
"""Largest norm of a generator's gradient. Without a limit, a single large step can ruin a generator that has no
normalisation."""


def adam(model: nn.Module, rate: float, **options: Any) -> torch.optim.Adam:
    """An Adam optimizer of one vector that holds all of a model's parameters.

    The parameters and their gradients become views of it. A step is then one fused update instead of one per tensor.
    Convolutions keep their weights channels-last, so they need no copy at each step.
    """
    parameters = list(model.parameters())
    vector = nn.Parameter(torch.empty(sum(p.numel() for p in parameters), device=parameters[0].device))
    vector.grad = torch.zeros_like(vector)
    start = 0
    for p in parameters:
        values, gradient = (_view_like(p, v[start : start + p.numel()]) for v in (vector.data, vector.grad))
        values.copy_(p.data)
        p.data, p.grad = values, gradient
        start += p.numel()
    return torch.optim.Adam([vector], rate, fused=True, **options)


def _view_like(parameter: Tensor, part: Tensor) -> Tensor:
    if parameter.ndim != 4:
        return part.view(parameter.shape)
    outputs, inputs, height, width = parameter.shape
    return part.view(outputs, height, width, inputs).permute(0, 3, 1, 2)


def set_rate(optimizer: torch.optim.Optimizer, recipe: ClassifierRecipe, step: int, steps: int) -> None:
    """Sets the learning rate of a step: the recipe's rate times its decay at this share of the training.

    "cosine" starts with a linear rise over the first 5 % of the steps. Raises ValueError for an unknown decay.
    """
    share = step / steps
    if recipe.decay == "cosine":
        factor = min(1.0, (step + 1) / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * share))
    elif recipe.decay == "step":
        factor = 1.0 if share < 0.5 else 0.1 if share < 0.75 else 0.01
    else:
        raise ValueError(f"decay is 'cosine' or 'step', got {recipe.decay!r}")
    for group in optimizer.param_groups:
        group["lr"] = recipe.learning_rate * factor


def set_gan_rate(optimizer: torch.optim.Optimizer, rate: float, share: float) -> None:
    """Sets a GAN's learning rate after `share` of its steps: constant at first, from the middle down to a twentieth.

    The low rate at the end lets the weights settle.
    """
    for group in optimizer.param_groups:
        group["lr"] = rate * min(1.0, 0.05 + 1.9 * (1 - share))
