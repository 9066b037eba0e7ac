"""A photo of the reader's own: the map in the page is torch's, by keys and by mouse, and bad files get a sentence."""

import csv
import re

import numpy as np
import pytest
import small_networks
from PIL import Image
from small_networks import CPU

from camgan_lib.networks import inference
from camgan_lib.show.figures import palette
from camgan_lib.show.widgets import base
from camgan_lib.show.widgets.networks import page_network
from camgan_lib.show.widgets.own_photo import OwnPhoto

CAMERAS = ["first", "second <b>", "third"]


@pytest.fixture(scope="module")
def networks():
    crops = np.concatenate([photo(1, 8, seed)[:32, : 8 * 32].reshape(32, 8, 32, 3).swapaxes(0, 1) for seed in range(8)])
    return [small_networks.classifier(3, 0, crops), small_networks.generator(1)]


@pytest.fixture
def page(browser, tmp_path, monkeypatch, networks):
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path))
    images = np.random.default_rng(2).integers(0, 256, (3, 12, 32, 32, 3)).astype(np.uint8)
    in_page = [page_network("small", networks[0], classes=CAMERAS), page_network("first", networks[1])]
    shown = OwnPhoto(in_page, list(images), simulated=True)
    with small_networks.opened(browser, small_networks.page_of(tmp_path, shown)) as opened:
        yield opened


def choose(page, path):
    page.get_by_label("a picture of your own").set_input_files(path)


def tiles(page) -> tuple[list[str], np.ndarray]:
    """Head and rows of the file that the page saves once all tiles are known."""
    page.wait_for_selector("text=/^All \\d+ tiles/", timeout=60_000)
    with page.expect_download() as saved:
        page.get_by_role("button", name="save as CSV").click()
    with open(saved.value.path(), newline="") as stream:
        head, *rows = list(csv.reader(stream))
    return head, np.array(rows, float)


def photo(rows: int, columns: int, seed: int = 3) -> np.ndarray:
    """Noise whose strength and colour differ from tile to tile; some tiles are flat or white. uint8 H×W×3."""
    rng = np.random.default_rng(seed)
    made = np.empty((32 * rows + 5, 32 * columns + 9, 3))
    for i in range(0, made.shape[0], 32):
        for j in range(0, made.shape[1], 32):
            part = made[i : i + 32, j : j + 32]
            part[:] = rng.uniform(60, 190, 3) + rng.normal(0, rng.uniform(5, 50), part.shape)
    made[:32, :32], made[32:64, :32] = 100, 255
    return made.clip(0, 255).astype(np.uint8)


@pytest.mark.browser
def test_the_map_is_torchs_and_flat_tiles_have_no_vote(page, networks, tmp_path):
    pixels = photo(5, 7)
    Image.fromarray(pixels).save(tmp_path / "own.png")
    choose(page, tmp_path / "own.png")
    head, found = tiles(page)
    assert head == ["left", "top", "carries little", *CAMERAS]
    assert len(found) == 35
    crops = np.stack([pixels[int(y) : int(y) + 32, int(x) : int(x) + 32] for x, y in found[:, :2]])
    odds = small_networks.odds(networks[0], crops)
    assert np.abs(found[:, 3:] - odds).max() < 1e-3
    assert np.array_equal(found[:, 3:].argmax(1), odds.argmax(1))
    little = found[:, 2].astype(bool)
    assert found[little, :2].tolist() == [[0, 0], [0, 32]]
    voted = odds[~little]
    said = page.locator("output.camgan-reading").inner_text()
    assert f": {CAMERAS[np.log(voted).sum(0).argmax()]}, seen in" in said
    shares = [float(text.split()[-2]) for text in page.locator(".camgan-shares button").all_inner_texts()]
    counts = np.bincount(voted.argmax(1), minlength=3) / len(voted)
    assert np.abs(np.array(shares) / 100 - counts).max() < 6e-4
    assert "2 tiles flat" in page.locator(".camgan-faint").inner_text()


@pytest.mark.browser
def test_a_tile_is_chosen_by_keys_and_stylised(page, networks, tmp_path):
    pixels = photo(3, 4)
    Image.fromarray(pixels).save(tmp_path / "own.png")
    choose(page, tmp_path / "own.png")
    tiles(page)
    page.get_by_label("Map of tiles").focus()
    for key in ("ArrowUp", "ArrowRight", "ArrowLeft", "End"):
        page.keyboard.press(key)
    assert page.get_by_text("tile at 96, 0").count() == 1
    crop = pixels[None, :32, 96:128]
    odds = small_networks.odds(networks[0], crop)[0]
    shown = page.locator(".camgan-tile .camgan-odds li")
    assert np.allclose([float(shown.nth(k).get_attribute("data-p")) for k in range(3)], odds, atol=1e-3)
    page.get_by_label("stylise it by each generator").focus()
    page.keyboard.press("Space")
    page.wait_for_selector(".camgan-stylised .camgan-taken:not(:empty)")
    box = page.get_by_label("The tile stylised by the generator of first")
    made = small_networks.pixels(box)
    assert np.abs(made.astype(int) - inference.stylise(networks[1], crop, CPU)[0]).max() <= 1


@pytest.mark.browser
def test_a_camera_is_shown_alone_and_the_demonstration_needs_no_photo(page):
    page.get_by_role("button", name="no photo at hand").click()
    assert len(tiles(page)[1]) == 48
    button = page.locator(".camgan-shares button").nth(1)
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "false"
    assert "simulated" in page.locator(".camgan-note").inner_text()


@pytest.mark.browser
def test_a_photo_is_read_as_it_is_shown(page, tmp_path):
    """As the book's crops are: turned by what its EXIF data say."""
    pixels = photo(2, 3)
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(pixels).save(tmp_path / "turned.jpg", quality=95, exif=exif)
    choose(page, tmp_path / "turned.jpg")
    assert len(tiles(page)[1]) == 6
    assert f"{pixels.shape[0]}×{pixels.shape[1]} pixels, 2×3 tiles" in page.locator(".camgan-drop").inner_text()


@pytest.mark.browser
def test_a_photo_can_be_dropped(page, tmp_path):
    Image.fromarray(photo(2, 3)).save(tmp_path / "dropped.png")
    held = page.evaluate_handle(
        """bytes => {
          const held = new DataTransfer();
          held.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
          return held;
        }""",
        list((tmp_path / "dropped.png").read_bytes()),
    )
    box = page.locator(".camgan-drop")
    box.dispatch_event("dragover", {"dataTransfer": held})
    assert "is-over" in box.get_attribute("class")
    box.dispatch_event("drop", {"dataTransfer": held})
    assert len(tiles(page)[1]) == 6
    assert "is-over" not in box.get_attribute("class")


@pytest.mark.browser
def test_it_can_be_stopped(page, tmp_path):
    Image.fromarray(photo(40, 40)).save(tmp_path / "large.png")
    choose(page, tmp_path / "large.png")
    page.get_by_role("button", name="stop").click()
    page.wait_for_selector("text=(stopped)")
    assert not page.get_by_role("button", name="stop").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.png", "this browser reads no picture in it."),
        ("photo.HEIC", "save it as JPEG"),
        ("small.png", "at least 32×32 pixels were expected, it has 20×40"),
        ("huge.png", "it has 256 megapixels"),
        ("cut.jpg", "can't be shown"),
    ],
)
def test_a_file_that_cant_serve_gets_a_sentence(page, tmp_path, name, words):
    path = tmp_path / name
    if name in ("text.png", "photo.HEIC"):
        path.write_bytes(b"no picture that Chromium reads")
    elif name == "cut.jpg":
        Image.fromarray(photo(4, 4)).save(path)
        path.write_bytes(path.read_bytes()[:300])
    else:
        Image.new("1", (20, 40) if name == "small.png" else (16000, 16000)).save(path)
    choose(page, path)
    page.wait_for_selector(f"text={name} can't be shown", timeout=30_000)
    assert words in page.locator(".camgan-drop output").inner_text()


def test_bars_and_maps_have_the_colours_of_figures():
    script = (base.HERE / "_common.js").read_text("utf-8")
    assert tuple(re.findall(r'"(#\w{6})"', script)) == palette.CAMERA_COLOURS
