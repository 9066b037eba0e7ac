"""Aims for a generator that has a camera's style, set before it was trained, and whether they are reached."""

from dataclasses import replace
from typing import Any

import numpy as np

from camgan_lib.measure import extraction, statistics
from camgan_lib.measure.estimates import Estimate
from camgan_lib.networks.camera_generator import CameraGenerator
from camgan_lib.networks.camera_stages import REACH, TIED
from camgan_lib.networks.recipes import JUDGES

JUDGED, EACH, AUXILIARY, EIGHT_BIT = 0.92, 0.85, 0.97, 0.95
RECOVERED, LINE_DB, TOLD, L1, WEIGHTS = 0.85, 2.0, 0.05, 0.055, 60_000
"""The aims: least shares, least correlation, largest distance of a line in dB, largest share above the oracle's,
largest L1, most weights."""

KINDS = {"by_judge": "the judge", "by_camera": "the camera"}
"""Of which groups of shares the least is asked."""

COLUMNS = {
    "aim": ("Aim", "{}"),
    "asked": ("Asked", "{}"),
    "found": ("Generator", "{}"),
    "oracle": ("Oracle", "{}"),
    "outcome": ("Outcome", "{}"),
}
"""The columns of a table of `aims`."""

LINES = {"axis_nyquist_db": "axes", "diagonal_nyquist_db": "diagonal"}
"""The lines of the log-variance that are asked for, by their key."""

BILINEAR = "sim-A-bilinear"
"""The camera whose mosaic shows most in them."""


def aims(found: dict[str, Any], oracle: dict[str, Any], crops: dict[str, Any], weights: int) -> list[dict[str, Any]]:
    """A row per aim: what was `asked`, what was `found`, the `oracle`'s, and the `outcome`.

    `found`: `extraction.over_seeds` of the generators that report; `oracle`: the same of the oracle; `crops`: camera →
    line → dB of the cameras' own crops; `weights`: how many numbers a generator learned. An aim is reached if the whole
    interval lies on its side, missed if it lies on the other, and open otherwise. Intervals of judges, and of cameras,
    hold for all of them at once. Without an interval, as of one seed, an aim is open.
    """
    share = "{:.1%}"
    rows = [_row("independent judges turned", "at least", JUDGED, found["judges"], oracle["judges"], share)]
    for kind, name in KINDS.items():
        least = min(found[kind], key={name: share.value for name, share in found[kind].items()}.__getitem__)
        title = f"… {name} turned least ({least})"
        rows.append(_row(title, "at least", EACH, found[kind][least], oracle[kind][least], share))
    rows += [
        _row("auxiliary classifier turned", "at least", AUXILIARY, found["auxiliary"], oracle["auxiliary"], share),
        _row("8-bit classifier turned", "at least", EIGHT_BIT, found["quantized"], oracle["quantized"], share),
        _row("spectrum recovered (r)", "at least", RECOVERED, found["recovered"], oracle["recovered"], "{:.2f}"),
    ]
    for key, name in LINES.items():
        own = crops[BILINEAR][key]
        far, of_oracle = (_from(each["lines"][BILINEAR][key], own) for each in (found, oracle))
        rows.append(_row(f"log-variance, {name}, from the crops' (dB)", "within", LINE_DB, far, of_oracle, "{:+.1f}"))
    told = oracle["told"].value + TOLD
    rows += [
        _row("a fresh classifier is right", "at most", told, found["told"], oracle["told"], share),
        _row("L1", "at most", L1, found["l1"], oracle["l1"], "{:.3f}"),
    ]
    outcome = "reached" if weights <= WEIGHTS else "missed"
    return [
        *rows,
        {"aim": "numbers learned", "asked": f"at most {WEIGHTS:,}", "found": f"{weights:,}", "outcome": outcome},
    ]


def aims_of(trial: dict[str, Any]) -> list[dict[str, Any]]:
    """`aims` of the best generators in the record of `trials/extraction.py`."""
    rows = trial["rows"]
    weights = max(row["weights"] for row in rows if row["variant"] == extraction.BEST)
    best, oracle = extraction.by_variant(rows)[extraction.BEST], extraction.over_seeds([trial["oracle"]])
    return aims(best, oracle, trial["crops"]["lines"], weights)


def _from(estimate: Estimate, zero: float) -> Estimate:
    ends = {name: getattr(estimate, name) - zero for name in ("value", "low", "high")}
    return replace(estimate, units=(), strata=(), **ends)


def _row(aim: str, side: str, asked: float, found: Estimate, oracle: Estimate, form: str) -> dict[str, Any]:
    low, high = found.low, found.high
    if side == "at least":
        inside, outside = low >= asked, high < asked
    elif side == "at most":
        inside, outside = high <= asked, low > asked
    else:
        inside, outside = max(abs(low), abs(high)) <= asked, low > asked or high < -asked
    outcome = "open" if not found.known else "reached" if inside else "missed" if outside else "open"
    return {
        "aim": aim,
        "asked": f"{side} {form.replace('+', '').format(asked)}",
        "found": form.format(found),
        "oracle": form.format(oracle),
        "outcome": outcome,
    }


def aims_sentence(rows: list[dict[str, Any]]) -> str:
    """How many aims are reached, and which are not."""
    by = {outcome: [row["aim"] for row in rows if row["outcome"] == outcome] for outcome in ("open", "missed")}
    reached = len(rows) - len(by["open"]) - len(by["missed"])
    said = f"{reached} of {len(rows)} aims are reached."
    if by["missed"]:
        said += f" Missed: {', '.join(by['missed'])}."
    if by["open"]:
        said += f" Not decided by these seeds: {', '.join(by['open'])}."
    return said


def grid_sentence(rows: list[dict[str, Any]], found: dict[str, dict[str, Any]], oracle: dict[str, Any]) -> str:
    """In what share of images JPEG's grid is found: of the best generators, the oracle, and generators without blocks.

    `rows` of the trial, and `found`, their `extraction.by_variant`. Those that have a reading have blocks.
    """
    blocks = {row["variant"] for row in rows if "reading" in row}
    asked = {name: row["grid"] for name, row in found.items() if "grid" in row}
    said = f"The grid is found in {asked[extraction.BEST]:.1%} of the images of generators built as cameras"
    said += f", and in {oracle['grid'].value:.1%} of the oracle's."
    others = {name: share.value for name, share in asked.items() if name not in blocks}
    if others:
        said += f" Of generators without blocks it is found in at most {max(others.values()):.1%}"
        said += f" (“{max(others, key=others.__getitem__)}”)."
    return said


def share_of(shares: list[float]) -> Estimate:
    return extraction.over_trainings(np.array([shares]), bounds=extraction.SHARES)


def removed_sentence(rows: list[dict[str, Any]]) -> str:
    """How often independent judges are right before, and after each way to remove a trace (rows: `removed`)."""
    first, *ways = rows
    said = [f"Independent judges are right in {first['judges']:.1%} of untouched crops."]
    said += [f"After “{row['variant']}”: {row['judges']:.1%}, at L1 {row['l1']:.3f}." for row in ways]
    return " ".join(said)


def removed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row per way to remove a trace, of the rows of `trials/removal.py`: how often each judge is still right, and L1.

    Estimates over seeds where there are several; plain numbers of ways that draw nothing. `judges`: the mean of the
    independent judges.
    """
    found = []
    for name in dict.fromkeys(row["variant"] for row in rows):
        own = [row for row in rows if row["variant"] == name]
        right = [{judge: share.value for judge, share in row["right"].items()} for row in own]
        numbers = {
            "judges": [np.mean([by[judge] for judge in JUDGES]) for by in right],
            "auxiliary": [by["auxiliary"] for by in right],
            "quantized": [by["quantized"] for by in right],
        }
        shares = {key: share_of(each) if len(own) > 1 else each[0] for key, each in numbers.items()}
        l1 = statistics.over([row["l1"] for row in own], "seed") if len(own) > 1 else own[0]["l1"]
        found.append({"variant": name, "n": len(own), **shares, "l1": l1})
    return found


def answer(found: dict[str, dict[str, Any]], oracle: dict[str, Any]) -> str:
    """What generators built as cameras reach, and what they do not, beside the oracle (`extraction.by_variant`)."""
    best = found[extraction.BEST]
    return (
        f"Independent judges are turned by {best['judges']:.1%} of their images ({oracle['judges'].value:.1%} of the "
        f"oracle's), and the cameras' spectra come back with r = {best['recovered']:.2f} (the oracle's: "
        f"{oracle['recovered'].value:.2f}). A classifier that is trained for it tells their images from the oracle's "
        f"in {best['told_oracle']:.0%} of cases, where 50% is chance."
    )


def terms(trial: dict[str, Any]) -> list[dict[str, Any]]:
    """A row per kind of images and variant that can be read: terms of the loss, means over cameras and seeds.

    `trial`: the record of `trials/extraction.py`. The terms of what the cameras make themselves come last.
    """
    held = [row for row in trial["rows"] if "terms" in row and "told" in row and "reading" in row]
    by_variant: dict[str, dict[str, list[dict[str, float]]]] = {}
    for variant, of in [(row["variant"], row["terms"]) for row in held] + list(trial["terms"].items()):
        for images, by_camera in of.items():
            by_variant.setdefault(variant, {}).setdefault(images, []).extend(by_camera.values())
    found = []
    for images in dict.fromkeys(name for of in by_variant.values() for name in of):
        for variant, of in by_variant.items():
            if own := of.get(images):
                means = {term: float(np.mean([by[term] for by in own])) for term in own[0]}
                found.append({"images": images, "variant": variant, **means})
    return found


def words(trial: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, str]:
    """The words of the chapter, by name: `trial` is the record of `trials/extraction.py`, `rows` those that report."""
    stages = extraction.weights(CameraGenerator(4, 0))
    above = {
        name: " to ".join(f"{of(by.values()):+.1f}".replace("-", "−") for of in (min, max))
        for name, by in trial["content"].items()
    }
    found = extraction.by_variant(trial["rows"])
    told = {"told": extraction.BEST, "told_alone": extraction.ALONE, "told_own": extraction.OWN}
    return {
        "best": extraction.BEST,
        "seeds": str(len(rows)),
        "judged": f"{trial['run']['judged']:,}",
        "stage_weights": str(stages),
        "network_weights": f"{max(row['weights'] for row in rows) - stages:,}",
        "tied_weights": str(TIED),
        "free_weights": str(8 * (2 * REACH + 1) ** 2),
        "above": above["no-style images"],
        "flat_above": above["flat images"],
        "whole_above": above["whole scenes"],
        **{name: f"{found[variant]['told_oracle']:.0%}" for name, variant in told.items()},
    }
