"""Are generators' images taken for the camera's by a judge that shares nothing with the classifier that steered them?

A plain convolutional network without shortcuts (networks/judges.py) is trained on photos that no other network has
seen: simulated by the same cameras with another seed, so other scenes and noise. It judges the generators of a build
that has run profile paper, and changes of the same size, some of them made for the auxiliary classifier
(measure/fooling.py).

    python trials/independent_judge.py [--build _build] [--photos 220] [--epochs 20]
"""

import argparse
import sys
from pathlib import Path

from camgan_lib.base import paths
from camgan_lib.base.files import write_json
from camgan_lib.base.settings import Settings
from camgan_lib.book import provenance, run
from camgan_lib.book.plan import make_plan
from camgan_lib.measure import evaluation, fooling
from camgan_lib.measure.estimates import recorded
from camgan_lib.networks.classifier_training import train_classifier
from camgan_lib.networks.judges import PlainNet
from camgan_lib.networks.recipes import ClassifierRecipe

JUDGED = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Settings.from_environment().build)
    parser.add_argument("--photos", type=int, default=220, help="photos per camera that the judge learns from")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1000, help="of the judge and of its photos")
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "independent_judge.json")
    given = parser.parse_args()
    settings = Settings.from_environment().at(given.build.resolve())
    frequency = run.Run("frequency", make_plan("paper", []).parameters["frequency"], settings)
    if (profile := frequency.upstream_parameters("style_gan")["profile"]) != "paper":
        sys.exit(f"independent_judge: a build that has run profile paper was expected, this one ran {profile}")
    data, device = frequency.dataset(), frequency.device
    recipe = ClassifierRecipe(given.epochs, 64, 2e-3, "cosine", 0.0, True, False, given.seed, stem="high-pass")
    judge, _ = train_classifier(_other_photos(given, settings).train, recipe, device=device, network=PlainNet)
    judges = {name: frequency.classifier(name) for name in ("auxiliary", "quantized")} | {"independent": judge}
    generators = {camera: frequency.generator(camera) for camera in data.cameras}
    nostyle = frequency.nostyle()
    images, scene, learned_from = nostyle.test[:JUDGED], nostyle.scene[:JUDGED], nostyle.train[:JUDGED]
    found = fooling.beside(generators, judges, images, device, learned_from, scene=scene)
    networks = sorted(each["id"] for each in frequency.networks())
    about = {"photos_per_camera": given.photos, "epochs": given.epochs, "seed": given.seed, "judged": JUDGED}
    worth = {name: evaluation.evaluate(each, data.test, device) for name, each in judges.items()}
    kept = {name: {key: each[key] for key in ("accuracy", "photo_accuracy")} for name, each in worth.items()}
    about |= {"commit": provenance.commit(), "device": provenance.device_name(device)}
    left = recorded({"judges": kept, **found.record(), "networks": networks, "run": about})
    write_json(given.out, left)
    write_json(settings.build / "trials" / "independent_judge.json", left)  # camgan store prune keeps what it names


def _other_photos(given: argparse.Namespace, settings: Settings):
    changed = {"seed": given.seed, "photos_per_camera": given.photos, "test_share": 0.01}
    parameters = {**make_plan("paper", []).parameters["dataset"], **changed}
    return run.Run("dataset", parameters, settings, settings.build / "trials").prepare_dataset()


if __name__ == "__main__":
    main()
