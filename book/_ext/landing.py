"""Sphinx extension: fills the first page and the page "compare" with numbers of the run (`<build>/results.json`).

`FINDING` on the first page is replaced by the run's finding. On the page "compare", `COMPARISON` is replaced by tables
of this run beside the published one, where they differ, and `VERDICTS` by the verdicts of this run and of all published
ones. If nothing has been executed, a warning says so instead.
"""

import html
import os
from pathlib import Path

from camgan_lib.base.settings import Settings

NOTHING = """```{warning}
Nothing has been executed yet, so there is no finding to show: `make book` runs the chapters.
```"""
OPEN = 25
"""How many numbers a part of the comparison has at most that is not folded."""
FINDING = """**{seen}** The classifier takes {auxiliary:.1%} of test crops for the right camera (in brackets: the 95 %
interval; the paper: 92.6 %). After a camera's generator, {test:.1%} of pictures that no camera took are taken for that
camera, on average ({transfer:.1%} by a second classifier). By its spectrum, a picture is told to be that generator's
whatever it shows, with an AUC of {auc:.3f} (½ is chance).

**{drawn}** Generators that were *never trained*, and so never saw a camera, leave patterns that are recognised with an
AUC of {untrained:.3f}. {judged}

```{{figure}} {picture}
:name: fig-overview
:alt: A picture and what each camera's generator makes of it, above their mean spectra

{label}One no-style image and what the generator of each camera makes of it, with the share of {count:,} such images
that the classifier then takes for the camera; below, the mean spectrum of {spectra:,} of them (luminance).
```
"""


def setup(app):
    app.connect("source-read", show_finding)
    return {"version": "1", "parallel_read_safe": True}


def show_finding(app, docname, source):
    book, build = Path(app.srcdir), Settings.from_environment().build
    if docname == "intro":
        source[0] = source[0].replace("FINDING", finding(book, build))
    elif docname == "compare":
        source[0] = source[0].replace("COMPARISON", comparison(build)).replace("VERDICTS", verdicts(build))


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
    """Folded tables of the parts in which something differs."""
    from camgan_lib.show.figures.comparison import table

    return [
        f"```{{raw}} html\n<details{' open' if len(part) <= OPEN else ''}><summary>{html.escape(name)}: "
        f"{sum(row.differs for row in part):,} of {len(part):,} {word}</summary>"
        f"{table(part, 'this run', 'published')._repr_html_()}</details>\n```"
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
    return FINDING.format(
        seen=seen,
        drawn=drawn,
        judged=preconditions.sentence(found["classifier"]),
        auxiliary=found["classifier"]["auxiliary_accuracy"],
        test=found["style_gan"]["mean_test"],
        transfer=found["style_gan"]["mean_transfer"],
        auc=found["frequency"]["consistency"]["stylised"],
        untrained=found["frequency"]["consistency"]["untrained"],
        picture=os.path.relpath(picture, book),
        count=found["style_gan"]["nostyle_test"],
        spectra=found["frequency"]["spectrum_images"],
        label=""
        if found["run"]["profile"] == "paper"
        else f"Profile *{found['run']['profile']}*, not the paper's scale. ",
    )
