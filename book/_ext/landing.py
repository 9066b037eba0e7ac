"""Sphinx extension: fills the first page and the page "compare" with numbers of the run (`<build>/results.json`).

`FINDING` on the first page is replaced by the run's finding, `COMPARISON` on the page "compare" by tables of this run
beside the published one, where they differ. If nothing has been executed, a warning says so instead.
"""

import html
import json
import os
from pathlib import Path

from camgan_lib.base.settings import Settings

NOTHING = """```{warning}
Nothing has been executed yet, so there is no finding to show: `make book` runs the chapters.
```"""
OPEN = 25
"""How many numbers a part of the comparison has at most that is not folded."""
FINDING = """**{seen}** The classifier takes {auxiliary:.1%} of test crops for the right camera (95 % interval
{low:.1%} to {high:.1%}; the paper: 92.6 %). After a camera's generator, {test:.1%} of pictures that no camera took are
taken for that camera, on average ({transfer:.1%} by a second classifier). By its spectrum, a picture is told to be that
generator's whatever it shows, with an AUC of {auc:.3f} (½ is chance).

**{drawn}** Generators that were *never trained*, and so never saw a camera, leave patterns that are recognised with an
AUC of {untrained:.3f}.

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
        source[0] = source[0].replace("COMPARISON", comparison(build))


def comparison(build: Path) -> str:
    """This run's numbers beside the published run's, as the page shows them."""
    from camgan_lib.book import published
    from camgan_lib.show.figures.comparison import table
    from camgan_lib.verdicts import compare

    if not (build / "results.json").is_file():
        return NOTHING
    ours, theirs = published.read_results(str(build)), published.read_results("simulated")
    rows = compare.rows(ours, theirs)
    if not any(row.differs for row in rows):
        return f"This is the published run: all {len(rows)} numbers agree with it."
    parts = {}
    for row in rows:
        chapter, *more = row.name.split(".")
        parts.setdefault(f"{chapter}: {more[0]}" if len(more) > 1 else chapter, []).append(row)
    folded = [
        f"<details{' open' if len(part) <= OPEN else ''}><summary>{html.escape(name)}: "
        f"{sum(row.differs for row in part)} of {len(part)} differ</summary>"
        f"{table(part, 'this run', 'published')._repr_html_()}</details>"
        for name, part in parts.items()
        if any(row.differs for row in part)
    ]
    same = [row for part in parts.values() if not any(row.differs for row in part) for row in part]
    head = f"{compare.about(ours)}. Published: {compare.about(theirs)}. {compare.summary(rows)}"
    tail = f"Nothing differs in the other parts, which hold {len(same):,} numbers." if same else ""
    return "\n\n".join([head, *(f"```{{raw}} html\n{each}\n```" for each in folded), tail])


def finding(book: Path, build: Path) -> str:
    """The run's finding in a few sentences and a picture, as MyST; `NOTHING` if no run has been executed."""
    from camgan_lib.verdicts import sentences

    results, picture = build / "results.json", build / "executed" / "overview.png"
    if not (results.is_file() and picture.is_file()):
        return NOTHING
    found = json.loads(results.read_text("utf-8"))
    seen, drawn = sentences.observation_sentences(found)
    rows, classifier, frequency = found["style_gan"]["table1"], found["classifier"], found["frequency"]
    return FINDING.format(
        seen=seen,
        drawn=drawn,
        auxiliary=classifier["auxiliary_accuracy"],
        low=classifier["auxiliary_ci95"][0],
        high=classifier["auxiliary_ci95"][1],
        test=sum(row["test"] for row in rows) / len(rows),
        transfer=sum(row["transfer"] for row in rows) / len(rows),
        auc=frequency["consistency_auc"],
        untrained=frequency["consistency_auc_untrained"],
        picture=os.path.relpath(picture, book),
        count=found["style_gan"]["nostyle_test"],
        spectra=frequency["spectrum_images"],
        label=""
        if found["run"]["profile"] == "paper"
        else f"Profile *{found['run']['profile']}*, not the paper's scale. ",
    )
