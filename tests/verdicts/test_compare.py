"""A run equals itself; planted differences are found, chance ones are not; bad input is one sentence."""

import copy
import json

import numpy as np
import pytest

from camgan_lib.base.errors import CamganError
from camgan_lib.book import published
from camgan_lib.measure import statistics
from camgan_lib.verdicts import compare
from camgan_lib.verdicts.compare import Row, Value


@pytest.fixture
def run():
    return published.results("simulated")


def test_a_run_compared_with_itself_has_no_mark(run):
    rows = compare.rows(run, copy.deepcopy(run))
    assert len(rows) > 100
    assert not any(row.differs for row in rows)


def test_intervals_go_to_the_numbers_that_they_belong_to(run):
    found = compare.values(run)
    low, high = run["classifier"]["auxiliary_ci95"]
    assert found["classifier.auxiliary_accuracy"] == Value(run["classifier"]["auxiliary_accuracy"], low, high)
    assert found["classifier.auxiliary_photo_accuracy"].low is None
    assert found["frequency.consistency_auc"].low == run["frequency"]["consistency_auc_ci95"][0]
    randomised = found["explanations.saliency_edge_correlation_randomised"]
    assert randomised.low == run["explanations"]["saliency_edge_randomised_ci95"][0]
    assert not any(place.endswith("_ci95") and "difference" not in place for place in found)


def test_a_share_of_table_1_has_the_interval_of_as_many_images_as_were_judged(run):
    camera = run["dataset"]["cameras"][0]
    run["style_gan"]["train_judged"] = 100
    found = compare.values(run)
    train, test = (found[f"style_gan.table1[{camera}].{column}"] for column in ("train", "test"))
    assert train.half == pytest.approx(np.diff(statistics.wilson(train.value, 100)) / 2)
    assert test.half == pytest.approx(np.diff(statistics.wilson(test.value, 10_000)) / 2)
    del run["style_gan"]["train_judged"]
    assert compare.values(run)[f"style_gan.table1[{camera}].train"].low is None


def test_planted_differences_are_found_and_no_others(run):
    other = copy.deepcopy(run)
    other["classifier"]["auxiliary_accuracy"] -= 0.2
    other["style_gan"]["table1"][1]["test"] -= 0.1
    other["dataset"]["test_crops"] += 1
    other["dataset"]["split"] = "date"
    places = [row.name for row in compare.rows(run, other) if row.differs]
    camera = run["dataset"]["cameras"][1]
    assert sorted(places) == sorted(
        [
            "classifier.auxiliary_accuracy",
            f"style_gan.table1[{camera}].test",
            "dataset.test_crops",
            "dataset.split",
        ]
    )


@pytest.mark.parametrize(
    ("a", "b", "differs"),
    [
        (Value(0.90, 0.87, 0.93), Value(0.94, 0.91, 0.97), False),
        (Value(0.90, 0.87, 0.93), Value(0.95, 0.92, 0.98), True),
        (Value(0.90, 0.87, 0.93), Value(0.92), False),
        (Value(0.94), Value(0.90, 0.87, 0.93), True),
        (Value(1.0), Value(1.009), False),
        (Value(1.0), Value(1.02), True),
        (Value(0.0), Value(0.0), False),
        (Value(3), Value(4), True),
        (Value("a"), Value("b"), True),
        (Value(None), Value(None), False),
        (Value(1.0), None, True),
    ],
)
def test_the_rule(a, b, differs):
    assert Row("x", a, b).differs is differs
    assert Row("x", b, a).differs is differs


def test_two_samples_of_one_rate_seldom_differ():
    """The rule of quadrature on two 95 % intervals errs in about 5 % of cases."""
    rng = np.random.default_rng(0)
    shares = rng.binomial(400, 0.8, (2000, 2)) / 400
    marked = [Row("x", *(Value(float(s), *statistics.wilson(float(s), 400)) for s in pair)).differs for pair in shares]
    assert 0.03 < np.mean(marked) < 0.07


@pytest.mark.parametrize("content", [None, "{", "[]", '{"a": 1}'])
def test_what_is_no_run_is_one_sentence(tmp_path, content):
    path = tmp_path / "results.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(
        CamganError, match=r"a results\.json, a build folder or the name of a published run was expected"
    ):
        published.read_results(str(path))


def test_a_folder_a_file_and_a_name_are_read_alike(tmp_path, run):
    (tmp_path / "results.json").write_text(json.dumps(run))
    assert (
        published.read_results(str(tmp_path))
        == published.read_results(str(tmp_path / "results.json"))
        == published.read_results("simulated")
    )
