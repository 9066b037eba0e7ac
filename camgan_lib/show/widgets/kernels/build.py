"""Compiles kernels.c to WebAssembly and writes it as ../_kernels.js: `python kernels/build.py`, with clang and lld.

Two modules: "relaxed" for browsers that multiply and add in one step, "simd" for others with vectors.
"""

import base64
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
KINDS = {"relaxed": ["-mrelaxed-simd", "-DRELAXED"], "simd": []}
FLAGS = ["--target=wasm32", "-O3", "-msimd128", "-nostdlib", "-fno-builtin"]
FLAGS += ["-Wl,--no-entry", "-Wl,--import-memory", "-Wl,--strip-all", "-Wl,--export=__heap_base"]
HEAD = """// Made by kernels/build.py of kernels/kernels.c (SHA-256 {digest}…), in base64.
// Compiled by clang 19 without libraries: all code is this project's own.
"""


def main() -> None:
    clang = next((found for name in ("clang-19", "clang") if (found := shutil.which(name))), "clang")
    parts = [f'  {kind}: "{compiled(clang, flags)}",\n' for kind, flags in KINDS.items()]
    head = HEAD.format(digest=hashlib.sha256((HERE / "kernels.c").read_bytes()).hexdigest()[:16])
    (HERE.parent / "_kernels.js").write_text(f"{head}const CAMGAN_KERNELS = {{\n{''.join(parts)}}};\n", "utf-8")


def compiled(clang: str, flags: list[str]) -> str:
    """The module in base64."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "kernels.wasm"
        subprocess.run([clang, *FLAGS, *flags, "-o", made, HERE / "kernels.c"], check=True)
        return base64.b64encode(made.read_bytes()).decode("ascii")


if __name__ == "__main__":
    main()
