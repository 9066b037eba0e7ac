"""Tensors that tests of layers draw."""

import torch

from camgan_lib.base.devices import drawn_from


def drawn(*shape, seed=0):
    with drawn_from(seed):
        return torch.randn(shape).contiguous(memory_format=torch.channels_last)
