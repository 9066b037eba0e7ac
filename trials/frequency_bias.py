"""Does the order of upsampling layers that Schwarz, Liao and Geiger (NeurIPS 2021) found hold with this code?

They give each image of a generated toy set, which has a low and a high ring of frequencies, a fixed latent code, and
train a generator to return the image (mean squared error). The spectral error is that of the reduced spectrum (the mean
of |F|² over rings); theirs is relative and cut at 100 %, here it is in dB: the same sign and order, no cut. They report
that generators with interpolation (bilinear, nearest neighbour) make too little of the high frequencies, and that those
with zero insertion or reshaping (pixel shuffle) have a peak at the highest ones. This is a small version, written anew
after the authors' summary and settings: 32×32 pixels instead of 64×64, fewer channels, far fewer steps. Two networks:

    progressive    a decoder after Progressive GAN, as theirs: 4×4 to 32×32, pixel normalisation, scaled weights
    Gated-GAN      the decoder of this project's generator (networks/style_gan.py) from a linear layer on

A seed draws the toy images, their codes and the first weights; all layers have the same images of a seed, so that they
are compared in pairs. Each training is recorded when it is done, and a call that comes later goes on from there.

    python trials/frequency_bias.py [--steps 1000] [--seeds 5] [--out published/trials/frequency_bias.json]
"""

import argparse
import itertools
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from camgan_lib.base import paths
from camgan_lib.base.devices import drawn_from, one_thread
from camgan_lib.base.files import write_json
from camgan_lib.book import provenance
from camgan_lib.measure import spectrum, statistics
from camgan_lib.measure.estimates import Estimate, recorded
from camgan_lib.networks.style_gan import UPSAMPLING, Generator

SIDE, IMAGES, CODE = 32, 10, 64
PEAKS = ((0.05, 0.15), (0.75, 0.85))
"""Where the rings of a toy image lie, in shares of the highest frequency there is, that of the spectrum's corner."""
BANDS = {"low peak": (0.05, 0.15), "between": (0.2, 0.7), "high peak": (0.75, 0.85), "highest": (0.9, 1.02)}
CONTRAST = 0.3
SCALE = "small: 32×32 pixels, few channels, few steps; the paper has 64×64 pixels and 100,000 steps"
PROGRESSIVE = ("zeros", "shuffle", "nearest", "bilinear", "transpose4")
INTERPOLATING = ("nearest", "bilinear")
INSERTING = {"progressive": ("zeros", "shuffle"), "Gated-GAN": ("transpose3", "shuffle")}
"""Layers with the published excess. Zeros and a 3×3 convolution are what a transposed convolution of size 3 does."""


# --- toy images and their spectra


def toy_images(count: int, seed: int, side: int = SIDE) -> np.ndarray:
    """Toy images uint8 N×side×side×3: for each channel random phases, the same two rings of frequencies for all three.

    The centre of each ring is drawn from PEAKS; across, it is a Gaussian. Images are made at twice the side and cut.
    """
    rng, double = np.random.default_rng(seed), 2 * side
    radius = _radius(double)
    made = np.empty((count, side, side, 3), np.uint8)
    for image in made:
        magnitude = sum(np.exp(-0.5 * ((radius - rng.uniform(*peak)) * side * math.sqrt(2)) ** 2) for peak in PEAKS)
        noise = np.fft.fft2(rng.normal(size=(double, double, 3)), axes=(0, 1))
        drawn = np.fft.ifft2(magnitude[..., None] * noise / np.abs(noise), axes=(0, 1)).real
        drawn *= CONTRAST / drawn.std()
        cut = drawn[side // 2 : side // 2 + side, side // 2 : side // 2 + side]
        image[:] = np.clip(np.rint((cut + 1) * 127.5), 0, 255)
    return made


def reduced_spectrum(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(frequency, mean |F|² over rings, images and channels) of images N×n×n×C, rings one bin wide, without the mean.

    Frequency 1 is the spectrum's corner: both axes at half a cycle per pixel.
    """
    n = images.shape[1]
    power = (np.abs(np.fft.fft2(images.astype(float), axes=(1, 2))) ** 2).mean((0, -1))
    ring = np.floor(_radius(n) * n / math.sqrt(2) + 0.5).astype(int).ravel()
    means = np.bincount(ring, power.ravel()) / np.bincount(ring)
    return np.arange(1, len(means)) * math.sqrt(2) / n, means[1:]


def errors(made: np.ndarray, wanted: np.ndarray) -> dict[str, float]:
    """Spectral errors of images in dB by band of frequencies, `size`, their mean size over all rings, and `psnr` in dB.

    In a band: the mean over its rings of made over wanted power. Negative is too little.
    """
    at, found = reduced_spectrum(made)
    apart = spectrum.decibel(found) - spectrum.decibel(reduced_spectrum(wanted)[1])
    bands = {name: float(apart[(at >= low) & (at <= high)].mean()) for name, (low, high) in BANDS.items()}
    squared = float(((made.astype(float) - wanted) ** 2).mean())
    return {**bands, "size": float(np.abs(apart).mean()), "psnr": 10 * math.log10(255**2 / max(squared, 1e-9))}


def _radius(n: int) -> np.ndarray:
    line = np.fft.fftfreq(n)
    return np.hypot(*np.meshgrid(line, line)) * math.sqrt(2)


# --- networks


class Progressive(nn.Module):
    """Codes N×64 to images N×3×32×32: four stages of two convolutions, `upsampling` between them."""

    def __init__(self, width: int, upsampling: str):
        super().__init__()
        stages: list[nn.Module] = [PixelNorm(), Scaled(nn.Conv2d(CODE, width, 4, padding=3)), *_after(width, width)]
        for _ in range(int(math.log2(SIDE // 4))):
            stages += [PixelNorm(), _up(width, upsampling), nn.LeakyReLU(0.2), *_after(width, width)]
        self.body = nn.Sequential(*stages, PixelNorm(), Scaled(nn.Conv2d(width, 3, 1), gain=1.0))

    def forward(self, codes: Tensor) -> Tensor:
        return self.body(codes[:, :, None, None])


class PixelNorm(nn.Module):
    """Divides each pixel's features by their root mean square."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


class Scaled(nn.Module):
    """A convolution with normal first weights that scales its output by `gain`/√(number of inputs) (He's constant)."""

    def __init__(
        self, convolution: nn.Conv2d | nn.ConvTranspose2d, gain: float = math.sqrt(2), taps: int | None = None
    ):
        super().__init__()
        self.inner, bias = convolution, convolution.bias
        self.inner.bias = None
        assert bias is not None
        self.bias = nn.Parameter(torch.zeros_like(bias))
        nn.init.normal_(self.inner.weight)
        self.scale = gain / math.sqrt(convolution.in_channels * (taps or math.prod(convolution.kernel_size)))

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x) * self.scale + self.bias[:, None, None]


class Zeros(nn.Module):
    """Twice the size: each value is followed by zeros."""

    def forward(self, x: Tensor) -> Tensor:
        spread = x.new_zeros(x.shape[0], x.shape[1], x.shape[2], 2, x.shape[3], 2)
        spread[:, :, :, 0, :, 0] = x
        return spread.reshape(*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3])


def _up(width: int, kind: str) -> nn.Module:
    plain = nn.Conv2d(width, width, 3, padding=1)
    if kind == "zeros":
        return nn.Sequential(Zeros(), Scaled(plain))
    if kind == "shuffle":
        return nn.Sequential(Scaled(nn.Conv2d(width, 4 * width, 3, padding=1)), nn.PixelShuffle(2))
    if kind == "transpose4":
        return Scaled(nn.ConvTranspose2d(width, width, 4, stride=2, padding=1), taps=4)
    corners = None if kind == "nearest" else False
    return nn.Sequential(nn.Upsample(scale_factor=2, mode=kind, align_corners=corners), Scaled(plain))


def _after(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.LeakyReLU(0.2), PixelNorm(), Scaled(nn.Conv2d(inputs, outputs, 3, padding=1)), nn.LeakyReLU(0.2)]


class GatedDecoder(nn.Module):
    """Codes N×64 to images N×3×32×32: a linear layer, then the decoder of this project's generator."""

    def __init__(self, width: int, upsampling: str):
        super().__init__()
        side = SIDE if upsampling == "none" else SIDE // 4
        self.shape = (4 * width, side, side)
        self.first = nn.Linear(CODE, math.prod(self.shape))
        self.decoder = Generator(width, upsampling=upsampling).decoder

    def forward(self, codes: Tensor) -> Tensor:
        return self.decoder(F.relu(self.first(codes)).unflatten(1, self.shape))


NETWORKS: dict[str, tuple[Callable[[int, str], nn.Module], tuple[str, ...]]] = {
    "progressive": (Progressive, PROGRESSIVE),
    "Gated-GAN": (GatedDecoder, UPSAMPLING),
}


# --- training and comparison


def train(network: str, kind: str, seed: int, steps: int, width: int) -> dict[str, Any]:
    """Trains one generator on the toy images of `seed`: its errors after each quarter of the steps, and its spectrum.

    `spectrum` and `wanted`: the reduced spectra of what it makes and of the toy images, at `frequency`.
    """
    wanted = toy_images(IMAGES, seed)
    with drawn_from(seed):
        codes = torch.randn(IMAGES, CODE)
        model = NETWORKS[network][0](width, kind)
    target = torch.from_numpy(wanted).permute(0, 3, 1, 2).float() / 127.5 - 1
    optimiser = torch.optim.Adam(model.parameters(), 1e-3, (0.0, 0.99))
    began, course = time.monotonic(), []
    for step in range(1, steps + 1):
        optimiser.zero_grad()
        F.mse_loss(model(codes), target).backward()
        optimiser.step()
        if step % max(1, steps // 4) == 0:
            with torch.no_grad():
                made = ((model(codes) + 1) * 127.5).permute(0, 2, 3, 1).numpy()
            course.append({"step": step, **errors(made, wanted)})
    at, found = reduced_spectrum(made)
    spectra = {"frequency": at, "spectrum": found, "wanted": reduced_spectrum(wanted)[1]}
    lists: dict[str, Any] = {name: [float(f"{x:.4g}") for x in values] for name, values in spectra.items()}
    lists["seconds"] = round(time.monotonic() - began, 1)
    return {"network": network, "kind": kind, "seed": seed, "course": course, **lists}


def compared(rows: list[dict[str, Any]], network: str) -> dict[str, Any]:
    """The errors of a network's layers as estimates over seeds, and the tests of the published order.

    `layers`: a row per layer with an Estimate per band, of `size` and of `psnr`. `tests`: rows {what, estimate,
    expected, p}, p corrected by Holm: the sign of each layer's error where it is published (interpolation too little at
    the high peak, insertion too much at the highest frequencies), and each layer that interpolates against each that
    inserts, at the highest frequencies, paired by seed. `signs` and `order`: "holds" if all those tests find what is
    published, "contradicted" if one finds the opposite, else "not shown".
    """
    rows = whole_seeds(rows, network)
    layers = [{"kind": kind, **_layer(rows, kind)} for kind in NETWORKS[network][1]]
    found = {row["kind"]: row for row in layers}
    low, high = INTERPOLATING, INSERTING[network]
    tests = [(f"{kind}: high peak", found[kind]["high peak"], "below 0") for kind in low]
    tests += [(f"{kind}: highest", found[kind]["highest"], "above 0") for kind in high]
    for one, other in itertools.product(low, high):
        apart = statistics.difference(found[one]["highest"], found[other]["highest"])
        tests.append((f"{one} − {other}: highest", apart, "below 0"))
    p = statistics.holm({what: statistics.p_differs(each) for what, each, _ in tests})
    listed = [{"what": what, "estimate": each, "expected": sign, "p": p[what]} for what, each, sign in tests]
    signs, order = (_verdict([each for each in listed if ("−" in each["what"]) == pairs]) for pairs in (False, True))
    return {"network": network, "layers": layers, "tests": listed, "signs": signs, "order": order}


def _verdict(tests: list[dict[str, Any]]) -> str:
    as_published = [(each["estimate"].value < 0) == (each["expected"] == "below 0") for each in tests]
    sure = [each["p"] < 0.05 for each in tests]
    if any(known and not same for known, same in zip(sure, as_published, strict=True)):
        return "contradicted"
    return "holds" if all(sure) else "not shown"


def whole_seeds(rows: list[dict[str, Any]], network: str) -> list[dict[str, Any]]:
    """The trainings of a network of those seeds for which every layer is done, by seed."""
    done = {(row["kind"], row["seed"]) for row in rows if row["network"] == network}
    whole = {seed for _, seed in done if all((kind, seed) in done for kind in NETWORKS[network][1])}
    return sorted((r for r in rows if r["network"] == network and r["seed"] in whole), key=lambda row: row["seed"])


def _layer(rows: list[dict[str, Any]], kind: str) -> dict[str, Estimate]:
    last = [row["course"][-1] for row in rows if row["kind"] == kind]
    return {name: statistics.over([each[name] for each in last], "seed") for name in (*BANDS, "size", "psnr")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--width", type=int, default=8, help="of the Gated-GAN decoder; the other has twice as many")
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "frequency_bias.json")
    given = parser.parse_args()
    about = {"steps": given.steps, "width": given.width, "side": SIDE, "images": IMAGES, "scale": SCALE}
    rows = _kept(given.out, about)
    done = {(row["network"], row["kind"], row["seed"]) for row in rows}
    for seed in range(given.seeds):
        for network, (_, kinds) in NETWORKS.items():
            for kind in kinds:
                if (network, kind, seed) in done:
                    continue
                width = given.width * (2 if network == "progressive" else 1)
                with one_thread():
                    rows.append(train(network, kind, seed, given.steps, width))
                print(network, kind, seed, rows[-1]["course"][-1], rows[-1]["seconds"], flush=True)
                _write(given.out, rows, about)
    _write(given.out, rows, about)


def _kept(path: Path, about: dict[str, Any]) -> list[dict[str, Any]]:
    found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    same = all(found.get("run", {}).get(name) == value for name, value in about.items())
    return found["rows"] if same else []


def _write(path: Path, rows: list[dict[str, Any]], about: dict[str, Any]) -> None:
    found = [compared(rows, name) for name in NETWORKS if whole_seeds(rows, name)]
    run = {**about, "commit": provenance.commit(), "device": provenance.device_name(torch.device("cpu"))}
    write_json(path, recorded({"networks": found, "rows": rows, "run": run}))


if __name__ == "__main__":
    main()
