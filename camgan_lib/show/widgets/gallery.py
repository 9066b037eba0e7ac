"""One picture at a time with its explanations beside it and over it."""

from collections.abc import Sequence

import numpy as np
import traitlets

from camgan_lib.show.widgets.base import Widget


class Gallery(Widget):
    """Pictures of one item side by side; with a `base`, a layer can be laid over it. State: `item`, `layer`, `over`
    (opacity, %)."""

    module, label = "gallery", "Explanations, one at a time"
    address = ()

    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    layers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    side = traitlets.Int().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    base = traitlets.Bool().tag(sync=True)
    legend = traitlets.Unicode().tag(sync=True)
    what = traitlets.Unicode().tag(sync=True)
    item = traitlets.Int(0).tag(sync=True)
    layer = traitlets.Int(1).tag(sync=True)
    over = traitlets.Int(60).tag(sync=True)

    def __init__(
        self, what: str, titles: Sequence[str], layers: dict[str, np.ndarray], legend: str, *, base: bool = False
    ):
        """`what` an item is; `layers`: name → pictures of all items, N×n×n×3, uint8 or float in [0, 1].

        With `base` the first layer is a picture that the others explain. Raises ValueError for other shapes.
        """
        shapes = {images.shape for images in layers.values()}
        if len(shapes) != 1 or len(next(iter(shapes))) != 4 or next(iter(shapes))[0] != len(titles):
            raise ValueError(f"pictures {len(titles)}×n×n×3 for each layer were expected, got {sorted(shapes)}")
        sheets = [
            x if x.dtype == np.uint8 else np.rint(255 * np.clip(x, 0, 1)).astype(np.uint8) for x in layers.values()
        ]
        super().__init__(
            what=what,
            titles=list(titles),
            layers=list(layers),
            side=sheets[0].shape[1],
            pixels=np.stack(sheets).tobytes(),
            base=base,
            legend=legend,
            layer=1 if base and len(sheets) > 1 else 0,
        )
