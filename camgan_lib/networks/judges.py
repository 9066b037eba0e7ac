"""Judges: classifiers that have less in common with the auxiliary classifier, which a generator was trained to fool.

The 8-bit twin has the auxiliary classifier's architecture and was trained on the same crops, so it says little that a
generator fools it too. A linear classifier on log spectra sees only how strong each frequency is. Three networks share
neither architecture nor, on simulated cameras, photos with it (ARCHITECTURES). They are trained as classifiers are
(`classifier_training`), which asks of them a first layer `stem` and buffers `mean` and `std` to normalise by.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.data.crops import Crops
from camgan_lib.networks.classifier_training import train_classifier
from camgan_lib.networks.high_pass import high_pass
from camgan_lib.networks.losses import levels
from camgan_lib.networks.recipes import JUDGES, SECOND, ClassifierRecipe


class SpectralClassifier(nn.Module):
    """Logits N×classes of images N×3×n×n in [−1, 1], linear in the levels of their spectra (dB, standardised)."""

    def __init__(self, classes: int, side: int = 32):
        super().__init__()
        features = 3 * side * (side // 2 + 1)
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))
        self.head = nn.Linear(features, classes)

    def features(self, images: Tensor) -> Tensor:
        return levels(images.float()).flatten(1)

    def forward(self, images: Tensor) -> Tensor:
        return self.head((self.features(images) - self.mean) / self.std)


def fit_spectral(train: Crops, classes: int, *, penalty: float = 100.0, seed: int = 0) -> SpectralClassifier:
    """A SpectralClassifier of `train`, on the CPU: multinomial logistic regression, L2 `penalty` on the weights.

    It never names a class that has no crop in `train`.
    """
    from sklearn.linear_model import LogisticRegression

    model = SpectralClassifier(classes, train.images.shape[1])
    images = torch.from_numpy(train.images).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        features = torch.cat([model.features(part) for part in images.split(2000)])
        model.mean.copy_(features.mean(0))
        model.std.copy_(features.std(0).clamp_min(1e-3))
        standard = ((features - model.mean) / model.std).numpy()
    found = LogisticRegression(C=1 / penalty, max_iter=1000, tol=1e-3, random_state=seed).fit(standard, train.labels)
    binary = len(found.classes_) == 2
    weights, bias = (np.concatenate([-x, x]) / 2 if binary else x for x in (found.coef_, found.intercept_))
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias.fill_(-1e4)
        model.head.weight[found.classes_] = torch.from_numpy(weights).float()
        model.head.bias[found.classes_] = torch.from_numpy(bias).float()
    return model.eval()


class _Judge(nn.Module):
    """What the three networks share: normalisation inside, and no 8-bit form."""

    mean: Tensor
    std: Tensor

    def __init__(self, quantized: bool):
        super().__init__()
        if quantized:
            raise ValueError("a judge has no 8-bit form")
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("std", torch.ones(3))

    def normalised(self, images: Tensor) -> Tensor:
        return (images - self.mean[:, None, None]) / self.std[:, None, None]


class PlainNet(_Judge):
    """Logits N×classes of images N×3×H×W in [−1, 1]: four 3×3 convolutions in a row, without shortcuts."""

    def __init__(self, classes: int, quantized: bool = False):
        super().__init__(quantized)
        self.stem = nn.Conv2d(3, 24, 3, padding=1, bias=False)
        layers = [nn.BatchNorm2d(24), nn.ReLU()]
        for inputs, outputs, stride in ((24, 48, 2), (48, 96, 2), (96, 96, 1)):
            layers += [nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)]
            layers += [nn.BatchNorm2d(outputs), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(96, classes)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.body(self.stem(self.normalised(images))).mean((2, 3)))


class SteganalysisNet(_Judge):
    """Logits N×classes of images N×3×H×W in [−1, 1], after a network that finds hidden messages (Xu, Wu & Shi 2016).

    5×5 high-pass filters, the size of their output without its sign, a 5×5 convolution that saturates (tanh), then
    convolutions of one pixel, so that no layer sees more than 13 pixels across. Mean and maximum over the image.
    """

    def __init__(self, classes: int, quantized: bool = False):
        super().__init__(quantized)
        self.stem = high_pass(30)
        self.size = nn.BatchNorm2d(30)
        self.middle = nn.Conv2d(30, 40, 5, 2, padding=2, bias=False)
        self.saturates = nn.BatchNorm2d(40)
        layers: list[nn.Module] = []
        for inputs, outputs in ((40, 80), (80, 96)):
            layers += [nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        self.points = nn.Sequential(*layers)
        self.head = nn.Linear(2 * 96, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.size(self.stem(self.normalised(images)).abs())
        x = self.points(torch.tanh(self.saturates(self.middle(x))))
        return self.head(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1))


class PhaseNet(_Judge):
    """Logits N×classes of images N×3×H×W in [−1, 1] (H, W multiples of 8) from what is periodic in their fine detail.

    The outputs of 5×5 high-pass filters are squared and their logarithm is averaged over all places of the same phase
    in a grid of 8 pixels, which holds the periods of mosaics (2) and of JPEG's blocks (8 and 16). The Fourier magnitude
    over the phases is the same wherever a crop begins. A network of two full layers decides by these. There is
    no convolution after the first layer.
    """

    def __init__(self, classes: int, quantized: bool = False):
        super().__init__(quantized)
        self.stem = high_pass(32)
        self.features = nn.BatchNorm1d(32 * 40)
        self.hidden = nn.Linear(32 * 40, 96)
        self.middle = nn.BatchNorm1d(96)
        self.head = nn.Linear(96, classes)

    def forward(self, images: Tensor) -> Tensor:
        strength = torch.log(self.stem(self.normalised(images)).float() ** 2 + 1)
        count, filters, height, width = strength.shape
        by_phase = strength.reshape(count, filters, height // 8, 8, width // 8, 8).mean((2, 4))
        spectrum = torch.fft.rfft2(by_phase)
        size = torch.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-6)
        return self.head(F.relu(self.middle(self.hidden(self.features(size.flatten(1))))))


class SecondNet(_Judge):
    """Logits N×classes of images N×3×H×W in [−1, 1]: a classifier that may stand beside the auxiliary one.

    A generator that fools one architecture alone has learned what that one looks at. This one has no shortcut, a 5×5
    layer, and takes the maximum over the image beside the mean. It is no judge.
    """

    def __init__(self, classes: int, quantized: bool = False):
        super().__init__(quantized)
        self.stem = nn.Conv2d(3, 27, 3, padding=1, bias=False)
        layers: list[nn.Module] = [nn.BatchNorm2d(27), nn.ReLU()]
        for inputs, outputs, side, stride in ((27, 48, 5, 2), (48, 96, 3, 1), (96, 96, 3, 2)):
            layers += [nn.Conv2d(inputs, outputs, side, stride, padding=side // 2, bias=False)]
            layers += [nn.BatchNorm2d(outputs), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(2 * 96, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.body(self.stem(self.normalised(images))).float()
        return self.head(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1))


NETWORKS: tuple[Callable[[int, bool], nn.Module], ...] = (PlainNet, SteganalysisNet, PhaseNet)
ARCHITECTURES = dict(zip(JUDGES, NETWORKS, strict=True)) | {SECOND: SecondNet}
"""Networks by name: the judges', of which none has a shortcut and no two have the same layers, and SECOND."""


def train_judge(
    train: Crops, architecture: str, recipe: ClassifierRecipe, *, half: bool, **about: Any
) -> tuple[dict[str, Tensor], list[dict[str, Any]]]:
    """The weights of a judge, convolutions and full layers in half precision, and the history of its training.

    With `half` it learns from half of each camera's photos, drawn from the recipe's seed. `about`: see
    `train_classifier`, which says what it raises.
    """
    crops = half_of_photos(train, recipe.seed) if half else train
    model, history = train_classifier(crops, recipe, network=ARCHITECTURES[architecture], **about)
    weights = {name: each.half() if each.ndim > 1 else each for name, each in model.state_dict().items()}
    return weights, history


def half_of_photos(crops: Crops, seed: int) -> Crops:
    """The crops of half of each camera's photos, rounded up, drawn from the seed."""
    rng, kept = np.random.default_rng([seed, 5]), []
    for label in np.unique(crops.labels):
        photos = rng.permutation(np.unique(crops.photo[crops.labels == label]))
        kept.append(photos[: -(-len(photos) // 2)])
    chosen = np.isin(crops.photo, np.concatenate(kept))
    return Crops(crops.images[chosen], crops.labels[chosen], crops.photo[chosen])


def load_judge(architecture: str, weights: dict[str, Tensor]) -> nn.Module:
    """The judge of stored weights, in evaluation mode."""
    model = ARCHITECTURES[architecture](weights["head.bias"].numel(), False)
    model.load_state_dict(weights)
    return model.eval()
