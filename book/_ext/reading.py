"""Sphinx extension: what pages say about themselves, and where they lead.

Each page gets a description (its first sentences) and what a link to it shows elsewhere. Where the environment names
the project's repository (see `Site`), chapters get links to open them on Binder and, for GitHub, Colab.
"""

import html
import re
from pathlib import Path

from docutils import nodes
from PIL import Image, ImageOps

from camgan_lib.base.settings import Settings, Site

LONGEST = 200
SOCIAL = (1200, 630)
LAUNCH = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}
COLAB = "https://colab.research.google.com"
LAUNCHING = """Each chapter's rocket button opens it on Binder or Colab. Binder has the project and what it needs; on
Colab, a first cell fetches both. Either way the chapters before have to run once.

```
!git clone --depth 1 {address} && pip install --quiet -e ./{folder}   # on Colab only
%cd {folder}
!camgan book
```
"""


def setup(app):
    app.connect("config-inited", link_repository)
    app.connect("source-read", tell_of_launching)
    app.connect("html-page-context", describe)
    app.connect("build-finished", draw_social_picture)
    return {"version": "1", "parallel_read_safe": True}


def link_repository(app, config):
    site = Site.from_environment()
    if site.repository:
        launch = LAUNCH | ({"colab_url": COLAB} if "//github.com/" in site.repository else {})
        about = {"repository_url": site.repository, "repository_branch": site.branch, "path_to_docs": "book"}
        config.html_theme_options |= about | {"launch_buttons": launch, "use_repository_button": True}
    config.html_baseurl = site.address


def tell_of_launching(app, docname, source):
    """Page rerun tells what a chapter needs on Binder and Colab, where its launch links lead there."""
    if docname == "rerun":
        address = Site.from_environment().repository
        known = {"address": address, "folder": address.rpartition("/")[2]}
        source[0] = source[0].replace("LAUNCHING", LAUNCHING.format(**known) if address else "")


def describe(app, pagename, templatename, context, doctree):
    title = html.escape(re.sub(r"<[^>]*>", "", context.get("title") or app.config.html_title), quote=True)
    text = html.escape(first_sentences(doctree, context.get("title", "")), quote=True)
    picture = f"{app.config.html_baseurl}_static/social.png"
    tags = {"og:title": title, "og:description": text, "og:type": "article", "og:site_name": app.config.html_title}
    if has_overview(app):
        tags |= {"og:image": picture, "og:image:width": str(SOCIAL[0]), "og:image:height": str(SOCIAL[1])}
    written = [f'<meta name="description" content="{text}" />']
    written += [f'<meta property="{name}" content="{value}" />' for name, value in tags.items()]
    written += ['<meta name="twitter:card" content="summary_large_image" />'] if has_overview(app) else []
    if "body" in context:
        # docutils calls a bibliography's frame a list, but its entries no items of one.
        context["body"] = context["body"].replace(
            '<div role="list" class="citation-list">', '<div class="citation-list">'
        )
    context["metatags"] = context.get("metatags", "") + "\n".join(written)


def first_sentences(doctree, title) -> str:
    """As many of the first paragraph's sentences as make a description; of a page without one, its title."""
    paragraphs = doctree.findall(nodes.paragraph) if doctree else ()
    first = next((each for each in paragraphs if isinstance(each.parent, nodes.section)), None)
    if first is None:
        return f"{re.sub('<[^>]*>', '', title)} of camGAN, a paper that runs."
    text = re.sub(r"\s*\[[^\]]*\]", "", first.astext().replace("\n", " "))
    kept = ""
    for sentence in re.findall(r".+?[.?!:](?:\s|$)|.+$", text):
        if kept and len(kept) + len(sentence) > LONGEST:
            break
        kept += sentence
    return kept.strip().removesuffix(":") if len(kept) <= 1.5 * LONGEST else kept[:LONGEST].rpartition(" ")[0] + " …"


def overview(app) -> Path:
    return Settings.from_environment().build / "executed" / "overview.png"


def has_overview(app):
    return overview(app).is_file()


def draw_social_picture(app, exception):
    """The finding's picture on white, in the size that links to a page are shown with."""
    if exception is None and has_overview(app):
        with Image.open(overview(app)) as drawn:
            inner = ImageOps.contain(drawn.convert("RGB"), (SOCIAL[0] - 80, SOCIAL[1] - 60), Image.Resampling.LANCZOS)
        ImageOps.pad(inner, SOCIAL, color="white").save(Path(app.outdir) / "_static" / "social.png")
