"""Controls for a reader with a kernel: widgets that draw a figure anew; in the built book, one sentence instead."""

import os
from collections.abc import Callable
from typing import Any

from IPython.display import Markdown, display
from matplotlib.figure import Figure

SENTENCE = (
    "*This figure has controls, and they need a kernel: open this chapter in JupyterLab to draw other crops. "
    "In the built book it stays as drawn.*"
)


def browse(draw: Callable[..., Figure], **controls: Any) -> Figure | None:
    """The figure that `draw` makes, with an ipywidgets control per keyword: a list to choose from, or (low, high).

    Where the environment's CAMGAN_STATIC is set, as when the book is made, shows a sentence and returns the figure of
    each control's first value.
    """
    if os.environ.get("CAMGAN_STATIC"):
        display(Markdown(SENTENCE))
        return draw(**{name: values[0] for name, values in controls.items()})
    from ipywidgets import IntSlider, interact

    widgets = {
        name: IntSlider(values[0], *values, continuous_update=False) if isinstance(values, tuple) else values
        for name, values in controls.items()
    }
    interact(lambda **chosen: draw(**chosen), **widgets)
    return None
