"""The command line answers at once: what takes seconds to import is imported where work begins."""

import subprocess
import sys

import pytest

SLOW = {"torch", "matplotlib", "scipy", "numba", "skimage", "papermill", "IPython", "jupyter_client", "numpy", "pandas"}
CODE = """
import contextlib, io, sys
from camgan_lib.book import cli
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    cli.main()
print(sorted(set(sys.modules) & {slow}))
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["params"],
        ["book", "-p", "classifier.epochs=0"],
        ["run", "nosuch"],
        ["store", "list", "--build", "{folder}"],
        ["identify", "--help"],
    ],
    ids=" ".join,
)
def test_a_command_imports_nothing_slow(arguments, tmp_path):
    code = CODE.replace("{slow}", repr(SLOW))
    given = [each.replace("{folder}", str(tmp_path)) for each in arguments]
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
