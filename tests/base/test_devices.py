"""A named device is there or an error, GPUs compute in full float32, and uint8 images become network input exactly."""

import threading

import numpy as np
import pytest
import torch

from camgan_lib.base.devices import (
    autocast,
    drawn_from,
    full_precision,
    has_bfloat16,
    moved,
    resolve_device,
    to_network,
)
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


@pytest.mark.parametrize("native", [True, False])
def test_bfloat16_is_used_only_on_gpus_that_do_not_emulate_it(monkeypatch, native):
    asked = []
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **how: asked.append(how) or native)
    assert has_bfloat16.__wrapped__(torch.device("cuda")) is native
    assert asked == [{"including_emulation": False}]


def tf32() -> list[str]:
    return [each.fp32_precision for each in (torch.backends.cudnn.conv, torch.backends.cuda.matmul)]


@pytest.mark.filterwarnings("error")
@pytest.mark.skipif(not hasattr(torch.backends.cudnn, "conv"), reason="this PyTorch has the older settings only")
def test_full_precision_switches_tf32_off_and_back_without_a_warning():
    before, cuda = tf32(), torch.device("cuda")
    assert before[0] == "tf32", "PyTorch's default, which this is for"
    with full_precision(torch.device("cpu")):
        assert tf32() == before
    with full_precision(cuda):
        assert tf32() == ["ieee", "ieee"]
        with pytest.raises(RuntimeError), full_precision(cuda):
            raise RuntimeError
        assert tf32() == ["ieee", "ieee"], "the outer context still needs it"
    assert tf32() == before


@pytest.mark.skipif(not hasattr(torch.backends.cudnn, "conv"), reason="this PyTorch has the older settings only")
def test_full_precision_lasts_until_the_last_thread_that_needs_it():
    before, cuda, first, second = tf32(), torch.device("cuda"), threading.Event(), threading.Event()

    def other() -> None:
        with full_precision(cuda):
            first.set()
            second.wait(10)

    thread = threading.Thread(target=other)
    with full_precision(cuda):
        thread.start()
        assert first.wait(10)
    assert tf32() == ["ieee", "ieee"]
    second.set()
    thread.join()
    assert tf32() == before


def test_drawing_from_a_seed_touches_no_gpu_and_leaves_no_trace(monkeypatch):
    def touched(*_):
        raise AssertionError("a GPU's generator was seeded")

    for gpu in (torch.cuda, torch.xpu):
        monkeypatch.setattr(gpu, "manual_seed_all", touched)
    monkeypatch.setattr(torch.mps, "manual_seed", touched)
    before = torch.get_rng_state()
    with drawn_from(5):
        first = torch.randn(4)
    assert torch.equal(torch.get_rng_state(), before)
    generator = torch.Generator().manual_seed(5)
    assert torch.equal(first, torch.randn(4, generator=generator))


def test_what_goes_to_cuda_goes_by_pinned_memory(monkeypatch):
    """A copy from any other memory waits until the GPU has done all that it was given before."""
    calls = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda x: calls.append("pinned") or x)
    monkeypatch.setattr(torch.Tensor, "to", lambda x, device, **how: calls.append((device.type, how)) or x)
    moved(np.zeros(3), torch.device("cuda"))
    assert calls == ["pinned", ("cuda", {"non_blocking": True})]
