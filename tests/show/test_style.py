"""Any name that a user gives to a camera is drawn as plain text, without error or warning, and escaped in HTML."""

import html
import re
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font
from matplotlib.text import Text

from camgan_lib.base.paths import ROOT
from camgan_lib.data.crops import CameraData, Crops
from camgan_lib.measure.statistics import of_units
from camgan_lib.show.figures import classifier, dataset, explanations, interference, lettering, palette, style_gan
from camgan_lib.show.figures.cells import typeset

NASTY = ("Ba$$in cam", "_under\\score^2", "日本 \u0627\u0644\u0639\u0631\u0628\u064a\u0629 😀", "two\nlines\tand \x01")
ANY = st.characters(exclude_categories=["Cs"])
RNG = np.random.default_rng(0)


def data(cameras: tuple[str, ...]) -> CameraData:
    n = len(cameras)
    crops = Crops(np.zeros((4 * n, 32, 32, 3), np.uint8), np.repeat(np.arange(n), 4), np.arange(4 * n) // 2)
    counts = {camera: {"train": 2, "test": 2} for camera in cameras}
    return CameraData(crops, crops, tuple(cameras), {"photos": counts, "left_out": [], "split": "random"})


def training(cameras):
    entry = dict.fromkeys([term for term, _ in style_gan.TERMS], 0.5)
    return {camera: [{"step": step, **entry} for step in (1, 2)] for camera in cameras}


def spectra(cameras):
    return RNG.normal(size=(len(cameras), 32, 32))


IMAGES = np.zeros((8, 32, 32, 3), np.uint8)
LINE = (np.array([0, 0.5]), np.array([1, 2]))
HALF = of_units(np.array([0.4, 0.5, 0.6]), unit="image")
FIGURES = {
    "samples": lambda names: dataset.samples(data(names)),
    "sheet": lambda names: dataset.sheet(data(names), camera=names[0], number=1),
    "mean spectra": lambda names: dataset.mean_spectra(spectra(names), names),
    "radial": lambda names: dataset.radial([LINE] * len(names), names),
    "confusions": lambda names: classifier.confusions({"auxiliary": np.eye(len(names))}, names),
    "curves": lambda names: style_gan.curves(training(names)),
    "close-up": lambda names: style_gan.close_up(IMAGES[:2], dict.fromkeys(names, IMAGES[:2]), names),
    "shares": lambda names: interference.curves([0, 1], {n: [HALF] * 2 for n in names}, "", chance=0.5),
    "lime": lambda names: explanations.lime(IMAGES[: len(names)], names, spectra(names), spectra(names)),
}


def drawn(name: str, cameras) -> tuple[Figure, str]:
    """The figure and its SVG file, with both drawings; any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = FIGURES[name](cameras)
        return figure, figure._repr_svg_()


@pytest.mark.parametrize("name", FIGURES)
def test_names_of_every_kind_are_drawn_as_plain_text(name):
    figure, _ = drawn(name, NASTY)
    texts = figure.findobj(Text)
    assert not any(text.get_parse_math() for text in texts)
    shown = {text.get_text().replace("\u200b", "").replace("\n", " ") for text in texts}
    assert any("Ba$$in" in text for text in shown)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["samples", "radial", "confusions", "shares"]),
    st.lists(st.text(ANY, min_size=1, max_size=60), min_size=2, max_size=2, unique=True),
)
def test_any_name_is_drawn_and_escaped(name, cameras):
    drawn(name, tuple(cameras))
    shown = dataset.counts(data(tuple(cameras)))._repr_html_()
    named = re.findall(r'<th scope="row"[^>]*>(.*?)</th>', shown, re.S)
    assert [html.unescape(re.sub("<[^>]*>", "", name)) for name in named] == [typeset(camera) for camera in cameras]


def test_no_camera_is_left_out_of_a_legend():
    figure = FIGURES["curves"](("_first", " ", "third"))
    assert [text.get_text().strip("\u200b ") for text in figure.legends[0].get_texts()] == ["_first", "", "third"]


@pytest.mark.parametrize("name", ["radial", "shares"])
def test_each_line_has_its_name_at_its_end_in_its_colour(name):
    figure = FIGURES[name](("_first", " ", "third"))
    names = {text.get_text().strip("\u200b "): text.get_color() for text in figure.axes[0].texts}
    assert names == {name: palette.camera_colour(label) for label, name in enumerate(("_first", "", "third"))}


@pytest.mark.parametrize("name", ["radial", "shares", "confusions"])
def test_a_long_name_does_not_crowd_out_the_picture(name):
    _, svg = drawn(name, ("x" * 200, "a " * 100, "b\n" * 40))
    sizes = re.findall(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"', svg)
    assert len(sizes) == 2
    assert max(float(size) for each in sizes for size in each) <= 1000


def test_the_characters_of_our_own_figures_have_glyphs():
    known = get_font(fontManager.findfont("DejaVu Sans")).get_charmap()
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "camgan_lib" / "show" / "figures").glob("*.py"))
    assert not [letter for letter in set(sources) if letter.isprintable() and ord(letter) not in known]


def test_only_installed_families_are_asked_for():
    installed = set(fontManager.get_font_names())
    assert lettering.families()[0] == "DejaVu Sans"
    assert set(lettering.families()) <= installed
    assert mpl.rcParams["font.family"] == lettering.families()


def test_long_names_are_wrapped_and_cut():
    assert lettering.wrapped("x" * 40, 10) == "x" * 19 + "…"
    assert lettering.wrapped("\n".join("abcdefgh")) == "a\nb\nc\nd\ne\n…"
    assert lettering.cut("abcd", 4) == "abcd"
    assert lettering.cut("abcde", 4) == "abc…"
