"""Figure and table of the ranking of explanations."""

from matplotlib.text import Text

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.known_truth import OTHERS
from camgan_lib.show.figures import attribution
from camgan_lib.show.figures.style import WIDTH

STAGES = ("mosaic", "demosaicing", "noise", "sharpening", "subsampling")
METHODS = ("gradient", "WAM, smoothed", "gradient, untrained", "WAM, smoothed, untrained")
NAMES = (*METHODS, "highest first", "strongest first", "random", "all alike")


def about(value: float) -> Estimate:
    return Estimate(value, value - 0.1, value + 0.1, n=6, unit="network", method="")


ROWS = [
    {"stage": stage, "truth": "mean spectrum", "method": name, "score": about(0.5 - 0.1 * place)}
    for stage in STAGES
    for place, name in enumerate(NAMES)
]


def test_the_figure_has_a_panel_per_stage_and_readable_text():
    figure = attribution.by_stage(ROWS, "mean spectrum")
    figure._repr_svg_()
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title() for axes in shown] == list(STAGES)
    labels = [text.get_text() for text in shown[0].get_yticklabels()]
    assert labels == ["strongest first", "highest first", "WAM, smoothed", "gradient"]
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]
    assert min(text.get_fontsize() for text in texts) >= 8
    assert figure.get_figwidth() == WIDTH


def test_the_table_tells_each_method_from_its_controls():
    compared = [
        {"a": name, "b": control, "difference": about(0.2), "p": 0.01}
        for name in METHODS[:2]
        for control in (f"{name}, untrained", OTHERS, "highest first")
    ]
    found = {"methods": [{"method": name, "score": about(0.4)} for name in NAMES], "comparisons": compared}
    table = attribution.ranking(found, "mean spectrum")
    assert table.rows[0] == ["gradient", "0.40 (0.30 to 0.50)", "0.40 (0.30 to 0.50)", *["+0.20 (p = 0.010)"] * 3]
    assert [row[0] for row in table.rows] == ["gradient", "WAM, smoothed", "highest first", "strongest first", "random"]
    assert table.header[3:] == ["Minus untrained", "Minus other stages' networks", "Minus highest first"]
    assert table.rows[-1][2:] == ["–"] * 4
