"""Where the time of a training step goes, and what share of the machine it uses.

Profiles training steps of the classifier and of the style GAN on one thread, as the library runs them. Peaks are
measured in the same run: bfloat16 and float32 matrix products of 2048×2048 and a copy of 256 MB, on one thread. The
share of the matrix peak counts the multiplications of convolutions and linear layers, forward and backward. The share
of the bandwidth counts what every operation reads and writes, as if nothing of it came from a cache.

On a GPU, named by --device, the same of its own peaks; times wait for it.

    python benchmarks/where_time_goes.py [--device cuda] [--out FILE]
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import plain
import torch
from speed import GAN, PAPER, random_crops
from torch.profiler import ProfilerActivity, profile
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from camgan_lib.base.devices import has_bfloat16, one_thread
from camgan_lib.base.files import write_json
from camgan_lib.base.memory import keep_memory
from camgan_lib.book import provenance
from camgan_lib.networks import classifier_training, gan_training
from camgan_lib.networks.resnet import ResNet20

KINDS = {
    "convolution, backward": ("convolution_backward", "_ConvolutionBackward", "_SumBackward"),
    "convolution, forward": ("mkldnn_convolution", "_Convolution", "convolution", "_Sum"),
    "products of tiles": ("aten::bmm", "aten::mm"),
    "normalisation": ("batch_norm", "_Normalised"),
    "activation": ("threshold_backward", "clamp_min", "relu", "tanh"),
    "casts and copies": ("copy_", "_to_copy", "clone"),
    "padding": ("_Mirror", "flip", "constant_pad"),
    "optimizer": ("adam", "clip", "Optimizer", "foreach", "_norm"),
}


def best_of(work, device: torch.device, repeats: int = 5) -> float:
    """The shortest time of a call, in seconds, until the device has done all of it."""

    def wait() -> None:
        if device.type == "cuda":
            torch.cuda.synchronize()

    work()
    times = []
    for _ in range(repeats):
        wait()
        began = time.perf_counter()
        work()
        wait()
        times.append(time.perf_counter() - began)
    return min(times)


def peaks(device: torch.device) -> dict[str, float]:
    """Matrix products in GFLOP/s, by type, and copying in GB/s."""
    found, side = {}, 2048 if device.type == "cpu" else 8192
    for name, kind in (("bfloat16", torch.bfloat16), ("float32", torch.float32)):
        a = torch.randn(side, side, device=device).to(kind)
        found[f"{name}_gflops"] = round(2 * side**3 / best_of(lambda a=a: a @ a, device) / 1e9, 1)
    source = torch.ones(64 * 2**20, device=device)
    target = torch.empty_like(source)
    found["copy_gb_s"] = round(2 * source.numel() * 4 / best_of(lambda: target.copy_(source), device) / 1e9, 1)
    return found


def shares(work, device: torch.device) -> dict[str, float]:
    """Share of the time by kind of operation: the processor's, or that of the GPU's kernels."""
    on_gpu = device.type == "cuda"
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_gpu else [])]) as recorded:
        work()
    spent = dict.fromkeys([*KINDS, "other"], 0.0)
    for event in recorded.key_averages():
        kind = next((k for k, words in KINDS.items() if any(w.lower() in event.key.lower() for w in words)), "other")
        spent[kind] += event.self_device_time_total if on_gpu else event.self_cpu_time_total
    total = sum(spent.values())
    return {kind: round(time / total, 3) for kind, time in sorted(spent.items(), key=lambda item: -item[1])}


class Traffic(TorchDispatchMode):
    """Counts the bytes of tensors that operations take and give, views left out."""

    def __init__(self):
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        if not function.is_view:
            self.bytes += sum(x.nbytes for x in tree_leaves((args, kwargs, out)) if isinstance(x, torch.Tensor))
        return out


def account(work, steps: int, peak: dict[str, float], device: torch.device) -> dict:
    work()
    with plain.only_pytorch(), FlopCounterMode(display=False) as counter:
        work()  # what the convolutions would take the plain way, whatever they take by compiled loops
    with Traffic() as traffic:
        work()
    seconds = best_of(work, device, 3)
    gflops = counter.get_total_flops() / seconds / 1e9
    kind = "bfloat16" if has_bfloat16(device) else "float32"
    return {
        "ms_per_step": round(1000 * seconds / steps, 1),
        "gflops": round(gflops, 1),
        "share_of_peak": round(gflops / peak[f"{kind}_gflops"], 3),
        "gb_s": round(traffic.bytes / seconds / 1e9, 1),
        "share_of_copy": round(traffic.bytes / seconds / 1e9 / peak["copy_gb_s"], 3),
        "time": shares(work, device),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", help="where networks run: cpu, cuda")
    parser.add_argument("--out", type=Path, help="where results go as JSON")
    given = parser.parse_args()
    device = torch.device(given.device)
    keep_memory()
    steps, crops, judge = 20, random_crops(20 * PAPER.batch_size), ResNet20(4)

    def classifier() -> None:
        classifier_training.train_classifier(crops, replace(PAPER, epochs=1), device=device, progress=False)

    def gan() -> None:
        recipe = replace(GAN, gan_steps=steps)
        gan_training.train_style_gan(crops.images, crops.images, 0, [judge], recipe, device=device, progress=False)

    with one_thread():
        peak = peaks(device)
        found = {"peaks": peak, **{work.__name__: account(work, steps, peak, device) for work in (classifier, gan)}}
    found |= {"device": provenance.device_name(device), "commit": provenance.commit()}
    print(json.dumps(found, indent=1))
    if given.out:
        write_json(given.out, found)


if __name__ == "__main__":
    main()
