"""Workers have one core each, start no workers of their own, and end with the process that started them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import torch

from camgan_lib.base import workers
from camgan_lib.base.devices import by_batch, side_by_side
from camgan_lib.base.errors import CamganError
from camgan_lib.base.workers import cores, one_core, pool


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(4), raising=False)


def test_one_core_holds_within_and_in_this_thread_alone(four_cores):
    elsewhere = []
    with one_core():
        with one_core():
            assert cores() == 1
        assert cores() == 1
        other = threading.Thread(target=lambda: elsewhere.append(cores()))
        other.start()
        other.join()
    assert (cores(), elsewhere) == (4, [4])


def test_calls_side_by_side_start_no_threads_of_their_own(four_cores):
    busy, most, lock = 0, 0, threading.Lock()

    def inner(_):
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(0.02)
        with lock:
            busy -= 1
        return torch.get_num_threads()

    def outer(_):
        return side_by_side(inner, range(6)) + by_batch(inner, 6, 2, torch.device("cpu"))

    found = side_by_side(outer, range(4))
    assert most <= 4, "as many at once as there are cores, and not their square"
    assert {threads for each in found for threads in each} == {1}


def test_nested_calls_give_the_same_bits(four_cores):
    images = torch.randn(40, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    weights = torch.randn(8, 3, 3, 3, generator=torch.Generator().manual_seed(1))

    def convolved(part):
        return torch.nn.functional.conv2d(images[part], weights)

    def all_of_it(_=None):
        return torch.cat(by_batch(convolved, len(images), 8, torch.device("cpu")))

    alone = all_of_it()
    assert all(torch.equal(alone, nested) for nested in side_by_side(all_of_it, range(3)))


def test_a_thread_of_a_nested_call_has_its_own_gradient_mode():
    with torch.no_grad():
        assert side_by_side(lambda _: side_by_side(lambda _: torch.is_grad_enabled(), [0]), [0]) == [[True]]


@pytest.mark.slow
def test_a_process_of_a_pool_has_one_core():
    with pool(1) as processes:
        assert processes.submit(cores).result() == 1


@pytest.mark.slow
def test_a_pool_ends_its_own_processes_alone():
    bystander = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    bystander.start()
    try:
        with pytest.raises(RuntimeError, match="mine"), pool(1) as processes:
            own = processes.submit(os.getpid).result()
            processes.submit(time.sleep, 60)
            raise RuntimeError("mine")
        assert bystander.is_alive()
        with pytest.raises(ProcessLookupError):
            os.kill(own, 0)
    finally:
        bystander.kill()
        bystander.join()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
@pytest.mark.slow
def test_a_killed_worker_is_one_sentence():
    with pytest.raises(CamganError, match=r"was killed .*run again to go on"), pool(1) as processes:
        processes.submit(os.kill, processes.submit(os.getpid).result(), signal.SIGKILL).result()


STARTS_A_POOL = """
import os, time
from camgan_lib.base.workers import pool
if __name__ == "__main__":
    with pool(1) as processes:
        print(processes.submit(os.getpid).result(), flush=True)
        processes.submit(time.sleep, 60).result()
"""


@pytest.mark.slow
def test_a_worker_ends_with_the_process_that_started_it(tmp_path):
    (tmp_path / "starts.py").write_text(STARTS_A_POOL)
    with subprocess.Popen([sys.executable, tmp_path / "starts.py"], stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        os.kill(worker, 0)
        parent.kill()
    for _ in range(100):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the worker outlived the process that started it")


@pytest.mark.parametrize("missing", ["sched_getaffinity"])
def test_systems_without_affinity_have_all_cores(monkeypatch, missing):
    monkeypatch.delattr(os, missing, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert workers.cores() == 3
