"""The judges' networks: small, unlike each other, kept in half precision; on own data each has its own half."""

import numpy as np
import pytest
import torch

from camgan_lib.base.devices import drawn_from
from camgan_lib.data.crops import Crops
from camgan_lib.networks import judges
from camgan_lib.networks.high_pass import high_pass
from camgan_lib.networks.inference import predict
from camgan_lib.networks.recipes import ClassifierRecipe

CPU = torch.device("cpu")


def striped(count: int = 96) -> Crops:
    """Two classes; one has faint lines."""
    rng = np.random.default_rng(2)
    labels = np.arange(count) % 2
    lines = 12 * labels[:, None, None, None] * (-1) ** np.arange(32)[:, None]
    images = (rng.integers(90, 150, (count, 32, 32, 3)) + lines).astype(np.uint8)
    return Crops(images, labels, np.arange(count) // 4)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", judges.ARCHITECTURES)
def test_each_judge_learns_and_is_kept_small(architecture):
    crops = striped()
    recipe = ClassifierRecipe(4, 16, 2e-3, "cosine", 0.0, True, False, 0)
    weights, history = judges.train_judge(crops, architecture, recipe, half=False, device=CPU, progress=False)
    model = judges.load_judge(architecture, weights)
    assert (predict(model, crops.images, CPU).argmax(1) == crops.labels).mean() > 0.9
    assert len(history) == 4
    assert sum(each.numel() * each.element_size() for each in weights.values()) < 400_000
    assert {each.dtype for each in weights.values() if each.ndim > 1} == {torch.float16}


@pytest.mark.parametrize("architecture", judges.ARCHITECTURES)
def test_judges_have_no_8_bit_form(architecture):
    with pytest.raises(ValueError, match="no 8-bit form"):
        judges.ARCHITECTURES[architecture](2, True)


def test_filters_that_begin_as_high_pass_see_no_flat_colour_and_are_orthogonal():
    kernels = high_pass(48).weight.detach().flatten(1)
    assert torch.allclose(kernels @ kernels.T, 900 * torch.eye(48), atol=1e-2)
    assert kernels.reshape(48, 3, 25).sum(2).abs().max() < 1e-3


def test_the_phase_network_hardly_cares_where_a_crop_begins():
    with drawn_from(0):
        net = judges.PhaseNet(16).eval()
    y, x = np.mgrid[:40, :40]
    picture = torch.from_numpy(np.cos(np.pi * x) * np.cos(np.pi * y / 4)).float().expand(3, -1, -1)
    crops = torch.stack([picture[:, top : top + 32, left : left + 32] for top, left in ((0, 0), (3, 5), (8, 1))])
    logits = net(crops.contiguous())
    other = net(picture[None, :, :32, :32].abs().contiguous())
    shifts = (logits - logits[0]).abs().max()
    assert shifts < 0.15 * logits.abs().max(), "borders alone differ"
    assert shifts < (other - logits[0]).abs().max()


def test_half_of_each_cameras_photos_is_drawn_from_the_seed():
    crops = Crops(np.zeros((30, 32, 32, 3), np.uint8), np.repeat([0, 1], [12, 18]), np.arange(30) // 2)
    first, again, other = (judges.half_of_photos(crops, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.photo, again.photo)
    assert set(first.photo) != set(other.photo)
    assert [len(set(first.photo[first.labels == label])) for label in (0, 1)] == [3, 5]
    assert len(first.images) == 16, "all crops of a photo"
