"""The texts of model cards, by kind of network: what it is, how to load it, what it can't do."""

from typing import Any

TASKS: dict[str, tuple[str, list[str]]] = {
    "classifier": ("image-classification", ["image-forensics"]),
    "identifier": ("image-classification", ["image-forensics"]),
    "judge": ("image-classification", ["image-forensics"]),
    "generator": ("image-to-image", ["gan", "style-transfer"]),
}
"""By kind: the task and tags as Hugging Face names them."""

_ARCHITECTURES = {
    "plain": "four convolutions in a row, without shortcuts",
    "steganalysis": "a network after one that finds hidden messages (Xu, Wu and Shi 2016)",
    "phase": "two full layers on what is periodic in the output of high-pass filters",
}
"""By the name of a judge's architecture: what it is."""


def what_it_is(manifest: dict[str, Any], name: str | None, cameras: tuple[str, ...]) -> str:
    """What a network is, in one or two sentences. `name`: what a run calls it; `cameras`: its classes, if known."""
    recipe = manifest["recipe"]
    among = f" The cameras, in the order of its outputs: {', '.join(cameras)}." if cameras else ""
    if manifest["kind"] == "generator":
        target = f"camera {name}" if name else f"camera number {recipe['target']} of its data set"
        return (
            f"A style-GAN generator. It redraws a picture so that a classifier takes it for a photo by {target}. "
            f"It was trained against the auxiliary classifier {recipe['auxiliary']}."
        )
    if manifest["kind"] == "judge":
        architecture, photos = recipe["architecture"], "half of the photos" if recipe["half"] else "photos of its own"
        names = "It names the camera that took a crop of 32×32 pixels"
        if architecture not in _ARCHITECTURES:
            return f"A classifier that stands beside the auxiliary one while generators are trained. {names}.{among}"
        made = f"A judge: {_ARCHITECTURES[architecture]}."
        return f"{made} {names}, was trained on {photos} and had no part in the training of generators.{among}"
    training, network = recipe.get("recipe", {}), "A ResNet-20"
    if training.get("network", "resnet20") != "resnet20":
        network = "A network made for people's own photos"
    weights = " with 8-bit weights (integers and a scale per channel)" if training.get("quantized") else ""
    part = " It steered the training of the generators." if name == "auxiliary" else ""
    return f"{network}{weights} that names the camera that took a crop of 32×32 pixels.{part}{among}"


_CLASSIFY = """```python
import numpy as np
import torch
from safetensors.torch import load_file

from camgan_lib.networks.inference import predict
from {module} import {load}

model = {load}({before}load_file("weights.safetensors"))
crops = np.zeros((1, 32, 32, 3), np.uint8)  # N×32×32×3, cut from photos that were not scaled
logits = predict(model, crops, torch.device("cpu"))  # N×cameras
```"""

_STYLISE = """```python
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from camgan_lib.networks.inference import stylise
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.style_gan import Generator

recipe = json.loads(Path("manifest.json").read_text("utf-8"))["recipe"]["recipe"]
model = Generator.from_recipe(GanRecipe(**recipe), seed=0)
model.load_state_dict(load_file("weights.safetensors"))  # stored in half precision
pictures = np.zeros((1, 32, 32, 3), np.uint8)  # N×H×W×3; H and W are multiples of 4
stylised = stylise(model, pictures, torch.device("cpu"))  # uint8, of the same shape
```"""

_ARCHITECTURE = 'architecture = json.loads(Path("manifest.json").read_text("utf-8"))["recipe"]["architecture"]'
_JUDGE = _CLASSIFY.replace("import numpy", "import json\nfrom pathlib import Path\n\nimport numpy")
_JUDGE = _JUDGE.replace("model = ", f"{_ARCHITECTURE}\nmodel = ")

LOADING = {
    "classifier": _CLASSIFY.format(module="camgan_lib.networks.resnet", load="load_classifier", before=""),
    "identifier": _CLASSIFY.format(module="camgan_lib.networks.forensic", load="load_forensic", before=""),
    "judge": _JUDGE.format(module="camgan_lib.networks.judges", load="load_judge", before="architecture, "),
    "generator": _STYLISE,
}
"""By kind: the code that loads and calls a network, from the folder that holds its weights."""

_NAMES_ONLY = (
    "It knows the cameras that it was trained on and no others: it gives one of them to every crop, whatever took it. "
    "It was measured on photos of the same data set; how it does on photos that were edited, scaled or sent through a "
    "messenger is not known. Its answers are no evidence of who took a photo."
)

LIMITS = {
    "classifier": _NAMES_ONLY,
    "identifier": _NAMES_ONLY,
    "judge": _NAMES_ONLY,
    "generator": (
        "That a classifier takes its pictures for a camera's does not show that they have this camera's traces. The "
        "book tests this with judges that had no part in its training; docs/results.md says what came out. It was "
        "trained on pictures of 32×32 pixels and is made to study what classifiers look at."
    ),
}
"""By kind: what a network can't do."""
