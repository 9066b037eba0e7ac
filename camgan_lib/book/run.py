"""One run of one chapter: its parameters, what earlier chapters left, and what it leaves for later ones.

Chapters share nothing through kernels. Each leaves a record, `<build>/records/<chapter>.json`, with its parameters,
its results and the recipes of what it made; data and networks lie in the store under the hash of their recipe.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import HTML
from torch import nn

from camgan_lib.base.devices import resolve_device
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_aside, write_json
from camgan_lib.base.imports import skip_slow_import
from camgan_lib.base.memory import keep_memory
from camgan_lib.base.params import check_parameters, read_parameters
from camgan_lib.base.settings import Settings
from camgan_lib.book import chapters, judge_jobs, page, prepare, recipes
from camgan_lib.book.prepare import Data, Product
from camgan_lib.book.provenance import provenance
from camgan_lib.book.records import Record, read_record
from camgan_lib.data.crops import CameraData
from camgan_lib.data.nostyle import NoStyle
from camgan_lib.measure.estimates import read, recorded
from camgan_lib.networks.jobs import Job, make_all, now
from camgan_lib.networks.judges import load_judge
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import ResNet20, load_classifier
from camgan_lib.networks.store import open_store
from camgan_lib.networks.style_gan import Generator
from camgan_lib.networks.stylised import stylised
from camgan_lib.show.figures.style import Picture

CLASSIFIERS = ("auxiliary", "quantized")
"""The two classifiers of a run: the first has float weights, the second 8-bit weights."""


def start(chapter: str, namespace: dict[str, Any]) -> "Run":
    """Begins a chapter: takes its declared parameters from the notebook's namespace and checks them.

    Raises CamganError for a value of a wrong type or out of range.
    """
    skip_slow_import()  # glue reads notebooks
    declared = read_parameters(chapters.source(chapter))
    given = {name: namespace[name] for name in declared if name in namespace}
    return Run(chapter, check_parameters(chapter, declared, given), Settings.from_environment())


class Run:
    """A chapter's run. `parameters` are its checked parameters, `device` the torch device that they name."""

    def __init__(self, chapter: str, parameters: dict[str, Any], settings: Settings, records: Path | None = None):
        """`records`: the folder of the chapters' records, the build folder's where it is not named."""
        self.chapter = chapter
        self.parameters = parameters
        self.settings = settings
        self.build = settings.build
        self.records = records or self.build / "records"
        self.store = open_store(settings)
        self.device = resolve_device(parameters["device"])
        self.products: dict[str, Any] = {}
        self._networks: dict[str, dict[str, Any]] = {}
        keep_memory()
        self._started = time.time()

    # --- records of earlier chapters

    def _record(self, chapter: str) -> Record:
        if (record := read_record(self.records, chapter)) is None:
            raise CamganError(
                f"chapter {self.chapter} needs what chapter {chapter} leaves, and it has not run here; "
                f"run 'camgan run {chapter}' first, or all of them with 'camgan book'"
            )
        return record

    def results(self, chapter: str) -> dict[str, Any]:
        """The results that an earlier chapter recorded, with its estimates. Raises CamganError where it has not run."""
        return read(self._record(chapter)["results"])

    def upstream_parameters(self, chapter: str) -> dict[str, Any]:
        """The parameters that an earlier chapter ran with. Raises CamganError where it has not run."""
        return self._record(chapter)["parameters"]

    def product(self, chapter: str, name: str) -> Any:
        """What a chapter has made under this name: files, and recipes of networks; this run's, or from its record."""
        if chapter == self.chapter and name in self.products:
            return self.products[name]
        return self._record(chapter)["products"][name]

    # --- data

    def prepare_dataset(self) -> CameraData:
        """Crops of every camera, by this chapter's parameters: simulated first if need be, kept in the store."""
        data, self.products["dataset"] = prepare.crops(self.parameters, self.store)
        return data

    def dataset(self) -> CameraData:
        """The crops that chapter dataset prepared. Raises CamganError where they are gone or damaged."""
        return self._load_product("dataset", "dataset", "crops", CameraData.load)

    def prepare_nostyle(self, shown: int = 0) -> NoStyle:
        """No-style images by this chapter's parameters `nostyle`, `nostyle_train` and `nostyle_test`.

        With `shown`, and where they are rendered, `train` holds so many of the training images only; all of them are
        rendered where a generator of this chapter's recipe has to be trained.
        """

        def needed(product: Product) -> bool:
            return any(self.store.get("generator", key) is None for key in self._generator_recipes(product).values())

        images, self.products["nostyle"] = prepare.nostyle(self.parameters, self.store, shown=shown, needed=needed)
        return images

    def nostyle(self) -> NoStyle:
        """The no-style images that chapter style_gan prepared. Raises CamganError where they are gone or damaged."""
        return self._load_product("style_gan", "nostyle", "nostyle", NoStyle.load)

    def _load_product(self, chapter: str, name: str, kind: str, load: Callable[[Path], Data]) -> Data:
        path = self.store.root / kind / self.product(chapter, name)["file"]
        loaded = prepare.load_if_whole(load, path)
        if loaded is None:
            raise CamganError(f"{path.name}, made by chapter {chapter}, is gone or damaged; run 'camgan book' again")
        return loaded

    # --- networks

    def plan_classifiers(self) -> dict[str, Job]:
        """The trainings of both classifiers by this chapter's recipe, by name; their recipes go into the record."""
        data, jobs = self.product("dataset", "dataset"), {}
        for position, which in enumerate(CLASSIFIERS):
            quantized = which == "quantized"
            key = recipes.classifier(self.parameters, data["made_by"], quantized=quantized)
            self.products[which] = {"kind": "classifier", "key": key, "quantized": quantized}
            jobs[which] = self.job("classifier", key, position=position)
        return jobs

    def train_classifiers(self) -> dict[str, tuple[ResNet20, list[dict[str, Any]]]]:
        """The "auxiliary" (float) and "quantized" (8-bit) classifiers of this chapter's recipe, with their histories.

        Found in the store, or trained side by side and put there; the 8-bit one is kept as integers and scales.
        """
        make_all(list(self.plan_classifiers().values()), self.parameters["workers"])
        return {which: (self.classifier(which), self.history(which)) for which in CLASSIFIERS}

    def classifier(self, which: str) -> ResNet20:
        """The "auxiliary" or "quantized" classifier of chapter classifier, in evaluation mode on the device."""
        key = self.product("classifier", which)["key"]
        return load_classifier(self.stored(which, "classifier", key, "classifier")).to(self.device).eval()

    def plan_generators(self) -> dict[str, Job]:
        """Each camera's training of a generator by this chapter's recipe; the recipes go into the record."""
        nostyle, auxiliary = self.product("style_gan", "nostyle"), self.product("classifier", "auxiliary")["key"]
        keys = self._generator_recipes(nostyle)
        self.products["generators"] = {camera: {"kind": "generator", "key": key} for camera, key in keys.items()}
        second = recipes.second_classifier(self.parameters, self.product("dataset", "dataset"), auxiliary)
        files = {"nostyle": self.store.root / "nostyle" / nostyle["all"], "auxiliary": auxiliary, "second": second}
        numbered = enumerate(keys.items())
        return {camera: self.job("generator", key, position=position, **files) for position, (camera, key) in numbered}

    def _generator_recipes(self, nostyle: Product) -> dict[str, dict[str, Any]]:
        data, auxiliary = self.product("dataset", "dataset"), self.product("classifier", "auxiliary")["key"]
        return {
            camera: recipes.generator(self.parameters, data["made_by"], nostyle["made_by"], auxiliary, target)
            for target, camera in enumerate(self.results("dataset")["cameras"])
        }

    def train_style_gans(self) -> dict[str, tuple[Generator, list[dict[str, Any]]]]:
        """Each camera's generator by this chapter's recipe, with its history: stored, or trained now side by side."""
        jobs = self.plan_generators()
        make_all(list(jobs.values()), self.parameters["workers"])
        return {camera: (self.generator(camera), self.history(camera)) for camera in jobs}

    def job(self, kind: str, key: dict[str, Any], **more: Any) -> Job:
        """The training of a network on this run's crops. `more`: other fields of the job."""
        data = self.product("dataset", "dataset")
        facts = {**provenance(self.parameters, self.device), "data_fingerprint": data["fingerprint"]}
        if kind == "generator":
            facts |= {"nostyle_fingerprint": self.product("style_gan", "nostyle")["fingerprint"]}
        return Job(kind, key, self.store, self.store.root / "crops" / data["file"], self.device.type, facts, **more)

    def generator(self, camera: str) -> Generator:
        """The generator that chapter style_gan trained for a camera, in evaluation mode on the device."""
        key = self.product("style_gan", "generators")[camera]["key"]
        model = Generator.from_recipe(GanRecipe(**key["recipe"]), seed=0)
        model.load_state_dict(self.stored(camera, "generator", key, "style_gan"))
        return model.to(self.device).eval()

    def stylised(self, camera: str, test: np.ndarray, count: int = 0) -> np.ndarray:
        """The first `count` of all no-style `test` images as a camera's generator makes them (0: all)."""
        generator = self.generator(camera)
        return stylised(self.store, self._networks[camera]["weights_sha256"], generator, test, count, self.device)

    def train_judges(self) -> dict[str, list[nn.Module]]:
        """The judges of this chapter's recipes: stored, or trained now side by side (see `judge_jobs`)."""
        data = self.upstream_parameters("dataset"), self.parameters, self.product("dataset", "dataset")
        self.products["judges"] = judge_jobs.products(*data)
        make_all(judge_jobs.missing(*data, self.store, self.device), self.parameters["workers"])
        return self.judges()

    def judges(self) -> dict[str, list[nn.Module]]:
        """The networks of each judge that chapter style_gan trained, by architecture, in evaluation mode."""
        found: dict[str, list[nn.Module]] = {}
        for name, product in self.product("style_gan", "judges").items():
            weights, judge = self.stored(name, "judge", product["key"], "style_gan"), product["key"]["architecture"]
            found.setdefault(judge, []).append(load_judge(judge, weights).to(self.device))
        return found

    def other_photos(self) -> bool:
        """Whether all judges have learned from photos that no classifier of this run was trained on."""
        return not any(each["key"]["half"] for each in self.product("style_gan", "judges").values())

    def untrained_generator(self, seed: int, **changes: Any) -> Generator:
        """A generator of chapter style_gan's architecture, with `changes` to its recipe, freshly initialised.

        Its weights are drawn from `seed`; it has seen no camera.
        """
        key = next(iter(self.product("style_gan", "generators").values()))["key"]
        recipe = GanRecipe(**{**key["recipe"], **changes})
        return Generator.from_recipe(recipe, seed=seed).to(self.device).eval()

    def stored(self, name: str, kind: str, key: dict[str, Any], chapter: str) -> dict[str, Any]:
        """A network's weights; notes under its name where they come from."""
        if (found := self.store.get(kind, key)) is None:
            raise CamganError(f"a {kind} made by chapter {chapter} is gone or damaged; run 'camgan book' again")
        weights, self._networks[name] = found
        return weights

    def history(self, name: str) -> list[dict[str, Any]]:
        """The history of a network's training, by the name under which it is noted."""
        return self._networks[name]["metrics"]["history"]

    def networks(self) -> list[dict[str, Any]]:
        """The networks that this chapter has used so far.

        Of each `name`, `kind`, recipe `id`, `published` (it came with the project), `date`, `device`, `seconds` of its
        training, and `same_data`: whether it was trained on these very bytes of data, as far as they were made here.
        """
        facts = ("kind", "id", "published", "date", "device", "seconds", "commit")
        return [
            {"name": name, **{fact: manifest.get(fact) for fact in facts}, "same_data": self._same_data(manifest)}
            for name, manifest in self._networks.items()
        ]

    def _same_data(self, manifest: dict[str, Any]) -> bool:
        if manifest["kind"] == "judge" and not manifest["recipe"]["half"]:
            return True  # its photos are not made here
        same = manifest["data_fingerprint"] == self.product("dataset", "dataset")["fingerprint"]
        if manifest["kind"] == "generator":
            rendered = self.product("style_gan", "nostyle")["fingerprint"]
            same = same and rendered in (None, manifest["nostyle_fingerprint"])
        return same

    # --- what the page shows and what is left behind

    def keep_picture(self, name: str, figure: Picture) -> None:
        """Keeps a figure as `<build>/executed/<name>.png`, for links to the book, and .svg, for a page of it."""
        for ending, content in (("png", figure.png()), ("svg", figure._repr_svg_().encode("utf-8"))):
            with write_aside(self.build / "executed" / f"{name}.{ending}") as aside:
                aside.write_bytes(content)

    def finish(self, results: dict[str, Any], trainings: list[dict[str, Any]] | None = None) -> HTML:
        """Writes the chapter's record and returns the foot of its page (see `page.foot`), which shows `trainings`.

        `results` may hold estimates (`measure.estimates`) at any depth. Raises TypeError or ValueError where the rest
        is not plain JSON (NaN included).
        """
        record = {
            "chapter": self.chapter,
            "parameters": self.parameters,
            "results": recorded(results),
            "products": self.products,
            "networks": self._all_networks(),
            "provenance": {
                **provenance(self.parameters, self.device),
                "data": Path(self._data_source()).name,
                "started": now(self._started),
                "seconds": round(time.time() - self._started, 1),
            },
        }
        write_json(self.records / f"{self.chapter}.json", record)
        return page.foot(record, static=self.settings.static, trainings=trainings)

    def _all_networks(self) -> list[dict[str, Any]]:
        """The networks that this chapter used; of a chapter that used none, those behind the results that it reads."""
        if self._networks:
            return self.networks()
        read = [network for chapter in chapters.UPSTREAM[self.chapter] for network in self._record(chapter)["networks"]]
        return list({network["id"]: network for network in read}.values()) if self.chapter == "summary" else []

    def _data_source(self) -> str:
        if "data" in self.parameters or not chapters.UPSTREAM[self.chapter]:
            return self.parameters.get("data", "none")
        return self.upstream_parameters("dataset")["data"]
