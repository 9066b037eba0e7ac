"""The first page's live figure: what each camera's generator does to pictures, and how their spectra change."""

from pathlib import Path
from typing import Any

import numpy as np
import traitlets

from camgan_lib.base.files import write_aside
from camgan_lib.show.widgets.base import Widget

CAMERAS = 6
"""How many cameras get a button at most."""


class Hero(Widget):
    """Pictures x, redrawn as x + s·(G(x) − x), and the change of their mean spectrum. G is a camera's generator.

    The last G was never trained. The page computes the spectra; the shares of pictures taken for the camera come along.

    State: `generator` (index), `strength` (s in %), `picture` (from 1).
    """

    module, label = "hero", "What a generator changes"
    address = ("generator", "strength", "picture")

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    count = traitlets.Int().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    strengths = traitlets.Dict().tag(sync=True)
    generator = traitlets.Int(0).tag(sync=True)
    strength = traitlets.Int(100).tag(sync=True)
    picture = traitlets.Int(1).tag(sync=True)

    def __init__(
        self,
        inputs: np.ndarray,
        stylised: dict[str, np.ndarray],
        untrained: np.ndarray,
        strengths: dict[str, Any],
    ):
        """`inputs`: uint8 N×32×32×3. `stylised`: camera → its generator's images. `untrained`: an untrained one's.

        `strengths`: what `bands.by_strength` returns. Of more than `CAMERAS` cameras the first are shown. Raises
        ValueError if images differ in type or shape.
        """
        shown = list(stylised)[:CAMERAS]
        sets = [inputs, *(stylised[camera] for camera in shown), untrained]
        if any(images.shape != inputs.shape or images.dtype != np.uint8 for images in sets):
            raise ValueError(f"uint8 images of one shape were expected, got {[images.shape for images in sets]}")
        known = {**strengths, "shares": {camera: strengths["shares"][camera] for camera in shown}}
        super().__init__(names=shown, count=len(inputs), pixels=np.stack(sets).tobytes(), strengths=known)

    def keep(self, folder: Path) -> None:
        """Writes the widget to `<folder>/hero.html`, for the first page."""
        with write_aside(folder / "hero.html") as aside:
            aside.write_text(self.static_html(), "utf-8")
