"""A confusion matrix that shows the crops behind each of its cells."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from camgan_lib.data.crops import Crops
from camgan_lib.networks.inference import log_softmax
from camgan_lib.show.widgets.base import Widget

SHOWN = 400
"""Most crops that a page holds."""


class ConfusionExplorer(Widget):
    """The confusion matrix of a classifier, and the crops of the cell that the reader chooses.

    State: `classifier` (index), `row` (true camera) and `column` (camera decided on) of the chosen cell.
    """

    module, label = "confusion_explorer", "Confusion of cameras, crop by crop"
    address = ("classifier", "row", "column")

    cameras = traitlets.List(traitlets.Unicode()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    counts: traitlets.List[Any] = traitlets.List().tag(sync=True)
    crops: traitlets.List[Any] = traitlets.List().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    classifier = traitlets.Int(0).tag(sync=True)
    row = traitlets.Int(0).tag(sync=True)
    column = traitlets.Int(1).tag(sync=True)

    def __init__(
        self, test: Crops, logits: dict[str, np.ndarray], cameras: Sequence[str], *, show: bool = True, seed: int = 0
    ):
        """`test`: N crops; `logits`: name of a classifier → its logits N×C of them.

        At most SHOWN crops go into the page, first those that a classifier gets wrong. If `show` is false, none do.
        """
        decided = np.stack([each.argmax(1) for each in logits.values()])
        chances = np.stack([np.exp(log_softmax(each)).max(1) for each in logits.values()])
        wrong = (decided != test.labels).any(0)
        order = np.random.default_rng(seed).permutation(len(test.labels))
        chosen = order[np.argsort(~wrong[order], kind="stable")][: SHOWN if show else 0]
        flat = [np.bincount(test.labels * len(cameras) + each, minlength=len(cameras) ** 2) for each in decided]
        super().__init__(
            cameras=list(cameras),
            names=list(logits),
            counts=[each.reshape(len(cameras), -1).tolist() for each in flat],
            crops=[[int(test.labels[i]), decided[:, i].tolist(), chances[:, i].round(3).tolist()] for i in chosen],
            pixels=test.images[chosen].tobytes(),
        )
