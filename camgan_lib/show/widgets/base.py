"""One Python class and one ES module per widget, shown live by anywidget and in the built book by our own host.

A widget's module, `<module>.js`, is written for anywidget: `export default { render({ model, el }) }`, its state in
traits of the model. What all modules need stands in `_common.js`, which is put in front of each of them, as are those
that its first line names (`// uses: fft`, that is `_fft.js`). In the built book there is no kernel: the widget's state
stands in the page, and `_host.js` gives the module a model that only
the page holds. Modules of the book are loaded from one classic script, since a browser loads no module from disk.
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
    """The ES module that anywidget gets: what all share, what it uses, and its own."""
    own = (HERE / f"{module}.js").read_text("utf-8")
    first = own.partition("\n")[0]
    uses = first.removeprefix("// uses:").replace(",", " ").split() if first.startswith("// uses:") else []
    return "\n".join([*((HERE / f"_{name}.js").read_text("utf-8") for name in ("common", *uses)), own])


def modules() -> list[str]:
    """Names of the widgets' modules."""
    return sorted(path.stem for path in HERE.glob("[!_]*.js"))


def bundle() -> str:
    """The one script of the built book: every widget's module as text, and the host that runs them."""
    texts = json.dumps({name: source(name) for name in modules()}).replace("</", "<\\/")
    return f"const CAMGAN_MODULES = {texts};\n" + (HERE / "_host.js").read_text("utf-8")


class Widget(anywidget.AnyWidget):
    """A widget that shows itself live where there is a kernel, and as a piece of the page in the built book.

    A subclass names its `module` and a `label` for screen readers, and declares its state as traits tagged
    `sync=True` (JSON values, or bytes, which the module gets as a DataView). Traits named in `address` are kept in the
    page's address, so that a view can be shared.
    """

    module = ""
    label = ""
    address: tuple[str, ...] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        if "module" in cls.__dict__:
            cls._esm, cls._css = source(cls.module), STYLE.read_text("utf-8")
        super().__init_subclass__(**options)

    def open(self) -> None:
        """Speaks to a live page; in a chapter that is executed for the book there is none."""
        if not Settings.from_environment().static:
            super().open()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        if Settings.from_environment().static:
            return {"text/html": self.static_html()}
        return super()._repr_mimebundle_(**options)

    def static_html(self) -> str:
        """The widget as HTML for `_host.js`: its state as JSON, bytes in base64."""
        state, binary = {}, {}
        for name in self.trait_names(sync=True):
            if not name.startswith("_") and name not in ("layout", "tabbable", "tooltip", "comm"):
                value = getattr(self, name)
                (binary if isinstance(value, bytes) else state)[name] = value
        about = {"module": self.module, "address": list(self.address), "state": state}
        text = json.dumps(about, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        parts = [f'<script type="application/json">{text}</script>']
        for name, value in binary.items():
            coded = base64.b64encode(value).decode("ascii")
            parts.append(f'<script type="application/octet-stream" data-name="{name}">{coded}</script>')
        label = html.escape(self.label, quote=True)
        parts.append(f"<noscript>{label}: this needs JavaScript.</noscript>")
        return f'<div class="camgan-widget" role="group" aria-label="{label}">{"".join(parts)}</div>'
