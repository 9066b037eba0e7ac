"""One run of one chapter: its parameters, what earlier chapters left, and what it leaves for later ones.

Chapters share nothing through kernels. Each leaves a record, `<build>/records/<chapter>.json`, with its parameters,
its results and the recipes of what it made; data and networks lie in the store under the hash of their recipe.
"""

import dataclasses
import json
import os
import platform
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from IPython.display import HTML
from matplotlib.figure import Figure

from camgan_lib import paths
from camgan_lib.chapters import read_profile
from camgan_lib.devices import resolve_device
from camgan_lib.errors import CamganError
from camgan_lib.figures import provenance as figures_provenance
from camgan_lib.figures.style import table
from camgan_lib.jobs import Job, make_all, now
from camgan_lib.listing import listing
from camgan_lib.memory import keep_memory
from camgan_lib.nostyle import NoStyle, load_nostyle
from camgan_lib.params import Parameter, check_parameters, read_parameters
from camgan_lib.photos import CameraData, fingerprint, load_crops
from camgan_lib.resnet import ResNet20, from_integers
from camgan_lib.simulation import simulate_cameras
from camgan_lib.store import own_store, recipe_id, say, write_aside, write_json
from camgan_lib.style_gan import Generator
from camgan_lib.training import ClassifierRecipe, GanRecipe
from camgan_lib.versions import code_version
from camgan_lib.widgets.parameter_form import ParameterForm
from camgan_lib.workers import cores

CUT = ("photos_per_camera", "test_share", "crops_per_photo", "split", "bad_files", "seed")
"""Parameters of chapter dataset that decide which crops are cut from photos; those of DATA decide the photos."""
DATA = ("data", "photo_size")
NOSTYLE = ("nostyle", "nostyle_train", "nostyle_test", "seed")
"""Parameters of chapter style_gan that decide the no-style images."""
VERSIONS_SHOWN = ("torch", "torchvision", "numpy", "pillow", "captum", "lime")


def start(chapter: str, namespace: dict[str, Any]) -> "Run":
    """Begins a chapter: takes its declared parameters from the notebook's namespace and checks them.

    Raises CamganError for a value of a wrong type or out of range.
    """
    declared = read_parameters(paths.chapter_source(chapter))
    given = {name: namespace[name] for name in declared if name in namespace}
    return Run(chapter, check_parameters(chapter, declared, given))


class Run:
    """A chapter's run. `parameters` are its checked parameters, `device` the torch device that they name."""

    def __init__(self, chapter: str, parameters: dict[str, Any], records: Path | None = None):
        """`records`: the folder of the chapters' records, the build folder's where it is not named."""
        self.chapter = chapter
        self.parameters = parameters
        self.build = paths.build_folder()
        self.records = records or self.build / "records"
        self.store = own_store()
        self.device = resolve_device(parameters["device"])
        self._products: dict[str, Any] = {}
        self._networks: dict[str, dict] = {}
        keep_memory()
        self._started = time.time()

    # --- records of earlier chapters

    def _record(self, chapter: str) -> dict:
        path = self.records / f"{chapter}.json"
        try:
            return json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise CamganError(
                f"chapter {self.chapter} needs what chapter {chapter} leaves, and it has not run here; "
                f"run 'camgan run {chapter}' first, or all of them with 'camgan book'"
            ) from None

    def results(self, chapter: str) -> dict:
        """The results that an earlier chapter recorded. Raises CamganError where it has not run."""
        return self._record(chapter)["results"]

    def upstream_parameters(self, chapter: str) -> dict:
        """The parameters that an earlier chapter ran with. Raises CamganError where it has not run."""
        return self._record(chapter)["parameters"]

    def _product(self, chapter: str, name: str) -> Any:
        if chapter == self.chapter and name in self._products:
            return self._products[name]
        return self._record(chapter)["products"][name]

    # --- data

    def prepare_dataset(self) -> CameraData:
        """Crops of every camera, by this chapter's parameters: simulated first if need be, kept in the store."""
        p = self.parameters
        simulated = p["data"] == "simulated"
        folder = self._simulated_photos() if simulated else Path(p["data"]).expanduser()
        cut = {"code": code_version("crops"), **{name: p[name] for name in CUT}}
        recipe = {"photos": self._simulation() if simulated else listing(folder), **cut}
        path = self.store.root / "crops" / f"{recipe_id(recipe)}.npz"
        with self.store.locked("crops", recipe):
            data = _load_or_none(CameraData.load, path) or self._cut(folder, path)
        content = fingerprint(data)
        made_by = recipe_id({"simulated": self._simulation(), **cut}) if simulated else content
        self._products["dataset"] = {"file": path.name, "fingerprint": content, "made_by": made_by}
        return data

    def _cut(self, folder: Path, path: Path) -> CameraData:
        p = self.parameters
        data = load_crops(
            folder,
            photos_per_camera=p["photos_per_camera"],
            test_share=p["test_share"],
            crops_per_photo=p["crops_per_photo"],
            split=p["split"],
            on_bad=p["bad_files"],
            seed=p["seed"],
            workers=p["workers"],
        )
        data.save(path)
        return data

    def _simulated_photos(self) -> Path:
        p = self.parameters
        if p["photos_per_camera"] < 2:
            raise CamganError(
                f"simulated cameras take at least 2 photos_per_camera, got {p['photos_per_camera']}; "
                "0 (all there are) is for a folder of photos"
            )
        folder = self.store.root / "simulated" / f"{p['photos_per_camera']}-{recipe_id(self._simulation())}"
        size, seed = p["photo_size"], p["seed"]
        with self.store.locked("simulated", {"folder": folder.name}):
            simulate_cameras(folder, photos=p["photos_per_camera"], size=size, seed=seed, workers=p["workers"])
        return folder

    def _simulation(self) -> dict:
        """What decides a simulated photo.

        Simulated data are known by it, and not by their bytes, which differ in a few pixels between processors.
        """
        return {
            "size": self.parameters["photo_size"],
            "seed": self.parameters["seed"],
            "code": code_version("simulated"),
        }

    def dataset(self) -> CameraData:
        """The crops that chapter dataset prepared. Raises CamganError where they are gone or damaged."""
        return self._load_product("dataset", "dataset", "crops", CameraData.load)

    def prepare_nostyle(self, shown: int = 0) -> NoStyle:
        """No-style images by this chapter's parameters `nostyle`, `nostyle_train` and `nostyle_test`.

        With `shown`, and where they are rendered, `train` holds so many of the training images only; all of them are
        rendered where a generator of this chapter's recipe has to be trained.
        """
        p = self.parameters
        made = {"train": p["nostyle_train"], "test": p["nostyle_test"], "seed": p["seed"]}
        where = [] if p["nostyle"] == "scenes" else listing(Path(p["nostyle"]).expanduser())
        recipe = {**made, "source": where or p["nostyle"], "code": code_version("nostyle")}
        whole = product = {"file": f"{recipe_id(recipe)}.npz", "fingerprint": None, "made_by": recipe_id(recipe)}
        self._products["nostyle"] = {**whole, "all": whole["file"]}
        partly = shown and not where
        if not partly or any(self.store.get(job.kind, job.key) is None for job in self.generator_jobs()):
            images = self._kept_nostyle(recipe, made)
            content = images.fingerprint()
            product = {**whole, "fingerprint": content, "made_by": content if where else whole["made_by"]}
        if partly:
            part = {**recipe, "shown": shown}
            images = self._kept_nostyle(part, {**made, "shown": shown})
            product = {**product, "file": f"{recipe_id(part)}.npz"}
        self._products["nostyle"] = {**product, "all": whole["file"]}
        return images

    def _kept_nostyle(self, recipe: dict, made: dict) -> NoStyle:
        path = self.store.root / "nostyle" / f"{recipe_id(recipe)}.npz"
        with self.store.locked("nostyle", recipe):
            images = _load_or_none(NoStyle.load, path)
            if images is None:
                images = load_nostyle(self.parameters["nostyle"], **made)
                images.save(path)
        return images

    def nostyle(self) -> NoStyle:
        """The no-style images that chapter style_gan prepared. Raises CamganError where they are gone or damaged."""
        return self._load_product("style_gan", "nostyle", "nostyle", NoStyle.load)

    def _load_product(self, chapter: str, name: str, kind: str, load: Any) -> Any:
        path = self.store.root / kind / self._product(chapter, name)["file"]
        loaded = _load_or_none(load, path)
        if loaded is None:
            raise CamganError(f"{path.name}, made by chapter {chapter}, is gone or damaged; run 'camgan book' again")
        return loaded

    # --- networks

    def train_classifiers(self) -> dict[str, tuple[ResNet20, list[dict]]]:
        """The "auxiliary" (float) and the "test" (8-bit) classifier of this chapter's recipe, with their histories.

        Found in the store, or trained side by side and put there; the 8-bit one is kept as integers and scales.
        """
        make_all(self.classifier_jobs(), self.parameters["workers"])
        return {which: (self.classifier(which), self._history(which)) for which in ("auxiliary", "test")}

    def classifier_jobs(self) -> list[Job]:
        """The trainings of both classifiers, whether or not they have been done."""
        data, jobs = self._product("dataset", "dataset"), []
        for which in ("auxiliary", "test"):
            recipe = _recipe(ClassifierRecipe, self.parameters, quantized=which == "test")
            key = {
                "data": data["made_by"],
                "recipe": _said(recipe),
                "code": code_version("classifier"),
            }
            self._products[which] = {"kind": "classifier", "key": key, "quantized": recipe.quantized}
            jobs.append(self._job("classifier", key, position=len(jobs)))
        return jobs

    def classifier(self, which: str) -> ResNet20:
        """The "auxiliary" or "test" classifier that chapter classifier trained, ready to judge."""
        product = self._product("classifier", which)
        weights = self._stored(which, "classifier", product["key"], "classifier")
        if product["quantized"]:
            return from_integers(weights).to(self.device).eval()
        model = ResNet20(weights["head.bias"].numel())
        model.load_state_dict(weights)
        return model.to(self.device).eval()

    def train_style_gans(self) -> dict[str, tuple[Generator, list[dict]]]:
        """Each camera's generator by this chapter's recipe, with its history: stored, or trained now side by side."""
        make_all(self.generator_jobs(), self.parameters["workers"])
        return {
            camera: (self.generator(camera), self._history(camera)) for camera in self.results("dataset")["cameras"]
        }

    def generator_jobs(self) -> list[Job]:
        """The trainings of all cameras' generators, in their order, whether or not they have been done."""
        data, nostyle = self._product("dataset", "dataset"), self._product("style_gan", "nostyle")
        auxiliary = self._product("classifier", "auxiliary")["key"]
        cameras, jobs = self.results("dataset")["cameras"], []
        for target, camera in enumerate(cameras):
            key = {
                "data": data["made_by"],
                "nostyle": nostyle["made_by"],
                "auxiliary": recipe_id(auxiliary),
                "target": target,
                "recipe": _said(_recipe(GanRecipe, self.parameters)),
                "code": code_version("generator"),
            }
            self._products.setdefault("generators", {})[camera] = {"kind": "generator", "key": key}
            files = {"nostyle": self.store.root / "nostyle" / nostyle["all"], "auxiliary": auxiliary}
            jobs.append(self._job("generator", key, position=target, **files))
        return jobs

    def _job(self, kind: str, key: dict, **more: Any) -> Job:
        data = self._product("dataset", "dataset")
        facts = {**self.provenance(), "data_fingerprint": data["fingerprint"]}
        if kind == "generator":
            facts["nostyle_fingerprint"] = self._product("style_gan", "nostyle")["fingerprint"]
        return Job(kind, key, self.store, self.store.root / "crops" / data["file"], self.device.type, facts, **more)

    def generator(self, camera: str) -> Generator:
        """The generator that chapter style_gan trained for a camera, ready to stylise."""
        key = self._product("style_gan", "generators")[camera]["key"]
        model = Generator.from_recipe(GanRecipe(**key["recipe"]), seed=0)
        model.load_state_dict(self._stored(camera, "generator", key, "style_gan"))
        return model.to(self.device).eval()

    def untrained_generator(self, seed: int, **changes: Any) -> Generator:
        """A generator of chapter style_gan's architecture, with `changes` to its recipe, freshly initialised.

        Its weights are drawn from `seed`; it has seen no camera.
        """
        key = next(iter(self._product("style_gan", "generators").values()))["key"]
        recipe = GanRecipe(**{**key["recipe"], **changes})
        return Generator.from_recipe(recipe, seed=seed).to(self.device).eval()

    def _stored(self, name: str, kind: str, key: dict, chapter: str) -> dict:
        """A network's weights; notes under its name where they come from."""
        if (found := self.store.get(kind, key)) is None:
            raise CamganError(f"a {kind} made by chapter {chapter} is gone or damaged; run 'camgan book' again")
        weights, self._networks[name] = found
        return weights

    def _history(self, name: str) -> list[dict]:
        return self._networks[name]["metrics"]["history"]

    def networks(self) -> list[dict]:
        """The networks that this chapter has used so far.

        Of each `name`, `kind`, recipe `id`, `published` (it came with the project) or trained on this machine, `date`,
        `device`, `seconds` of its training, and `same_data`: whether it was trained on these very bytes of data, as far
        as they were made here.
        """
        facts = ("kind", "id", "published", "date", "device", "seconds", "commit")
        return [
            {"name": name, **{fact: manifest.get(fact) for fact in facts}, "same_data": self._same_data(manifest)}
            for name, manifest in self._networks.items()
        ]

    def _same_data(self, manifest: dict) -> bool:
        same = manifest["data_fingerprint"] == self._product("dataset", "dataset")["fingerprint"]
        if manifest["kind"] == "generator":
            rendered = self._product("style_gan", "nostyle")["fingerprint"]
            same = same and rendered in (None, manifest["nostyle_fingerprint"])
        return same

    def network_table(self) -> Any:
        """What `networks` says, for the page: where each network comes from, and that all else is computed now."""
        return figures_provenance.network_table(self.networks())

    # --- what is left behind

    def keep_picture(self, name: str, figure: Figure) -> None:
        """Keeps a figure as `<build>/executed/<name>.png`, for a page that is no chapter."""
        with write_aside(self.build / "executed" / f"{name}.png") as aside:
            aside.write_bytes(figure._repr_png_())

    def finish(self, results: dict[str, Any]) -> Any:
        """Writes the chapter's record and returns its provenance line for the page.

        Raises TypeError or ValueError where `results` is not plain JSON (NaN included).
        """
        record = {
            "chapter": self.chapter,
            "parameters": self.parameters,
            "results": results,
            "products": self._products,
            "networks": self._all_networks(),
            "provenance": {
                **self.provenance(),
                "data": Path(self._data_source()).name,
                "started": now(self._started),
                "seconds": round(time.time() - self._started, 1),
            },
        }
        write_json(self.records / f"{self.chapter}.json", record)
        return figures_provenance.line(record)

    def _all_networks(self) -> list[dict]:
        """The networks that this chapter used; of a chapter that used none, those behind the results that it reads."""
        if self._networks:
            return self.networks()
        read = [network for chapter in paths.UPSTREAM[self.chapter] for network in self._record(chapter)["networks"]]
        return list({network["id"]: network for network in read}.values()) if self.chapter == "summary" else []

    def _data_source(self) -> str:
        if "data" in self.parameters or not paths.UPSTREAM[self.chapter]:
            return self.parameters.get("data", "none")
        return self.upstream_parameters("dataset")["data"]

    def provenance(self) -> dict[str, Any]:
        """Where and with what this runs: commit, versions, device, processor count, profile, seed."""
        return {
            "profile": self.parameters["profile"],
            "seed": self.parameters["seed"],
            "commit": commit(),
            "device": device_name(self.device),
            "versions": {"python": platform.python_version(), **{name: version(name) for name in VERSIONS_SHOWN}},
        }

    def parameter_table(self) -> Any:
        """The chapter's parameters, folded: a table of value, default where it differs, range and meaning.

        In the built book a form in its place, and the table where there is no JavaScript.
        """
        declared = read_parameters(paths.chapter_source(self.chapter))
        rows = [
            {
                "name": d.name,
                "value": _shown(self.parameters[d.name]),
                "default": "" if self.parameters[d.name] == d.default else _shown(d.default),
                "range": d.range,
                "meaning": d.meaning,
            }
            for d in declared.values()
        ]
        shown = table(
            rows, {key: (key, "{}") for key in ("name", "value", "default", "range", "meaning")}
        )._repr_html_()
        if os.environ.get("CAMGAN_STATIC"):
            shown = f"<noscript>{shown}</noscript>{self._parameter_form(declared).static_html()}"
        changed = sum(row["default"] != "" for row in rows)
        summary = f"Parameters of this run ({changed} of {len(rows)} differ from the default)"
        return HTML(f'<details class="camgan-parameters"><summary>{summary}</summary>{shown}</details>')

    def _parameter_form(self, declared: dict[str, Parameter]) -> ParameterForm:
        profile = self.parameters["profile"]
        try:
            base = read_profile(profile)[1][self.chapter]
        except CamganError:
            profile, base = f"{profile}.yml", self.parameters
        values = check_parameters(self.chapter, declared, {**base, "profile": self.parameters["profile"]})
        anew = {name: networks for name in declared if (networks := retrained(self.chapter, name))}
        chapters = paths.downstream(self.chapter)
        return ParameterForm(self.chapter, profile, declared.values(), self.parameters, values, anew, chapters)


def retrained(chapter: str, name: str) -> list[str]:
    """The networks that another value of a parameter would have trained anew."""
    both = ["both classifiers", "the generators"]
    if chapter == "dataset":
        return both if name in CUT + DATA else []
    if chapter == "classifier":
        return both if name in {field.name for field in dataclasses.fields(ClassifierRecipe)} else []
    if chapter == "style_gan":
        return both[1:] if name in {*NOSTYLE, *(field.name for field in dataclasses.fields(GanRecipe))} else []
    return []


def commit() -> str | None:
    """The project's commit, `+` after it where library, chapters or profiles have changed; None outside a clone."""
    git = ["git", "-C", str(paths.ROOT)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", "camgan_lib", "book", "profiles"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def device_name(device: torch.device) -> str:
    """A device in words: the GPU's name, or the CPU with its number of cores."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type}, {cores()} cores"


def _recipe(kind: type, parameters: dict[str, Any], **fixed: Any) -> Any:
    names = {field.name for field in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in parameters.items() if name in names}, **fixed)


def _said(recipe: Any) -> dict[str, Any]:
    """A recipe's fields for a key; one at its default goes without saying, so that a new one leaves old keys alone."""
    fields = dataclasses.fields(recipe)
    return {field.name: getattr(recipe, field.name) for field in fields if getattr(recipe, field.name) != field.default}


def _load_or_none(load: Any, path: Path) -> Any:
    try:
        return load(path)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, OSError, CamganError) as error:
        say(f"{path.name} is damaged ({error}); it will be made again")
        return None


def _shown(value: Any) -> str:
    return "(empty)" if value == "" else str(value)
