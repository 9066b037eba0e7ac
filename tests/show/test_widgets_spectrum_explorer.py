"""The spectrum explorer: every control by mouse and keyboard, and numbers read from the page equal to numpy's."""

import base64
import csv
import functools
import http.server
import io
import re
import threading

import numpy as np
import pytest
import small_networks
from PIL import Image

from camgan_lib.measure import bands, spectrum
from camgan_lib.show.widgets.networks import page_network
from camgan_lib.show.widgets.spectrum_explorer import SpectrumExplorer

pytestmark = pytest.mark.browser
NAMES = ["camera one", "camera <two>"]


@pytest.fixture(scope="module")
def sets():
    """An input and two stylised sets, uint8 64×32×32×3."""
    rng = np.random.default_rng(1)
    inputs = rng.integers(20, 236, (64, 32, 32, 3)).astype(np.uint8)
    board = 9 * (2 * (np.indices((32, 32)).sum(0) % 2) - 1)[..., None]
    second = np.clip(inputs + rng.normal(0, 6, inputs.shape), 0, 255).astype(np.uint8)
    return [inputs, (inputs + board).clip(0, 255).astype(np.uint8), second]


@pytest.fixture(scope="module")
def networks(sets):
    """Two classifiers of both cameras, by the name that readers see."""
    images = np.concatenate(sets)
    return {f"classifier {seed}": small_networks.classifier(2, seed, images) for seed in (1, 2)}


@pytest.fixture(scope="module")
def page_file(sets, networks, tmp_path_factory):
    folder = tmp_path_factory.mktemp("explorer")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAMGAN_STATIC", "1")
        patch.setenv("CAMGAN_BUILD", str(folder))
        in_page = [page_network(name, model, classes=NAMES) for name, model in networks.items()]
        shown = SpectrumExplorer(sets[0], dict(zip(NAMES, sets[1:], strict=True)), in_page)
        return small_networks.page_of(folder, shown)


class Explorer:
    """The widget on an opened page."""

    def __init__(self, page):
        self.page = page
        self.said = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def open(self, address):
        self.page.goto("about:blank")
        self.page.goto(address)
        self.page.wait_for_selector(".camgan-widget[data-ready]", timeout=15_000)
        return self

    def control(self, label):
        return self.page.get_by_label(label, exact=True).first

    def slide(self, label, value):
        self.control(label).fill(str(value))

    def spectra(self) -> dict[str, np.ndarray]:
        """The spectra shown, as the page saves them: name → 32×32 dB."""
        with self.page.expect_download() as saved:
            self.page.get_by_role("button", name="save as CSV").click()
        with open(saved.value.path(), newline="") as stream:
            head, *rows = list(csv.reader(stream))
        values = np.array(rows, float)
        assert np.allclose(values[:, 0].reshape(32, 32)[0], spectrum.frequencies(32))
        return {name.split()[0]: values[:, 2 + i].reshape(32, 32) for i, name in enumerate(head[2:])}

    def canvas(self, label) -> np.ndarray:
        """The pixels of a panel's picture, uint8 32×32×3."""
        box = self.page.get_by_label(label)
        flat = box.evaluate("b => [...b.firstChild.getContext('2d').getImageData(0, 0, 32, 32).data]")
        return np.array(flat, np.uint8).reshape(32, 32, 4)[..., :3]

    def reading(self) -> str:
        return self.page.locator(".camgan-reading").first.inner_text()


@pytest.fixture
def explorer(browser, page_file):
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    made = Explorer(context.new_page()).open(page_file.as_uri())
    yield made
    assert made.said == []
    context.close()


def expected(images, channel, statistic="plain", high_pass=False, window=True):
    plane = spectrum.luminance(images) if channel == "luminance" else images[..., spectrum_channel(channel)]
    plane = np.asarray(plane, float)
    plane = spectrum.log_variance(plane) if statistic != "plain" else spectrum.high_pass(plane) if high_pass else plane
    return spectrum.mean_level(plane, window=window, floor=spectrum.ROUNDING if statistic == "plain" else 0)


def spectrum_channel(channel):
    return ("red", "green", "blue").index(channel)


@pytest.mark.parametrize(
    ("camera", "image", "average", "channel", "statistic", "high_pass", "window"),
    [
        (1, 1, 1, "luminance", "plain", False, True),
        (2, 64, 1, "red", "plain", False, False),
        (1, 7, 1, "green", "plain", True, True),
        (2, 3, 1, "blue", "log-variance", False, True),
        (1, 1, 64, "luminance", "plain", False, True),
        (2, 1, 5, "green", "log-variance", False, False),
    ],
)
def test_spectra_equal_numpys(explorer, sets, camera, image, average, channel, statistic, high_pass, window):
    explorer.control("camera").select_option(str(camera))
    explorer.slide("image", image)
    explorer.slide("spectra averaged", average)
    explorer.control("channel").select_option(channel)
    explorer.control("of").select_option(statistic)
    explorer.control("high-pass").set_checked(high_pass)
    explorer.control("window").select_option("Hann" if window else "none")
    part = slice(average) if average > 1 else slice(image - 1, image)
    inputs, styled = sets[0][part].astype(float), sets[camera][part].astype(float)
    shown = explorer.spectra()
    for name, images in {"input": inputs, "stylised": styled, "residual": styled - inputs}.items():
        assert np.abs(shown[name] - expected(images, channel, statistic, high_pass, window)).max() < 0.1, name


def test_the_input_alone_has_no_residual(explorer):
    explorer.control("camera").select_option("0")
    assert set(explorer.spectra()) == {"input"}


def test_the_cursor_is_moved_by_mouse_and_keys_and_reads_all_spectra(explorer, sets):
    box = explorer.page.get_by_label("Spectrum of the input")
    frame = box.bounding_box()
    box.hover(position={"x": frame["width"] * (8.5 / 32), "y": frame["height"] * (16.5 / 32)})
    assert explorer.reading().startswith("−0.25 across, 0 down (cycles/pixel; bin 8, 16)")
    box.focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowRight"):
        explorer.page.keyboard.press(key)
    said = explorer.reading()
    assert "bin 9, 14" in said
    levels = [float(text.replace("−", "-")) for text in re.findall(r"(−?[\d.]+) dB", said)]
    one = [sets[0][:1].astype(float), sets[1][:1].astype(float)]
    wanted = [expected(images, "luminance")[14, 9] for images in (*one, one[1] - one[0])]
    assert np.abs(np.array(levels) - wanted).max() < 0.1


def test_the_pixel_cursor_reads_both_pictures(explorer, sets):
    explorer.page.get_by_label("Picture of the input; arrow").focus()
    explorer.page.keyboard.press("ArrowDown")
    said = explorer.page.locator(".camgan-reading.is-pixel").inner_text()
    values = [list(map(int, text.split(", "))) for text in re.findall(r"(\d+, \d+, \d+)", said)]
    assert values == [sets[0][0, 17, 16].tolist(), sets[1][0, 17, 16].tolist()]


@pytest.mark.parametrize("mode", ["stop", "pass"])
def test_a_ring_gives_numpys_picture(explorer, sets, mode):
    explorer.control("mask").select_option(mode)
    explorer.slide("ring from", 0.2)
    explorer.slide("to (cycles/pixel)", 0.4)
    inside = bands.ring(32, 0.2, 0.4)
    for name, images in (("the input", sets[0]), ("the stylised image", sets[1])):
        wanted = bands.filtered(images[:1], ~inside if mode == "stop" else inside)[0]
        shown = explorer.canvas(f"Picture of {name} after the mask")
        assert np.abs(shown.astype(int) - wanted).max() <= 1


def test_bins_are_painted_by_keys_and_by_pointer_and_cleared(explorer, sets):
    explorer.control("mask").select_option("stop")
    explorer.slide("ring from", 0.7)
    explorer.slide("to (cycles/pixel)", 0)
    explorer.page.get_by_label("paint on the spectra").check()
    box = explorer.page.get_by_label("Spectrum of the stylised image")
    box.focus()
    explorer.page.keyboard.press("Space")
    frame = box.bounding_box()
    explorer.page.mouse.move(frame["x"] + frame["width"] * (0.5 / 32), frame["y"] + frame["height"] * (0.5 / 32))
    explorer.page.mouse.down()
    explorer.page.mouse.up()
    keep = np.ones((32, 32), bool)
    for row, column in ((16, 24), (16, 8), (0, 0)):
        keep[row, column] = False
    shown = explorer.canvas("Picture of the stylised image after the mask")
    assert np.abs(shown.astype(int) - bands.filtered(sets[1][:1], keep)[0]).max() <= 1
    explorer.page.get_by_role("button", name="clear paint").click()
    assert np.abs(explorer.canvas("Picture of the input after the mask").astype(int) - sets[0][0]).max() <= 1


def bars(explorer) -> np.ndarray:
    """The probabilities shown, input and stylised image × cameras."""
    rows = explorer.page.locator(".camgan-answer:not([hidden]) li")
    values = [float(rows.nth(k).get_attribute("data-p")) for k in range(rows.count())]
    return np.array(values).reshape(-1, len(NAMES))


def answered(explorer):
    explorer.page.wait_for_selector(".camgan-odds:not(.is-waiting)")


def test_bars_are_torchs_probabilities_after_every_change(explorer, sets, networks):
    answered(explorer)
    model = networks["classifier 1"]
    both = np.stack([sets[0][0], sets[1][0]])
    assert np.abs(bars(explorer) - small_networks.odds(model, both)).max() < 1e-3
    explorer.control("camera").select_option("2")
    explorer.slide("image", 5)
    explorer.slide("strength of the residual", 150)
    styled = np.rint(sets[0][4] + 1.5 * (sets[2][4].astype(float) - sets[0][4])).clip(0, 255).astype(np.uint8)
    assert np.abs(bars(explorer) - small_networks.odds(model, np.stack([sets[0][4], styled]))).max() < 1e-3
    whole = bars(explorer)
    explorer.control("mask").select_option("pass")
    explorer.slide("ring from", 0)
    explorer.slide("to (cycles/pixel)", 0.6)
    masked = np.stack([explorer.canvas(f"Picture of the {n} after the mask") for n in ("input", "stylised image")])
    assert (
        np.abs(masked.astype(int) - bands.filtered(np.stack([sets[0][4], styled]), bands.ring(32, 0, 0.6))).max() <= 1
    )
    assert np.abs(bars(explorer) - small_networks.odds(model, masked)).max() < 1e-3
    changes = explorer.page.locator(".camgan-answer .camgan-odds-change").all_inner_texts()
    wanted = np.rint(100 * (bars(explorer) - whole)).ravel()
    said = [float(text.split()[0].replace("−", "-")) if text else 0 for text in changes]
    assert np.abs(np.array(said) - wanted).max() <= 1
    before = f"{bars(explorer)[0, 0]:.6f}"
    explorer.control("classifier").select_option("classifier 2")
    explorer.page.wait_for_function("p => document.querySelector('.camgan-answer li').dataset.p !== p", arg=before)
    assert np.abs(bars(explorer) - small_networks.odds(networks["classifier 2"], masked)).max() < 1e-3


def test_the_decision_is_said_in_words(explorer, sets, networks):
    answered(explorer)
    odds = small_networks.odds(networks["classifier 1"], np.stack([sets[0][0], sets[1][0]]))
    said = explorer.page.locator(".camgan-decision").inner_text()
    assert said.startswith(f"The input is taken for {NAMES[odds[0].argmax()]} ({odds[0].max():.1%}".replace("%", " %"))
    assert f"the stylised image is taken for {NAMES[odds[1].argmax()]}" in said


def test_a_change_is_drawn_with_its_decision_at_once(explorer):
    """Within the event itself: no slower change of a picture, and no frame with an old decision."""
    answered(explorer)
    explorer.control("mask").select_option("stop")
    explorer.slide("ring from", 0.68)
    before = bars(explorer).tolist()
    explorer.slide("ring from", 0.6)
    assert bars(explorer).tolist() != before
    assert float(explorer.page.locator(".camgan-explorer").get_attribute("data-draw-ms")) > 0


def test_range_marks_and_colours(explorer):
    marks = explorer.page.locator(".camgan-overlay .is-mark")
    assert marks.count() > 0
    explorer.page.get_by_label("marks:").uncheck()
    assert marks.count() == 0
    explorer.slide("from", -20)
    explorer.slide("to", 20)
    assert explorer.page.locator(".camgan-ticks span").all_inner_texts() == ["−20", "−10", "0", "10", "20"]
    level = explorer.spectra()["input"][16, 20]
    shade = round(255 * min(1, max(0, (level + 20) / 40)))
    colours = SpectrumExplorer(np.zeros((1, 32, 32, 3), np.uint8), {}).colours
    assert explorer.canvas("Spectrum of the input")[16, 20].tolist() == list(colours[3 * shade : 3 * shade + 3])


def test_every_control_answers_to_keys(explorer):
    before = explorer.page.evaluate("location.hash")
    for label, key in (
        ("image", "ArrowRight"),
        ("camera", "ArrowDown"),
        ("channel", "ArrowDown"),
        ("strength of the residual", "ArrowRight"),
        ("spectra averaged", "ArrowRight"),
        ("of", "ArrowDown"),
        ("high-pass", "Space"),
        ("window", "ArrowDown"),
        ("from", "ArrowLeft"),
        ("to", "ArrowRight"),
        ("mask", "ArrowDown"),
        ("ring from", "ArrowRight"),
        ("to (cycles/pixel)", "ArrowLeft"),
        ("classifier", "ArrowDown"),
    ):
        explorer.control(label).focus()
        explorer.page.keyboard.press(key)
        explorer.page.wait_for_function("before => location.hash !== before", arg=before)
        before = explorer.page.evaluate("location.hash")


def test_a_view_can_be_shared(explorer):
    explorer.control("camera").select_option("2")
    explorer.slide("image", 9)
    explorer.control("mask").select_option("pass")
    explorer.page.wait_for_function("location.hash.includes('mask=pass')")
    address, wanted = explorer.page.url, explorer.spectra()
    explorer.open(address)
    assert explorer.control("image").input_value() == "9"
    assert all(np.array_equal(wanted[name], shown) for name, shown in explorer.spectra().items())


def test_a_picture_of_ones_own_is_analysed_in_the_page(explorer, networks, tmp_path):
    answered(explorer)
    own = np.random.default_rng(5).integers(0, 256, (50, 70, 3)).astype(np.uint8)
    Image.fromarray(own).save(tmp_path / "own.png")
    explorer.page.get_by_label("a picture of your own").set_input_files(tmp_path / "own.png")
    explorer.page.wait_for_selector("text=own.png: 32×32 of 70×50 pixels")
    explorer.page.get_by_label("x of the crop").fill("3")
    explorer.page.get_by_label("y of the crop").fill("11")
    crop = own[None, 11:43, 3:35].astype(float)
    assert np.abs(explorer.spectra()["input"] - expected(crop, "luminance")).max() < 0.1
    odds = small_networks.odds(networks["classifier 1"], crop.astype(np.uint8))
    assert np.abs(bars(explorer) - odds).max() < 1e-3
    explorer.page.get_by_role("button", name="back to the book's images").click()
    assert set(explorer.spectra()) == {"input", "stylised", "residual"}


@pytest.mark.parametrize(("name", "content"), [("text.png", b"no picture"), ("small.png", None)])
def test_a_file_that_cant_serve_gets_a_sentence(explorer, tmp_path, name, content):
    if content is None:
        buffer = io.BytesIO()
        Image.new("RGB", (20, 40)).save(buffer, "PNG")
        content = buffer.getvalue()
    (tmp_path / name).write_bytes(content)
    explorer.page.get_by_label("a picture of your own").set_input_files(tmp_path / name)
    explorer.page.wait_for_selector(f"text={name} can't be shown")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_):
        pass


def test_it_fits_a_phone_and_works_from_a_server(browser, page_file):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=page_file.parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(viewport={"width": 400, "height": 800}, has_touch=True)
    try:
        made = Explorer(context.new_page()).open(
            f"http://127.0.0.1:{server.server_port}/page.html#view:mask=stop&inner=0.3"
        )
        assert made.page.evaluate("document.documentElement.scrollWidth") <= 400
        frame = made.page.get_by_label("Spectrum of the residual").bounding_box()
        made.page.touchscreen.tap(frame["x"] + frame["width"] * 4.5 / 32, frame["y"] + frame["height"] * 20.5 / 32)
        assert "bin 4, 20" in made.reading()
    finally:
        context.close()
        server.shutdown()


@pytest.mark.timeout(1500)
def test_in_the_built_chapter_spectra_equal_numpys_of_the_images_in_the_page(browser, smoke_book):
    path = smoke_book / "html" / "05_frequency.html"
    coded = re.search(r'data-name="pixels">([^<]+)<', path.read_text("utf-8"))[1]
    kept = np.frombuffer(base64.b64decode(coded), np.uint8).reshape(5, -1, 32, 32, 3).astype(float)
    last = kept.shape[1]
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    shown = Explorer(context.new_page())
    shown.page.goto(path.as_uri())
    shown.page.get_by_role("button", name="save as CSV").wait_for(timeout=15_000)
    for camera, image in ((1, 1), (4, last), (3, last // 2)):
        shown.control("camera").select_option(str(camera))
        shown.slide("image", image)
        found, one = shown.spectra(), kept[[0, camera], image - 1 : image]
        for name, images in {"input": one[0], "stylised": one[1], "residual": one[1] - one[0]}.items():
            assert np.abs(found[name] - expected(images, "luminance")).max() < 0.1, (camera, image, name)
    of_the_theme = ("[PST]", "[togglebutton]")
    assert [text for text in shown.said if not text.startswith(of_the_theme)] == []
    context.close()
