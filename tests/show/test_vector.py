"""Figures as SVG: pixels as they are, colours of the page, ids of their own, and nothing that a page needn't hold."""

import base64
import importlib.util
import io
import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from camgan_lib.base import paths
from camgan_lib.show.figures import inline, layout, palette, style
from camgan_lib.show.figures import svg as elements

spec = importlib.util.spec_from_file_location("extension", paths.ROOT / "book" / "_ext" / "vector.py")
extension = importlib.util.module_from_spec(spec)
spec.loader.exec_module(extension)
RNG = np.random.default_rng(0)


def picture(image, **imshow):
    figure = style.new_figure(3, 2)
    style.bare(figure.add_subplot()).imshow(image, **imshow)
    figure.suptitle("Über −½ dB")
    return figure


@style.responsive
def lines(values, *, width=style.WIDTH):
    figure, several = layout.panels(2, width, least=2, height=2)
    for number, axes in enumerate(several):
        axes.plot(values, color=palette.camera_colour(number))
        axes.axhline(0.5, color=palette.STRONG)
        axes.text(0, 0, "on a cell", color=palette.ON_DARK)
        axes.imshow(np.arange(4).reshape(2, 2), aspect="auto")
    return figure


def inlined(svg, prefix="f0"):
    kept, letters = [], {}
    drawings = inline.inlined(svg, prefix, lambda png: kept.append(png) or f"{len(kept)}.png", letters)
    return drawings, kept, letters


@pytest.mark.parametrize(
    "image",
    [
        RNG.integers(0, 256, (32, 32, 3), dtype=np.uint8),
        RNG.integers(0, 2, (5, 7, 3), dtype=np.uint8) * 255,
        np.dstack([RNG.integers(0, 256, (9, 4, 3), dtype=np.uint8), np.full((9, 4), 100, np.uint8)]),
    ],
    ids=["many colours", "few colours", "transparent"],
)
def test_pixels_are_kept_one_by_one(image):
    (drawing,), (png,), _ = inlined(picture(image)._repr_svg_())
    with Image.open(io.BytesIO(png)) as found:
        np.testing.assert_array_equal(np.asarray(found.convert("RGBA" if image.shape[2] == 4 else "RGB")), image)
    assert "image-rendering:pixelated" in drawing.svg


def test_an_image_larger_than_its_place_is_not_thinned_out():
    (drawing,), _, _ = inlined(picture(RNG.random((900, 900)))._repr_svg_())
    assert "<image" in drawing.svg
    assert "pixelated" not in drawing.svg


def test_colours_follow_the_page_but_for_text_on_cells():
    (wide, narrow), _, _ = inlined(lines([0, 1])._repr_svg_())
    for drawing in (wide, narrow):
        for value in ("var(--camgan-camera-1)", "var(--camgan-camera-2)", "var(--camgan-strong)", "currentColor"):
            assert value in drawing.svg
        assert set(re.findall(r"#[0-9a-f]{6}", drawing.svg)) == {palette.ON_DARK}
        assert elements.GROUND_CLASS not in drawing.svg, "the figure has no ground of its own"


def test_ids_are_those_of_one_drawing_and_all_that_is_referred_to_is_there():
    found, letters = [], {}
    for number in range(2):
        found += inline.inlined(lines([0, 1])._repr_svg_(), f"f{number}", lambda png: "x.png", letters)
    ids = re.findall(r' id="([^"]+)"', "".join(each.svg for each in found) + inline.sprite(letters))
    assert len(ids) == len(set(ids))
    referred = set(re.findall(r'(?:href="|url\()#([^")]+)', "".join(each.svg for each in found)))
    assert referred <= set(ids)
    assert inline.sprite(letters).count("<path") == len(letters) < 40, "each letter once for all figures"
    ElementTree.fromstring(inline.sprite(letters))


def test_a_file_alone_is_on_white_and_the_narrow_drawing_repeats_no_image():
    svg = lines([0, 1])._repr_svg_()
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{{{elements.SVG}}}svg"
    assert elements.GROUND_CLASS in svg
    assert svg.count("data:image/png") == 2
    assert svg == lines([0, 1])._repr_svg_(), "the file is the same whenever it is made"
    assert "metadata" not in svg
    assert (float(root.get("width")), float(root.get("data-type"))) == pytest.approx((96 * 7.1, 11.67), abs=8)


def test_a_narrow_figure_has_its_panels_one_below_the_other():
    wide, narrow = (lines([0, 1]), lines([0, 1]).narrow())
    assert [axes.get_subplotspec().get_gridspec().nrows for axes in (wide.axes[0], narrow.axes[0])] == [1, 2]


@pytest.mark.parametrize("count", [2, 3, 9])
def test_names_at_ends_of_lines_do_not_overlap(count):
    figure, (axes,) = layout.panels(1, 5, least=5, height=3)
    axes.set_ylim(0, 1)
    layout.names_at_ends(axes, [(0.5 + 0.01 * n, f"name {n}", "black") for n in range(count)])
    figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in axes.texts), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 0.5 for below, above in pairwise(boxes))
    assert min(axes.texts, key=lambda text: text.xy[1]).get_text() == "name 0"


def test_the_page_gets_both_drawings_with_names_sizes_and_a_switch():
    (wide, narrow), _, _ = inlined(lines([0, 1])._repr_svg_(), "f3")
    box = extension.box([wide, narrow], 3, 'A "quoted" <line>')
    assert box.count('role="img" aria-label="A &quot;quoted&quot; &lt;line&gt;"') == 2
    assert 'id="f3w"' in box
    assert f"--least: {inline.least_width(wide)}px" in box
    assert "tabindex" not in box
    assert extension.switch([wide, narrow], 3)[0].startswith(
        f"@container (max-width: {inline.least_width(wide) - 1}px)"
    )
    assert wide.width * inline.least_width(wide) / wide.width * wide.type / wide.width >= 10.9
    alone = extension.box([wide], 0, "x")
    assert 'tabindex="0"' in alone, "what scrolls can be reached by keyboard"
    assert "camgan-wide" not in alone
    assert extension.switch([wide], 0) == []


def test_images_are_re_encoded_in_a_smaller_form():
    magma = picture(RNG.random((64, 64)), cmap="magma")._repr_svg_()
    (data,) = re.findall(r"base64,([^\"]+)", magma)
    assert len(base64.b64decode(data)) < 64 * 64 + 1500, "one byte per pixel and a palette"
