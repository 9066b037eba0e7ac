"""The words on judges and oracle follow from the numbers."""

import numpy as np

from camgan_lib.measure.statistics import difference, of_units
from camgan_lib.verdicts import judges

RNG = np.random.default_rng(0)


def share(value):
    noise = RNG.normal(size=60)
    return of_units(value + 0.05 * (noise - noise.mean()), unit="scene", bounds=(0, 1))


def said(auxiliary, turned, oracle=None, other=True, networks=1):
    rows = {"accuracy": share(0.94), "turned": share(turned), "turned_by_network": [turned] * networks}
    mean = {"turned": rows["turned"]}
    if oracle is not None:
        mean["oracle_turned"] = share(oracle)
        mean["short_of_oracle"] = difference(mean["oracle_turned"], mean["turned"])
    return judges.words({"auxiliary": {"turned": share(auxiliary)}}, {"plain": rows}, mean, other=other)


def test_generators_that_fall_short_are_said_to():
    found = said(0.9, 0.4, 0.9)
    assert "fewer than the auxiliary classifier" in found["lost"]
    assert "Generators fall short of it by 50.0 points" in found["oracle"]
    assert "no classifier has seen" in found["photos"]
    assert found["networks"].startswith("Each judge is one network. Another one may")


def test_several_networks_are_said_to_be_kept_and_which_share_photos():
    several = said(0.9, 0.4, networks=3)["networks"]
    assert "Each judge is 3 networks" in several
    assert "teaches one network of every judge. Intervals keep the networks" in several
    assert "every judge" not in said(0.9, 0.4, other=False, networks=3)["networks"]


def test_no_difference_is_not_called_one():
    found = said(0.6, 0.6, 0.6, other=False)
    assert found["lost"].startswith("Scene by scene no loss")
    assert "no difference is shown" in found["oracle"]
    assert "half of the photos" in found["photos"]


def test_more_than_the_camera_and_no_known_camera():
    assert "Generators turn more than that, by 30.0 points" in said(0.9, 0.9, 0.6)["oracle"]
    assert "there is no oracle" in said(0.9, 0.9)["oracle"]
