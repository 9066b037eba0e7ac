"""Every claim stands beside what the paper states and the run's number."""

from camgan_lib.verdicts.claims import claims
from tests.verdicts.results import LETTERS, changed, e, make


def test_every_claim_has_a_number_with_interval_and_n():
    found = claims(make())
    assert [each.letter for each in found] == list(LETTERS)
    assert [each.claim[:3] for each in found] == [f"({letter})" for letter in LETTERS]
    here = {each.letter: each.here for each in found}
    assert here["a"] == "rank correlation with edges -0.200 (-0.220 to -0.180), n = 44 photos"
    assert here["b"].startswith("follow edges more closely than 95 % of random filters: 50.0%")
    assert "95.0% / 90.0% of all 10,000 images per camera, as in Table 1" in here["d"]
    assert "94.0% (92.0% to 96.0%), by the 8-bit classifier 88.0% (86.0% to 90.0%), n = 120 scenes." in here["d"]
    assert "as a multiple of those before: 0.010 (0.010 to 0.010), n = 2 generators" in here["f"]
    assert here["g"] == "consistency AUC 0.900 (0.890 to 0.910), n = 1,024 contents"


def test_the_strongest_line_of_all_cameras_and_classes_is_named():
    lines = {"a": {"quarters_db": e(4.0, 0.1)}, "b": {"axis_nyquist_db": e(5.0, 1.0), "quarters_db": e(1.0)}}
    said = claims(changed(frequency__original_lines={"residual": lines}))[-1].here
    assert said.endswith("+5.0 (+4.0 to +6.0), n = 44 photos (b, ½ on the axes, interval for all lines at once)")
    assert claims(changed(frequency__original_lines=None))[-1].here.endswith("were not recorded")
