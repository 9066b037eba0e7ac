"""Writes a book's RO-Crate, `<build>/ro-crate-metadata.json`: what was run, on what, with what, and what came out.

The build folder then is a crate: https://w3id.org/ro/crate/1.1. It follows the profile Provenance Run Crate, because a
book is a workflow (its table of contents) whose steps (its chapters) were executed one by one. Copies of the sources,
`<build>/source/`, make it whole. Of the user's files and folders the crate holds names only, never where they lie.
"""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import file_sha256, folder_aside, write_aside, write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.book import chapters, croissant, published, recipes
from camgan_lib.book.citation import read_citation
from camgan_lib.book.plan import Plan, declared
from camgan_lib.book.records import Record, read_record

if TYPE_CHECKING:
    from rocrate.model.entity import Entity

    from camgan_lib.book.crate_graph import Graph

NAME = "ro-crate-metadata.json"
TOC = "_toc.yml"
CONTENTS = (
    "The order of chapters: each is executed after those that it stands on (UPSTREAM in camgan_lib/book/chapters.py)"
)
README = """# {title}

One run of the book.

    html/index.html         the book, opens from disk
    results.json            every number in it, and how it was made
    executed/               the chapters as they were executed, with their outputs
    records/                what each chapter recorded: parameters, results, ids of data and networks, versions
    source/                 the chapters as they were before
    store/                  photos, crops and networks that were made here
    croissant.json, data/   the photos that were used, for tools that read Croissant
    ro-crate-metadata.json  what was run on what, with checksums, for tools that read RO-Crate
"""
"""What lies in a build folder."""


def write_crate(plan: Plan) -> Path:
    """Writes the crate of an executed plan whose pages are built, and `croissant.json`; returns the crate's path.

    Where nothing has changed since it was written, nothing is written. The content follows from the build folder alone.
    Raises CamganError where a chapter has not run or the folder can't be written.
    """
    path, key = plan.build / NAME, _key(plan)
    if _is_current(path, key):
        return path
    records = {chapter: read_record(plan.build / "records", chapter) for chapter in chapters.sources()}
    known = {chapter: record for chapter, record in records.items() if record is not None}
    if missing := [chapter for chapter in records if chapter not in known]:
        raise CamganError(f"a crate needs every chapter, {', '.join(missing)} has not run; run 'camgan book'")
    _copy_sources(plan.build / "source")
    with write_aside(plan.build / "README.md") as aside:
        aside.write_text(README.format(title=read_citation().title), "utf-8")
    write_json(path, _document(plan, known, key, croissant.write_croissant(plan, known["dataset"])))
    return path


def _key(plan: Plan) -> str:
    """A hash of what the crate is made of: all that the pages are made of, where the store lies, CITATION.cff."""
    pages = (plan.build / "html" / "camgan-key").read_text("utf-8")
    return recipe_id([pages, plan.settings.store.is_relative_to(plan.build), file_sha256(paths.ROOT / "CITATION.cff")])


def _is_current(path: Path, key: str) -> bool:
    """Whether the crate has this key, and its files have the sizes that it says."""
    try:
        found = {each["@id"]: each for each in json.loads(path.read_text("utf-8"))["@graph"]}
        sizes = {name: each["contentSize"] for name, each in found.items() if "File" in each["@type"]}
        whole = all(str((path.parent / unquote(name)).stat().st_size) == size for name, size in sizes.items())
        return whole and found["./"]["identifier"] == key
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _copy_sources(folder: Path) -> None:
    """Copies the book's table of contents and its chapters, without outputs, into a folder that holds nothing else."""
    try:
        with folder_aside(folder) as aside:
            for source in (paths.book_folder() / TOC, *chapters.sources().values()):
                shutil.copyfile(source, aside / source.name)
    except OSError as error:
        raise CamganError(f"can't write {folder} ({error.strerror}); free space or choose another folder") from None


def _document(plan: Plan, records: dict[str, Record], key: str, croissants: dict[Path, str]) -> dict[str, Any]:
    from camgan_lib.book import crate_actions, crate_graph

    graph, (began, end) = crate_graph.Graph(plan.build, croissants), crate_actions.span(records)
    data, title = records["dataset"]["provenance"]["data"], read_citation().title
    about = {"description": "One run of the book. html/index.html is its first page, results.json holds every number."}
    about |= {"name": f"{title}: profile {plan.profile}, data {data}", "datePublished": end, "identifier": key}
    graph.describe(read_citation(), **about)
    photos = _photos(graph, plan, records["dataset"])
    tools, runs = _chapters(graph, plan, records, photos)
    workflow = _workflow(graph, tools, records)
    whole = graph.thing(
        "#run",
        "CreateAction",
        name=f"Run of the book, profile {plan.profile}",
        description=f"camgan book --profile {plan.profile}; chapters that had not changed were kept.",
        instrument=workflow,
        object=[photos, *_settings(graph, plan)],
        result=[
            graph.file(plan.build / "results.json", name="results.json", description="Every number of the run."),
            graph.folder(plan.build / "html", name="The book as web pages", description="It begins with index.html."),
        ],
        startTime=began,
        endTime=end,
    )
    _engine(graph, workflow, runs, whole)
    _other_files(graph, croissants, photos)
    root, actions = graph.crate.root_dataset, graph.crate.get_by_type("CreateAction")
    root["mainEntity"], root["mentions"] = workflow, [whole, *(each for each in actions if each is not whole)]
    return graph.document()


def _other_files(graph: "Graph", croissants: Iterable[Path], photos: "Entity") -> None:
    """Files that no action names: the description of the photos, pictures and networks of the pages, README.md."""
    for path in croissants:
        graph.file(path, about=photos)
    for path in sorted((graph.root / "executed").rglob("[!.]*")):
        if path.is_file() and not path.name.endswith(".failed.ipynb"):
            graph.file(path)
    graph.file(graph.root / "README.md", about=graph.crate.root_dataset)


def _photos(graph: "Graph", plan: Plan, record: Record) -> "Entity":
    """The photos of a run: a folder of the crate where they are simulated and the store lies in it, and else a name."""
    if record["parameters"]["data"] != "simulated":
        text = "A folder of photos of the user, which is not in this one. croissant.json lists what was used."
        return graph.thing("#photos", "CreativeWork", name=record["provenance"]["data"], description=text)
    text = "Photos by simulated cameras of scenes that no camera took; manifest.csv has the SHA-256 of each."
    if folder := croissant.simulated_photos(plan, record):
        graph.file(folder / "manifest.csv")
        return graph.folder(folder, name="simulated photos", description=text)
    name = recipes.simulated_folder(record["parameters"])
    return graph.thing("#photos", "CreativeWork", name="simulated photos", description=text, identifier=name)


def _settings(graph: "Graph", plan: Plan) -> list["Entity"]:
    """What else a run was started with."""
    given = {"profile": plan.profile, "seed": plan.parameters["dataset"]["seed"], "fresh": plan.settings.fresh}
    return [graph.thing(f"#{name}", "PropertyValue", name=name, value=value) for name, value in given.items()]


def _chapters(
    graph: "Graph", plan: Plan, records: dict[str, Record], photos: "Entity"
) -> tuple[dict[str, "Entity"], dict[str, "Entity"]]:
    """The tool and the action of each chapter."""
    from camgan_lib.book import crate_actions as actions

    store, parameters = plan.settings.store, declared()
    made = {chapter: actions.data_of(graph, record, store) for chapter, record in records.items()}
    tools, runs = {}, {}
    for chapter, record in records.items():
        source = plan.build / "source" / chapters.source(chapter).name
        tools[chapter] = actions.tool(graph, source, parameters[chapter], record)
        given = [photos] if chapter == "dataset" else []
        for before in chapters.UPSTREAM[chapter]:
            given += [graph.file(plan.build / "records" / f"{before}.json"), *made[before]]
        given += [actions.network(graph, name, folder) for name, folder in _networks(record, store).items()]
        if chapter in chapters.SHOW_SWEEPS:
            given += [graph.file(path) for path in sorted(plan.build.glob("sweeps/*.json"))]
        given += actions.values(graph, tools[chapter].id, record)
        left = [
            graph.file(plan.build / "records" / f"{chapter}.json"),
            graph.file(plan.build / "executed" / source.name),
        ]
        runs[chapter] = actions.run_of(graph, record, tools[chapter], given, left + made[chapter])
    return tools, runs


def _networks(record: Record, store: Path) -> dict[str, Path]:
    """The folders of the networks that a chapter used, by name."""
    roots = (store, published.store_folder())
    found = {
        each["name"]: [root / each["kind"] / each["id"] for root in roots if _is_stored(root, each)]
        for each in record["networks"]
    }
    return {name: places[0] for name, places in found.items() if places}


def _is_stored(root: Path, network: dict[str, Any]) -> bool:
    return (root / network["kind"] / network["id"] / "manifest.json").is_file()


def _workflow(graph: "Graph", tools: dict[str, "Entity"], records: dict[str, Record]) -> "Entity":
    """The book as a workflow: its steps in their order, each with the notebook that does it."""
    steps = [
        graph.thing(f"source/{TOC}#{chapter}", "HowToStep", name=chapter, position=str(n), workExample=tool)
        for n, (chapter, tool) in enumerate(tools.items(), 1)
    ]
    language = {"name": "Jupyter Book", "url": "https://jupyterbook.org/"}
    return graph.file(
        graph.root / "source" / TOC,
        "SoftwareSourceCode",
        "ComputationalWorkflow",
        "HowTo",
        name="The book",
        description=CONTENTS,
        programmingLanguage=graph.thing("#jupyter-book", "ComputerLanguage", **language),
        version=records["dataset"]["provenance"]["commit"],
        hasPart=list(tools.values()),
        step=steps,
    )


def _engine(graph: "Graph", workflow: "Entity", runs: dict[str, "Entity"], whole: "Entity") -> None:
    """What executed the chapters in their order: this library, with papermill."""
    steps = [
        graph.thing(
            f"#step-{chapter}",
            "ControlAction",
            name=f"Execution of chapter {chapter}",
            instrument={"@id": f"{workflow.id}#{chapter}"},
            object=run,
        )
        for chapter, run in runs.items()
    ]
    url = "https://papermill.readthedocs.io/"
    text = "Executes the chapters, each after those that it stands on, with papermill."
    engine = graph.thing("#camgan-book", "SoftwareApplication", name="camgan book", description=text, url=url)
    engine["softwareVersion"] = read_citation().version
    graph.thing("#engine", "OrganizeAction", name="camgan book", instrument=engine, object=steps, result=whole)
