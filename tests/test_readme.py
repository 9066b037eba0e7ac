"""The numbers on the project's pages come from the records of published runs; the files that the pages name exist."""

import re
import tomllib

import pytest

from camgan_lib.base import paths
from camgan_lib.book import published, report
from tests.verdicts.results import e, make

ARCHITECTURE = (paths.ROOT / "docs" / "architecture.md").read_text("utf-8")
README = (paths.ROOT / "README.md").read_text("utf-8")
TABLES = (paths.ROOT / "docs" / "results.md").read_text("utf-8")


def section(text: str, title: str) -> str:
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("page", report.PAGES)
def test_the_blocks_of_numbers_are_those_of_the_published_runs(page):
    text = (paths.ROOT / page).read_text("utf-8")
    assert report.updated(text) == text, "run 'python -m camgan_lib.book.report'"
    assert {found[2] for found in report.BLOCK.finditer(text)} <= set(report.BLOCKS)


def test_every_block_stands_on_a_page():
    texts = [(paths.ROOT / page).read_text("utf-8") for page in report.PAGES]
    named = {found[2] for text in texts for found in report.BLOCK.finditer(text)}
    assert named == set(report.BLOCKS)


def test_numbers_of_results_stand_in_blocks_alone():
    for text in (section(README, "Results"), TABLES):
        rest = report.BLOCK.sub("", text)
        assert not re.search(r"\d\.\d+%|AUC \d|^\|.*\d\.\d", rest, re.M)


@pytest.mark.parametrize("run", ["simulated", "real4"])
def test_numbers_of_photos_and_crops_are_those_of_the_run(run):
    data = published.results(run)["dataset"]
    assert f"{data['photos']:,} photos" in one_line(TABLES)
    assert re.search(rf"\b{data['test_crops']:,} (test )?crops", TABLES)


def recorded_run():
    results = make()
    verdicts = ["holds", "holds", "void", "holds with limits", "not supported", "void", "void", "not judged"]
    results["verdict"] = {
        "verdicts": [{"letter": letter, "verdict": each} for letter, each in zip("abcdefgh", verdicts, strict=True)]
    }
    recovered = {"a": {"mean": e(0.91)}, "no generator": {"mean": e(0.98)}}
    return results | {"truth": {"recovered": recovered, "best": "a"}}


def test_the_lines_of_results_say_what_the_run_recorded():
    said = re.split(r"(?:^|\n)- ", report.lines(recorded_run()))[1:]
    assert [one_line(each) for each in said] == [
        "The network names the right camera for 94.0% (92.0% to 96.0%) of crops. Colour alone: 30.0%, chance: 25%.",
        "After a camera's generator, 95.0% (93.0% to 97.0%) of pictures are taken for that camera, 90.0% (88.0% to "
        "92.0%) by a second network. Of judges that had no part it turns 70% to 80% of their decisions.",
        "Generators leave a pattern in the spectrum (AUC 0.900 (0.890 to 0.910)). Generators that never saw a camera "
        "leave one too (AUC 0.500 (0.490 to 0.510)).",
        "So the paper's main evidence is void: such a pattern does not show that the network works on frequency.",
        "Without frequencies above 0.25 cycles/pixel the network loses 64.0 points (62.0 to 66.0) of accuracy, without "
        "those below 20.0 points (18.0 to 22.0).",
        "Of the paper's 8 claims 2 hold, 1 holds with limits, 1 is not supported, 3 are void and 1 is not judged.",
        "A generator can recover a camera's true spectrum (correlation 0.91). The crops' mean spectrum, without any "
        "generator, has 0.98.",
    ]


def test_tables_show_intervals_where_a_run_has_them():
    assert "| auxiliary classifier | 94.0 | 92.0 to 96.0 |" in report.accuracies(make())
    assert "| sim-A | 25.0 | 99.0 | 95.0 | 90.0 | 0.030 |" in report.table1(make())
    assert "| simulated cameras | 0.900 (0.890 to 0.910) | 0.500" in report.pattern(make())


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
    made_by_a_run = {"results.json", "croissant.json"}
    invented = {each for each in named if re.search(r"\bname\.|_name\.", each)}
    folders = (paths.ROOT, paths.ROOT / "camgan_lib", paths.ROOT / "camgan_lib" / "show" / "widgets")
    for each in named - invented - made_by_a_run:
        assert any((folder / each).exists() for folder in folders), each
