"""A chapter's parameters as its page shows them: as a table, and in the built book as a form."""

from typing import Any

from IPython.display import HTML

from camgan_lib.base.errors import CamganError
from camgan_lib.base.params import Parameter, check_parameters, read_parameters
from camgan_lib.book import chapters
from camgan_lib.book.profiles import read_profile
from camgan_lib.book.recipes import retrained
from camgan_lib.show.figures.style import table
from camgan_lib.show.widgets.parameter_form import ParameterForm

COLUMNS = ("name", "value", "default", "range", "meaning")


def parameter_table(chapter: str, parameters: dict[str, Any], *, static: bool) -> HTML:
    """A chapter's parameters as a folded table: value, default if it differs, range and meaning.

    A `static` page (one of the built book) shows a form, and the table only if the browser runs no JavaScript.
    """
    declared = read_parameters(chapters.source(chapter))
    rows = [_row(each, parameters[each.name]) for each in declared.values()]
    shown = table(rows, {key: (key, "{}") for key in COLUMNS})._repr_html_()
    if static:
        shown = f"<noscript>{shown}</noscript>{_form(chapter, parameters, declared).static_html()}"
    changed = sum(row["default"] != "" for row in rows)
    summary = f"Parameters of this run ({changed} of {len(rows)} differ from the default)"
    return HTML(f'<details class="camgan-parameters"><summary>{summary}</summary>{shown}</details>')


def _row(declared: Parameter, value: Any) -> dict[str, str]:
    return {
        "name": declared.name,
        "value": _shown(value),
        "default": "" if value == declared.default else _shown(declared.default),
        "range": declared.range,
        "meaning": declared.meaning,
    }


def _form(chapter: str, parameters: dict[str, Any], declared: dict[str, Parameter]) -> ParameterForm:
    profile = parameters["profile"]
    try:
        base = read_profile(profile)[1][chapter]
    except CamganError:
        profile, base = f"{profile}.yml", parameters
    values = check_parameters(chapter, declared, {**base, "profile": parameters["profile"]})
    trained_anew = {name: networks for name in declared if (networks := retrained(chapter, name))}
    executed_anew = chapters.downstream(chapter)
    return ParameterForm(chapter, profile, declared, parameters, values, trained_anew, executed_anew)


def _shown(value: Any) -> str:
    return "(empty)" if value == "" else str(value)
