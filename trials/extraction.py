"""Can a generator have a camera's style? One that is built as a camera, and what happens without each of its parts.

Variants lead from the paper's generator to it. Each takes away one thing, or stands for a way that was tried before.
All are judged on the same no-style images, which none has seen: by the auxiliary and the 8-bit classifier, by the run's
independent judges (other architectures, seeds and photos), by how well the camera's true spectrum comes back, by the
lines of the log-variance, by L1, and some by a fresh classifier that is trained to tell their images from the camera's
own crops. The same is asked of the oracle. What a generator built as a camera holds is read out.

    python trials/extraction.py [--build _build] [--variants NAME …] [--seeds 0 1 …] [--steps 1000]

reads a build that has run chapters dataset and classifier of profile paper. Rows are added to those that the record
holds; one that it has, of the same networks, is not made again. Choices were made on seeds 0 and 1.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from camgan_lib.base import paths
from camgan_lib.base.devices import resolve_device
from camgan_lib.base.files import write_aside, write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings
from camgan_lib.book import provenance, run
from camgan_lib.book.plan import make_plan
from camgan_lib.measure import extraction, oracle, spectrum, truth
from camgan_lib.networks import inference
from camgan_lib.networks.camera_generator import CameraGenerator
from camgan_lib.networks.jobs import now

CAMERA: dict[str, Any] = {
    "generator": "camera",
    "generator_width": 16,
    "decoder_blocks": 2,
    "discriminator": "high-pass",
    "l1_weight": 6.0,
    "tv_weight": 0.0,
    "auxiliary_weight": 1.0,
    "spectral_weight": 8.0,
    "variance_weight": 2.0,
    "second_classifier": True,
    "generator_rate": 1e-3,
    "discriminator_rate": 2e-4,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "the paper's": {},
    "mean spectrum alone": {
        **CAMERA,
        "generator": "residual",
        "adversarial_weight": 0.0,
        "auxiliary_weight": 0.0,
        "variance_weight": 0.0,
        "second_classifier": False,
    },
    "like SpoC": {
        **CAMERA,
        "generator": "residual",
        "decoder_blocks": 4,
        "discriminator": "strided",
        "auxiliary_weight": 0.0,
        "second_classifier": False,
        "spectral_weight": 0.0,
        "variance_weight": 0.0,
        "embedding_weight": 2.0,
    },
    "like anonymisation": {
        **CAMERA,
        "generator": "residual",
        "decoder_blocks": 4,
        "discriminator": "strided",
        "spectral_weight": 0.0,
        "variance_weight": 0.0,
    },
    "a plain network": {**CAMERA, "generator": "residual", "decoder_blocks": 4},
    "built as a camera": CAMERA,
    "at one place": {**CAMERA, "drawn": "noise"},
    "without noise": {**CAMERA, "drawn": "phase"},
    "without its small network": {**CAMERA, "decoder_blocks": 0},
    "without the second classifier": {**CAMERA, "second_classifier": False},
    "without both classifiers": {**CAMERA, "auxiliary_weight": 0.0, "second_classifier": False},
    "without the discriminator": {**CAMERA, "adversarial_weight": 0.0},
    "without the mean spectrum": {**CAMERA, "spectral_weight": 0.0},
    "without the log-variance": {**CAMERA, "variance_weight": 0.0},
}
TOLD = ("the paper's", "a plain network", "built as a camera")
"""Variants of which a fresh classifier is asked."""

JUDGED, TOLD_IMAGES = 1000, 4000
SHOWN = ("built as a camera", 2)
"""The variant and seed whose generators are kept beside the record, for the book to show."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Settings.from_environment().build)
    parser.add_argument("--variants", nargs="*", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--seeds", nargs="*", type=int, default=[0])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "extraction.json")
    given = parser.parse_args()
    trial = Trial(Settings.from_environment().at(given.build.resolve()))
    left = json.loads(given.out.read_text("utf-8")) if given.out.exists() else {"rows": []}
    left |= {"run": {"judged": JUDGED, "told": TOLD_IMAGES, "cameras": [vars(each) for each in oracle.CAMERAS]}}
    for seed in given.seeds:
        for name in given.variants:
            row = trial.row(name, seed, given.steps, [each["ids"] for each in left["rows"]])
            if row is None:
                continue
            others = [each for each in left["rows"] if (each["variant"], each["seed"], each["steps"]) != place(row)]
            left["rows"] = sorted(
                [*others, row], key=lambda each: (list(VARIANTS).index(each["variant"]), each["seed"])
            )
            if "oracle" not in left:
                left["oracle"], left["crops"] = trial.of_oracle(), trial.of_crops()
            if (name, seed) == SHOWN:
                left["shown"] = trial.keep(name, seed, steps=given.steps, path=given.out.with_suffix(".safetensors"))
            write_json(given.out, left)
            write_json(trial.settings.build / "trials" / "extraction.json", left)  # camgan store prune keeps it


def place(row: dict[str, Any]) -> tuple[str, int, int]:
    return row["variant"], row["seed"], row["steps"]


class Trial:
    """What all rows share: data, judges, the no-style images that are judged."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self.parameters = make_plan("paper", []).parameters["style_gan"]
        base = run.Run("style_gan", self.parameters, settings)
        self.device, self.data = base.device, base.dataset()
        images = base.prepare_nostyle()
        self.images, self.scene = images.test[:TOLD_IMAGES], images.scene[:TOLD_IMAGES]
        self.judges = {name: base.classifier(name) for name in ("auxiliary", "quantized")} | base.train_judges()
        self.true = truth.true_spectra()

    def made(self, name: str, seed: int, steps: int) -> run.Run:
        """The run that trains the generators of one variant and seed. The paper's have the run's own steps."""
        changes = {**VARIANTS[name], "seed": 10 * seed} | ({"gan_steps": steps} if VARIANTS[name] else {})
        made = run.Run("style_gan", {**self.parameters, **changes}, self.settings)
        made.prepare_nostyle()
        return made

    def keep(self, name: str, seed: int, steps: int, path: Path) -> dict[str, Any]:
        """Writes the weights of a variant's generators into one file. Returns their recipe and ids."""
        made = self.made(name, seed, steps)
        jobs = made.plan_generators()
        trained = {camera: generator for camera, (generator, _) in made.train_style_gans().items()}
        weights = {
            f"{camera}/{key}": each.half().contiguous()
            for camera, generator in trained.items()
            for key, each in generator.state_dict().items()
        }
        with write_aside(path) as aside:
            aside.write_bytes(save(weights))
        return {
            "variant": name,
            "seed": seed,
            "recipe": next(iter(jobs.values())).key["recipe"],
            "ids": {camera: recipe_id(job.key) for camera, job in jobs.items()},
        }

    def row(self, name: str, seed: int, steps: int, known: list[dict[str, str]]) -> dict[str, Any] | None:
        """All that is asked of the generators of one variant and seed; None where their ids are among those `known`."""
        made = self.made(name, seed, steps)
        ids = {camera: recipe_id(job.key) for camera, job in made.plan_generators().items()}
        if ids in known:
            return None
        trained = {camera: generator for camera, (generator, _) in made.train_style_gans().items()}
        stylised = {camera: inference.stylise(each, self.images, self.device) for camera, each in trained.items()}
        row = {"variant": name, "seed": seed, "steps": made.parameters["gan_steps"], "ids": ids}
        row |= self.asked(stylised, seed if name in TOLD else None)
        row["weights"] = max(extraction.weights(each) for each in trained.values())
        if CameraGenerator in map(type, trained.values()):
            row["reading"] = {camera: each.reading() for camera, each in trained.items()}
        shares = {judge: [round(share, 3) for share in by.values()] for judge, by in row["turned"].items()}
        print(name, seed, shares, {key: row.get(key) for key in ("recovered", "l1", "told")}, flush=True)
        return {**row, **self.about()}

    def asked(self, stylised: extraction.Stylised, seed: int | None) -> dict[str, Any]:
        """What is measured of stylised images; with a seed also what a fresh classifier says."""
        few = {camera: each[:JUDGED] for camera, each in stylised.items()}
        found = extraction.measure(few, self.images[:JUDGED], self.scene[:JUDGED], self.judges, self.true, self.device)
        if seed is not None:
            found["told"] = {camera: self.told(each, camera, seed) for camera, each in stylised.items()}
        return found

    def told(self, images: np.ndarray, camera: str, seed: int) -> float:
        """How well a fresh classifier tells images from as many of the camera's own crops."""
        own = np.flatnonzero(self.data.train.labels == self.data.cameras.index(camera))[: len(images)]
        crops, photo = self.data.train.images[own], self.data.train.photo[own]
        with torch.enable_grad():
            return extraction.told_apart(images, self.scene, crops, photo, seed, self.device)

    def of_oracle(self) -> dict[str, Any]:
        """The same of the images as the cameras take them, and by how much their level lies above the crops'."""
        taken = oracle.taken_by_each(self.images, self.data.cameras)
        above = {
            camera: float((spectrum.mean_level(each) - spectrum.mean_level(self.data.train.of(k))).mean())
            for k, (camera, each) in enumerate(taken.items())
        }
        return {**self.asked(taken, 0), "above_crops_db": above, **self.about()}

    def of_crops(self) -> dict[str, Any]:
        """Lines of the log-variance of the cameras' own test crops."""
        own = {camera: self.data.test.of(k) for k, camera in enumerate(self.data.cameras)}
        return {"lines": {camera: extraction.variance_lines(each) for camera, each in own.items()}}

    def about(self) -> dict[str, Any]:
        device = provenance.device_name(resolve_device(self.parameters["device"]))
        return {"commit": provenance.commit(), "device": device, "date": now()}


if __name__ == "__main__":
    main()
