"""Runs of the command line as tests of whole runs need them."""

import os
import subprocess
import sys
from pathlib import Path

from camgan_lib.base.files import file_sha256

BIN = Path(sys.executable).parent


def camgan(*arguments, **environment):
    command = [BIN / "camgan", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=600)


def weights(build):
    return {path.relative_to(build): file_sha256(path) for path in build.glob("store/*/*/weights.safetensors")}
