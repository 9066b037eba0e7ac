"""One picture at a time, with its explanations beside it or laid over it."""

from collections.abc import Sequence

import numpy as np
import traitlets

from camgan_lib.show.widgets.base import Widget


class Gallery(Widget):
    """All pictures of one item side by side. With `base`, one of them can be laid over the first.

    State: `item` (index), `layer` (index of the one on top), `over` (its opacity in %).
    """

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
        """`layers`: name → a picture of each item, N×n×n×3, uint8 or float in [0, 1].

        `what` says what an item is, such as "crop"; `titles` has a line per item. With `base` the first layer is the
        picture that the others explain, and the gallery begins with the item whose picture has most contrast: crops can
        be blown out. Raises ValueError if the layers have other shapes, or not one picture per item.
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
            item=int(sheets[0].std((1, 2, 3)).argmax()) if base else 0,
            layer=1 if base and len(sheets) > 1 else 0,
        )
