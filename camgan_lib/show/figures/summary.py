"""Tables and HTML of chapters 6, 7, 11 and 12: claims and scale beside the paper's, verdicts, rules, and coverage."""

from collections.abc import Mapping, Sequence
from typing import Any

from IPython.display import HTML

from camgan_lib.show.figures.cells import escaped
from camgan_lib.show.figures.tables import Table, table
from camgan_lib.verdicts import paper, rules
from camgan_lib.verdicts.claims import Claim
from camgan_lib.verdicts.registered import RULES
from camgan_lib.verdicts.rules import Verdict
from camgan_lib.verdicts.sides import side_by_side

HERE = "this run"
CLAIMS = "The paper's claims, its numbers and those of this run. Brackets: 95 % intervals"
CARD = {
    "paper": "The paper",
    "estimand": "Estimand",
    "here": "Estimate",
    "control": "Control",
    "margin": "Margin",
    "rule": "Rule",
    "why": "Why",
    "would_change": "Would change",
}
"""Parts of a verdict's card, and their titles."""

LISTED = ("rule", "why", "would_change")


def claim_table(claims: Sequence[Claim]) -> Table:
    """A row per claim: its words, what the paper states, and this run's number (`claims.claims`)."""
    heads = {"claim": "claim", "paper": "the paper", "here": HERE}
    return table([vars(each) for each in claims], {key: (head, "{}") for key, head in heads.items()}, CLAIMS)


def scale_table(results: dict[str, dict[str, Any]]) -> Table:
    """Sizes of the data and accuracies of this run beside those of the paper. `results`: chapter → its results."""
    data, classifier = results["dataset"], results["classifier"]
    rows = [
        ("photos", data["photos"], len(paper.CAMERAS) * paper.PHOTOS_PER_CAMERA, ","),
        ("test photos", data["test_photos"], len(paper.CAMERAS) * paper.TEST_PHOTOS_PER_CAMERA, ","),
        ("training crops", data["train_crops"], paper.TRAIN_CROPS, ","),
        ("test crops", data["test_crops"], paper.TEST_CROPS, ","),
        ("auxiliary classifier (%)", classifier["auxiliary_accuracy"], paper.AUXILIARY_ACCURACY, ".2%"),
        ("8-bit classifier (%)", classifier["quantized_accuracy"], paper.QUANTIZED_ACCURACY, ".2%"),
    ]
    shown = [
        {"what": what, "here": format(here, form).replace("%", ""), "paper": format(stated, form).replace("%", "")}
        for what, here, stated, form in rows
    ]
    columns = {"what": ("", "{}"), "here": ("this run", "{}"), "paper": ("the paper", "{}")}
    return table(shown, columns, "Scale of this run and of the paper's. Brackets: 95 % intervals", starts=[4])


def accuracy_table(results: dict[str, dict[str, Any]]) -> Table:
    """Accuracies that a published run recorded, per crop and per photo, beside the paper's, colour alone and chance."""
    found = results["classifier"]
    stated = {"auxiliary": paper.AUXILIARY_ACCURACY, "quantized": paper.QUANTIZED_ACCURACY}
    rows = [
        {"who": who, "crop": found[f"{name}_accuracy"], "photo": found[f"{name}_photo_accuracy"], "paper": stated[name]}
        for name, who in (("auxiliary", "auxiliary classifier"), ("quantized", "8-bit classifier"))
    ]
    rows += [{"who": "colour alone", "crop": found["colour_only_accuracy"]}, {"who": "chance", "crop": found["chance"]}]
    columns = {"who": ("", "{}"), "crop": ("per crop", "{:.1%}"), "photo": ("per photo (vote)", "{:.1%}")}
    return table(
        rows,
        {**columns, "paper": ("paper, per crop", "{:.2%}")},
        "Accuracy on test photos. Brackets: 95 % intervals",
        starts=[2],
    )


def verdict_table(verdicts: Sequence[Verdict]) -> Table:
    """A row per claim: its words, the verdict, and this run's number."""
    rows = [{"claim": each.claim, "verdict": each.verdict, "here": each.here} for each in verdicts]
    columns = {"claim": ("Claim", "{}"), "verdict": ("Verdict", "{}"), "here": (HERE, "{}")}
    return table(rows, columns, "The verdict on each claim. Brackets: 95 % intervals")


def verdict_cards(verdicts: Sequence[Verdict]) -> HTML:
    """A block of HTML per claim: its verdict, estimand, number, control, margin, rule with its version, the answers to
    the rule's questions, and what would change the verdict."""
    return HTML("".join(_card(each) for each in verdicts))


def _card(verdict: Verdict) -> str:
    lines = [_line(title, _text(name, getattr(verdict, name))) for name, title in CARD.items()]
    answers = "".join(_question(row) for row in rules.tests(verdict))
    lines.insert(list(CARD).index("rule"), _line("Questions", f"<ul>{answers}</ul>") if answers else "")
    reason = escaped(RULES[verdict.letter].reason) if verdict.fingerprint == _present(verdict) else ""
    lines.append(_line("Version", f"{verdict.version}, of {verdict.date}. {reason}"))
    kind = verdict.verdict.replace(" ", "-")
    head = f"{escaped(verdict.claim)} <strong>{escaped(verdict.verdict)}</strong>"
    return f'<div class="camgan-verdict {kind}"><p>{head}</p><dl>{"".join(lines)}</dl></div>'


def _text(name: str, text: str) -> str:
    """A part of a card as HTML; of those in LISTED, what semicolons divide is a list."""
    parts = [escaped(part) for part in (text.split("; ") if name in LISTED else [text])]
    return f"<ul>{''.join(f'<li>{part}</li>' for part in parts)}</ul>" if len(parts) > 1 else parts[0]


def _question(row: dict[str, str]) -> str:
    words = f"{row['question']}: {row['here']}; margin {row['margin']}; shown: {row['answer']} (corrected {row['p']})"
    return f"<li><strong>{row['name']}</strong>, {escaped(words)}</li>"


def _present(verdict: Verdict) -> str:
    return RULES[verdict.letter].fingerprint()


def _line(title: str, content: str) -> str:
    return f"<dt>{title}</dt><dd>{content}</dd>"


def version_table() -> Table:
    """A row per version of each registered rule, the present one first: date, the rule, and why it was changed."""
    rows = []
    for rule in RULES.values():
        present = {"rule": f"({rule.letter}) {rule.version}", "date": f"since {rule.date}", "why": rule.reason}
        rows.append({**present, "said": "on its card above"})
        rows += [
            {
                "rule": f"({rule.letter}) {old.version}",
                "date": f"until {old.until}",
                "said": old.rule,
                "why": old.changed,
            }
            for old in rule.history
        ]
    columns = {
        "rule": ("rule, version", "{}"),
        "date": ("", "{}"),
        "why": ("why changed", "{}"),
        "said": ("rule", "{}"),
    }
    return table(rows, columns, "Versions of the rules")


def verdicts_side_by_side(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> Table:
    """A row per claim, a column per run with the verdict that it recorded (`sides.side_by_side`)."""
    columns = {"claim": ("Claim", "{}"), **{name: (name, "{}") for name in runs}}
    return table(side_by_side(runs), columns, "The verdicts on several sets of photos")


def coverage_table(trial: Mapping[str, Any]) -> Table:
    """A row per procedure of `trials/interval_coverage.py`: how often its 95 % intervals hold the truth, or what its
    test finds.

    `trial`: what the script left, as `published.trial` reads it.
    """
    shown = [
        {
            "procedure": row["procedure"],
            "coverage": f"{row['coverage']:.1%}" if "coverage" in row else "",
            "false": f"{row['false']:.1%}" if "false" in row else "",
            "found": "; ".join(f"{effect}: {share:.0%}" for effect, share in row.get("power", {}).items()),
        }
        for row in trial["rows"]
    ]
    columns = {
        "procedure": ("Procedure", "{}"),
        "coverage": ("intervals that hold the truth", "{}"),
        "false": ("tests that find what is not there", "{}"),
        "found": ("tests that find what is there", "{}"),
    }
    return table(shown, columns, f"{trial['run']['studies']:,} simulated studies of each kind")


def paragraph(text: str) -> HTML:
    """Sentences as one paragraph of HTML."""
    return HTML(f'<p class="camgan-survives">{escaped(text)}</p>')


def survivors(sentences: Sequence[str]) -> HTML:
    """Sentences as a numbered list of HTML."""
    return HTML('<ol class="camgan-survives">' + "".join(f"<li>{escaped(each)}</li>" for each in sentences) + "</ol>")
