"""Sentences of chapter 5 follow their tests, in every direction."""

import pytest

from camgan_lib.measure.spectrum import CLASSES
from camgan_lib.verdicts import spectra
from tests.verdicts.results import e


@pytest.mark.parametrize(
    ("value", "words"), [(0.1, "more often than"), (-0.1, "less often than"), (0.01, "not told apart")]
)
def test_trained_generators_are_compared_with_one_more_set_of_untrained_ones(value, words):
    assert words in spectra.untrained_sentence(e(value, 0.05, 20, "set"))


def test_lines_beyond_untrained_generators_are_named():
    rows = [{"name": c, "bins": b, "difference": e(2.5, 1), "p": 1.0} for c in "AB" for b in CLASSES]
    assert spectra.beyond_sentence(rows).startswith("none of the 8 lines")
    rows[3]["p"] = 0.01
    assert spectra.beyond_sentence(rows).endswith(
        "1 is stronger (1 at odd eighths) than what untrained generators draw"
    )
    rows[0] |= {"p": 0.049, "difference": e(-9.0, 1)}
    rows[4] |= {"p": 0.0, "difference": e(-9.0, 1)}
    assert "2 are weaker (2 at ½ on the axes) and 1 is stronger" in spectra.beyond_sentence(rows)


def test_lines_at_odd_eighths_must_be_above_nothing():
    rows = [{"name": name, "odd_eighths_db": e(value, 0.5)} for name, value in (("A", 0.4), ("B", -2.0))]
    assert spectra.eighths_sentence(rows) == "no generator is shown to draw them"
    rows[0]["odd_eighths_db"] = e(1.5, 0.5)
    assert spectra.eighths_sentence(rows).startswith("lines at odd eighths are shown in A (+1.5")


def test_coherent_bins_are_counted():
    low = {f"{c}_coherence": 0.01 for c in CLASSES} | {f"{c}_critical_coherence": 0.02 for c in CLASSES}
    rows = [low, {**low, "quarters_coherence": 0.03}]
    assert "0 of 2 generators at ½ on the axes" in spectra.coherent_sentence(rows)
    assert "1 of 2 generators at quarters" in spectra.coherent_sentence(rows)


def test_cameras_whose_variance_is_periodic_are_named():
    none, strong = {"quarters_db": e(1.0, 2.0), "axis_nyquist_db": e(-3.0, 1.0)}, {"quarters_db": e(4.0, 2.0)}
    assert "In no camera" in spectra.variance_sentence({"A": none, "B": none})
    said = spectra.variance_sentence({"A": {**none, **strong}, "B": none})
    assert said.endswith("in A (quarters, +4.0 dB).")
