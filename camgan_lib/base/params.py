"""Chapter parameters: read from the cell that declares them, checked before any kernel starts.

A chapter's parameters cell is the one place where they stand, a line each:

    epochs: int = 8  # [1..1000] passes over the training crops
    split: str = "auto"  # {auto, random, date, scene} how photos are shared out

The comment gives the range `[lowest..highest]` or the choices `{a, b}`, then the meaning.
"""

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from camgan_lib.base.errors import CamganError

TYPES = {"int": int, "float": float, "str": str, "bool": bool}
_RANGE = re.compile(r"^\[\s*(\S+?)\s*\.\.\s*(\S+?)\s*\]\s*")
_CHOICES = re.compile(r"^\{([^}]*)\}\s*")


@dataclass(frozen=True)
class Parameter:
    """One declared parameter of a chapter; `lowest`, `highest` are inclusive bounds of a number."""

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


def read_parameters(notebook: Path) -> dict[str, Parameter]:
    """The parameters that a chapter declares, in order of declaration.

    Raises ValueError where the chapter has no cell tagged `parameters`, or a line of it is not a declaration.
    """
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", []):
            return parse_declarations("".join(cell["source"]), notebook.name)
    raise ValueError(f"{notebook.name} has no code cell tagged 'parameters'")


def parse_declarations(source: str, where: str = "parameters cell") -> dict[str, Parameter]:
    """The declarations in the source of a parameters cell. Raises ValueError on any other statement."""
    comments = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    declared = {}
    for node in ast.parse(source).body:
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value):
            raise ValueError(f"{where}, line {node.lineno}: expected 'name: type = default  # meaning'")
        kind = ast.unparse(node.annotation)
        if kind not in TYPES:
            raise ValueError(f"{where}, line {node.lineno}: type {kind!r} is none of {', '.join(TYPES)}")
        parameter = _declare(
            node.target.id, kind, ast.literal_eval(node.value), comments.get(node.end_lineno or node.lineno, "")
        )
        declared[parameter.name] = parameter
    return declared


def _declare(name: str, kind: str, default: Any, comment: str) -> Parameter:
    lowest = highest = choices = None
    if match := _RANGE.match(comment):
        lowest, highest = float(match[1]), float(match[2])
    elif match := _CHOICES.match(comment):
        choices = tuple(choice.strip() for choice in match[1].split(","))
    meaning = comment[match.end() :] if match else comment
    return Parameter(name, kind, default, lowest, highest, choices, meaning)


def check_value(chapter: str, parameter: Parameter, value: Any) -> Any:
    """`value` as the declared type: the text "1e-4" is a number where a number is due.

    Raises CamganError, one sentence, where it is of another type or out of range.
    """
    kind: Any = TYPES[parameter.type]
    if parameter.choices:
        kind = Literal[parameter.choices]
    elif parameter.lowest is not None:
        kind = Annotated[kind, Field(ge=parameter.lowest, le=parameter.highest, allow_inf_nan=False)]
    elif kind is float:
        kind = Annotated[kind, Field(allow_inf_nan=False)]
    mixed_up = isinstance(value, bool) != (parameter.type == "bool") and not isinstance(value, str)
    try:
        if mixed_up:
            raise ValueError
        return TypeAdapter(kind).validate_python(value)
    except (ValidationError, ValueError):
        allowed = f" ({parameter.range})" if parameter.range != "any" else ""
        raise CamganError(
            f"parameter {chapter}.{parameter.name} must be of type {parameter.type}{allowed}, got {value!r}; "
            f"'camgan params {chapter}' lists what is allowed"
        ) from None


def check_parameters(chapter: str, declared: dict[str, Parameter], given: dict[str, Any]) -> dict[str, Any]:
    """Every declared parameter with its value: the given one, checked, or the default.

    Raises CamganError for an unknown name, a wrong type or a value out of range.
    """
    for name in given:
        if name not in declared:
            raise CamganError(
                f"chapter {chapter} has no parameter {name!r}; it has {', '.join(declared)} "
                f"('camgan params {chapter}' explains them)"
            )
    return {
        name: check_value(chapter, parameter, given.get(name, parameter.default))
        for name, parameter in declared.items()
    }


def parse_setting(text: str) -> tuple[str | None, str, str]:
    """A command line's `chapter.name=value` or `name=value` as (chapter or None, name, value)."""
    left, equals, value = text.partition("=")
    if not equals or not left.strip():
        raise CamganError(f"-p takes chapter.name=value or name=value, got {text!r}")
    chapter, dot, name = left.strip().rpartition(".")
    return (chapter if dot else None), name, value.strip()
