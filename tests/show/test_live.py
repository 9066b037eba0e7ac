"""Controls where there is a kernel, one sentence and the first figure in the built book."""

from functools import partial

import numpy as np
import pytest
import torch

from camgan_lib.data.cameras import CAMERAS
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import ResNet20
from camgan_lib.networks.style_gan import Generator
from camgan_lib.show import live
from camgan_lib.show.figures.style import Picture, new_figure

CPU = torch.device("cpu")


@pytest.fixture
def drawn(monkeypatch):
    calls, shown = [], []
    monkeypatch.setattr(live, "display", shown.append)

    def draw(**values):
        calls.append(values)
        return new_figure(2, 1)

    return draw, calls, shown


def test_the_book_gets_a_sentence_and_the_first_figure(drawn, monkeypatch):
    draw, calls, shown = drawn
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    assert isinstance(live.browse(draw, "draw more", drawn=True, camera=["a", "b"], number=(1, 9)), Picture)
    assert calls == [{"camera": "a", "number": 1}]
    assert live.browse(draw, "draw more", camera=["a", "b"]) is None
    assert len(calls) == 1
    assert "With a kernel, controls stand here that draw more" in shown[-1].data


def test_a_kernel_gets_controls_that_draw_anew(drawn, monkeypatch):
    """`draw` may be a partial. No Output widget: with one, papermill may wait for ever."""
    draw, calls, shown = drawn
    monkeypatch.delenv("CAMGAN_STATIC", raising=False)
    assert live.browse(partial(draw, show=True), "draw more", camera=["a", "b"], number=(1, 9)) is None
    camera, number, picture = shown[-1].children
    first = picture.value
    assert calls == [{"camera": "a", "number": 1, "show": True}]
    number.value = 4
    camera.value = "b"
    assert calls[-1] == {"camera": "b", "number": 4, "show": True}
    assert (number.min, number.max) == (1, 9)
    assert picture.value != first
    assert 'alt="draw more: camera b, number 4"' in picture.value


def test_what_the_controls_draw():
    names = [camera.name for camera in CAMERAS]
    network = ResNet20(len(names)).eval()
    images = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3)).astype(np.uint8)
    recipe = GanRecipe(8, 8, 1, "none", "transpose3", "lsgan", 30.0, 0.1, 1.0, 1, 8, 1e-3, 1e-4, 0)

    def fresh(seed):
        return Generator.from_recipe(recipe, seed=seed).eval()

    drawn = [
        live.new_scene({"one": network, "two": network}, names, CPU, scene=3, crops=4),
        live.explain_anew(network, images, 1, CPU, crop=8, cells=4, samples=50),
        live.stylise_anew(
            {name: fresh(k) for k, name in enumerate(names)}, network, images, CPU, image=8, strength=150
        ),
        live.untrained_lines(fresh, images, CPU, seed=5),
    ]
    for figure in drawn:
        figure.canvas.draw()
