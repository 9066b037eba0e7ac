"""Long tables as figures: each number stands where it is, with its interval."""

from dataclasses import replace

import numpy as np
import pytest

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures import sweep
from camgan_lib.show.figures.forest import forest, in_percent
from camgan_lib.show.figures.palette import GROUND, camera_colour
from camgan_lib.show.figures.style import NARROW

ONE = Estimate(0.5, 0.25, 1.0, 5, "seed", "made up")
ALONE = replace(ONE, value=0.75, low=np.nan, high=np.nan)
ROWS = ["a", "b", "c"]


def points(axes):
    """The points of a panel that stand for numbers, from the top: (x, y, colour, filled)."""
    marks = [line for line in axes.lines if line.get_marker() in "os^" and len(line.get_xdata())]
    found = [
        (float(x), float(y), line.get_color(), line.get_markerfacecolor() != GROUND)
        for line in marks
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    ]
    return sorted(found, key=lambda point: -point[1])


def intervals(axes):
    lines = [line for line in axes.lines if line.get_linestyle() == "-" and line.get_marker() == "None"]
    return [tuple(map(float, line.get_xdata())) for line in lines if len(line.get_xdata()) == 2]


def test_each_number_is_a_point_and_each_interval_a_line():
    axes = forest(ROWS, {"right": {"one": [ONE, ALONE, None]}}).axes[0]
    assert [(x, y) for x, y, *_ in points(axes)] == [(0.5, 2), (0.75, 1)]
    assert intervals(axes) == [(0.25, 1.0)]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["c", "b", "a"]


def test_a_row_that_may_be_chance_is_hollow_and_zero_is_dashed():
    axes = forest(ROWS, {"p": {"": [ONE] * 3}}, at={"p": 0.0}, hollow={("p", 1)}).axes[0]
    assert sorted((y, filled) for _, y, _, filled in points(axes)) == [(0, True), (1, False), (2, True)]
    assert any(line.get_linestyle() == "--" and set(line.get_xdata()) == {0.0} for line in axes.lines)


def test_cameras_keep_their_colours_and_series_their_marks():
    series = {"one": [0.1, 0.2, 0.3], "two": [0.4, 0.5, 0.6]}
    axes = forest(ROWS, {"p": series}, cameras=True).axes[0]
    assert [colour for *_, colour, _ in points(axes)] == [camera_colour(row) for row in (0, 0, 1, 1, 2, 2)]
    assert [colour for *_, colour, _ in points(forest(ROWS, {"p": series}).axes[0])] == [
        camera_colour(number) for number in (0, 1, 0, 1, 0, 1)
    ]


@pytest.mark.parametrize("panels", [1, 4, 5, 8])
def test_panels_stand_side_by_side_and_on_a_phone_below_each_other(panels):
    figure = forest(ROWS, {f"panel {k}": {"": [ONE] * 3} for k in range(panels)})
    assert sum(axes.get_visible() for axes in figure.axes) == panels
    narrow = figure.narrow()
    assert narrow.get_figwidth() == NARROW
    assert {axes.get_subplotspec().colspan.start for axes in narrow.axes} == {0}


def test_shares_are_drawn_in_percent():
    assert in_percent([0.5, None]) == [50, None]
    (share,) = in_percent([ONE])
    assert (share.value, share.low, share.high) == (50, 25, 100)


def test_differences_of_a_sweep_are_drawn_in_their_units():
    rows = [{"variant": "a", "share": ONE, "line": ONE, "shown": {"share"}}]
    figure = sweep.difference_points(rows, {"share": ("turned (points)", "+.1%"), "line": ("line (dB)", "+.1f")})
    share, line = (points(axes)[0] for axes in figure.axes[:2])
    assert (share[0], share[3], line[0], line[3]) == (50, True, 0.5, False)
