"""The reliability diagram shows what was measured."""

import io

import numpy as np
import pytest

from camgan_lib.measure.identification import reliability
from camgan_lib.show.figures import classifier


def test_a_reliability_diagram_has_both_sides_and_their_errors():
    rng = np.random.default_rng(0)
    sure = rng.uniform(0.3, 1, 400)
    right, photo = rng.random(400) < sure - 0.1, np.repeat(np.arange(40), 10)
    found = {
        when: reliability(np.clip(sure - lower, 0, 1), right, photo) for when, lower in (("before", 0), ("after", 0.1))
    }
    figure = classifier.reliability(found)
    for axis, when in zip(figure.axes, ("before", "after"), strict=True):
        rows, marks = found[when]["rows"], axis.collections[-1]
        assert marks.get_offsets()[:, 0].tolist() == pytest.approx([row["confidence"] for row in rows])
        assert marks.get_offsets()[:, 1].tolist() == pytest.approx([row["right"].value for row in rows])
        assert np.argmax(marks.get_sizes()) == np.argmax([row["n"] for row in rows])
        assert axis.get_title() == f"{when} calibration: off by {100 * found[when]['error']:.1f} points"
    figure.savefig(io.BytesIO())
