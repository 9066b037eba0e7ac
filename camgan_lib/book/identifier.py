"""The network of a run that `camgan identify` asks, and on which photos its answers were calibrated.

It is the paper's ResNet-20, or a network that is made for people's own photos and trained beside the paper's.
"""

from typing import Any

import torch
from torch import nn

from camgan_lib.book import recipes
from camgan_lib.book.run import Run
from camgan_lib.data.crops import CameraData
from camgan_lib.measure.identification import Calibration, calibrate
from camgan_lib.networks.forensic import load_forensic
from camgan_lib.networks.forensic_training import HeldOut, held_out, logits_and_features
from camgan_lib.networks.jobs import make_all


def train(run: Run, data: CameraData) -> tuple[nn.Module, list[dict[str, Any]] | None]:
    """The network that names the camera of photos, in evaluation mode; its history where it is not the paper's.

    By chapter classifier's parameter `network`: "resnet20" is the auxiliary classifier, which is there already.
    """
    if run.parameters["network"] == "resnet20":
        return run.classifier("auxiliary"), None
    key = recipes.identifier(run.parameters, run.product("dataset", "dataset")["made_by"])
    run.products["identifier"] = {"kind": "identifier", "key": key}
    make_all([run.job("identifier", key)])
    model = load_forensic(run.stored("identifier", "identifier", key, "classifier")).to(run.device)
    return model, run.history("identifier")


def answers(model: nn.Module, data: CameraData, seed: int, network: str, device: torch.device) -> tuple[HeldOut, str]:
    """What the network says of photos that it did not learn from, and which these are: "validation" or "test".

    The paper's ResNet-20 learns from all photos of the training half, so only those of the test are left.
    """
    if network == "forensic":
        return held_out(model, data.train, seed, device), "validation"
    test = data.test
    return HeldOut(*logits_and_features(model, test.images, device), test.labels, test.photo), "test"


def calibrated(model: nn.Module, data: CameraData, seed: int, network: str, device: torch.device) -> dict[str, Any]:
    """What `camgan identify` needs beside the network: its name, its calibration, and on which photos it stands."""
    held, on = answers(model, data, seed, network, device)
    found: Calibration = calibrate(held.logits, held.features, held.labels, held.photo)
    return {"network": network, "calibration": found.to_json(), "on": on, "photos": len(set(held.photo.tolist()))}
