"""The classifier for own photos: what its branches see, photos held out, and that its training can be resumed."""

import dataclasses

import numpy as np
import pytest
import torch

from camgan_lib.base.devices import drawn_from
from camgan_lib.data.crops import Crops
from camgan_lib.networks import forensic_training
from camgan_lib.networks.checkpoint import Checkpoint
from camgan_lib.networks.forensic import ForensicNet, Phases, load_forensic
from camgan_lib.networks.forensic_training import hold_out, logits_and_features, train_forensic, turn
from camgan_lib.networks.inference import predict
from camgan_lib.networks.recipes import ClassifierRecipe
from camgan_lib.networks.resnet import ResNet20, to_integers

CPU = torch.device("cpu")
RECIPE = ClassifierRecipe(3, 16, 2e-3, "cosine", 0.0, flip=True, quantized=False, seed=5, network="forensic")


def striped(count: int = 96, per_photo: int = 6) -> Crops:
    """Two classes; one has faint lines along both axes, so that a turned crop keeps its class."""
    rng = np.random.default_rng(2)
    photo = np.arange(count) // per_photo
    labels = photo % 2
    fine = (-1.0) ** np.arange(32)
    traces = 8 * labels[:, None, None, None] * (fine[:, None, None] + fine[None, :, None])
    images = np.clip(rng.integers(90, 150, (count, 32, 32, 3)) + traces, 0, 255).astype(np.uint8)
    return Crops(images, labels, photo)


def net(classes: int = 3, quantized: bool = False) -> ForensicNet:
    with drawn_from(0):
        return ForensicNet(classes, quantized).eval()


def same_weights(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    pairs = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return all(torch.equal(x, y) for x, y in pairs)


# --- the network


def test_logits_are_the_heads_of_its_features():
    images = striped(8).images
    logits, features = logits_and_features(net(), images, CPU)
    assert logits.shape == (8, 3)
    assert features.shape == (8, 256)
    assert np.array_equal(logits, predict(net(), images, CPU))
    head = net().head
    assert np.allclose(logits, features @ head.weight.detach().numpy().T + head.bias.detach().numpy(), atol=1e-5)


def test_no_crops_give_no_rows_of_the_right_width():
    logits, features = logits_and_features(net(), np.zeros((0, 32, 32, 3), np.uint8), CPU)
    assert logits.shape == (0, 3)
    assert features.shape == (0, 256)


def test_the_papers_network_has_features_too():
    with drawn_from(0):
        paper = ResNet20(3).eval()
    logits, features = logits_and_features(paper, striped(4).images, CPU)
    assert features.shape == (4, 64)
    assert np.allclose(logits, predict(paper, striped(4).images, CPU), atol=1e-4)


def test_what_is_periodic_does_not_depend_on_where_a_crop_begins():
    with drawn_from(1):
        branch = Phases(16, False).eval()
    cell = torch.randn(1, 32, 8, 8)
    whole = cell.repeat(1, 1, 6, 6)
    found = [branch(whole[..., top : top + 32, left : left + 32]) for top, left in ((0, 0), (3, 5), (7, 1))]
    assert torch.allclose(found[0], found[1], atol=1e-4)
    assert torch.allclose(found[0], found[2], atol=1e-4)
    assert not torch.allclose(found[0], branch(cell.flip(1).repeat(1, 1, 4, 4)), atol=1e-2)


def test_a_colour_that_is_the_same_everywhere_leaves_no_residual():
    grey, red = np.full((1, 32, 32, 3), 90, np.uint8), np.zeros((1, 32, 32, 3), np.uint8)
    red[..., 0] = 200
    flat = torch.from_numpy(np.concatenate([grey, red])).permute(0, 3, 1, 2) / 127.5 - 1
    inside = net().stem(flat)[..., 2:-2, 2:-2]
    assert inside.abs().max() < 1e-3


def test_one_class_alone_is_refused():
    with pytest.raises(ValueError, match="at least 2 classes, got 1"):
        ForensicNet(1)


def test_an_8_bit_network_is_the_same_after_it_was_stored_as_integers():
    model, images = net(quantized=True), striped(8).images
    state = to_integers(model)
    assert {name for name in state if name.endswith("int8")} >= {"stem.weight_int8", "head.weight_int8"}
    assert np.array_equal(predict(load_forensic(state), images, CPU), predict(model, images, CPU))
    assert same_weights(load_forensic(net().state_dict()), net())


# --- symmetries


@pytest.mark.parametrize("number", range(8))
def test_a_symmetry_moves_pixels_and_changes_none(number):
    images = torch.from_numpy(striped(4).images)
    turned = turn(images, torch.full((4,), number))
    for before, after in zip(images, turned, strict=True):
        assert torch.equal(before.reshape(-1, 3).unique(dim=0), after.reshape(-1, 3).unique(dim=0))
    assert torch.equal(turned, images) == (number == 0)


def test_the_eight_symmetries_are_all_different_and_each_crop_gets_its_own():
    image = torch.from_numpy(striped(1).images)
    each = turn(image.repeat(8, 1, 1, 1), torch.arange(8))
    assert len({bytes(one.contiguous().numpy().data) for one in each}) == 8
    alone = torch.cat([turn(image, torch.tensor([number])) for number in range(8)])
    assert torch.equal(each, alone)


# --- training


def trained(crops: Crops, recipe: ClassifierRecipe = RECIPE, validation: tuple[int, ...] = (2, 3), **about: object):
    held = np.array(validation, np.int64)
    return train_forensic(crops, recipe, validation=held, device=CPU, progress=False, **about)


def test_whole_photos_are_held_out():
    left, held = hold_out(striped(), np.array([2, 3, 99]))
    assert set(held.photo) == {2, 3}
    assert set(left.photo) == set(range(16)) - {2, 3}
    assert len(left.images) + len(held.images) == 96


@pytest.mark.slow
def test_it_learns_and_says_what_it_says_of_the_photos_held_out():
    crops = striped()
    model, history, held = trained(crops, dataclasses.replace(RECIPE, epochs=6))
    assert not model.training
    assert (predict(model, crops.images, CPU).argmax(1) == crops.labels).mean() > 0.9
    assert set(held.photo) == {2, 3}
    again = logits_and_features(model, hold_out(crops, np.array([2, 3]))[1].images, CPU)
    assert np.array_equal(held.logits, again[0])
    assert np.array_equal(held.features, again[1])
    losses = [each["validation_loss"] for each in history]
    chosen = -np.log(np.exp(held.logits) / np.exp(held.logits).sum(1, keepdims=True))
    assert chosen[np.arange(len(held.labels)), held.labels].mean() == pytest.approx(min(losses), abs=1e-4)


def test_the_same_recipe_gives_the_same_network_and_leaves_random_numbers_alone():
    before = torch.get_rng_state()
    first, history, _ = trained(striped(48))
    again, history_again, _ = trained(striped(48))
    other, _, _ = trained(striped(48), dataclasses.replace(RECIPE, seed=6))
    assert torch.equal(torch.get_rng_state(), before)
    assert same_weights(first, again)
    assert history == history_again
    assert not same_weights(first, other)


class Stopped(Exception):
    pass


class StoppingCheckpoint(Checkpoint):
    """Stops the training after its second epoch was saved."""

    def save(self, tensors, facts):
        super().save(tensors, facts)
        if len(facts["history"]) == 2:
            raise Stopped


def test_a_stopped_training_goes_on_to_the_same_weights_bit_for_bit(tmp_path):
    crops, recipe = striped(48), dataclasses.replace(RECIPE, epochs=4)
    whole, history, held = trained(crops, recipe)
    with pytest.raises(Stopped):
        trained(crops, recipe, checkpoint=StoppingCheckpoint(tmp_path / "c"))
    saved = Checkpoint(tmp_path / "c")
    assert len(saved.load()[1]["history"]) == 2
    resumed, history_resumed, held_again = trained(crops, recipe, checkpoint=saved)
    assert same_weights(whole, resumed)
    assert history == history_resumed
    assert np.array_equal(held.logits, held_again.logits)


def test_training_ends_when_patience_does_and_keeps_the_best_epoch(monkeypatch):
    losses = iter([0.5, 0.3, 0.4, 0.35, 0.2, 0.1])
    kept: list[dict[str, torch.Tensor]] = []

    def validated(model, held, device):
        kept.append({name: each.clone() for name, each in model.state_dict().items()})
        return {"validation_loss": next(losses), "validation_accuracy": 1.0}

    monkeypatch.setattr(forensic_training, "_validated", validated)
    recipe = dataclasses.replace(RECIPE, epochs=6, patience=2)
    model, history, _ = trained(striped(24), recipe)
    assert len(history) == 4
    assert all(torch.equal(kept[1][name], each) for name, each in model.state_dict().items())


def test_without_photos_to_hold_out_the_last_epoch_counts():
    crops = striped(24, per_photo=6)
    model, history, held = trained(crops, validation=())
    assert [each["validation_loss"] for each in history] == [None] * 3
    assert len(held.labels) == 0
    assert not model.training


def test_a_class_without_crops_is_refused():
    crops = striped(24)
    with pytest.raises(ValueError, match="at least one training crop"):
        trained(dataclasses.replace(crops, labels=crops.labels * 2))


def test_a_last_batch_of_one_crop_does_not_stop_the_training():
    crops = striped(34, per_photo=17)
    _, history, _ = trained(crops, dataclasses.replace(RECIPE, epochs=1, batch_size=33), ())
    assert np.isfinite(history[0]["loss"])


def test_new_fields_leave_what_a_recipe_says_of_the_papers_network():
    recipe = ClassifierRecipe(1, 16, 1e-3, "cosine", 0.0, True, False, 0)
    assert (recipe.network, recipe.patience) == ("resnet20", 0)
