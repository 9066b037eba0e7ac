"""Sphinx extension: shows a chapter's executed copy in place of its source.

The copy is `<build>/executed/<chapter>.ipynb`, with `build` of the environment's settings.
Code is folded away: that of a cell which shows nothing stands before the code of the next one that does. A widget
beside a figure gets a cell of its own, which `shell` moves into the figure. papermill's injected cell and the kernel's
progress bars are left out. A chapter without a copy is shown as it is, with a banner that says so; one that is out of
date has another. Thebe, which Jupyter Book always loads, is left out. The widgets' script and style are the library's.
"""

import json
import re
import shutil
from pathlib import Path

from camgan_lib.base.settings import Settings, Site
from camgan_lib.show.widgets import base

BESIDE = "camgan-beside"
"""The tag of a cell that holds the widget of the figure before it."""
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
        copy_networks(Path(app.outdir), folder / "networks")


def copy_networks(pages, folder):
    """Copies the networks that pages name, of those which executed chapters have left."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    texts = [page.read_text("utf-8") for page in pages.glob("*.html")]
    for made in sorted((Settings.from_environment().build / "executed" / "networks").glob("[!.]*.js")):
        if any(f'"id":"{made.stem}"' in text for text in texts):
            shutil.copyfile(made, folder / made.name)


def show_executed_copy(app, docname, source):
    if not CHAPTER.match(docname):
        return
    copy = Settings.from_environment().build / "executed" / f"{docname}.ipynb"
    notebook = json.loads(copy.read_text("utf-8") if copy.is_file() else source[0])
    notebook["cells"] = gather([part for cell in notebook["cells"] if not is_injected(cell) for part in apart(cell)])
    banner = BANNER if not copy.is_file() else STALE if docname[3:] in Site.from_environment().stale else ""
    if banner:
        notebook["cells"].insert(1, {"cell_type": "markdown", "metadata": {}, "source": banner, "id": "banner"})
    source[0] = json.dumps(notebook)


def is_injected(cell):
    return "injected-parameters" in cell["metadata"].get("tags", [])


def tags_of(cell):
    return cell["metadata"].setdefault("tags", [])


def apart(cell):
    """The cell; where it has a figure and widgets, the cell without these and one that holds them."""
    widgets = [output for output in cell.get("outputs", ()) if is_widget(output)]
    if not widgets or "figure" not in cell["metadata"].get("mystnb", {}):
        return [cell]
    rest = [output for output in cell["outputs"] if not is_widget(output)]
    metadata = {"tags": ["remove-input", BESIDE]}  # myst-nb skips a cell without a source
    beside = {"id": f"{cell['id']}-beside", "source": "# the widget", "metadata": metadata, "outputs": widgets}
    return [cell | {"outputs": rest}, cell | beside]


def is_widget(output):
    return 'class="camgan-widget"' in "".join(output.get("data", {}).get("text/html", ""))


def gather(cells):
    """The cells, their code folded away, that of cells which show nothing before the code of the next one that does."""
    before = ""
    for cell in cells:
        if cell["cell_type"] == "code":
            fold(cell)
            if set(tags_of(cell)) == {"hide-input"}:
                source = before + "".join(cell["source"])
                if shows_something(cell):
                    cell["source"], before = source, ""
                else:
                    before = f"{source}\n\n"
                    cell["metadata"]["tags"] = ["remove-cell"]
    return cells


def fold(cell):
    """Folds the cell's code away, unless it is tagged show-input, and takes away what it wrote to stderr.

    The cell that declares parameters is left out: the foot of the chapter shows them, and what they are now.
    """
    tags = tags_of(cell)
    if "parameters" in tags:
        tags.append("remove-cell")
    if not {"show-input", "hide-input", "remove-input", "remove-cell"} & set(tags):
        tags.append("hide-input")
    cell["outputs"] = [output for output in cell["outputs"] if output.get("name") != "stderr"]


def shows_something(cell):
    """Whether the cell has an output that is neither a glued value nor empty."""
    return any("data" not in output or any(map(is_seen, output["data"].items())) for output in cell["outputs"])


def is_seen(kind_and_content):
    kind, content = kind_and_content
    return "papermill" not in kind and "".join(content).strip() != ""
