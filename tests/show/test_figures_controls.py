"""Tables and figures of the controls say what they are given."""

import numpy as np

from camgan_lib.measure import seeds
from camgan_lib.show.figures import controls, sweep

RNG = np.random.default_rng(0)
LINES = {name: (1.0, 0.5, 1.5) for name in controls.LINES}
FOUND = [
    {
        "kind": kind,
        "n": 5,
        "turned_at_least: quantized": (0.6, 0.5, 0.7),
        "turned_at_least: auxiliary": (0.8, 0.7, 0.9),
        "taken: auxiliary": (0.9, 0.8, 1.0),
    }
    | {"taken: quantized": (0.7, float("nan"), float("nan")), "l1": (0.03, 0.02, 0.04), **LINES}
    for kind in ("a", "b")
]


def test_tables_hold_means_and_intervals():
    text = repr(controls.table1(FOUND, {"kind": "kind"}, "c"))
    assert "90.0% (80.0% to 100.0%)" in text
    assert "70.0% (" not in text
    assert "+1.0 (+0.5 to +1.5)" in repr(controls.lines(FOUND, {"kind": "kind"}, "c"))
    assert "0.900 (0.800 to 1.000)" in repr(sweep.table(FOUND, ["kind"]))


def test_rows_of_several_cameras_are_averaged():
    rows = [
        {
            "camera": c,
            "kind": "PGD",
            "l2": l2,
            "turned": {"auxiliary": share, "quantized": 0.5},
            **dict.fromkeys(controls.LINES, 0),
        }
        for c, l2, share in (("x", 100, 0.2), ("y", 300, 0.4))
    ]
    text = repr(controls.attacks(rows))
    assert "200" in text
    assert "30.0%" in text


def test_recovery_says_how_many_cameras_are_told():
    found = {
        "five seeds": {"own": [[0.5, 0.7], [0.7, 0.9]], "hits": [1, 2], "mean": [0.7, 0.6, 0.8]},
        "one": {"own": [[1.0, 0.8]], "hits": [2], "mean": [0.9]},
    }
    text = repr(controls.recovery(found, ["x", "y"]))
    assert "0.70 (0.60 to 0.80)" in text
    assert "1 to 2 of 2" in text
    assert "2 of 2" in text.splitlines()[-1]


def test_figures_are_drawn():
    true = RNG.normal(size=(2, 32, 32, 3))
    for figure in (
        controls.recovered(true, {"one": true}, ["x", "y"]),
        sweep.cells(FOUND, ["kind"]),
    ):
        figure.canvas.draw()
    distances = {"nearest": seeds.distances(RNG.normal(size=(3, 2, 8)), draws=20)}
    assert "nearest" in repr(controls.distances(distances))
