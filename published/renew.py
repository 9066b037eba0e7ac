"""Makes all that is published anew, at one clean commit: networks, runs, sweeps, trials, and the tables made of them.

A step that is done at this commit is not done again, so a renewal that was stopped goes on; within a step, trainings
go on from their checkpoints. Everything is built in a folder of its own. `made.json` keeps the commit and how long each
step took on which machine, commands that were stopped included.

    make published DATA=DIR [ARGS="--only networks simulated …"]

`DIR` holds photos as `camgan book --data` takes them, and cifar10.npz. Without it, steps on real photos are left out
and named.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from camgan_lib.base.devices import resolve_device
from camgan_lib.base.files import say, write_json
from camgan_lib.base.paths import ROOT, published_folder
from camgan_lib.book.provenance import commit, device_name

PYTHON = sys.executable
CAMGAN = str(Path(PYTHON).with_name("camgan"))
SWEEPS = (
    "upsampling",
    "truth",
    "without_camera",
    "loss_terms",
    "content",
    "stages",
    "stages_classifiers",
    "nested",
    "stage_readings",
)
QUESTIONS = {"resampling": 60, "jpeg": 60}
"""Photos of each class, of the runs whose classes are not cameras."""


@dataclass(frozen=True)
class Step:
    """Commands that make one thing.

    `left`: a pattern of the files that they leave, which are copied to a folder of published/ of that name when all is
    done. `real`: whether they need photos of real cameras.
    """

    name: str
    commands: list[list[str]]
    left: Path | None = None
    real: bool = False


def steps(work: Path, data: Path | None) -> list[Step]:
    """All steps, in their order: what reads a published thing comes after what makes it."""
    fresh, photos = work / "fresh", str(data)
    of = ["--build", str(fresh)]
    own = ["-p", "dataset.photos_per_camera=0", "-p", "dataset.test_share=0.15", "-p", "dataset.show_photos=false"]
    found = [
        Step("networks", [book(fresh, "--fresh"), publish("simulated", fresh)]),
        *(trial(name, work, of) for name in ("quantus_check", "fourth_camera", "retrained_without", "removal")),
        trial("extraction", work, *(of + each for each in EXTRACTION)),
        trial("interval_coverage", work, []),
        trial("known_truth", work, [*of, "--seeds", "2", "--judged", "1"]),
        trial("frequency_bias", work, ["--steps", "600"]),
        trial("identity_sets", work, of),
        *(sweep(name, work) for name in SWEEPS),
        trial("model_synthesis", work, []),
        *(question(name, photos, work) for name, photos in QUESTIONS.items()),
        Step(
            "real4",
            [
                book(work / "real4", "--fresh", "--data", photos, *own),
                publish("real4", work / "real4", "--no-weights"),
            ],
            real=True,
        ),
        replace(sweep("real_truth", work, "--data", photos), real=True),
        replace(trial("identification", work, identification(photos, work)), real=True),
        replace(trial("real_extraction", work, *real_extraction(photos, work)), real=True),
        Step("simulated", [book(work / "simulated"), publish("simulated", work / "simulated")]),
        Step("words", [script("-m", "camgan_lib.book.report"), script("benchmarks/tables.py")]),
    ]
    return found


EXTRACTION = (
    ["--seeds", "3", "4", "5", "6", "7", "--variants", "built as a camera"],
    ["--seeds", "3", "4", "5", "--variants", "stages alone, from whole scenes"],
    ["--seeds", "5"],
)


def book(build: Path, *more: str) -> list[str]:
    return [CAMGAN, "book", "--profile", "paper", "--build", str(build), *more]


def publish(name: str, build: Path, *more: str) -> list[str]:
    return [CAMGAN, "publish", name, "--build", str(build), *more]


def script(*arguments: object) -> list[str]:
    return [PYTHON, *map(str, arguments)]


def trial(name: str, work: Path, *calls: list[str]) -> Step:
    """The calls of a trial's script, which all write to one record; one that names a program is taken as it is."""
    out = ["--out", str(work / "trials" / f"{name}.json")]
    commands = [
        each if each[:1] in ([CAMGAN], [PYTHON]) else script(f"trials/{name}.py", *each, *out) for each in calls
    ]
    return Step(name, commands, work / "trials" / f"{name}.*")


def sweep(name: str, work: Path, *more: str) -> Step:
    run = [CAMGAN, "sweep", f"sweeps/{name}.yml", "--build", str(work), *more]
    first = {
        "stages": script("data_scripts/simulate_stages.py"),
        "nested": script("data_scripts/whole_scenes.py"),
        "content": script("data_scripts/fetch_cifar10.py", "data"),
    }
    return Step(name, [*([first[name]] if name in first else []), run], work / "sweeps" / f"{name}.json")


def question(name: str, photos: int, work: Path) -> Step:
    laid_out, build = work / "data" / name, work / name
    small = {"classifier.epochs": 8, "classifier.stem": "high-pass", "style_gan.generator_width": 16}
    small |= {"style_gan.gan_steps": 400}
    given = [word for setting, value in small.items() for word in ("-p", f"{setting}={value}")]
    return Step(
        name,
        [
            script("data_scripts/style_question.py", name, "--out", laid_out, "--photos", photos),
            [CAMGAN, "book", "--profile", "quick", "--fresh", "--data", str(laid_out), "--build", str(build), *given],
            publish(name, build, "--no-weights"),
        ],
    )


def identification(photos: str, work: Path) -> list[str]:
    return [photos, "--cifar", f"{photos}/cifar10.npz", "--work", str(work / "identification")]


def real_extraction(photos: str, work: Path) -> list[list[str]]:
    halves, build = work / "halves", work / "real_extraction"
    of = ["--data", str(halves / "run"), "--profile", "camera", "--build", str(build)]
    return [
        script("trials/real_extraction.py", "--data", photos, "--halve", halves),
        [CAMGAN, "run", "dataset", *of, "-p", "dataset.photos_per_camera=0", "-p", "dataset.test_share=0.15"],
        [CAMGAN, "run", "classifier", *of],
        ["--data", str(halves / "run"), "--judges", str(halves / "judges"), "--build", str(build)],
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="photos of real cameras as camgan book takes them, and cifar10.npz")
    parser.add_argument("--work", type=Path, default=ROOT / "_build" / "renewal", help="where everything is built")
    parser.add_argument("--only", nargs="*", help="names of steps (default: all)")
    given = parser.parse_args()
    head = commit()
    if head is None or head.endswith("+"):
        say("camgan: a clean commit was expected, library, chapters or profiles have changed since; commit them first")
        return 2
    work = given.work.resolve() / head
    planned = steps(work, given.data.resolve() if given.data else None)
    if unknown := set(given.only or ()) - {step.name for step in planned}:
        say(f"camgan: no step is called {sorted(unknown)[0]!r}; the steps are {', '.join(s.name for s in planned)}")
        return 2
    left_out = [step.name for step in planned if step.real and not given.data]
    wanted = [s for s in planned if s.name not in left_out and (not given.only or s.name in given.only)]
    done = do(wanted, work, head)
    if left_out:
        say(f"left out, for want of --data: {', '.join(left_out)}")
    return done


def do(wanted: list[Step], work: Path, head: str) -> int:
    """Does the steps that are not done yet; returns 0, or the exit code of the command that failed."""
    noted = published_folder() / "made.json"
    made = json.loads(noted.read_text("utf-8")) if noted.is_file() else {}
    if made.get("commit") != head:
        made = {"commit": head, "device": device_name(resolve_device("auto")), "seconds": {}, "unfinished": {}}
    for step in wanted:
        if step.name in made["seconds"]:
            print(f"{step.name}: made at this commit, kept", flush=True)
            continue
        for command in step.commands:
            print(f"{step.name}: {' '.join(command)}", flush=True)
            if code := timed(command, step.name, made, noted):
                say(f"camgan: step {step.name} stopped with exit code {code}; the next call goes on there")
                return code
        for path in step.left.parent.glob(step.left.name) if step.left else ():
            shutil.copy(path, published_folder() / path.parent.name)
        made["seconds"][step.name] = made["unfinished"].pop(step.name)
        write_json(noted, made)
        print(f"{step.name}: {made['seconds'][step.name]} s", flush=True)
    return 0


def timed(command: list[str], step: str, made: dict, noted: Path) -> int:
    """Runs a command and returns its exit code; adds the seconds that it took to those of its unfinished step."""
    began = time.monotonic()
    try:
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    finally:
        made["unfinished"][step] = made["unfinished"].get(step, 0) + round(time.monotonic() - began)
        write_json(noted, made)


if __name__ == "__main__":
    sys.exit(main())
