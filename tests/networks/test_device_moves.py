"""No tensor is left behind on the CPU: what runs networks also runs on a pretend GPU, to the same numbers."""

import copy
import dataclasses
import functools
import importlib.util
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np
import pytest
import torch
from fake_device import GPU, FakeDevice, MoveError
from test_training import CLASSIFIER, CPU, GAN, stripes

from camgan_lib.base import devices, paths
from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.nostyle import NoStyle
from camgan_lib.measure import (
    bands,
    colours,
    content,
    evaluation,
    faithfulness,
    filters,
    generators,
    lime,
    perturbations,
    saliency,
    transplants,
)
from camgan_lib.measure.estimates import recorded
from camgan_lib.networks import gan_training, inference, judges
from camgan_lib.networks.checkpoint import Checkpoint, tensors_sha256
from camgan_lib.networks.classifier_training import train_classifier
from camgan_lib.networks.gan_training import train_style_gan
from camgan_lib.networks.losses import levels
from camgan_lib.networks.resnet import ResNet20, to_integers
from camgan_lib.networks.style_gan import Generator
from camgan_lib.show import live

pytestmark = pytest.mark.slow

DATA = stripes(6, 0)
IMAGES, LABELS, PHOTO = DATA.images, DATA.labels, DATA.photo
NOSTYLE = np.random.default_rng(3).integers(0, 256, (12, 32, 32, 3)).astype(np.uint8)

INPUTS = NoStyle(NOSTYLE, IMAGES, "", "", np.arange(12) // 3, np.arange(len(IMAGES)) // 2)


@pytest.fixture(autouse=True)
def _alike_on_all_devices(monkeypatch):
    """The CPU has layers of its own by compiled loops, which round otherwise."""
    ready = inference.prepared
    for module in (inference, faithfulness):
        monkeypatch.setattr(module, "prepared", lambda model, _: ready(model, GPU))
    monkeypatch.setattr(devices, "on_cpu_in_float32", lambda x: False)


@functools.cache
class Networks:
    """A classifier, its 8-bit twin and two generators, untrained, on a device: made once for each."""

    def __init__(self, device: torch.device):
        self.device = device
        with devices.drawn_from(0):
            self.float, self.twin = (ResNet20(2, quantized).to(device).eval() for quantized in (False, True))
        self.judges = {"auxiliary": self.float, "quantized": self.twin}
        made = [Generator.from_recipe(dataclasses.replace(GAN, norm=norm), seed=1) for norm in ("none", "batch")]
        self.generators = {name: each.to(device).eval() for name, each in zip("ab", made, strict=True)}
        self.generator = self.generators["b"]


def by_trial(n: Networks) -> np.ndarray:
    spec = importlib.util.spec_from_file_location("trial", paths.ROOT / "trials" / "fourth_camera.py")
    trial = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(trial)
    return trial.in_batches(copy.deepcopy(n.generator), NOSTYLE, 4, n.device)


def ascended(n: Networks) -> dict[str, np.ndarray]:
    maps, share = filters.activations(n.float, "stem", IMAGES, n.device), np.arange(16) / 120
    options = {"count": 2, "steps": 2, "blur": 1.0, "seed": 0}
    return filters.strongest_filters(n.float, "stem", share, maps, PHOTO, n.device, **options)


def attacked(n: Networks) -> list[np.ndarray]:
    each = perturbations.per_image(n.float, IMAGES, 1, np.full(6, 90.0), n.device, steps=2)
    return [each, *perturbations.universal(n.twin, IMAGES, 1, 90.0, n.device, steps=2, seeds=[0, 1])]


def untrained_saliency(n: Networks) -> np.ndarray:
    (network,) = saliency.untrained(n.float, IMAGES, 1, seed=3)
    return saliency.saliency(network, IMAGES, LABELS, n.device)


def faithful(n: Networks) -> list[Any]:
    with mock.patch.object(faithfulness, "STEPS", 1):
        gains = faithfulness.gains(n.float, IMAGES, LABELS, PHOTO, n.device)
        gains = [{**row, "gain": dataclasses.astuple(row["gain"])} for row in gains]
    untrained = saliency.untrained(n.float, IMAGES, 1, seed=3)
    cascade = faithfulness.cascade(n.float, untrained, IMAGES[:1], LABELS[:1], IMAGES, n.device)
    with mock.patch.object(faithfulness, "PROBES", 2):
        rows = faithfulness.infidelity(n.float, untrained, IMAGES[:2], LABELS[:2], PHOTO[:2], n.device)
    return [gains, [each.value for each in cascade.values()], [row["infidelity"].value for row in rows]]


def explained(n: Networks) -> list[Any]:
    return list(dataclasses.astuple(lime.lime(n.float, IMAGES[0], 1, n.device, cells=3, samples=20)))


def transplanted(n: Networks) -> dict[str, Any]:
    with mock.patch.object(transplants, "STRENGTHS", (1.0,)):
        return recorded(transplants.by_strength({"a": IMAGES[::-1]}, n.float, IMAGES, n.device))


def by_bands(n: Networks) -> list[Any]:
    with mock.patch.object(bands, "RADII", (0.25,)):
        return [recorded(bands.accuracy_by_radius(n.float, DATA, n.device))]


def trained_classifiers(n: Networks) -> list[Any]:
    found = []
    for options in ({}, {"quantized": True, "stem": "high-pass", "small_epochs": 1}, {"network": judges.PlainNet}):
        network = {"network": options.pop("network")} if "network" in options else {}
        recipe = dataclasses.replace(CLASSIFIER, batch_size=4, **options)
        model, history = train_classifier(DATA, recipe, device=n.device, test=DATA, progress=False, **network)
        state = to_integers(model) if recipe.quantized else model.state_dict()
        found.append([tensors_sha256(state), history])
    return found


def spectral_judge(n: Networks) -> np.ndarray:
    return inference.predict(judges.fit_spectral(DATA, 2).to(n.device), IMAGES, n.device)


WORK: dict[str, Callable[[Networks], Any]] = {
    "predict": lambda n: [inference.predict(each, IMAGES, n.device) for each in n.judges.values()],
    "stylise": lambda n: [inference.stylise(each, IMAGES, n.device) for each in n.generators.values()],
    "table 1": lambda n: evaluation.table1(
        n.generators, dict.fromkeys(n.generators, INPUTS.test), INPUTS, n.float, n.twin, n.device, all_seen=False
    ),
    "evaluate": lambda n: evaluation.evaluate(n.float, DATA, n.device),
    "saliency": untrained_saliency,
    "importance": lambda n: filters.relative_importance(n.float, ["stem", "blocks.3"], IMAGES, LABELS, n.device),
    "strongest filters": ascended,
    "first layer": lambda n: filters.first_layer(n.float.stem.weight),
    "lime": explained,
    "faithfulness": faithful,
    "perturbations": attacked,
    "transplants": transplanted,
    "removal": lambda n: recorded(transplants.removal({"a": IMAGES[4:]}, n.float, IMAGES[:2], n.device, draws=1)),
    "bands": by_bands,
    "strengths": lambda n: bands.by_strength(n.float, IMAGES, {"a": IMAGES[::-1]}, n.device),
    "content": lambda n: content.at_random_phase(n.generator, IMAGES, n.device),
    "swapped": lambda n: content.swapped(
        {"a": n.generator}, n.judges, {"kind": content.without_style(IMAGES, 1)}, n.device
    ),
    "generators": lambda n: generators.measure(n.generator, IMAGES, 1, n.judges, n.device),
    "colours": lambda n: colours.pure_colour_spread(n.generator),
    "spectral judge": spectral_judge,
    "levels": lambda n: levels(devices.to_network(IMAGES, n.device)).cpu().numpy(),
    "trial": by_trial,
    "train classifiers": trained_classifiers,
}


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    """The pretend GPU computes in float32, so the CPU must, too, where it would train in bfloat16."""
    monkeypatch.setattr(devices, "has_bfloat16", lambda device: False)


@pytest.mark.filterwarnings("ignore:.*max_examples_per_batch")
@pytest.mark.parametrize("name", WORK)
def test_networks_give_the_same_numbers_on_another_device(name):
    expected = WORK[name](Networks(CPU))
    with FakeDevice():
        found = WORK[name](Networks(GPU))
    np.testing.assert_equal(found, expected)


def test_live_controls_draw_on_another_device():
    with FakeDevice(), mock.patch.object(live, "CAMERAS", CAMERAS[:1]):
        n = Networks(GPU)
        live.new_scene({"one": n.float}, ["a", "b"], n.device, scene=3, crops=2)
        live.explain_anew(n.float, IMAGES, 1, n.device, crop=2, cells=3, samples=20)
        live.stylise_anew(n.generators, n.float, IMAGES, n.device, image=2, strength=150)
        live.untrained_lines(lambda seed: Generator.from_recipe(GAN, seed).to(GPU), IMAGES, GPU, seed=5)


BUILT = {"generator": "camera", "decoder_blocks": 1, "discriminator": "high-pass", "variance_weight": 1.0}


@pytest.mark.parametrize("options", [{}, {"spectral_weight": 0.1, "norm": "batch", "adversarial": "bce"}, BUILT])
def test_a_style_gan_trained_and_resumed_on_another_device_has_the_same_weights(tmp_path, monkeypatch, options):
    monkeypatch.setattr(gan_training, "STEPS_BETWEEN_CHECKPOINTS", 2)
    recipe = dataclasses.replace(GAN, gan_steps=2, **options)

    def trained(device: torch.device, name: str) -> list[Any]:
        classifier, more = Networks(device).float, {"device": device, "progress": False}
        more["checkpoint"] = Checkpoint(tmp_path / name)
        train_style_gan(IMAGES, NOSTYLE, 1, [classifier], recipe, **more)
        model, history = train_style_gan(
            IMAGES, NOSTYLE, 1, [classifier], dataclasses.replace(recipe, gan_steps=3), **more
        )
        assert [entry["step"] for entry in history] == [1, 2, 3]
        return [tensors_sha256(model.state_dict()), history]

    expected = trained(CPU, "cpu")
    with FakeDevice():
        assert trained(GPU, "gpu") == expected


@pytest.mark.parametrize(
    ("place", "name"),
    [(saliency, "saliency"), (filters, "importance"), (perturbations, "perturbations"), (faithfulness, "faithfulness")],
)
def test_a_forgotten_move_is_found(monkeypatch, place, name):
    """`moved` does nothing, as if the line had been written without it."""
    monkeypatch.setattr(place, "moved", lambda values, device: torch.as_tensor(values))
    with FakeDevice(), pytest.raises(MoveError, match="on the CPU meets one on the GPU"):
        WORK[name](Networks(GPU))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: x + torch.ones(3),
        lambda x: torch.stack([x, torch.ones(3)]),
        lambda x: x.double().cpu(),
        lambda x: torch.zeros(2, dtype=torch.float64, device=x.device),
        lambda x: x.detach().numpy(),
        lambda x: np.asarray(x),
        lambda x: x.cpu() * x,
        lambda x: torch.nn.Linear(3, 1)(x),
    ],
)
def test_the_pretend_gpu_is_strict(wrong):
    with FakeDevice(), pytest.raises(MoveError):
        wrong(torch.ones(3).to(GPU))


def test_the_pretend_gpu_lets_right_code_pass():
    with FakeDevice():
        x = torch.ones(3, requires_grad=True).detach().to(GPU).requires_grad_()
        y = 2.0 * x * torch.tensor(3.0) + torch.arange(3, device=x.device)
        y.sum().backward()
        assert x.device == y.device == x.grad.device == torch.zeros_like(y).device == copy.deepcopy(x).device == GPU
        assert y.cpu().double().tolist() == [6, 7, 8]
        assert torch.ones(3).device == x.cpu().device == CPU
