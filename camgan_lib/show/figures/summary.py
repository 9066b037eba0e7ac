"""Tables and HTML of chapters 6 and 11: claims and scale beside the paper's, and the verdicts."""

import html
from collections.abc import Sequence
from typing import Any

from IPython.display import HTML

from camgan_lib.show.figures.style import Table, table
from camgan_lib.verdicts import paper
from camgan_lib.verdicts.claims import Claim
from camgan_lib.verdicts.rules import Verdict


def claim_table(claims: Sequence[Claim]) -> Table:
    """A row per claim: its words, what the paper states, and this run's number (`claims.claims`)."""
    heads = {"claim": "claim", "paper": "the paper", "here": "this run (95 % interval)"}
    return table([vars(each) for each in claims], {key: (head, "{}") for key, head in heads.items()})


def scale_table(results: dict[str, dict[str, Any]]) -> Table:
    """Sizes of the data and accuracies of this run beside those of the paper. `results`: chapter → its results."""
    data, classifier = results["dataset"], results["classifier"]
    rows = [
        ("photos", data["photos"], len(paper.CAMERAS) * paper.PHOTOS_PER_CAMERA, "{:,}"),
        ("test photos", data["test_photos"], len(paper.CAMERAS) * paper.TEST_PHOTOS_PER_CAMERA, "{:,}"),
        ("training crops", data["train_crops"], paper.TRAIN_CROPS, "{:,}"),
        ("test crops", data["test_crops"], paper.TEST_CROPS, "{:,}"),
        ("auxiliary classifier", classifier["auxiliary_accuracy"], paper.AUXILIARY_ACCURACY, "{:.2%}"),
        ("8-bit classifier", classifier["quantized_accuracy"], paper.QUANTIZED_ACCURACY, "{:.2%}"),
    ]
    shown = [
        {"what": what, "here": form.format(here), "paper": form.format(stated)} for what, here, stated, form in rows
    ]
    return table(shown, {"what": ("", "{}"), "here": ("this run", "{}"), "paper": ("the paper", "{}")})


def verdict_table(verdicts: Sequence[Verdict]) -> Table:
    """A row per claim: its words, the verdict, and this run's number."""
    rows = [{"claim": each.claim, "verdict": each.verdict, "here": each.here} for each in verdicts]
    columns = {"claim": ("claim", "{}"), "verdict": ("verdict", "{}"), "here": ("this run (95 % interval)", "{}")}
    return table(rows, columns, "The verdict on each claim")


def verdict_cards(verdicts: Sequence[Verdict]) -> HTML:
    """A block of HTML per claim: its verdict, what the paper states, the number here, the control, and the rule."""
    parts = {"paper": "The paper", "here": "Here", "control": "Control", "rule": "Rule"}
    blocks = []
    for each in verdicts:
        lines = "".join(f"<dt>{title}</dt><dd>{html.escape(getattr(each, name))}</dd>" for name, title in parts.items())
        kind = each.verdict.replace(" ", "-")
        head = f"{html.escape(each.claim)} <strong>{html.escape(each.verdict)}</strong>"
        blocks.append(f'<div class="camgan-verdict {kind}"><p>{head}</p><dl>{lines}</dl></div>')
    return HTML("".join(blocks))


def paragraph(text: str) -> HTML:
    """Sentences as one paragraph of HTML."""
    return HTML(f'<p class="camgan-survives">{html.escape(text)}</p>')


def survivors(sentences: Sequence[str]) -> HTML:
    """Sentences as a numbered list of HTML."""
    return HTML(
        '<ol class="camgan-survives">' + "".join(f"<li>{html.escape(each)}</li>" for each in sentences) + "</ol>"
    )
