"""Kernels that begin with everything imported: forks of one process (`kernel_server`) instead of new ones.

Imports take a kernel several seconds of a core. On Linux a run imports once. Each chapter still has a process of its
own, with a namespace, an environment, random seeds and threads of its own. Elsewhere, with a kernel of the user's
own, and wherever the server does not answer, a kernel starts as jupyter_client starts it.
"""

import ast
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Unicode
from traitlets.config import Config

from camgan_lib.base.sockets import socket_folder

LONGEST_IMPORT = 300
"""Seconds that a kernel waits for the server. It imports meanwhile, on a slow disk for long."""


LATER = ("safetensors.torch", "scipy.optimize", "scipy.stats", "skimage", "sklearn.linear_model", "sklearn.pipeline")
"""What functions of the library import when they are called."""


def imported_by(sources: Iterable[Path]) -> list[str]:
    """The modules that the cells of notebooks import, and LATER where these use the library.

    `from a import b` counts as `a` and `a.b`: b may be a module.
    """
    found: dict[str, None] = {}
    for source in sources:
        for cell in json.loads(source.read_text("utf-8"))["cells"]:
            with contextlib.suppress(SyntaxError):
                for line in ast.parse("".join(cell["source"]) if cell["cell_type"] == "code" else "").body:
                    found |= dict.fromkeys(_named(line))
    return [*found, *(LATER if "camgan_lib.book.run" in found else ())]


def _named(line: ast.stmt) -> list[str]:
    if isinstance(line, ast.Import):
        return [alias.name for alias in line.names]
    if isinstance(line, ast.ImportFrom) and line.module:
        return [line.module, *(f"{line.module}.{alias.name}" for alias in line.names)]
    return []


@contextlib.contextmanager
def kernel_server(environment: Mapping[str, str], modules: list[str]) -> Iterator[str]:
    """Runs a server of kernels, and yields the address that `WarmKernels.server` takes, "" where there is none.

    `environment` holds what its kernels have in common: libraries read some of it when they are imported. `modules` are
    imported before the first kernel begins.
    """
    with socket_folder() as folder:
        if folder is None or sys.platform != "linux":
            yield ""
            return
        with _started(address := str(folder / "kernels"), environment, modules):
            yield address


@contextlib.contextmanager
def _started(address: str, environment: Mapping[str, str], modules: list[str]) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        command = [sys.executable, "-m", "camgan_lib.book.kernel_server", str(listener.fileno()), *modules]
        how: dict[str, Any] = {"stdin": subprocess.PIPE, "env": environment, "pass_fds": [listener.fileno()]}
        server = subprocess.Popen(command, **how, start_new_session=True)  # Ctrl-C reaches the run, which ends it
    with server:
        try:
            yield
        finally:
            server.kill()


@contextlib.contextmanager
def reached(server: str) -> Iterator[Config]:
    """Yields jupyter_client's configuration of one kernel: its server's address, and how the kernel is reached.

    That is by files in a folder that only this user can open. jupyter_client's TCP ports are chosen before the kernel
    takes them. Where another kernel takes one in between, the run would wait for ever. Windows has nothing but ports.
    """
    with socket_folder(Path(server).parent if server else None) as folder:
        by_files = {"KernelManager": {"transport": "ipc", "ip": str(folder / "kernel")}} if folder else {}
        yield Config({**by_files, "WarmKernels": {"server": server}})


class WarmKernels(AsyncKernelManager):
    """Starts a kernel by the server at the address `server`, or as jupyter_client does where that can't be."""

    server = Unicode(help="The address that `kernel_server` yields.").tag(config=True)

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        local = self.provisioner
        forked = None
        if self.server and _is_own(kernel_cmd) and type(local) is LocalProvisioner:
            forked = _fork(self.server, kernel_cmd, kw)
        if forked is None:
            await super()._async_launch_kernel(kernel_cmd, **kw)
            return
        local.process, local.pid, local.pgid, local.cwd = forked, forked.pid, forked.pid, kw.get("cwd") or Path.cwd()
        self._reconcile_connection_info(local.connection_info)


def _is_own(command: list[str]) -> bool:
    """Whether a command starts this environment's ipykernel."""
    return command[0] == sys.executable and "ipykernel_launcher" in command


def _fork(server: str, command: list[str], how: dict[str, Any]) -> "ForkedKernel | None":
    """The kernel that the server has forked; None where there is no server, or no longer one."""
    program = find_spec("ipykernel_launcher")
    arguments = [str(program and program.origin), *command[command.index("ipykernel_launcher") + 1 :]]
    request = {"argv": arguments, "env": dict(how.get("env") or os.environ), "cwd": how.get("cwd") or os.getcwd()}
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(LONGEST_IMPORT)
        connection.connect(server)
        connection.sendall(json.dumps(request).encode() + b"\n")
        return ForkedKernel(connection)
    except (OSError, ValueError):
        connection.close()
        return None


class ForkedKernel:
    """A kernel's process as `subprocess.Popen` shows one, as far as jupyter_client asks."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket):
        """Waits until the kernel says its process id. Raises OSError or ValueError if it does not."""
        self._connection = connection
        self.pid = int(self._line())
        self.returncode: int | None = None

    def _line(self) -> bytes:
        """The next line that the server or the kernel has sent; b"" where the server has gone."""
        line = b""
        while not line.endswith(b"\n") and (letter := self._connection.recv(1)):
            line += letter
        return line

    def poll(self) -> int | None:
        """The exit status, None while the kernel runs. A kernel whose server is gone was killed with it."""
        if self.returncode is None and select.select([self._connection], [], [], 0)[0]:
            self.returncode = int(self._line() or -signal.SIGKILL)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, once the kernel has ended. Raises subprocess.TimeoutExpired after `timeout` seconds."""
        if self.returncode is None and not select.select([self._connection], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("kernel", timeout or 0)
        status = self.poll()
        assert status is not None
        self._connection.close()
        return status

    def send_signal(self, number: int) -> None:
        """Sends a signal to the kernel if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Asks the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the kernel."""
        self.send_signal(signal.SIGKILL)
