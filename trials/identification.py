"""How well are people's own photos told apart, how sure are the answers, and are other cameras' photos found out?

Compared are ResNet-20 as the paper trains it, the classifier that is made for own photos (ForensicNet), a linear
classifier on log spectra, and one that sees colour alone. The latest photos of each camera are the test. Asked are:

    accuracy    per crop, per photo, and by the number of crops that vote
    sure        how far the probabilities lie from the share that is right, before and after calibration
    strangers   each camera in turn is left out of the training; then its photos should be none of these
    nobody      CIFAR-10's images, which no camera took, one crop each: how many are named with probability above 0.9
    few         the same accuracy with 25 training photos per camera

    python trials/identification.py DATA [--cifar FILE] [--work FOLDER] [--out published/trials/identification.json]

`DATA` holds a folder of photos per camera. The record is written after each part; a run that was stopped goes on with
the part, and the epoch, that it had come to. On one core it takes about two hours.
"""

import argparse
import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.base import paths
from camgan_lib.base.devices import one_thread
from camgan_lib.base.files import write_json
from camgan_lib.book import provenance
from camgan_lib.data.crops import CameraData, Crops
from camgan_lib.data.photos import load_crops
from camgan_lib.data.validation import validation_photos
from camgan_lib.measure import evaluation, identification
from camgan_lib.measure.estimates import recorded
from camgan_lib.measure.statistics import by_photo, of_count
from camgan_lib.networks.checkpoint import Checkpoint
from camgan_lib.networks.classifier_training import train_classifier
from camgan_lib.networks.forensic_training import HeldOut, logits_and_features, train_forensic
from camgan_lib.networks.inference import log_softmax, predict
from camgan_lib.networks.judges import fit_spectral
from camgan_lib.networks.recipes import ClassifierRecipe

PAPER = ClassifierRecipe(50, 64, 1e-3, "cosine", 0.0, flip=True, quantized=False, seed=0)
"""ResNet-20 as in profile paper."""

FORENSIC = ClassifierRecipe(12, 64, 2e-3, "cosine", 0.0, flip=True, quantized=False, seed=0, network="forensic")
CROPS, VOTERS, FEW = 30, 64, 25
COUNTS = (1, 4, 16, 64)
SURE = 0.9
CPU = torch.device("cpu")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--cifar", type=Path, help="cifar10.npz with an array x_test")
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--work", type=Path, default=Path("_build/trials/identification"))
    parser.add_argument("--parts", nargs="*", default=[""], help="only parts whose names begin so")
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "identification.json")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    with one_thread():
        trial = Trial(given.data, given.work, given.cifar)
        record = Record(given.out, trial.about(), tuple(given.parts))
        few = trial.few()
        for seed in given.seeds:
            record.part(f"forensic {seed}", lambda seed=seed: trial.forensic(seed))
        record.part("spectral", trial.spectral)
        record.part("colour", trial.colour)
        for camera in range(len(trial.data.cameras)):
            record.part(f"without {trial.data.cameras[camera]}", lambda camera=camera: trial.without(camera))
        for seed in given.seeds:
            record.part(f"few, forensic {seed}", lambda seed=seed: trial.trained("forensic", seed, few))
        record.part("few, spectral", lambda: trial.of_model("spectral", fit_spectral(few, trial.cameras), 0.0))
        for seed in given.seeds:
            record.part(f"resnet20 {seed}", lambda seed=seed: trial.trained("resnet20", seed, trial.data.train))
        for seed in given.seeds:
            record.part(f"few, resnet20 {seed}", lambda seed=seed: trial.trained("resnet20", seed, few))


class Record:
    """The file of parts. What it holds of the same settings and data is not made again."""

    def __init__(self, path: Path, about: dict[str, Any], only: tuple[str, ...]):
        self.only = only
        self.path, self.left = path, {"run": about, "parts": {}}
        if path.exists():
            kept = json.loads(path.read_text("utf-8"))
            if kept["run"]["settings"] == about["settings"]:
                self.left["parts"] = kept["parts"]

    def part(self, name: str, make: Callable[[], dict[str, Any]]) -> None:
        if name in self.left["parts"] or not name.startswith(self.only):
            return
        self.left["parts"][name] = recorded(make()) | {"commit": provenance.commit()}
        write_json(self.path, self.left)
        found = self.left["parts"][name]
        shown = {
            key: round(each["value"], 4) for key, each in found.items() if isinstance(each, dict) and "value" in each
        }
        print(name, shown or list(found), flush=True)


class Trial:
    """The crops, and all that is asked of a classifier of them."""

    def __init__(self, folder: Path, work: Path, cifar: Path | None):
        self.work = work
        self.data = self._crops(folder, CROPS)
        self.voters = self._crops(folder, VOTERS)
        self.cameras = len(self.data.cameras)
        self.nobody = np.load(cifar)["x_test"] if cifar else None

    def _crops(self, folder: Path, count: int) -> CameraData:
        """The crops of the folder's photos, so many of each; kept in the work folder."""
        path = self.work / f"crops-{count}.npz"
        if not path.exists():
            load_crops(folder, split="date", test_share=0.15, crops_per_photo=count, seed=0).save(path)
        return CameraData.load(path)

    def about(self) -> dict[str, Any]:
        recipes = {"resnet20": dataclasses.asdict(PAPER), "forensic": dataclasses.asdict(FORENSIC)}
        photos = {name: len(np.unique(half.photo)) for name, half in vars(self.data).items() if isinstance(half, Crops)}
        crops = {"per_photo": CROPS, "voters": VOTERS, "few_photos": FEW}
        settings = {"recipes": recipes, "photos": photos, "cameras": list(self.data.cameras), **crops}
        return {"settings": settings, "commit": provenance.commit(), "device": provenance.device_name(CPU)}

    def few(self) -> Crops:
        """The training crops of FEW photos of each camera."""
        train, rng, kept = self.data.train, np.random.default_rng(13), []
        for label in range(self.cameras):
            kept.append(rng.permutation(np.unique(train.photo[train.labels == label]))[:FEW])
        return of_photos(train, np.concatenate(kept))

    def fit(self, network: str, seed: int, train: Crops) -> tuple[nn.Module, HeldOut | None, float]:
        """A trained network, what it says of photos held out, and the seconds that its training took."""
        name = f"{network}-{seed}-{len(np.unique(train.labels))}-{train.photo.sum()}"
        checkpoint, began = Checkpoint(self.work / f"{name}.safetensors"), time.monotonic()
        checkpoint.clock = lambda: time.monotonic() - began
        about: dict[str, Any] = {"device": CPU, "progress": False, "checkpoint": checkpoint}
        if network == "resnet20":
            model, _ = train_classifier(train, dataclasses.replace(PAPER, seed=seed), **about)
            return model, None, checkpoint.seconds()
        facts, split = self.data.report["facts"], self.data.report["split"]
        validation = validation_photos(facts, np.unique(train.photo), split, seed)
        recipe = dataclasses.replace(FORENSIC, seed=seed)
        model, _, held = train_forensic(train, recipe, validation=validation, **about)
        return model, held, checkpoint.seconds()

    def trained(self, network: str, seed: int, train: Crops) -> dict[str, Any]:
        model, _, seconds = self.fit(network, seed, train)
        return self.of_model(network, model, seconds) | {"seed": seed}

    def of_model(self, name: str, model: nn.Module, seconds: float) -> dict[str, Any]:
        """Accuracy per crop and photo, and by the number of crops that vote."""
        found = evaluation.evaluate(model, self.data.test, CPU)
        found["confusion"] = found["confusion"].tolist()
        voted = by_votes(predict(model, self.voters.test.images, CPU), self.voters.test)
        return {"classifier": name, "seconds": round(seconds, 1), **found, "votes": voted}

    def spectral(self) -> dict[str, Any]:
        began = time.monotonic()
        model = fit_spectral(self.data.train, self.cameras)
        return self.of_model("spectral", model, time.monotonic() - began)

    def colour(self) -> dict[str, Any]:
        """The same of a classifier that sees colour alone (as `evaluation.colour_only_accuracy`)."""
        log_p = colour_log_probabilities(self.data.train, self.voters.test)
        found = {"accuracy": evaluation.colour_only_accuracy(self.data.train, self.data.test)}
        return {"classifier": "colour", **found, "votes": by_votes(log_p, self.voters.test)}

    def forensic(self, seed: int) -> dict[str, Any]:
        """Accuracy, how sure the answers are, and what is said of images that no camera took."""
        model, held, seconds = self.fit("forensic", seed, self.data.train)
        assert held is not None
        calibration = identification.calibrate(*held)
        found = self.of_model("forensic", model, seconds)
        found |= {"seed": seed, "held_out_photos": calibration.photos, "temperature": calibration.temperature}
        said = logits_and_features(model, self.voters.test.images, CPU)
        found["sure"] = {str(n): sureness(*said, self.voters.test, calibration, n) for n in COUNTS}
        if self.nobody is not None:
            found["nobody"] = nobody(*logits_and_features(model, self.nobody, CPU), calibration)
        return found

    def without(self, camera: int) -> dict[str, Any]:
        """What a network that never saw a camera says of all its photos, and of the other cameras' test photos."""
        train = self.data.train
        others = of_photos(train, np.unique(train.photo[train.labels != camera]))
        others = dataclasses.replace(others, labels=others.labels - (others.labels > camera))
        model, held, _ = self.fit("forensic", 0, others)
        assert held is not None
        calibration = identification.calibrate(*held)
        halves = self.voters.train, self.voters.test
        unseen = Crops(
            *(np.concatenate([getattr(half, key)[half.labels == camera] for half in halves]) for key in KEYS)
        )
        known = of_photos(halves[1], np.unique(halves[1].photo[halves[1].labels != camera]))
        strangers, own = (logits_and_features(model, each.images, CPU) for each in (unseen, known))
        found: dict[str, Any] = {"camera": self.data.cameras[camera], "held_out_photos": calibration.photos}
        for n in COUNTS:
            yes, no = answers(*strangers, unseen, calibration, n), answers(*own, known, calibration, n)
            found[f"auc {n}"] = identification.stranger_auc(scores(no), scores(yes))
            found[f"found {n}"] = share(yes, lambda answer: answer.camera is None)
            found[f"found at 5 % {n}"] = found_at(0.05, scores(no), yes)
            found[f"false alarms {n}"] = share(no, lambda answer: answer.camera is None)
            found[f"named with {SURE} {n}"] = share(yes, surely_named)
        return found


# --- votes and answers

KEYS = ("images", "labels", "photo")
Answers = list[list[identification.Answer]]
"""For each photo the answers of several groups of its crops."""


def of_photos(crops: Crops, photos: np.ndarray) -> Crops:
    """The crops of some photos."""
    chosen = np.isin(crops.photo, photos)
    return Crops(*(getattr(crops, key)[chosen] for key in KEYS))


def groups(crops: Crops, count: int) -> list[np.ndarray]:
    """Indices (groups × count) of each photo's crops in groups of `count`, none in two groups."""
    found = []
    for photo in np.unique(crops.photo):
        own = np.flatnonzero(crops.photo == photo)
        found.append(own[: len(own) // count * count].reshape(-1, count))
    return found


def by_votes(logits: np.ndarray, crops: Crops) -> dict[str, Any]:
    """Number of crops → how often the camera with the highest mean log-probability over so many is the right one."""
    log_p, found = log_softmax(logits), {}
    for count in COUNTS:
        rows = groups(crops, count)
        right = [log_p[each].mean(1).argmax(1) == crops.labels[each[:, 0]] for each in rows]
        first = np.array([each[0, 0] for each in rows]).repeat([len(each) for each in rows])
        photo, label = crops.photo[first], crops.labels[first]
        found[str(count)] = by_photo(np.concatenate(right), photo, label, bounds=(0.0, 1.0))
    return found


def answers(
    logits: np.ndarray, features: np.ndarray, crops: Crops, calibration: identification.Calibration, count: int
) -> Answers:
    """What is said of each photo from `count` of its crops at a time."""
    return [
        [identification.identify(logits[group], features[group], calibration) for group in each]
        for each in groups(crops, count)
    ]


def scores(said: Answers) -> np.ndarray:
    """Photos × groups."""
    return np.array([[answer.score for answer in each] for each in said])


def surely_named(answer: identification.Answer) -> bool:
    return answer.camera is not None and max(answer.probabilities) > SURE


def share(said: Answers, holds: Callable[[identification.Answer], bool]) -> Any:
    """How many of the answers something holds of, photos drawn anew."""
    values = np.array([[holds(answer) for answer in each] for each in said])
    photo = np.arange(len(values)).repeat(values.shape[1])
    return by_photo(values.ravel(), photo, bounds=(0.0, 1.0))


def found_at(rate: float, known: np.ndarray, strange: Answers) -> Any:
    """The share of strangers above the score that this share of the known cameras' photos exceeds.

    That is how the field reports it. It needs test photos to find the threshold, which nobody has beforehand.
    """
    threshold = np.quantile(known, 1 - rate)
    return share(strange, lambda answer: answer.score > threshold)


def sureness(
    logits: np.ndarray, features: np.ndarray, crops: Crops, calibration: identification.Calibration, count: int
) -> dict[str, Any]:
    """Reliability of probabilities from `count` crops, and the false alarms among these photos of known cameras.

    `before`: the crops' probabilities multiplied, as if they were independent. `after`: `identify`.
    """
    said, rows = answers(logits, features, crops, calibration, count), groups(crops, count)
    label = np.concatenate([crops.labels[each[:, 0]] for each in rows])
    photo = np.concatenate([crops.photo[each[:, 0]] for each in rows])
    product = np.concatenate([np.exp(log_softmax(log_softmax(logits)[each].sum(1))) for each in rows])
    after = np.array([answer.probabilities for each in said for answer in each])
    found = {
        name: identification.reliability(p.max(1), p.argmax(1) == label, photo)
        for name, p in (("before", product), ("after", after))
    }
    return {**found, "false_alarms": share(said, lambda answer: answer.camera is None)}


def nobody(logits: np.ndarray, features: np.ndarray, calibration: identification.Calibration) -> dict[str, Any]:
    """The shares of images, each one crop, that are given to a camera, at all and with probability above SURE."""
    said = [
        identification.identify(*pair, calibration) for pair in zip(logits[:, None], features[:, None], strict=True)
    ]
    named = sum(answer.camera is not None for answer in said)
    return {
        "named": of_count(named, len(said), "image"),
        "surely_named": of_count(sum(map(surely_named, said)), len(said), "image"),
    }


def colour_log_probabilities(train: Crops, test: Crops) -> np.ndarray:
    """Log-probabilities of the regression of `evaluation.colour_only_accuracy`."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    regression = LogisticRegression(C=1.0, max_iter=500)
    model = make_pipeline(StandardScaler(), PolynomialFeatures(2), StandardScaler(), regression)
    model.fit(evaluation.colour_statistics(train.images), train.labels)
    return model.predict_log_proba(evaluation.colour_statistics(test.images))


if __name__ == "__main__":
    main()
