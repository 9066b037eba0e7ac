"""The network of a run that `camgan identify` asks, and on which photos its answers were calibrated.

It is the paper's ResNet-20, or a network that is made for people's own photos and trained beside the paper's. Of the
latter, some training photos are held out, on which its answers are calibrated. ResNet-20 learns from all of them, so
that only test photos are left for it.
"""

from typing import Any

import numpy as np
from torch import nn

from camgan_lib.book import recipes
from camgan_lib.book.run import Run
from camgan_lib.data.crops import CameraData
from camgan_lib.data.validation import validation_of
from camgan_lib.measure.certainty import certainty
from camgan_lib.measure.identification import calibrate
from camgan_lib.networks.forensic import load_forensic
from camgan_lib.networks.forensic_training import hold_out, said_of
from camgan_lib.networks.jobs import make_all


def train(run: Run, data: CameraData) -> tuple[nn.Module, list[dict[str, Any]] | None]:
    """The network that names the camera of photos, in evaluation mode; its history where it is not the paper's.

    By chapter classifier's parameter `network`: "resnet20" is the auxiliary classifier, which is there already.
    """
    if run.parameters["network"] == "resnet20":
        return run.classifier("auxiliary"), None
    held = validation_of(data, run.parameters["seed"]).tolist()
    key = recipes.identifier(run.parameters, run.product("dataset", "dataset")["made_by"], held)
    run.products["identifier"] = {"kind": "identifier", "key": key}
    make_all([run.job("identifier", key)])
    model = load_forensic(run.stored("identifier", "identifier", key, "classifier")).to(run.device)
    return model, run.history("identifier")


def calibrated(run: Run, model: nn.Module, data: CameraData) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `camgan identify` needs beside the network, and how sure it is of test photos (`measure.certainty`).

    The first: the network's name, its calibration, on which photos it stands and how many these are, and how many of
    the test photos are none of these by mistake.
    """
    network, test = run.parameters["network"], said_of(model, data.test, run.device)
    held, on = test, "test"
    if network == "forensic" and len(validation := validation_of(data, run.parameters["seed"])):
        held, on = said_of(model, hold_out(data.train, validation)[1], run.device), "validation"
    found = calibrate(held.logits, held.features, held.labels, held.photo)
    kept = {"network": network, "calibration": found.to_json(), "on": on, "photos": len(np.unique(held.photo))}
    sure = certainty(test, found if on == "validation" else None)
    none = sure["none"]
    return kept | {"mistaken": {"share": none.value, "low": none.low, "high": none.high, "photos": none.n}}, sure
