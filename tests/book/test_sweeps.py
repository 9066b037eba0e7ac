"""Sweeps: their files, their statistics, and tasks on a real Dask cluster over TCP, a worker of which is killed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.locks import locked_if_free
from camgan_lib.base.settings import Settings
from camgan_lib.book import cli, sweep_cluster, sweep_grid, sweeps, untrained, usage
from camgan_lib.measure import generators, sweep_summary
from camgan_lib.networks.jobs import Job, make
from camgan_lib.networks.store import Store

SMALL = """
about: a test
profile: smoke
grid: {style_gan.seed: [0, 10, 20], style_gan.gan_steps: [8]}
"""


@pytest.fixture
def write(tmp_path):
    def write(text):
        (tmp_path / "s.yml").write_text(text)
        return tmp_path / "s.yml"

    return write


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 1", "a sweep has 'about'"),
        ("grid: {a: [1]}\nfoo: 1", r"has \['foo'\]"),
        ("about: x", "another shape"),
        ("grid: {style_gan.seed: 3}", "a list of values; .* for style_gan.seed"),
        ("grid: {style_gan.seed: []}", "a list of values"),
        ("grid: {steps: [1]}", "written chapter.name, or seed, got 'steps'"),
        ("grid: {frequency.seed: [1]}", "changes parameters of dataset, classifier, style_gan"),
        ("grid: {style_gan.seeds: [1]}", "seeds"),
        ("grid: {style_gan.l1_weight: [-1]}", "l1_weight"),
        ("grid: {seed: [1]}\ntrain: networks", "another shape"),
        ("profile: none\ngrid: {seed: [1]}", "there is no profile 'none'"),
        ("grid: [", "can't be read as YAML"),
    ],
)
def test_what_a_file_may_not_say_is_one_sentence(write, text, said):
    with pytest.raises(CamganError, match=said):
        sweep_grid.read_sweep(write(text))


@pytest.mark.slow
def test_a_missing_file_and_a_missing_scheduler_end_with_2(write, monkeypatch):
    monkeypatch.setattr(sweep_cluster, "PATIENCE", 1)
    run = CliRunner()
    assert isinstance(run.invoke(cli.app, ["sweep", "nowhere.yml"]).exception, CamganError)
    found = run.invoke(cli.app, ["sweep", str(write(SMALL)), "--scheduler", "tcp://127.0.0.1:1"])
    assert "there is no Dask scheduler at tcp://127.0.0.1:1" in str(found.exception)


def test_cells_are_all_combinations_in_order(write):
    text = "variants: {a: {}, b: {style_gan.norm: batch}}\ngrid: {seed: [1, 2], style_gan.upsampling: [none, nearest]}"
    found = sweep_grid.read_sweep(write(text))
    assert found.axes == ("variant", "seed", "style_gan.upsampling")
    assert len(found.cells) == 8
    last = found.cells[-1]
    assert last.place == {"variant": "b", "seed": 2, "style_gan.upsampling": "nearest"}
    assert (last.parameters["style_gan"]["norm"], last.parameters["dataset"]["seed"]) == ("batch", 2)


@pytest.mark.parametrize("path", sorted((paths.ROOT / "sweeps").glob("*.yml")), ids=lambda path: path.stem)
def test_the_sweeps_of_the_project_can_be_read(path):
    found = sweep_grid.read_sweep(path)
    assert found.about
    axis = next(axis for axis in found.axes if axis.endswith("seed"))
    least = {"nested": 4, "stages": 3, "stages_classifiers": 1, "stage_readings": 2}.get(path.stem, 5)
    assert len({cell.place[axis] for cell in found.cells}) >= least


def test_a_summary_averages_cameras_first_and_seeds_then():
    rows = [
        {
            "k": k,
            "seed": seed,
            "camera": camera,
            "id": "x",
            "taken": {"quantized": share},
            "l1": 0.1 * seed,
            "pack": "AA",
        }
        for k in ("a", "b")
        for seed in (1, 2)
        for camera, share in (("one", 0.25), ("two", 0.75))
    ]
    found = sweep_summary.summary({"sweep": {"axes": ["k", "seed"]}, "rows": rows})
    assert [row["k"] for row in found] == ["a", "b"]
    assert found[0]["n"] == 2
    assert found[0]["taken: quantized"].value == 0.5
    assert found[0]["l1"].units == pytest.approx((0.1, 0.2))
    assert "pack" not in found[0]


def a_sweep(lines):
    packed = generators.pack(np.random.default_rng(0).normal(size=(32, 32)))
    return {
        "sweep": {"axes": ["variant", "style_gan.seed"]},
        "rows": [
            {"variant": v, "style_gan.seed": s, "id": "x", "l1": l1 + step * s, "axis_nyquist_db": 99, **lines(packed)}
            for v, l1, step in (("a", 0.1, 0.01), ("b", 0.3, 0.01001))
            for s in range(4)
        ],
    }


def test_lines_are_computed_anew_where_the_spectrum_is_there():
    assert sweep_summary.summary(a_sweep(lambda packed: {}))[0]["axis_nyquist_db"].value == 99
    assert abs(sweep_summary.summary(a_sweep(lambda packed: {"residual_db": packed}))[0]["axis_nyquist_db"].value) < 9


def test_cells_of_a_grid_are_compared_in_pairs_by_seed():
    found = sweep_summary.summary(a_sweep(lambda packed: {}))
    (row,) = sweep_summary.differences(found, found[:1], ["l1"], "{} − a")
    assert row["variant"] == "b − a"
    assert 0.1999 < row["l1"].low < row["l1"].high < 0.2001, "what seeds share drops out"
    assert [len(sweep_summary.differences(found, found, ["l1"])), sweep_summary.row_of(found, "b")["n"]] == [2, 4]
    flat = [{"variant": "c", "l1": sweep_summary.statistics.over([0.1, -0.1, 0.2, -0.2], "seed")}]
    assert [each["shown"] for each in sweep_summary.shown_to_differ([row, *flat])] == [["l1"], []]


def test_generators_that_return_their_input_have_no_lines_to_compare():
    found = sweep_summary.summary(a_sweep(lambda packed: {}))
    nothing = {**found[0], "l1": sweep_summary.statistics.over([0.0] * 4, "seed")}
    assert [sweep_summary.has_residual(row) for row in (found[0], nothing)] == [True, False]
    (row,) = sweep_summary.differences(found[1:], [{**nothing, "variant": "b"}] * 2, ["l1", "axis_nyquist_db"])
    assert row["l1"].value > 0.3
    assert row["axis_nyquist_db"] is None
    assert sweep_summary.shown_to_differ([row])[0]["shown"] == ["l1"]


def test_the_seeds_that_choose_can_be_left_out():
    rest = sweep_summary.without_first(a_sweep(lambda packed: {}), 1)
    found = [(row["n"], row["l1"].units[0]) for row in sweep_summary.summary(rest)]
    assert found == [(3, pytest.approx(first)) for first in (0.11, 0.31001)]


def test_untrained_generators_are_measured_as_a_sweep_is(write, monkeypatch):
    monkeypatch.setattr(untrained, "IMAGES", 8)
    text = "profile: smoke\nvariants: {blank: {style_gan.gan_steps: 0}, other: {}}\ngrid: {style_gan.seed: [0, 10]}"
    result = untrained.measured(write(text), 3, 0, torch.device("cpu"))
    (row,) = sweep_summary.summary(result)
    assert (row["variant"], row["n"], row["axis_nyquist_db"].unit) == ("blank", 3, "seed")
    assert len(set(row["l1"].units)) == 3


@pytest.fixture
def dask_processes(tmp_path, monkeypatch):
    """A scheduler and workers as processes of their own: the scheduler's address, and a way to start a worker."""
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "5")
    running, file = [], tmp_path / "scheduler.json"

    def start(*arguments):
        command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return running[-1]

    start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    for _ in range(100):
        if file.exists() and file.stat().st_size:
            break
        time.sleep(0.1)
    address = json.loads(file.read_text())["address"]
    yield address, lambda: start("worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard")
    for process in running:
        process.kill()


@pytest.mark.slow
def test_tasks_that_ask_for_a_gpu_run_on_a_cluster_that_declares_some(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a, GPU-b")
    monkeypatch.setattr(sweeps, "_device", lambda item: "cuda")
    jobs = [SimpleNamespace(key={"n": n}) for n in range(6)]
    with sweep_cluster.cluster(None, 0, on_gpu=True) as client:
        seen = sweeps._gather(client, gpu_of_the_worker, jobs, "fake")
        assert client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.allowed_failures) == sweep_cluster.ATTEMPTS
        assert len(client.scheduler_info()["workers"]) == 2
    assert set(seen) <= {"GPU-a", "GPU-b"}


def gpu_of_the_worker(job):
    return os.environ["CUDA_VISIBLE_DEVICES"]


def test_as_many_gpu_workers_as_gpus_or_fewer(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 3)
    assert sweep_cluster.visible_gpus() == ["0", "1", "2"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,0")
    assert sweep_cluster.visible_gpus() == ["2", "0"]


@pytest.mark.slow
def test_a_local_cluster_gives_a_task_up_after_so_many_killed_workers():
    with sweep_cluster.cluster(None, 1) as client:
        assert client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.allowed_failures) == sweep_cluster.ATTEMPTS


@pytest.mark.slow
def test_a_scheduler_whose_workers_have_no_gpu_is_one_sentence(dask_processes, capsys):
    address, start_worker = dask_processes
    threading.Timer(1, start_worker).start()
    with (
        pytest.raises(CamganError, match=r'no worker of the scheduler at tcp://.* --resources "GPU=1"'),
        sweep_cluster.cluster(address, 0, on_gpu=True),
    ):
        pass
    assert "has no workers yet; waiting for one" in capsys.readouterr().err
    with sweep_cluster.cluster(address, 0) as client:
        assert client.submit(int, "3").result() == 3


def test_a_sweep_names_what_it_needs_before_it_trains(write, tmp_path, monkeypatch):
    settings, noted = Settings.of(tmp_path / "b"), []
    job = Job("generator", {"g": 1}, Store(settings.store), Path("crops"), "cpu", {})
    task = sweeps.Task({"seed": 1}, job, {"m": 1}, {"quantized": {"twin": 1}})
    first = Job("classifier", {"c": 1}, Store(settings.store), Path("crops"), "cpu", {})

    def gather(client, work, items, name):
        noted.append(usage.needed(settings.build, Store(settings.store)))
        with locked_if_free(settings.build / "sweeps" / ".naming.lock") as free:
            assert free, "prune need not wait for the trainings"
        if name == "s":
            raise CamganError("stopped here")
        return []

    monkeypatch.setattr(sweeps, "cluster", lambda *_: contextlib.nullcontext(SimpleNamespace(dashboard_link="")))
    monkeypatch.setattr(sweeps, "prepare", lambda *_: ([first], [task]))
    monkeypatch.setattr(sweeps, "_gather", gather)
    with pytest.raises(CamganError, match="stopped here"):
        sweeps.run_sweep(sweep_grid.read_sweep(write(SMALL)), settings)
    expected = {recipe_id(key) for key in ({"g": 1}, {"m": 1}, {"twin": 1}, {"c": 1})}
    assert noted == [expected] * 2
    assert usage.needed(settings.build, Store(settings.store)) == expected, "a sweep that was stopped keeps its needs"


def strip(result):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in result["rows"]]


@pytest.mark.trains
@pytest.mark.timeout(1500)
def test_a_killed_worker_loses_nothing_and_changes_nothing(write, dask_processes, tmp_path, monkeypatch):
    address, start_worker = dask_processes
    planned = sweep_grid.read_sweep(write(SMALL))
    assert len(planned.cells) == 3
    victim, _ = start_worker(), start_worker()
    store = tmp_path / "build" / "store" / "measurement"
    watcher = subprocess.Popen([sys.executable, "-c", KILL_AFTER_3, str(store), str(victim.pid)])
    result = sweeps.run_sweep(planned, Settings.of(tmp_path / "build"), scheduler=address)
    assert watcher.wait(60) == 0, "the worker was killed while tasks were left"
    assert victim.wait(10) == -signal.SIGKILL
    assert len(result["rows"]) == 12
    assert not (tmp_path / "build" / "sweeps" / "begun" / "s.json").exists(), "its results name what it needs now"
    first, serial = sweeps.prepare(planned, Settings.of(tmp_path / "serial"))
    for job in first:
        make(job)
    found = [{**task.place, "id": recipe_id(task.key), **sweeps.do(task)} for task in serial[::5]]
    assert found == strip(result)[::5]
    monkeypatch.setattr(sweeps, "make", lambda job: pytest.fail("what is done is not done again"))
    _, tasks = sweeps.prepare(planned, Settings.of(tmp_path / "build"))
    assert [sweeps.do(task)["l1"] for task in tasks] == [row["l1"] for row in result["rows"]]


KILL_AFTER_3 = f"""
import os, sys, time
from pathlib import Path
for _ in range(3000):
    done = len(list(Path(sys.argv[1]).glob("[!.]*/manifest.json")))
    if done >= 3:
        os.kill(int(sys.argv[2]), {int(signal.SIGKILL)})
        sys.exit(0 if done < 12 else 1)
    time.sleep(0.05)
sys.exit(2)
"""


TWO_CLASSIFIERS = (
    "about: t\nprofile: smoke\ntrain: classifiers\ngrid: {classifier.seed: [0, 1], classifier.epochs: [2]}"
)


@pytest.mark.trains
@pytest.mark.timeout(1500)
def test_a_killed_sweep_keeps_its_work_from_prune_and_goes_on_to_a_table_and_plots(write, tmp_path):
    camgan, build = Path(sys.executable).with_name("camgan"), tmp_path / "b"
    command = [camgan, "sweep", write(TWO_CLASSIFIERS), "--build", build, "--workers", "1"]
    done = build / "store" / "measurement"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None and not list(done.glob("[!.]*/manifest.json")):
            time.sleep(0.05)
        running.kill()
    one = sorted(done.glob("[!.]*/manifest.json"))
    assert len(one) == 1, "it was killed after the first of two tasks"
    before, when = sorted((build / "store").glob("[cm]*/[!.]*")), one[0].stat().st_mtime_ns
    subprocess.run([camgan, "store", "prune", "--yes", "--build", build], check=True, timeout=60)
    assert sorted((build / "store").glob("[cm]*/[!.]*")) == before
    said = subprocess.run(command, capture_output=True, text=True, timeout=500, env=os.environ | {"COLUMNS": "200"})
    assert said.returncode == 0, said.stderr[-2000:]
    assert one[0].stat().st_mtime_ns == when, "what was done is not done again"
    finished = sorted((build / "store").glob("[cm]*/[!.]*"))
    subprocess.run([camgan, "store", "prune", "--yes", "--build", build], check=True, timeout=60)
    assert sorted((build / "store").glob("[cm]*/[!.]*")) == finished
    assert len(finished) > len(before)
    assert "Dask dashboard: http://" in said.stdout
    assert "accuracy" in said.stdout
    result = json.loads((build / "sweeps" / "s.json").read_text())
    assert [row["classifier.seed"] for row in result["rows"]] == [0, 1]
    assert (build / "sweeps" / "s.png").stat().st_size > 5000


def test_spectra_are_stacked_by_seed_and_camera():
    values = {(seed, camera): np.full((32, 32), 10 * seed + camera, float) for seed in (1, 2) for camera in (0, 1, 2)}
    rows = [
        {"style_gan.upsampling": kind, "style_gan.seed": seed, "camera": f"c{camera}", "db": generators.pack(value)}
        for kind in ("none", "nearest")
        for (seed, camera), value in values.items()
    ]
    result = {"sweep": {"axes": ["style_gan.upsampling", "style_gan.seed"]}, "rows": rows}
    assert sweep_summary.kinds(result, "style_gan.upsampling") == ["none", "nearest"]
    found = sweep_summary.stack(result, {"style_gan.upsampling": "nearest"}, "db")
    assert found.shape == (2, 3, 32, 32)
    assert found[:, :, 5, 7].tolist() == [[10, 11, 12], [20, 21, 22]]
