"""A form of a chapter's parameters: the reader edits it and sees how to run the chapter with those values."""

from typing import Any

import traitlets

from camgan_lib.base.params import Parameter, values_model
from camgan_lib.show.widgets.base import Widget


class ParameterForm(Widget):
    """One field per declared parameter. The page checks values by the JSON Schema of the command line's own model.

    State: `texts`, the fields' contents by name.
    """

    module, label = "parameter_form", "Run this chapter with other parameters"

    chapter = traitlets.Unicode().tag(sync=True)
    profile = traitlets.Unicode().tag(sync=True)
    schema = traitlets.Dict().tag(sync=True)
    fields: traitlets.List[Any] = traitlets.List().tag(sync=True)
    executed_anew = traitlets.List(traitlets.Unicode()).tag(sync=True)
    texts = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        chapter: str,
        profile: str,
        declared: dict[str, Parameter],
        values: dict[str, Any],
        base: dict[str, Any],
        trained_anew: dict[str, list[str]],
        executed_anew: list[str],
    ):
        """A form that shows `values`, those of this run; `profile` alone would set those of `base`.

        `trained_anew` has, by parameter, the networks that depend on it. `executed_anew` has the chapters that need
        this one's results, itself first. The parameter `profile` gets no field: the command names the profile.
        """
        shown = {name: each for name, each in declared.items() if name != "profile"}
        fields = [
            {
                "name": name,
                "value": _text(values[name]),
                "base": _text(base.get(name, each.default)),
                "expected": each.expected,
                "trains": trained_anew.get(name, []),
            }
            for name, each in shown.items()
        ]
        schema = values_model(chapter, shown).model_json_schema()
        super().__init__(chapter=chapter, profile=profile, schema=schema, fields=fields, executed_anew=executed_anew)


def _text(value: Any) -> str:
    """A value as one would type it on the command line."""
    return str(value).lower() if isinstance(value, bool) else str(value)
