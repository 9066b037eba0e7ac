"""The words of chapter 9: what was turned, moved and taken away, with the intervals of the differences."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from camgan_lib.measure import bands, retraining, transplants
from camgan_lib.measure.averages import over_same_scenes
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.fooling import Fooling
from camgan_lib.verdicts.wording import points

Words = dict[str, Any]
OTHER = "another's residual"
RIVALS = {"PGD": "pgd", "universal": "universal", "noise": "noise"}


def of_fooling(fooled: Fooling, spectral: Estimate) -> Words:
    """What judges say at the generators' own norm, and by how much generators turn more than other changes.

    `spectral`: the spectral judge's accuracy on test crops.
    """
    own = fooled.at(1.0)
    said: Words = {}
    for judge in ("auxiliary", "quantized", "spectral"):
        said |= {
            f"{name}_{judge}": f"{own[kind][judge]:.0%}" for kind, name in {"generator": "generator", **RIVALS}.items()
        }
        said |= {
            f"beyond_{name}_{judge}": points(fooled.more[f"generator − {kind}"][judge]) for kind, name in RIVALS.items()
        }
    at_own = [row for row in fooled.rows if row["strength"] == 1]
    noisy = max((row for row in at_own if row["kind"] == "noise"), key=lambda row: row["turned"]["auxiliary"] or 0)
    said |= {"noisy_camera": noisy["camera"], "noisy_share": f"{noisy['turned']['auxiliary'] or 0:.0%}"}
    norm = float(np.mean([row["l2"] for row in at_own]))
    return {
        **said,
        "own_norm": f"{norm:.0f}",
        "universal_draws": own["universal"]["auxiliary"].n,
        "norm_off": f"{max(row['off'] for row in at_own if row['kind'] != OTHER):.2%}",
        "norm_off_other": f"{max(row['off'] for row in at_own if row['kind'] == OTHER):.0%}",
        "spectral_accuracy": f"{spectral:.1%}",
    }


def of_independent(turned: dict[str, dict[str, Estimate]], more: dict[str, dict[str, Estimate]]) -> Words:
    """Means over the independent judges: what changes turn, and generators more than universal patterns."""
    kinds = {"generator": "generator", "PGD": "PGD", "universal": "universal"}
    said: Words = {
        f"independent_{name}": f"{over_same_scenes(list(turned[kind].values())):.0%}" for kind, name in kinds.items()
    }
    beyond = over_same_scenes(list(more["generator − universal"].values()), None)
    return {**said, "independent_more": points(beyond)}


def networks_each(judges: Mapping[str, Sequence[Any]]) -> str:
    """Of how many networks each judge is: "one network", "3 networks", "1 to 3 networks"."""
    counts = sorted({len(networks) for networks in judges.values()})
    if counts == [1]:
        return "one network"
    return f"{' to '.join(str(each) for each in dict.fromkeys((counts[0], counts[-1])))} networks"


def of_grid(consistent: dict[str, Any], lost: Estimate, reports: list[dict[str, Any]]) -> Words:
    """What random phases change: consistency, coherence at ½ on an axis, and the critical value beside it.

    A loss of consistency is shown if its interval lies above 0.
    """
    said: Words = {"phase_costs": f"{lost:+.3f}", "phase_finding": f"{'a' if lost.low > 0 else 'no'} loss is shown"}
    for name, key in {"aligned": "aligned", "random phase": "shifted"}.items():
        several = [row["axis_nyquist_coherence"] for row in reports if row["name"].endswith(f", {name}")]
        said |= {f"consistency_{key}": f"{consistent[name].auc:.2f}", f"coherence_{key}": f"{np.mean(several):.2f}"}
    return {**said, "critical_coherence": f"{reports[0]['axis_nyquist_critical_coherence']:.2f}"}


STEPS = {
    "step_phases": "own − own with random phases",
    "step_content": "own − other",
    "step_other_phases": "other − random phases",
    "step_fixed": "random phases − fixed",
    "step_strength_alone": "random phases − untouched",
}


def of_transplants(moved: dict[str, Any]) -> Words:
    """Shares taken at full strength by what is added, and what each step costs."""
    at = moved["strengths"].index(1.0)
    names = transplants.STEP_NAMES.items()
    said: Words = {f"transplant_{short}".replace(" ", "_"): f"{moved['curves'][name][at]:.0%}" for name, short in names}
    return {**said, **{key: points(moved["steps"][step]) for key, step in STEPS.items()}}


def of_removal(rows: list[dict[str, Any]]) -> Words:
    """The class of bins with the lowest difference from other bins, and those that are shown to cost more than these.

    If the lowest difference is not below 0, no class costs more than its power, and the words say so.
    They are if the two-sided p of `transplants.over_cameras` is below 0.05 and more is lost than without other bins.
    """
    worst = min(rows, key=lambda row: row["difference"].value)
    costly = [row["bins"].replace("_", " ") for row in rows if row["p"] < 0.05 and row["difference"].value < 0]
    beyond = (
        "costs most beyond its power"
        if worst["difference"].value < 0
        else "comes nearest to costing more than its power, and costs no more"
    )
    return {
        "removal_beyond": beyond,
        "removal_before": f"{worst['all']:.0%}",
        "removal_class": worst["bins"].replace("_", " "),
        "removal_worst": f"{worst['without']:.0%}",
        "removal_difference": points(worst["difference"]),
        "removal_p": worst["p"],
        "removal_draws": worst["draws"],
        "removal_costly": ", ".join(costly) or "none",
    }


def of_bands(causal: dict[str, Any]) -> Words:
    """Accuracies without high and without low frequencies, what is lost, and whether a loss is shown."""
    said: Words = {f"bands_{name}": f"{causal[name]:.1%}" for name in ("all", "without_high", "without_low")}
    for side in ("high", "low"):
        lost = causal[f"lost_{side}"]
        said |= {f"bands_lost_{side}": points(lost), f"bands_finding_{side}": bands.finding(lost)}
    return {**said, "bands_margin": 100 * bands.MARGIN}


def of_retraining(trial: dict[str, Any]) -> Words:
    """What networks find that were trained on filtered crops, at a quarter cycle per pixel, and how they were made."""
    quarter = {row["removed"]: row for row in trial["rows"] if row["radius"] == 0.25}
    about = trial["run"]
    return {
        **{f"retrained_{side}": retraining.sentence(row) for side, row in quarter.items()},
        "retrained_networks": len(trial["trainings"]),
        "retrained_crops": about["crops"],
        "retrained_epochs": about["epochs"],
        "retrained_cameras": ", ".join(about["cameras"]),
    }
