"""What the built book says of each glued number: its key, what stands behind it, commit and data.

"auxiliary_accuracy · chapter classifier, profile paper, data simulated · networks: auxiliary 801fd9624be9 · commit …"
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from camgan_lib.base import paths
from camgan_lib.book import chapters, published
from camgan_lib.book.records import Record, read_record
from camgan_lib.book.tracing import Source, Sources, sources_of_glued
from camgan_lib.verdicts.wording import joined, shown

MOST = 4
"""How many networks or commits a note names. The foot of a chapter's page lists all of its networks."""


@dataclass(frozen=True)
class Note:
    """The note on a number: its key, what stands behind it (records, files, networks), and which run `made` it.

    `str` gives all of it in one line.
    """

    key: str
    behind: tuple[str, ...]
    made: tuple[str, str]
    """Chapter, profile and data; commit."""

    def __str__(self) -> str:
        return " · ".join([self.key, self.made[0], *self.behind, self.made[1]])


def of_chapter(chapter: str, build: Path) -> dict[str, Note]:
    """Key of each number that a chapter glued when it ran in this build → the note on it; {} if it has not run.

    Reads the executed copy, so that the code is that which made the numbers, and the chapters' records.
    """
    copy = build / "executed" / chapters.source(chapter).name
    record = read_record(build / "records", chapter)
    if record is None or not copy.is_file():
        return {}
    cells = [each for each in json.loads(copy.read_text("utf-8"))["cells"] if each["cell_type"] == "code"]
    code = [("".join(each["source"]), _glued_by(each)) for each in cells]
    found = sources_of_glued(code, record["parameters"], chapters.UPSTREAM[chapter])
    return {key: _note(key, sources, record, build) for key, sources in found.items()}


def of_result(key: str, build: Path) -> Note | None:
    """The note on a number "<chapter>.<name>…" of a build's results.json; None if the chapter has not run."""
    chapter = key.partition(".")[0]
    record = read_record(build / "records", chapter)
    if record is None:
        return None
    kinds = {network["kind"] for network in record["networks"]}
    return _note(key, frozenset(Source("networks", kind) for kind in kinds), record, build)


def _glued_by(cell: dict[str, Any]) -> list[str]:
    return [output["metadata"]["scrapbook"]["name"] for output in cell["outputs"] if "scrapbook" in _metadata(output)]


def _metadata(output: dict[str, Any]) -> dict[str, Any]:
    return output.get("metadata", {})


def _note(key: str, sources: Sources, record: Record, build: Path) -> Note:
    facts, behind = record["provenance"], []
    data = "" if facts["data"] == "none" else f", data {facts['data']}"
    if names := sorted(each.name for each in sources if each.kind == "chapter"):
        behind.append(f"from the results of {'chapter' if len(names) == 1 else 'chapters'} {joined(names)}")
    behind += [_file(each, build) for each in sorted(sources) if each.kind in ("trial", "sweep", "published")]
    if used := [network for network in record["networks"] if _among(network, sources)]:
        behind.append(f"networks: {_named(used)}")
    made = f"chapter {record['chapter']}, profile {facts['profile']}{data}", f"commit {facts['commit']}"
    return Note(key, tuple(behind), made)


def _among(network: dict[str, Any], sources: Sources) -> bool:
    return bool(sources & {Source("network", network["name"]), Source("networks", network["kind"])})


def _named(networks: list[dict[str, Any]]) -> str:
    names = [f"{shown(each['name'])} {each['id'][:12]}" for each in networks[:MOST]]
    more = len(networks) - len(names)
    return joined([*names, f"{more} more"]) if more else joined(names)


def _file(source: Source, build: Path) -> str:
    """Where a published result lies, and at which commit it was made."""
    folder = paths.published_folder()
    places = {
        "trial": folder / "trials" / f"{source.name}.json",
        "published": folder / source.name / "results.json",
    }
    path = places[source.kind] if source.kind in places else published.sweep_files(source.name, build)[0]
    where = path.relative_to(folder.parent) if path.is_relative_to(folder) else f"sweeps/{path.name} of this build"
    commits, _ = published.made_at(path)
    if len(commits) > MOST:
        return f"{where} (made at {len(commits)} commits, which it names)"
    return f"{where} ({'commit' if len(commits) == 1 else 'commits'} {joined(commits)})" if commits else str(where)
