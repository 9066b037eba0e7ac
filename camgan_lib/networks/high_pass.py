"""First layers that begin as high-pass filters, so that a network looks at fine detail from the start."""

import itertools

import numpy as np
import torch
from torch import nn


def high_pass(count: int, side: int = 5, norm: float = 30.0) -> nn.Conv2d:
    """A first layer whose filters begin as the `count` highest frequencies of the cosine transform, grey or coloured.

    Their `norm` is far above that of random filters (see `classifier_training.least_varying`).
    """
    n = np.arange(side)
    waves = np.cos(np.pi * (n + 0.5) * n[:, None] / side)
    waves /= np.linalg.norm(waves, axis=1, keepdims=True)
    colours = np.array([[1, 1, 1], [1, 0, -1], [1, -2, 1]]) / np.sqrt([[3], [2], [6]])
    highest = sorted(itertools.product(n, n, range(3)), key=lambda each: (-each[0] - each[1], each))[:count]
    kernels = [np.multiply.outer(colours[c], np.outer(waves[u], waves[v])) for u, v, c in highest]
    layer = nn.Conv2d(3, count, side, padding=side // 2, bias=False)
    layer.weight.data.copy_(torch.from_numpy(norm * np.stack(kernels)))
    return layer
