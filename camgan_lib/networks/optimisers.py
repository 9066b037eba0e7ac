"""Adam over one vector of weights, and how learning rates change during a training."""

import math

import torch
from torch import Tensor, nn
from torch.optim.adam import adam as functional_adam

from camgan_lib.networks.recipes import ClassifierRecipe

GRADIENT_LIMIT = 5.0
"""Largest norm of a generator's gradient. Without a limit, a single large step can ruin a generator that has no
normalisation."""


class Adam(nn.Module):
    """Adam over one vector that holds all of a model's parameters: a step is one fused update, not one per tensor.

    The parameters and their gradients become views of the vector. Convolutions keep their weights channels-last, so
    they need no copy at each step. `rate` is the learning rate of the next step. The buffers are the optimizer's state.

    The steps are those of `torch.optim.Adam`, whose first use imports PyTorch's compiler: seconds in every process.
    """

    steps: Tensor
    mean: Tensor
    mean_square: Tensor

    def __init__(
        self, model: nn.Module, rate: float, betas: tuple[float, float] = (0.9, 0.999), weight_decay: float = 0.0
    ):
        super().__init__()
        self.rate, self.betas, self.weight_decay = rate, betas, weight_decay
        parameters = list(model.parameters())
        device = parameters[0].device
        self.vector = torch.empty(sum(p.numel() for p in parameters), device=device)
        self.vector.grad = torch.zeros_like(self.vector)
        self.register_buffer("steps", torch.zeros((), device=device))
        self.register_buffer("mean", torch.zeros_like(self.vector))
        self.register_buffer("mean_square", torch.zeros_like(self.vector))
        start = 0
        for p in parameters:
            values, gradient = (_view_like(p, v[start : start + p.numel()]) for v in (self.vector, self.gradient))
            values.copy_(p.data)
            p.data, p.grad = values, gradient
            start += p.numel()

    @property
    def gradient(self) -> Tensor:
        """The vector's gradient, of which the parameters' gradients are views."""
        assert self.vector.grad is not None
        return self.vector.grad

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Sets the gradient to zero, in place."""
        self.gradient.zero_()

    @torch.no_grad()
    def step(self) -> None:
        """Updates the vector, and with it the model's parameters, by the gradient."""
        functional_adam(
            [self.vector],
            [self.gradient],
            [self.mean],
            [self.mean_square],
            [],
            [self.steps],
            fused=True,
            amsgrad=False,
            beta1=self.betas[0],
            beta2=self.betas[1],
            lr=self.rate,
            weight_decay=self.weight_decay,
            eps=1e-8,
            maximize=False,
        )


def _view_like(parameter: Tensor, part: Tensor) -> Tensor:
    if parameter.ndim != 4:
        return part.view(parameter.shape)
    outputs, inputs, height, width = parameter.shape
    return part.view(outputs, height, width, inputs).permute(0, 3, 1, 2)


def rate_at(recipe: ClassifierRecipe, step: int, steps: int) -> float:
    """The learning rate of a classifier's step: the recipe's rate times its decay at this share of the training.

    "cosine" starts with a linear rise over the first 5 % of the steps. Raises ValueError for an unknown decay.
    """
    share = step / steps
    if recipe.decay == "cosine":
        factor = min(1.0, (step + 1) / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * share))
    elif recipe.decay == "step":
        factor = 1.0 if share < 0.5 else 0.1 if share < 0.75 else 0.01
    else:
        raise ValueError(f"decay is 'cosine' or 'step', got {recipe.decay!r}")
    return recipe.learning_rate * factor


def gan_rate_at(rate: float, share: float) -> float:
    """A GAN's learning rate after `share` of its steps: constant at first, from the middle down to a twentieth.

    The low rate at the end lets the weights settle.
    """
    return rate * min(1.0, 0.05 + 1.9 * (1 - share))
