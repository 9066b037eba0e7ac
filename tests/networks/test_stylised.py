"""Stylised images are kept in the store, found by weights and images, and made again where they are gone."""

import numpy as np
import torch
from torch import nn

from camgan_lib.networks import inference
from camgan_lib.networks import stylised as kept
from camgan_lib.networks.store import Store

CPU = torch.device("cpu")
IMAGES = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3)).astype(np.uint8)


class Counted(nn.Module):
    """Makes images a little darker and counts those that it was given."""

    def __init__(self):
        super().__init__()
        self.given = 0

    def forward(self, x):
        self.given += len(x)
        return x - 0.1


def test_all_images_are_made_once_and_parts_of_them_are_taken_from_these(tmp_path):
    store, generator = Store(tmp_path), Counted()
    made = kept.stylised(store, "w", generator, IMAGES, 0, CPU)
    assert np.array_equal(made, inference.stylise(Counted(), IMAGES, CPU))
    assert generator.given == 40
    assert np.array_equal(kept.stylised(store, "w", generator, IMAGES, 0, CPU), made)
    assert np.array_equal(kept.stylised(store, "w", generator, IMAGES, 7, CPU), made[:7])
    assert generator.given == 40, "nothing is made twice"


def test_other_weights_and_other_images_are_made_anew_and_a_part_is_not_kept(tmp_path):
    store, generator = Store(tmp_path), Counted()
    kept.stylised(store, "w", generator, IMAGES, 7, CPU)
    assert generator.given == 7
    kept.stylised(store, "w", generator, IMAGES, 0, CPU)
    kept.stylised(store, "v", generator, IMAGES, 7, CPU)
    kept.stylised(store, "w", generator, IMAGES[::-1].copy(), 7, CPU)
    assert generator.given == 7 + 40 + 7 + 7


def test_damaged_images_are_made_again(tmp_path):
    store, generator = Store(tmp_path), Counted()
    made = kept.stylised(store, "w", generator, IMAGES, 0, CPU)
    (file,) = tmp_path.glob("stylised/*/weights.safetensors")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert np.array_equal(kept.stylised(store, "w", generator, IMAGES, 0, CPU), made)
    assert generator.given == 80


def test_the_oldest_make_room_for_new_ones(tmp_path, monkeypatch):
    store, generator = Store(tmp_path), Counted()
    monkeypatch.setattr(kept, "LIMIT", 3 * IMAGES.nbytes)
    for weights in "abcd":
        kept.stylised(store, weights, generator, IMAGES, 0, CPU)
    made = generator.given
    kept.stylised(store, "d", generator, IMAGES, 5, CPU)
    kept.stylised(store, "c", generator, IMAGES, 5, CPU)
    assert generator.given == made
    kept.stylised(store, "a", generator, IMAGES, 5, CPU)
    assert generator.given == made + 5
