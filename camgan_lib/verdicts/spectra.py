"""Sentences of chapter 5, each by a test that its function states."""

from collections.abc import Mapping, Sequence
from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.spectrum import CLASSES
from camgan_lib.measure.statistics import holm, p_above
from camgan_lib.verdicts.wording import joined

LEVEL = 0.05
BINS = dict(zip(CLASSES, ("½ on the axes", "½ on the diagonal", "quarters", "odd eighths"), strict=True))
"""Classes of bins as readers see them."""


def place(line: str) -> str:
    """Where a line of `lines.of_photos` lies, as readers see it: "axis_nyquist_db" is that at "½ on the axes"."""
    return BINS[line.removesuffix("_db")]


def untrained_sentence(difference: Estimate) -> str:
    """Whether the AUC of trained generators lies outside what one more set of untrained ones would have.

    `difference`: `statistics.against_networks` of the trained ones' AUC; its interval decides.
    """
    by = f"{difference.value:+.3f} ({difference.low:+.3f} to {difference.high:+.3f})"
    if difference.low > 0:
        return f"spectra of trained generators tell their class more often than those of untrained ones, by {by}"
    if difference.high < 0:
        return f"spectra of trained generators tell their class less often than those of untrained ones: {by}"
    return f"trained generators are not told apart from one more set of untrained ones: the difference is {by}"


def lines_words(rows: Sequence[dict[str, Any]], beyond: Sequence[dict[str, Any]]) -> dict[str, str]:
    """What chapter 5 says of trained generators' lines: `beyond`, `at_eighths` and `coherent`, by the sentences below.

    `rows`: of each generator its `name`, `lines.line_report` and `lines.of_photos`; `beyond`: `lines.beyond` of them.
    """
    at_eighths, coherent = eighths_sentence(rows), coherent_sentence(rows)
    return {"beyond": beyond_sentence(beyond), "at_eighths": at_eighths, "coherent": coherent}


def beyond_sentence(rows: Sequence[dict[str, Any]]) -> str:
    """Which lines of trained generators lie outside what untrained ones draw: p below LEVEL after Holm's correction.

    `rows`: those of `lines.beyond`.
    """
    sides: dict[str, list[dict[str, Any]]] = {"weaker": [], "stronger": []}
    for row in rows:
        if row["p"] < LEVEL:
            sides["stronger" if row["difference"].value > 0 else "weaker"].append(row)
    if not any(sides.values()):
        return f"none of the {len(rows)} lines of trained generators lies outside what untrained generators draw"
    words = [
        f"{len(found)} {'is' if len(found) == 1 else 'are'} {side} ({_places(found)})"
        for side, found in sides.items()
        if found
    ]
    return f"of the {len(rows)} lines of trained generators, {joined(words)} than what untrained generators draw"


def _places(rows: Sequence[dict[str, Any]]) -> str:
    """How many generators' lines there are at each class of bins."""
    counts = {c: sum(row["bins"] == c for row in rows) for c in CLASSES}
    return joined([f"{count} at {BINS[c]}" for c, count in counts.items() if count])


def eighths_sentence(rows: Sequence[dict[str, Any]]) -> str:
    """Whether trained generators draw lines at odd eighths: p of a strength above 0, corrected by Holm's method.

    `rows`: the strengths of each trained generator (`lines.of_photos`), each with its `name`.
    """
    strengths = {row["name"]: row["odd_eighths_db"] for row in rows}
    p = holm({name: p_above(each, 0.0) for name, each in strengths.items()})
    found = [f"{name} ({strengths[name]:+.1f} dB)" for name in strengths if p[name] < LEVEL / 2]
    return f"lines at odd eighths are shown in {joined(found)}" if found else "no generator is shown to draw them"


def coherent_sentence(rows: Sequence[dict[str, Any]]) -> str:
    """In which classes of bins a generator's residuals are coherent: above `lines.critical_coherence`.

    `rows`: `lines.line_report` of each trained generator.
    """
    above = {c: sum(row[f"{c}_coherence"] > row[f"{c}_critical_coherence"] for row in rows) for c in CLASSES}
    words = joined([f"{count} of {len(rows)} generators at {BINS[c]}" for c, count in above.items()])
    return f"phases are shown to be shared among images in {words}"


def variance_sentence(more: Mapping[str, Mapping[str, Estimate]]) -> str:
    """In which cameras a line of the log-variance is shown to be stronger than the same line of the residual.

    `more`: camera → line → the difference in dB, photo by photo. The intervals hold for all cameras and lines at once.
    Of a camera with several such lines, the one whose interval begins highest is named.
    """
    best = {camera: max(found.items(), key=lambda each: each[1].low) for camera, found in more.items()}
    found = [f"{camera} ({place(line)}, {each.value:+.1f} dB)" for camera, (line, each) in best.items() if each.low > 0]
    if not found:
        return "In no camera is a line of the log-variance shown to be stronger than the same line of the residual."
    return f"A line of the log-variance is stronger than the same line of the residual in {joined(found)}."
