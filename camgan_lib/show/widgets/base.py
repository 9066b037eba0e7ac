"""The base class of all widgets. A widget is one Python class and one JavaScript module.

The module `<name>.js` is written for anywidget: `export default { render({ model, el }) }`, with its state in the
model's traits. `_common.js`, which holds what all modules need, is put in front of every module. So are the files that
the module's first line names: `// uses: fft` stands for `_fft.js`.

With a kernel, anywidget runs the module. In the built book there is no kernel. There the page holds the widget's state,
and `_host.js` hands it to the module as a model. All modules are in one classic script, because a browser does not load
modules from disk.
"""

import base64
import html
import json
from pathlib import Path
from typing import Any

import anywidget

from camgan_lib.base.settings import Settings

HERE = Path(__file__).parent
STYLE = HERE / "widgets.css"


def source(module: str) -> str:
    """The JavaScript that anywidget gets for a module: `_common.js`, the files that it uses, and its own code."""
    own = (HERE / f"{module}.js").read_text("utf-8")
    first = own.partition("\n")[0]
    uses = first.removeprefix("// uses:").replace(",", " ").split() if first.startswith("// uses:") else []
    return "\n".join([*((HERE / f"_{name}.js").read_text("utf-8") for name in ("common", *uses)), own])


def modules() -> list[str]:
    """Names of the modules of all widgets, sorted."""
    return sorted(path.stem for path in HERE.glob("[!_]*.js"))


def bundle() -> str:
    """The script of the built book: every widget's module as text, and the code that runs them."""
    texts = json.dumps({name: source(name) for name in modules()}).replace("</", "<\\/")
    return f"const CAMGAN_MODULES = {texts};\n" + (HERE / "_host.js").read_text("utf-8")


class Widget(anywidget.AnyWidget):
    """A widget: live where there is a kernel, and a part of the page in the built book.

    A subclass sets `module`, the name of its JavaScript file, and `label`, its name for screen readers. Its state is
    in traits tagged `sync=True`, which hold JSON values or bytes; the module gets bytes as a DataView. The page keeps
    the traits named in `address` in its own address, so that a reader can share a view.
    """

    module = ""
    label = ""
    address: tuple[str, ...] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        if "module" in cls.__dict__:
            cls._esm, cls._css = source(cls.module), STYLE.read_text("utf-8")
        super().__init_subclass__(**options)

    def open(self) -> None:
        """Opens the connection to a live page, unless pages are made for readers without a kernel."""
        if not Settings.from_environment().static:
            super().open()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        if Settings.from_environment().static:
            return {"text/html": self.static_html()}
        return super()._repr_mimebundle_(**options)

    def static_html(self) -> str:
        """The widget as HTML for the built book: its state as JSON, and bytes in base64, which `_host.js` reads."""
        state: dict[str, Any] = {}
        binary: dict[str, bytes] = {}
        for name in self.trait_names(sync=True):
            if not name.startswith("_") and name not in ("layout", "tabbable", "tooltip", "comm"):
                value = getattr(self, name)
                if isinstance(value, bytes):
                    binary[name] = value
                else:
                    state[name] = value
        about = {"module": self.module, "address": list(self.address), "state": state}
        text = json.dumps(about, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        parts = [f'<script type="application/json">{text}</script>']
        for name, value in binary.items():
            coded = base64.b64encode(value).decode("ascii")
            parts.append(f'<script type="application/octet-stream" data-name="{name}">{coded}</script>')
        label = html.escape(self.label, quote=True)
        parts.append(f"<noscript>{label}: this needs JavaScript.</noscript>")
        return f'<div class="camgan-widget" role="group" aria-label="{label}">{"".join(parts)}</div>'
