"""Widgets of chapters 2 to 4: used by mouse and by keyboard, their numbers those of numpy."""

import numpy as np
import pytest

from camgan_lib.data.crops import Crops
from camgan_lib.show.widgets import base
from camgan_lib.show.widgets.confusion_explorer import ConfusionExplorer
from camgan_lib.show.widgets.curves import Curves
from camgan_lib.show.widgets.gallery import Gallery
from camgan_lib.show.widgets.residual_slider import ResidualSlider

CAMERAS = ["first", "second <b>", "third"]


@pytest.fixture
def opened(browser, tmp_path, monkeypatch):
    """Opens a page with a widget, from disk; afterwards no complaint may have been made."""
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    context = browser.new_context(viewport={"width": 400, "height": 900}, has_touch=True)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    def show(widget, address=""):
        head = f"<!doctype html><meta charset=utf-8><title>t</title><style>{base.STYLE.read_text('utf-8')}</style>"
        script = f"<script>{base.bundle()}</script>"
        (tmp_path / "page.html").write_text(f"{head}<body>{widget.static_html()}{script}", "utf-8")
        page.goto((tmp_path / "page.html").as_uri() + address)
        page.wait_for_selector(".camgan-widget[data-ready]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        return page

    yield show
    assert said == []
    context.close()


def pixels(locator) -> np.ndarray:
    flat = locator.evaluate("c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")
    side = round((len(flat) / 4) ** 0.5)
    return np.array(flat, np.uint8).reshape(side, side, 4)[..., :3]


# --- confusion


@pytest.fixture
def judged():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 40)
    crops = Crops(rng.integers(0, 256, (120, 32, 32, 3)).astype(np.uint8), labels, np.arange(120))
    logits = rng.normal(size=(120, 3)) + 1.5 * np.eye(3)[labels]
    return crops, {"auxiliary": logits, "8-bit": np.roll(logits, 1, axis=1)}


@pytest.mark.browser
def test_a_cell_shows_its_count_and_its_crops(opened, judged):
    crops, logits = judged
    page = opened(ConfusionExplorer(crops, logits, CAMERAS))
    decided = logits["auxiliary"].argmax(1)
    for row in range(3):
        for column in range(3):
            count = int(((crops.labels == row) & (decided == column)).sum())
            assert page.locator(f'[data-cell="{row},{column}"]').inner_text() == str(count)
    page.locator('[data-cell="1,2"]').click()
    behind = np.flatnonzero((crops.labels == 1) & (decided == 2))
    shown = [pixels(page.locator(".camgan-thumb canvas").nth(i)) for i in range(page.locator(".camgan-thumb").count())]
    assert sorted(map(bytes, shown)) == sorted(map(bytes, crops.images[behind]))
    assert f"{len(behind)} crops by second <b> were taken for third" in page.locator(".camgan-reading").inner_text()


@pytest.mark.browser
def test_the_matrix_is_walked_by_keys(opened, judged):
    page = opened(ConfusionExplorer(*judged, CAMERAS))
    page.locator('[data-cell="0,1"]').focus()
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.cell") == "1,2"
    assert page.locator('[data-cell="1,2"]').get_attribute("aria-pressed") == "true"
    page.get_by_label("classifier").focus()
    page.keyboard.press("ArrowDown")
    assert "by the 8-bit classifier" in page.locator(".camgan-reading").inner_text()


@pytest.mark.browser
def test_crops_that_may_not_be_shown_are_not_in_the_page(opened, judged):
    widget = ConfusionExplorer(*judged, CAMERAS, show=False)
    assert (widget.pixels, widget.crops) == (b"", [])
    page = opened(widget)
    assert "not shown here (licences)" in page.locator(".camgan-reading").inner_text()


def test_wrong_crops_go_first_where_not_all_fit(judged, monkeypatch):
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    crops, logits = judged
    monkeypatch.setattr("camgan_lib.show.widgets.confusion_explorer.SHOWN", 50)
    widget = ConfusionExplorer(crops, {"auxiliary": logits["auxiliary"]}, CAMERAS)
    wrong = int((logits["auxiliary"].argmax(1) != crops.labels).sum())
    assert len(widget.crops) == 50
    assert sum(truth != decided[0] for truth, decided, _ in widget.crops) == min(50, wrong)


# --- residual


@pytest.fixture
def pairs():
    rng = np.random.default_rng(3)
    inputs = rng.integers(0, 256, (4, 32, 32, 3)).astype(np.uint8)
    return inputs, {c: rng.integers(0, 256, inputs.shape).astype(np.uint8) for c in CAMERAS[:2]}


@pytest.mark.browser
@pytest.mark.parametrize("strength", [0, 35, 100, 200])
def test_the_residual_is_recombined_as_numpy_does(opened, pairs, strength):
    inputs, stylised = pairs
    shares = {"strengths": [0.0, 1.0, 2.0], "n": 9, "shares": {c: [0.1, 0.5, 0.9] for c in stylised}}
    page = opened(ResidualSlider(inputs, stylised, shares))
    page.get_by_label("camera").select_option("1")
    page.get_by_label("image").fill("3")
    page.get_by_label("residual").fill(str(strength))
    x, g = inputs[2].astype(float), stylised[CAMERAS[1]][2]
    wanted = np.clip(x + strength / 100 * (g - x), 0, 255)
    shown = pixels(page.get_by_label("stylised"))
    assert np.abs(shown - wanted).max() <= 0.5
    said = page.locator(".camgan-reading").inner_text()
    assert f"mean change {np.abs(shown.astype(float) - x).mean():.1f} of 255" in said
    assert f"{ {0: '10.0', 35: '10.0', 100: '50.0', 200: '90.0'}[strength] } % of 9" in said


@pytest.mark.browser
def test_the_divider_is_moved_by_keys_and_pointer(opened, pairs):
    page = opened(ResidualSlider(*pairs, {}))
    divider = page.get_by_role("slider", name="divider")
    divider.focus()
    page.keyboard.press("ArrowRight")
    assert divider.get_attribute("aria-valuenow") == "52"
    page.keyboard.press("End")
    assert divider.get_attribute("aria-valuenow") == "100"
    frame = page.locator(".camgan-stage").bounding_box()
    page.mouse.move(frame["x"] + frame["width"] * 0.9, frame["y"] + 10)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.25, frame["y"] + 10)
    page.mouse.up()
    assert divider.get_attribute("aria-valuenow") == "25"
    assert "25%" in page.get_by_label("stylised").evaluate("c => c.style.clipPath")


# --- curves


@pytest.fixture
def curves():
    def entry(k, n):
        return {"epoch": k, "loss": 3 / (k + n), "share": k / 20, "test": None if k == 2 else 0.5}

    histories = {name: [entry(k, n) for k in range(1, 13)] for n, name in enumerate(CAMERAS)}
    return histories, [("loss", "loss (nats)", False), ("share", "accuracy", True), ("test", "test", True)]


@pytest.mark.browser
def test_curves_are_read_by_keys_and_pointer(opened, curves, monkeypatch):
    page = opened(Curves(*curves, "epoch"))
    values = page.locator(".camgan-values")
    assert "epoch 12" in values.inner_text()
    page.get_by_label("accuracy; arrow keys").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    said = values.inner_text()
    assert "epoch 2" in said
    assert "10.0 %" in said
    assert "–" in said, "a missing value is said"
    assert f"{3 / 2:.3g}" in said
    frame = page.locator(".camgan-curve").first.bounding_box()
    page.mouse.move(frame["x"] + 48 + (frame["width"] - 56) * 5 / 11, frame["y"] + 60)
    assert "epoch 6" in values.inner_text()


@pytest.mark.browser
def test_a_line_can_be_hidden(opened, curves):
    page = opened(Curves(*curves, "epoch"))
    page.get_by_label("first").focus()
    page.keyboard.press("Space")
    assert "first" not in page.locator(".camgan-values").inner_text()
    assert page.locator(".is-curve[hidden]").count() == 3


def test_histories_over_different_axes_are_refused(curves, monkeypatch):
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    histories, terms = curves
    histories["first"] = histories["first"][:-1]
    with pytest.raises(ValueError, match="one and the same epoch"):
        Curves(histories, terms, "epoch")


# --- gallery


@pytest.mark.browser
def test_a_gallery_shows_each_layer_and_lays_it_over_the_first(opened):
    rng = np.random.default_rng(2)
    layers = {name: rng.integers(0, 256, (3, 32, 32, 3)).astype(np.uint8) for name in ("crop", "one", "two")}
    layers["crop"][[0, 2]] //= 2
    page = opened(Gallery("crop", ["a", "b", "c"], layers, "legend", base=True))
    assert page.locator(".camgan-reading").inner_text() == "b", "the crop of most contrast first"
    page.get_by_label("previous crop").click()
    page.get_by_label("next crop").click()
    page.get_by_label("laid over", exact=True).select_option("2")
    page.get_by_label("opacity").fill("25")
    for name, images in layers.items():
        assert np.array_equal(pixels(page.get_by_label(f"{name} of b", exact=True)), images[1])
    wanted = 0.75 * layers["crop"][1] + 0.25 * layers["two"][1]
    assert np.abs(pixels(page.get_by_label("two over crop of b")) - wanted).max() <= 0.5
    page.get_by_label("crop", exact=True).focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".camgan-reading").inner_text() == "c"


def test_a_gallery_of_unequal_layers_is_refused(monkeypatch):
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    with pytest.raises(ValueError, match="for each layer"):
        Gallery("crop", ["a"], {"one": np.zeros((1, 8, 8, 3)), "two": np.zeros((2, 8, 8, 3))}, "")
