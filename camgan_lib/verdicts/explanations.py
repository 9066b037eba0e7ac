"""Sentences on explanations (chapters 3 and 10) that follow from tests, each by a rule that its function states."""

from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import difference, p_above, p_below, p_differs

ALPHA = 0.05


def saliency(own: Estimate, untrained: Estimate, against: Estimate) -> str:
    """Chapter 3: whether saliency follows edges, and whether untrained networks' does the same.

    `own`: the trained network's mean rank correlation with edge strength; `untrained`: that of untrained networks;
    `against`: the difference to one more untrained network (`statistics.against_networks`). Each is called other than
    zero if its two-sided p is below 0.05. Chapter 12 judges claim (a).
    """
    found = {1: "saliency prefers edges", -1: "saliency prefers smooth places"}.get(
        _sign(own), "saliency is not shown to prefer edges or smooth places"
    )
    as_drawn = {1: "prefers edges", -1: "prefers smooth places"}.get(_sign(untrained), "is not shown to prefer either")
    learned = {
        1: "the trained network follows edges more than one more of them would, so that this was learned",
        -1: "the trained network follows edges less than one more of them would, so that this was learned",
    }.get(_sign(against), "the trained network could be one of them, so that nothing of this is shown to be learned")
    return f"{found}; saliency of untrained networks {as_drawn}; {learned}"


def filters(found: dict[str, Any], stem: str) -> str:
    """Chapter 3: how many filters are shown to follow edges more than random kernels, and whether the layer is.

    `found`: see `filters.above_random`. A filter counts at 0.05 after Holm's correction, the layer at 0.05. `stem`: how
    the layer began. If not at random, ranks among random kernels are no p values, and are only counted.
    """
    count, n, least = found["following"], found["n"], min(found["p"])
    if stem != "random":
        high = sum(p < ALPHA for p in found["p"])
        return (
            f"{high} of {n} filters rank among the 5 % of random kernels that follow edges most. They began as fixed "
            "high-pass filters, so that this tests nothing."
        )
    head = f"{count} of {n} filters {'is' if count == 1 else 'are'}" if count else f"None of {n} filters is"
    more = "is shown" if found["layer_p"] < ALPHA else "is not shown"
    layers = found["random"] // n
    return (
        f"{head} shown to follow edges more than random kernels do; the least p is {least:.2g} before Holm's "
        f"correction. The layer as a whole {more} to follow edges more than {layers} layers of random kernels do "
        f"(p = {found['layer_p']:.2g})."
    )


def gains(rows: list[dict[str, Any]]) -> str:
    """Chapter 10: which orders of deletion beat a random one, and whether frequencies beat pixels.

    `rows`: those of `faithfulness.gains`. An order beats chance if the one-sided p of its gain is below 0.025;
    frequencies and pixels are compared in pairs, photo by photo, at 0.05 two-sided.
    """
    gain = {row["order"]: row["gain"] for row in rows}
    frequencies, pixels = gain["frequencies: gradient × image"], gain["pixels: saliency"]
    said = [f"{name} {_gains(each)}" for name, each in (("pixels by saliency", pixels), ("frequencies", frequencies))]
    apart = difference(frequencies, pixels)
    more = {1: "frequencies gain more than pixels", -1: "frequencies gain less than pixels"}
    last = more.get(_sign(apart), "a difference between the two gains is not shown")
    return f"{said[0]}, {said[1]}; {last} ({apart:+.3f})"


def infidelity(rows: list[dict[str, Any]]) -> str:
    """Chapter 10: at which strengths of noise the own gradient, and untrained networks', foretell changes of the logit.

    `rows`: those of `faithfulness.infidelity`, whose p are corrected; a map foretells something if p is below 0.05.
    """
    levels = sorted({row["noise"] for row in rows})
    at = {name: [row["noise"] for row in rows if row["map"] == name and row["p"] < ALPHA] for name in MAPS}
    return "; ".join(f"{words} {_where(at[name], levels)}" for name, words in MAPS.items())


MAPS = {
    "gradient": "the own gradient",
    "gradient, untrained networks": "the gradient of an untrained network",
}
"""Maps of `faithfulness.infidelity` and their names in a sentence."""


def _where(found: list[float], levels: list[float]) -> str:
    if not found:
        return "is not shown to foretell any of the logit's changes, at any strength of noise"
    others = [level for level in levels if level not in found]
    rest = f", but is not shown to at {_listed(others)}" if others else ""
    return f"foretells part of the logit's changes at {_listed(found)} levels of noise{rest}"


def _listed(levels: list[float]) -> str:
    return " and ".join(f"{level:g}" for level in levels)


def _gains(gain: Estimate) -> str:
    if p_above(gain, 0.0) < ALPHA / 2:
        return f"gain {gain:+.3f} over a random order"
    if p_below(gain, 0.0) < ALPHA / 2:
        return f"do worse than a random order ({gain:+.3f})"
    return f"are not shown to beat a random order ({gain:+.3f})"


def _sign(estimate: Estimate) -> int:
    """1 or −1 if the estimate differs from zero at 0.05, else 0."""
    if p_differs(estimate) >= ALPHA:
        return 0
    return 1 if estimate.value > 0 else -1
