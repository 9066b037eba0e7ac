"""Recipes: all that decides a network beside its data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClassifierRecipe:
    """What decides a classifier beside its data.

    `decay`: "cosine" to zero, or "step": a tenth at 1/2 and at 3/4. `stem`: how the first layer begins, "random" (He)
    or "high-pass" (see `least_varying`). `small_epochs`: how many of the first epochs see a 16×16 window of each crop,
    at less than half the cost.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    decay: str
    weight_decay: float
    flip: bool
    quantized: bool
    seed: int
    stem: str = "random"
    small_epochs: int = 0


@dataclass(frozen=True)
class GanRecipe:
    """What decides a generator beside its data: architecture, weights of the loss terms, optimisation."""

    generator_width: int
    discriminator_width: int
    decoder_blocks: int
    norm: str
    upsampling: str
    adversarial: str
    l1_weight: float
    tv_weight: float
    auxiliary_weight: float
    gan_steps: int
    gan_batch: int
    generator_rate: float
    discriminator_rate: float
    seed: int
    adversarial_weight: float = 1.0
    generator: str = "gated"
    spectral_weight: float = 0.0
