"""The verdict on each claim of the paper, computed from a run's numbers by rules that are stated with it.

Verdicts: "holds"; "holds with limits": as stated, but a control shows that it says less than it seems; "not
supported": the measured interval does not agree with the claim; "void": a control without what the claim is about
gives the same, so that the observation can't bear on it.
"""

from dataclasses import dataclass
from typing import Any

from camgan_lib import paper
from camgan_lib.controls.statistics import wilson

HOLDS, LIMITS, UNSUPPORTED, VOID = "holds", "holds with limits", "not supported", "void"
FIRST_LAYER_FILTERS = 16
LINE = 3.0
"""Decibels above its surroundings from which a bin counts as a line."""
SEEN, KEPT = 0.15, 0.5
"""Largest L1 distance to the input that leaves content visible; share of colour differences that counts as kept."""

Interval = tuple[float, float, float]


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


def _percent(value: Interval) -> str:
    return "{:.1%} ({:.1%} to {:.1%})".format(*value)


def _plain(value: Interval, form: str = "{:.2f}") -> str:
    mean, low, high = (form.format(each) for each in value)
    return f"{mean} ({low} to {high})"


def _saliency(results: dict) -> Verdict:
    found = results["explanations"]
    low, high = found["saliency_edge_ci95"]
    gap_low, gap_high = found["saliency_edge_difference_ci95"]
    random_low, random_high = found["saliency_edge_randomised_ci95"]
    if high >= 0:
        verdict = UNSUPPORTED
    elif gap_low <= 0 <= gap_high:
        verdict = VOID
    else:
        verdict = LIMITS if random_high < 0 else HOLDS
    own = (found["saliency_edge_correlation"], low, high)
    blank = (found["saliency_edge_correlation_randomised"], random_low, random_high)
    last = list(results["causes"]["cascade"].values())[-1]
    return Verdict(
        "(a) saliency avoids edges and prefers smooth areas",
        "16 maps, by eye",
        f"rank correlation with edges {_plain(own, '{:+.3f}')}, n = {found['saliency_crops']} crops, by photo",
        f"a network with random weights: {_plain(blank, '{:+.3f}')}; its maps correlate by {last:.2f} with the trained "
        "network's",
        "not supported unless the interval lies below zero; void if random weights differ by an interval around zero; "
        "with limits if they, too, lie below zero",
        verdict,
    )


def _filters(results: dict) -> Verdict:
    share = results["explanations"]["edge_filter_share"]
    interval = (share, *wilson(share, FIRST_LAYER_FILTERS))
    return Verdict(
        "(b) some filters look for edges",
        "one figure, by eye",
        f"{_percent(interval)} of the first layer's filters follow edges, n = {FIRST_LAYER_FILTERS}",
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
        f"LIME's default has one single segment on {_percent(single)} of crops, n = {n}",
        f"on a grid: agreement between seeds {stable:.2f}, R² on fresh samples {found['lime_r2_fresh']:.2f}",
        "void if more than half of the crops are one segment, on which LIME can't but look random; else holds where "
        "seeds agree by less than ½",
        VOID if single[1] > 0.5 else HOLDS if stable < 0.5 else UNSUPPORTED,
    )


def _fooling(results: dict) -> Verdict:
    taken, chance = results["causes"]["taken"], results["classifier"]["chance"]
    fooled, kept = (tuple(taken["generator"][judge]) for judge in ("auxiliary", "test"))
    pgd, pgd_kept = (tuple(taken["PGD"][judge]) for judge in ("auxiliary", "test"))
    judge, by_judge = _other_judge(results)
    other, blank = (tuple(by_judge[kind][judge]) for kind in ("generator", "nothing"))
    if fooled[1] <= chance or kept[1] <= chance:
        verdict = UNSUPPORTED
    else:
        verdict = HOLDS if other[1] > (1 + blank[0]) / 2 and pgd_kept[2] < kept[1] else LIMITS
    stated = ", ".join(f"{row['test']:.0%} ({row['transfer']:.0%})" for row in paper.TABLE1)
    return Verdict(
        "(d) generators fool the classifier far above chance and mostly transfer",
        f"test (transfer) {stated}",
        f"test {_percent(fooled)}, transfer {_percent(kept)}, n = {results['causes']['images']} images per camera",
        f"PGD of the same norm: {_percent(pgd)}, {_percent(pgd_kept)}; the {judge} judge takes {_percent(other)} of "
        f"generators' images, {_percent(blank)} of untouched ones",
        "not supported unless both intervals lie above chance; with limits if that judge is not turned in "
        "more than half of the cases, or PGD transfers as well",
        verdict,
    )


def _other_judge(results: dict) -> tuple[str, dict[str, dict[str, Any]]]:
    """The judge least like the classifier and what it takes: one trained on other photos of the same cameras, or else
    the one that sees spectra alone."""
    independent = results["causes"]["independent"]
    if independent["cameras"] == results["dataset"]["cameras"]:
        return "independent", independent["taken"]
    return "spectral", results["causes"]["taken"]


def _content(results: dict) -> Verdict:
    rows = results["style_gan"]["table1"]
    largest = max(row["l1"] for row in rows)
    apart, n = results["controls"]["apart"]["transpose3"], results["style_gan"]["nostyle_test"]
    control = (
        f"residuals of other cameras are {apart['ratio']:.2f} times as far apart as those of one camera trained anew "
        f"(p = {apart['p']:.4f}, {results['controls']['least_seeds']} seeds)"
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
        "void if an untrained generator with instance normalisation keeps less than 5 %: then it is forced",
        verdict,
    )


def _pattern(results: dict) -> Verdict:
    found, causal = results["frequency"], results["causes"]["causal"]
    own = (found["consistency_auc"], *found["consistency_auc_ci95"])
    untrained = found["consistency_auc_untrained"]
    if own[1] <= 0.5:
        verdict = UNSUPPORTED
    elif untrained >= own[1]:
        verdict = VOID
    else:
        verdict = LIMITS if untrained > 0.75 else HOLDS
    without = tuple(causal[f"without_high{end}"] for end in ("", "_low", "_high"))
    return Verdict(
        "(g) the FFT of stylised images has a pattern per class, so the classifier works on frequency",
        "64 spectra per class, by eye",
        f"consistency AUC {_plain(own, '{:.3f}')}, n = {found['spectrum_images']} images per camera",
        f"generators that were never trained: {untrained:.3f}; what does bear on it: without frequencies above "
        f"{causal['radius']} cycles/pixel {_percent(without)} of real crops are right, of {causal['all']:.1%}",
        "void if untrained generators are told apart as surely; not supported if the interval holds ½",
        verdict,
    )


def _originals(results: dict) -> Verdict:
    found = results["frequency"]
    camera, low, high = max(found["log_variance_lines"].values(), key=lambda each: each[1])
    blank = found["log_variance_no_style"]
    return Verdict(
        "(h) HPF and FFT of originals show no such pattern",
        "one figure, by eye",
        f"strongest line in the spectrum of the log-variance {_plain((camera, low, high), '{:+.1f}')} dB, by photo",
        f"the same in no-style images: {blank:+.1f} dB",
        f"not supported if a camera's line lies above {LINE:.0f} dB with its interval; holds otherwise",
        UNSUPPORTED if low > LINE else HOLDS,
    )


def survives(results: dict[str, dict[str, Any]]) -> list[str]:
    """What can be said of the classifier after all, each sentence with the numbers that carry it.

    What the ground truth says comes last, where the run is on the cameras whose truth is known.
    """
    said = [_spectra_tell(results), _frequencies_needed(results), _strength_alone(results)]
    return said + ([_trace(results)] if results["truth"]["cameras"] == results["dataset"]["cameras"] else [])


def _spectra_tell(results: dict) -> str:
    judge, chance = results["causes"]["judges"]["spectral"], results["classifier"]["chance"]
    network = results["classifier"]["auxiliary_accuracy"]
    share = (judge["accuracy"] - chance) / max(network - chance, 1e-9)
    return (
        f"Spectra tell the camera: a classifier that is linear in the level of each frequency is right in "
        f"{_percent((judge['accuracy'], *judge['ci95']))} of test crops, which is {share:.0%} of the network's lead "
        f"over chance ({network:.1%} against {chance:.0%})."
    )


def _frequencies_needed(results: dict) -> str:
    causal = results["causes"]["causal"]
    high, low = (
        tuple(causal[f"{name}{end}"] for end in ("", "_low", "_high")) for name in ("without_high", "without_low")
    )
    needed = {"high": high[2] < low[1], "low": low[2] < high[1]}
    which = next((f"the {name} ones more" for name, more in needed.items() if more), "neither half more than the other")
    return (
        f"The network needs frequencies, {which}: without those above {causal['radius']} cycles/pixel it is right in "
        f"{_percent(high)}, without those below in {_percent(low)}, with all in {causal['all']:.1%}."
    )


def _strength_alone(results: dict) -> str:
    curves = results["causes"]["transplant"]
    at = curves["strengths"].index(1.0)
    none, own, random = curves["generator"][0], curves["generator"][at], curves["random phases"][at]
    verb = "does not suffice" if random[2] < own[1] else "suffices"
    return (
        f"How strong each frequency of a generator's residual is {verb} to fool it: with random phases "
        f"{_percent(random)} of images are taken for the camera, with the residual itself {_percent(own)}, "
        f"untouched {none[0]:.1%}."
    )


def _trace(results: dict) -> str:
    truth = results["truth"]
    best, r = truth["best"], tuple(truth["recovered"][truth["best"]]["mean"])
    pgd, generator = (tuple(results["causes"]["taken"][kind]["auxiliary"]) for kind in ("PGD", "generator"))
    return (
        "A camera's trace and what fools the network are two things: the generator that recovers the true spectra "
        f"best ({best}; correlation {_plain(r)}) has {truth['fooled'][best][0]:.1%} of its images taken for the "
        f"camera, where {truth['untouched'][best][0]:.1%} of untouched ones are; a perturbation without any "
        f"style (PGD) has {_percent(pgd)}, the paper's generators {_percent(generator)}."
    )
