"""Runs of the book: a profile's parameters, checked; chapters, executed in order by papermill; then the HTML.

An executed copy is kept with a key: the hash of all that decided it (source, parameters, library, what the chapters
before it left). A chapter whose key still holds is not executed again, so a run that failed goes on where it stopped.
"""

import contextlib
import itertools
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from camgan_lib import paths
from camgan_lib.errors import CamganError
from camgan_lib.params import check_parameters, parse_setting, read_parameters
from camgan_lib.store import file_sha256, open_lock, own_store, recipe_id, wait_for, write_aside, write_json
from camgan_lib.workers import cores, pool

FILES = ("data", "nostyle")
"""Parameters that may name files of the user's."""

SHARED = ("seed", "device")
"""Parameters of every chapter that a profile may set once for all."""


@dataclass(frozen=True)
class Plan:
    """What a run does: the profile's name, each chapter's full parameters, the Jupyter kernel, the build folder."""

    profile: str
    parameters: dict[str, dict[str, Any]]
    build: Path = field(default_factory=paths.build_folder)
    kernel: str = "python3"
    fresh: bool = False
    """Train all networks here, the published ones left aside."""


# --- what to run


def read_profile(name_or_file: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """A profile's name and, for each chapter that it touches, the values that it sets.

    A profile is YAML: `shared:` (seed, device) and `chapters:` with a mapping of parameters for each.
    Raises CamganError where there is no such profile or it has another shape.
    """
    path = Path(name_or_file)
    if path.suffix not in (".yml", ".yaml"):
        path = paths.ROOT / "profiles" / f"{name_or_file}.yml"
    known = ", ".join(sorted(p.stem for p in (paths.ROOT / "profiles").glob("*.yml")))
    try:
        content = yaml.safe_load(path.read_text("utf-8")) or {}
    except FileNotFoundError:
        raise CamganError(f"there is no profile {name_or_file!r}; take one of {known}, or a .yml file") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        first = " ".join(str(error).split())
        raise CamganError(f"profile {path} can't be read as YAML: {first}") from None
    shape = "a profile has 'shared:' and 'chapters:', each a mapping"
    if not isinstance(content, dict) or (unknown := set(content) - {"shared", "chapters"}):
        raise CamganError(f"{shape}; {path} has {sorted(unknown) if isinstance(content, dict) else 'something else'}")
    shared, by_chapter = content.get("shared") or {}, content.get("chapters") or {}
    parts = [shared, by_chapter, *(by_chapter.values() if isinstance(by_chapter, dict) else ())]
    if not all(isinstance(part, dict) for part in parts):
        raise CamganError(f"{shape}; {path} has another shape")
    if wrong := set(shared) - set(SHARED):
        raise CamganError(f"'shared:' takes {', '.join(SHARED)}; {path} has {', '.join(sorted(map(str, wrong)))}")
    for chapter in by_chapter:
        paths.chapter_source(chapter)
    return path.stem, {name: {**shared, **by_chapter.get(name, {})} for name in paths.chapters()}


def data_settings(folder: str) -> list[str]:
    """The settings that `--data DIR` stands for: photos of DIR for chapter dataset, its CIFAR-10 for style_gan.

    Raises CamganError where DIR holds no folders of photos.
    """
    from camgan_lib.photos import camera_set

    path = Path(folder).expanduser()
    if not path.is_dir():
        raise CamganError(f"--data takes a folder with one sub-folder of photos per camera, {folder} is no folder")
    cifar = [
        f"style_gan.nostyle={path / name}" for name in ("cifar10.npz", "cifar-10-batches-py") if (path / name).exists()
    ]
    return [f"dataset.data={camera_set(path)}", *cifar[:1]]


def make_plan(
    profile: str,
    settings: list[str],
    *,
    only: str | None = None,
    build: Path | None = None,
    kernel: str = "python3",
    fresh: bool = False,
) -> Plan:
    """The plan of a run, every parameter checked. `only` names the one chapter that `name=value` settings go to.

    Raises CamganError for an unknown profile, chapter, parameter or kernel, or a value that is not allowed.
    """
    name, values = read_profile(profile)
    for setting in settings:
        chapter, parameter, value = parse_setting(setting)
        chapter = chapter or only
        if chapter:
            paths.chapter_source(chapter)
            values[chapter] = {**values[chapter], parameter: value}
        elif parameter in SHARED:
            values = {each: {**given, parameter: value} for each, given in values.items()}
        else:
            raise CamganError(
                f"-p {setting}: which chapter? Write chapter.{parameter}=…; shared are {', '.join(SHARED)}"
            )
    checked = {
        chapter: check_parameters(chapter, read_parameters(source), {**values[chapter], "profile": name})
        for chapter, source in paths.chapters().items()
    }
    _check_kernel(kernel)
    _check_values(checked)
    return Plan(name, checked, build or paths.build_folder(), kernel, fresh or bool(os.environ.get("CAMGAN_FRESH")))


def _check_kernel(kernel: str) -> None:
    from jupyter_client.kernelspec import KernelSpecManager

    known = KernelSpecManager().find_kernel_specs()
    if kernel not in known:
        raise CamganError(f"there is no Jupyter kernel {kernel!r}; installed are {', '.join(sorted(known))}")


def _check_values(parameters: dict[str, dict[str, Any]]) -> None:
    """What a declaration can't say: the device is there, the folders of data hold what they should."""
    from camgan_lib.photos import find_cameras

    if named := {p["device"] for p in parameters.values()} - {"auto", "cpu"}:
        from camgan_lib.devices import resolve_device

        for device in named:
            resolve_device(device)
    if parameters["dataset"]["data"] != "simulated":
        cameras = find_cameras(Path(parameters["dataset"]["data"]).expanduser())
        wanted = parameters.get("explanations", {}).get("lime_camera")
        if wanted and wanted not in cameras:
            raise CamganError(f"explanations.lime_camera must be one of {', '.join(cameras)}, got {wanted!r}")
    nostyle = parameters["style_gan"]["nostyle"]
    if nostyle != "scenes" and not Path(nostyle).expanduser().exists():
        raise CamganError(f"style_gan.nostyle must be 'scenes', a folder or a .npz file, there is nothing at {nostyle}")


def _names_files(parameters: dict[str, Any], name: str) -> bool:
    return parameters.get(name, "simulated") not in ("simulated", "scenes")


# --- execution


@contextlib.contextmanager
def alone(build: Path) -> Iterator[None]:
    """Holds a build folder for this process; another run of the same build waits."""
    with open_lock(build / ".lock") as lock:
        wait_for(lock, f"another run is using {build}")
        yield


AT_ONCE = 2
"""Chapters side by side: most of one's time is spent on a single core, in starting, drawing and small networks."""


def run_chapters(plan: Plan, chapters: list[str], *, again: bool = False) -> None:
    """Executes chapters, those left out whose executed copy is current (all, with `again`).

    A chapter starts when those that it stands on are done, AT_ONCE of them side by side, each with its share of the
    cores. Raises ChapterFailed at the first that fails; CamganError where a chapter stands on one that has not run.
    """
    number = {chapter: f"[{n}/{len(chapters)}] {chapter}" for n, chapter in enumerate(chapters, 1)}
    waiting, running = list(chapters), {}
    at_once = 1 if _is_chain(chapters) else min(AT_ONCE, cores(), len(chapters))
    with pool(at_once) if at_once > 1 else contextlib.nullcontext() as processes:
        while waiting or running:
            for chapter in _ready(waiting, running.values())[: at_once - len(running)]:
                waiting.remove(chapter)
                if not again and is_current(plan, chapter):
                    print(f"{number[chapter]}: unchanged since it ran, kept", flush=True)
                    break
                print(f"{number[chapter]} …", flush=True)
                running[_start(processes, plan, chapter, at_once)] = chapter
            else:
                for done in _first(running):
                    print(f"{number[running.pop(done)]}: {done.result():.0f} s", flush=True)


def _is_chain(chapters: list[str]) -> bool:
    """Whether each chapter stands on the one before, so that none could run beside another."""
    return all(before in paths.UPSTREAM[after] for before, after in itertools.pairwise(chapters))


def _ready(waiting: list[str], running: Iterable[str]) -> list[str]:
    """Chapters that stand on none that waits or runs."""
    unfinished = {*waiting, *running}
    return [chapter for chapter in waiting if not unfinished & set(paths.UPSTREAM[chapter])]


def _start(processes: ProcessPoolExecutor | None, plan: Plan, chapter: str, at_once: int) -> Future:
    if processes:
        return processes.submit(_execute, plan, chapter, max(1, cores() // at_once))
    done: Future = Future()
    done.set_result(_execute(plan, chapter))
    return done


def _execute(plan: Plan, chapter: str, threads: int | None = None) -> float:
    """Executes a chapter, on so many threads where it runs beside others; returns the seconds that it took."""
    if threads:
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    began = time.monotonic()
    try:
        execute(plan, chapter)
    except KeyboardInterrupt:
        logging.getLogger("asyncio").disabled = True  # it would report nbclient's abandoned task at exit
        raise ChapterFailed(f"stopped in chapter {chapter}; the next run starts there", users=False) from None
    return time.monotonic() - began


def _first(running: dict[Future, str]) -> Iterable[Future]:
    """The chapters that end first. Raises ChapterFailed where the user stops the run meanwhile."""
    try:
        return wait(running, return_when=FIRST_COMPLETED).done
    except KeyboardInterrupt:
        names = ", ".join(running.values())
        raise ChapterFailed(f"stopped in chapter {names}; the next run starts there", users=False) from None


class ChapterFailed(Exception):
    """A chapter stopped; the message names chapter, cell and error. `users` says that the user can mend it."""

    def __init__(self, message: str, users: bool):
        super().__init__(message)
        self.users = users

    def __reduce__(self) -> tuple:
        return ChapterFailed, (str(self), self.users)


def chapter_key(plan: Plan, chapter: str) -> str:
    """Hash of what decides an executed copy: source, parameters, the user's files, library, kernel, earlier records."""
    from camgan_lib.listing import listing

    library = sorted([*(paths.ROOT / "camgan_lib").rglob("*.py"), *(paths.ROOT / "camgan_lib").glob("*.json")])
    parameters = plan.parameters[chapter]
    shown = paths.published_folder() / str(parameters.get("published_run")) / "results.json"
    upstream = {name: _record(plan, name) for name in paths.UPSTREAM[chapter]}
    return recipe_id(
        {
            "source": file_sha256(paths.chapter_source(chapter)),
            "parameters": parameters,
            "files": [listing(Path(parameters[name]).expanduser()) for name in FILES if _names_files(parameters, name)],
            "library": [file_sha256(path) for path in library],
            "published": file_sha256(shown) if shown.exists() else None,
            "trials": [file_sha256(path) for path in sorted(paths.published_folder().glob("trials/*.json"))],
            "sweeps": [file_sha256(path) for path in _sweeps(plan, chapter)],
            "kernel": plan.kernel,
            "fresh": plan.fresh,
            "upstream": {
                name: record and {part: record[part] for part in ("parameters", "results", "products")}
                for name, record in upstream.items()
            },
        }
    )


def _sweeps(plan: Plan, chapter: str) -> list[Path]:
    from camgan_lib.published import sweep_files

    return sweep_files("*", plan.build) if chapter in paths.SHOW_SWEEPS else []


def is_current(plan: Plan, chapter: str) -> bool:
    """Whether the chapter's copy and record are those that this plan would make now, and all that it made is whole."""
    stamp = _stamp(plan, chapter)
    record = plan.build / "records" / f"{chapter}.json"
    return bool(
        stamp
        and record.exists()
        and stamp["key"] == chapter_key(plan, chapter)
        and stamp["record"] == file_sha256(record)
        and _products_are_whole(plan, chapter)
    )


def _products_are_whole(plan: Plan, chapter: str) -> bool:
    _set_environment(plan)
    store, products = own_store(), _record(plan, chapter)["products"]
    files = {"dataset": "crops", "nostyle": "nostyle"}
    return all(
        (store.root / files[name] / product["file"]).is_file()
        if "file" in product
        else all(store.has(each["kind"], each["key"]) for each in _networks(product))
        for name, product in products.items()
    )


def _networks(product: dict) -> list[dict]:
    """The networks of a record's product: itself, or those of each camera."""
    return [product] if "key" in product else list(product.values())


def stale_chapters(plan: Plan) -> list[str]:
    """Chapters with a copy that this plan would not make now, or that stands on one that is stale or missing."""
    stale, missing = [], []
    for chapter, source in paths.chapters().items():
        if not (plan.build / "executed" / source.name).exists():
            missing.append(chapter)
        elif not is_current(plan, chapter) or {*stale, *missing} & set(paths.UPSTREAM[chapter]):
            stale.append(chapter)
    return stale


def execute(plan: Plan, chapter: str) -> None:
    """Executes one chapter into `<build>/executed/`, whole or not at all; a failed copy is kept beside it.

    Raises ChapterFailed, or CamganError where a chapter that it stands on has left no record.
    """
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    for name in paths.UPSTREAM[chapter]:
        if _record(plan, name) is None:
            raise CamganError(f"chapter {chapter} stands on chapter {name}, which has not run; run 'camgan run {name}'")
    source = paths.chapter_source(chapter)
    executed = plan.build / "executed" / source.name
    failed = executed.with_suffix(".failed.ipynb")
    key = chapter_key(plan, chapter)
    for left_by_a_killed_run in executed.parent.glob(f".{executed.name}.*"):
        left_by_a_killed_run.unlink()
    _set_environment(plan)
    with write_aside(executed) as aside:
        began = time.monotonic()
        try:
            papermill.execute_notebook(
                str(source),
                str(aside),
                parameters=plan.parameters[chapter],
                kernel_name=plan.kernel,
                progress_bar=False,
                stderr_file=sys.stderr,
                extra_arguments=["--IPKernelApp.log_level=ERROR"],
            )
        except PapermillExecutionError as error:
            if error.ename == "KeyboardInterrupt":
                raise KeyboardInterrupt from None
            shutil.copyfile(aside, failed)
            raise _failure(chapter, error, failed) from None
        except (DeadKernelError, RuntimeError):
            raise ChapterFailed(
                f"the kernel of chapter {chapter} died (killed, or out of memory); the next run starts there",
                users=False,
            ) from None
        except FileNotFoundError as error:
            raise ChapterFailed(f"chapter {chapter} could not be executed: {error}", users=False) from None
        failed.unlink(missing_ok=True)
        _sign(aside, plan.build / "records" / f"{chapter}.json", key, round(time.monotonic() - began, 1))


def _set_environment(plan: Plan) -> None:
    """What chapters, which run in kernels, take from the environment."""
    os.environ.update(CAMGAN_BUILD=str(plan.build), CAMGAN_STATIC="1", CAMGAN_FRESH="1" if plan.fresh else "")


def _failure(chapter: str, error: Any, kept: Path) -> ChapterFailed:
    first_line = next((line for line in error.source.splitlines() if line.strip()), "")
    return ChapterFailed(
        f"chapter {chapter} stopped in cell {error.exec_count} ({first_line.strip()!r}): "
        f"{error.ename}: {error.evalue}\n"
        f"Its copy up to there: {kept}. The next run starts at this chapter.",
        users=error.ename == "CamganError",
    )


def _sign(copy: Path, record: Path, key: str, seconds: float) -> None:
    notebook = json.loads(copy.read_text("utf-8"))
    notebook["metadata"].pop("papermill", None)
    notebook["metadata"]["camgan"] = {"key": key, "record": file_sha256(record), "seconds": seconds}
    copy.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _stamp(plan: Plan, chapter: str) -> dict | None:
    try:
        copy = plan.build / "executed" / paths.chapter_source(chapter).name
        return json.loads(copy.read_text("utf-8"))["metadata"].get("camgan")
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _record(plan: Plan, chapter: str) -> dict | None:
    try:
        return json.loads((plan.build / "records" / f"{chapter}.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


# --- what a run leaves


def networks_in_use(build: Path) -> set[str]:
    """Recipe ids of the networks that the records in `<build>/records` name."""
    used = set()
    for path in sorted((build / "records").glob("*.json")):
        for product in json.loads(path.read_text("utf-8"))["products"].values():
            used |= {recipe_id(each["key"]) for each in ([] if "file" in product else _networks(product))}
    return used


def write_results(plan: Plan) -> Path:
    """Gathers the chapters' records in `<build>/results.json`, folders of data by their names only.

    Raises CamganError where a chapter has not run.
    """
    records = {chapter: _record(plan, chapter) for chapter in paths.chapters()}
    if missing := [chapter for chapter, record in records.items() if record is None]:
        raise CamganError(f"results.json needs every chapter, {', '.join(missing)} has not run; run 'camgan book'")
    facts = [record["provenance"] for record in records.values()]
    seconds = {chapter: (_stamp(plan, chapter) or {}).get("seconds") for chapter in records}
    head = {
        "profile": plan.profile,
        "data": Path(plan.parameters["dataset"].get("data", "")).name,
        "nostyle": Path(plan.parameters.get("style_gan", {}).get("nostyle", "")).name,
        "seed": facts[0]["seed"],
        "commit": facts[0]["commit"],
        "device": facts[0]["device"],
        "versions": facts[0]["versions"],
        "started": facts[0]["started"],
        "seconds": round(sum(each or 0 for each in seconds.values()), 1),
        "seconds_by_chapter": seconds,
    }
    networks = {each["id"]: each for record in records.values() for each in record.get("networks", [])}
    run = {**head, "networks": list(networks.values())}
    path = plan.build / "results.json"
    write_json(path, {"run": run, **{chapter: record["results"] for chapter, record in records.items()}})
    return path


def build_html(build: Path, stale: Sequence[str] = ()) -> Path:
    """Renders the book with the executed copies in place of sources; returns its first page.

    Chapters named in `stale` get a banner. Built aside and moved into `<build>/html` when it is whole; kept where
    nothing that it shows has changed. Raises ChapterFailed with the renderer's words.
    """
    html, key = build / "html", _html_key(build, stale)
    if (html / "camgan-key").is_file() and (html / "camgan-key").read_text("utf-8") == key:
        return html / "index.html"
    aside = build / "html.building"
    shutil.rmtree(aside, ignore_errors=True)
    jupyter_book = Path(sys.executable).with_name("jupyter-book")
    done = subprocess.run(
        [jupyter_book, "build", paths.book_folder(), "--all", "--path-output", aside],
        env={**os.environ, "CAMGAN_BUILD": str(build), "CAMGAN_STALE": " ".join(stale)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise ChapterFailed(f"the book did not build:\n{words}", users=False)
    made = aside / "_build" / "html"
    (made / "camgan-key").write_text(key, "utf-8")
    shutil.rmtree(html, ignore_errors=True)
    os.replace(made, html)
    shutil.rmtree(aside)
    return html / "index.html"


def _html_key(build: Path, stale: Sequence[str]) -> str:
    """Hash of all that the pages are made of."""
    folders = (paths.book_folder(), paths.ROOT / "camgan_lib" / "widgets", build / "executed")
    shown = [path for folder in folders for path in sorted(folder.rglob("*"))]
    files = [path for path in shown if path.is_file() and not path.name.startswith(".") and path.suffix != ".pyc"]
    return recipe_id([[path.name, file_sha256(path)] for path in files] + [list(stale)])
