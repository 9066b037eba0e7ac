"""The paper's claims beside a run's numbers: what was said, what was found, and a reading by a stated rule."""

from typing import Any

from camgan_lib.verdicts import paper, sentences
from camgan_lib.verdicts.wording import compact


def claims(results: dict[str, dict[str, Any]]) -> list[dict[str, str]]:
    """One row per claim (a)–(h): `claim`, `paper` (what it states), `here` (this run's number), `reading`.

    `results` maps chapter to its recorded results. Readings follow from the numbers by the rules in this module.
    """
    makers = (_saliency, _filters, _lime, _fooling, _content, _colours, _pattern, _originals)
    return [
        {"claim": f"({letter}) {row[0]}", "paper": row[1], "here": row[2], "reading": row[3]}
        for letter, make in zip("abcdefgh", makers, strict=True)
        for row in [make(results)]
    ]


def _saliency(results: dict) -> tuple[str, str, str, str]:
    found = results["explanations"]
    low, high = found["saliency_edge_ci95"]
    sign = "avoids edges here too" if high < 0 else "seeks edges here" if low > 0 else "shows no preference here"
    gap_low, gap_high = found["saliency_edge_difference_ci95"]
    control = "as do random weights" if gap_low <= 0 <= gap_high else "and differs from random weights"
    number = (
        f"rank correlation with edges {found['saliency_edge_correlation']:+.3f} ({low:+.3f} to {high:+.3f}); "
        f"random weights {found['saliency_edge_correlation_randomised']:+.3f}"
    )
    return "saliency avoids edges, prefers smooth areas", "16 maps, by eye", number, f"{sign}, {control}"


def _filters(results: dict) -> tuple[str, str, str, str]:
    share = results["explanations"]["edge_filter_share"]
    reading = "more than chance allows" if share > 0.05 else "no more than chance"
    number = f"{share:.0%} of first-layer filters follow edges more than 95 % of random ones do (chance: 5 %)"
    return "some filters look for edges", "one figure, by eye", number, reading


def _lime(results: dict) -> tuple[str, str, str, str]:
    found = results["explanations"]
    share = found["lime_default_single_segment_share"]
    number = (
        f"{share:.0%} of crops are one single segment; on a grid, R² {found['lime_r2_grid']:.2f}, "
        f"agreement between seeds {found['lime_stability']:.2f}"
    )
    reading = "a matter of the segmentation" if share > 0.5 else "not explained by the segmentation"
    return "LIME looks random", "one figure, by eye", number, reading


def _fooling(results: dict) -> tuple[str, str, str, str]:
    rows = results["style_gan"]["table1"]
    stated = ", ".join(f"{row['test']:.1%} ({row['transfer']:.1%})" for row in paper.TABLE1)
    number = ", ".join(f"{row['test']:.1%} ({row['transfer']:.1%})" for row in rows)
    fooled, kept = (sum(row[which] > (1 + row["no_style"]) / 2 for row in rows) for which in ("test", "transfer"))
    reading = (
        f"fools for {fooled}, transfers for {kept} of {len(rows)} cameras "
        "(turns more than half of the images that were not taken for the camera before)"
    )
    return "generators fool the classifier and mostly transfer", f"{stated}", number, reading


def _content(results: dict) -> tuple[str, str, str, str]:
    largest = max(row["l1"] for row in results["style_gan"]["table1"])
    reading = "content kept" if largest <= 0.15 else "content not kept for every camera"
    return "content stays visible", "one figure, by eye", f"L1 to the input at most {largest:.3f} of 2", reading


def _colours(results: dict) -> tuple[str, str, str, str]:
    found = results["frequency"]
    kept = max(row["kept"] for row in found["pure_colour_spread"])
    number = f"{compact(kept)} of the differences kept (normalisation: {found['norm']})"
    reading = sentences.pure_colour_verdict(found["norm"], kept)
    return "pure colours come out almost zero", "one figure, by eye", number, reading


def _pattern(results: dict) -> tuple[str, str, str, str]:
    found = results["frequency"]
    low, high = found["consistency_auc_ci95"]
    untrained = found["consistency_auc_untrained"]
    number = f"consistency AUC {found['consistency_auc']:.3f} ({low:.3f} to {high:.3f}); untrained {untrained:.3f}"
    agrees = "a pattern is there" if low > 0.5 else "no pattern found"
    reading = f"{agrees}, {'but untrained generators have one too' if untrained > 0.75 else 'and not untrained'}"
    return "stylised images share a frequency pattern per class", "64 spectra per class, by eye", number, reading


def _originals(results: dict) -> tuple[str, str, str, str]:
    found = results["frequency"]
    auc = found["consistency_auc_originals"]
    strongest = max(
        max(value for key, value in row.items() if key.endswith("_db"))
        for row in found["high_pass_lines"]
        if row["set"] == "log-variance" and row["name"] in results["dataset"]["cameras"]
    )
    number = f"consistency AUC of crops {auc:.3f}; strongest line in the log-variance {strongest:+.1f} dB"
    reading = "a trace is there, in the variance" if strongest > 3 else "no line here either"
    return "originals show no such pattern after a high-pass", "one figure, by eye", number, reading
