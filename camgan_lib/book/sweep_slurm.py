"""Slurm: does a sweep's tasks as job arrays, through submitit, with no scheduler of its own and no open port.

A job does one task. Slurm signals it before its walltime; it then goes back into the queue, and goes on from the last
checkpoint of its training. Results land in the store, so the command that submitted may end at any time: the next one
collects what is done, waits for what is in the queue, and submits what is missing.

submitit keeps each job's task, in a pickle of its own, and its log in `<build>/sweeps/slurm/<sweep>/`. The folder is
removed when the sweep has finished.
"""

import json
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from camgan_lib.base.errors import CamganError, did_you_mean
from camgan_lib.base.files import say, write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.progress import progress

OPTIONS = {
    "partition": "partition",
    "account": "account",
    "qos": "qos",
    "constraint": "constraint",
    "time": "time",
    "mem": "mem",
    "gpus": "gpus_per_node",
    "parallel": "array_parallelism",
}
"""Options of a job, and what submitit calls them."""

MINUTES = 60
"""Walltime of a job where none is given. The signal comes 90 seconds before its end."""

REQUEUES = 100
"""How often a job goes back into the queue at its walltime before it is given up."""

ARRAY = 1000
"""Jobs of one array at most. Slurm's own limit is 1,001, unless a cluster has set another."""

POLL, PATIENCE = 5.0, 15
"""Seconds between two looks at the jobs, and until a shared file system has to show what another machine wrote."""


@dataclass(frozen=True)
class Errand:
    """What a job does: `work(item)`. At the walltime submitit asks `checkpoint` what is left to do: the same."""

    work: Callable[[Any], Any]
    item: Any

    def __call__(self) -> None:
        self.work(self.item)

    def checkpoint(self) -> Any:
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


@dataclass(frozen=True)
class Slurm:
    """The jobs of one sweep: submitit's `executor`, and how many GPUs each job asks for."""

    executor: Any
    gpus: int = 0

    def gather(
        self, work: Callable[[Any], Any], items: list[Any], name: str, stored: Callable[[Any], Any]
    ) -> list[Any]:
        """What the store has of each item (`stored(item)`), in order, after jobs did `work` on those that it lacked.

        Raises CamganError where Slurm refuses the jobs, and where jobs ended without a result; all have ended then.
        """
        missing = {recipe_id(item.key): item for item in items if stored(item) is None}
        jobs = self._queued(missing)
        jobs |= self._submitted(work, {key: item for key, item in missing.items() if key not in jobs}, name)
        self._wait(list(jobs.values()), name)
        failed = list(missing)
        for second in range(PATIENCE + 1):
            time.sleep(1 if second else 0)
            if not (failed := [key for key in failed if stored(missing[key]) is None]):
                break
        if failed:
            raise CamganError(
                f"{len(failed)} of {len(missing)} jobs of {name} ended without a result, the first with: "
                f"{_last_words(jobs[failed[0]])}; run the same command to go on"
            )
        return [stored(item) for item in items]

    def tidy(self) -> None:
        """Removes submitit's tasks and logs."""
        shutil.rmtree(self.executor.folder, ignore_errors=True)

    @property
    def _notes(self) -> Path:
        return Path(self.executor.folder) / "jobs.json"

    def _noted(self) -> dict[str, str]:
        """Ids of jobs, by the id of what they make."""
        return json.loads(self._notes.read_text("utf-8")) if self._notes.exists() else {}

    def _queued(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """The jobs of an earlier command that are still in the queue, by the id of what they make."""
        noted = self._noted()
        jobs = {key: self.executor.job_class(self.executor.folder, noted[key]) for key in wanted if key in noted}
        found = {key: job for key, job in jobs.items() if not job.done() and job.state != "UNKNOWN"}
        if found:
            say(f"{len(found)} jobs of an earlier command are still in the queue")
        return found

    def _submitted(self, work: Callable[[Any], Any], items: dict[str, Any], name: str) -> dict[str, Any]:
        """New jobs, by the id of what they make. Notes them, for a later command."""
        from submitit.core.utils import FailedJobError, FailedSubmissionError

        jobs: dict[str, Any] = {}
        keys = list(items)
        for part in (keys[at : at + ARRAY] for at in range(0, len(keys), ARRAY)):
            try:
                made = self.executor.submit_array([Errand(work, items[key]) for key in part])
            except (FailedJobError, FailedSubmissionError) as error:
                raise CamganError(f"Slurm takes no jobs of {name}: {' '.join(str(error).split())}") from None
            jobs |= zip(part, made, strict=True)
            write_json(self._notes, self._noted() | {key: job.job_id for key, job in jobs.items()})
            say(f"{len(part)} jobs of {name} are in the queue as {made[0].job_id.partition('_')[0]}")
        return jobs

    def _wait(self, jobs: list[Any], name: str) -> None:
        waiting = {job.job_id: job for job in jobs}
        try:
            with progress(name, "task", len(jobs)) as bar:
                while waiting:
                    done = [key for key, job in waiting.items() if job.done()]
                    for key in done:
                        del waiting[key]
                    bar.update(len(done))
                    time.sleep(POLL if waiting else 0)
        except KeyboardInterrupt:
            ids = " ".join(sorted({key.partition("_")[0] for key in waiting}))
            say(
                f"{len(waiting)} jobs of {name} go on without this command. The same command collects what they make; "
                f"scancel {ids} ends them."
            )
            raise


def _last_words(job: Any) -> str:
    """The last line of a job's log, its state, and where the log is."""
    log = job.paths.stdout
    lines = log.read_text("utf-8", "replace").split("\n") if log.exists() else []
    said = next((line.strip() for line in reversed(lines) if line.strip()), "no word")
    return f"{said} (state {job.state}, log {log})"


def connect(folder: Path, name: str, given: list[str]) -> Slurm:
    """Jobs named `name` whose tasks and logs lie in `folder`, with options as `given`, each NAME=VALUE.

    Raises CamganError for an option that is unknown or has no such value, and where submitit or Slurm is missing.
    """
    options = read_options(given)
    try:
        import submitit
    except ImportError:
        raise CamganError("--slurm needs submitit: pip install -e '.[sweep]'") from None
    if not (shutil.which("sbatch") and shutil.which("srun")):
        raise CamganError(
            "--slurm submits jobs by sbatch, and there is no Slurm on this machine; start it on a login node of the "
            "cluster, or leave --slurm out to train here"
        )
    executor = submitit.SlurmExecutor(folder, max_num_timeout=REQUEUES)
    executor.update_parameters(
        job_name=f"camgan-{name}",
        ntasks_per_node=1,
        cpus_per_task=1,
        stderr_to_stdout=True,
        additional_parameters={"requeue": True},
        **{"time": MINUTES, **{OPTIONS[key]: value for key, value in options.items()}},
    )
    return Slurm(executor, int(options.get("gpus", 0)))


def read_options(given: list[str]) -> dict[str, Any]:
    """Options, each NAME=VALUE: `time` in minutes, counts as numbers, others as they are.

    Raises CamganError for an unknown name or another value.
    """
    found: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if name not in OPTIONS or not equals or not value:
            raise CamganError(
                f"an option of Slurm is NAME=VALUE, with a NAME of {', '.join(OPTIONS)}, got {each!r}"
                f"{did_you_mean(name, OPTIONS) if name not in OPTIONS else ''}"
            )
        found[name] = value
        if name == "time":
            found[name] = minutes(value)
        elif name in ("gpus", "parallel"):
            if not re.fullmatch(r"[1-9]\d{0,5}", value):
                raise CamganError(f"{name} of Slurm is a number from 1, got {value!r}")
            found[name] = int(value)
    return found


def minutes(walltime: str) -> int:
    """A walltime in minutes, rounded up, from one in sbatch's words: M, M:S, H:M:S, D-H, D-H:M or D-H:M:S.

    Raises CamganError for other words, and below 3 minutes, of which the signal before the end would leave little.
    """
    found = re.fullmatch(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?", walltime)
    days, *parts = (int(each or 0) for each in found.groups()) if found else (0, 0, 0, 0)
    if "-" in walltime or walltime.count(":") == 2:
        seconds = 3600 * parts[0] + 60 * parts[1] + parts[2]
    else:
        seconds = 60 * parts[0] + parts[1]
    if (total := -(-(86400 * days + seconds) // 60)) < 3:
        shape = "a walltime of 3 minutes or more, such as 90, 4:00:00 or 1-12:00"
        raise CamganError(f"time of Slurm is {shape}, got {walltime!r}")
    return total
