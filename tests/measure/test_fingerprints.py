"""Definitions of a fingerprint on images whose difference is planted."""

import numpy as np
import pytest

from camgan_lib.measure import fingerprints, spectrum

RNG = np.random.default_rng(2)
INPUTS = RNG.integers(120, 136, (40, 32, 32, 3)).astype(np.uint8)
STRIPES = [np.zeros(32), 12 * np.cos(np.pi * np.arange(32)), 12 * np.cos(np.pi / 2 * np.arange(32))]
OUTPUTS = [(INPUTS + stripe[:, None, None]).clip(0, 255).astype(np.uint8) for stripe in STRIPES]
REAL = RNG.integers(120, 136, (60, 32, 32, 3)).astype(np.uint8)
TRUE = np.stack([spectrum.mean_level(each) for each in OUTPUTS])


def test_planted_patterns_are_told_and_agree_with_the_truth():
    rows = fingerprints.compare(OUTPUTS, INPUTS, REAL, TRUE)
    assert [row["definition"] for row in rows] == list(fingerprints.DEFINITIONS.values())
    assert [row["chance"] for row in rows] == pytest.approx([1 / 3] * 4)
    assert rows[0]["told"].value > 0.95
    assert min(row["told"].value for row in rows) > 0.6
    assert rows[0]["truth"].value == pytest.approx(1, abs=1e-3)
    assert rows[1]["truth"].value == pytest.approx(rows[0]["truth"].value, abs=1e-6), "a common reference drops out"
    assert fingerprints.compare(OUTPUTS, INPUTS, REAL, None)[0]["truth"] is None


def test_generators_that_are_alike_are_told_by_chance():
    alike = RNG.integers(120, 136, (3, 40, 32, 32, 3)).astype(np.uint8)
    rows = fingerprints.compare(list(alike), INPUTS, REAL, None)
    assert all(row["told"].low < 1 / 3 < row["told"].high for row in rows)


def test_the_nearest_real_image_is_itself():
    flat = REAL.reshape(len(REAL), -1)
    assert fingerprints.nearest(flat[7:9], flat).tolist() == [7, 8]
    artefact = fingerprints.maps([REAL], REAL, REAL)
    assert np.abs(artefact["ManiFPT, frequency"]).max() == 0
    assert np.ptp(artefact["ManiFPT, pixels"]) < 1e-9, "no artefact: the level of rounding"


def test_a_perfect_imitation_leaves_nothing():
    assert fingerprints.left_over([REAL, INPUTS], [REAL, INPUTS]) == 0
    assert fingerprints.left_over([OUTPUTS[1]], [INPUTS]) > 0.5
