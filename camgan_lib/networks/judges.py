"""Judges: classifiers that have less in common with the auxiliary classifier, which a generator was trained to fool.

The 8-bit twin has the auxiliary classifier's architecture and was trained on the same crops, so it says little that a
generator fools it too. Two others are more independent. A linear classifier on log spectra sees only how strong each
frequency is. A plain convolutional network without shortcuts, trained on other photos, shares neither architecture nor
data.
"""

import numpy as np
import torch
from torch import Tensor, nn

from camgan_lib.data.crops import Crops
from camgan_lib.networks.losses import levels


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


class PlainNet(nn.Module):
    """Logits N×classes of images N×3×H×W in [−1, 1]: four 3×3 convolutions in a row, without shortcuts."""

    def __init__(self, classes: int, quantized: bool = False):
        super().__init__()
        if quantized:
            raise ValueError("the plain network has no 8-bit form")
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("std", torch.ones(3))
        self.stem = nn.Conv2d(3, 24, 3, padding=1, bias=False)
        layers = [nn.BatchNorm2d(24), nn.ReLU()]
        for inputs, outputs, stride in ((24, 48, 2), (48, 96, 2), (96, 96, 1)):
            layers += [nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)]
            layers += [nn.BatchNorm2d(outputs), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(96, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = (images - self.mean[:, None, None]) / self.std[:, None, None]
        return self.head(self.body(self.stem(x)).mean((2, 3)))
