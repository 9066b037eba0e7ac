"""Means over cameras or judges of estimates of the same scenes, and shares that are counted and not estimated."""

from collections.abc import Sequence

import numpy as np

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import Bounds, of_units

COUNTED = "training image"


def counted(share: float, n: int) -> Estimate:
    """A share of all n training images that there are. Nothing is drawn, so that its interval has no width."""
    return Estimate(share, share, share, n=n, unit=COUNTED, method="all training images counted")


def over_same_scenes(estimates: Sequence[Estimate], bounds: Bounds = (0.0, 1.0)) -> Estimate:
    """The mean over cameras, or judges, of estimates of the same scenes, which are drawn for all of them at once.

    `bounds`: the least and the largest value that an image can have; None where there are none, as for L1.
    Raises ValueError where they are not of the same scenes, or no longer know what each scene contributes.
    """
    first, *others = estimates
    if first.unit == COUNTED:
        return counted(float(np.mean([each.value for each in estimates])), first.n)
    if not first.units or any(len(each.units) != len(first.units) or each.unit != first.unit for each in others):
        raise ValueError("a mean needs estimates of the same scenes, with what each scene contributes")
    units = np.mean([each.units for each in estimates], 0)
    return of_units(units, unit=first.unit, bounds=bounds)
