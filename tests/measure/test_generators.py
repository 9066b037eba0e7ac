"""What is measured of a generator, on generators with a known answer."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.measure import generators, spectrum

CPU = torch.device("cpu")
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(40, 216, (64, 32, 32, 3)).astype(np.uint8)


class Adds(nn.Module):
    """Adds a fixed pattern H×W in 8-bit levels."""

    def __init__(self, pattern):
        super().__init__()
        self.pattern = torch.from_numpy(pattern).float() / 127.5

    def forward(self, images):
        return images + self.pattern


class Says(nn.Module):
    """Takes every image for one class."""

    def __init__(self, label):
        super().__init__()
        self.label = label

    def forward(self, images):
        return nn.functional.one_hot(torch.full((len(images),), self.label), 4).float()


def measure(pattern):
    judges = {"always": Says(2), "never": Says(1)}
    return generators.measure(Adds(pattern), IMAGES, 2, judges, CPU)


def test_a_planted_line_is_found_at_its_place_with_its_strength():
    """cos(πx) of amplitude a: |F|² = (a Σw)² / Σw² at (½, 0), and nothing elsewhere but the noise that is added."""
    across = np.cos(np.pi * np.arange(32))[None, :] * np.ones((32, 1))
    noise = RNG.normal(0, 3, (32, 32))
    found = measure(8 * across + np.rint(noise))
    db = generators.unpack(found["residual_db"])
    window = spectrum.hann(32)
    wanted = 10 * np.log10((8 * window.sum()) ** 2 / (window**2).sum())
    assert db[16, 0] == pytest.approx(wanted, abs=1.5)
    assert np.unravel_index(db.argmax(), db.shape) == (16, 0)
    assert found["axis_nyquist_db"] > 5
    assert found["axis_nyquist_coherence"] == pytest.approx(1, abs=1e-6)


def test_a_generator_that_changes_nothing_gives_the_null():
    found = measure(np.zeros((32, 32)))
    assert found["l1"] == 0
    assert found["taken"] == found["untouched"] == {"always": 1.0, "never": 0.0}
    assert np.abs(generators.unpack(found["ratio_db"])).max() < 0.01


def test_spectra_are_packed_and_unpacked():
    power = spectrum.decibel(spectrum.power(IMAGES.astype(float))).mean(0)
    assert np.abs(generators.unpack(generators.pack(power)) - power).max() < 0.05
    assert generators.unpack(generators.pack(power[..., 0])).shape == (32, 32)
