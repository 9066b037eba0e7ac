"""Every number in the README's results comes from the results.json of a published run."""

import json
import re

import pytest

from camgan_lib.base import paths

README = (paths.ROOT / "README.md").read_text("utf-8")
RUNS = [paths.ROOT / "published" / name / "results.json" for name in ("simulated", "real4")]


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


def rows(results: dict) -> list[str]:
    classifier = results["classifier"]
    shown = [
        f"| {name} | {percent(classifier[f'{key}_accuracy'])} | "
        f"{percent(classifier[f'{key}_ci95'][0])} to {percent(classifier[f'{key}_ci95'][1])} |"
        for name, key in (("auxiliary classifier", "auxiliary"), ("8-bit classifier", "quantized"))
    ]
    shown.append(f"| colour alone | {percent(classifier['colour_only_accuracy'])} | |")
    for row in results["style_gan"]["table1"]:
        shares = " | ".join(percent(row[key]) for key in ("no_style", "train", "test", "transfer"))
        shown.append(f"| {row['camera']} | {shares} | {row['l1']:.3f} |")
    frequency = results["frequency"]
    low, high = frequency["consistency_auc_ci95"]
    shown.append(
        f"| {results['run']['data']} | {frequency['consistency_auc']:.3f} ({low:.3f} to {high:.3f}) | "
        f"{frequency['consistency_auc_untrained']:.3f} | {frequency['consistency_auc_originals']:.3f} |"
    )
    return shown


@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.parent.name)
def test_the_tables_are_those_of_the_run(run):
    for row in rows(json.loads(run.read_text("utf-8"))):
        assert row in README


def test_the_verdicts_are_those_of_the_published_run():
    found = json.loads((paths.ROOT / "published" / "simulated" / "results.json").read_text("utf-8"))["verdict"]
    for each in found["verdicts"]:
        assert f"| {each['claim']} | {each['verdict']} |" in README


def test_no_table_row_has_another_source():
    section = README.split("## Results")[1].split("\n## ")[0]
    numbers = [line for line in section.splitlines() if re.match(r"\|.*\d\.\d", line) and "paper" not in line]
    known = {row for run in RUNS for row in rows(json.loads(run.read_text("utf-8")))}
    assert numbers
    assert set(numbers) <= known
