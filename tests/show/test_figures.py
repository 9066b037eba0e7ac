"""Figures and tables: readable text, right shapes, no photo where none may be shown."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from camgan_lib.measure import averages, colours, lines, spectrum, statistics
from camgan_lib.measure.estimates import Estimate
from camgan_lib.show.figures import (
    classifier,
    explanations,
    faithfulness,
    frequency,
    inline,
    provenance,
    style,
    style_gan,
    summary,
)
from camgan_lib.verdicts import wording

RNG = np.random.default_rng(0)
CAMERAS = ("alpha", "beta", "gamma", "delta")
RIGHT = Estimate(0.9, 0.74, 0.98, n=9, unit="photo", method="")


def crops(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def maps(count: int) -> np.ndarray:
    return RNG.random((count, 32, 32))


def small_texts(figure: Figure) -> list[tuple[str, float]]:
    """Visible text below 11 pixels at the figure's natural size."""
    from matplotlib.text import Text

    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text()]
    return [(t.get_text(), t.get_fontsize()) for t in texts if t.get_fontsize() * 96 / 72 < 11]


def pictures(figure: Figure) -> list[np.ndarray]:
    return [
        np.asarray(image.get_array())
        for axes in figure.findobj(lambda a: hasattr(a, "get_images"))
        for image in axes.get_images()
    ]


LAYER = {
    "filters": np.array([3, 1, 0]),
    "share": np.array([0.5, 0.2, 0.1]),
    "blurred": RNG.normal(size=(3, 32, 32, 3)),
    "plain": RNG.normal(size=(3, 32, 32, 3)),
    "top": np.array([[0, 1], [1, 2], [2, 3]]),
}
DB = {name: RNG.normal(20, 5, (6, 32, 32, 3)) for name in ("no style", *CAMERAS)}
INFIDELITY = [
    {"noise": level, "map": name, "infidelity": statistics.over([0.8, 0.9], "photo"), "p": 0.5, "below_noise": below}
    for level in (0.1, 3.0)
    for name, below in (("gradient", statistics.over([0.1, 0.2], "photo")), ("noise", None))
]
FIGURES = {
    "grid": lambda: style.image_grid(crops(12), 6),
    "titled": lambda: style.image_grid(crops(5), 3, [*"abcde"]),
    "rows": lambda: style.image_rows({name: crops(5) for name in CAMERAS}),
    "saliency": lambda: explanations.saliency(crops(16), maps(16), np.repeat(np.arange(4), 4), CAMERAS),
    "correlations": lambda: explanations.edge_correlations(
        RNG.uniform(-1, 1, 50), RNG.uniform(-1, 1, (4, 50)), statistics.over([0.1, 0.2], "photo")
    ),
    "edge filters": lambda: explanations.edge_filters(RNG.random(16), RNG.random(200)),
    "infidelity": lambda: faithfulness.infidelity(INFIDELITY, 0.9),
    "cascade": lambda: faithfulness.cascade(
        {"head": statistics.over([0.5, 0.6], "network"), "stem": statistics.over([0.1], "network")}
    ),
    "filters": lambda: explanations.filters({"early": LAYER, "late": LAYER}, crops(4)),
    "importance": lambda: explanations.importance({"early": RNG.random(16), "late": RNG.random(64)}),
    "first layer": lambda: explanations.first_layer(
        RNG.normal(size=(16, 3, 3, 3)), -30 * maps(16), RNG.random(16), RNG.random(16)
    ),
    "lime": lambda: explanations.lime(crops(4), CAMERAS, maps(4) - 0.5, maps(4) - 0.5),
    "mosaics": lambda: frequency.fft_mosaics(DB, 3),
    "means": lambda: frequency.mean_spectra({name: values.mean(0) for name, values in DB.items()}),
    "colours": lambda: frequency.pure_colours({name: colours.pure_colours() for name in CAMERAS}),
    "high pass": lambda: frequency.high_pass(
        *[{c: v[..., 0] for c, v in DB.items()}, *[{c: v[0, ..., 0] for c, v in DB.items()}] * 2]
    ),
    "consistency": lambda: frequency.consistency(
        {"x": statistics.over([0.7, 0.8, 0.85], "set"), "y": statistics.over([0.9], "scene group")}
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_draw_within_the_column_and_read(name):
    figure = FIGURES[name]()
    assert isinstance(figure, Figure)
    assert figure.png().startswith(b"\x89PNG")
    assert figure.get_size_inches()[0] in (style.WIDTH, style.WIDE) or figure.get_size_inches()[0] < style.WIDTH
    assert not small_texts(figure)


@pytest.mark.parametrize("name", [name for name in FIGURES if name not in ("grid", "titled")])
def test_figures_have_a_drawing_for_phones(name):
    """It is no wider than a phone, and its type no smaller than in the other drawing or 11 pixels."""
    figure = FIGURES[name]()
    narrow = figure.narrow()
    assert not small_texts(narrow)
    wide, phone = inline.inlined(figure._repr_svg_(), "f0", lambda png: "", {})
    assert wide.width <= 96 * style.WIDE
    assert min(phone.type, wide.type) >= 11
    assert inline.least_width(phone) <= 328, "fits into the smallest phone's column"


def test_tables_of_faithfulness_hold_intervals():
    text = repr(faithfulness.infidelity_table(INFIDELITY))
    assert "2 photos" in text
    assert "0.850 (" in text
    gain = statistics.over([0.1, 0.12, 0.08], "photo")
    text = repr(faithfulness.gains([{"order": "o", "area": 0.4, "random": 0.5, "gain": gain}]))
    assert f"{gain:+.3f}" in text


def test_pixels_are_never_interpolated():
    for image in style.image_grid(crops(4), 2).axes[0].get_images():
        assert image.get_interpolation() == "none"


def test_mosaic_puts_images_in_rows():
    sheet = style.mosaic(crops(5), 3, gap=2, fill=7)
    assert sheet.shape == (66, 100, 3)
    assert np.array_equal(sheet[:32, 34:66], crops(5)[1])
    assert (sheet[34:, 68:] == 7).all()
    with pytest.raises(ValueError, match="N ≥ 1"):
        style.mosaic(np.zeros((0, 4, 4)), 2)


def test_long_names_are_wrapped():
    assert style.wrapped("Canon-EOS-REBEL-T4i", 13) == "Canon-EOS-\nREBEL-T4i"
    assert style.wrapped("alpha") == "alpha"
    assert style.wrapped("no style") == "no style"


@pytest.mark.parametrize("show", [True, False])
def test_photos_are_shown_only_where_they_may_be(show):
    images = crops(16)
    drawn = [
        explanations.saliency(images, maps(16), np.repeat(np.arange(4), 4), CAMERAS, show=show),
        explanations.filters({"early": LAYER}, images, show=show),
        explanations.lime(images[:4], CAMERAS, maps(4), maps(4), show=show),
    ]
    for figure in drawn:
        found = any(p.shape == images[0].shape and (p == i).all() for p in pictures(figure) for i in images)
        assert found == show


def test_pick_takes_crops_of_different_photos_per_class():
    labels, photo = np.repeat([0, 1], 20), np.repeat(np.arange(10), 4)
    chosen = explanations.pick(labels, photo, 4, seed=3)
    assert labels[chosen].tolist() == [0] * 4 + [1] * 4
    assert len(set(photo[chosen])) == 8
    assert np.array_equal(chosen, explanations.pick(labels, photo, 4, seed=3))


def test_the_tables_of_lines_have_a_row_per_report():
    images = RNG.normal(size=(8, 32, 32, 3))
    report = lines.line_report(images)
    made = frequency.lines([{"name": "one", **report}, {"name": "two", **report}])
    assert [row[0] for row in made.rows] == ["one", "two"]
    assert "0.125" in made.caption
    row = {"name": "one", **report, "quarters_coherence": 0.9, "quarters_critical_coherence": 0.8}
    assert [cell.endswith("*") for cell in frequency.coherences([row]).rows[0]][3]
    assert "0.900*" in frequency.lines([row]).rows[0][3]
    found = lines.of_photos(images, np.arange(8))
    shown = frequency.strengths([{"name": "one", "set": "residual", **found}], "Strengths")
    assert len(shown.header) == len(shown.rows[0]) == 2 + len(spectrum.CLASSES)
    assert shown.rows[0][2] == f"{found['axis_nyquist_db']:+.1f}"
    assert len(frequency.strengths([{"name": "one", **report}], "Strengths", "Of").header) == 1 + len(spectrum.CLASSES)


def test_readers_see_8_bit_where_code_says_quantized():
    found = {"quantized": {"accuracy": RIGHT, "photo_accuracy": RIGHT}}
    network = {"name": "quantized", "id": "1f", "date": "2026-11-25T00:00", "device": "cpu", "seconds": 9}
    for made in (classifier.accuracies(found, RIGHT, 4), provenance.training_table([network])):
        assert "8-bit" in repr(made)
        assert "quantized" not in repr(made)


def test_accuracies_and_table_1_show_intervals_in_small_type():
    made = classifier.accuracies({"auxiliary": {"accuracy": RIGHT, "photo_accuracy": RIGHT}}, RIGHT, 4)
    assert [row[1] for row in made.rows] == ["90.0% (74.0% to 98.0%)"] * 2 + ["25.0%"]
    assert '<small class="camgan-interval">(74.0 to 98.0)</small></td>' in made._repr_html_()
    row = {
        "camera": "a",
        **dict.fromkeys(("no_style", "test", "transfer", "l1"), RIGHT),
        "train": averages.counted(1, 9),
    }
    shown = style_gan.table1([row])
    assert shown.rows[0][1:4] == ["90.0% (74.0% to 98.0%)", "100.0%", "90.0% (74.0% to 98.0%)"]
    assert shown.rows[1] == ["paper: HTC-1-M7", "–", "100.0%", "97.9%", "65.5%", "–"]


def test_variants_are_averaged_over_cameras_with_intervals_where_there_are_any():
    def row(variant, test):
        return {"variant": variant, **dict.fromkeys(("train", "transfer", "l1"), test), "test": test}

    units = np.array([[0.9, 0.8, 1.0, 0.9], [0.5, 0.6, 0.7, 0.6]])
    measured = [row("one", statistics.of_units(each, unit="scene")) for each in units]
    made = style_gan.trial_table([*measured, row("two", 0.8), row("two", 0.6)]).rows
    assert [cell.split(" ")[0] for cell in made[0][1:4]] == ["75.0%", "75.0%", "60.0%"]
    assert " to " in made[0][1]
    assert made[1] == ["two", "70.0%", "70.0%", "60.0%", "70.0%", "0.700"]
    forgotten = [replace(statistics.of_units(each, unit="scene"), units=()) for each in units]
    assert style_gan.trial_table([row("three", each) for each in forgotten]).rows[0][1] == "75.0%"


def test_each_procedure_shows_what_was_simulated_of_it():
    rows = [
        {"procedure": "interval", "coverage": 0.953},
        {"procedure": "test", "false": 0.044, "power": {"5 points": 1}},
    ]
    shown = summary.coverage_table({"rows": rows, "run": {"studies": 2000}})
    assert shown.rows == [["interval", "95.3%", "", ""], ["test", "", "4.4%", "5 points: 100%"]]


@pytest.mark.parametrize(
    ("value", "text"), [(0.97312, "0.973"), (0.0, "0.000"), (2.1e-17, "2.1e-17"), (-0.5, "-0.500")]
)
def test_a_compact_number_is_never_rounded_to_nothing(value, text):
    assert wording.compact(value) == text
