"""The base class of all widgets. A widget is one Python class and one JavaScript module.

The module `<name>.js` is written for anywidget: `export default { render({ model, el }) }`, with its state in the
model's traits. `_common.js`, which holds what all modules need, is put in front of every module. So are the files that
the module's first line names: `// uses: fft` stands for `_fft.js`, and for those that this one uses.

With a kernel, anywidget runs the module. In the built book there is no kernel. There the page holds the widget's state,
and `_host.js` hands it to the module as a model. All modules are in one classic script, because a browser does not load
modules from disk. A widget's networks (`networks.py`) are classic scripts beside it, which a page loads when it needs
them.
"""

import base64
import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from camgan_lib.base.files import write_aside
from camgan_lib.base.settings import Settings

if TYPE_CHECKING:
    from camgan_lib.show.widgets.networks import PageNetwork

HERE = Path(__file__).parent
STYLE = HERE / "widgets.css"


def files(module: str) -> list[str]:
    """Names of the files that make up a module, in order, without ".js": `_common`, what it uses, and its own."""
    found = ["_common"]

    def add(name: str) -> None:
        first = _text(name).partition("\n")[0]
        uses = first.removeprefix("// uses:").replace(",", " ").split() if first.startswith("// uses:") else []
        for each in [*(f"_{used}" for used in uses), name]:
            if each not in found:
                found.append(each) if each == name else add(each)

    add(module)
    return found


def source(module: str) -> str:
    """The JavaScript that anywidget gets for a module: the text of all its files."""
    return "\n".join(map(_text, files(module)))


def _text(name: str) -> str:
    return (HERE / f"{name}.js").read_text("utf-8")


def modules() -> list[str]:
    """Names of the modules of all widgets, sorted."""
    return sorted(path.stem for path in HERE.glob("[!_]*.js"))


def bundle() -> str:
    """The script of the built book: every file of the modules once, as text, and the code that runs them."""
    made_of = {name: files(name) for name in modules()}
    texts = {name: _text(name) for name in sorted({each for names in made_of.values() for each in names})}
    parts = {"CAMGAN_MODULES": made_of, "CAMGAN_FILES": texts}
    lines = [f"const {name} = {json.dumps(value)};\n".replace("</", "<\\/") for name, value in parts.items()]
    return "".join([*lines, _text("_host")])


def write_network(folder: Path, identity: str, weights: bytes) -> None:
    """Writes a network's bytes as the script `<folder>/<identity>.js`. Raises CamganError where it can't."""
    coded = base64.b64encode(weights).decode("ascii")
    with write_aside(folder / f"{identity}.js") as aside:
        aside.write_text(f'CAMGAN_NETWORKS["{identity}"] = "{coded}";\n', "ascii")


class Widget(anywidget.AnyWidget):
    """A widget: live where there is a kernel, and a part of the page in the built book.

    A subclass sets `module`, the name of its JavaScript file, and `label`, its name for screen readers. Its state is
    in traits tagged `sync=True`, which hold JSON values or bytes; the module gets bytes as a DataView. The page keeps
    the traits named in `address` in its own address, so that a reader can share a view.

    `networks`: those that the module may open; of each its name, id, kind, classes and number of bytes. Their weights
    come when the module asks: from the kernel, or in the built book from files.
    """

    module = ""
    label = ""
    address: tuple[str, ...] = ()
    networks = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(self, *, networks: "Sequence[PageNetwork]" = (), **state: Any) -> None:
        self._weights = {each.id: each.data for each in networks}
        about = [{**each._asdict(), "bytes": len(each.data)} for each in networks]
        super().__init__(networks=[{k: v for k, v in each.items() if k != "data"} for each in about], **state)
        self.on_msg(self._answer)

    def _answer(self, _: Any, message: dict[str, Any], __: Any) -> None:
        if (wanted := message.get("want")) in self._weights:
            self.send({"sent": wanted}, buffers=[self._weights[wanted]])

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
        """The widget as HTML for the built book: its state as JSON, and bytes in base64, which `_host.js` reads.

        Its networks are written beside the executed chapters, as `networks/<id>.js`. Raises CamganError where they
        can't be.
        """
        for identity, weights in self._weights.items():
            write_network(Settings.from_environment().build / "executed" / "networks", identity, weights)
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
