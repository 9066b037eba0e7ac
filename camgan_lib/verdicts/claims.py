"""The paper's eight claims: the words of each, what the paper states for it, and this run's number beside that.

Chapters 1 to 5 are enough for these numbers. `rules` adds the controls of later chapters and gives the verdicts.
"""

from dataclasses import dataclass
from typing import Any

from camgan_lib.measure.statistics import wilson
from camgan_lib.verdicts import paper
from camgan_lib.verdicts.wording import Interval, percent, plain

Results = dict[str, dict[str, Any]]
"""Chapter → the results that it recorded."""

FIRST_LAYER_FILTERS = 16
FIGURE, EYE = "one figure, by eye", "by eye"


@dataclass(frozen=True)
class Claim:
    """A claim's words, what the paper states for it, and the number here, with interval and n where they are known."""

    claim: str
    paper: str
    here: str


def claims(results: Results) -> list[Claim]:
    """Claims (a) to (h) in order, from the recorded results of chapters 1 to 5.

    Runs recorded by earlier versions may lack an n or an interval. It is then left out.
    """
    makers = (_saliency, _filters, _lime, _fooling, _content, _colours, _pattern, _originals)
    return [make(results) for make in makers]


# --- numbers that the rules use, too


def edge_filters(results: Results) -> Interval:
    """Share of the first layer's filters that follow edges more closely than 95 % of random ones do."""
    share = results["explanations"]["edge_filter_share"]
    return (share, *wilson(share, FIRST_LAYER_FILTERS))


def single_segments(results: Results) -> Interval:
    """Share of crops that LIME's default leaves in one segment. If n is not known, the ends are the share itself."""
    found = results["explanations"]
    share, n = found["lime_default_single_segment_share"], found.get("lime_segment_crops")
    return (share, *wilson(share, n)) if n else (share, share, share)


def largest_distance(results: Results) -> float:
    """The largest mean L1 distance to the input among the cameras' generators, in units of [−1, 1]."""
    return max(row["l1"] for row in results["style_gan"]["table1"])


def colours_kept(results: Results) -> float:
    """The largest share of the differences between pure colours that a camera's generator keeps."""
    return max(row["kept"] for row in results["frequency"]["pure_colour_spread"])


def strongest_line(results: Results, name: str) -> Interval:
    """The line of the camera whose interval begins highest, in dB; `name`: "residual" or "log_variance"."""
    strongest = max(results["frequency"][f"{name}_lines"].values(), key=lambda line: line[1])
    return tuple(strongest)


# --- the claims


def _n(count: int | None, what: str = "") -> str:
    return f", n = {count:,} {what}".rstrip() if count else ""


def _saliency(results: Results) -> Claim:
    found = results["explanations"]
    own = (found["saliency_edge_correlation"], *found["saliency_edge_ci95"])
    n = _n(found.get("saliency_crops"), "crops, by photo")
    here = f"rank correlation with edges {plain(own, '{:+.3f}')}{n}"
    return Claim("(a) saliency avoids edges and prefers smooth areas", f"16 maps, {EYE}", here)


def _filters(results: Results) -> Claim:
    here = f"{percent(edge_filters(results))} of the first layer's filters follow edges, n = {FIRST_LAYER_FILTERS}"
    return Claim("(b) some filters look for edges", FIGURE, here)


def _lime(results: Results) -> Claim:
    n = results["explanations"].get("lime_segment_crops")
    single = single_segments(results)
    share = percent(single) if n else f"{single[0]:.1%}"
    return Claim(
        "(c) LIME looks random",
        FIGURE,
        f"LIME's default has one single segment on {share} of crops{_n(n)}",
    )


def _fooling(results: Results) -> Claim:
    stated, here = (
        "test (transfer) " + ", ".join(f"{row['test']:.1%} ({row['transfer']:.1%})" for row in rows)
        for rows in (paper.TABLE1, results["style_gan"]["table1"])
    )
    n = _n(results["style_gan"]["nostyle_test"], "images per camera")
    return Claim("(d) generators fool the classifier far above chance and mostly transfer", stated, f"{here}{n}")


def _content(results: Results) -> Claim:
    n = _n(results["style_gan"]["nostyle_test"], "images per camera")
    here = f"L1 to the input at most {largest_distance(results):.3f} of 2{n}"
    return Claim("(e) content stays visible, colour and artefacts change per class", FIGURE, here)


def _colours(results: Results) -> Claim:
    kept, norm = colours_kept(results), results["frequency"]["norm"]
    return Claim(
        "(f) pure colours come out almost zero, so colour is not the key",
        FIGURE,
        f"{kept:.1%} of the differences between pure colours kept (normalisation: {norm}), n = 10 colours",
    )


def _pattern(results: Results) -> Claim:
    found = results["frequency"]
    own = (found["consistency_auc"], *found["consistency_auc_ci95"])
    return Claim(
        "(g) the FFT of stylised images has a pattern per class, so the classifier works on frequency",
        f"64 spectra per class, {EYE}",
        f"consistency AUC {plain(own, '{:.3f}')}{_n(found.get('spectrum_images'), 'images per camera')}",
    )


def _originals(results: Results) -> Claim:
    if "residual_lines" in results["frequency"]:
        strongest = f"{plain(strongest_line(results, 'residual'), '{:+.1f}')} dB, by photo"
    else:
        rows = [row for row in results["frequency"]["high_pass_lines"] if row["set"] == "residual"]
        strongest = f"{max(value for row in rows for key, value in row.items() if key.endswith('_db')):+.1f} dB"
    here = f"strongest line in the spectrum of the high-pass residual {strongest}"
    return Claim("(h) HPF and FFT of originals show no such pattern", FIGURE, here)
