"""Which images are flat."""

import numpy as np

from camgan_lib.data.flat import is_flat


def test_noise_leaves_an_image_flat_and_content_or_clipping_does_not():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 8, (5, 32, 32, 3))
    ramp = np.linspace(-20, 20, 32)[:, None]
    pictures = np.stack([np.full((32, 32, 3), level, float) for level in (128, 128, 250, 10, 60)])
    pictures[1] += ramp[..., None]
    images = np.clip(pictures + noise, 0, 255).astype(np.uint8)
    assert is_flat(images).tolist() == [True, False, False, False, True]
