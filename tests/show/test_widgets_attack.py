"""Attack and undo: what the page adds, what it takes away, and where the decision turns, are numpy's and torch's."""

import re

import numpy as np
import pytest
import small_networks
from small_networks import CPU

from camgan_lib.data.crops import Crops
from camgan_lib.measure import bands
from camgan_lib.networks import inference
from camgan_lib.show.widgets import attack
from camgan_lib.show.widgets.networks import page_network

CAMERAS = ["first", "second <b>", "third"]


def images(seed: int, count: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    gain = rng.uniform(5, 45, (count, 1, 1, 1))
    return (
        (rng.uniform(70, 180, (count, 1, 1, 3)) + gain * rng.normal(size=(count, 32, 32, 3)))
        .clip(0, 255)
        .astype(np.uint8)
    )


@pytest.fixture(scope="module")
def made():
    """Crops, a classifier, generators, and a pattern per camera."""
    crops = images(0)
    patterns = np.random.default_rng(1).normal(size=(3, 32, 32, 3))
    return (
        crops,
        small_networks.classifier(3, 4, images(5, 64)),
        [small_networks.generator(k) for k in range(3)],
        patterns,
    )


@pytest.fixture
def page(browser, tmp_path, monkeypatch, made):
    crops, model, generators, patterns = made
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path))
    networks = [page_network("small", model, classes=CAMERAS)]
    networks += [page_network(name, each) for name, each in zip(CAMERAS, generators, strict=True)]
    stylised = [inference.stylise(each, crops, CPU) for each in generators]
    widget = attack.Attack(networks, crops, [f"crop {k}" for k in range(4)], stylised, patterns)
    with small_networks.opened(browser, small_networks.page_of(tmp_path, widget)) as opened:
        opened.wait_for_selector(".camgan-odds:not(.is-waiting)")
        yield opened


def canvas(page, label) -> np.ndarray:
    return small_networks.pixels(page.get_by_label(label, exact=True))


def bars(page, number) -> np.ndarray:
    rows = page.locator(".camgan-odds").nth(number).locator("li")
    return np.array([float(rows.nth(k).get_attribute("data-p")) for k in range(3)])


def pick(page, label, value):
    page.get_by_label(label, exact=True).select_option(value)


def slide(page, label, value):
    page.get_by_label(label, exact=True).fill(str(value))


@pytest.mark.browser
def test_a_generators_residual_is_added_at_its_strength(page, made):
    crops, model, generators, _ = made
    page.wait_for_selector(".camgan-odds >> nth=1 >> css=li[data-p]")
    slide(page, "strength", 150)
    styled = inference.stylise(generators[1], crops[:1], CPU).astype(float)
    wanted = np.rint(crops[:1] + 1.5 * (styled - crops[:1])).clip(0, 255).astype(np.uint8)
    shown = canvas(page, "The attacked crop")
    assert np.abs(shown.astype(int) - wanted[0]).max() <= 2
    assert np.abs(bars(page, 0) - small_networks.odds(model, crops[:1])[0]).max() < 1e-3
    assert np.abs(bars(page, 1) - small_networks.odds(model, shown[None])[0]).max() < 1e-3


@pytest.mark.browser
@pytest.mark.parametrize("source", ["pattern", "noise"])
def test_other_changes_have_the_norm_of_the_generators(page, made, source):
    crops, _, generators, patterns = made
    pick(page, "crop", "2")
    pick(page, "target camera", "2")
    pick(page, "what is added", source)
    slide(page, "strength", 50)
    change = canvas(page, "The attacked crop").astype(float) - crops[1]
    residual = inference.stylise(generators[2], crops[1:2], CPU)[0].astype(float) - crops[1]
    inside = (crops[1] + 2 * change > 3) & (crops[1] + 2 * change < 252)
    assert np.linalg.norm(change) <= 0.5 * np.linalg.norm(residual) * 1.02
    if source == "pattern":
        packed = np.rint(127 * patterns[2] / np.abs(patterns[2]).max())
        wanted = crops[1] + 0.5 * packed * np.linalg.norm(residual) / np.linalg.norm(packed)
        assert np.abs(canvas(page, "The attacked crop") - wanted.clip(0, 255))[inside].max() <= 1
    else:
        assert abs(change[inside].mean()) < 3 * change.std() / np.sqrt(inside.sum()) + 0.1
        page.get_by_role("button", name="other noise").click()
        assert not np.array_equal(canvas(page, "The attacked crop").astype(float) - crops[1], change)


@pytest.mark.browser
def test_it_says_where_the_decision_turns_and_turns_back(page, made):
    crops, model, _, _ = made
    start = int(small_networks.odds(model, crops[:1])[0].argmax())
    target = (start + 1) % 3
    pick(page, "target camera", str(target))
    pick(page, "what is added", "pattern")
    slide(page, "strength", 200)
    pick(page, "take away", "low-pass")
    page.wait_for_function("document.querySelectorAll('.camgan-reading')[1].textContent")
    turned = page.locator(".camgan-attack .camgan-reading").nth(0).inner_text()
    attacked = canvas(page, "The attacked crop")
    now = int(small_networks.odds(model, attacked[None])[0].argmax())
    undone = page.locator(".camgan-attack .camgan-reading").nth(1).inner_text()
    if now == start:
        assert "nothing to undo" in undone
        return
    at = int(re.search(r"at (\d+) % of the strength", turned)[1])
    slide(page, "strength", 5 * (at // 5 + 1))
    assert bars(page, 1).argmax() != start
    slide(page, "strength", max(0, 5 * ((at - 1) // 5)))
    assert bars(page, 1).argmax() == start
    cuts = [round(0.03 * i, 2) for i in range(24)]
    kept = [bands.filtered(attacked[None], bands.ring(32, 0, cut)) for cut in cuts]
    back = [cut for cut, each in zip(cuts, kept, strict=True) if small_networks.odds(model, each)[0].argmax() == start]
    assert (f"all beyond {max(back):g} cycles/pixel" if back else "No cut turns") in undone


@pytest.mark.browser
def test_it_is_used_by_keys_and_its_view_is_kept(page):
    for label, key in (
        ("crop", "ArrowDown"),
        ("what is added", "ArrowDown"),
        ("strength", "ArrowRight"),
        ("take away", "ArrowDown"),
    ):
        page.get_by_label(label, exact=True).focus()
        page.keyboard.press(key)
    page.get_by_label("cut (cycles/pixel)", exact=True).press("ArrowLeft")
    page.wait_for_function("location.hash.includes('cut=0.34') && location.hash.includes('undo=low-pass')")
    assert "image=2" in page.evaluate("location.hash")
    assert "strength=105" in page.evaluate("location.hash")
    assert np.allclose(bars(page, 2).sum(), 1, atol=1e-4)


def test_crops_are_of_every_camera_or_of_none_where_photos_must_not_be_shown():
    test = Crops(images(7, 12), np.arange(12) % 3, np.arange(12))
    chosen, names = attack.crops(test, images(8, 40), CAMERAS, 0)
    assert names[:4] == ["first, crop 1", "first, crop 2", "first, crop 3", "second <b>, crop 1"]
    assert len(chosen) == 9
    hidden, names = attack.crops(None, images(8, 40), CAMERAS, 0)
    assert np.array_equal(hidden, images(8, 40)[:9])
    assert names[8] == "no-style image 9"


def test_unequal_crops_are_refused(made):
    crops, model, _, patterns = made
    with pytest.raises(ValueError, match="for each of 4 crops"):
        attack.Attack([page_network("small", model, classes=CAMERAS)], crops, ["one"], [crops] * 3, patterns)
