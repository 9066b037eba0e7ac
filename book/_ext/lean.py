"""Sphinx extension: leaves out of the theme's icon script the icons that no page shows.

The theme loads all of Font Awesome's 2,000 icons on every page, 1.5 MB. The book shows about twenty.
"""

import re
from pathlib import Path

ICON = re.compile(r'"?([a-z0-9-]+)"?:\[\d+,\d+,\[([^\]]*)\],"[0-9a-f]+",(?:"[^"]*"|\[(?:"[^"]*",?)*\])\],?')
"""An icon in the script: its name, size, other names, code and paths."""

USED = re.compile(r"fa-([a-z0-9-]+)")


def setup(app):
    app.connect("build-finished", leave_out_icons)
    return {"version": "1", "parallel_read_safe": True}


def leave_out_icons(app, exception):
    script = Path(app.outdir) / "_static" / "scripts" / "fontawesome.js"
    if exception is not None or not script.is_file():
        return
    scripts = [path for path in (Path(app.outdir) / "_static").rglob("*.js") if path != script]
    shown = [path.read_text("utf-8") for path in (*Path(app.outdir).rglob("*.html"), *scripts)]
    script.write_text(only(script.read_text("utf-8"), names_in(shown)), "utf-8")


def names_in(texts) -> set[str]:
    """The names of all icons that these pages and scripts mention."""
    return {name for text in texts for name in USED.findall(text)}


def only(script: str, names: set[str]) -> str:
    """The icon script with the icons of these names alone, by any of an icon's names."""

    def kept(icon: re.Match) -> str:
        others = re.findall(r'"([a-z0-9-]+)"', icon[2])
        return icon[0] if names & {icon[1], *others} else ""

    return ICON.sub(kept, script)
