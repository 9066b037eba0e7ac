"""Sphinx extension: fills the first page and the page "compare" with numbers of the run (`<build>/results.json`).

`FINDING` on the first page is replaced by the run's finding. On the page "compare", `COMPARISON` is replaced by tables
of this run beside the published one, where they differ, and `VERDICTS` by the verdicts of this run and of all published
ones. If nothing has been executed, a warning says so instead.
"""

import functools
import html
import os
from pathlib import Path

from camgan_lib.base.settings import Settings

NOTHING = """```{warning}
Nothing has been executed yet, so there is no finding to show: `make book` runs the chapters.
```"""
OPEN = 25
"""How many numbers a part of the comparison has at most that is not folded."""
FINDING = """````{{container}} camgan-landing
```{{container}} camgan-story
{about}**The paper.** Li, Xiong and Chen {{cite}}`li_camgan` find that the usual explanations of networks do not help.
So they train a generator for each camera. It redraws any picture until the network takes it for a photo by that camera.
The spectra of these pictures have a pattern, and it stays the same whatever the pictures show. They conclude that the
network works on frequency.

**This run.** {seen} The network takes {accuracy} of test crops for the right camera (in brackets: the
{{definition}}`95 %` interval; the paper: {{paper}}`92.6 %`). After a camera's generator, {test} of pictures that no
camera took are taken for that camera, on average ({transfer} by a second network). Their spectra tell which generator
made them, with an AUC of {auc} (½ is chance).

**The trial.** {drawn} Generators that were *never trained* have seen no camera. They leave patterns too, and these are
recognised with an AUC of {untrained}. {judged}
```
{live}
````

```{{figure}} {picture}
:name: fig-overview
:alt: A picture and what each camera's generator makes of it, above their mean spectra

One no-style image and what the generator of each camera makes of it, with the share of {count} such images that the
classifier then takes for the camera; below, the mean spectrum of {spectra} of them (luminance).
```
"""
NUMBERS = {
    "accuracy": ("classifier.auxiliary_accuracy", ".1%"),
    "test": ("style_gan.mean_test", ".1%"),
    "transfer": ("style_gan.mean_transfer", ".1%"),
    "auc": ("frequency.consistency.stylised", ".3f"),
    "untrained": ("frequency.consistency.untrained", ".3f"),
    "count": ("style_gan.nostyle_test", ","),
    "spectra": ("frequency.spectrum_images", ","),
}
"""The finding's numbers: where each stands in the results, and how it is written."""


def setup(app):
    app.connect("source-read", show_finding)
    app.connect("html-page-context", style_first_page)
    return {"version": "1", "parallel_read_safe": True}


def show_finding(app, docname, source):
    book, build = Path(app.srcdir), Settings.from_environment().build
    if docname == "intro":
        source[0] = source[0].replace("FINDING", finding(book, build))
    elif docname == "compare":
        source[0] = source[0].replace("COMPARISON", comparison(build)).replace("VERDICTS", verdicts(build))


def style_first_page(app, pagename, *_):
    """Its rules ask what the page holds: on any other page each change of a word would style the whole page anew."""
    if pagename == "intro":
        app.add_css_file("landing.css")


def comparison(build: Path) -> str:
    """This run's numbers beside the published run's, as the page shows them."""
    from camgan_lib.book import published
    from camgan_lib.verdicts import compare

    if not (build / "results.json").is_file():
        return NOTHING
    ours, theirs = published.read_results(str(build)), published.read_results("simulated")
    rows = compare.rows(ours, theirs)
    if all(row.both and not row.differs for row in rows):
        return f"This is the published run: all {len(rows):,} numbers agree with it."
    head = f"{compare.about(ours)}. Published: {compare.about(theirs)}."
    if note := published.older(theirs):
        head += f" {note}"
    estimates, plain = ([row for row in rows if (row.p is not None) == tested] for tested in (True, False))
    same = sum(not any(row.differs for row in part) and len(part) for part in _parts(rows).values())
    tail = f"Nothing differs in the other parts, which hold {same:,} numbers." if same else ""
    return "\n\n".join(
        [head, compare.summary(rows), *_folded(estimates, "differ"), *_folded(plain, "not the same"), tail]
    )


def _folded(rows: list, word: str) -> list[str]:
    """Folded tables of what differs, part by part."""
    from camgan_lib.show.figures.comparison import table

    return [
        f'```{{raw}} html\n<details class="camgan-compared"{" open" if len(part) <= OPEN else ""}>'
        f"<summary>{html.escape(name)}: {sum(row.differs for row in part):,} of {len(part):,} {word}</summary>"
        f"{table([row for row in part if row.differs], 'this run', 'published')._repr_html_()}</details>\n```"
        for name, part in _parts(rows).items()
        if any(row.differs for row in part)
    ]


def _parts(rows: list) -> dict[str, list]:
    """The rows by chapter and first word of their place."""
    parts: dict[str, list] = {}
    for row in rows:
        chapter, *more = row.name.split(".")
        parts.setdefault(f"{chapter}: {more[0]}" if len(more) > 1 else chapter, []).append(row)
    return parts


def verdicts(build: Path) -> str:
    """The verdicts of this run and of all published ones side by side, and which are the same in all."""
    from camgan_lib.book import published
    from camgan_lib.show.figures import summary
    from camgan_lib.verdicts import sides

    if not (build / "results.json").is_file():
        return ""
    ours = published.read_results(str(build)).get("verdict", {}).get("verdicts", [])
    runs = {"this run": ours, **published.verdicts()}
    made = summary.verdicts_side_by_side(runs)._repr_html_()
    return f"```{{raw}} html\n{made}\n```\n\n{sides.everywhere(published.verdicts())}"


def finding(book: Path, build: Path) -> str:
    """The run's finding in a few sentences and a picture, as MyST; `NOTHING` if no run has been executed."""
    from camgan_lib.book import published
    from camgan_lib.verdicts import preconditions, sentences

    results, picture = build / "results.json", build / "executed" / "overview.png"
    if not (results.is_file() and picture.is_file()):
        return NOTHING
    found = published.read_results(str(build))
    if note := published.older(found):
        return f"```{{warning}}\n{note}\n```"
    seen, drawn = sentences.observation_sentences(found)
    profile = found["run"]["profile"]
    return FINDING.format(
        seen=seen,
        drawn=drawn,
        judged=preconditions.sentence(found["classifier"]),
        about="" if profile == "paper" else f"Profile *{profile}*, not the paper's scale.\n\n",
        live=live(build),
        picture=os.path.relpath(picture, book),
        **{name: traced(found, key, form) for name, (key, form) in NUMBERS.items()},
    )


def traced(results: dict, key: str, form: str) -> str:
    """A number of the results, as MyST that says where it comes from."""
    value = functools.reduce(lambda part, name: part[name], key.split("."), results)
    return f"{{result}}`{value:{form}} <{key}>`"


def live(build: Path) -> str:
    """The live figure that chapter 5 left, as MyST; nothing if it left none."""
    kept = build / "executed" / "hero.html"
    if not kept.is_file():
        return ""
    return f'```{{raw}} html\n<div class="camgan-moves">{kept.read_text("utf-8")}</div>\n```'
