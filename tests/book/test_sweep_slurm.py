"""Sweeps as jobs of Slurm: what sbatch is told, and a job that is signalled at its walltime, twice, and goes on."""

import contextlib
import json
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import submitit
from typer.testing import CliRunner

from camgan_lib.base.errors import CamganError
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings
from camgan_lib.book import cli, sweep_grid, sweep_slurm, sweeps
from camgan_lib.data.crops import CameraData, Crops
from camgan_lib.networks import recipes
from camgan_lib.networks.jobs import Job
from camgan_lib.networks.store import Store

ONE_CLASSIFIER = "profile: smoke\ntrain: classifiers\ngrid: {classifier.seed: [0], classifier.epochs: [12]}"


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "s.yml").write_text(text)
        return tmp_path / "s.yml"

    return write


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """A machine with an `sbatch` that takes jobs and does none of them; the scripts that it was given."""
    taken = tmp_path / "taken"
    commands = {
        "sbatch": f'cat "$1" >> {taken}; echo "Submitted batch job 77"',
        "srun": "",
        "sacct": 'echo "JobID|State|NodeList"; echo "77_[0-9]|PENDING|"',
    }
    (tmp_path / "bin").mkdir()
    for name, lines in commands.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{lines}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(sweep_slurm, "PATIENCE", 0)
    return taken


def put(item):
    item.store.put("fake", item.key, {}, {"number": item.key["n"]})


def stored(item):
    return found and found[1]["metrics"] if (found := item.store.get("fake", item.key)) else None


def things(tmp_path, count):
    return [SimpleNamespace(key={"n": n}, store=Store(tmp_path / "store")) for n in range(count)]


def flags(script):
    return dict(
        line.removeprefix("#SBATCH --").partition("=")[::2] for line in script.splitlines() if "#SBATCH" in line
    )


def interrupt(*_):
    raise KeyboardInterrupt


def test_jobs_go_on_without_the_command_and_the_next_one_collects_and_submits_what_is_missing(
    slurm, tmp_path, monkeypatch, capsys
):
    jobs = sweep_slurm.connect(tmp_path / "jobs", "mine", ["partition=gpu", "time=1-02:00", "gpus=1", "parallel=2"])
    items = things(tmp_path, 4)
    put(items[0])
    monkeypatch.setattr(sweep_slurm, "progress", lambda *_: contextlib.nullcontext(SimpleNamespace(update=interrupt)))
    with pytest.raises(KeyboardInterrupt):
        jobs.gather(put, items, "mine", stored)
    told = flags(slurm.read_text())
    assert (told["array"], told["partition"], told["time"], told["gpus-per-node"]) == ("0-2%2", "gpu", "1560", "1")
    assert (told["job-name"], told["signal"], "requeue" in told) == ("camgan-mine", "USR2@90", True)
    said = capsys.readouterr().err
    assert "3 jobs of mine go on without this command" in said
    assert "scancel 77 ends them" in said
    put(items[1])
    with pytest.raises(KeyboardInterrupt):
        jobs.gather(put, [*items, *things(tmp_path, 5)[4:]], "mine", stored)
    assert "2 jobs of an earlier command are still in the queue" in capsys.readouterr().err
    assert len(slurm.read_text().split("#!/bin/bash")) == 3, "one job was missing, and one was submitted"
    for item in items:
        put(item)
    monkeypatch.setattr(sweep_slurm.Slurm, "_submitted", lambda *_: {})
    assert jobs.gather(put, items, "mine", stored) == [{"number": n} for n in range(4)]
    jobs.tidy()
    assert not (tmp_path / "jobs").exists()


def test_what_slurm_refuses_is_one_sentence(slurm, tmp_path):
    (tmp_path / "bin" / "sbatch").write_text("#!/bin/sh\necho 'sbatch: error: invalid partition: gpu' >&2\nexit 1\n")
    with pytest.raises(CamganError, match="Slurm takes no jobs of mine: sbatch: error: invalid partition: gpu"):
        sweep_slurm.connect(tmp_path / "jobs", "mine", []).gather(put, things(tmp_path, 2), "mine", stored)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("partitions=x", "NAME of partition, account, .* got 'partitions=x'; did you mean 'partition'"),
        ("time", "NAME=VALUE"),
        ("mem=", "NAME=VALUE"),
        ("gpus=many", "gpus of Slurm is a number from 1, got 'many'"),
        ("time=soon", "a walltime of 3 minutes or more, such as .* got 'soon'"),
        ("time=2", "a walltime of 3 minutes or more"),
    ],
)
def test_a_wrong_option_is_one_sentence(given, said):
    with pytest.raises(CamganError, match=said):
        sweep_slurm.read_options([given])


@pytest.mark.parametrize(
    ("walltime", "expected"), [("90", 90), ("5:01", 6), ("4:00:00", 240), ("1-0", 1440), ("1-2:30", 1590)]
)
def test_a_walltime_is_written_as_for_sbatch(walltime, expected):
    assert sweep_slurm.minutes(walltime) == expected


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--slurm"], "there is no Slurm on this machine"),
        (["--slurm-option", "gpus=1"], "goes with --slurm"),
        (["--slurm", "--workers", "2"], "leave --scheduler and --workers out"),
    ],
)
def test_without_slurm_and_with_dask_the_command_says_what_to_do(write, tmp_path, monkeypatch, options, said):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = CliRunner().invoke(cli.app, ["sweep", str(write(ONE_CLASSIFIER)), "--build", str(tmp_path / "b"), *options])
    assert said in str(found.exception)
    assert not (tmp_path / "b").exists()


def test_without_submitit_the_command_says_how_to_install_it(write, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(CamganError, match=r"--slurm needs submitit: pip install -e '.\[sweep\]'"):
        sweep_slurm.connect(tmp_path, "mine", [])


@pytest.mark.parametrize(
    ("device", "gpus", "said"), [("cuda", 0, "ask for one by gpus=1"), ("cpu", 1, "jobs with a GPU"), ("auto", 1, None)]
)
def test_devices_are_those_of_the_jobs(device, gpus, said):
    parameters = {chapter: {"device": device} for chapter in sweep_grid.CHAPTERS}
    planned = SimpleNamespace(cells=[sweep_grid.Cell({}, parameters)])
    if said:
        with pytest.raises(CamganError, match=said):
            sweeps._plan_elsewhere(planned, gpus)
    else:
        sweeps._plan_elsewhere(planned, gpus)
        assert {each["device"] for each in parameters.values()} == {"cpu"}, "nothing is trained on this machine"


def signal_at_the_walltime(notes, checkpoints, signalled, times):
    """Sends a job what Slurm sends before the walltime, `times` times, each once it has written a checkpoint."""
    while len(signalled) < times:
        time.sleep(0.01)
        written = [path.stat().st_mtime for path in checkpoints.glob("[!.]*.safetensors")]
        if written and notes.exists():
            (job,) = json.loads(notes.read_text()).values()
            for task in psutil.Process(int(job)).children():
                if task.pid not in signalled and written[0] > task.create_time():
                    signalled.append(task.pid)
                    task.send_signal(signal.SIGUSR2)


@pytest.fixture
def task(tmp_path):
    """A sweep's task: a training of ten epochs on 64 crops of noise, and its measurement."""
    rng = np.random.default_rng(0)
    halves = [
        Crops(rng.integers(0, 256, (n, 32, 32, 3), np.uint8), np.arange(n) % 2, first + np.arange(n) // 4)
        for n, first in ((64, 0), (32, 100))
    ]
    CameraData(*halves, ("a", "b"), {}).save(tmp_path / "crops.npz")
    recipe = recipes.ClassifierRecipe(10, 16, 1e-3, "cosine", 0.0, True, False, seed=0)
    job = Job(
        "classifier", {"recipe": vars(recipe)}, Store(tmp_path / "b" / "store"), tmp_path / "crops.npz", "cpu", {}
    )
    return sweeps.Task({"classifier.seed": 0}, job, {"of": recipe_id(job.key)}, {})


@pytest.mark.trains
@pytest.mark.timeout(300)
def test_a_job_that_meets_its_walltime_twice_ends_with_the_same_bits(write, task, tmp_path, monkeypatch):
    executor = submitit.LocalExecutor(tmp_path / "jobs", max_num_timeout=2)
    executor.update_parameters(stderr_to_stdout=True)
    monkeypatch.setattr(sweeps, "connect", lambda *_: sweep_slurm.Slurm(executor))
    monkeypatch.setattr(sweeps, "prepare", lambda *_: ([], [task]))
    monkeypatch.setattr(sweep_slurm.Slurm, "tidy", lambda self: None)
    monkeypatch.setattr(sweep_slurm, "POLL", 0.1)
    signalled, store = [], task.job.store
    watched = (tmp_path / "jobs" / "jobs.json", store.root / "checkpoints", signalled, 2)
    threading.Thread(target=signal_at_the_walltime, args=watched, daemon=True).start()
    planned = sweep_grid.read_sweep(write(ONE_CLASSIFIER))
    result = sweeps.run_sweep(planned, Settings.of(tmp_path / "b"), slurm=[])
    (log,) = (tmp_path / "jobs").glob("*_log.out")
    assert log.read_text().count("Requeued job") == len(signalled) == 2
    alone = replace(task, job=replace(task.job, store=Store(tmp_path / "alone")))
    measured = sweeps.do(alone)
    assert {name: result["rows"][0][name] for name in measured} == measured
    made = [each.job.store.get("classifier", task.job.key)[1] for each in (task, alone)]
    for fact in ("weights_sha256", "metrics"):
        assert made[0][fact] == made[1][fact]
    assert not list((store.root / "checkpoints").iterdir())
