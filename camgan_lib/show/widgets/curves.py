"""Training curves with a cursor that reads their values."""

from collections.abc import Sequence
from typing import Any

import traitlets

from camgan_lib.show.widgets.base import Widget


class Curves(Widget):
    """Panels of lines over the same axis. A cursor reads their values, and each line can be hidden.

    State: `at` (index of the cursor on the axis), `hidden` (names of the hidden lines).
    """

    module, label = "curves", "Training curves"
    address = ()

    x: traitlets.List[Any] = traitlets.List().tag(sync=True)
    x_name = traitlets.Unicode().tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    panels: traitlets.List[Any] = traitlets.List().tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, histories: dict[str, list[dict[str, Any]]], terms: Sequence[tuple[str, str, bool]], x_name: str):
        """`histories`: name of a line → its entries, each a dict with `x_name` and the terms' keys.

        `terms`, one per panel: (key, title, whether its values are shares). Raises ValueError if two histories differ
        in their values of `x_name`.
        """
        axes = [[entry[x_name] for entry in history] for history in histories.values()]
        if any(axis != axes[0] for axis in axes):
            raise ValueError(f"histories over one and the same {x_name} were expected")
        panels = [
            {"title": title, "share": share, "lines": [[entry[key] for entry in h] for h in histories.values()]}
            for key, title, share in terms
        ]
        super().__init__(x=axes[0], x_name=x_name, names=list(histories), panels=panels, at=len(axes[0]) - 1)
