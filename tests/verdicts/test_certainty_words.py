"""What chapter 2 says of certainty follows from the numbers."""

import pytest

from camgan_lib.measure.statistics import of_count
from camgan_lib.verdicts.certainty import conclusion, words


@pytest.mark.parametrize(
    ("right", "photos", "said"),
    [
        (
            3,
            6,
            "6 test photos do not show more than the same name for every photo (25%)",
        ),
        (6, 6, "6 test photos show that a photo is named rightly in more than 54% of cases, and not more than that."),
        (36, 36, "36 test photos show that a photo is named rightly in more than 90% of cases."),
        (80, 100, "100 test photos show that a photo is named rightly in more than 71% of cases."),
    ],
)
def test_an_accuracy_is_shown_as_far_as_its_interval_reaches(right, photos, said):
    text = conclusion(of_count(right, photos, "photo"), 0.25)
    assert text.startswith(said)
    assert ("36 test photos or more are needed, even if all are right" in text) == (photos < 36)


def test_numbers_of_the_diagram_and_of_photos_are_told():
    found = {
        "photos": 20,
        "judged": True,
        "whole": {"error": 0.034},
        **{name: of_count(hits, 20, "photo") for name, hits in (("right", 18), ("none", 1), ("wrong", 1))},
        "before": {"error": 0.123},
        "after": {"error": 0.021},
    }
    text = words(found)
    assert "lies 12.3 points from the share that is right on average, and 2.1 points once it is calibrated" in text
    assert "for whole photos it lies 3.4 points from it" in text
    assert "of 20 test photos are named rightly, 5.0% (0.1% to 24.9%) are taken for none of these" in text


def test_too_few_photos_are_not_judged():
    assert words({"photos": 3, "judged": False}).startswith("3 test photos are too few to say how sure the answers are")
