"""What was done in a run, for its RO-Crate: an action for each chapter and for each training of a network.

A chapter's notebook is the tool of its action; the chapters' records, data, networks and parameters go in, its record
and executed copy come out. A training's tool is the library at the commit that trained.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rocrate.model.entity import Entity

from camgan_lib.base.identity import recipe_id
from camgan_lib.base.params import Parameter
from camgan_lib.base.settings import Site
from camgan_lib.book.crate_graph import Graph
from camgan_lib.book.records import Record
from camgan_lib.book.results import named
from camgan_lib.book.staleness import FOLDERS

_TYPES = {"int": "Integer", "float": "Float", "str": "Text", "bool": "Boolean"}


def ended(started: str, seconds: float) -> str:
    """The time, ISO 8601, so many seconds after another one, to the second."""
    return (datetime.fromisoformat(started) + timedelta(seconds=round(seconds))).isoformat()


# --- data and networks


def data_of(graph: Graph, record: Record, store: Path) -> list[Entity]:
    """The data that a chapter made: files of the crate where the store lies in it, and else what is known of them."""
    found = []
    for name, product in record["products"].items():
        if not isinstance(product.get("file"), str):
            continue
        about = {"name": f"{FOLDERS[name]} of chapter {record['chapter']}", "identifier": product["fingerprint"]}
        path = store / FOLDERS[name] / product["file"]
        if path.is_relative_to(graph.root) and path.is_file():
            found.append(graph.file(path, **about))
        else:
            found.append(graph.thing(f"#{FOLDERS[name]}-{path.stem}", "CreativeWork", **about))
    return found


def network(graph: Graph, name: str, folder: Path) -> Entity:
    """A network's weights, with the action that trained them. `folder`: where weights and manifest lie."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    identity = f"{manifest['kind']}-{manifest['id']}"
    about = {"name": f"{manifest['kind']} {name}", "identifier": manifest["id"]}
    if folder.is_relative_to(graph.root):
        result = [graph.file(folder / "weights.safetensors", sha256=manifest["weights_sha256"], **about)]
        result.append(graph.file(folder / "manifest.json", name=f"manifest of {about['name']}"))
    else:
        size = str((folder / "weights.safetensors").stat().st_size)
        more = {"sha256": manifest["weights_sha256"], "contentSize": size}
        text = "Weights that came with the project; they are not in this folder."
        result = [graph.thing(f"#{identity}", "CreativeWork", description=text, **about, **more)]
    if not graph.has(f"#training-{identity}"):
        _training(graph, manifest, f"#training-{identity}", about["name"], result)
    return result[0]


def _training(graph: Graph, manifest: dict[str, Any], identity: str, name: str, result: list[Entity]) -> None:
    commit, date, seconds = manifest.get("commit"), manifest.get("date"), manifest.get("seconds")
    version = commit or "unknown"
    needs = [graph.software(*each) for each in manifest.get("versions", {}).items()]
    tool = graph.thing(
        f"#camgan-{recipe_id([version, manifest.get('versions')])}",
        "SoftwareApplication",
        name="camgan",
        description="The library of this project at the commit that is its version.",
        softwareVersion=version,
        softwareRequirements=needs,
    )
    recipe = json.dumps(manifest["recipe"], sort_keys=True)
    given = graph.thing(f"#recipe-{manifest['id']}", "PropertyValue", name="recipe", value=recipe)
    graph.thing(
        identity,
        "CreateAction",
        name=f"Training of {name}",
        description=f"Took {seconds} s on {manifest.get('device')}; profile {manifest.get('profile')}.",
        instrument=tool,
        object=[*_learned_from(graph, manifest), given, _device(graph, manifest.get("device"))],
        result=result,
        endTime=date,
        resourceUsage=_seconds(graph, identity, seconds),
    )


def _learned_from(graph: Graph, manifest: dict[str, Any]) -> list[Entity]:
    """The data of the run that are those of a training, byte for byte, and the classifiers that steered it."""
    fingerprints = [manifest.get(f"{kind}_fingerprint") for kind in ("data", "nostyle")]
    return graph.identified(*fingerprints, *(manifest["recipe"].get(name) for name in ("auxiliary", "second")))


def _seconds(graph: Graph, action: str, seconds: float | None) -> Entity:
    """The seconds that an action took."""
    unit = {"propertyID": "https://qudt.org/vocab/quantitykind/Time", "unitCode": "https://qudt.org/vocab/unit/SEC"}
    return graph.thing(f"{action}-seconds", "PropertyValue", name="seconds", value=seconds, **unit)


def _device(graph: Graph, device: str | None) -> Entity:
    """The device that was used, in words."""
    return graph.thing(f"#device-{recipe_id(device)}", "PropertyValue", name="device used", value=device)


# --- chapters


def tool(graph: Graph, source: Path, declared: Mapping[str, Parameter], record: Record) -> Entity:
    """A chapter's notebook as a tool, with the parameters that it declares and the packages that it ran with."""
    name = source.relative_to(graph.root).as_posix()
    inputs = [
        graph.thing(
            f"{name}#{each.name}",
            "FormalParameter",
            name=each.name,
            description=each.meaning,
            additionalType=_TYPES[each.type],
            defaultValue=str(each.default),
        )
        for each in declared.values()
    ]
    packages = [graph.software(*each) for each in record["provenance"]["versions"].items()]
    site = Site.from_environment()
    return graph.file(
        source,
        "SoftwareSourceCode",
        name=f"chapter {record['chapter']}",
        url=f"{site.repository}/blob/{site.branch}/book/{source.name}" if site.repository else "",
        programmingLanguage=graph.thing("#python", "ComputerLanguage", name="Python", url="https://www.python.org/"),
        version=record["provenance"]["commit"],
        input=inputs,
        softwareRequirements=packages,
    )


def values(graph: Graph, source: str, record: Record) -> list[Entity]:
    """A chapter's parameters with their values; of the user's files and folders the names alone."""
    return [
        graph.thing(
            f"#{record['chapter']}/{name}",
            "PropertyValue",
            name=name,
            value=value if value != "" else "(empty)",
            exampleOfWork={"@id": f"{source}#{name}"},
        )
        for name, value in named(record["parameters"]).items()
    ]


def run_of(graph: Graph, record: Record, instrument: Entity, given: list[Entity], made: list[Entity]) -> Entity:
    """The action that executed a chapter."""
    chapter, facts = record["chapter"], record["provenance"]
    return graph.thing(
        f"#run-{chapter}",
        "CreateAction",
        name=f"Run of chapter {chapter}",
        description=f"Profile {facts['profile']}, seed {facts['seed']}, commit {facts['commit']}, {facts['device']}.",
        instrument=instrument,
        object=[*given, _device(graph, facts["device"])],
        result=made,
        startTime=facts["started"],
        endTime=ended(facts["started"], facts["seconds"]),
        resourceUsage=_seconds(graph, f"#run-{chapter}", facts["seconds"]),
    )


def span(records: Mapping[str, Record]) -> tuple[str, str]:
    """When the first chapter began and the last one ended."""
    facts = [record["provenance"] for record in records.values()]
    starts = [datetime.fromisoformat(each["started"]).astimezone(UTC) for each in facts]
    ends = [datetime.fromisoformat(ended(each["started"], each["seconds"])).astimezone(UTC) for each in facts]
    return min(starts).isoformat(), max(ends).isoformat()
