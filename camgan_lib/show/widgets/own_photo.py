"""A photo of the reader's own: the camera that a classifier sees in each tile, and what generators make of one tile."""

from collections.abc import Sequence

import numpy as np
import traitlets

from camgan_lib.show.widgets.base import Widget
from camgan_lib.show.widgets.networks import PageNetwork
from camgan_lib.show.widgets.spectrum_explorer import colour_map

ROWS, COLUMNS = 3, 4
"""Tiles of each camera in the demonstration picture."""


class OwnPhoto(Widget):
    """A reader's photo as a map of 32×32 tiles. It stays in the page.

    The vote is the highest mean log-probability over tiles that are neither flat, nor dark, nor blown out. State:
    `classifier` (its name; "" is the first one), `opacity` (of the map over the photo, in %). The address keeps
    nothing: a photo can't be in it.
    """

    module, label = "own_photo", "A photo of your own"

    simulated = traitlets.Bool().tag(sync=True)
    demo = traitlets.Bytes().tag(sync=True)
    demo_size = traitlets.List(traitlets.Int()).tag(sync=True)
    colours = traitlets.Bytes().tag(sync=True)
    classifier = traitlets.Unicode("").tag(sync=True)
    opacity = traitlets.Int(60).tag(sync=True)

    def __init__(self, networks: Sequence[PageNetwork], fields: Sequence[np.ndarray], *, simulated: bool):
        """`networks`: classifiers, and generators named as their cameras (see `networks.page_network`).

        `fields`: images, uint8 N×n×n×3 each, of which a picture is made for readers who have none at hand (`quilt`).
        `simulated`: whether the cameras that the networks know are simulated.
        """
        demo = quilt(fields)
        super().__init__(
            networks=networks,
            classifier=networks[0].name,
            simulated=simulated,
            demo=demo.tobytes(),
            demo_size=list(demo.shape[:2]),
            colours=colour_map(),
        )


def quilt(sets: Sequence[np.ndarray]) -> np.ndarray:
    """A picture of several fields, each of ROWS×COLUMNS images of one set: uint8 H×W×3.

    `sets`: uint8 N×n×n×3 with N ≥ ROWS·COLUMNS, laid out in rows as long as the columns are high, or one longer.
    """
    fields = [np.block([[[each[COLUMNS * r + c]] for c in range(COLUMNS)] for r in range(ROWS)]) for each in sets]
    across = int(np.ceil(np.sqrt(len(fields))))
    fields += [np.zeros_like(fields[0])] * (-len(fields) % across)
    return np.block([[[fields[k + c]] for c in range(across)] for k in range(0, len(fields), across)])
