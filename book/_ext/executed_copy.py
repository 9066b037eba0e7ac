"""Sphinx extension: shows a chapter's executed copy in place of its source.

The copy is `<build>/executed/<chapter>.ipynb`, with `build` of the environment's settings.
Code is folded away, papermill's injected cell and the kernel's progress bars are left out. A chapter without a copy
is shown as it is, with a banner that says so; one that is out of date has another. Thebe, which
Jupyter Book always loads, is left out. The widgets' script and style are written from the library's.
"""

import json
import re
from pathlib import Path

from camgan_lib.base.settings import Settings, Site
from camgan_lib.show.widgets import base

CHAPTER = re.compile(r"^\d\d_\w+$")
BANNER = """```{warning}
This chapter has not been executed: there is nothing to see but its text. `camgan book` runs it.
```"""
STALE = """```{warning}
This page is out of date: the chapter's source, its parameters, the library or what it stands on have changed since it
was executed. `camgan book` runs it again.
```"""


def setup(app):
    app.connect("config-inited", leave_out_thebe)
    app.connect("source-read", show_executed_copy)
    app.connect("build-finished", write_widgets)
    app.add_js_file("camgan-widgets.js", loading_method="defer")
    app.add_css_file("camgan-widgets.css")
    return {"version": "1", "parallel_read_safe": True}


def leave_out_thebe(app, config):
    """Takes back what Jupyter Book adds to every page so that code might run on a server of the network."""
    for event, listeners in app.events.listeners.items():
        app.events.listeners[event] = [each for each in listeners if each.handler.__module__ != "sphinx_thebe"]
    app.registry.css_files = [each for each in app.registry.css_files if "thebe" not in each[0]]


def write_widgets(app, exception):
    if exception is None:
        folder = Path(app.outdir) / "_static"
        (folder / "camgan-widgets.js").write_text(base.bundle(), "utf-8")
        (folder / "camgan-widgets.css").write_text(base.STYLE.read_text("utf-8"), "utf-8")


def show_executed_copy(app, docname, source):
    if not CHAPTER.match(docname):
        return
    copy = Settings.from_environment().build / "executed" / f"{docname}.ipynb"
    notebook = json.loads(copy.read_text("utf-8") if copy.is_file() else source[0])
    notebook["cells"] = [fold(cell) for cell in notebook["cells"] if not is_injected(cell)]
    banner = BANNER if not copy.is_file() else STALE if docname[3:] in Site.from_environment().stale else ""
    if banner:
        notebook["cells"].insert(1, {"cell_type": "markdown", "metadata": {}, "source": banner, "id": "banner"})
    source[0] = json.dumps(notebook)


def is_injected(cell):
    return "injected-parameters" in cell["metadata"].get("tags", [])


def fold(cell):
    """The cell with its code folded away (unless tagged show-input) and without what it wrote to stderr.

    The cell that declares parameters is left out: the chapter shows them, and what they are now, as a table.
    """
    if cell["cell_type"] != "code":
        return cell
    tags = cell["metadata"].setdefault("tags", [])
    if "parameters" in tags:
        tags.append("remove-cell")
    if not {"show-input", "hide-input", "remove-input", "remove-cell"} & set(tags):
        tags.append("hide-input")
    cell["outputs"] = [output for output in cell["outputs"] if output.get("name") != "stderr"]
    return cell
