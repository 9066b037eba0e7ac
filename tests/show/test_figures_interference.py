"""Tables and figures of what was added or taken away say what they are given."""

import numpy as np
import pytest

from camgan_lib.measure.bands import causal
from camgan_lib.measure.statistics import difference, of_units
from camgan_lib.show.figures import interference


def share(mean: float):
    """A share whose photos vary, each mean's in an order of its own."""
    spread = np.random.default_rng(round(100 * abs(mean))).permutation(np.linspace(-0.1, 0.1, 20))
    return of_units(mean + spread, unit="photo", bounds=(0, 1))


def test_steps_show_differences_with_their_sign():
    text = repr(interference.steps({"own − other": difference(share(0.8), share(0.5)), "a − b": share(-0.1)}))
    assert "+30.0 (+2" in text
    assert "-10.0 (" in text
    assert "20 photos" in text


def test_removals_are_shown_beside_other_bins():
    row = {"bins": "odd_eighths", "share_of_power": 0.1, "share_random": 0.09, "p": 0.04, "all": share(0.9)}
    row |= {"without": share(0.2), "without_random": share(0.6), "difference": difference(share(0.2), share(0.6))}
    text = repr(interference.removal([row]))
    assert "odd eighths" in text
    assert "-40.0 (" in text
    assert "0.040" in text


def test_losses_say_what_they_show():
    curve = [share(0.9 - 0.05 * k) for k in range(10)]
    text = repr(interference.losses(causal({"stop below": curve, "stop above": curve[::-1]}, 0.25)))
    assert text.count("a loss is shown") == 2
    assert "all above 0.25 cycles/pixel" in text


def test_figures_are_drawn():
    rows = [
        {"removed": removed, "radius": radius, "seeds": 2, "retrained": share(0.6), "trained": share(0.3)}
        | {"classifier": share(0.2), "whole": share(0.9), "relied": share(0.3), "needed": share(0.3)}
        for removed in ("high", "low")
        for radius in (0.25, 0.5)
    ]
    curves = {"a": [share(0.5)] * 3, "a name that is rather long and has to be wrapped": [share(0.2)] * 3}
    figure = interference.retraining(rows, chance=0.25)
    for each in (figure, interference.curves([0, 1, 2], curves, "strength", chance=0.25)):
        each.canvas.draw()
    assert [axes.get_title() for axes in figure.axes] == ["removed: above the radius", "removed: up to the radius"]
    assert len(interference.relied(rows).rows) == 4
    assert interference.relied(rows).rows[0][0] == "above 0.25"
    with pytest.raises(KeyError):
        interference.retraining([{"removed": "high", "radius": 0.25}], chance=0.25)
