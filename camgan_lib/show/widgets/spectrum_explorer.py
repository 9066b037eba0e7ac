"""The spectrum explorer: pictures, their spectra, a mask, and what a classifier says, all computed in the page."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import traitlets

from camgan_lib.show.widgets.base import Widget
from camgan_lib.show.widgets.networks import PageNetwork


def colour_map() -> bytes:
    """The colours of spectra, 256 × RGB, from the lowest level to the highest."""
    return np.rint(255 * mpl.colormaps["magma"](np.arange(256))[:, :3]).astype(np.uint8).tobytes()


class SpectrumExplorer(Widget):
    """Images side by side with their spectra. Frequencies can be masked, and a classifier decides on what remains.

    A reader can also open a picture of their own.

    State: `camera` (index of a set; 0 is the input alone), `image` (from 1), `channel`, `average` (over the first n
    images), `strength` (of the residual, in %), `statistic`, `high_pass`, `window`, `low` and `high` (dB), `marks`,
    `mask` ("off", "stop" or "pass"), `inner` and `outer` (cycles/pixel), `painted` (bins in base 36), `cursor` (bin of
    the shifted spectrum), `classifier` (its name; "" is the first one).
    """

    module, label = "spectrum_explorer", "Spectrum explorer"
    address: tuple[str, ...] = ("camera", "image", "channel", "average", "strength", "statistic", "high_pass", "window")
    address += ("low", "high", "marks", "mask", "inner", "outer", "painted", "cursor", "classifier")

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    count = traitlets.Int().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    colours = traitlets.Bytes().tag(sync=True)

    camera = traitlets.Int(1).tag(sync=True)
    image = traitlets.Int(1).tag(sync=True)
    channel = traitlets.Unicode("luminance").tag(sync=True)
    average = traitlets.Int(1).tag(sync=True)
    strength = traitlets.Int(100).tag(sync=True)
    statistic = traitlets.Unicode("plain").tag(sync=True)
    high_pass = traitlets.Bool(False).tag(sync=True)
    window = traitlets.Unicode("Hann").tag(sync=True)
    low = traitlets.Int(-10).tag(sync=True)
    high = traitlets.Int(50).tag(sync=True)
    marks = traitlets.Bool(True).tag(sync=True)
    mask = traitlets.Unicode("off").tag(sync=True)
    inner = traitlets.Float(0.25).tag(sync=True)
    outer = traitlets.Float(0.71).tag(sync=True)
    painted = traitlets.Unicode("").tag(sync=True)
    cursor = traitlets.Int(16 * 32 + 24).tag(sync=True)
    classifier = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self, inputs: np.ndarray, stylised: dict[str, np.ndarray], networks: Sequence[PageNetwork] = (), **state: Any
    ):
        """`inputs`: uint8 N×32×32×3. `stylised`: camera → its stylised images, of the same type and shape.

        `networks`: classifiers (see `networks.page_network`); without any no decision is shown. `state` sets traits.
        Raises ValueError if a camera's images have another type or shape.
        """
        sets = [inputs, *stylised.values()]
        if any(images.shape != inputs.shape or images.dtype != np.uint8 for images in sets):
            raise ValueError(f"uint8 images of one shape were expected, got {[images.shape for images in sets]}")
        if networks:
            state.setdefault("classifier", networks[0].name)
        super().__init__(
            networks=networks,
            names=["no style (the input alone)", *stylised],
            count=len(inputs),
            pixels=np.stack(sets).tobytes(),
            colours=colour_map(),
            **state,
        )
