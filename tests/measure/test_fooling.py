"""Generators beside other changes of one norm: shares and differences belong together, nobody is counted as 0."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.measure import fooling
from camgan_lib.measure.estimates import Estimate, read, recorded
from camgan_lib.networks.inference import stylise

CPU = torch.device("cpu")
RNG = np.random.default_rng(5)
IMAGES, OTHERS = RNG.integers(0, 256, (2, 12, 32, 32, 3)).astype(np.uint8)


class Colour(nn.Module):
    """Three classes: an image belongs to the one whose colour is strongest."""

    def __init__(self, bias: float = 0.0):
        super().__init__()
        self.bias = bias

    def forward(self, x):
        return 50 * x.mean((2, 3)) + torch.tensor([self.bias, 0.0, 0.0])


class Tint(nn.Module):
    """Makes one colour stronger."""

    def __init__(self, channel: int, size: float = 0.15):
        super().__init__()
        self.register_buffer("added", size * torch.eye(3)[channel][:, None, None])

    def forward(self, x):
        return x + self.added


def tinted(images: np.ndarray) -> dict[str, np.ndarray]:
    return {name: stylise(Tint(channel), images, CPU) for channel, name in enumerate(("red", "green", "blue"))}


@pytest.fixture(scope="module")
def found() -> fooling.Fooling:
    judges = {"auxiliary": Colour(), "partial": Colour(100.0)}
    return fooling.beside(tinted(IMAGES), judges, IMAGES, CPU, OTHERS, scene=np.arange(12) // 2, steps=2)


def test_there_is_a_row_for_each_camera_kind_and_strength_and_all_have_their_norm(found):
    places = [(row["camera"], row["kind"], row["strength"]) for row in found.rows]
    assert len(places) == len(set(places)) == 3 * len(fooling.KINDS) * len(fooling.STRENGTHS)
    assert max(found.off(strength) for strength in fooling.STRENGTHS) < 0.01
    own = {row["camera"]: row["l2"] for row in found.rows if (row["kind"], row["strength"]) == ("generator", 1)}
    for row in found.rows:
        assert row["l2"] == pytest.approx(row["strength"] * own[row["camera"]], rel=0.005)
        assert ("quarters_db" in row) == (row["strength"] == 1)


def test_estimates_are_the_means_of_the_rows_over_scenes(found):
    for each in found.turned:
        rows = [r for r in found.rows if (r["kind"], r["strength"]) == (each["kind"], each["strength"])]
        share = each["turned"]["auxiliary"]
        assert share.value == pytest.approx(np.mean([row["turned"]["auxiliary"] for row in rows]))
        assert (share.n, share.unit) == (6, "perturbation" if each["kind"] == "universal" else "scene")
        assert share.low <= share.value <= share.high
    assert found.at(1.0)["PGD"]["auxiliary"].value == 1
    assert found.at(1.0)["noise"]["auxiliary"].value < 0.5


def test_differences_are_paired_and_belong_to_the_shares(found):
    at = found.at(1.0)
    assert list(found.more) == [f"generator − {kind}" for kind in fooling.KINDS[1:]]
    for kind in fooling.KINDS[1:]:
        more = found.more[f"generator − {kind}"]["auxiliary"]
        assert more.value == pytest.approx(at["generator"]["auxiliary"].value - at[kind]["auxiliary"].value)
        assert more.n == 6
        assert more.low < more.high, "no difference is known exactly from a few images"


def test_what_one_search_finds_and_another_does_not_is_in_the_interval(monkeypatch):
    """Half of the searches find a pattern that turns every image, half find one that turns none."""
    asked: list[tuple[int, ...]] = []

    def sought(model, images, target, norm, device, steps, seeds):
        asked.extend((target, *seed) for seed in seeds)
        raised = [target if number % 2 else (target + 1) % 3 for _, number in seeds]
        return [np.ones((32, 32, 1)) * np.eye(3)[channel] / 32 for channel in raised]

    monkeypatch.setattr(fooling, "universal", sought)
    images, scene = RNG.integers(100, 150, (120, 32, 32, 3)).astype(np.uint8), np.arange(120) // 2
    strong = {name: stylise(Tint(channel, 0.3), images, CPU) for channel, name in enumerate(("red", "green", "blue"))}
    found = fooling.beside(strong, {"auxiliary": Colour()}, images, CPU, OTHERS, scene=scene, steps=1, strengths=(1.0,))
    assert sorted(asked) == [(target, 0, draw) for target in range(3) for draw in range(fooling.DRAWS)]
    share = found.at()["universal"]["auxiliary"]
    assert share.value == pytest.approx(0.5, abs=0.05)
    assert share.high - share.low > 0.5
    more = found.more["generator − universal"]["auxiliary"]
    assert (share.n, more.n, more.unit) == (fooling.DRAWS, fooling.DRAWS, "perturbation")
    assert more.high - more.low > 0.5


def test_images_of_a_scene_get_the_same_perturbation_and_each_perturbation_as_many_scenes():
    scene = RNG.permutation(np.arange(200) // 5)
    draw = fooling._draws(scene, seed=3)
    assert all(len(set(draw[scene == each])) == 1 for each in range(40))
    assert list(np.bincount(draw)) == [25] * fooling.DRAWS
    assert set(fooling._draws(np.arange(3), seed=0)) == {0, 1, 2}


def test_a_camera_that_takes_all_images_from_the_start_is_left_out_and_named(found):
    assert found.left_out == {"partial": ["red"]}
    rows = [row for row in found.rows if row["camera"] == "red"]
    assert {row["turned"]["partial"] for row in rows} == {None}
    generator = [r for r in found.rows if (r["kind"], r["strength"]) == ("generator", 1) and r["camera"] != "red"]
    assert found.at()["generator"]["partial"].value == np.mean([row["turned"]["partial"] for row in generator])


def test_the_record_is_plain_json_and_gives_the_estimates_back(found):
    again = read(json.loads(json.dumps(recorded(found.record()), allow_nan=False)))
    share = again["turned"]["generator"]["auxiliary"]
    assert isinstance(share, Estimate)
    assert share.value == found.at()["generator"]["auxiliary"].value
    assert again["turned_more"]["generator − PGD"]["auxiliary"].n == 6
    assert len(again["by_strength"]) == len(fooling.KINDS) * len(fooling.STRENGTHS)


def test_another_judge_can_be_the_aim():
    few = IMAGES[:4]
    found = fooling.beside(tinted(few), {"only": Colour()}, few, CPU, OTHERS, aim="only", steps=2, strengths=(1.0,))
    assert found.at()["PGD"]["only"].value == 1
    assert found.at()["PGD"]["only"].unit == "image"
