"""Writes the numbers of published runs into the pages that show them: `python -m camgan_lib.book.report`.

Each block of numbers stands between the comments `<!-- numbers: NAME -->` and `<!-- end -->`.
"""

import json
import re
import textwrap
from collections.abc import Callable
from typing import Any

from camgan_lib.base import paths
from camgan_lib.book import published
from camgan_lib.measure.estimates import Estimate
from camgan_lib.verdicts import extraction as verdict_on_extraction
from camgan_lib.verdicts import paper, sides
from camgan_lib.verdicts.rule import HOLDS, KINDS, LIMITS, VOID
from camgan_lib.verdicts.wording import joined, points

Results = dict[str, Any]
PAGES = ("README.md", "docs/results.md", "published/README.md")
BLOCK = re.compile(r"(<!-- numbers: (\w+) -->\n)(.*?)(\n<!-- end -->)", re.S)
RUNS = {
    "simulated": "simulated cameras",
    "real4": "real cameras",
    "resampling": "resizing filters",
    "jpeg": "JPEG quality",
}
"""Published runs in the order of the tables, and what readers call their classes."""
AUCS = ("stylised", "untrained", "originals")


def main() -> None:
    """Brings all pages up to date and says which have changed."""
    for page in PAGES:
        path = paths.ROOT / page
        before = path.read_text("utf-8")
        after = updated(before)
        path.write_text(after, "utf-8")
        print(f"{page}: {'written' if after != before else 'unchanged'}")


def updated(text: str) -> str:
    """A page with each of its blocks made from the published runs."""
    return BLOCK.sub(lambda found: found[1] + _block(found[2]) + found[4], text)


def _block(name: str) -> str:
    make, run = BLOCKS[name]
    return make(published.results(run))


def _percent(share: Estimate | float) -> str:
    return f"{100 * (share.value if isinstance(share, Estimate) else share):.1f}"


def _interval(share: Estimate) -> str:
    return f"{100 * share.low:.1f} to {100 * share.high:.1f} " if share.known else ""


def accuracies(results: Results) -> str:
    """Rows of accuracies per crop with their intervals, in percent."""
    found, names = results["classifier"], {"auxiliary": "auxiliary classifier", "quantized": "8-bit classifier"}
    names |= {"colour_only": "colour alone"}
    rows = [
        f"| {words} | {_percent(found[f'{key}_accuracy'])} | {_interval(found[f'{key}_accuracy'])}|"
        for key, words in names.items()
    ]
    rows.append(f"| paper: auxiliary, 8-bit | {paper.AUXILIARY_ACCURACY:.2%}, {paper.QUANTIZED_ACCURACY:.2%} | |")
    return "\n".join(["| | right per crop (%) | 95 % interval |", "|---|---|---|", *rows])


def table1(results: Results) -> str:
    """Rows of Table 1: shares in percent, L1."""
    rows = ["| camera | no style (%) | train (%) | test (%) | transfer (%) | L1 |", "|---|---|---|---|---|---|"]
    for row in results["style_gan"]["table1"]:
        shares = " | ".join(_percent(row[key]) for key in ("no_style", "train", "test", "transfer"))
        rows.append(f"| {row['camera']} | {shares} | {row['l1'].value:.3f} |")
    for stated in paper.TABLE1:
        shares = " | ".join(_percent(stated[key]) for key in ("train", "test", "transfer"))
        rows.append(f"| paper: {stated['camera']} | – | {shares} | – |")
    return "\n".join(rows)


def pattern(results: Results) -> str:
    """The table of consistency: a row of this run and one of the run on real cameras."""
    runs = {"simulated": results, "real4": published.results("real4")}
    head = "| | stylised images (95 % interval) | untrained generators | cameras' own crops |\n|---|---|---|---|"
    return "\n".join([head, *(_auc(name, each) for name, each in runs.items())])


def _auc(name: str, results: Results) -> str:
    found = results["frequency"]["consistency"]
    return f"| {RUNS[name]} | {' | '.join(f'{found[key]:.3f}' for key in AUCS)} |"


def trial(_: Results) -> str:
    """The table of verdicts on all published runs, and which are the same in all."""
    recorded = published.verdicts()
    runs = {words: recorded[name] for name, words in RUNS.items()}
    rows = [f"| {' | '.join(row.values())} |" for row in sides.side_by_side(runs)]
    return "\n".join(
        [f"| claim | {' | '.join(runs)} |", "|---" * (len(runs) + 1) + "|", *rows, "", sides.everywhere(runs)]
    )


def extraction(_: Results) -> str:
    """The table of aims for a generator that has a camera's style, and how many are reached."""
    rows = verdict_on_extraction.aims_of(published.trial("extraction"))
    columns = verdict_on_extraction.COLUMNS
    head = f"| {' | '.join(title for title, _ in columns.values())} |\n{'|---' * len(columns)}|"
    said = textwrap.fill(verdict_on_extraction.aims_sentence(rows), 120, break_on_hyphens=False)
    lines = [f"| {' | '.join(str(row.get(key, '–')) for key in columns)} |" for row in rows]
    return "\n".join([head, *lines, "", said])


def survives(results: Results) -> str:
    """What survives, in the words of the run."""
    return "\n".join(_bullet(each) for each in results["verdict"]["survives"])


def made(_: Results) -> str:
    """The table of where all that is published was made, with the minutes of what the last renewal made."""
    folder = paths.published_folder()
    noted = json.loads((folder / "made.json").read_text("utf-8"))
    rows = []
    for path in published.files():
        name = path.parent if path.name == "results.json" else path.with_suffix("")
        commits, devices = published.made_at(path)
        known = commits == [noted["commit"]] and name.name in noted["seconds"]
        minutes = f"{noted['seconds'][name.name] / 60:.0f}" if known else "–"
        at = commits[0] if len(commits) == 1 else f"{len(commits)} commits"
        rows.append(f"| {name.relative_to(folder)} | {at} | {joined(devices) or '–'} | {minutes} |")
    return "\n".join(["| what | commit | on | minutes |", "|---|---|---|---|", *rows])


def lines(results: Results) -> str:
    """The README's lines of results."""
    found, frequency, causes = results["classifier"], results["frequency"], results["causes"]
    fooled = results["style_gan"]
    verdicts = {each["letter"]: each["verdict"] for each in results["verdict"]["verdicts"]}
    auc, causal = frequency["consistency"], causes["causal"]
    said = [
        f"The network names the right camera for {found['auxiliary_accuracy']:.1%} of crops. "
        f"Colour alone: {found['colour_only_accuracy'].value:.1%}, chance: {found['chance']:.0%}.",
        f"After a camera's generator, {fooled['mean_test']:.1%} of pictures are taken for that camera, "
        f"{fooled['mean_transfer']:.1%} by a second network.{_judges(causes)}",
        f"Generators leave a pattern in the spectrum (AUC {auc['stylised']:.3f}). "
        f"Generators that never saw a camera leave one too (AUC {auc['untrained']:.3f}).",
        _evidence(verdicts["g"]),
        f"Without frequencies above {causal['radius']} cycles/pixel the network loses {points(causal['lost_high'])} of "
        f"accuracy, without those below {points(causal['lost_low'])}.",
        f"Of the paper's {len(verdicts)} claims {_counted(list(verdicts.values()))}.",
        _recovered(results["truth"]),
    ]
    return "\n".join(_bullet(each) for each in said)


def _judges(causes: Results) -> str:
    """Of how many images independent judges change their mind, in the words of the README."""
    turned = (causes.get("independent") or {}).get("turned", {}).get("generator", {})
    shares = [turned[name].value for name in (causes.get("independent") or {}).get("judges", {}) if name in turned]
    if not shares:
        return ""
    least, most = f"{min(shares):.0%}", f"{max(shares):.0%}"
    return (
        f" Of judges that had no part it turns {least if least == most else f'{least} to {most}'} of their decisions."
    )


def _evidence(verdict: str) -> str:
    if verdict == VOID:
        return "So the paper's main evidence is void: such a pattern does not show that the network works on frequency."
    return f"The verdict on the paper's main evidence is: {verdict}."


def _counted(verdicts: list[str]) -> str:
    words = {kind: ("is " if verdicts.count(kind) == 1 else "are ") + kind for kind in KINDS}
    words |= {HOLDS: "hold", LIMITS: "hold with limits"}
    if verdicts.count(HOLDS) == 1:
        words[HOLDS] = "holds"
    if verdicts.count(LIMITS) == 1:
        words[LIMITS] = "holds with limits"
    return joined([f"{verdicts.count(kind)} {words[kind]}" for kind in KINDS if kind in verdicts])


def _recovered(truth: Results) -> str:
    recovered = truth["recovered"]
    by_crops = next(name for name in recovered if name.startswith("no generator"))
    best, crops = (recovered[name]["mean"].value for name in (truth["best"], by_crops))
    return (
        f"A generator can recover a camera's true spectrum (correlation {best:.2f}). The crops' mean spectrum, without "
        f"any generator, has {crops:.2f}."
    )


def _bullet(text: str) -> str:
    return textwrap.fill(text, 120, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)


BLOCKS: dict[str, tuple[Callable[[Results], str], str]] = {
    "lines": (lines, "simulated"),
    "simulated_accuracies": (accuracies, "simulated"),
    "simulated_table1": (table1, "simulated"),
    "pattern": (pattern, "simulated"),
    "real4_accuracies": (accuracies, "real4"),
    "real4_table1": (table1, "real4"),
    "trial": (trial, "simulated"),
    "survives": (survives, "simulated"),
    "extraction": (extraction, "simulated"),
    "made": (made, "simulated"),
}
"""Name of a block → what makes it, from the results of which published run."""


if __name__ == "__main__":
    main()
