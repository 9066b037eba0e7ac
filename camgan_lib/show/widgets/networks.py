"""Networks as a page runs them: a short program of layers in JSON, and one block of bytes with their weights.

The bytes of a network: the length of the JSON (4 bytes, little-endian), the JSON, filled up to a multiple of 4 bytes,
and the block. A layer of the program names its numbers by their place in the block: `at` (bytes), `count`, and `type`,
"f4" (float32), "f2" (float16) or "i1" (int8, times the float32 `step` of its output channel). `_engine.js` reads them.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from camgan_lib.networks.camera_generator import WAYS, CameraGenerator
from camgan_lib.networks.camera_stages import PERIOD
from camgan_lib.networks.padding import Reflect
from camgan_lib.networks.resnet import LEVELS, Block, ResNet20, on_grid, scales, without_norms
from camgan_lib.networks.stage_network import PlacedBlock, StageNetwork
from camgan_lib.networks.style_gan import Generator, ResidualBlock, ResidualGenerator, Resize2

Layer = dict[str, Any]


class PageNetwork(NamedTuple):
    """A network in a page: `name` (words that are shown), `id`, `kind` ("classifier" or "generator"), `classes` (the
    cameras that a classifier knows) and `data`, its program and weights."""

    name: str
    id: str
    kind: str
    classes: list[str]
    data: bytes


def page_network(
    name: str, model: nn.Module, *, id: str | None = None, classes: Sequence[str] = (), bits: int = 32
) -> PageNetwork:
    """A ResNet20 or a generator of any kind for a page. `id`: its recipe's; without one, a hash of its bytes.

    `bits` of a convolution's weights: 32, 16 (float16) or 8 (integers on a grid per output channel). Of a classifier's
    32, or 8 where its weights lie on such a grid, which keeps them exactly. A generator that is built as a camera has
    few weights, always of 32 bits. Raises ValueError for any other network.
    """
    if bits not in (32, 16, 8):
        raise ValueError(f"weights have 32, 16 or 8 bits in a page, got {bits}")
    block = _Block(32 if isinstance(model, CameraGenerator) else bits)
    if isinstance(model, ResNet20):
        kind, layers = "classifier", _classifier(model, block)
    elif isinstance(model, Generator | ResidualGenerator | CameraGenerator):
        kind, layers = "generator", _layers(model, block)
    else:
        raise ValueError(
            "a page computes ResNet20, Generator, ResidualGenerator and CameraGenerator, and no "
            f"{type(model).__name__}: it lacks the layers of others"
        )
    multiple = PERIOD if isinstance(model, CameraGenerator) else 4
    program = {"kind": kind, "multiple": multiple, "layers": layers}
    head = json.dumps(program, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 4)
    data = len(head).to_bytes(4, "little") + head + bytes(block.data)
    return PageNetwork(name, id or hashlib.sha256(data).hexdigest()[:16], kind, list(classes), data)


class _Block:
    """The block of bytes, filled layer by layer."""

    def __init__(self, bits: int):
        self.bits = bits
        self.data = bytearray()

    def put(self, values: Tensor, kind: str = "f4") -> Layer:
        """Appends values; where they lie."""
        numbers = values.detach().cpu().numpy().astype(f"<{kind}", order="C")
        at = len(self.data)
        self.data += numbers.tobytes()
        self.data += bytes(-len(self.data) % 4)
        return {"at": at, "count": numbers.size, "type": kind}

    def weight(self, weight: Tensor) -> Layer:
        """Appends the weights of a convolution, output channels first, in this block's bits."""
        if self.bits != 8:
            return self.put(weight, "f4" if self.bits == 32 else "f2")
        step = scales(weight)
        return self.grid(torch.round(weight.detach() / step), step)

    def grid(self, integers: Tensor, step: Tensor) -> Layer:
        """Appends weights that are integers times a step per output channel."""
        return {**self.put(integers, "i1"), "step": self.put(step.flatten())}


def _classifier(model: ResNet20, block: _Block) -> list[Layer]:
    if block.bits == 16:
        raise ValueError("a classifier's weights have 32 or 8 bits in a page, got 16")
    if block.bits == 32 and not model.quantized:
        model = without_norms(model)
    layers: list[Layer] = [{"op": "normalise", "mean": model.mean.tolist(), "std": model.std.tolist()}]
    layers += [*_exact(model, model.stem, block), *_layers(model.stem_norm, block), {"op": "relu"}]
    for each in model.blocks:
        assert isinstance(each, Block)
        layers += [{"op": "save"}, *_exact(model, each.conv1, block), *_layers(each.norm1, block), {"op": "relu"}]
        layers += [*_exact(model, each.conv2, block), *_layers(each.norm2, block), {"op": "add"}, {"op": "relu"}]
    head, weight = model.head, _weight(model, model.head)
    numbers = block.grid(*_on_its_grid(weight)) if block.bits == 8 else block.put(weight)
    return [*layers, {"op": "linear", "out": head.out_features, "weight": numbers, "bias": block.put(head.bias)}]


def _weight(model: ResNet20, layer: nn.Module) -> Tensor:
    return on_grid(layer.weight) if model.quantized else layer.weight


def _exact(model: ResNet20, layer: nn.Conv2d, block: _Block) -> list[Layer]:
    weight = _weight(model, layer)
    numbers = block.grid(*_on_its_grid(weight)) if block.bits == 8 else block.put(weight)
    return [_convolution(layer, numbers, block)]


def _on_its_grid(weight: Tensor) -> tuple[Tensor, Tensor]:
    """The integers (−127 to 127) and steps per output channel whose float32 products are these weights, bit for bit.

    Raises ValueError where there are none.
    """
    weight = weight.detach().cpu()
    step = torch.zeros_like(scales(weight))
    near = scales(weight).numpy()
    for candidate in (near, np.nextafter(near, np.float32(0)), np.nextafter(near, np.float32(np.inf))):
        tried = torch.from_numpy(candidate)
        same = (torch.round(weight / tried) * tried == weight).flatten(1).all(1)
        step[same] = tried[same]
    if not bool((step > 0).all()):
        raise ValueError(
            f"8 bits keep a classifier whose weights lie on a grid of {2 * LEVELS + 1} levels, not this one"
        )
    return torch.round(weight / step), step


def _convolution(layer: nn.Conv2d, weight: Layer, block: _Block) -> Layer:
    size, stride, pad = layer.kernel_size[0], layer.stride[0], int(layer.padding[0])
    found = {"op": "conv", "in": layer.in_channels, "out": layer.out_channels, "size": size, "stride": stride}
    found |= {"pad": [pad, pad], "weight": weight}
    return found | ({} if layer.bias is None else {"bias": block.put(layer.bias)})


def _layers(module: nn.Module, block: _Block) -> list[Layer]:
    """The layers of a generator or of a part of one."""
    match module:
        case Generator():
            return [
                each for part in (module.encoder, module.transformer, module.decoder) for each in _layers(part, block)
            ]
        case CameraGenerator():
            return _camera(module, block)
        case PlacedBlock():
            gains = 1 + module.gain.weight[:, :, 0, 0].T + module.gain.bias
            within = (module.mirrored, module.inner, nn.ReLU(), module.mirrored, module.outer)
            body = [each for part in within for each in _layers(part, block)]
            return [{"op": "save"}, *body, {"op": "add"}, {"op": "placed", "gains": block.put(gains)}]
        case StageNetwork():
            within = (module.mirrored, module.first, nn.ReLU(), *module.blocks, module.mirrored, module.last)
            return [{"op": "save"}, *[each for part in within for each in _layers(part, block)], {"op": "add"}]
        case ResidualGenerator() | ResidualBlock():
            return [{"op": "save"}, *_layers(module.body, block), {"op": "add"}]
        case nn.Sequential():
            return [each for part in module for each in _layers(part, block)]
        case Reflect():
            return [{"op": "reflect", "margin": module.margin}]
        case nn.Conv2d():
            return [_convolution(module, block.weight(module.weight), block)]
        case nn.ConvTranspose2d():
            return _transposed(module, block)
        case nn.BatchNorm2d():
            scale = module.weight / (module.running_var + module.eps).sqrt()
            shift = module.bias - module.running_mean * scale
            return [{"op": "affine", "scale": block.put(scale), "shift": block.put(shift)}]
        case nn.InstanceNorm2d():
            about = {"scale": block.put(module.weight), "shift": block.put(module.bias)}
            return [{"op": "instance", "eps": module.eps, **about}]
        case Resize2():
            return [{"op": module.mode}]
        case nn.PixelShuffle():
            return [{"op": "shuffle"}]
        case nn.ReLU():
            return [{"op": "relu"}]
        case nn.Tanh():
            return [{"op": "tanh"}]
        case nn.Identity():
            return []
    raise ValueError(f"a page can't compute a layer of type {type(module).__name__}")


@torch.no_grad()
def _camera(model: CameraGenerator, block: _Block) -> list[Layer]:
    """The stages of a generator that is built as a camera, with what they need already computed."""
    matrix = model.colour_matrix()
    parts = {"matrix": matrix, "inverse": torch.linalg.inv(matrix), "lens": model.lens_kernel()}
    parts |= {"filters": model.demosaicing(), "noise": torch.stack(model.noise_model()), "blur": model.blur}
    develop: Layer = {name: block.put(each) for name, each in parts.items()}
    develop |= {"mosaic": float(model.mosaic_share()), "denoising": float(model.denoising_strength())}
    parts = {"grey": model.grey, "back": torch.linalg.inv(model.grey), "sharpening": model.sharpening_kernel()}
    compress = {name: block.put(each) for name, each in {**parts, "tables": model.quantisation()}.items()}
    network = [] if model.network is None else _layers(model.network, block)
    first, last = {"op": "develop", "drawn": model.drawn, **develop}, {"op": "compress", **compress}
    return [first, *network, last | {"way": WAYS[int(model.subsampling.argmax())]}]


def _transposed(layer: nn.ConvTranspose2d, block: _Block) -> list[Layer]:
    """A transposed convolution of stride 2: zeros between the pixels, then a convolution with the mirrored filters."""
    size, pad = layer.kernel_size[0], int(layer.padding[0])
    weight = layer.weight.transpose(0, 1).flip(2, 3).contiguous()
    before = size - 1 - pad
    found = {"op": "conv", "in": layer.in_channels, "out": layer.out_channels, "size": size, "stride": 1}
    found |= {"pad": [before, size - 1 - before], "weight": block.weight(weight), "bias": block.put(layer.bias)}
    return [{"op": "zeros"}, found]
