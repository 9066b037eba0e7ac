"""Writes results.json: the numbers of a run, the parameters that it ran with, and where they come from."""

from pathlib import Path
from typing import Any

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_json
from camgan_lib.base.versions import SOURCES, code_version
from camgan_lib.book import chapters
from camgan_lib.book.plan import Plan
from camgan_lib.book.profiles import FILES
from camgan_lib.book.records import read_record
from camgan_lib.book.staleness import read_stamp


def named(parameters: dict[str, Any]) -> dict[str, Any]:
    """A chapter's parameters, with the names alone of the user's files and folders."""
    return {name: Path(value).name if name in FILES else value for name, value in parameters.items()}


def write_results(plan: Plan) -> Path:
    """Writes the results of all chapters to `<build>/results.json` and returns that path.

    Of folders of data it holds the names only. Raises CamganError where a chapter has not run.
    """
    found = {chapter: read_record(plan.build / "records", chapter) for chapter in chapters.sources()}
    if missing := [chapter for chapter, record in found.items() if record is None]:
        raise CamganError(f"results.json needs every chapter, {', '.join(missing)} has not run; run 'camgan book'")
    records = {chapter: record for chapter, record in found.items() if record is not None}
    facts = [record["provenance"] for record in records.values()]
    seconds = {chapter: (read_stamp(plan, chapter) or {}).get("seconds") for chapter in records}
    head = {
        "profile": plan.profile,
        "data": Path(plan.parameters["dataset"].get("data", "")).name,
        "nostyle": Path(plan.parameters.get("style_gan", {}).get("nostyle", "")).name,
        "seed": facts[0]["seed"],
        "commit": facts[0]["commit"],
        "device": facts[0]["device"],
        "versions": facts[0]["versions"],
        "started": facts[0]["started"],
        "seconds": round(sum(each or 0 for each in seconds.values()), 1),
        "seconds_by_chapter": seconds,
        "parameters": {chapter: named(record["parameters"]) for chapter, record in records.items()},
        "code": {kind: code_version(kind) for kind in SOURCES},
    }
    networks = {each["id"]: each for record in records.values() for each in record.get("networks", [])}
    run = {**head, "networks": list(networks.values())}
    path = plan.build / "results.json"
    write_json(path, {"run": run, **{chapter: record["results"] for chapter, record in records.items()}})
    return path
