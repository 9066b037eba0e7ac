"""A run equals itself; planted differences are found, chance ones seldom; bad input is one sentence."""

import copy
import json
import re

import numpy as np
import pytest

from camgan_lib.base.errors import CamganError
from camgan_lib.book import published
from camgan_lib.measure import statistics
from camgan_lib.measure.estimates import Estimate, read, recorded
from camgan_lib.show.figures import comparison
from camgan_lib.verdicts import compare
from camgan_lib.verdicts.compare import Row
from tests.verdicts.results import e, make


def test_a_run_compared_with_itself_has_no_mark():
    rows = compare.rows(make(), recorded(make()))
    assert len(rows) > 60
    assert not any(row.differs for row in rows)
    assert all(row.both for row in rows)
    assert "0 of 85 estimates" in compare.summary(rows)


def test_every_estimate_is_one_row_however_deep():
    found = compare.values(recorded(make()))
    assert found["style_gan.table1[sim-A].test"] == e(0.95)
    assert found["frequency.original_lines.residual.sim-A.axis_nyquist_db"] == e(1.0, 0.5)
    assert not any(place.endswith((".low", ".high", ".units", ".unit")) for place in found)


def test_planted_differences_are_found_and_no_others():
    other = make()
    other["classifier"]["auxiliary_accuracy"] = e(0.74)
    other["style_gan"]["table1"][1]["test"] = e(0.75)
    other["classifier"]["quantized_accuracy"] = e(0.93)
    other["dataset"]["train_crops"] += 1
    other["frequency"]["norm"] = "instance"
    rows = compare.rows(make(), other)
    assert [row.name for row in rows if row.differs and row.p is not None] == [
        "classifier.auxiliary_accuracy",
        "style_gan.table1[sim-B].test",
    ]
    assert [row.name for row in rows if row.differs and row.p is None] == ["dataset.train_crops", "frequency.norm"]
    said = compare.summary(rows)
    assert said.startswith("2 of ")
    assert "after Holm's correction for all" in said


@pytest.mark.parametrize(
    ("a", "b", "differs"),
    [
        (1.0, 1.009, False),
        (1.0, 1.02, True),
        (0.0, 0.0, False),
        (3, 4, True),
        (1_000_000, 1_000_001, True),
        ("a", "b", True),
        (True, False, True),
        (0.5, "a", True),
        (e(0.9, 0.05), 0.93, True),
        (e(0.9, 0.05), 0.9, False),
        (1.0, None, False),
    ],
)
def test_plain_numbers_and_texts_are_the_same_or_not(a, b, differs):
    assert Row("x", a, b).differs is differs
    assert Row("x", b, a).differs is differs


def of_photos(rng, truth, quality):
    """An estimate of a share by photo: 44 photos of four cameras, whose own shares scatter by `quality`."""
    photo = np.repeat(np.arange(44), 10)
    share = np.clip(truth + quality * rng.normal(size=44), 0, 1)[photo]
    return statistics.by_photo(rng.random(440) < share, photo, photo // 11, bounds=(0, 1))


def run(rng, truths, seed):
    results = make()
    about = {"run": {**results["run"], "seed": seed}, "dataset": results["dataset"]}
    shares = {f"share {number}": of_photos(rng, truth, 0.1) for number, truth in enumerate(truths)}
    seeds = {f"seeds {number}": statistics.over(rng.normal(size=5), "seed") for number in range(len(truths))}
    return {**about, "measured": shares | seeds}


@pytest.mark.slow
def test_two_runs_of_the_same_truth_are_seldom_called_different():
    """Independent seeds: any of 24 estimates is called different in about 5 % of pairs of runs (at most 10 of 100)."""
    truths, rng = np.linspace(0.3, 0.9, 12), np.random.default_rng(0)
    found = [compare.rows(run(rng, truths, 0), run(rng, truths, 1)) for _ in range(100)]
    called = sum(any(row.differs for row in rows if row.name.startswith("measured")) for rows in found)
    assert called <= 10


def test_runs_on_the_same_photos_are_compared_in_pairs():
    rng = np.random.default_rng(1)
    base = rng.random(44)
    first, second = (statistics.of_units(base + gap + 0.01 * rng.normal(size=44), unit="photo") for gap in (0, 0.03))
    results = [{**make(), "measured": {"x": each}} for each in (first, second)]
    apart = copy.deepcopy(results[1])
    apart["run"]["seed"] = 7
    p = [{row.name: row.p for row in compare.rows(results[0], other)}["measured.x"] for other in (results[1], apart)]
    assert p[0] < 0.001 < 0.5 < p[1]


def test_a_run_of_the_old_form_is_compared_by_its_plain_numbers():
    old = {
        "run": make()["run"],
        "classifier": {"auxiliary_accuracy": 0.84, "auxiliary_ci95": [0.8, 0.9], "chance": 0.25},
    }
    rows = {row.name: row for row in compare.rows(make(), old)}
    assert rows["classifier.auxiliary_accuracy"].differs
    assert not rows["classifier.chance"].differs
    assert not rows["classifier.over_colour"].both
    assert compare.summary(list(rows.values())).startswith("The runs have no estimate in common.")


def test_the_table_has_estimates_first_and_separators_in_counts():
    other = make()
    other["classifier"]["auxiliary_accuracy"], other["dataset"]["train_crops"] = e(0.74), 20_000
    text = str(comparison.table(compare.rows(make(), other), "A", "B"))
    lines = text.splitlines()
    assert "31,680" in text
    assert next(line for line in lines if "auxiliary_accuracy" in line).endswith("< 0.001       ≠")
    assert next(line for line in lines if "train_crops" in line).endswith("not the same")
    assert text.index("classifier.auxiliary_accuracy") < text.index("dataset.photos")


def test_of_long_texts_the_table_shows_where_they_begin_to_differ():
    said, other = make(), make()
    before = "the same words in both of the runs, " * 40
    for end in ("stands here" + ", and then more of it" * 9, "stands here", "s"):
        said["dataset"]["rule"], other["dataset"]["rule"] = before + "what A says " + end, before + "what B says " + end
        said["dataset"]["alone"] = before
        lines = str(comparison.table(compare.rows(said, other), "A", "B")).splitlines()
        line = next(line for line in lines if "dataset.rule" in line)
        assert "what A says" in line
        assert "what B says" in line
        assert max(map(len, lines)) < 2 * comparison.LONGEST + 120
        assert "the same words in both" in next(line for line in lines if "dataset.alone" in line)


def test_of_texts_without_blanks_stands_a_part_that_fits_into_a_cell():
    said, other = make(), make()
    said["dataset"]["packed"], other["dataset"]["packed"] = "x" * 30 + "A" * 300, "x" * 30 + "B" * 300
    line = next(
        line for line in str(comparison.table(compare.rows(said, other), "A", "B")).splitlines() if "packed" in line
    )
    parts = re.findall("…x*[AB]+…", line)
    assert len(parts) == 2
    assert all(len(part) <= comparison.UNBROKEN for part in parts)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"a": 1}'])
def test_what_is_no_run_is_one_sentence(tmp_path, content):
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(
        CamganError, match=r"a results\.json, a build folder or the name of a published run was expected"
    ):
        published.read_results(str(path))


def test_a_folder_a_file_and_a_name_are_read_alike_with_estimates_as_such(tmp_path):
    (tmp_path / "results.json").write_text(json.dumps(recorded(make())))
    found = published.read_results(str(tmp_path))
    assert found == published.read_results(str(tmp_path / "results.json")) == make()
    assert isinstance(found["classifier"]["over_colour"], Estimate)
    assert published.read_results("simulated") == read(published.results("simulated"))
