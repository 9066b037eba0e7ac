"""The verdict on each claim of the paper, computed from a run's numbers by rules that are stated with it.

Verdicts: "holds"; "holds with limits": as stated, but a control shows that it says less than it seems; "not
supported": the measured interval does not agree with the claim; "void": a control without what the claim is about
gives the same, so that the observation can't bear on it.
"""

from dataclasses import dataclass
from typing import Any

from camgan_lib.measure.statistics import wilson
from camgan_lib.verdicts import paper
from camgan_lib.verdicts.wording import percent, plain

HOLDS, LIMITS, UNSUPPORTED, VOID = "holds", "holds with limits", "not supported", "void"
FIRST_LAYER_FILTERS = 16
ENDS = ("", "_low", "_high")
LINE = 3.0
"""Decibels above its surroundings from which a bin counts as a line."""

SEEN = 0.15
"""Largest L1 distance to the input that leaves content visible."""


@dataclass(frozen=True)
class Verdict:
    """One claim: what the paper says, the number here with its interval and n, the control beside it, and the rule."""

    claim: str
    paper: str
    here: str
    control: str
    rule: str
    verdict: str


def verdicts(results: dict[str, dict[str, Any]]) -> list[Verdict]:
    """The verdicts on claims (a) to (h), in order, from the recorded results of all chapters."""
    makers = (_saliency, _filters, _lime, _fooling, _content, _colours, _pattern, _originals)
    return [make(results) for make in makers]


def _saliency(results: dict) -> Verdict:
    found = results["explanations"]
    low, high = found["saliency_edge_ci95"]
    gap_high = found["saliency_edge_difference_ci95"][1]
    random_low, random_high = found["saliency_edge_randomised_ci95"]
    if high >= 0:
        verdict = UNSUPPORTED
    elif random_high < 0 and gap_high >= 0:
        verdict = VOID
    else:
        verdict = LIMITS if random_high < 0 or gap_high >= 0 else HOLDS
    own = (found["saliency_edge_correlation"], low, high)
    blank = (found["saliency_edge_correlation_randomised"], random_low, random_high)
    last = list(results["causes"]["cascade"].values())[-1]
    return Verdict(
        "(a) saliency avoids edges and prefers smooth areas",
        "16 maps, by eye",
        f"rank correlation with edges {plain(own, '{:+.3f}')}, n = {found['saliency_crops']} crops, by photo",
        f"a network with random weights: {plain(blank, '{:+.3f}')}; its maps correlate by {last:.2f} with the trained "
        "network's",
        "not supported unless the interval lies below zero; void if random weights avoid edges, too, and not less; "
        "with limits if they do so less, or the difference may be none",
        verdict,
    )


def _filters(results: dict) -> Verdict:
    share = results["explanations"]["edge_filter_share"]
    interval = (share, *wilson(share, FIRST_LAYER_FILTERS))
    return Verdict(
        "(b) some filters look for edges",
        "one figure, by eye",
        f"{percent(interval)} of the first layer's filters follow edges, n = {FIRST_LAYER_FILTERS}",
        "random filters: 5 %, by the definition of the threshold",
        "holds if the interval lies above 5 %; not supported otherwise",
        HOLDS if interval[1] > 0.05 else UNSUPPORTED,
    )


def _lime(results: dict) -> Verdict:
    found = results["explanations"]
    share, n = found["lime_default_single_segment_share"], found["lime_segment_crops"]
    single = (share, *wilson(share, n))
    stable = found["lime_stability"]
    return Verdict(
        "(c) LIME looks random",
        "one figure, by eye",
        f"LIME's default has one single segment on {percent(single)} of crops, n = {n}",
        f"on a grid: agreement between seeds {stable:.2f}, R² on fresh samples {found['lime_r2_fresh']:.2f}",
        "void if more than half of the crops are one segment, on which LIME can't but look random; else holds where "
        "seeds agree by less than ½",
        VOID if single[1] > 0.5 else HOLDS if stable < 0.5 else UNSUPPORTED,
    )


def _fooling(results: dict) -> Verdict:
    turned = results["causes"]["turned"]
    fooled, kept = (tuple(turned["generator"][judge]) for judge in ("auxiliary", "test"))
    universal, universal_kept = (tuple(turned["universal"][judge]) for judge in ("auxiliary", "test"))
    judge, by_judge = _other_judge(results)
    other, other_universal = (tuple(by_judge[kind][judge]) for kind in ("generator", "universal"))
    if fooled[1] <= 0.5 or kept[1] <= 0.5:
        verdict = UNSUPPORTED
    else:
        verdict = HOLDS if other[1] > 0.5 and universal_kept[2] < kept[1] else LIMITS
    stated = ", ".join(f"{row['test']:.0%} ({row['transfer']:.0%})" for row in paper.TABLE1)
    return Verdict(
        "(d) generators fool the classifier far above chance and mostly transfer",
        f"test (transfer) {stated}",
        f"of images that were not taken for the camera, turned: test {percent(fooled)}, transfer {percent(kept)}, "
        f"n = {results['causes']['images']} images per camera",
        f"one pattern of the same norm for all images: {percent(universal)}, {percent(universal_kept)}; by the "
        f"{judge} judge generators turn {percent(other)}, the pattern {percent(other_universal)}",
        "not supported unless both turn more than half; with limits if that judge is not turned in more than half of "
        "the cases, or the pattern transfers as well",
        verdict,
    )


def _other_judge(results: dict) -> tuple[str, dict[str, dict[str, Any]]]:
    """The judge least like the classifier, and what it says: one trained on other photos, if it has judged these very
    networks, or else the one that sees spectra alone."""
    causes = results["causes"]
    if set(causes["independent"]["networks"]) == set(causes["networks"]):
        return "independent", causes["independent"]["turned"]
    return "spectral", causes["turned"]


def _content(results: dict) -> Verdict:
    rows = results["style_gan"]["table1"]
    largest = max(row["l1"] for row in rows)
    apart, n = results["controls"]["apart"]["transpose3"], results["style_gan"]["nostyle_test"]
    control = (
        f"residuals of other cameras are {apart['ratio']:.2f} times as far apart as those of one camera trained anew "
        f"(p = {apart['p']:.4f}, {results['controls']['seeds']} seeds)"
    )
    if (own := results["controls"]["cameras"] == results["dataset"]["cameras"]) is False:
        control = "no generators of other seeds on these data: camgan sweep sweeps/upsampling.yml --data DIR"
    verdict = UNSUPPORTED if largest > SEEN else HOLDS if own and apart["p"] < 0.05 else LIMITS
    return Verdict(
        "(e) content stays visible, colour and artefacts change per class",
        "one figure, by eye",
        f"L1 to the input at most {largest:.3f} of 2, n = {n:,} images per camera",
        control,
        f"not supported if L1 exceeds {SEEN}; with limits unless cameras lie further apart than seeds (p < 0.05)",
        verdict,
    )


def _colours(results: dict) -> Verdict:
    found = results["frequency"]
    kept = max(row["kept"] for row in found["pure_colour_spread"])
    normed = max(found["pure_colour_instance_norm"])
    verdict = VOID if normed < 0.05 else HOLDS if kept < 0.05 else UNSUPPORTED
    return Verdict(
        "(f) pure colours come out almost zero, so colour is not the key",
        "one figure, by eye",
        f"{kept:.1%} of the differences between pure colours kept (normalisation: {found['norm']}), n = 10 colours",
        f"untrained generators with Gated-GAN's instance normalisation keep at most {normed:.1e}, "
        f"n = {len(found['pure_colour_instance_norm'])}",
        "void if Gated-GAN's normalisation alone, untrained, keeps less than 5 %: then it is forced, whatever was "
        "learned; else holds if trained generators keep less than 5 %",
        verdict,
    )


def _pattern(results: dict) -> Verdict:
    found, causal = results["frequency"], results["causes"]["causal"]
    own = (found["consistency_auc"], *found["consistency_auc_ci95"])
    untrained = (found["consistency_auc_untrained"], *found["consistency_auc_untrained_ci95"])
    without, everything = (tuple(causal[f"{name}{end}"] for end in ENDS) for name in ("without_high", "all"))
    if own[1] <= 0.5:
        verdict = UNSUPPORTED
    elif untrained[2] >= own[1]:
        verdict = VOID
    else:
        verdict = HOLDS if untrained[1] <= 0.5 and without[2] < everything[1] else LIMITS
    return Verdict(
        "(g) the FFT of stylised images has a pattern per class, so the classifier works on frequency",
        "64 spectra per class, by eye",
        f"consistency AUC {plain(own, '{:.3f}')}, n = {found['spectrum_images']} images per camera",
        f"generators that were never trained: {plain(untrained, '{:.3f}')}; what does bear on it: without frequencies "
        f"above {causal['radius']} cycles/pixel {percent(without)} of real crops are right, with all "
        f"{percent(everything)}",
        "not supported if the interval holds ½; void if untrained generators are told apart as surely; with limits if "
        "they are told apart at all, or real crops are as often right without high frequencies",
        verdict,
    )


def _originals(results: dict) -> Verdict:
    found = results["frequency"]
    single, varied = (
        max(found[f"{name}_lines"].values(), key=lambda each: each[1]) for name in ("residual", "log_variance")
    )
    blank = found["log_variance_no_style"]
    seen = varied[1] > max(LINE, blank)
    return Verdict(
        "(h) HPF and FFT of originals show no such pattern",
        "one figure, by eye",
        f"strongest line in the spectrum of the high-pass residual {plain(tuple(single), '{:+.1f}')} dB, by photo",
        f"in the spectrum of the log-variance {plain(tuple(varied), '{:+.1f}')} dB; of no-style images {blank:+.1f} dB",
        f"not supported if a camera's line lies above {LINE:.0f} dB with its interval; with limits if that of the "
        "log-variance does, and above no-style images",
        UNSUPPORTED if single[1] > LINE else LIMITS if seen else HOLDS,
    )
