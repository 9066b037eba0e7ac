"""Means over cameras, judges or networks of the same scenes or photos, and shares that are counted, not estimated."""

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


def over_networks(estimates: Sequence[Estimate]) -> Estimate:
    """The mean over networks of estimates of the same photos, which are drawn for all of them at once within cameras.

    The networks are taken as they are: the interval says what other photos would change, and not other seeds. Raises
    ValueError where they are not of the same photos, or no longer know what each photo contributes.
    """
    first, *others = estimates
    if not first.units or any(each.strata != first.strata or len(each.units) != len(first.units) for each in others):
        raise ValueError("a mean over networks needs estimates of the same photos, with what each photo contributes")
    units = np.mean([each.units for each in estimates], 0)
    return of_units(units, np.array(first.strata), unit=first.unit, bounds=(0.0, 1.0))
