"""The verdict on each claim of the paper: a rule that is stated, applied to a run's numbers and controls.

Verdicts: "holds"; "holds with limits": as stated, but a control shows that it says less than it seems; "not
supported": the measured interval does not agree with the claim; "void": a control without what the claim is about
gives the same, so that the observation can't bear on it.
"""

from dataclasses import dataclass
from typing import Any

from camgan_lib.verdicts.claims import (
    Claim,
    Results,
    claims,
    colours_kept,
    edge_filters,
    largest_distance,
    single_segments,
    strongest_line,
)
from camgan_lib.verdicts.wording import Interval, percent, plain

HOLDS, LIMITS, UNSUPPORTED, VOID = "holds", "holds with limits", "not supported", "void"
ENDS = ("", "_low", "_high")
LINE = 3.0
"""Decibels above its surroundings from which a bin counts as a line."""

SEEN = 0.15
"""Largest L1 distance to the input that leaves content visible."""

CHANCE_FILTERS = 0.05
"""Share of random filters that follow edges, by the definition of the threshold."""

COLOUR_LOST = 0.05
"""Share of the differences between pure colours below which colour counts as lost."""


@dataclass(frozen=True)
class Verdict(Claim):
    """A claim with its number here, the control beside it, the rule, and the verdict that follows."""

    control: str
    rule: str
    verdict: str


def verdicts(results: Results) -> list[Verdict]:
    """The verdicts on claims (a) to (h), in order, from the recorded results of all chapters."""
    rules = (_saliency, _filters, _lime, _fooling, _content, _colours, _pattern, _originals)
    return [Verdict(**vars(claim), **rule(results)) for claim, rule in zip(claims(results), rules, strict=True)]


def counts(found: list[Verdict]) -> dict[str, int]:
    """How many claims got each verdict."""
    return {kind: sum(each.verdict == kind for each in found) for kind in (HOLDS, LIMITS, UNSUPPORTED, VOID)}


def _saliency(results: Results) -> dict[str, str]:
    found = results["explanations"]
    high, gap_high = found["saliency_edge_ci95"][1], found["saliency_edge_difference_ci95"][1]
    blank = (found["saliency_edge_correlation_randomised"], *found["saliency_edge_randomised_ci95"])
    if high >= 0:
        verdict = UNSUPPORTED
    elif blank[2] < 0 and gap_high >= 0:
        verdict = VOID
    else:
        verdict = LIMITS if blank[2] < 0 or gap_high >= 0 else HOLDS
    last = list(results["causes"]["cascade"].values())[-1]
    return {
        "control": f"a network with random weights: {plain(blank, '{:+.3f}')}; its maps correlate by {last:.2f} with "
        "the trained network's",
        "rule": "not supported unless the interval lies below zero; void if random weights avoid edges, too, and not "
        "less; with limits if they do so less, or the difference may be none",
        "verdict": verdict,
    }


def _filters(results: Results) -> dict[str, str]:
    return {
        "control": "random filters: 5 %, by the definition of the threshold",
        "rule": "holds if the interval lies above 5 %; not supported otherwise",
        "verdict": HOLDS if edge_filters(results)[1] > CHANCE_FILTERS else UNSUPPORTED,
    }


def _lime(results: Results) -> dict[str, str]:
    found = results["explanations"]
    stable = found["lime_stability"]
    return {
        "control": f"on a grid: agreement between seeds {stable:.2f}, R² on fresh samples {found['lime_r2_fresh']:.2f}",
        "rule": "void if more than half of the crops are one segment, on which LIME can't but look random; else holds "
        "where seeds agree by less than ½",
        "verdict": VOID if single_segments(results)[1] > 0.5 else HOLDS if stable < 0.5 else UNSUPPORTED,
    }


def _fooling(results: Results) -> dict[str, str]:
    turned, n = results["causes"]["turned"], results["causes"]["images"]
    fooled, kept = (tuple(turned["generator"][judge]) for judge in ("auxiliary", "quantized"))
    universal, universal_kept = (tuple(turned["universal"][judge]) for judge in ("auxiliary", "quantized"))
    judge, other, other_universal = _other_judge(results)
    if fooled[1] <= 0.5 or kept[1] <= 0.5:
        verdict = UNSUPPORTED
    else:
        verdict = HOLDS if other[1] > 0.5 and universal_kept[2] < kept[1] else LIMITS
    return {
        "control": f"of images that were not taken for the camera, generators turn: test {percent(fooled)}, transfer "
        f"{percent(kept)}, n = {n} images per camera; one pattern of the same norm for all images: "
        f"{percent(universal)}, {percent(universal_kept)}; by the {judge} judge generators turn {percent(other)}, the "
        f"pattern {percent(other_universal)}",
        "rule": "not supported unless generators turn more than half of the images, in test and in transfer; with "
        "limits if that judge is not turned in more than half of the cases, or the pattern transfers as well",
        "verdict": verdict,
    }


def _other_judge(results: Results) -> tuple[str, Interval, Interval]:
    """The judge least like the classifier, its name and the shares that generators and the universal pattern turn.

    It is one trained on other photos, if it has judged these very networks, or else the one that sees spectra alone.
    """
    causes = results["causes"]
    judged_these = set(causes["independent"]["networks"]) == set(causes["networks"])
    name, by = ("independent", causes["independent"]) if judged_these else ("spectral", causes)
    generator, universal = (tuple(by["turned"][kind][name]) for kind in ("generator", "universal"))
    return name, generator, universal


def _content(results: Results) -> dict[str, str]:
    controls: dict[str, Any] = results["controls"]
    distances, own = controls["distances"]["transpose3"], controls["cameras"] == results["dataset"]["cameras"]
    control = (
        f"residuals of other cameras are {distances['ratio']:.2f} times as far apart as those of one camera trained "
        f"anew (p = {distances['p']:.4f}, {controls['seeds']} seeds)"
    )
    if not own:
        control = "no generators of other seeds on these data: camgan sweep sweeps/upsampling.yml --data DIR"
    seen = largest_distance(results) <= SEEN
    return {
        "control": control,
        "rule": f"not supported if L1 exceeds {SEEN}; with limits unless cameras lie further apart than seeds "
        "(p < 0.05)",
        "verdict": UNSUPPORTED if not seen else HOLDS if own and distances["p"] < 0.05 else LIMITS,
    }


def _colours(results: Results) -> dict[str, str]:
    normed = results["frequency"]["pure_colour_instance_norm"]
    kept, forced = colours_kept(results), max(normed)
    return {
        "control": f"untrained generators with Gated-GAN's instance normalisation keep at most {forced:.1e}, "
        f"n = {len(normed)}",
        "rule": "void if Gated-GAN's normalisation alone, untrained, keeps less than 5 %: then it is forced, whatever "
        "was learned; else holds if trained generators keep less than 5 %",
        "verdict": VOID if forced < COLOUR_LOST else HOLDS if kept < COLOUR_LOST else UNSUPPORTED,
    }


def _pattern(results: Results) -> dict[str, str]:
    found, causal = results["frequency"], results["causes"]["causal"]
    low = found["consistency_auc_ci95"][0]
    untrained = (found["consistency_auc_untrained"], *found["consistency_auc_untrained_ci95"])
    without, everything = (tuple(causal[f"{name}{end}"] for end in ENDS) for name in ("without_high", "all"))
    if low <= 0.5:
        verdict = UNSUPPORTED
    elif untrained[2] >= low:
        verdict = VOID
    else:
        verdict = HOLDS if untrained[1] <= 0.5 and without[2] < everything[1] else LIMITS
    return {
        "control": f"generators that were never trained: {plain(untrained, '{:.3f}')}; what does bear on it: without "
        f"frequencies above {causal['radius']} cycles/pixel {percent(without)} of real crops are right, with all "
        f"{percent(everything)}",
        "rule": "not supported if the interval holds ½; void if untrained generators are told apart as surely; with "
        "limits if they are told apart at all, or real crops are as often right without high frequencies",
        "verdict": verdict,
    }


def _originals(results: Results) -> dict[str, str]:
    single, varied = (strongest_line(results, name) for name in ("residual", "log_variance"))
    blank = results["frequency"]["log_variance_no_style"]
    seen = varied[1] > max(LINE, blank)
    return {
        "control": f"in the spectrum of the log-variance {plain(varied, '{:+.1f}')} dB; of no-style images "
        f"{blank:+.1f} dB",
        "rule": f"not supported if a camera's line lies above {LINE:.0f} dB with its interval; with limits if that of "
        "the log-variance does, and above no-style images",
        "verdict": UNSUPPORTED if single[1] > LINE else LIMITS if seen else HOLDS,
    }
