"""The command line: `camgan book`, `run`, `identify`, `params`, `compare`, `verify`, `sweep`, `publish`, `store`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from camgan_lib import __version__
from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.params import read_parameters
from camgan_lib.book import chapters, identify_cli, published, publishing, store_cli
from camgan_lib.book.execution import ChapterFailed, alone, run_chapters
from camgan_lib.book.html import build_html
from camgan_lib.book.options import Build, settings_of
from camgan_lib.book.pdf import find_browser, print_book
from camgan_lib.book.plan import make_plan
from camgan_lib.book.profiles import data_settings
from camgan_lib.book.results import write_results
from camgan_lib.book.staleness import stale_chapters
from camgan_lib.book.timings import Timings

app = typer.Typer(add_completion=False, no_args_is_help=True)
app.add_typer(store_cli.app, name="store")
app.command()(identify_cli.identify)
Profile = Annotated[str, typer.Option(help="smoke, quick, photos, paper, camera, dresden, or a .yml file of your own.")]

Parameters = Annotated[
    list[str] | None, typer.Option("-p", "--parameter", metavar="CHAPTER.NAME=VALUE", help="Set a parameter.")
]

Data = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Photos, a sub-folder per camera (and CIFAR-10, if DIR holds it too)."),
]

Kernel = Annotated[str, typer.Option(help="The Jupyter kernel that runs the chapters.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Train every network here; leave the published ones aside.")]

NoExecute = Annotated[
    bool, typer.Option("--no-execute", help="Only build the HTML, of what was executed last; pages say what is stale.")
]

Pdf = Annotated[bool, typer.Option("--pdf", help="Print the book into one PDF, too (needs Chromium or Chrome).")]

Again = Annotated[bool, typer.Option("--again", help="Execute chapters even where nothing has changed.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"camgan {__version__}")
        raise typer.Exit


@app.callback()
def camgan(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """camGAN, a paper that runs."""


@app.command()
def book(
    profile: Profile = "paper",
    parameter: Parameters = None,
    data: Data = None,
    kernel: Kernel = "python3",
    build: Build = None,
    again: Again = False,
    fresh: Fresh = False,
    no_execute: NoExecute = False,
    pdf: Pdf = False,
) -> None:
    """Run all chapters in order and build the HTML book."""
    from camgan_lib.book.crate import write_crate

    browser = find_browser() if pdf else None
    plan = make_plan(profile, _given(data, parameter), settings_of(build, fresh), kernel=kernel)
    with alone(plan.build):
        if no_execute:
            stale = stale_chapters(plan)
            print(f"nothing is executed; stale: {', '.join(stale) or 'none'}", flush=True)
            page = build_html(plan.settings, stale)
        else:
            timings = Timings(plan, chapters.sources(), pages=True)
            run_chapters(plan, list(chapters.sources()), again=again, timings=timings)
            results = write_results(plan)
            print("building the book …", flush=True)
            with timings.building():
                page = build_html(plan.settings)
            print(f"results: {results}")
            print(f"crate:   {write_crate(plan)}")
        print(f"book:    {page}", flush=True)
        if browser:
            print("printing the book …", flush=True)
            print(f"pdf:     {print_book(page.parent, browser)}")


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
    chapters.source(chapter)
    plan = make_plan(profile, _given(data, parameter), settings_of(build, fresh), only=chapter, kernel=kernel)
    with alone(plan.build):
        run_chapters(plan, [chapter], again=True)
    print(f"executed: {plan.build / 'executed' / chapters.source(chapter).name}")


@app.command()
def params(chapter: Annotated[str | None, typer.Argument(help="One chapter; all without it.")] = None) -> None:
    """List chapters' parameters: name, type, default, allowed values, meaning."""
    for name, source in ({chapter: chapters.source(chapter)} if chapter else chapters.sources()).items():
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
    from camgan_lib.show.figures import comparison
    from camgan_lib.verdicts import compare as compare_runs

    first, second = published.read_results(a), published.read_results(b)
    found = compare_runs.rows(first, second)
    print(f"A: {compare_runs.about(first)}\nB: {compare_runs.about(second)}\n")
    print(comparison.table(found, "A", "B"))
    if first.get("dataset", {}).get("cameras") != second.get("dataset", {}).get("cameras"):
        print("\nThe runs have other cameras: what stands by camera is in one of them alone.")
    print(f"\n{compare_runs.summary(found)}")


@app.command()
def verify(
    run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="A published run's name, a build folder or a results.json.")
    ] = "simulated",
    data: Data = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            "--parameter",
            metavar="CHAPTER.NAME=VALUE",
            help="Set the device, or where the run's own files are.",
        ),
    ] = None,
    build: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Where the new run and the report go (default: _build/verify/RUN)."),
    ] = None,
    fresh: Fresh = False,
    anew: Annotated[bool, typer.Option("--anew", help="Remove what an earlier verification left, and begin.")] = False,
) -> None:
    """Make a published run again from nothing, and compare every number with its record."""
    from camgan_lib.book import verify as verification

    folder = Path(build).expanduser().resolve() if build else None
    found, page = verification.verify(run, folder, data=data, given=parameter, fresh=fresh, anew=anew)
    print("", *found["said"], f"report: {page}", sep="\n")
    raise typer.Exit(0 if found["agrees"] else 1)


@app.command()
def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The sweep, a .yml file such as those in sweeps/.")],
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler's, as tcp://host:8786 (default: one here).")
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes of a cluster here; 0: one per core.")] = 0,
    slurm: Annotated[
        bool, typer.Option("--slurm", help="Submit the tasks to Slurm, as job arrays, without Dask.")
    ] = False,
    slurm_option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="partition, account, qos, constraint, mem, time, gpus or parallel."),
    ] = None,
    data: Data = None,
    build: Build = None,
) -> None:
    """Train and measure every cell of a grid of parameters: on this machine, on a Dask cluster or by Slurm."""
    from camgan_lib.book import sweep_grid, sweeps
    from camgan_lib.measure import sweep_summary
    from camgan_lib.show.figures import sweep as figures

    if slurm_option and not slurm:
        raise CamganError("--slurm-option goes with --slurm")
    if slurm and (scheduler or workers):
        raise CamganError("--slurm needs no Dask: leave --scheduler and --workers out")
    settings, options = settings_of(build), (slurm_option or []) if slurm else None
    photos = data_settings(data)[0].partition("=")[2] if data else None
    planned = sweep_grid.read_sweep(file)
    result = sweeps.run_sweep(planned, settings, scheduler=scheduler, workers=workers, data=photos, slurm=options)
    out = settings.build / "sweeps" / f"{planned.name}.json"
    found = sweep_summary.summary(result)
    print(figures.table(found, result["sweep"]["axes"]))
    picture = out.with_suffix(".png")
    figures.cells(found, result["sweep"]["axes"]).savefig(picture, dpi=150)
    print(f"results: {out}\nplots:   {picture}")


@app.command()
def publish(
    name: Annotated[str, typer.Argument(help="What the run is called in published/.")],
    build: Build = None,
    weights: Annotated[bool, typer.Option(help="Whether the networks' weights go with it.")] = True,
) -> None:
    """Copy a build's results, manifests and weights into published/."""
    settings = settings_of(build)
    folder = publishing.publish(name, settings.build, store_cli.store_of(settings), weights=weights)
    print(f"published: {folder}")


def _given(data: str | None, parameters: list[str] | None) -> list[str]:
    return (data_settings(data) if data else []) + (parameters or [])


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
