"""Asks a build's network which of the build's cameras took each of some photos.

The network and its calibration come from the record of chapter classifier, the names of the cameras from that of
chapter dataset, the weights from the store.
"""

import contextlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from camgan_lib.base.devices import one_thread
from camgan_lib.base.errors import CamganError
from camgan_lib.base.progress import progress
from camgan_lib.base.settings import Settings
from camgan_lib.base.workers import cores, take_one_core
from camgan_lib.book.records import Record
from camgan_lib.data.crops import CROP
from camgan_lib.data.names import SUFFIXES, shown, suffix
from camgan_lib.data.pictures import Limits, no_warnings
from camgan_lib.data.voting import Voting, cells, read_for_voting
from camgan_lib.data.walking import walk
from camgan_lib.measure.identification import Calibration, identify
from camgan_lib.networks.forensic import load_forensic
from camgan_lib.networks.forensic_training import logits_and_features
from camgan_lib.networks.inference import log_softmax
from camgan_lib.networks.resnet import load_classifier
from camgan_lib.networks.store import open_store
from camgan_lib.show.identification import About, Mistaken, Seen

_AGAIN = "run 'camgan run classifier' again, with the profile and the parameters of that build"
_LEARNED = "the network learned from this photo, so its answer shows nothing"
_CPU = torch.device("cpu")
_LOADERS: dict[str, Callable[[dict[str, torch.Tensor]], Any]] = {
    "forensic": load_forensic,
    "resnet20": load_classifier,
    "auxiliary": load_classifier,
}
"""What makes a network of its weights, by the name that the record gives it."""


@dataclass(frozen=True)
class Identifier:
    """A build's network in evaluation mode, its calibration, what photos' files may claim to be, and what it is.

    `learned`: the pictures from which the network learned (see `voting.Voting`).
    """

    network: nn.Module
    calibration: Calibration
    limits: Limits
    about: About
    learned: frozenset[str]


# --- the build's network


def find_identifier(settings: Settings) -> Identifier:
    """The identifier of the build that the settings name.

    Raises CamganError, with what to run, where there is no such build, where it has no classifier that can name
    cameras, and where a record or the network is damaged.
    """
    dataset, record = (_record(settings.build, chapter) for chapter in ("dataset", "classifier"))
    with _damaged(settings.build):
        found, cameras = record["results"].get("identification", {}), tuple(map(str, dataset["results"]["cameras"]))
        product = record["products"].get("identifier") or record["products"]["auxiliary"]
        if not {"mistaken", "calibration"} <= set(found):
            raise CamganError(f"the classifier of {settings.build} is of an earlier version; {_AGAIN}")
        calibration = Calibration.from_json(found["calibration"])
        limits = _limits(dataset["parameters"])
        stored = open_store(settings).get(product["kind"], product["key"])
        if stored is None:
            raise CamganError(f"the network of {settings.build} is gone or damaged; {_AGAIN}")
        network = _LOADERS[found["network"]](stored[0])
        if network.head.out_features != len(cameras):
            raise ValueError(f"a network for {network.head.out_features} cameras, and {len(cameras)} names")
        identify(*logits_and_features(network, np.zeros((1, CROP, CROP, 3), np.uint8), _CPU), calibration)
        about = About(
            build=settings.build.name,
            network=found["network"],
            identity=stored[1]["id"],
            commit=record["provenance"]["commit"],
            cameras=cameras,
            on=found["on"],
            photos=int(found["photos"]),
            mistaken=Mistaken(**found["mistaken"]),
        )
        return Identifier(network, calibration, limits, about, _learned(settings, dataset))


def _learned(settings: Settings, dataset: Record) -> frozenset[str]:
    """The pictures of the training half; none where the file of crops, which tells them, is gone."""
    path = open_store(settings).root / "crops" / str(dataset["products"]["dataset"]["file"])
    try:
        with np.load(path, allow_pickle=False) as file:
            facts = json.loads(str(file["about"]))["report"]["facts"]
        return frozenset(each["picture"] for each in facts if each["half"] == "train")
    except (OSError, ValueError, KeyError):
        return frozenset()


def _record(build: Path, chapter: str) -> Record:
    path = build / "records" / f"{chapter}.json"
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        if not (build / "records").is_dir():
            raise CamganError(
                f"{build} holds no build; make one with 'camgan book --profile photos --data DIR', DIR with a folder "
                "of photos for each camera, or name another with --build"
            ) from None
        raise CamganError(f"the build {build} has no {chapter} yet; run 'camgan run {chapter}' in it first") from None
    except (OSError, ValueError, RecursionError) as error:
        words = " ".join(str(error).split())
        raise CamganError(f"the record {path} can't be read ({words}); run 'camgan run {chapter}' again") from None


@contextlib.contextmanager
def _damaged(build: Path) -> Iterator[None]:
    """Within, whatever a record lacks raises CamganError."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        words = " ".join(str(error).split())[:160] or type(error).__name__
        raise CamganError(f"the records of {build} are damaged ({words}); {_AGAIN}") from None


def _limits(parameters: Mapping[str, Any]) -> Limits:
    """What the build allowed a photo's file to claim to be; the defaults, where it did not say."""
    usual = Limits()
    return Limits(
        float(parameters.get("largest_photo", usual.megapixels)),
        float(parameters.get("pixels_per_byte", usual.pixels_per_byte)),
    )


# --- the photos


def find_photos(given: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The photos that are named, and those in folders that are named, at any depth, sorted; none of them twice.

    A file that is named is taken whatever its name is, one in a folder by its name. Second come folders without photos,
    with the reason. Raises CamganError where there is nothing of a name, and where there is no photo at all.
    """
    files: dict[str, str] = {}
    useless: dict[str, str] = {}
    for name in given:
        if not os.path.lexists(name):
            raise CamganError(f"there is no photo and no folder {shown(name) or repr(name)}")
        found = _photos_in(name, useless) if os.path.isdir(name) else [name]
        for file in found:
            files.setdefault(os.path.abspath(file), file)
        if not found:
            useless.setdefault(name, f"a folder without photos (.jpg, .png, .heic, …){_others(name)}")
    if not files:
        raise CamganError("; ".join(f"{shown(name)}: {why}" for name, why in list(useless.items())[:3]))
    return list(files.values()), useless


def _photos_in(folder: str, useless: dict[str, str]) -> list[str]:
    unread: dict[Path, str] = {}
    files = [os.path.join(folder, *folders, name) for folders, name in walk(folder, unread)]
    useless |= {str(path): why for path, why in unread.items()}
    return [file for file in files if suffix(file) in SUFFIXES]


def _others(folder: str) -> str:
    count = sum(len(files) for _, _, files in os.walk(folder))
    return f"; it has {count} other file{'s' * (count != 1)}" if count else ""


# --- the answers


def ask(
    identifier: Identifier, files: Sequence[str], *, crops: int, workers: int, thumbnail: int | None
) -> list[Seen | str]:
    """The answer for each file, in order, or a few words that say why there is none.

    `crops` of each photo are asked about; `workers` photos are worked on at a time (0: one per core), each on one
    core; the answers depend on neither their number nor the other photos. `thumbnail`: pixels of a small copy's longer
    side, None for none. How far it is goes to stderr.
    """

    def one(file: str) -> Seen | str:
        read = read_for_voting(Path(file), crops, identifier.limits, thumbnail)
        return read if isinstance(read, str) else _seen(identifier, file, read)

    with no_warnings(), one_thread(), _threads(workers or cores()) as each:
        return list(progress("photos", "photo", len(files), each(one, files)))


@contextlib.contextmanager
def _threads(workers: int) -> Iterator[Callable]:
    """Yields a `map` that works on several items at a time. On any error, those that have not begun are dropped."""
    executor = ThreadPoolExecutor(workers, initializer=take_one_core)
    try:
        yield executor.map
    finally:
        executor.shutdown(cancel_futures=True)


def _seen(identifier: Identifier, file: str, read: Voting) -> Seen:
    logits, features = logits_and_features(identifier.network, read.crops, _CPU)
    return Seen(
        file=file,
        sha256=read.sha256,
        size=read.size,
        answer=identify(logits, features, identifier.calibration),
        named=logits.argmax(1),
        sure=np.exp(log_softmax(logits)).max(1),
        cells=cells(len(logits), *read.size),
        notes=(*read.notes, *([_LEARNED] if read.picture in identifier.learned else [])),
        thumbnail=None if read.thumbnail is None else (_jpeg(read.thumbnail), *read.thumbnail.shape[:2]),
    )


def _jpeg(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=82, optimize=True)
    return stream.getvalue()
