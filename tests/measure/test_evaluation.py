"""Accuracy, votes, intervals by photo, the colour-only baseline and Table 1 have their known answers."""

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.data.crops import Crops
from camgan_lib.data.nostyle import NoStyle
from camgan_lib.measure import averages, evaluation, statistics
from camgan_lib.networks import inference

CPU = torch.device("cpu")


class ByRed(nn.Module):
    """A classifier of two cameras that decides by the mean of red: dark is 0, bright is 1."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        red = x[:, 0].mean((1, 2))
        return torch.stack([-red, red], 1)


class Brighter(nn.Module):
    """A generator that adds a constant."""

    def __init__(self, by: float):
        super().__init__()
        self.by = by

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.by


def crops(images: np.ndarray, labels: list[int]) -> Crops:
    return Crops(images, np.array(labels, np.int64), np.arange(len(labels), dtype=np.int64))


def noise(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 32, 32, 3)).astype(np.uint8)


def test_predictions_are_made_in_evaluation_mode_and_do_not_depend_on_batches(monkeypatch):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten()).train()
    whole = inference.predict(model, noise(23), CPU)
    monkeypatch.setattr(inference, "BATCH", 5)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(inference.predict(model, noise(23), CPU), whole, atol=1e-6)
    assert int(model[1].num_batches_tracked) == 0


def test_a_generator_that_changes_nothing_gives_every_8_bit_value_back():
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(3, 3)
    out = inference.stylise(nn.Identity(), images, CPU)
    assert out.dtype == np.uint8
    np.testing.assert_array_equal(out, images)


def test_stylised_images_are_rounded_and_kept_in_range():
    images = np.full((1, 4, 4, 3), 254, np.uint8)
    assert (inference.stylise(Brighter(0.4 / 127.5), images, CPU) == 254).all()
    assert (inference.stylise(Brighter(0.6 / 127.5), images, CPU) == 255).all()
    assert (inference.stylise(Brighter(0.5), images, CPU) == 255).all()


def test_accuracy_and_confusion_of_a_small_case():
    logits = np.array([[2, 1, 0], [0, 3, 1], [5, 0, 4], [0, 0, 1.0]])
    labels = np.array([0, 1, 2, 2])
    assert inference.accuracy(logits, labels) == 0.75
    counts = evaluation.confusion(labels, logits.argmax(1), 3)
    np.testing.assert_array_equal(counts, [[1, 0, 0], [0, 1, 0], [1, 0, 1]])


def test_log_probabilities_sum_to_one_even_for_huge_logits():
    logs = inference.log_softmax(np.array([[1000.0, 0.0, -1000.0], [0.1, 0.2, 0.3]], np.float32))
    np.testing.assert_allclose(np.exp(logs).sum(1), 1)
    assert logs[0, 0] == pytest.approx(0)


def test_a_vote_weighs_sure_crops_more_than_the_count_of_crops():
    logits = np.array([[0.1, 0], [0.1, 0], [0, 9], [3, 0]])
    decisions, truth = evaluation.vote_by_photo(logits, np.array([1, 1, 1, 0]), np.array([7, 7, 7, 2]))
    np.testing.assert_array_equal(truth, [0, 1])
    np.testing.assert_array_equal(decisions, [0, 1])


def test_colour_alone_tells_cameras_of_different_tint_and_not_those_of_the_same():
    def half(seed: int, tint: int) -> Crops:
        images = noise(200, seed) // 2
        labels = np.arange(200) % 2
        images[labels == 1, :, :, 0] += np.uint8(tint)
        return crops(images, list(labels))

    assert evaluation.colour_only_accuracy(half(0, 60), half(1, 60)).value == 1
    none = evaluation.colour_only_accuracy(half(0, 0), half(1, 0))
    assert none.low < 0.5 < none.high
    assert (none.n, none.unit, set(none.strata)) == (200, "photo", {0, 1})


def test_colour_statistics_of_a_flat_image():
    flat = np.full((1, 8, 8, 3), (0, 51, 255), np.uint8)
    np.testing.assert_allclose(evaluation.colour_statistics(flat), [[0, 0.2, 1, 0, 0, 0]], atol=1e-6)


def test_table_1_counts_untouched_and_stylised_images_and_measures_the_distance():
    images = np.full((4, 32, 32, 3), 100, np.uint8)
    images[0] = 200
    generators = {"dark": Brighter(60 / 127.5), "bright": Brighter(60 / 127.5)}
    nostyle = NoStyle(images[1:], images, "", "", np.array([0, 0, 1]), np.array([0, 0, 1, 2]))
    stylised = {name: inference.stylise(each, images, CPU) for name, each in generators.items()}
    away, row = evaluation.table1(generators, stylised, nostyle, ByRed(), ByRed(), CPU, all_seen=False)
    assert (away["camera"], row["camera"]) == ("dark", "bright")
    assert row["no_style"].value == 0.25
    assert row["train"].value == row["test"].value == row["transfer"].value == 1
    assert row["l1"].value == pytest.approx((3 * 60 + 55) / 4 / 127.5)
    assert [away[name].value for name in ("no_style", "train", "test")] == [0.75, 0, 0]
    assert (row["test"].n, row["test"].unit, row["train"].n) == (3, "scene", 2)
    assert row["first"] == {"n": 4, "no_style": 0.25, "test": 1, "transfer": 1, "l1": pytest.approx(row["l1"].value)}
    assert statistics.paired(row["test"], row["no_style"])
    assert not statistics.paired(row["train"], row["test"])
    mean = averages.over_same_scenes([away["test"], row["test"]])
    assert (mean.value, mean.n) == (0.5, 3)
    with pytest.raises(ValueError, match="same scenes"):
        averages.over_same_scenes([away["test"], row["train"]])


def test_training_images_that_are_all_there_are_are_counted():
    images = np.full((2, 32, 32, 3), 200, np.uint8)
    nostyle = NoStyle(images, images, "", "", np.arange(2), np.arange(2))
    generators = {"a": nn.Identity(), "b": nn.Identity()}
    stylised = dict.fromkeys(generators, images)
    rows = evaluation.table1(generators, stylised, nostyle, ByRed(), ByRed(), CPU, all_seen=True)
    train = [row["train"] for row in rows]
    assert [(each.low, each.value, each.high) for each in train] == [(0, 0, 0), (1, 1, 1)]
    assert averages.over_same_scenes(train).value == averages.over_same_scenes(train).high == 0.5


def test_a_verdict_on_a_classifier_is_consistent_in_itself():
    images = np.concatenate([np.full((6, 32, 32, 3), 50, np.uint8), np.full((2, 32, 32, 3), 200, np.uint8)])
    test = Crops(images, np.array([0, 0, 0, 0, 1, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2, 3, 3]))
    verdict = evaluation.evaluate(ByRed(), test, CPU)
    assert verdict["accuracy"].value == 0.75
    assert verdict["photo_accuracy"].value == 0.75
    np.testing.assert_array_equal(verdict["confusion"], [[4, 0], [2, 2]])
    for name in ("accuracy", "photo_accuracy"):
        assert verdict[name].low < 0.75 < verdict[name].high
        assert (verdict[name].n, verdict[name].unit) == (4, "photo")


def test_a_classifier_and_colour_alone_are_compared_photo_by_photo():
    photo = np.repeat(np.arange(12), 4)
    labels = np.repeat([0, 1], 24)
    dark, bright = np.full((24, 32, 32, 3), 50, np.uint8), np.full((24, 32, 32, 3), 200, np.uint8)
    test = Crops(np.concatenate([dark, bright]), labels, photo)
    lead = statistics.difference(
        evaluation.evaluate(ByRed(), test, CPU)["accuracy"], evaluation.colour_only_accuracy(test, test)
    )
    assert (lead.value, lead.n) == (0, 12)
    assert lead.low < 0 < lead.high, "twelve photos that are alike do not show that all are"
