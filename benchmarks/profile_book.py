"""Where the time of `make book` goes: by chapter and by function, over all cores, idle time included.

Runs `camgan book` with a sampler in each of its Python processes. A hundred times a second the sampler asks the system
how much processor time each thread has used since, and charges it to the function of camgan_lib that the thread is in,
and to the package that this function has called. Time of threads that are not Python's (OpenMP) goes to the function
that the main thread is in. What no process has used of the cores meanwhile is idle. Memory is the largest sum over the
run's processes, shared pages counted once.

    python benchmarks/profile_book.py [--out FILE] [--top 30] [-- ARGUMENTS OF camgan book]
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

FOLDER = "CAMGAN_PROFILE_FOLDER"
EVERY, WRITE_EVERY = 0.01, 2.0
START = "import sys; sys.path.insert(0, {here!r}); import profile_book; profile_book.watch()"


def watch() -> None:
    """Starts the sampler in this process and in those that are forked from it."""
    os.register_at_fork(after_in_child=_begin)
    _begin()


def _begin() -> None:
    threading.Thread(target=_sample, name="sampler", daemon=True).start()


def _sample() -> None:
    spent: Counter[str] = Counter()
    used, whole, written = {}, time.process_time(), time.monotonic()
    own = threading.get_ident()
    while True:
        time.sleep(EVERY)
        python = 0.0
        frames = sys._current_frames()
        for ident, frame in frames.items():
            try:
                now = time.clock_gettime(time.pthread_getcpuclockid(ident))
            except OSError:
                continue
            before = used.get(ident, 0.0)  # a new thread may have the name of one that has ended
            delta, used[ident] = now - before if now >= before else now, now
            python += delta
            if delta > 0 and ident != own:
                spent[_place(frame)] += delta
        now = time.process_time()
        rest, whole = now - whole - python, now
        if rest > EVERY / 10:
            spent[_place(frames.get(threading.main_thread().ident))] += rest
        if time.monotonic() - written > WRITE_EVERY:
            written = time.monotonic()
            _write(spent)


def _place(frame) -> str:
    """`module:function|package that it called`, for the innermost function of camgan_lib on a stack."""
    called = inner = None
    while frame is not None:
        name = frame.f_globals.get("__name__", "?")
        if name.startswith("camgan_lib"):
            return f"{name.removeprefix('camgan_lib.')}:{frame.f_code.co_name}|{called or '-'}"
        package = name.split(".")[0]
        if package == "importlib" or name == "importlib._bootstrap":
            inner = "import"
        called = inner or package
        frame = frame.f_back
    return f"-|{called or '-'}"


def _chapter() -> str:
    """The chapter whose kernel this process is, or what else it does."""
    shell = sys.modules.get("IPython.core.interactiveshell")
    instance = getattr(getattr(shell, "InteractiveShell", None), "_instance", None)
    run = getattr(instance, "user_ns", {}).get("run") if instance else None
    if run is not None:
        return run.chapter
    return "a kernel that starts" if instance else " ".join(Path(part).name for part in sys.argv[:2]) or "worker"


def _write(spent: Counter) -> None:
    path = Path(os.environ[FOLDER]) / f"{os.getpid()}.json"
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps({"chapter": _chapter(), "spent": spent}), "utf-8")
    aside.replace(path)


def busy() -> float:
    """Seconds that all cores of the machine have worked."""
    fields = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def run(command: list, environment: dict[str, str], folder: Path | None = None) -> float:
    """Runs a command to its end, in a folder, and returns the largest memory of its processes, in MB."""
    process, peak = subprocess.Popen(command, env=environment, cwd=folder), 0.0
    while process.poll() is None:
        peak = max(peak, memory(process.pid))
        time.sleep(1)
    if process.returncode:
        raise SystemExit(process.returncode)
    return peak


def memory(pid: int) -> float:
    """Memory of a process and all that it has started, in MB (proportional set size)."""
    import psutil

    total = 0
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        for each in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += each.memory_full_info().pss
    return total / 1e6


def profile_book(arguments: list[str], top: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sitecustomize.py").write_text(START.format(here=str(Path(__file__).parent)), "utf-8")
        (Path(folder) / "samples").mkdir()
        known = os.environ.get("PYTHONPATH")
        path = os.pathsep.join([folder, *([known] if known else [])])
        began, work = time.monotonic(), busy()
        command = [Path(sys.executable).with_name("camgan"), "book", *arguments]
        environment = {**os.environ, "PYTHONPATH": path, FOLDER: str(Path(folder) / "samples")}
        peak = run(command, environment)
        seconds, work = time.monotonic() - began, busy() - work
        samples = [json.loads(each.read_text("utf-8")) for each in sorted((Path(folder) / "samples").glob("*.json"))]
    chapters, functions, called = Counter(), Counter(), Counter()
    for each in samples:
        for place, spent in each["spent"].items():
            function, package = place.split("|")
            chapters[each["chapter"]] += spent
            functions[function, package] += spent
            called[package] += spent
    cores = len(os.sched_getaffinity(0))
    return {
        "arguments": arguments,
        "seconds": round(seconds, 1),
        "cores": cores,
        "peak_mb": round(peak),
        "share_idle": round(1 - work / (seconds * cores), 3),
        "chapters": {name: round(spent, 1) for name, spent in chapters.most_common(top)},
        "packages": {name: round(spent, 1) for name, spent in called.most_common(top)},
        "functions": [[*place, round(spent, 1)] for place, spent in functions.most_common(top)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="where results go as JSON")
    parser.add_argument("--top", type=int, default=40, help="how many functions are kept")
    parser.add_argument("arguments", nargs="*", help="arguments of camgan book, after --")
    given = parser.parse_args()
    found = profile_book(given.arguments, given.top)
    from camgan_lib.base.files import write_json
    from camgan_lib.book import provenance

    found |= {"commit": provenance.commit(), "date": time.strftime("%Y-%m-%d")}
    print(json.dumps(found, indent=1))
    if given.out:
        write_json(given.out, found)


if __name__ == "__main__":
    main()
