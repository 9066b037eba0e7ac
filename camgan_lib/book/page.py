"""The foot of a chapter, "How this page was made": its parameters, its networks, and where and when it was executed."""

import html
from typing import Any

from IPython.display import HTML

from camgan_lib.base.errors import CamganError
from camgan_lib.base.params import Parameter, check_parameters, read_parameters
from camgan_lib.book import chapters
from camgan_lib.book.profiles import read_profile
from camgan_lib.book.recipes import retrained
from camgan_lib.book.records import Record
from camgan_lib.show.figures import provenance
from camgan_lib.show.figures.tables import capitalised, table
from camgan_lib.show.widgets.parameter_form import ParameterForm

COLUMNS = ("name", "value", "default", "range", "meaning")


def foot(record: Record, *, static: bool, trainings: list[dict[str, Any]] | None = None) -> HTML:
    """How the chapter of this record was made, as a folded block.

    `trainings`: the networks of the published run that the chapter shows, if it shows one. A `static` page (one of the
    built book) has a form of the parameters beside their table.
    """
    made = record["networks"] and provenance.network_table(record["networks"])._repr_html_()
    shown = trainings and provenance.training_table(trainings)._repr_html_()
    note = provenance.note(record["networks"])
    networks = "".join(each for each in (made, note and f"<p>{html.escape(note)}</p>", shown) if each)
    origin = provenance.line(record) + (f"<h3>Networks</h3>{networks}" if networks else "")
    summary = "<summary><h2>How this page was made</h2></summary>"
    values = parameters(record["chapter"], record["parameters"], static=static)
    return HTML(f'<details class="camgan-how" id="how">{summary}<div id="provenance">{origin}</div>{values}</details>')


def parameters(chapter: str, values: dict[str, Any], *, static: bool) -> str:
    """A chapter's parameters as HTML: value, default if it differs, range and meaning.

    On a `static` page the table is for print and for browsers that run no JavaScript; others show a form.
    """
    declared = read_parameters(chapters.source(chapter))
    rows = [_row(each, values[each.name]) for each in declared.values()]
    shown = table(rows, {key: (capitalised(key), "{}") for key in COLUMNS})._repr_html_()
    if static:
        form = _form(chapter, values, declared).static_html()
        shown = f'<div class="camgan-moves">{form}</div><div class="camgan-stands">{shown}</div>'
    changed = sum(row["default"] != "" for row in rows)
    said = f"<h3>Parameters</h3><p>{changed} of {len(rows)} differ from the default.</p>"
    return f'<div class="camgan-parameters">{said}{shown}</div>'


def _row(declared: Parameter, value: Any) -> dict[str, str]:
    return {
        "name": declared.name,
        "value": _shown(value),
        "default": "" if value == declared.default else _shown(declared.default),
        "range": declared.range,
        "meaning": declared.meaning,
    }


def _form(chapter: str, values: dict[str, Any], declared: dict[str, Parameter]) -> ParameterForm:
    profile = values["profile"]
    try:
        base = read_profile(profile)[1][chapter]
    except CamganError:
        profile, base = f"{profile}.yml", values
    set_by_profile = check_parameters(chapter, declared, {**base, "profile": values["profile"]})
    trained_anew = {name: networks for name in declared if (networks := retrained(chapter, name))}
    return ParameterForm(chapter, profile, declared, values, set_by_profile, trained_anew, chapters.downstream(chapter))


def _shown(value: Any) -> str:
    return "(empty)" if value == "" else str(value)
