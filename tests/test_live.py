"""Controls where there is a kernel, one sentence and the first figure in the built book."""

from functools import partial

import ipywidgets
import pytest
from matplotlib.figure import Figure

from camgan_lib import live


@pytest.fixture
def drawn(monkeypatch):
    calls, shown = [], []
    monkeypatch.setattr(live, "display", shown.append)

    def draw(**values):
        calls.append(values)
        return Figure()

    return draw, calls, shown


def test_the_book_gets_a_sentence_and_the_first_figure(drawn, monkeypatch):
    draw, calls, shown = drawn
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    assert isinstance(live.browse(draw, camera=["a", "b"], number=(1, 9)), Figure)
    assert calls == [{"camera": "a", "number": 1}]
    assert "need a kernel" in shown[0].data


def test_a_kernel_gets_controls_that_draw_anew(drawn, monkeypatch):
    """`draw` may be a partial, which ipywidgets does not take by itself."""
    draw, calls, _ = drawn
    made = []
    monkeypatch.delenv("CAMGAN_STATIC", raising=False)
    monkeypatch.setattr(ipywidgets.widgets.interaction, "display", made.append)
    assert live.browse(partial(draw, show=True), camera=["a", "b"], number=(1, 9)) is None
    box = next(each for each in made if isinstance(each, ipywidgets.interactive))
    camera, number = box.children[:2]
    number.value = 4
    camera.value = "b"
    box.update()
    assert calls[-1] == {"camera": "b", "number": 4, "show": True}
    assert (number.min, number.max) == (1, 9)
