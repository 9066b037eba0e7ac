"""Shares turned, counted by hand: an image counts where the judge did not take it for the camera before."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.data.crops import Crops
from camgan_lib.measure import judging

CPU = torch.device("cpu")
LEVELS = (0, 100, 200)


class ByLevel(nn.Module):
    """Takes an image for camera k if its mean level is nearest to LEVELS[k]."""

    def forward(self, images):
        mean = (images.mean((1, 2, 3)) + 1) * 127.5
        return -torch.abs(mean[:, None] - torch.tensor(LEVELS, dtype=torch.float32))


def flat(*levels):
    return np.array(levels, np.uint8)[:, None, None, None] * np.ones((1, 32, 32, 3), np.uint8)


IMAGES = flat(0, 0, 100, 200)
GENERATORS = {"a": flat(0, 0, 0, 100), "b": flat(100, 0, 100, 100), "c": flat(0, 0, 0, 0)}
ORACLE = {"a": flat(0, 0, 0, 0), "b": flat(100, 100, 100, 100), "c": flat(200, 200, 200, 0)}
BOTH = {"generators": GENERATORS, "oracle": ORACLE}


def test_shares_turned_are_of_images_that_were_not_taken_before():
    found = judging.turned(ByLevel(), IMAGES, BOTH, CPU)
    assert found["generators"].by_camera == {"a": 1 / 2, "b": 2 / 3, "c": 0}
    assert found["generators"].share.value == pytest.approx((1 / 2 + 2 / 3) / 3)
    assert found["oracle"].share.value == pytest.approx(1)
    assert found["oracle"].share.unit == "image"
    assert judging.turned(ByLevel(), IMAGES, BOTH, CPU, np.array([0, 0, 1, 1]))["oracle"].share.unit == "scene"


def test_a_camera_whose_images_were_all_taken_before_has_no_share():
    found = judging.turned(ByLevel(), flat(0, 0), {"it": {"a": flat(0, 0), "b": flat(100, 0), "c": flat(0, 0)}}, CPU)
    assert found["it"].by_camera == {"b": 1 / 2, "c": 0}
    assert found["it"].share.value == pytest.approx(1 / 4)


def test_generators_stand_beside_the_oracle():
    test = Crops(flat(0, 100, 200, 200), np.array([0, 1, 2, 1]), np.arange(4))
    found = judging.beside_oracle({"it": ByLevel()}, test, IMAGES, GENERATORS, ORACLE, CPU)["it"]
    assert found["accuracy"].value == pytest.approx(3 / 4)
    assert found["short_of_oracle"].value == pytest.approx(1 - (1 / 2 + 2 / 3) / 3)
    assert found["short_of_oracle"].unit == "image"
    assert set(found) == {
        "accuracy",
        "turned",
        "turned_by_camera",
        "turned_by_network",
        "oracle_turned",
        "oracle_turned_by_camera",
        "oracle_turned_by_network",
        "short_of_oracle",
    }
    without = judging.beside_oracle({"it": ByLevel()}, test, IMAGES, GENERATORS, {}, CPU)["it"]
    assert set(without) == {"accuracy", "turned", "turned_by_camera", "turned_by_network"}


class Always(nn.Module):
    """Takes every image for camera 0."""

    def forward(self, images):
        return torch.tensor([1.0, 0, 0]).repeat(len(images), 1)


def test_shares_of_a_judge_of_several_networks_are_means_over_them():
    alone = judging.turned(ByLevel(), IMAGES, BOTH, CPU)["generators"]
    twice = judging.turned([ByLevel(), ByLevel()], IMAGES, BOTH, CPU)["generators"]
    assert twice.share.value == pytest.approx(alone.share.value)
    assert twice.share.n == alone.share.n
    assert twice.by_camera == alone.by_camera
    assert twice.by_network == [pytest.approx(alone.share.value)] * 2
    other = judging.turned([ByLevel(), Always()], IMAGES, BOTH, CPU)["generators"]
    assert other.by_network == [pytest.approx(alone.share.value), 0]
    assert other.by_camera == {"a": 1 / 2, "b": 2 / 7, "c": 0}
    test = Crops(flat(0, 100, 200, 200), np.array([0, 1, 2, 1]), np.arange(4))
    assert judging.accuracy([ByLevel(), Always()], test, CPU).value == pytest.approx((3 / 4 + 1 / 4) / 2)


def test_the_mean_over_judges_is_of_the_same_scenes():
    kinds = judging.turned(ByLevel(), IMAGES, BOTH, CPU)
    first, second = (kinds[kind].share for kind in BOTH)
    mean = judging.mean_over({"one": {"turned": first}, "two": {"turned": second}})
    assert set(mean) == {"turned"}
    assert mean["turned"].value == pytest.approx((first.value + second.value) / 2)
    assert mean["turned"].n == 4
    assert 0 <= mean["turned"].low <= mean["turned"].value <= mean["turned"].high <= 1
