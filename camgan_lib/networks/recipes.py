"""Recipes: the settings of a training. Together with the data they decide the network."""

from dataclasses import dataclass

JUDGES = ("plain", "steganalysis", "phase")
"""The judges of a run by the names of their architectures (`judges.ARCHITECTURES`)."""

SECOND = "second"
"""The architecture of a classifier that a generator may have to fool beside the auxiliary one. No judge has it."""

CLASSIFIERS = ("resnet20", "forensic")
"""The paper's network, and one that is made for people's own photos (`forensic.ForensicNet`)."""

DRAWN = ("both", "phase", "noise", "neither")
"""`phase`: where in the mosaic's cell and JPEG's block the image begins; `noise`: that of the sensor."""

COMPARED = ("all", "flat")
"""`all` images; or half of each batch, which is `flat`, with flat crops: content then has no part in it."""


@dataclass(frozen=True)
class ClassifierRecipe:
    """The settings of a classifier's training.

    `decay` of the learning rate: "cosine" to zero, or "step", to a tenth at 1/2 and again at 3/4 of the steps. `stem`:
    the first layer's first weights, "random" (He) or "high-pass" (see `least_varying`). `small_epochs`: the number of
    epochs at the start that use a 16×16 window of each crop, at less than half the cost.

    `network`: one of CLASSIFIERS. Of "forensic" (see `forensic_training`), `flip` draws one of the square's eight
    symmetries for each crop, `stem` and `small_epochs` change nothing, and training stops after `patience` epochs
    without a smaller validation loss (0: never).
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
    network: str = "resnet20"
    patience: int = 0


@dataclass(frozen=True)
class GanRecipe:
    """The settings of a generator's training: its architecture, the weights of the loss terms, the optimisation.

    `drawn`: what a generator that is built as a camera draws for each image, one of DRAWN. `compared`: which stylised
    images the discriminator and the mean spectra compare with crops, one of COMPARED.
    `second_classifier`: a classifier of architecture SECOND stands beside the auxiliary one, at the same weight.
    """

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
    variance_weight: float = 0.0
    discriminator: str = "strided"
    second_classifier: bool = False
    drawn: str = "both"
    embedding_weight: float = 0.0
    compared: str = "all"
