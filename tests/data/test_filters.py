"""The compiled blur is scipy's, to the bit."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from camgan_lib.data.filters import blurred


@pytest.mark.parametrize("sigma", [0.55, 0.8, 1.0, 2.37, 4.0])
@pytest.mark.parametrize("shape", [(64, 33), (40, 64, 3)])
def test_a_blur_is_scipy_s(shape, sigma):
    image = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    np.testing.assert_array_equal(blurred(image, sigma), gaussian_filter(image, (sigma, sigma, 0)[: len(shape)]))


def test_an_image_below_the_kernel_is_refused():
    with pytest.raises(ValueError, match="at least 9 pixels"):
        blurred(np.zeros((40, 8, 3), np.float32), 2.0)
