"""The first page's live figure: its pictures, spectra and shares are those of numpy; used by mouse and by keyboard."""

import numpy as np
import pytest

from camgan_lib.measure import spectrum
from camgan_lib.show.widgets import base
from camgan_lib.show.widgets.hero import CAMERAS, Hero

NAMES = ["first", "second <b>"]
SHARES = {
    "strengths": [0.0, 0.5, 1.0],
    "n": 9,
    "shares": {"first": [0.1, 0.2, 0.3], "second <b>": [0.4, 0.6, 0.9]},
}
MORE, LESS, RANGE = (222, 110, 0), (118, 88, 204), 12


@pytest.fixture
def pictures():
    rng = np.random.default_rng(5)
    inputs = rng.integers(0, 256, (4, 32, 32, 3)).astype(np.uint8)
    drawn = [np.clip(inputs // d + rng.integers(0, 9 * d, inputs.shape), 0, 255).astype(np.uint8) for d in (1, 2, 3)]
    return inputs, dict(zip(NAMES, drawn, strict=False)), drawn[2]


@pytest.fixture
def page(browser, tmp_path, monkeypatch, pictures):
    """The widget in a page on disk, 400 pixels wide; no complaint may be made."""
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    Hero(*pictures, SHARES).keep(tmp_path)
    style = f"<!doctype html><meta charset=utf-8><title>t</title><style>{base.STYLE.read_text('utf-8')}</style>"
    body = (tmp_path / "hero.html").read_text("utf-8")
    (tmp_path / "page.html").write_text(f"{style}<body>{body}<script>{base.bundle()}</script>", "utf-8")
    context = browser.new_context(viewport={"width": 400, "height": 900}, has_touch=True)
    opened, said = context.new_page(), []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto((tmp_path / "page.html").as_uri())
    opened.wait_for_selector(".camgan-widget[data-ready]")
    yield opened
    assert said == []
    context.close()


def rgba(page, label):
    flat = page.get_by_label(label, exact=True).evaluate("c => [...c.getContext('2d').getImageData(0, 0, 32, 32).data]")
    return np.array(flat).reshape(32, 32, 4)


def redrawn(inputs, made, strength):
    return np.clip(np.rint(inputs + strength * (made.astype(float) - inputs)), 0, 255)


@pytest.mark.browser
def test_picture_spectrum_and_share_are_numpys(page, pictures):
    inputs, stylised, _ = pictures
    page.get_by_role("button", name="second <b>").click()
    page.get_by_label("strength").fill("60")
    page.get_by_role("button", name="picture 3").click()
    made = redrawn(inputs, stylised["second <b>"], 0.6)
    assert np.abs(rgba(page, "the picture, redrawn")[..., :3] - made[2]).max() <= 1
    levels = [spectrum.mean_level(spectrum.luminance(images)) for images in (made, inputs)]
    change, drawn = levels[0] - levels[1], rgba(page, "change of the mean spectrum")
    assert np.abs(drawn[..., 3] - 255 * np.minimum(1, np.abs(change) / RANGE)).max() <= 4
    clear = np.abs(change) > 3
    assert np.abs(drawn[clear][:, :3] - np.where(change[clear][:, None] > 0, MORE, LESS)).max() <= 6
    said = page.locator(".camgan-reading").inner_text()
    assert said == "At 50 % the second network takes 60 % of 9 such pictures for second <b>; untouched, 40 %."


@pytest.mark.browser
def test_nothing_changes_at_strength_zero_and_keys_move_it(page, pictures):
    page.get_by_label("strength").focus()
    page.keyboard.press("Home")
    assert (rgba(page, "change of the mean spectrum")[..., 3] == 0).all()
    assert (rgba(page, "the picture, redrawn")[..., :3] == pictures[0][0]).all()
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("strength").input_value() == "5"
    page.get_by_role("button", name="never trained").focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("button", name="never trained").get_attribute("aria-pressed") == "true"
    assert "never trained and has seen no camera" in page.locator(".camgan-reading").inner_text()
    assert page.locator(".camgan-hero-bar").is_hidden()


def test_pictures_of_other_shapes_are_refused_and_few_cameras_shown(pictures):
    inputs, stylised, untrained = pictures
    with pytest.raises(ValueError, match="of one shape"):
        Hero(inputs, stylised, untrained[:2], SHARES)
    many = {f"camera {k}": inputs for k in range(9)}
    widget = Hero(inputs, many, untrained, {**SHARES, "shares": {camera: [0, 0, 0] for camera in many}})
    assert widget.names == list(many)[:CAMERAS] == list(widget.strengths["shares"])
    assert len(widget.pixels) == (CAMERAS + 2) * inputs.size
