"""Tables of chapter 6: the paper's claims and its scale beside the run's."""

from typing import Any

from camgan_lib import paper
from camgan_lib.figures.style import Table, table


def claim_table(claims: list[dict[str, str]]) -> Table:
    """The rows of `claims.claims`."""
    heads = {"claim": "claim", "paper": "the paper", "here": "this run", "reading": "reading"}
    return table(claims, {key: (head, "{}") for key, head in heads.items()})


def scale_table(results: dict[str, dict[str, Any]]) -> Table:
    """Size and accuracy of the run beside the paper's."""
    data, classifier = results["dataset"], results["classifier"]
    rows = [
        ("photos", data["photos"], len(paper.CAMERAS) * paper.PHOTOS_PER_CAMERA, "{:,}"),
        ("test photos", data["test_photos"], len(paper.CAMERAS) * paper.TEST_PHOTOS_PER_CAMERA, "{:,}"),
        ("training crops", data["train_crops"], paper.TRAIN_CROPS, "{:,}"),
        ("test crops", data["test_crops"], paper.TEST_CROPS, "{:,}"),
        ("auxiliary classifier", classifier["auxiliary_accuracy"], paper.AUXILIARY_ACCURACY, "{:.2%}"),
        ("test classifier (8-bit)", classifier["test_accuracy"], paper.TEST_ACCURACY, "{:.2%}"),
    ]
    shown = [
        {"what": what, "here": form.format(here), "paper": form.format(stated)} for what, here, stated, form in rows
    ]
    return table(shown, {"what": ("", "{}"), "here": ("this run", "{}"), "paper": ("the paper", "{}")})
