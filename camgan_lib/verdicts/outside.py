"""The words of chapter 8 on two studies of others, and on where the spread of results comes from."""

from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.verdicts.wording import joined, p_value

Words = dict[str, Any]
SAYS = {"holds": "found", "contradicted": "contradicted", "not shown": "not shown"}


def of_frequency_bias(trial: dict[str, Any]) -> Words:
    """Whether the published order of upsampling layers is found, and this book's errors (trials/frequency_bias.py)."""
    judged = {each["network"]: each for each in trial["networks"]}
    said: Words = {"bias_seeds": len({row["seed"] for row in trial["rows"]})}
    for key, network in {"progressive": "progressive", "gated": "Gated-GAN"}.items():
        verbs = {"signs": "are", "order": "is"}.items()
        said |= {f"bias_{what}_{key}": f"{verb} {SAYS[judged[network][what]]}" for what, verb in verbs}
    said |= {f"bias_{row['kind']}": f"{row['highest']:+.1f}" for row in judged["Gated-GAN"]["layers"]}
    return said | {f"bias_{name}": trial["run"][name] for name in ("side", "images", "steps")}


def of_model_synthesis(trial: dict[str, Any]) -> Words:
    """What extractors name that learned from synthetic networks alone (trials/model_synthesis.py)."""
    said: Words = {"synthesis_steps": trial["run"]["steps"]}
    for each in trial["extractors"]:
        key = f"synthesis_{each['spectrum']}_{each['set']}"
        said |= {key: f"{each['trained']['accuracy']:.0%}", f"{key}_p": p_value(each["p_holm"])}
    said |= {f"synthesis_{name}_control": f"{each['accuracy']:.0%}" for name, each in trial["control"].items()}
    by_output = next(each for each in trial["extractors"] if (each["spectrum"], each["set"]) == ("output", "untrained"))
    right = sum(each["named"] == each["kind"] for each in by_output["published"])
    said |= {"synthesis_published": f"{right} of {len(by_output['published'])}"}
    others = [by_output["trained"]["confusion"][kind] for kind in ("transpose4", "shuffle")]
    mistaken, asked = sum(named["transpose3"] for named in others), sum(sum(named.values()) for named in others)
    said |= {"synthesis_mistaken": f"{mistaken} of {asked}"}
    said |= {"synthesis_chance": f"{by_output['trained']['chance']:.0%}", "synthesis_networks": by_output["networks"]}
    return said


def of_spread(found: dict[str, dict[str, Estimate]]) -> str:
    """Which levels are shown to add to the spread of each result: those whose interval lies above zero.

    `found`: result → level → the standard deviation that the level adds (`variance.nested`), from the outermost level
    to the innermost. The innermost is not tested: its interval never reaches zero.
    """
    outer = list(next(iter(found.values())))[:-1]
    sure = {result: [name for name in outer if levels[name].low > 0] for result, levels in found.items()}
    said = [f"shown to add to the spread of {of}: {joined(names)}" for of, names in sure.items() if names]
    if without := [result for result, names in sure.items() if not names]:
        said.append(f"of {joined(outer)}, none is shown to add to the spread of: {joined(without)}")
    return "; ".join(said)
