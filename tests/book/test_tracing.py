"""What stands behind a glued number is read from the code that glued it."""

import json

import pytest

from camgan_lib.book import chapters
from camgan_lib.book.tracing import Source, sources_of_glued

PARAMETERS = {"published_run": "real4", "seed": 0}


def behind(*cells, upstream=()):
    """Key → "kind name" of each source, for cells of (text, keys)."""
    found = sources_of_glued(cells, PARAMETERS, upstream)
    return {key: sorted(f"{each.kind} {each.name}" for each in sources) for key, sources in found.items()}


@pytest.mark.parametrize(
    ("value", "sources"),
    [
        ("1 / len(data)", []),
        ('run.classifier("auxiliary")', ["network auxiliary"]),
        ("run.train_classifiers()", ["networks classifier"]),
        ('[run.generator(name) for name in ("a", "b")]', ["networks generator"]),
        ("run.judges()", ["networks judge"]),
        ('run.results("dataset")["accuracy"]', ["chapter dataset"]),
        ('published.trial("removal")["rows"]', ["trial removal"]),
        ('published.sweep("truth", run.build)', ["sweep truth"]),
        ("published.results(published_run)", ["published real4"]),
        ('{n: published.sweep(n, run.build) for n in ("a", "b")}', ["sweep a", "sweep b"]),
    ],
)
def test_each_way_to_a_result_is_a_source(value, sources):
    assert behind((f'glue("x", {value}, display=False)', ["x"])) == {"x": sources}
    assert behind(("found = " + value, []), ('glue("x", f"{found:.1%}")', ["x"])) == {"x": sources}


def test_sources_follow_the_variables_through_cells():
    made = 'data, model = run.dataset(), run.classifier("quantized")\ntrial = published.trial("removal")'
    code = 'rows = [ask(model, each) for each in data]\nrows += trial["rows"]\nglue("both", rows)\nglue("one", data)'
    assert behind((made, []), (code, ["both", "one"])) == {"both": ["network quantized", "trial removal"], "one": []}


def test_a_chapters_result_is_that_of_the_chapter_named():
    made = "results = {name: run.results(name) for name in UPSTREAM}"
    code = 'glue("a", results["dataset"]["photos"])\nglue("b", verdicts(results))'
    found = behind((made, []), (code, ["a", "b"]), upstream=("dataset", "classifier"))
    assert found == {"a": ["chapter dataset"], "b": ["chapter classifier", "chapter dataset"]}


def test_names_that_a_loop_makes_have_the_sources_of_what_it_goes_through():
    code = """
for name, text in words(published.trial("interval_coverage")).items():
    glue(name, text)
for name in ("a", "b"):
    glue(f"no_{name}", run.judges())
glue("no_c", 1)
"""
    found = behind((code, ["studies", "no_a", "no_b", "no_c"]))
    assert found == {
        "studies": ["trial interval_coverage"],
        "no_a": ["networks judge"],
        "no_b": ["networks judge"],
        "no_c": [],
    }


def test_a_variable_that_is_assigned_anew_forgets():
    cells = ('x = published.trial("a")\nglue("first", x)', ["first"]), ('x = 1\nglue("then", x)', ["then"])
    assert behind(*cells) == {"first": ["trial a"], "then": []}


@pytest.mark.parametrize(
    ("chapter", "key", "source"),
    [
        ("classifier", "auxiliary_accuracy", Source("networks", "classifier")),
        ("classifier", "trial_forensic", Source("trial", "identification")),
        ("style_gan", "table1_mean_test", Source("networks", "generator")),
        ("summary", "mean_test", Source("chapter", "style_gan")),
        ("controls", "free_fooled", Source("sweep", "upsampling")),
        ("causes", "bands_all", Source("network", "auxiliary")),
        ("other_question", "second_colour", Source("published", "jpeg")),
    ],
)
def test_the_chapters_code_is_followed(chapter, key, source):
    cells = json.loads(chapters.source(chapter).read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    given = {"published_run": "resampling", "second_run": "jpeg"}
    found = set()
    for last in range(len(code)):
        asked = [*((text, []) for text in code[:last]), (code[last], [key])]
        found |= sources_of_glued(asked, given, chapters.UPSTREAM[chapter])[key]
    assert source in found
