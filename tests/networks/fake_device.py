"""A pretend GPU, for machines without one. It computes on the CPU, but is as strict as a GPU about where tensors are.

Inside `FakeDevice`, the device GPU (of type "mps") exists. A tensor is there if it was moved or made there, or comes
from tensors that are. As on Apple's GPUs, an error is raised if a tensor there meets one on the CPU in an operation,
is read as a numpy array, or is of type float64. A CPU tensor without dimensions may meet any, as in PyTorch.
"""

import contextlib
from collections.abc import Iterable
from unittest import mock

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from camgan_lib.base import devices

GPU = torch.device("mps")
MOVES = {torch.ops.aten.copy_.default, torch.ops.aten._foreach_copy_.default}
DOUBLE = {torch.float64, torch.complex128}


class MoveError(RuntimeError):
    """A tensor is not where an operation needs it."""


class FakeDevice(contextlib.ExitStack):
    """A context in which GPU exists; what is there stays there for the next one.

    Work for several threads is done in turn, because PyTorch's modes belong to a thread.
    """

    def __enter__(self):
        super().__enter__()
        self.enter_context(mock.patch.object(devices, "ThreadPoolExecutor", _InTurn))
        self.enter_context(_Operations())
        self.enter_context(_Moves())
        return self


class _InTurn(contextlib.nullcontext):
    def __init__(self, *_, **__):
        super().__init__()

    def __enter__(self):
        return self

    def map(self, work, items):
        return map(work, items)


class _Memory:
    """Which storages are on the GPU. A weak reference to each keeps its address from being used again."""

    def __init__(self):
        self.storages, self.inherit, self.leaving = {}, False, False

    def holds(self, tensor: Tensor) -> bool:
        return tensor.untyped_storage()._cdata in self.storages

    def add(self, tensor: Tensor) -> Tensor:
        if tensor.dtype in DOUBLE:
            raise MoveError("the GPU has no float64")
        storage = tensor.untyped_storage()
        self.storages.setdefault(storage._cdata, StorageWeakRef(storage))
        return tensor


memory = _Memory()


class _Operations(TorchDispatchMode):
    """Looks at every operation, also those that others are made of: inputs on one side only, outputs on theirs."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        with torch._C.DisableTorchFunction():
            given = _tensors([*args, *(kwargs or {}).values()])
            there = [memory.holds(each) for each in given]
            if any(there) and function not in MOVES:
                for each, on_gpu in zip(given, there, strict=True):
                    if not on_gpu and each.dim():
                        raise MoveError(f"{function}: a tensor {tuple(each.shape)} on the CPU meets one on the GPU")
            out = function(*args, **(kwargs or {}))
            made_there = any(there) or (not given and memory.inherit)
            if made_there and function not in MOVES and not memory.leaving:
                for each in _tensors([out]):
                    memory.add(each)
            return out


class _Moves(TorchFunctionMode):
    """Answers calls that name the device: moves, what is made on it, a tensor's `device`."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        there = any(memory.holds(each) for each in _tensors([*args, *kwargs.values()]))
        if function == Tensor.device.__get__:  # another object at each look
            return GPU if there else function(*args)
        if function in (Tensor.numpy, Tensor.__array__) and there:
            raise MoveError("can't read a tensor on the GPU as a numpy array")
        if function is Tensor.cpu:
            return self._move(args[0], torch.device("cpu"))
        if function is Tensor.to:
            return self._to(*args, **kwargs)
        if kwargs.get("device") is not None and torch.device(kwargs["device"]) == GPU:
            made = function(*args, **{**kwargs, "device": "cpu"})
            return memory.add(made.clone())
        before, memory.inherit = memory.inherit, memory.inherit or there
        try:
            out = function(*args, **kwargs)
        finally:
            memory.inherit = before
        return memory.add(out) if function is Tensor.__deepcopy__ and there else out

    def _to(self, tensor: Tensor, *wanted, **named) -> Tensor:
        if any(isinstance(each, Tensor) for each in wanted):
            raise NotImplementedError("to(tensor)")
        by_name = {key: named.pop(key) for key in ("device", "dtype") if named.get(key) is not None}
        dtype = next((each for each in wanted if isinstance(each, torch.dtype)), by_name.get("dtype"))
        place = next((each for each in wanted if isinstance(each, str | torch.device)), by_name.get("device"))
        if dtype is not None or named.get("memory_format") is not None:
            kept = {"memory_format": named.get("memory_format") or torch.preserve_format}
            tensor = tensor.to(dtype or tensor.dtype, **kept)
        return tensor if place is None else self._move(tensor, torch.device(place))

    def _move(self, tensor: Tensor, place: torch.device) -> Tensor:
        if memory.holds(tensor) == (place == GPU):
            return tensor
        if place == GPU:
            return memory.add(tensor.clone())
        memory.leaving = True
        try:
            return tensor.clone()
        finally:
            memory.leaving = False


def _tensors(values: Iterable) -> list[Tensor]:
    """The tensors among values, and in lists and tuples of them."""
    found = []
    for each in values:
        if isinstance(each, Tensor):
            found.append(each)
        elif isinstance(each, list | tuple):
            found += _tensors(each)
    return found
