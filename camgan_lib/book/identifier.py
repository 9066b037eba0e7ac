"""The network of a run that `camgan identify` asks, and on which photos its answers were calibrated.

It is the paper's ResNet-20, or a network that is made for people's own photos and trained beside the paper's. Of the
latter, some training photos are held out, on which its answers are calibrated. ResNet-20 learns from all of them, so
that only test photos are left for it.
"""

from typing import Any

import torch
from torch import nn

from camgan_lib.book import recipes
from camgan_lib.book.run import Run
from camgan_lib.data.crops import CameraData, Crops
from camgan_lib.measure.certainty import certainty
from camgan_lib.measure.identification import calibrate
from camgan_lib.networks.forensic import load_forensic
from camgan_lib.networks.forensic_training import HeldOut, held_out, logits_and_features
from camgan_lib.networks.jobs import make_all


def train(run: Run) -> tuple[nn.Module, list[dict[str, Any]] | None]:
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


def _asked(model: nn.Module, test: Crops, device: torch.device) -> HeldOut:
    return HeldOut(*logits_and_features(model, test.images, device), test.labels, test.photo)


def calibrated(run: Run, model: nn.Module, data: CameraData) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `camgan identify` needs beside the network, and how sure it is of test photos (`measure.certainty`).

    The first: the network's name, its calibration, on which photos it stands and how many these are.
    """
    network = run.parameters["network"]
    test = _asked(model, data.test, run.device)
    held = held_out(model, data.train, run.parameters["seed"], run.device) if network == "forensic" else test
    own = network == "forensic" and len(held.labels) > 0
    held = held if own else test
    found = calibrate(held.logits, held.features, held.labels, held.photo)
    kept = {"network": network, "calibration": found.to_json(), "on": "validation" if own else "test"}
    kept["photos"] = len(set(held.photo.tolist()))
    return kept, certainty(test, found if own else None)
