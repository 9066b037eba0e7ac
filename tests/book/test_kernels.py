"""Kernels that are forked: each as if it had been started by itself, and none outlives its run."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
import pytest

from camgan_lib.base.sockets import socket_folder
from camgan_lib.book.kernels import WarmKernels, imported_by, kernel_server, reached

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone"),
]
STATE = """
import json, os, random, signal, sys, threading
import comm, ipywidgets, matplotlib.pyplot
shell = get_ipython()
print(json.dumps({
    "path": sys.path, "arguments": [sys.argv[0], sys.argv[1], len(sys.argv)], "folder": os.getcwd(),
    "names": sorted(name for name in globals() if not name.startswith("_")), "main": __name__,
    "environment": {k: v for k, v in os.environ.items() if k != "JPY_PARENT_PID"}, "input": os.read(0, 1).decode(),
    "leads": os.getsid(0) == os.getpgid(0) == os.getpid(), "interrupt": str(signal.getsignal(signal.SIGINT)),
    "pictures": [str(each) for each in shell.display_formatter.formatters["image/png"].type_printers],
    "backend": matplotlib.rcParams._get("backend"), "widgets": sorted(comm.get_comm_manager().targets),
    "events": {name: [call.__qualname__ for call in each] for name, each in shell.events.callbacks.items()},
    "threads": sorted(thread.name.split(" ")[-1].split("-")[0] for thread in threading.enumerate()),
}), end="")
"""


def ask(kernels, *codes):
    """What a kernel prints at each code, whether it was forked, and its exit status."""

    async def run():
        with reached(kernels) as how:
            manager = WarmKernels(kernel_name="python3", config=how)
            await manager.start_kernel()
            client = manager.client()
            client.start_channels()
            await client.wait_for_ready(timeout=60)
            said = []
            for code in codes:
                out = []
                await client.execute_interactive(
                    code, output_hook=lambda message, out=out: out.append(message["content"].get("text", ""))
                )
                said.append("".join(out))
            process = manager.provisioner.process
            await manager.shutdown_kernel()
            client.stop_channels()
            return said, type(process).__name__, process.returncode

    with ThreadPoolExecutor(1) as thread:  # a browser that other tests have begun keeps a loop running in this one
        return thread.submit(asyncio.run, run()).result()


@pytest.fixture(scope="module")
def kernels():
    with kernel_server(
        {**os.environ, "MARK": "the run's"}, ["sqlite3", "nosuch", "matplotlib.pyplot", "ipywidgets"]
    ) as address:
        yield address


def test_a_forked_kernel_is_as_one_that_was_started(kernels):
    (forked,), how, status = ask(kernels, STATE)
    (started,), usual, _ = ask("", STATE)
    assert (how, usual, status) == ("ForkedKernel", "Popen", 0)
    assert json.loads(forked) == json.loads(started)


def test_kernels_share_what_is_imported_and_nothing_else(kernels, monkeypatch):
    change = "import sys, os, json; json.changed = 1; x = 3; os.environ['MARK'] = 'other'"
    ask(kernels, change)
    monkeypatch.setenv("MARK", "the chapter's")
    look = "import sys, os, json; print('sqlite3' in sys.modules, hasattr(json, 'changed'), 'x' in globals(), "
    assert ask(kernels, look + "os.environ['MARK'])")[0] == ["True False False the chapter's\n"]
    draw = "import random, numpy; print(random.random(), numpy.random.random())"
    assert ask(kernels, draw)[0] != ask(kernels, draw)[0]


def test_workers_of_a_kernel_end_with_it_and_import_nothing_anew(kernels):
    work = (
        "import os; from camgan_lib.base.workers import pool\n"
        "with pool(1) as processes:\n"
        "    print(processes.submit(eval, \"'sqlite3' in __import__('sys').modules\").result(),\n"
        "          processes.submit(os.getppid).result(), end='')"
    )
    imported, server = ask(kernels, work)[0][0].split()
    assert imported == "True"
    assert gone(int(server))


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


RUN = """
import asyncio, os, subprocess, sys
from camgan_lib.book.kernels import WarmKernels, kernel_server, reached
async def run(address):
    with reached(address) as how:
        manager = WarmKernels(kernel_name="python3", config=how)
        await manager.start_kernel()
        print(manager.provisioner.pid, flush=True)
        print(await manager.provisioner.wait(), flush=True)
with kernel_server(os.environ, []) as address:
    asyncio.run(run(address))
"""


@pytest.mark.parametrize("victim", ["the run", "the server", "the kernel"])
def test_whichever_is_killed_no_process_is_left(victim):
    with subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True) as run:
        kernel = int(run.stdout.readline())
        server = psutil.Process(kernel).ppid()
        helpers = [each.pid for each in psutil.Process(kernel).children()]
        os.kill({"the run": run.pid, "the server": server, "the kernel": kernel}[victim], signal.SIGKILL)
        said = run.stdout.read().strip()
    assert said == ("" if victim == "the run" else str(-signal.SIGKILL))
    assert all(gone(pid) for pid in (run.pid, server, kernel, *helpers))


def test_without_a_server_a_kernel_starts_as_ever():
    with socket_folder() as folder:
        assert ask(str(folder / "nothing"), "print(1)")[:2] == (["1\n"], "Popen")


def test_what_chapters_import_is_read_from_their_cells(tmp_path):
    code = "%matplotlib inline", "import numpy as np\nfrom camgan_lib.book.run import start\nif 1:\n    import os\n"
    cells = [*map(nbformat.v4.new_code_cell, code), nbformat.v4.new_markdown_cell("import this")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    found = imported_by([Path(tmp_path / "a.ipynb")])
    assert found[:3] == ["numpy", "camgan_lib.book.run", "camgan_lib.book.run.start"]
    assert "scipy.stats" in found, "what the library imports later"
    assert "os" not in found
