"""Flat images: without content, so that what is left in them is the camera's alone."""

import numpy as np

BLOCK, MOST, DARK, BRIGHT = 4, 5.0, 40.0, 215.0
"""Side of the blocks whose means are compared, their largest standard deviation, and the range of the image's mean, in
levels of green. Images that are darker or brighter than that may be clipped, and have no noise."""


def is_flat(images: np.ndarray) -> np.ndarray:
    """Whether each image (uint8 N×H×W×3, H and W multiples of BLOCK) is flat: bool N.

    Noise averages out over a block, content does not.
    """
    green = images[..., 1].astype(np.float32)
    count, height, width = green.shape
    means = green.reshape(count, height // BLOCK, BLOCK, width // BLOCK, BLOCK).mean((2, 4)).reshape(count, -1)
    middle = means.mean(1)
    return (means.std(1) < MOST) & (middle > DARK) & (middle < BRIGHT)
