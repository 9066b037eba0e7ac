"""Sentences of chapters 8 and 11 follow from paired differences."""

from dataclasses import replace

import numpy as np
import pytest

from camgan_lib.measure import statistics
from camgan_lib.verdicts import controls, recovery

KINDS = ["paper's", "other"]


def over(*values):
    return statistics.over(values, "seed")


def found(papers, other, best="other"):
    rows = zip(KINDS, (papers, other), strict=True)
    return {"best": best, "recovered": {k: {"own": [[m.value] * 4], "hits": [3, 4], "mean": m} for k, m in rows}}


TURNED = {"paper's": over(0.97, 0.99, 0.98), "other": over(0.1, 0.12, 0.08)}


def test_more_is_said_of_a_paired_difference_alone():
    papers, other = over(0.1, 0.3, 0.5), over(0.2, 0.41, 0.6)
    said = recovery.conclusion(found(papers, other), KINDS, TURNED, 0.97)
    assert "On the other 3 seeds its mean correlation is 0.40" in said
    assert "at least 3 of 4 cameras" in said
    every = found(papers, other)
    every["recovered"]["other"]["hits"] = [4, 4]
    assert "each of them all 4 cameras are told" in recovery.conclusion(every, KINDS, TURNED, 0.97)
    assert "that is 0.10 (0.09 to 0.12) more than the paper's of the same small sweep" in said, (
        "intervals overlap, pairs differ"
    )
    assert "two things" in said
    said = recovery.conclusion(found(papers, over(0.4, 0.41, 0.4)), KINDS, TURNED, 0.97)
    assert "has 0.97, above that interval; it is one number" in said


def test_what_is_not_shown_is_not_said():
    papers, other = over(0.1, 0.3, 0.5), over(0.5, 0.1, 0.4)
    said = recovery.conclusion(found(papers, other), KINDS, {**TURNED, "other": over(0.9, 1.0, 0.98)}, 0.3)
    assert "No difference from the paper's is shown" in said
    assert "has 0.30, within that interval" in said
    assert "two things" not in said
    assert "It is the paper's own." in recovery.conclusion(found(papers, other, KINDS[0]), KINDS, TURNED, 0.3)
    one = recovery.conclusion(found(over(0.1), over(0.5)), KINDS, TURNED, 0.3)
    assert "these seeds tell nothing" in one


def test_clauses_name_what_is_shown():
    row = {name: over(-3.0, -3.2, -2.8) for name in controls.LINES} | {"shown": ["quarters_db"]}
    said = controls.lines_differ(row)
    assert said.startswith(
        "weaker at the quarters (−3.0 dB, −3.5 to −2.5); no difference is shown after correction at ½ on an axis"
    )
    shares = {name: over(0.2, 0.3) for name in controls.SHARES} | {"shown": list(controls.SHARES)}
    assert controls.lines_differ(dict.fromkeys(controls.LINES) | {"shown": []}) == "there is no residual to compare"
    assert controls.shares_differ(shares).startswith("more in the test (+25.0 points")


@pytest.mark.parametrize(("p", "said"), [(0.003, "lies further away"), (0.2, "no difference is shown")])
def test_distances_are_told_with_their_size(p, said):
    assert said in controls.distance_sentence(over(0.1, 0.2), p)


def test_a_difference_is_shown_on_either_side_of_zero():
    said = [recovery.finding(each) for each in (over(0.2, 0.21), over(-0.2, -0.21), over(0.2, -0.2), over(0.2))]
    assert said == ["a difference is shown"] * 2 + ["no difference is shown"] * 2


def test_definitions_that_tell_cameras_apart():
    told = statistics.of_units(np.array([0.9, 1.0, 0.8, 0.9]), unit="scene", bounds=(0, 1))
    rows = [{"definition": "a", "told": told, "chance": 0.25}]
    rows += [{"definition": "b", "told": replace(told, value=0.3, low=0.2), "chance": 0.25}]
    said = recovery.definitions_sentence(rows)
    assert said.startswith("An image's camera is told by “a” (90%")
    assert "as far as is shown, by “b”" in said


def test_generators_that_copy_exactly_are_named():
    rows = [{"variant": "transpose3", "l1": 0.01}, {"variant": "no stride", "l1": 0}]
    assert "kind “no stride” learned to return" in controls.copies_exactly(rows)
    assert controls.copies_exactly(rows[:1]) == ""


def test_strides_alone_are_told_where_they_were_taken_away():
    row = {name: over(-3.0, -3.2, -2.8) for name in controls.LINES} | {name: over(0.1, 0.3) for name in controls.SHARES}
    assert "is not in this record" in controls.strides_alone([{**row, "variant": "no stride", "shown": []}])
    said = controls.strides_alone([{**row, "variant": "none", "shown": ["quarters_db"]}])
    assert "Its lines: weaker at the quarters" in said
    assert said.endswith(").")


def sets(identity, cameras):
    several = {"identity": over(*identity), "cameras": over(*cameras), "untrained": over(0.97, 0.98, 0.96)}
    apart, one_more = {}, {}
    for name in ("identity", "untrained"):
        apart[name] = statistics.difference(*(replace(several[each], units=()) for each in ("cameras", name)))
        one_more[name] = statistics.against_networks(several["cameras"], several[name].units, "set")
    kinds = {name: {"auc": each, "l1": each} for name, each in several.items()}
    return {"kinds": kinds, "differences": apart, "one_more": one_more}


def test_sets_that_copy_are_compared_with_those_of_cameras():
    made = controls.sets_made({"run": {"profile": "trial", "steps": 320, "sets": 20}})
    assert made == "that of profile trial, 320 steps; 20 sets of each kind"
    more = controls.of_sets(sets((0.7, 0.71, 0.69), (0.9, 0.91, 0.92)))
    assert "that needs no camera" in more
    assert "more surely, AUC 0.910 (0.885 to 0.935), by +0.210 (" in more
    assert "outside the range" in more
    assert ", by −0.210 (" in controls.of_sets(sets((0.9, 0.91, 0.92), (0.7, 0.71, 0.69)))
    alike = controls.of_sets(sets((0.2, 0.5, 0.8), (0.3, 0.6, 0.7)))
    assert "which learned to copy are told apart by their spectra is not shown" in alike
    assert "no difference is shown" in alike
    names = [row["name"] for row in controls.set_rows(sets((0.7, 0.71, 0.69), (0.9, 0.91, 0.92)))]
    assert names[3:] == ["trained on cameras − learned to copy", "trained on cameras − untrained"]
