"""Tables and figures on fooling say what they are given."""

from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures import controls, fooling


def share(value: float) -> Estimate:
    return Estimate(value, value - 0.1, value + 0.1, 40, "scene", "drawn")


LINES = dict.fromkeys(controls.LINES, 1.0)


def test_the_figure_has_a_panel_for_each_judge_and_a_line_for_each_kind():
    judges = ("auxiliary", "quantized", "spectral", "plain 0", "plain 1")
    rows = [
        {"kind": kind, "strength": s, "l2": 300 * s, "turned": {judge: share(0.5) for judge in judges}}
        for kind in ("generator", "PGD")
        for s in (0.5, 1.0, 2.0)
    ]
    figure = fooling.turned(rows)
    figure.canvas.draw()
    shown = [panel for panel in figure.axes if panel.get_visible()]
    assert [panel.get_title() for panel in shown][:3] == ["test (auxiliary)", "transfer (8-bit)", "spectral judge"]
    assert len(shown) == 5
    assert len(shown[0].containers) == 2


def test_tables_hold_shares_with_their_intervals():
    text = repr(fooling.more({"generator − PGD": {"auxiliary": share(0.25)}}, {"auxiliary": ["red"]}))
    assert "without red in the column test (auxiliary)" in text
    assert "+25.0 (+15.0 to +35.0)" in text
    rows = [
        {"camera": c, "kind": "PGD", "strength": s, "l2": l2 * s, "off": 0.001, **(LINES if s == 1 else {})}
        for c, l2 in (("x", 100.0), ("y", 300.0))
        for s in (0.5, 1.0)
    ]
    assert "200.0" in repr(fooling.changes(rows))
    row = {"content": "crops", "n": 240, "turned": {"auxiliary": share(0.7)}}
    text = repr(fooling.content([{**row, "l1": 0.03, **LINES}]))
    assert "70.0% (60.0% to 80.0%)" in text
