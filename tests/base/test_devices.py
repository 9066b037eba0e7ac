"""Devices are resolved aloud, and uint8 images become network input exactly."""

import numpy as np
import pytest
import torch

from camgan_lib.base.devices import autocast, has_bfloat16, resolve_device, to_network
from camgan_lib.base.errors import CamganError


@pytest.fixture
def present(monkeypatch):
    def set_present(*, cuda: bool, mps: bool) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return set_present


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"), [(False, False, "cpu"), (True, False, "cuda"), (False, True, "mps")]
)
def test_auto_takes_the_gpu_where_there_is_one(present, cuda, mps, expected):
    present(cuda=cuda, mps=mps)
    assert resolve_device("auto").type == expected


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_gpu_asked_for_by_name_and_absent_is_an_error_of_one_sentence(present, name):
    present(cuda=False, mps=False)
    with pytest.raises(CamganError, match=f"device {name} was asked for") as error:
        resolve_device(name)
    assert "device=cpu" in str(error.value)
    assert "\n" not in str(error.value)


def test_cpu_by_name_stays_cpu_beside_a_gpu(present):
    present(cuda=True, mps=False)
    assert resolve_device("cpu").type == "cpu"


def test_unknown_device_is_refused():
    with pytest.raises(CamganError, match="'tpu'"):
        resolve_device("tpu")


def test_images_become_channels_first_floats_from_minus_one_to_one():
    images = np.zeros((2, 4, 6, 3), np.uint8)
    images[1, 2, 5] = (0, 51, 255)
    x = to_network(images, torch.device("cpu"))
    assert x.shape == (2, 3, 4, 6)
    assert x.dtype == torch.float32
    assert x.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(x[1, :, 2, 5], torch.tensor([-1.0, -0.6, 1.0]))
    assert (x[0] == -1).all()


def test_autocast_leaves_no_trace_outside():
    a = torch.ones(4, 4)
    with autocast(torch.device("cpu")):
        inside = (a @ a).dtype
    assert inside in (torch.bfloat16, torch.float32)
    assert (a @ a).dtype == torch.float32


@pytest.mark.parametrize(
    ("found", "expected"), [({"avx512_bf16": True}, True), ({"amx_bf16": True}, True), ({"avx2": True}, False)]
)
def test_bfloat16_is_used_only_on_cpus_that_have_it(monkeypatch, found, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found, raising=False)
    assert has_bfloat16.__wrapped__(torch.device("cpu")) is expected
    assert not has_bfloat16.__wrapped__(torch.device("mps"))
