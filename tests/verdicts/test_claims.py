"""Every claim stands beside what the paper states and the run's number, also for runs that recorded less."""

import pytest

from camgan_lib.book import published
from camgan_lib.verdicts.claims import claims, strongest_line


@pytest.mark.parametrize("run", ["simulated", "real4", "resampling"])
def test_every_published_run_has_a_number_for_every_claim(run):
    found = claims(published.results(run))
    assert [each.claim[:3] for each in found] == [f"({letter})" for letter in "abcdefgh"]
    assert all(each.paper and any(sign.isdigit() for sign in each.here) for each in found)


def test_numbers_are_the_recorded_ones_with_interval_and_n():
    results = published.results("simulated")
    here = {each.claim[1]: each.here for each in claims(results)}
    assert here["a"] == "rank correlation with edges -0.141 (-0.164 to -0.120), n = 1,320 crops, by photo"
    assert here["b"].startswith("25.0% (10.2% to 49.5%)")
    first = results["style_gan"]["table1"][0]
    assert here["d"].startswith(f"test (transfer) {first['test']:.1%} ({first['transfer']:.1%}), ")
    assert here["d"].endswith("n = 10,000 images per camera")
    assert here["g"] == "consistency AUC 0.846 (0.837 to 0.855), n = 1,024 images per camera"
    assert here["h"].endswith("+5.8 (+5.0 to +6.6) dB, by photo")


def test_what_a_run_did_not_record_is_left_out():
    here = {each.claim[1]: each.here for each in claims(published.results("real4"))}
    assert "n =" not in here["a"] + here["c"] + here["g"] + here["h"]
    assert here["c"].endswith("% of crops")
    assert here["h"].endswith("+4.4 dB")


def test_the_strongest_line_is_the_one_whose_interval_begins_highest():
    lines = {"a": [6.0, 1.0, 11.0], "b": [5.0, 4.0, 6.0]}
    assert strongest_line({"frequency": {"residual_lines": lines}}, "residual") == (5.0, 4.0, 6.0)
