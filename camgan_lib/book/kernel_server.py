"""A process that has imported what the chapters import, and forks a kernel for each chapter (Linux; see `kernels`).

    python -m camgan_lib.book.kernel_server FD MODULE…      FD: a listening Unix socket

It does nothing but import before it forks: it starts no thread, opens no device and draws no random number, so a kernel
begins in the state of one that was started by itself. A client sends one line of JSON with `argv`, `env` and `cwd` of
its kernel. The kernel answers with its process id, and the server, when the kernel has ended, with its exit status.
A kernel is killed when its client closes the connection. The server ends when its standard input ends, that is when
the run that started it ends, however it ends; its kernels end with it.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import warnings
from multiprocessing import forkserver, resource_tracker, util
from typing import Any

INLINE = "module://matplotlib_inline.backend_inline"
"""The backend of matplotlib in every kernel. matplotlib reads its name when it is imported."""

_PR_SET_PDEATHSIG = 1
"""Parameter of Linux's prctl(2): the signal that a process gets when its parent ends."""


def main(descriptor: int, modules: list[str]) -> None:
    """Imports the modules, then serves until the run ends. In each kernel, goes on as the kernel."""
    listener = socket.socket(fileno=descriptor)
    if sys.path[0] in ("", os.getcwd()):
        del sys.path[0]  # as ipykernel's launcher does
    _import(modules)
    _start_tracker()
    gc.collect()
    gc.freeze()  # a collection in a kernel then leaves this process's pages shared
    _be_kernel(_serve(listener))


def _import(modules: list[str]) -> None:
    """Imports modules as a kernel would. What can't be imported is left to the chapter, which says so."""
    importlib.import_module("ipykernel.kernelapp")
    os.environ["MPLBACKEND"] = os.environ.get("MPLBACKEND") or INLINE
    sys.path.insert(0, "")  # as in a notebook
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    sys.path.remove("")


def _start_tracker() -> None:
    """Starts multiprocessing's resource tracker, which all kernels share.

    It shall not speak of what killed kernels leave behind. The run says that they were killed.
    """
    before = dict(os.environ)
    os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker"
    resource_tracker.ensure_running()
    os.environ.clear()
    os.environ.update(before)


def _serve(listener: socket.socket) -> dict[str, Any]:
    """Forks a kernel for each client until the run ends. Returns in the kernels only: what the client has sent."""
    awake, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    server = os.getpid()
    kernels: dict[int, socket.socket] = {}
    try:
        while True:
            watched: list[Any] = [0, awake, listener, *kernels.values()]
            ready = select.select(watched, [], [])[0]
            if 0 in ready:
                sys.exit()
            if awake in ready:
                os.read(awake, 4096)
                _tell_ends(kernels)
            for pid in [pid for pid, client in kernels.items() if client in ready]:
                _end(pid, kernels.pop(pid))
            if listener in ready and (asked := _request(listener.accept()[0])):
                client, request = asked
                forked = _forked()
                if forked is None:
                    client.close()
                elif forked:
                    kernels[forked] = client
                if forked != 0:
                    continue
                signal.set_wakeup_fd(-1)
                os.close(awake)
                os.close(wake)
                for other in (listener, *kernels.values()):
                    other.close()
                kernels.clear()
                _begin_kernel(request, server)
                with client, contextlib.suppress(OSError):
                    client.sendall(f"{os.getpid()}\n".encode())
                return request
    finally:
        for pid, client in kernels.items():
            _end(pid, client)
        if os.getpid() == server:  # a run that was killed has not removed its sockets
            shutil.rmtree(os.path.dirname(listener.getsockname()), ignore_errors=True)


def _request(client: socket.socket) -> tuple[socket.socket, dict[str, Any]] | None:
    """A client and what it has sent, or None where it was ended before it had sent all."""
    try:
        with client.makefile("rb") as stream:
            return client, json.loads(stream.readline())
    except (OSError, ValueError):
        client.close()
        return None


def _forked() -> int | None:
    """The process id of a fork of this process, 0 in the fork; None where the system has no room for one.

    numpy's OpenBLAS may have threads, of which Python 3.12 warns. It stops them before a fork.
    """
    with warnings.catch_warnings(), contextlib.suppress(OSError):
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()
    return None


def _tell_ends(kernels: dict[int, socket.socket]) -> None:
    """Tells the clients of kernels that have ended their exit status; negative: the signal that killed it.

    The kernel stays a zombie until its client goes, so that no other process gets its id meanwhile.
    """
    for pid, client in kernels.items():
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is not None:
            status = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
            with contextlib.suppress(OSError):
                client.sendall(f"{status}\n".encode())


def _end(pid: int, client: socket.socket) -> None:
    """Kills a kernel with all processes of its group."""
    client.close()
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _begin_kernel(request: dict[str, Any], server: int) -> None:
    """Makes a forked process one of its own, with the environment, folder and arguments of the request."""
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(request["env"], JPY_PARENT_PID=str(server))
    os.chdir(request["cwd"])
    sys.argv = request["argv"]
    _draw_first_seeds()


def _draw_first_seeds() -> None:
    """Seeds the global random generators anew, as their libraries do when they are imported."""
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if torch := sys.modules.get("torch"):
        torch.default_generator.seed()


def _be_kernel(request: dict[str, Any]) -> None:
    """Runs ipykernel until the client shuts it down."""
    _fork_worker_server()
    from ipykernel.kernelapp import IPKernelApp

    class Kernel(IPKernelApp):
        def init_code(self) -> None:
            _meet_shell()
            super().init_code()

    Kernel.__name__ = IPKernelApp.__name__  # the name that arguments and configuration use
    Kernel.launch_instance(request["argv"][1:], parent_handle=os.getppid())


def _fork_worker_server() -> None:
    """Forks the process from which multiprocessing forks the workers of a kernel, so that it need not import anew.

    multiprocessing would start it as `python -c …`. The fork runs that same line of Python. It is in a process group of
    its own: at its end a kernel waits in vain for the processes of its group. It ends with the kernel all the same.
    """
    resource_tracker._resource_tracker._pid = None  # type: ignore[attr-defined]  # it is the server's child, and serves all kernels
    usual = util.spawnv_passfds

    def fork(path: Any, arguments: Any, kept: Any) -> int:
        if "multiprocessing.forkserver" not in arguments[-1]:
            return usual(path, arguments, kept)
        if pid := os.fork():
            return pid
        os.setpgid(0, 0)
        for each in {int(name) for name in os.listdir("/proc/self/fd")} - {0, 1, 2, *kept}:
            with contextlib.suppress(OSError):
                os.close(each)
        try:
            exec(arguments[-1], {})
        finally:
            os._exit(0)

    util.spawnv_passfds = fork  # type: ignore[assignment]
    try:
        forkserver.set_forkserver_preload([])
        forkserver.ensure_running()
    finally:
        util.spawnv_passfds = usual


def _meet_shell() -> None:
    """Does what ipywidgets does when a kernel imports it: it makes itself known to the shell."""
    if widgets := sys.modules.get("ipywidgets"):
        widgets.register_comm_target()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
