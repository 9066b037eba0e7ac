"""Pure colours through generators (paper, Figure 7)."""

import copy

import numpy as np
import torch
from torch import nn

# --- generators


def pure_colour_spread(generator: nn.Module) -> dict[str, float]:
    """How much of a constant image's colour a generator passes on. Computed in float64 on the CPU, to round little.

    `input`, `output`: `colour_spread` of the colours and of the generator's output, in [−1, 1]; `kept`: output / input,
    0 if the output is the same for every colour; `level`: mean |output|. In an untrained generator, whose norms have no
    bias, even float64's rounding is amplified until it shows.
    """
    twin = copy.deepcopy(generator).cpu().double().eval()
    colours = pure_colours().astype(np.float64) / 127.5 - 1
    with torch.inference_mode():
        out = twin(torch.as_tensor(colours).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).numpy()
    given, made = colour_spread(colours), colour_spread(out)
    return {"input": given, "output": made, "kept": made / given, "level": float(np.abs(out).mean())}


PURE_COLOURS = {
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "white": (255, 255, 255),
    "red": (220, 30, 30),
    "orange": (240, 150, 30),
    "yellow": (240, 230, 40),
    "green": (40, 170, 60),
    "cyan": (40, 200, 210),
    "blue": (40, 70, 210),
    "violet": (150, 50, 190),
}
"""Colours of Figure 7, 8-bit RGB."""


def pure_colours(side: int = 32) -> np.ndarray:
    """One constant image per entry of PURE_COLOURS: uint8 N×side×side×3."""
    colours = np.array(list(PURE_COLOURS.values()), np.uint8)
    return np.ascontiguousarray(np.broadcast_to(colours[:, None, None], (len(colours), side, side, 3)))


def colour_spread(images: np.ndarray) -> float:
    """How much images of one set differ from their mean image: root mean square, in the units of the images."""
    values = images.astype(np.float64)
    return float(np.sqrt(((values - values.mean(0)) ** 2).mean()))
