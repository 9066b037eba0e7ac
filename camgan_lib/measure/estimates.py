"""An estimate: a number, its interval, and what was drawn anew for it. Every number with an interval is one of these.

It is what the statistics return, what records hold, and what figures, comparisons and verdicts read.
"""

import math
from dataclasses import dataclass
from typing import Any

LEVEL = 0.95
FEW = 400
"""Values per unit are kept with an estimate of at most so many units."""


@dataclass(frozen=True)
class Estimate:
    """A number with its interval.

    `value`; `low` and `high`, the ends of its interval at confidence `level`, or NaN if one unit alone gives none; `n`,
    how many units were drawn: photos, scenes, images, networks, seeds, filters, contents (`unit`, in the singular);
    `method`: how the interval was made, in words. `units`: the contribution of each unit, whose mean is `value`, or ()
    if there are none or more than FEW; `strata`: for each unit the number of its stratum (its camera), or () if all
    were drawn together. Two estimates of the same units can be compared in pairs (`statistics.difference`).
    """

    value: float
    low: float
    high: float
    n: int
    unit: str
    method: str
    units: tuple[float, ...] = ()
    strata: tuple[int, ...] = ()
    level: float = LEVEL

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return not (math.isnan(self.low) or math.isnan(self.high))

    def __format__(self, form: str) -> str:
        """The value and its interval, each by the format of a number: `f"{e:.1%}"` is "93.9% (90.1% to 97.2%)"."""
        form = form or ".4g"
        value = format(self.value, form)
        return f"{value} ({format(self.low, form)} to {format(self.high, form)})" if self.known else value

    def __str__(self) -> str:
        return format(self, "")

    def record(self) -> dict[str, Any]:
        """This estimate as plain JSON. Unknown ends are None."""
        ends = {name: getattr(self, name) if self.known else None for name in ("low", "high")}
        kept = {"value": self.value, **ends, "n": self.n, "unit": self.unit, "method": self.method, "level": self.level}
        if 0 < len(self.units) <= FEW:
            kept["units"] = [float(f"{each:.6g}") for each in self.units]
            kept |= {"strata": list(self.strata)} if self.strata else {}
        return kept


def from_record(kept: dict[str, Any]) -> Estimate:
    """The estimate that `Estimate.record` made."""
    ends = {name: math.nan if kept[name] is None else kept[name] for name in ("low", "high")}
    lists = {name: tuple(kept.get(name, ())) for name in ("units", "strata")}
    return Estimate(**{**kept, **ends, **lists})


def is_estimate(kept: Any) -> bool:
    """Whether a piece of JSON is the record of an estimate."""
    return isinstance(kept, dict) and {"value", "low", "high", "n", "unit", "method"} <= set(kept)


def recorded(results: Any) -> Any:
    """Results with every estimate in them, however deep, as plain JSON. Tuples become lists."""
    if isinstance(results, Estimate):
        return results.record()
    if isinstance(results, dict):
        return {key: recorded(each) for key, each in results.items()}
    return [recorded(each) for each in results] if isinstance(results, list | tuple) else results


def read(kept: Any) -> Any:
    """Results as `recorded` left them, with every estimate as an Estimate again."""
    if is_estimate(kept):
        return from_record(kept)
    if isinstance(kept, dict):
        return {key: read(each) for key, each in kept.items()}
    return [read(each) for each in kept] if isinstance(kept, list) else kept
