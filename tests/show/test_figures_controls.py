"""Tables and figures of the controls say what they are given."""

from dataclasses import replace

import numpy as np

from camgan_lib.measure import seeds, statistics, sweep_summary
from camgan_lib.show.figures import controls, sweep

RNG = np.random.default_rng(0)


def estimate(value, half):
    return replace(statistics.over([value, value], "seed"), value=value, low=value - half, high=value + half)


LINES = {name: estimate(1.0, 0.5) for name in controls.LINES}
FOUND = [
    {
        "kind": kind,
        "n": 5,
        "turned_at_least: quantized": estimate(0.6, 0.1),
        "turned_at_least: auxiliary": estimate(0.8, 0.1),
        "taken: auxiliary": estimate(0.9, 0.2),
        "taken: quantized": statistics.over([0.7], "seed"),
        "l1": estimate(0.03, 0.01),
        "null_coherence": estimate(0.002, 0),
        **LINES,
    }
    for kind in ("a", "b")
]


def test_tables_hold_means_and_intervals():
    text = repr(controls.table1(FOUND, {"kind": "kind"}, "c"))
    assert "90.0% (70.0% to 100.0%)" in text
    assert "70.0% (" not in text
    assert "+1.0 (+0.5 to +1.5)" in repr(controls.lines(FOUND, {"kind": "kind"}, "c"))
    assert "of 500 images" in repr(controls.lines(FOUND, {"kind": "kind"}, "c"))
    assert "0.900 (0.700 to 1.100)" in repr(sweep.table(FOUND, ["kind"]))


def test_generators_that_return_their_input_have_no_lines():
    copies = {**FOUND[0], "variant": "copies", "l1": estimate(0.0, 0.0)}
    changes = {**FOUND[1], "variant": "changes", "axis_nyquist_coherence": estimate(0.01, 0.02)}
    text = repr(controls.lines([copies, changes], {"variant": "variant"}, "c"))
    assert text.count("–") == len(controls.LINES)
    assert "0.01 (0.00 to 0.03)" in text
    figure = controls.line_dots({"one": [copies, changes]})
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["changes"]


def test_differences_of_shares_are_in_points_and_missing_ones_no_test():
    row = {"variant": "a", "share": estimate(0.125, 0.01), "line": None, "shown": ["share"]}
    text = repr(sweep.differences([row], {"share": ("S", "+.1%"), "line": ("L", "+.1f")}, "of", "about"))
    assert "+12.5 (+11.5 to +13.5) *" in text
    assert "–" in text
    assert "all 1 tests" in text


def test_differences_beyond_chance_are_marked_and_dots_are_drawn():
    rows = [{"variant": "a", "x": statistics.over([5.0, 5.1, 4.9, 5.0], "seed"), "y": statistics.over([5, -5], "seed")}]
    rows = sweep_summary.shown_to_differ(rows)
    text = repr(sweep.differences(rows, {"x": ("X", "+.1f"), "y": ("Y", "+.1f")}, "of", "about"))
    assert "+5.0 (+4.9 to +5.1) *" in text
    assert text.count("*") == 2
    assert "all 2 tests" in text
    sets = {name: [{**row, "variant": row["kind"]} for row in FOUND] for name in ("one", "two")}
    controls.line_dots(sets).canvas.draw()


def test_stages_and_fingerprints_are_tables():
    row = {"stage": "mosaic", "size": 1.0, "accuracy": statistics.over([0.9], "seed"), "p": 1e-5}
    row |= {"recovered": estimate(0.7, 0.1), "by_crops": statistics.over([0.8], "seed")}
    assert "< 0.001" in repr(controls.stages([row]))
    rows = [{"definition": "d", "told": estimate(0.7, 0.1), "chance": 0.25, "truth": None}]
    assert "70% (60% to 80%)" in repr(controls.fingerprints({"generators": rows}))


def test_recovery_says_how_many_cameras_are_told():
    found = {
        "five seeds": {"own": [[0.5, 0.7], [0.7, 0.9]], "hits": [1, 2], "mean": estimate(0.7, 0.1)},
        "one": {"own": [[1.0, 0.8]], "hits": [2], "mean": statistics.over([0.9], "seed")},
    }
    text = repr(controls.recovery(found, ["x", "y"], on_choosing={"five seeds": 0.66}))
    assert "0.66" in text
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
    assert "0.1230" in repr(controls.distances(distances, {"nearest": 0.123}))
