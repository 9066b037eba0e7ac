"""The command line: `camgan book`, `run`, `params`, `compare`, `sweep`, `store`."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from camgan_lib import compare as compare_runs
from camgan_lib import paths, published
from camgan_lib.chapters import (
    ChapterFailed,
    alone,
    build_html,
    data_settings,
    make_plan,
    networks_in_use,
    run_chapters,
    stale_chapters,
    write_results,
)
from camgan_lib.errors import CamganError
from camgan_lib.params import read_parameters
from camgan_lib.store import Store

app = typer.Typer(add_completion=False, no_args_is_help=True, help="camGAN, a paper that runs.")

Profile = Annotated[str, typer.Option(help="smoke, quick, paper, or a .yml file of your own.")]
Settings = Annotated[
    list[str] | None, typer.Option("-p", "--parameter", metavar="CHAPTER.NAME=VALUE", help="Set a parameter.")
]
Data = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Photos, a sub-folder per camera (and CIFAR-10, if DIR holds it too)."),
]
Kernel = Annotated[str, typer.Option(help="The Jupyter kernel that runs the chapters.")]
Build = Annotated[str | None, typer.Option(metavar="DIR", help="Where the run leaves its files (default: _build).")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Train every network here; leave the published ones aside.")]
NoExecute = Annotated[
    bool, typer.Option("--no-execute", help="Only build the HTML, of what was executed last; pages say what is stale.")
]
Again = Annotated[bool, typer.Option("--again", help="Execute chapters even where nothing has changed.")]


@app.command()
def book(
    profile: Profile = "paper",
    parameter: Settings = None,
    data: Data = None,
    kernel: Kernel = "python3",
    build: Build = None,
    again: Again = False,
    fresh: Fresh = False,
    no_execute: NoExecute = False,
) -> None:
    """Run all chapters in order and build the HTML book."""
    plan = make_plan(profile, _settings(data, parameter), build=_folder(build), kernel=kernel, fresh=fresh)
    with alone(plan.build):
        if no_execute:
            stale = stale_chapters(plan)
            print(f"nothing is executed; stale: {', '.join(stale) or 'none'}", flush=True)
            print(f"book:    {build_html(plan.build, stale)}")
            return
        run_chapters(plan, list(paths.chapters()), again=again)
        results = write_results(plan)
        print("building the book …", flush=True)
        page = build_html(plan.build)
        print(f"results: {results}\nbook:    {page}")


@app.command()
def run(
    chapter: Annotated[str, typer.Argument(help="The chapter's name, as 'camgan params' lists it.")],
    profile: Profile = "paper",
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="Set a parameter.")
    ] = None,
    data: Data = None,
    kernel: Kernel = "python3",
    build: Build = None,
    fresh: Fresh = False,
) -> None:
    """Run one chapter on what the chapters before it left."""
    paths.chapter_source(chapter)
    settings = _settings(data, parameter)
    plan = make_plan(profile, settings, only=chapter, build=_folder(build), kernel=kernel, fresh=fresh)
    with alone(plan.build):
        run_chapters(plan, [chapter], again=True)
    print(f"executed: {plan.build / 'executed' / paths.chapter_source(chapter).name}")


@app.command()
def params(chapter: Annotated[str | None, typer.Argument(help="One chapter; all without it.")] = None) -> None:
    """List chapters' parameters: name, type, default, allowed values, meaning."""
    for name, source in ({chapter: paths.chapter_source(chapter)} if chapter else paths.chapters()).items():
        print(f"{name}  ({source.relative_to(paths.ROOT)})")
        declared = read_parameters(source).values()
        rows = [(p.name, p.type, "''" if p.default == "" else str(p.default), p.range, p.meaning) for p in declared]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        for row in rows:
            cells = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False))
            print(f"  {cells}  {row[4]}")
        print()


@app.command()
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A results.json, a build folder or a published run's name.")],
    b: Annotated[str, typer.Argument(metavar="[B]", help="Another one (default: the published run).")] = "simulated",
) -> None:
    """Show every number of two runs side by side, and mark what differs beyond chance."""
    first, second = compare_runs.read(a), compare_runs.read(b)
    found = compare_runs.rows(first, second)
    print(f"A: {compare_runs.about(first)}\nB: {compare_runs.about(second)}\n")
    print(compare_runs.table(found, "A", "B"))
    if first.get("dataset", {}).get("cameras") != second.get("dataset", {}).get("cameras"):
        print("\nThe runs have other cameras: what stands by camera is in one of them alone.")
    print(f"\n{compare_runs.summary(found)}")


@app.command()
def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The sweep, a .yml file such as those in sweeps/.")],
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler's, as tcp://host:8786 (default: one here).")
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes of a cluster here; 0: one per core.")] = 0,
    data: Data = None,
    build: Build = None,
) -> None:
    """Train and measure every cell of a grid of parameters, on this machine or on a Dask cluster."""
    from camgan_lib import sweep as sweeps
    from camgan_lib.figures import sweep as figures

    folder = _folder(build) or paths.build_folder()
    os.environ["CAMGAN_BUILD"] = str(folder)
    photos = data_settings(data)[0].partition("=")[2] if data else None
    planned = sweeps.read_sweep(file)
    out = folder / "sweeps" / f"{planned.name}.json"
    result = sweeps.run_sweep(planned, scheduler=scheduler, workers=workers, data=photos, out=out)
    found = sweeps.summary(result)
    print(figures.table(found, result["sweep"]["axes"]))
    picture = out.with_suffix(".png")
    figures.cells(found, result["sweep"]["axes"]).savefig(picture, dpi=150)
    print(f"results: {out}\nplots:   {picture}")


store_app = typer.Typer(no_args_is_help=True, help="The networks that were trained: list, show, prune.")
app.add_typer(store_app, name="store")


@store_app.command("list")
def store_list(build: Build = None) -> None:
    """List stored networks: kind, id, when and how long it was trained, size, whether this build's chapters use it."""
    store, used = _store(build)
    for each in store.manifests():
        recipe = each["recipe"]
        what = f"camera {recipe['target']}" if "target" in recipe else ""
        what = "8-bit" if recipe["recipe"].get("quantized") else what
        facts = f"{each.get('date') or '?':25}  {each['seconds']:8.1f} s  {each['bytes'] / 1e6:6.1f} MB"
        state = f"{'published' if each['published'] else 'own':9}  {'used' if each['id'] in used else '':4}"
        print(f"{each['kind']:10}  {each['id']}  {facts}  {state}  {what}".rstrip())
    print(f"own ones in {store.root}")


@store_app.command("show")
def store_show(
    identity: Annotated[
        str, typer.Argument(metavar="ID", help="An id, or how it begins, as 'camgan store list' shows.")
    ],
    build: Build = None,
) -> None:
    """Print a network's manifest: recipe, metrics, provenance."""
    found = [each for each in _store(build)[0].manifests() if each["id"].startswith(identity)]
    if len(found) != 1:
        raise CamganError(
            f"{len(found)} stored networks have an id that begins with {identity!r}; see 'camgan store list'"
        )
    print(json.dumps(found[0], indent=1, ensure_ascii=False))


@store_app.command("prune")
def store_prune(
    yes: Annotated[bool, typer.Option("--yes", help="Remove them; without it they are only named.")] = False,
    build: Build = None,
) -> None:
    """Remove networks that no chapter of this build uses."""
    if os.environ.get("CAMGAN_STORE"):
        raise CamganError("the store is one that CAMGAN_STORE names: what other builds use of it can't be known here")
    with alone(_folder(build) or paths.build_folder()):
        _prune(build, yes)


def _prune(build: str | None, yes: bool) -> None:
    store, used = _store(build)
    unused = [each for each in store.manifests() if each["id"] not in used and not each["published"]]
    for each in unused:
        print(f"{each['kind']:10}  {each['id']}  {each['bytes'] / 1e6:6.1f} MB")
        if yes:
            store.remove(each["kind"], each["id"])
    size = sum(each["bytes"] for each in unused) / 1e6
    print(f"{'removed' if yes else 'would remove (with --yes)'} {len(unused)} networks, {size:.1f} MB")


@app.command()
def publish(
    name: Annotated[str, typer.Argument(help="What the run is called in published/.")],
    build: Build = None,
    weights: Annotated[bool, typer.Option(help="Whether the networks' weights go with it.")] = True,
) -> None:
    """Copy a build's results, manifests and weights into published/."""
    folder = _folder(build) or paths.build_folder()
    store, _ = _store(build)
    print(f"published: {published.publish(name, folder, store, weights=weights)}")


def _store(build: str | None) -> tuple[Store, set[str]]:
    folder = _folder(build) or paths.build_folder()
    os.environ["CAMGAN_BUILD"] = str(folder)
    return Store(paths.store_folder(), [published.store_folder()]), networks_in_use(folder)


def _settings(data: str | None, settings: list[str] | None) -> list[str]:
    return (data_settings(data) if data else []) + (settings or [])


def _folder(build: str | None) -> Path | None:
    return Path(build).expanduser().resolve() if build else None


def main() -> None:
    """Entry point: a user's mistake is one sentence and exit code 2, a failed chapter exit code 1."""
    try:
        app()
    except CamganError as error:
        sys.exit(_complain(error, 2))
    except ChapterFailed as error:
        sys.exit(_complain(error, 2 if error.users else 1))


def _complain(what: object, code: int) -> int:
    print(f"camgan: {what}", file=sys.stderr)
    return code
