"""Chapter parameters: read from the cell that declares them, and checked before any kernel starts.

A chapter declares its parameters in its parameters cell and nowhere else, a line each:

    epochs: int = 8  # [1..1000] passes over the training crops
    split: str = "auto"  # {auto, random, date, scene} how photos are shared out

The comment gives the range `[lowest..highest]` or the choices `{a, b}`, then the meaning. papermill's reader takes the
line apart. The declarations become a pydantic model (`values_model`). The command line checks values with this model,
and the form of the built page checks them with the model's JSON Schema.
"""

import ast
import importlib
import json
import re
import sys
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from camgan_lib.base.errors import CamganError, did_you_mean

TYPES = {"int": int, "float": float, "str": str, "bool": bool}
_RANGE = re.compile(r"^\[\s*(\S+?)\s*\.\.\s*(\S+?)\s*\]\s*")
_CHOICES = re.compile(r"^\{([^}]*)\}\s*")


@dataclass(frozen=True)
class Parameter:
    """One declared parameter of a chapter; a number lies between `lowest` and `highest`, both included."""

    name: str
    type: str
    default: Any
    lowest: float | None
    highest: float | None
    choices: tuple[str, ...] | None
    meaning: str

    @property
    def range(self) -> str:
        """The values that are allowed, as one short text."""
        if self.choices:
            return ", ".join(self.choices)
        if self.lowest is not None and self.highest is not None:
            return " to ".join(f"{b:.0f}" if b == int(b) else f"{b:g}" for b in (self.lowest, self.highest))
        return "true, false" if self.type == "bool" else "any"

    @property
    def expected(self) -> str:
        """The type and the allowed values, as a message says them: `int (1 to 1000)`."""
        return self.type + (f" ({self.range})" if self.range != "any" else "")


# --- reading declarations


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """The parameters that a chapter declares, by name, in the order of the cell.

    Raises ValueError if no code cell has the tag `parameters`, or if a line of that cell is not a declaration.
    """
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", []):
            return parse_declarations("".join(cell["source"]), notebook.name)
    raise ValueError(f"{notebook.name} has no code cell tagged 'parameters'")


def parse_declarations(source: str, where: str = "parameters cell") -> dict[str, Parameter]:
    """The parameters that the source of a parameters cell declares, by name.

    Each line holds one declaration, is empty or is a comment. Raises ValueError, with the number of the line, for
    anything else. papermill reads no line with a second `=` and no default with a `#`, so these are refused too.
    """
    declared = {}
    for number, line in enumerate(source.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            parameter = _declaration(line, f"{where}, line {number}")
            declared[parameter.name] = parameter
    return declared


def _declaration(line: str, where: str) -> Parameter:
    form = f"{where}: expected 'name: type = default  # meaning' with one '=' and no '#' in the default"
    found = _papermill_reader().inspect({"source": line}) if line.count("=") == 1 else []
    if len(found) != 1 or found[0].inferred_type_name == "None":
        raise ValueError(form)
    name, kind, default, comment = found[0]
    if kind not in TYPES:
        raise ValueError(f"{where}: type {kind!r} is none of {', '.join(TYPES)}")
    try:
        value = ast.literal_eval(default)
    except (ValueError, SyntaxError):
        raise ValueError(form) from None
    lowest = highest = choices = None
    if match := _RANGE.match(comment):
        lowest, highest = float(match[1]), float(match[2])
    elif match := _CHOICES.match(comment):
        choices = tuple(choice.strip() for choice in match[1].split(","))
    return Parameter(name, kind, value, lowest, highest, choices, comment[match.end() :] if match else comment)


@cache
def _papermill_reader() -> Any:
    """papermill's class that reads Python declarations, without the rest of papermill.

    `import papermill` also loads its executor and takes seconds. So papermill's folder is entered under another name,
    whose `__init__` is empty, and only the module `translators` is loaded from it.
    """
    alone = ModuleType("papermill_alone")
    found = find_spec("papermill")
    assert found is not None
    assert found.submodule_search_locations is not None
    alone.__path__ = list(found.submodule_search_locations)
    sys.modules[alone.__name__] = alone
    return importlib.import_module("papermill_alone.translators").PythonTranslator


# --- checking values


def values_model(chapter: str, declared: dict[str, Parameter]) -> type[BaseModel]:
    """A pydantic model with a field for each declared parameter: its type, default, range or choices, and meaning.

    It takes texts for numbers and truth values, as the command line gives them: "1e-4", "true".
    """
    return _model(chapter, tuple(declared.values()))


@cache
def _model(chapter: str, declared: tuple[Parameter, ...]) -> type[BaseModel]:
    config = ConfigDict(extra="forbid", allow_inf_nan=False, validate_default=True)
    fields: dict[str, Any] = {each.name: _field(each) for each in declared}
    return create_model(chapter, __config__=config, **fields)


def _field(parameter: Parameter) -> tuple[Any, Any]:
    kind = TYPES[parameter.type]
    allowed: Any = Annotated[
        Literal[parameter.choices] if parameter.choices else kind,
        Field(description=parameter.meaning, ge=parameter.lowest, le=parameter.highest),
        BeforeValidator(partial(_refuse_other_kinds, kind)),
    ]
    return allowed, parameter.default


def _refuse_other_kinds(kind: type, value: Any) -> Any:
    """`value` itself. Raises ValueError where pydantic is too lenient.

    That is for a truth value where `kind` is another type, for any other value where `kind` is bool, and for a text
    that Python does not read as a number ("0-1" is -1 to pydantic) where `kind` is one.
    """
    if isinstance(value, str):
        if kind in (int, float):
            float(value)
    elif isinstance(value, bool) != (kind is bool):
        raise ValueError
    return value


def check_parameters(chapter: str, declared: dict[str, Parameter], given: dict[str, Any]) -> dict[str, Any]:
    """Every declared parameter with its value: the given one, as the declared type, or else the default.

    Raises CamganError for an unknown name, a value of another type or a value out of range.
    """
    for name in given:
        if name not in declared:
            raise CamganError(
                f"chapter {chapter} has no parameter {name!r}; it has {', '.join(declared)} "
                f"('camgan params {chapter}' explains them){did_you_mean(name, declared)}"
            )
    try:
        return dict(values_model(chapter, declared).model_validate(given))
    except ValidationError as error:
        wrong = declared[str(error.errors(include_url=False)[0]["loc"][0])]
        raise CamganError(
            f"parameter {chapter}.{wrong.name} must be of type {wrong.expected}, "
            f"got {given.get(wrong.name, wrong.default)!r}; 'camgan params {chapter}' lists what is allowed"
        ) from None


def parse_setting(text: str) -> tuple[str | None, str, str]:
    """A setting of the command line, `chapter.name=value` or `name=value`, as (chapter or None, name, value).

    Raises CamganError where the `=` or the name is missing.
    """
    left, equals, value = text.partition("=")
    if not equals or not left.strip():
        raise CamganError(f"-p takes chapter.name=value or name=value, got {text!r}")
    chapter, dot, name = left.strip().rpartition(".")
    return (chapter if dot else None), name, value.strip()
