"""Training is repeatable, leaves global random state and the frozen classifier alone, and learns what can be learnt."""

import dataclasses
import signal
import time

import numpy as np
import pytest
import torch

from camgan_lib.base import workers
from camgan_lib.base.devices import to_network
from camgan_lib.base.errors import CamganError
from camgan_lib.data.crops import Crops
from camgan_lib.networks import classifier_training, gan_training, optimisers, recipes
from camgan_lib.networks.checkpoint import Checkpoint, tensors_sha256
from camgan_lib.networks.classifier_training import flip_some, train_classifier
from camgan_lib.networks.gan_training import train_style_gan
from camgan_lib.networks.inference import accuracy, predict, stylise
from camgan_lib.networks.optimisers import rate_at
from camgan_lib.networks.recipes import ClassifierRecipe, GanRecipe
from camgan_lib.networks.resnet import ResNet20, from_integers, to_integers

CPU = torch.device("cpu")
CLASSIFIER = ClassifierRecipe(
    epochs=1, batch_size=16, learning_rate=2e-3, decay="cosine", weight_decay=0.0, flip=True, quantized=False, seed=5
)
GAN = GanRecipe(
    generator_width=4,
    discriminator_width=4,
    decoder_blocks=1,
    norm="none",
    upsampling="transpose3",
    adversarial="lsgan",
    l1_weight=50.0,
    tv_weight=0.1,
    auxiliary_weight=1.0,
    gan_steps=3,
    gan_batch=4,
    generator_rate=1e-3,
    discriminator_rate=1e-4,
    seed=5,
)


def stripes(count: int, seed: int) -> Crops:
    """Noise with faint stripes, across for camera 0 and along for camera 1: separable, and not by colour."""
    rng = np.random.default_rng(seed)
    images = rng.integers(60, 180, (count, 32, 32, 3)).astype(np.uint8)
    labels = np.arange(count) % 2
    images[labels == 0, ::2] += np.uint8(50)
    images[labels == 1, :, ::2] += np.uint8(50)
    return Crops(images, labels.astype(np.int64), np.arange(count, dtype=np.int64))


def same_weights(first: torch.nn.Module, second: torch.nn.Module) -> bool:
    a, b = first.state_dict(), second.state_dict()
    return all(torch.equal(a[name], b[name]) for name in a)


def quietly(train: Crops, recipe: ClassifierRecipe, test: Crops | None = None):
    return train_classifier(train, recipe, device=CPU, test=test, progress=False)


def test_the_same_recipe_gives_the_same_classifier_and_another_seed_another():
    data = stripes(40, 0)
    first, history = quietly(data, CLASSIFIER)
    torch.manual_seed(99)
    before = torch.get_rng_state()
    again, history_again = quietly(data, CLASSIFIER)
    assert torch.equal(torch.get_rng_state(), before)
    assert same_weights(first, again)
    assert history == history_again
    assert not same_weights(first, quietly(data, dataclasses.replace(CLASSIFIER, seed=6))[0])
    assert not first.training


def test_training_takes_normalisation_from_the_training_crops():
    data = stripes(16, 0)
    model, _ = quietly(data, CLASSIFIER)
    scaled = data.images.astype(np.float64) / 127.5 - 1
    np.testing.assert_allclose(model.mean, scaled.mean((0, 1, 2)), atol=1e-5)
    np.testing.assert_allclose(model.std, scaled.std((0, 1, 2)), atol=1e-5)


def test_history_has_an_entry_per_epoch_and_test_accuracy_only_with_test_crops():
    _, history = quietly(stripes(16, 0), dataclasses.replace(CLASSIFIER, epochs=2), stripes(8, 1))
    assert [entry["epoch"] for entry in history] == [1, 2]
    assert set(history[0]) == {"epoch", "loss", "train_accuracy", "test_accuracy", "learning_rate"}
    assert 0 <= history[0]["test_accuracy"] <= 1
    assert quietly(stripes(16, 0), CLASSIFIER)[1][0]["test_accuracy"] is None


def test_a_class_without_crops_is_refused():
    data = stripes(8, 0)
    with pytest.raises(ValueError, match="at least one training crop"):
        quietly(Crops(data.images, data.labels * 2, data.photo), CLASSIFIER)


@pytest.mark.trains
@pytest.mark.parametrize("quantized", [False, True])
def test_a_separable_set_is_learnt_completely(quantized):
    recipe = dataclasses.replace(CLASSIFIER, epochs=2, quantized=quantized)
    test = stripes(64, 1)
    model, history = quietly(stripes(96, 0), recipe, test)
    assert history[-1]["test_accuracy"] == 1
    if quantized:
        images = to_network(test.images, CPU)
        with torch.inference_mode():
            assert torch.equal(from_integers(to_integers(model))(images), model(images))


def test_cosine_decay_rises_then_falls_to_nothing_and_step_decay_has_three_levels():
    def rates(decay: str) -> np.ndarray:
        recipe = dataclasses.replace(CLASSIFIER, decay=decay, learning_rate=1.0)
        return np.array([rate_at(recipe, step, 200) for step in range(200)])

    cosine = rates("cosine")
    assert cosine.argmax() == 9
    assert cosine[9] > 0.99
    assert cosine[-1] < 1e-3
    assert (np.diff(cosine[10:]) < 0).all()
    np.testing.assert_array_equal(rates("step")[[0, 99, 100, 149, 150, 199]], [1, 1, 0.1, 0.1, 0.01, 0.01])
    with pytest.raises(ValueError, match="'linear'"):
        rates("linear")


def test_only_the_named_images_are_mirrored_left_to_right():
    images = torch.arange(2 * 1 * 3 * 1).reshape(2, 1, 3, 1).to(torch.uint8)
    out = flip_some(images, torch.tensor([False, True]))
    assert out[:, 0, :, 0].tolist() == [[0, 1, 2], [5, 4, 3]]
    assert flip_some(images, None) is images


def gan(
    recipe: GanRecipe = GAN,
    target: int = 0,
    classifier: ResNet20 | None = None,
    nostyle: np.ndarray | None = None,
    checkpoint: Checkpoint | None = None,
):
    data = stripes(32, 2)
    if nostyle is None:
        nostyle = np.random.default_rng(3).integers(0, 256, (32, 32, 32, 3)).astype(np.uint8)
    if classifier is None:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            classifier = ResNet20(2)
    real, options = data.of(target), {"device": CPU, "progress": False, "checkpoint": checkpoint}
    return train_style_gan(real, nostyle, target, [classifier], recipe, **options)


def test_the_same_recipe_gives_the_same_generator_and_every_camera_its_own():
    first, history = gan()
    before = torch.get_rng_state()
    again, history_again = gan()
    assert torch.equal(torch.get_rng_state(), before)
    assert same_weights(first, again)
    assert history == history_again
    assert not same_weights(first, gan(target=1)[0])
    assert not first.training


def test_history_names_every_term_and_the_share_taken_for_the_target():
    _, history = gan()
    assert [entry["step"] for entry in history] == [1, 2, 3]
    terms = {"adversarial", "l1", "tv", "auxiliary", "discriminator", "target_share"}
    assert set(history[0]) == {"step", *terms}
    assert all(np.isfinite(value) for entry in history for value in entry.values())


def test_further_terms_are_in_the_history_and_change_the_generator():
    plain, _ = gan()
    for change in ({"embedding_weight": 1.0}, {"spectral_weight": 1.0}, {"variance_weight": 1.0}):
        other, history = gan(dataclasses.replace(GAN, **change))
        assert next(iter(change)).removesuffix("_weight") in history[0]
        assert not same_weights(plain, other)


def test_where_flat_images_are_compared_the_others_have_no_part_in_the_spectral_aim():
    rng = np.random.default_rng(0)
    noise = rng.integers(-9, 10, (80, 32, 32, 3))
    flat, rich = (128 + noise).astype(np.uint8), (noise * 14 % 256).astype(np.uint8)
    rich[:, :16] //= 4
    recipe = dataclasses.replace(GAN, spectral_weight=1.0, compared="flat")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        classifier = ResNet20(2)
    seen = {}

    def made(real, nostyle):
        return train_style_gan(real, nostyle, 0, [classifier], recipe, device=CPU, progress=False)[0]

    seen["flat"] = made(flat, flat)
    seen["others among crops"] = made(np.concatenate([flat, rich]), flat)
    assert same_weights(seen["flat"], seen["others among crops"])
    assert not same_weights(seen["flat"], made(flat, np.concatenate([flat, rich])))
    with pytest.raises(CamganError, match="only 0 of 80 no-style images are flat"):
        made(flat, rich)


def test_the_auxiliary_classifier_stays_frozen():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        classifier = ResNet20(2)
    before = {name: tensor.clone() for name, tensor in classifier.state_dict().items()}
    gan(classifier=classifier)
    assert all(torch.equal(before[name], tensor) for name, tensor in classifier.state_dict().items())
    assert all(parameter.grad is None for parameter in classifier.parameters())


def flat_colours(count: int) -> np.ndarray:
    colours = np.random.default_rng(3).integers(30, 226, (count, 1, 1, 3))
    return colours.repeat(32, 1).repeat(32, 2).astype(np.uint8)


@pytest.mark.trains
def test_by_l1_alone_colours_come_back_unless_instance_norm_takes_them_away():
    recipe = dataclasses.replace(
        GAN, generator_width=8, gan_steps=80, gan_batch=8, l1_weight=1000.0, auxiliary_weight=0.0, tv_weight=0.0
    )
    lost = {}
    for norm in ("none", "instance"):
        generator, _ = gan(dataclasses.replace(recipe, norm=norm), nostyle=flat_colours(64))
        unseen = flat_colours(96)[64:]
        difference = stylise(generator, unseen, CPU).astype(float) - unseen
        lost[norm] = np.abs(difference).mean() / np.abs(unseen - unseen.mean()).mean()
    assert lost["none"] < 0.5
    assert lost["instance"] > 0.8


@pytest.mark.trains
def test_a_style_that_the_classifier_knows_is_learnt():
    classifier, _ = quietly(stripes(96, 0), dataclasses.replace(CLASSIFIER, epochs=2))
    recipe = dataclasses.replace(GAN, generator_width=8, gan_steps=60, gan_batch=8, l1_weight=10.0)
    flat = flat_colours(32)
    target = 1 - int(predict(classifier, flat, CPU).sum(0).argmax())
    generator, _ = gan(recipe, target, classifier, flat)
    logits = predict(classifier, stylise(generator, flat, CPU), CPU)
    assert accuracy(logits, np.full(len(flat), target)) > 0.9


class Stopped(Exception):
    pass


class StoppingCheckpoint(Checkpoint):
    """Stops the training after its n-th save, as a kill would."""

    left = 2

    def save(self, tensors, facts):
        super().save(tensors, facts)
        self.left -= 1
        if self.left == 0:
            raise Stopped


@pytest.mark.trains
@pytest.mark.parametrize("quantized", [False, True])
def test_a_stopped_classifier_goes_on_to_the_same_weights_bit_for_bit(tmp_path, quantized):
    data = stripes(24, 1)
    recipe = dataclasses.replace(CLASSIFIER, epochs=4, quantized=quantized)
    whole, history = train_classifier(data, recipe, device=CPU, progress=False)
    with pytest.raises(Stopped):
        train_classifier(data, recipe, device=CPU, progress=False, checkpoint=StoppingCheckpoint(tmp_path / "c"))
    saved = Checkpoint(tmp_path / "c")
    assert len(saved.load()[1]["history"]) == 2
    resumed, history_resumed = train_classifier(data, recipe, device=CPU, progress=False, checkpoint=saved)
    assert same_weights(whole, resumed)
    assert history == history_resumed


@pytest.mark.trains
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_stopped_style_gan_goes_on_to_the_same_weights_bit_for_bit(tmp_path, monkeypatch, norm):
    monkeypatch.setattr(gan_training, "STEPS_BETWEEN_CHECKPOINTS", 5)
    recipe = dataclasses.replace(GAN, gan_steps=13, norm=norm)
    whole, history = gan(recipe)
    with pytest.raises(Stopped):
        gan(recipe, checkpoint=StoppingCheckpoint(tmp_path / "g"))
    assert Checkpoint(tmp_path / "g").load()[1]["done"] == 10
    resumed, history_resumed = gan(recipe, checkpoint=Checkpoint(tmp_path / "g"))
    assert same_weights(whole, resumed)
    assert history == history_resumed


def test_only_seed_0_begins_with_the_cameras_number_and_no_other_seed_shares_first_weights():
    assert [gan_training.first_seeds(0, target) for target in range(4)] == [(k, k) for k in range(4)]
    drawn = [gan_training.first_seeds(seed, target) for seed in range(1, 50) for target in range(8)]
    numbers = {*range(8), *(number for pair in drawn for number in pair)}
    assert len(numbers) == 8 + 2 * len(drawn)
    assert gan_training.first_seeds(3, 1) == gan_training.first_seeds(3, 1)


@pytest.mark.parametrize("change", ["renamed", "lacking", "other shape", "without facts", "broken optimizer"])
def test_a_checkpoint_of_another_version_is_named_damaged_and_the_training_begins_anew(
    tmp_path, monkeypatch, capsys, change
):
    monkeypatch.setattr(gan_training, "STEPS_BETWEEN_CHECKPOINTS", 2)
    whole, history = gan()
    checkpoint = Checkpoint(tmp_path / "g")
    gan(checkpoint=checkpoint)
    tensors, facts = checkpoint.load()
    assert facts.pop("seconds") == 0
    name = next(name for name in tensors if name.startswith("discriminator/"))
    if change == "renamed":
        tensors = {key.replace("discriminator/", "judge/"): value for key, value in tensors.items()}
    elif change == "lacking":
        del tensors[name]
    elif change == "other shape":
        tensors[name] = tensors[name][:1]
    elif change == "broken optimizer":
        del tensors["g_optimizer/mean"]
    else:
        del facts["sums"]
    checkpoint.save(tensors, facts)
    again, history_again = gan(checkpoint=checkpoint)
    assert same_weights(whole, again)
    assert history == history_again
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "is damaged (made by another version of the code); the training starts from its beginning" in said


def test_a_resumed_training_counts_the_seconds_before_it(tmp_path):
    for spent in (3.0, 7.0):
        checkpoint = Checkpoint(tmp_path / "c")
        checkpoint.load()
        checkpoint.clock = lambda: 4.0
        checkpoint.save({}, {})
        assert checkpoint.seconds() == spent + 1
    checkpoint.refuse("too old")
    assert checkpoint.seconds() == 4


def train_and_tell(folder, sender):
    recipe, checkpoint = dataclasses.replace(CLASSIFIER, epochs=8), Checkpoint(folder / "c")
    train_classifier(stripes(8, 1), dataclasses.replace(recipe, epochs=1), device=CPU, progress=False)
    save = checkpoint.save

    def save_and_tell(*kept):
        save(*kept)
        sender.send("saved")

    checkpoint.save = save_and_tell
    sender.send("begins")  # with all compiled loops at hand, whose loading would take longer than the training
    model, _ = train_classifier(stripes(64, 1), recipe, device=CPU, progress=False, checkpoint=checkpoint)
    sender.send(tensors_sha256(model.state_dict()))


def last_word(receiver):
    while (word := receiver.recv()) == "saved":
        pass
    return word


@pytest.mark.trains
def test_a_training_killed_at_any_moment_ends_with_the_same_weights(tmp_path):
    processes = workers.fresh_processes()

    def begin(name):
        receiver, sender = processes.Pipe(duplex=False)
        process = processes.Process(target=train_and_tell, args=(tmp_path / name, sender))
        process.start()
        assert receiver.recv() == "begins"
        return process, receiver

    _, alone = begin("alone")
    began = time.monotonic()
    expected = last_word(alone)
    took = time.monotonic() - began
    for kill, share in enumerate(np.random.default_rng(0).uniform(0.01, 0.12, 5)):
        process, receiver = begin("killed")
        if kill == 0:
            assert receiver.recv() == "saved"
        process.join(share * took)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    assert last_word(begin("killed")[1]) == expected


def test_adam_on_one_vector_takes_the_steps_of_adam_on_every_tensor():
    def steps(make):
        torch.manual_seed(0)
        model = torch.nn.Sequential(
            torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(16, 2)
        )
        optimizer, images = make(model), torch.randn(5, 3, 4, 4)
        for _ in range(4):
            optimizer.zero_grad()
            model(images).square().sum().backward()
            optimizer.step()
        return model.state_dict()

    ours = steps(lambda model: optimisers.Adam(model, 0.01, weight_decay=0.1))
    theirs = steps(lambda model: torch.optim.Adam(model.parameters(), 0.01, weight_decay=0.1))
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-6) for name in theirs)
    assert ours["0.weight"].is_contiguous(memory_format=torch.channels_last)


def test_high_pass_kernels_do_not_see_what_varies_most():
    rng = np.random.default_rng(0)
    smooth = rng.integers(60, 190, (300, 1, 1, 3)) + np.linspace(-40, 40, 32)[:, None, None] * rng.normal(
        size=(300, 1, 1, 1)
    )
    images = np.clip(smooth + rng.normal(0, 2, (300, 32, 32, 3)), 0, 255).astype(np.uint8)
    kernels = classifier_training.least_varying(images, 16, seed=0)
    assert kernels.shape == (16, 3, 3, 3)
    norms = kernels.flatten(1).norm(dim=1)
    torch.testing.assert_close(norms, torch.full((16,), classifier_training.STEM_NORM))
    assert (kernels.sum((1, 2, 3)).abs() / norms).max() < 0.1, "a constant image gives next to nothing"


def test_small_epochs_train_a_classifier_that_takes_whole_crops():
    crops = Crops(
        np.random.default_rng(0).integers(0, 256, (64, 32, 32, 3)).astype(np.uint8), np.arange(64) % 2, np.arange(64)
    )
    recipe = recipes.ClassifierRecipe(2, 32, 1e-3, "cosine", 0.0, True, False, 0, "high-pass", 1)
    model, history = classifier_training.train_classifier(crops, recipe, device=torch.device("cpu"), progress=False)
    assert len(history) == 2
    again, _ = classifier_training.train_classifier(crops, recipe, device=torch.device("cpu"), progress=False)
    assert all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), again.state_dict().values(), strict=True))


def test_a_window_is_one_and_the_same_for_all_images():
    images = torch.arange(2 * 32 * 32 * 3).reshape(2, 32, 32, 3)
    small = classifier_training.window(images, np.random.default_rng(1))
    assert small.shape == (2, 16, 16, 3)
    assert (small[1] - small[0]).unique().numel() == 1
