"""A chapter's parameters as a form: edited, it says how to run again with those values, and what that would change."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import traitlets

from camgan_lib.base.params import Parameter
from camgan_lib.show.widgets.base import Widget


class ParameterForm(Widget):
    """One field per declared parameter; values are checked by the rules of the command line. State: `texts`."""

    module, label = "parameter_form", "Run this chapter with other parameters"

    chapter = traitlets.Unicode().tag(sync=True)
    profile = traitlets.Unicode().tag(sync=True)
    declared = traitlets.List().tag(sync=True)
    executed_anew = traitlets.List(traitlets.Unicode()).tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        chapter: str,
        profile: str,
        declared: Sequence[Parameter],
        values: dict[str, Any],
        base: dict[str, Any],
        trained_anew: dict[str, list[str]],
        executed_anew: list[str],
    ):
        """`values` of this run; `base`: what `profile` sets by itself; `trained_anew`: per parameter the networks that
        depend on it; `executed_anew`: the chapters that stand on this one, itself first.
        """
        fields = [
            {
                **asdict(each),
                "range": each.range,
                "value": _text(values[each.name]),
                "base": _text(base.get(each.name, each.default)),
                "trains": trained_anew.get(each.name, []),
            }
            for each in declared
            if each.name != "profile"
        ]
        super().__init__(chapter=chapter, profile=profile, declared=fields, executed_anew=executed_anew)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
