"""An image before and after a generator, with the residual at any strength."""

from typing import Any

import numpy as np
import traitlets

from camgan_lib.show.widgets.base import Widget


class ResidualSlider(Widget):
    """An input x, and over it the image x + s·(G(x) − x) of strength s, on one side of a divider that can be moved.

    State: `camera` (index), `image` (from 1), `strength` (s in %), `divider` (% from the left).
    """

    module, label = "residual_slider", "Before and after the generator"
    address = ("camera", "image", "strength", "divider")

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    count = traitlets.Int().tag(sync=True)
    pixels = traitlets.Bytes().tag(sync=True)
    strengths = traitlets.Dict().tag(sync=True)
    camera = traitlets.Int(0).tag(sync=True)
    image = traitlets.Int(1).tag(sync=True)
    strength = traitlets.Int(100).tag(sync=True)
    divider = traitlets.Int(50).tag(sync=True)

    def __init__(self, inputs: np.ndarray, stylised: dict[str, np.ndarray], strengths: dict[str, Any]):
        """`inputs`: uint8 N×32×32×3. `stylised`: camera → its stylised images, of the same shape.

        `strengths`: what `bands.by_strength` returns. Raises ValueError if a camera's images have another shape.
        """
        if any(images.shape != inputs.shape for images in stylised.values()):
            raise ValueError(f"images of the inputs' shape, {inputs.shape}, were expected")
        super().__init__(
            names=list(stylised),
            count=len(inputs),
            pixels=np.stack([inputs, *stylised.values()]).astype(np.uint8).tobytes(),
            strengths=strengths,
        )
