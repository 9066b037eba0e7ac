"""Deletion, infidelity and randomisation beside the library Quantus, on the same inputs: equal once it is set alike.

What is set: the colour that pixels are filled with, the noise, the untrained network. `trials/quantus_check.py` says
how far apart the two are where Quantus is left as it comes.
"""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from camgan_lib.measure import faithfulness, saliency

quantus = pytest.importorskip("quantus", reason="Quantus is not installed; it comes with pip install quantus==0.6.0")

pytestmark = pytest.mark.filterwarnings("ignore")
CPU = torch.device("cpu")
IMAGES = np.random.default_rng(5).integers(20, 236, (8, 32, 32, 3)).astype(np.uint8)
LABELS = np.arange(8) % 2
INPUTS = (IMAGES / 127.5 - 1).astype(np.float32).transpose(0, 3, 1, 2)
QUIET = {"disable_warnings": True, "display_progressbar": False}


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    body = nn.Conv2d(3, 6, 5), nn.Tanh(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 2)
    network = nn.Sequential(*body).eval()
    with torch.no_grad():
        network[-1].weight.mul_(20)
    return network


def channels_first(maps: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(maps.transpose(0, 3, 1, 2)).astype(np.float32)


def test_deletion_is_pixel_flipping_with_the_images_mean_colour(model):
    maps = saliency.saliency(model, IMAGES, LABELS, CPU)
    order = np.argsort(-maps.reshape(8, -1), 1, kind="stable")
    own = faithfulness.deletion(model, IMAGES, LABELS, order, faithfulness.without_pixels, CPU)
    colour = np.repeat(np.rint(IMAGES.mean((1, 2))) / 127.5 - 1, 1024, 1)

    def filled(arr: np.ndarray, indices: np.ndarray, **unused: object) -> np.ndarray:
        arr = arr.copy()
        np.put_along_axis(arr, indices, np.take_along_axis(colour, indices, 1), 1)
        return arr

    third = 1024 // faithfulness.STEPS  # Quantus counts channels: three such steps take as many pixels as one of ours
    flipping = quantus.PixelFlipping(features_in_step=third, normalise=False, perturb_func=filled, **QUIET)
    curve = np.array(flipping(model=model, x_batch=INPUTS, y_batch=LABELS, a_batch=maps[:, None], device="cpu"))
    whole = np.concatenate([faithfulness.probability(model, IMAGES, LABELS, CPU)[:, None], curve[:, 2::3]], 1)
    assert own == pytest.approx(np.trapezoid(whole, axis=1) / faithfulness.STEPS, abs=1e-5)


def test_infidelity_is_quantus_on_the_same_noise_and_at_the_best_scale(model):
    level, maps = 3.0, faithfulness.gradients(model, IMAGES, LABELS, CPU)
    ((own,),) = faithfulness._infidelities(model, [maps[None]], IMAGES, LABELS, CPU, level, 0)
    for index in range(3):
        noise = np.random.default_rng([0, index]).normal(0, level / 127.5, (faithfulness.PROBES, IMAGES[0].size))
        noise = channels_first(noise.reshape(-1, 32, 32, 3))
        one = INPUTS[index : index + 1]
        with torch.no_grad():
            logits = model(torch.from_numpy(np.concatenate([one, one - noise])))[:, LABELS[index]].numpy()
        happened, foretold = logits[0] - logits[1:], (noise * channels_first(maps[index : index + 1])).sum((1, 2, 3))
        scale = (happened @ foretold) / (foretold @ foretold)
        found = by_quantus(model, index, noise, scale * maps[index])
        assert own[index] == pytest.approx(found / (happened**2).mean(), abs=1e-3)  # a map of zeros is refused


def by_quantus(model: nn.Module, index: int, noise: np.ndarray, attribution: np.ndarray) -> float:
    """Quantus' infidelity of one map, with given noise in place of its patches."""
    probes = iter(noise)

    def disturbed(arr: np.ndarray, indices: object, **unused: object) -> np.ndarray:
        return INPUTS[index].reshape(1, -1) - next(probes).reshape(1, -1)

    options = {"perturb_patch_sizes": [32], "n_perturb_samples": len(noise), "perturb_func": disturbed}
    measure = quantus.Infidelity(**options, **QUIET)
    batch = {"x_batch": INPUTS[index : index + 1], "y_batch": LABELS[index : index + 1]}
    (value,) = measure(model=model, a_batch=channels_first(attribution[None]), **batch, device="cpu")
    return value


def test_the_last_of_the_cascade_is_quantus_randomisation(model):
    untrained = copy.deepcopy(model)
    for module in untrained:
        if hasattr(module, "reset_parameters"):
            torch.manual_seed(43)  # what Quantus does before each layer for its seed 42
            module.reset_parameters()
    maps = [saliency.saliency(each, IMAGES, LABELS, CPU) for each in (model, untrained)]

    def explained(model: nn.Module, inputs: np.ndarray, targets: np.ndarray, **unused: object) -> np.ndarray:
        images = np.rint((inputs + 1) * 127.5).astype(np.uint8).transpose(0, 2, 3, 1)
        return saliency.saliency(model, images, targets, CPU)[:, None]

    measure = quantus.MPRT(skip_layers=True, return_last_correlation=True, seed=42, **QUIET)
    batch = {"x_batch": INPUTS, "y_batch": LABELS, "a_batch": maps[0][:, None]}
    with torch.random.fork_rng():
        found = measure(model=copy.deepcopy(model), **batch, explain_func=explained, device="cpu")
    assert found == pytest.approx(saliency.rank_correlation(*maps), abs=1e-6)
