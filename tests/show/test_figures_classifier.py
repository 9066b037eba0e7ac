"""The reliability diagram shows what was measured."""

import io

import numpy as np
import pytest

from camgan_lib.measure.identification import reliability
from camgan_lib.show.figures import classifier


def test_a_reliability_diagram_has_both_curves_and_their_errors():
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.3, 1, 400)
    right, photo = rng.random(400) < sure - 0.1, np.repeat(np.arange(40), 10)
    found = {
        when: reliability(np.clip(sure - lower, 0, 1), right, photo) for when, lower in (("before", 0), ("after", 0.1))
    }
    figure = classifier.reliability(found)
    (axis,) = figure.axes
    for line, when in zip(axis.containers, ("before", "after"), strict=True):
        rows = found[when]["rows"]
        assert line[0].get_xdata() == pytest.approx([row["confidence"] for row in rows])
        assert line[0].get_ydata() == pytest.approx([row["right"].value for row in rows])
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [
        f"{when} calibration, off by {100 * found[when]['error']:.1f} points" for when in ("before", "after")
    ]
    figure.savefig(io.BytesIO())
