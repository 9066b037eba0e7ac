"""Every number that the book's text, a caption or the README writes in digits comes from somewhere that can be named.

It is glued, or marked as a paper's or as a definition ({paper}, {definition}), or in a record; else it must be the name
of something (`NAMES`), the end of a scale (`ENDS`), or stand in code, a formula, a link or a heading of a glossary.
"""

import importlib.util
import json
import re
import tomllib

import pytest

from camgan_lib.base import paths
from camgan_lib.book import chapters, published, report
from camgan_lib.measure import extraction
from camgan_lib.networks import resnet
from camgan_lib.verdicts import accuracy, compare, paper

spec = importlib.util.spec_from_file_location("landing", paths.ROOT / "book" / "_ext" / "landing.py")
landing = importlib.util.module_from_spec(spec)
spec.loader.exec_module(landing)
SOURCES = {path.name: path for path in [*chapters.sources().values(), *sorted(paths.book_folder().glob("*.md"))]}
README = (paths.ROOT / "README.md").read_text("utf-8")
ROLE = re.compile(r"\{([\w:]+)\}`([^`]+)`")
MARKS = ("paper", "definition", "result")
SKIPPED = (
    r"<!--.*?-->",
    r"^```+(?:\{(?:math|raw|bibliography)\}.*?|\w+)\n.*?^```+$",  # code and formulas in blocks
    r"\$\$.*?\$\$|\$[^$\n]+\$",
    r"``[^`]+``|`[^`]+`",
    r"\]\([^)]*\)|https?://\S+|\b\w+=\"\d+\"",
    r"^```+\{[\w-]+\}.*$|^:\w+:.*$",  # the head of a directive, whose text is prose
    r"^\d+\. ",
)
NAMES = (
    r"\b(?:Figures?|Tables?|[Cc]hapters?|versions?|[Vv]ersion|seeds?|Python|code) \d[\d.]*(?:(?:, | and | to )\d+)*",
    r"(?<![\w.])[\w-]*[A-Za-z][\w-]*\d[\w-]*|\b\d+(?:-[a-z]+| bits?\b)",  # ResNet-20, CIFAR-10, L1, 8-bit, 16 bits
    r"\b\d+ ?× ?\d+\b",  # a size in pixels
    r"\b95 % (?:prediction )?intervals?\b|\bNote 3\b",  # what the glossary explains; a camera
    r"\b(?:19|20)\d\d (?=[A-Z])",  # the year of an event
    r"\b\d:\d:\d\b",  # a way of chroma subsampling
)
ENDS = r"(?<![\d.,])[−-]?[01](?![\d.,]*\d| ?%)"
"""What a measure is at worst, by chance or at best."""
NUMBER = re.compile(r"[+−-]?\d(?:[\d.,]*\d)?(?: ?%)?")


def prose(path) -> str:
    """The text of a page, or of a chapter's cells with its captions."""
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        parts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        return "\n\n".join([*parts, *re.findall(r'"caption": "((?:[^"\\]|\\.)*)"', text)])
    return re.sub(r"^\S.*\n(?=  \S)", "", text, flags=re.M) if path.name == "glossary.md" else text


def marked(text: str, mark: str) -> list[str]:
    return [content for role, content in ROLE.findall(text) if role == mark]


def untraced(text: str) -> list[str]:
    """The numbers of a text that need a mark and have none, each with the words around it."""
    text = ROLE.sub("", text)
    for pattern in (*SKIPPED, *NAMES, ENDS):
        text = re.sub(pattern, "", text, flags=re.S | re.M)
    return [" ".join(text[max(0, n.start() - 40) : n.end() + 20].split()) for n in NUMBER.finditer(text)]


@pytest.mark.parametrize("name", SOURCES)
def test_every_number_in_prose_is_glued_or_marked(name):
    assert untraced(prose(SOURCES[name])) == []


def test_every_number_on_the_first_page_is_put_in_or_marked():
    text = landing.FINDING.replace("{{", "{").replace("}}", "}")
    assert untraced(text) == []
    assert re.findall(r"\d", ROLE.sub("", text)) == []


def test_the_papers_numbers_are_those_of_its_list_and_none_of_them_is_idle():
    used = {number for path in SOURCES.values() for number in marked(prose(path), "paper")}
    assert used == set(paper.STATED)


@pytest.mark.parametrize(
    ("page", "definition"),
    [
        ("compare.md", f"{100 * compare.ALPHA:.0f} %"),
        ("compare.md", f"{100 * compare.ROUNDING:.1f} %"),
        ("02_classifier.ipynb", f"{2 * resnet.LEVELS + 1}"),
        ("04_style_gan.ipynb", f"{100 * accuracy.FOOLED:.0f} %"),
        ("14_extraction.ipynb", f"{extraction.BATCH}"),
        ("14_extraction.ipynb", f"{extraction.CHOOSING - 1}"),
    ],
)
def test_a_definition_that_repeats_a_constant_of_the_code_is_that_constant(page, definition):
    assert definition in marked(prose(SOURCES[page]), "definition")


def test_a_mark_marks_a_number():
    for path in SOURCES.values():
        for mark in MARKS:
            assert [each for each in marked(prose(path), mark) if not re.search(r"\d", each)] == [], path.name


def test_every_number_of_the_readme_stands_in_a_record():
    """Blocks of results are made from the published runs (see test_readme); the rest stands in these records."""
    recorded = one_line(report.BLOCK.sub("", re.sub(r"^ {4}.*$", "", README, flags=re.M)))
    for phrase in readme_phrases():
        assert phrase in recorded, phrase
        recorded = recorded.replace(phrase, "")
    assert untraced(recorded) == []


def readme_phrases() -> list[str]:
    """What the README says outside its blocks, with numbers from the records that hold them."""
    run = published.results("simulated")
    made = json.loads((paths.published_folder() / "made.json").read_text("utf-8"))
    disk = json.loads((paths.ROOT / "benchmarks" / "disk.json").read_text("utf-8"))
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [
        f"You need Python {project['requires-python'].removeprefix('>=')}",
        f"The published run took {made['seconds']['simulated'] / 60:.0f} minutes on two cores",
        f"`.venv` takes {disk['environment'] / 1e9:.0f} GB",
        f"leave {disk['for_gpus_alone'] / 1e9:.0f} GB of it out",
        f"(seed {run['run']['seed']}; intervals: {100 * run['classifier']['auxiliary_accuracy'].level:.0f} %)",
    ]


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "The network is right on 93.9 % of crops.",
        "It takes 25 minutes.",
        "An AUC of 0.970 (0.962 to 0.978).",
        "Of 8 claims 2 hold.",
        "It loses −9.1 points, in 1.5 cases.",
        "Only 1 % and 0.1 are left.",
        "| right | 94.0 |",
        "- 1,320 crops",
    ],
)
def test_a_typed_result_is_found(text):
    assert len(untraced(text)) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "{glue:text}`accuracy:.1%` of {glue:text}`crops`, {paper}`92.6 %`, {definition}`95 %`",
        "Figure 7 and Table 1; chapter 5; versions 2 and 3; seeds 2 to 5; Python 3.11; exit code 2",
        "ResNet-20, CIFAR-10, L2, 8-bit weights, 16 bits per channel, crops of 32×32 pixels, 4:2:0, the 2018 Cup",
        "1: the same, 0: chance, values below −1, 1/n",
        "`epochs=20`, $q \\in [-127, 127]$, [a link](https://a.b/12), two of four cameras, ½ cycle",
        "```bash\nrun 12\n```\n\n```{math}\n:label: a\n2 x\n```\n\n1. first",
    ],
)
def test_names_code_and_marked_numbers_are_let_pass(text):
    assert untraced(text) == []
