"""Tables of chapter 4: what judges that had no part in a generator's training say of it, beside the oracle."""

from typing import Any

import numpy as np

from camgan_lib.show.figures.tables import Columns, Table, in_points, table
from camgan_lib.verdicts.wording import shown

SHARE = "{:.1%}"


def judges(rows: dict[str, dict[str, Any]], mean: dict[str, Any]) -> Table:
    """A row per judge (`judging.beside_oracle`), and one of the `mean` over those that had no part in the training.

    Where a judge is several networks, the share that each turns stands beside their mean, in percent.
    """
    columns: Columns = {"name": ("Judge", "{}"), "accuracy": ("Right on test crops", SHARE)}
    columns |= {"turned": ("Generators turn", SHARE)}
    if any(len(row["turned_by_network"]) > 1 for row in rows.values()):
        columns["networks"] = ("network by network (%)", "{}")
    columns |= {
        "oracle_turned": ("Oracle turns", SHARE),
        "short_of_oracle": ("Oracle − generators (points)", in_points),
    }
    named = [{"name": shown(name), "networks": _each(row["turned_by_network"]), **row} for name, row in rows.items()]
    caption = (
        "Shares of images, mean over cameras. Brackets: 95 % intervals, photos or scenes drawn anew, networks kept"
    )
    return table([*named, {"name": "mean of the independent judges", **mean}], columns, caption, starts=[len(named)])


def _each(shares: list[float]) -> str | None:
    return ", ".join(f"{100 * share:.1f}" for share in shares) if len(shares) > 1 else None


def by_camera(rows: dict[str, dict[str, Any]], l1: dict[str, float], oracle_l1: dict[str, float]) -> Table:
    """A row per camera: shares that generators and oracle turn, mean over the judges of `rows`, and what they change.

    `l1` and `oracle_l1`: camera → mean |output − input|, in units of [−1, 1].
    """

    def mean(kind: str, camera: str) -> float | None:
        found = [row[kind][camera] for row in rows.values() if camera in row.get(kind, {})]
        return float(np.mean(found)) if found else None

    lines = [
        {
            "camera": camera,
            "turned": mean("turned_by_camera", camera),
            "oracle": mean("oracle_turned_by_camera", camera),
            "l1": l1[camera],
            "oracle_l1": oracle_l1.get(camera),
        }
        for camera in l1
    ]
    columns = {"camera": ("Camera", "{}"), "turned": ("Generator turns", SHARE), "oracle": ("Oracle turns", SHARE)}
    columns |= {"l1": ("Generator's L1", "{:.3f}"), "oracle_l1": ("Oracle's L1", "{:.3f}")}
    return table(lines, columns, "Means over the independent judges")
