"""The numbers in README.md and docs/results.md come from the results.json of a published run; the files that the pages
name exist."""

import json
import re
import statistics
import tomllib
from collections import Counter

import pytest

from camgan_lib.base import paths

ARCHITECTURE = (paths.ROOT / "docs" / "architecture.md").read_text("utf-8")
README = (paths.ROOT / "README.md").read_text("utf-8")
TABLES = (paths.ROOT / "docs" / "results.md").read_text("utf-8")
RUNS = [paths.ROOT / "published" / name / "results.json" for name in ("simulated", "real4")]
SIMULATED = json.loads(RUNS[0].read_text("utf-8"))
VERDICTS = SIMULATED["verdict"]["verdicts"]
SURVIVES = SIMULATED["verdict"]["survives"]


def section(text: str, title: str) -> str:
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def one_line(text: str) -> str:
    return " ".join(text.split())


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


# --- docs/results.md


@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.parent.name)
def test_the_tables_are_those_of_the_run(run):
    for row in rows(json.loads(run.read_text("utf-8"))):
        assert row in TABLES


def test_no_table_row_has_another_source():
    numbers = [line for line in TABLES.splitlines() if re.match(r"\|.*\d\.\d", line) and "paper" not in line]
    known = {row for run in RUNS for row in rows(json.loads(run.read_text("utf-8")))}
    assert numbers
    assert set(numbers) <= known


def test_the_verdicts_are_those_of_the_published_run():
    table = re.findall(r"^\| (\([a-h]\) .*) \| (.*) \|$", section(TABLES, "The trial"), re.M)
    assert table == [(each["claim"], each["verdict"]) for each in VERDICTS]


def test_what_survives_is_in_the_words_of_the_published_run():
    sentences = re.split(r"\n- ", section(TABLES, "What survives"))[1:]
    assert [one_line(each) for each in sentences] == SURVIVES


@pytest.mark.parametrize("run", RUNS, ids=lambda path: path.parent.name)
def test_numbers_of_photos_and_crops_are_those_of_the_run(run):
    data = json.loads(run.read_text("utf-8"))["dataset"]
    assert f"{data['photos']:,} photos" in one_line(TABLES)
    assert re.search(rf"\b{data['test_crops']:,} (test )?crops", TABLES)


# --- README.md


def expected_lines() -> list[str]:
    """The README's lines of results, with the numbers of the published run on simulated cameras."""
    classifier, table1, frequency = (SIMULATED[name] for name in ("classifier", "style_gan", "frequency"))
    table1 = table1["table1"]
    low, high = classifier["auxiliary_ci95"]
    test, transfer = (statistics.fmean(row[key] for row in table1) for key in ("test", "transfer"))
    without_high = re.search(r"above (.*?) cycles/pixel it is right in (.*?%)", SURVIVES[1])
    recovered = re.search(r"mean correlation of (0\.\d+)", SURVIVES[3])[1]
    by_mean = re.search(r"does as well or better: (0\.\d+)\.", SURVIVES[3])[1]
    counts = Counter(each["verdict"] for each in VERDICTS)
    return [
        f"The network names the right camera for {percent(classifier['auxiliary_accuracy'])}% "
        f"({percent(low)}% to {percent(high)}%) of crops. "
        f"Colour alone: {percent(classifier['colour_only_accuracy'])}%, chance: {classifier['chance']:.0%}.",
        f"After a camera's generator, {percent(test)}% of pictures are taken for that camera, "
        f"{percent(transfer)}% by a second network.",
        f"Generators leave a pattern in the spectrum (AUC {frequency['consistency_auc']:.3f}). "
        f"Generators that never saw a camera leave one too (AUC {frequency['consistency_auc_untrained']:.3f}).",
        f"The network does need high frequencies: without those above {without_high[1]} cycles/pixel "
        f"it is right in {without_high[2]} of crops.",
        f"Of the paper's {len(VERDICTS)} claims {counts['holds']} hold, {counts['holds with limits']} hold with "
        f"limits, {counts['void']} are void, {counts['not supported']} is not supported.",
        f"A generator can recover a camera's true spectrum (correlation {recovered}), "
        f"but the crops' mean spectrum does as well ({by_mean}).",
    ]


def test_the_lines_of_results_have_the_numbers_of_the_published_run():
    said = [one_line(each) for each in re.split(r"\n- ", section(README, "Results"))[1:]]
    assert [each for each in said if re.search(r"\d", each)] == expected_lines()


def test_void_is_the_verdict_on_the_main_evidence():
    (verdict,) = [each["verdict"] for each in VERDICTS if each["claim"].startswith("(g)")]
    assert f"the paper's main evidence is {verdict}:" in one_line(README)


def test_the_readme_fits_and_its_links_lead_somewhere():
    assert len(README.splitlines()) <= 110
    for page in (paths.ROOT / "README.md", *(paths.ROOT / "docs").glob("*.md"), paths.ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"(?:\]\(|src=\")([^)#:\"]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


# --- docs/architecture.md


def test_the_architecture_names_the_packages_in_the_order_of_the_contract():
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text("utf-8"))
    (layers,) = [each["layers"] for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    assert re.findall(r"^\| `(\w+)` \|", section(ARCHITECTURE, "Packages"), re.M) == layers[::-1]
    assert f"    {' --> '.join(layers[::-1])}\n" in ARCHITECTURE


def test_the_files_that_the_architecture_names_exist():
    named = set(re.findall(r"`((?:\w+/)*_?\w+\.(?:py|js|json|yml|md|ipynb|toml))`", ARCHITECTURE))
    made_by_a_run = {"results.json"}
    invented = {each for each in named if re.search(r"\bname\.|_name\.", each)}
    folders = (paths.ROOT, paths.ROOT / "camgan_lib", paths.ROOT / "camgan_lib" / "show" / "widgets")
    for each in named - invented - made_by_a_run:
        assert any((folder / each).exists() for folder in folders), each
