"""Can a generator have a camera's style? One that is built as a camera, and what happens without each of its parts.

Variants lead from the paper's generator to it. Each takes away one thing, or stands for a way that was tried before.
All are judged on the same no-style images, which none has seen: by the auxiliary and the 8-bit classifier, by the run's
independent judges (other architectures, seeds and photos), by how well the camera's true spectrum comes back, by the
lines of the log-variance, by L1, and some by a fresh classifier that is trained to tell their images from the camera's
own crops. The same is asked of the oracle. What a generator built as a camera holds is read out.

    python trials/extraction.py [--build _build] [--variants NAME …] [--seeds 0 1 …] [--steps 1000]

reads a build that has run chapters dataset and classifier of profile paper. Rows are added to those that the record
holds; one that it has, of the same networks, is not made again. Choices were made on seed 0, and seeds 2 to
5 of an earlier form had been seen by then; `--spectral` adds the spectral judge's answers to rows that lack them.

Another generator, trained anywhere and by any means, enters in two steps:

    python trials/extraction.py --images images.npz             # writes the no-style images to stylise
    python trials/extraction.py --enter stylised.npz --name NAME

`images.npz` holds an array `images`, uint8 N×32×32×3. `stylised.npz` holds what the generators make of it, an array of
that shape for each camera, by the camera's name. Where to train it on: chapter dataset's crops, which
`camgan run dataset` leaves in the store, and any no-style images but these.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import nn

from camgan_lib.base import paths
from camgan_lib.base.devices import one_thread, resolve_device
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside, write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings
from camgan_lib.base.workers import cores, pool
from camgan_lib.book import provenance, run
from camgan_lib.book.plan import make_plan
from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.crops import Crops
from camgan_lib.data.flat import is_flat
from camgan_lib.data.whole_scenes import write_whole_scenes
from camgan_lib.measure import extraction, judging, oracle, readings, spectrum, traces, truth
from camgan_lib.networks import inference
from camgan_lib.networks.camera_generator import CameraGenerator
from camgan_lib.networks.jobs import now
from camgan_lib.networks.judges import fit_spectral

PAPERS, BUILT = (make_plan(profile, []).parameters["style_gan"] for profile in ("paper", "camera"))
CAMERA = {
    name: value for name, value in BUILT.items() if value != PAPERS[name] and name not in ("profile", "gan_steps")
}
"""What makes a generator one that is built as a camera, in parameters of chapter style_gan."""

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
    "compared by flat images": {**CAMERA, "compared": "flat"},
    extraction.ALONE: {
        **CAMERA,
        "nostyle": "whole scenes",
        "decoder_blocks": 0,
        "l1_weight": 1.0,
        "auxiliary_weight": 0.1,
    },
    "without the discriminator": {**CAMERA, "adversarial_weight": 0.0},
    "without the mean spectrum": {**CAMERA, "spectral_weight": 0.0},
    "without the log-variance": {**CAMERA, "variance_weight": 0.0},
}
TOLD = ("the paper's", "a plain network", extraction.BEST, extraction.ALONE)
"""Variants of which a fresh classifier is asked."""

JUDGED, TOLD_IMAGES, TERMS, SPECTRAL_CROPS = 1000, 3000, 512, 6000
SHOWN = (extraction.BEST, 3)
"""The variant and seed whose generators are kept beside the record, for the book to show."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Settings.from_environment().build)
    parser.add_argument("--variants", nargs="*", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--seeds", nargs="*", type=int, default=[0])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "extraction.json")
    parser.add_argument("--images", type=Path, help="only write the no-style images, for another generator")
    parser.add_argument("--enter", type=Path, help="only judge another generator's images, as row NAME")
    parser.add_argument("--name")
    parser.add_argument("--spectral", action="store_true", help="only ask the spectral judge of rows that lack it")
    given = parser.parse_args()
    if given.enter and (not given.name or given.name in VARIANTS):
        parser.error("--enter needs a --name of its own for the row")
    trial = Trial(Settings.from_environment().at(given.build.resolve()))
    if given.images:
        with write_aside(given.images) as aside, aside.open("wb") as stream:
            np.savez_compressed(stream, images=trial.images)
        return
    record = Record(given.out, trial)
    if given.enter:
        try:
            stylised = extraction.read_entry(given.enter, trial.data.cameras, len(trial.images))
        except CamganError as error:
            parser.error(str(error))
        record.add(trial.entered(given.name, stylised))
        return
    if given.spectral:
        for row in record.left["rows"]:
            if "spectral" not in row["turned"] and (stylised := trial.again(row)):
                row["turned"]["spectral"] = trial.by_spectra(stylised)
                print(row["variant"], row["seed"], row["turned"]["spectral"], flush=True)
        record.left["oracle"]["turned"]["spectral"] = trial.by_spectra(trial.taken())
        record.write()
        return
    known = [row["variant"] for row in record.left["rows"]]
    if extraction.OWN not in known:
        record.add(trial.untrained(extraction.OWN, {each.name: readings.with_numbers_of(each) for each in CAMERAS}))
    if extraction.UNTRAINED not in known:
        start = CameraGenerator(4, 0).eval().requires_grad_(False)
        record.add(trial.untrained(extraction.UNTRAINED, {each.name: start for each in CAMERAS}))
    for seed in given.seeds:
        for name in given.variants:
            if (row := trial.row(name, seed, given.steps, record.known())) is not None:
                if (name, seed) == SHOWN:
                    record.left["shown"] = trial.keep(name, seed, given.steps, given.out.with_suffix(".safetensors"))
                record.add(row)


class Record:
    """The file of rows, with what is asked of the oracle and of the crops."""

    def __init__(self, path: Path, trial: "Trial"):
        self.path, self.build = path, trial.settings.build
        self.left: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {"rows": []}
        cameras = [vars(each) for each in oracle.CAMERAS]
        self.left |= {"run": {"judged": JUDGED, "told": TOLD_IMAGES, "cameras": cameras}}
        if "oracle" not in self.left:
            untouched = {"grid": float((traces.grid(trial.images) >= 0).mean())}
            self.left |= {"oracle": trial.of_oracle(), "crops": trial.of_crops(), "untouched": untouched}
            self.write()
        for name, made in (("content", trial.of_content), ("terms", trial.terms_of_cameras)):
            if name not in self.left:
                self.left[name] = made()
                self.write()

    def known(self) -> list[dict[str, str]]:
        """The ids of the generators of each row."""
        return [row["ids"] for row in self.left["rows"]]

    def add(self, row: dict[str, Any]) -> None:
        """Adds a row, in place of one of the same variant, seed and steps."""
        others = [each for each in self.left["rows"] if place(each) != place(row)]
        self.left["rows"] = sorted([*others, row], key=order)
        self.write()

    def write(self) -> None:
        write_json(self.path, self.left)
        write_json(self.build / "trials" / "extraction.json", self.left)  # camgan store prune keeps what it names


def told_apart(task: tuple) -> float:
    """`extraction.told_apart` on one core."""
    with one_thread():
        return extraction.told_apart(*task, torch.device("cpu"))


def level_above(images: np.ndarray, crops: np.ndarray) -> float:
    """By how much the mean level of images lies above that of crops, in dB, over all frequencies."""
    return float((spectrum.mean_level(images) - spectrum.mean_level(crops)).mean())


def order(row: dict[str, Any]) -> tuple[int, int]:
    """Variants as above, then those that were entered; seeds in their order."""
    names = list(VARIANTS)
    return names.index(row["variant"]) if row["variant"] in names else len(names), row["seed"]


def place(row: dict[str, Any]) -> tuple[str, int, int]:
    return row["variant"], row["seed"], row["steps"]


class Trial:
    """What all rows share: data, judges, the no-style images that are judged."""

    def __init__(self, settings: Settings):
        self.settings, self.parameters = settings, PAPERS
        base = run.Run("style_gan", self.parameters, settings)
        self.device, self.data = base.device, base.dataset()
        images = base.prepare_nostyle()
        self.images, self.scene = images.test[:TOLD_IMAGES], images.scene[:TOLD_IMAGES]
        self.whole = np.load(write_whole_scenes(settings.build / "trials" / "whole_scenes.npz"))["x_test"][:TOLD_IMAGES]
        self.judges = {name: base.classifier(name) for name in ("auxiliary", "quantized")} | base.train_judges()
        self.spectral: nn.Module | None = None
        self.true = truth.true_spectra()
        self.oracle = oracle.taken_by_each(self.images, self.data.cameras)

    def made(self, name: str, seed: int, steps: int) -> run.Run:
        """The run that trains the generators of one variant and seed. The paper's have the run's own steps."""
        changes = {**VARIANTS[name], "seed": 10 * seed} | ({"gan_steps": steps} if VARIANTS[name] else {})
        if changes.get("nostyle") == "whole scenes":
            changes["nostyle"] = str(write_whole_scenes(self.settings.build / "trials" / "whole_scenes.npz"))
            changes["nostyle_test"] = 0
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
        row["terms"] = self.terms(trained)
        if CameraGenerator in map(type, trained.values()):
            row["reading"] = {camera: each.reading() for camera, each in trained.items()}
        shares = {judge: [round(share, 3) for share in by.values()] for judge, by in row["turned"].items()}
        print(name, seed, shares, {key: row.get(key) for key in ("recovered", "l1", "told")}, flush=True)
        return {**row, **self.about()}

    def untrained(self, name: str, generators: dict[str, CameraGenerator]) -> dict[str, Any]:
        """The row of generators that nobody trained."""
        stylised = {
            camera: inference.stylise(each, self.images, torch.device("cpu")) for camera, each in generators.items()
        }
        row = {"variant": name, "seed": 0, "steps": 0, "ids": {}, **self.asked(stylised, 0)}
        row["terms"] = self.terms(generators)
        row |= {"weights": 0, "reading": {camera: each.reading() for camera, each in generators.items()}}
        return {**row, **self.about()}

    def terms(self, generators: dict[str, nn.Module]) -> dict[str, dict[str, dict[str, float]]]:
        """Which images → camera → `extraction.loss_terms` of its generator, of no-style images and whole scenes."""
        found = {}
        for name, images in (("no-style images", self.images[:TERMS]), ("whole scenes", self.whole[:TERMS])):
            made = {c: inference.stylise(each.to(self.device), images, self.device) for c, each in generators.items()}
            found[name] = self.terms_of(made, dict.fromkeys(made, images))
        return found

    def terms_of(self, stylised: extraction.Stylised, images: extraction.Stylised) -> dict[str, dict[str, float]]:
        """Camera → `extraction.loss_terms` of its stylised images, which were made of `images`."""
        auxiliary = self.judges["auxiliary"]
        return {
            camera: extraction.loss_terms(each, images[camera], self.data.train.of(k), k, auxiliary, self.device)
            for k, (camera, each) in enumerate(stylised.items())
        }

    def terms_of_cameras(self) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
        """The terms of what cameras make: of the oracle's images, and of the cameras' own test crops."""
        by_images = {}
        for name, images in (("no-style images", self.images[:TERMS]), ("whole scenes", self.whole[:TERMS])):
            taken = oracle.taken_by_each(images, self.data.cameras, seed=1)
            by_images[name] = self.terms_of(taken, dict.fromkeys(taken, images))
        mixed = np.random.default_rng(5).permutation(len(self.data.test.labels))
        test = Crops(*(each[mixed] for each in (self.data.test.images, self.data.test.labels, self.data.test.photo)))
        own = {camera: test.of(k) for k, camera in enumerate(self.data.cameras)}
        return {"the oracle": by_images, "no generator": {"the cameras' crops": self.terms_of(own, own)}}

    def again(self, row: dict[str, Any]) -> extraction.Stylised:
        """What a row's generators make of the images that are judged; empty where the store has lost them."""
        untrained = {extraction.OWN: readings.with_numbers_of, extraction.UNTRAINED: lambda _: CameraGenerator(4, 0)}
        if row["variant"] in untrained:
            made = {each.name: untrained[row["variant"]](each).eval() for each in CAMERAS}
        else:
            run_of = self.made(row["variant"], row["seed"], row["steps"])
            jobs = run_of.plan_generators()
            if any(job.store.get("generator", job.key) is None for job in jobs.values()):
                return {}
            made = {camera: run_of.generator(camera) for camera in jobs}
        return {camera: inference.stylise(each, self.images[:JUDGED], self.device) for camera, each in made.items()}

    def taken(self) -> extraction.Stylised:
        """The images that are judged as the cameras take them."""
        return oracle.taken_by_each(self.images[:JUDGED], self.data.cameras, seed=1)

    def by_spectra(self, stylised: extraction.Stylised) -> dict[str, float]:
        """Camera → the share of images that a judge which is linear in the level of each frequency turns to it."""
        if self.spectral is None:
            crops = self.data.train.some(SPECTRAL_CROPS, 0)
            self.spectral = fit_spectral(crops, len(self.data.cameras), seed=0).to(self.device)
        images, scene = self.images[:JUDGED], self.scene[:JUDGED]
        return judging.turned(self.spectral, images, {"it": stylised}, self.device, scene)["it"].by_camera

    def entered(self, name: str, stylised: extraction.Stylised) -> dict[str, Any]:
        """The row of another generator's images."""
        return {"variant": name, "seed": 0, "steps": None, "ids": {}, **self.asked(stylised, 0), **self.about()}

    def asked(self, stylised: extraction.Stylised, seed: int | None) -> dict[str, Any]:
        """What is measured of stylised images; with a seed also what a fresh classifier says."""
        few = {camera: each[:JUDGED] for camera, each in stylised.items()}
        found = extraction.measure(few, self.images[:JUDGED], self.scene[:JUDGED], self.judges, self.true, self.device)
        found["turned"]["spectral"] = self.by_spectra(few)
        if seed is not None:
            found |= self.told(stylised, seed)
        return found

    def told(self, stylised: extraction.Stylised, seed: int) -> dict[str, dict[str, float]]:
        """How well fresh classifiers tell images from the camera's own crops, and from what it makes of the same."""
        tasks = []
        for k, (camera, images) in enumerate(stylised.items()):
            own = np.flatnonzero(self.data.train.labels == k)[: len(images)]
            crops = self.data.train.images[own], self.data.train.photo[own]
            tasks += [(images, self.scene, *crops, seed), (images, self.scene, self.oracle[camera], self.scene, seed)]
        with pool(cores()) as processes:
            right = list(processes.map(told_apart, tasks))
        cameras = list(stylised)
        return {
            "told": dict(zip(cameras, right[::2], strict=True)),
            "told_oracle": dict(zip(cameras, right[1::2], strict=True)),
        }

    def of_oracle(self) -> dict[str, Any]:
        """The same of the images as the cameras take them."""
        return {**self.asked(oracle.taken_by_each(self.images, self.data.cameras, seed=1), 0), **self.about()}

    def of_content(self) -> dict[str, dict[str, float]]:
        """How far the level of images as the cameras take them lies above the crops', in dB: what content does.

        Of the no-style images, of those that are flat (beside flat crops), and of whole scenes: by camera each.
        """
        both = self.images, self.whole
        taken, of_whole = (oracle.taken_by_each(each, self.data.cameras, seed=1) for each in both)
        crops = {camera: self.data.train.of(k) for k, camera in enumerate(self.data.cameras)}
        flat = {camera: [each[is_flat(each)] for each in (taken[camera], own)] for camera, own in crops.items()}
        return {
            "no-style images": {camera: level_above(taken[camera], own) for camera, own in crops.items()},
            "flat images": {camera: level_above(*pair) for camera, pair in flat.items()},
            "whole scenes": {camera: level_above(of_whole[camera], own) for camera, own in crops.items()},
        }

    def of_crops(self) -> dict[str, Any]:
        """Lines of the log-variance of the cameras' own test crops, and in what share of them JPEG's grid is found."""
        own = {camera: self.data.test.of(k) for k, camera in enumerate(self.data.cameras)}
        grid = {camera: float((traces.grid(each) >= 0).mean()) for camera, each in own.items()}
        return {"lines": {camera: extraction.variance_lines(each) for camera, each in own.items()}, "grid": grid}

    def about(self) -> dict[str, Any]:
        device = provenance.device_name(resolve_device(self.parameters["device"]))
        return {"commit": provenance.commit(), "device": device, "date": now()}


if __name__ == "__main__":
    main()
