"""The numbers that the registered rules ask for, taken from a run's results: letter → question → what was measured."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from camgan_lib.measure import statistics
from camgan_lib.measure.estimates import Estimate
from camgan_lib.verdicts.rule import ABOVE, BELOW
from camgan_lib.verdicts.spectra import place

Results = dict[str, dict[str, Any]]
"""Chapter → the results that it recorded, with estimates as such."""


@dataclass(frozen=True)
class Group:
    """Estimates by name, of which a single one on the side `one` is enough to answer so.

    `together`: whether their intervals hold for all of them at once.
    """

    estimates: dict[str, Estimate]
    one: str
    together: bool = False


@dataclass(frozen=True)
class Exact:
    """An estimate whose p value is exact, and was computed apart from its interval. The answer can only be ABOVE."""

    estimate: Estimate
    p: float


@dataclass(frozen=True)
class Missing:
    """A number that this run can't have, and what it takes to get it."""

    words: str


Measured = Estimate | Group | Exact | Missing


def measured(letter: str, results: Results) -> dict[str, Measured]:
    """What a run measured for each question of a rule."""
    return MAKERS[letter](results)


def _saliency(results: Results) -> dict[str, Measured]:
    found = results["explanations"]
    return {
        "edges": found["saliency_edges"],
        "learned": found["saliency_edges_against_untrained"],
        "untrained": found["saliency_edges_untrained"],
    }


def _filters(results: Results) -> dict[str, Measured]:
    stem = results["explanations"].get("stem")
    if stem != "random":
        return dict.fromkeys(("any", "share"), Missing(NO_RANKS if stem else "how the first layer's filters began"))
    share, p = edge_filters(results), results["explanations"]["edge_filters"]["p"]
    return {"any": Exact(share, min(1.0, len(p) * min(p))), "share": share}


NO_RANKS = (
    "a first layer that began with random filters (this one began with fixed high-pass filters, whose ranks among "
    "random ones are no p values)"
)
"""What claim (b) lacks where the first layer did not begin at random."""


def edge_filters(results: Results) -> Estimate:
    """Share of the first layer's filters whose own p value is below 5 %."""
    p = results["explanations"]["edge_filters"]["p"]
    return statistics.of_count(sum(each < 0.05 for each in p), len(p), "filter")


def _lime(results: Results) -> dict[str, Measured]:
    found = results["explanations"]
    return {"one": found["lime_single_segment"], "stable": found["lime_stability"]}


def _fooling(results: Results) -> dict[str, Measured]:
    causes = results["causes"]
    own, others = causes["turned"]["generator"], causes.get("independent") or {}
    judges: Measured = Missing("independent judges have not judged these generators")
    if set(others.get("networks", ())) == set(causes["networks"]):
        chance = results["classifier"]["chance"]
        blind = [name for name, each in others["judges"].items() if each["accuracy"].low <= chance]
        judges = Group({name: others["turned"]["generator"][name] for name in others["judges"]}, BELOW)
        if blind:
            judges = Missing(f"judges that are not shown to beat chance: {', '.join(blind)}")
    more = causes["turned_more"]["generator − universal"]["quantized"]
    return {"test": own["auxiliary"], "transfer": own["quantized"], "judges": judges, "pattern": more}


def _content(results: Results) -> dict[str, Measured]:
    controls = results["controls"]
    l1 = Group({row["camera"]: row["l1"] for row in results["style_gan"]["table1"]}, ABOVE)
    if controls["cameras"] != results["dataset"]["cameras"]:
        return {"content": l1, "classes": Missing("generators of other seeds on these photos: camgan sweep --data DIR")}
    return {"content": l1, "classes": controls["distances"]["transpose3"]["effect"]}


def _colours(results: Results) -> dict[str, Measured]:
    found = results["frequency"]
    kept = [row["kept"] for row in found["pure_colour_spread"]]
    return {
        "forced": statistics.over(found["pure_colour_instance_norm"], "network"),
        "kept": statistics.over(kept, "generator"),
    }


def _pattern(results: Results) -> dict[str, Measured]:
    found = results["frequency"]["consistency"]
    return {
        "pattern": found["stylised"],
        "trained": found["against_untrained"],
        "untrained": found["untrained"],
        "high": results["causes"]["causal"]["lost_high"],
    }


def _originals(results: Results) -> dict[str, Measured]:
    found = results["frequency"].get("original_lines")
    if not found:
        lacking = Missing("the lines of all cameras in all classes of bins, which chapter 5 records since version 3")
        return {"line": lacking, "varied": lacking}

    def all_lines(kind: str) -> Group:
        lines = found[kind].items()
        every = {f"{camera}, {place(line)}": each for camera, of in lines for line, each in of.items()}
        return Group(every, ABOVE, together=True)

    return {"line": all_lines("residual"), "varied": all_lines("log_variance_over_no_style")}


def minus(estimate: Estimate, other: Estimate | float) -> Estimate:
    """An estimate minus another one, or minus a known number."""
    if isinstance(other, Estimate):
        return statistics.difference(estimate, other)
    units = tuple(each - other for each in estimate.units)
    ends = {name: getattr(estimate, name) - other for name in ("value", "low", "high")}
    return replace(estimate, **ends, units=units)


MAKERS: dict[str, Callable[[Results], dict[str, Measured]]] = {
    "a": _saliency,
    "b": _filters,
    "c": _lime,
    "d": _fooling,
    "e": _content,
    "f": _colours,
    "g": _pattern,
    "h": _originals,
}
