"""The paper's eight claims: the words of each, what the paper states for it, and this run's number beside that.

Chapters 1 to 5 are enough for these numbers. `rules` adds the controls of later chapters and gives the verdicts.
"""

from dataclasses import dataclass

from camgan_lib.measure import lines, statistics
from camgan_lib.measure.estimates import Estimate
from camgan_lib.verdicts import paper
from camgan_lib.verdicts.measures import Results, edge_filters
from camgan_lib.verdicts.spectra import place

FIGURE, EYE = "one figure, by eye", "by eye"


@dataclass(frozen=True)
class Claim:
    """A claim's letter and words, what the paper states for it, and the number here with its interval and n."""

    letter: str
    claim: str
    paper: str
    here: str


def claims(results: Results) -> list[Claim]:
    """Claims (a) to (h) in order, from the recorded results of chapters 1 to 5."""
    makers = (_saliency, _filters, _lime, _fooling, _content, _colours, _pattern, _originals)
    return [make(results) for make in makers]


def largest_distance(results: Results) -> Estimate:
    """The largest mean L1 distance to the input among the cameras' generators, in units of [−1, 1]."""
    return max((row["l1"] for row in results["style_gan"]["table1"]), key=lambda each: each.value)


def _of(estimate: Estimate, form: str) -> str:
    return f"{estimate:{form}}, n = {estimate.n:,} {estimate.unit}s"


def _saliency(results: Results) -> Claim:
    here = f"rank correlation with edges {_of(results['explanations']['saliency_edges'], '+.3f')}"
    return Claim("a", "(a) saliency avoids edges and prefers smooth areas", f"16 maps, {EYE}", here)


def _filters(results: Results) -> Claim:
    found, random = edge_filters(results), results["explanations"].get("stem") == "random"
    share = _of(found, ".1%") if random else f"{found.value:.1%} of {found.n}, which did not begin as random ones"
    here = f"follow edges more closely than 95 % of random filters: {share}"
    return Claim("b", "(b) some filters look for edges", FIGURE, here)


def _lime(results: Results) -> Claim:
    here = (
        f"crops on which LIME's default has one segment: {_of(results['explanations']['lime_single_segment'], '.1%')}"
    )
    return Claim("c", "(c) LIME looks random", FIGURE, here)


def _fooling(results: Results) -> Claim:
    stated = ", ".join(f"{row['test']:.1%} / {row['transfer']:.1%}" for row in paper.TABLE1)
    rows = results["style_gan"]["table1"]
    here = ", ".join(f"{row['test'].value:.1%} / {row['transfer'].value:.1%}" for row in rows)
    images = f"{results['style_gan']['nostyle_test']:,} images per camera"
    turned = {name: each["turned"] for name, each in results["style_gan"]["judged_by_classifiers"].items()}
    return Claim(
        "d",
        "(d) generators fool the classifier far above chance and mostly transfer",
        f"test / transfer {stated}",
        f"test / transfer {here} of all {images}, as in Table 1; turned, mean over cameras: "
        f"{turned['auxiliary']:.1%}, by the 8-bit classifier {_of(turned['quantized'], '.1%')}. The questions below "
        "are asked of fewer of these images, those of chapter 9.",
    )


def _content(results: Results) -> Claim:
    here = f"largest L1 to the input {_of(largest_distance(results), '.3f')}"
    return Claim("e", "(e) content stays visible, colour and artefacts change per class", FIGURE, here)


def _colours(results: Results) -> Claim:
    found = results["frequency"]
    kept = statistics.over([row["kept"] for row in found["pure_colour_spread"]], "generator")
    return Claim(
        "f",
        "(f) pure colours come out almost zero, so colour is not the key",
        FIGURE,
        f"differences between ten pure colours, as a multiple of those before: {_of(kept, '.3f')} (normalisation: "
        f"{found['norm']})",
    )


def _pattern(results: Results) -> Claim:
    return Claim(
        "g",
        "(g) the FFT of stylised images has a pattern per class, so the classifier works on frequency",
        f"64 spectra per class, {EYE}",
        f"consistency AUC {_of(results['frequency']['consistency']['stylised'], '.3f')}",
    )


def _originals(results: Results) -> Claim:
    here = "the lines of all cameras in all classes of bins were not recorded"
    if found := results["frequency"].get("original_lines"):
        camera, key, line = lines.strongest(found["residual"])
        at = f"{camera}, {place(key)}, interval for all lines at once"
        here = f"strongest line of the high-pass residual, dB: {_of(line, '+.1f')} ({at})"
    return Claim("h", "(h) HPF and FFT of originals show no such pattern", FIGURE, here)
