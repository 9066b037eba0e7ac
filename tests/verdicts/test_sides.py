"""Verdicts of several runs side by side, and of runs that recorded none or older ones."""

from dataclasses import asdict

from camgan_lib.verdicts import rules, sides
from tests.verdicts.results import changed, e, make


def test_runs_stand_side_by_side():
    found = [asdict(each) for each in rules.verdicts(make())]
    other = [asdict(each) for each in rules.verdicts(changed(explanations__lime_single_segment=e(0.9)))]
    old = [{"claim": each["claim"], "verdict": "holds"} for each in found]
    later = [{**each, "version": 99} for each in found]
    rows = sides.side_by_side({"here": found, "b": other, "old": old, "none": [], "later": later})
    assert len(rows) == 8
    assert rows[2]["claim"] == "(c) LIME looks random"
    assert [rows[2][name] for name in ("here", "b", "old", "none", "later")] == [
        "holds",
        "void",
        sides.OLDER,
        "–",
        "by version 99",
    ]
    said = sides.everywhere({"here": found, "b": other, "old": old})
    assert said.startswith(
        "The same in all 2 runs that have verdicts by the present rules on all claims: (a) holds, (b) holds, (d) holds"
    )
    assert "Fewer than two" in sides.everywhere({"here": found, "old": old})
