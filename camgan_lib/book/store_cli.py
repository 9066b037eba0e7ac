"""The command line of the store: `camgan store list`, `show`, `prune`."""

import contextlib
import json
from typing import Annotated, Any

import typer

from camgan_lib.base.errors import CamganError
from camgan_lib.base.settings import Settings
from camgan_lib.book import published, usage
from camgan_lib.book.execution import alone
from camgan_lib.book.options import Build, settings_of
from camgan_lib.networks.store import Store

app = typer.Typer(no_args_is_help=True, help="Networks, stylised images and measurements: list, show, prune.")


def store_of(settings: Settings) -> Store:
    """The store that the settings name, with the published one behind it."""
    return Store(settings.store, [published.store_folder()])


@app.command("list")
def show_all(build: Build = None) -> None:
    """List what is stored: kind, id, when and how long it was made, size, whether a record of this build needs it."""
    settings = settings_of(build)
    store = store_of(settings)
    rows, stands = [], {}
    for each in store.manifests():
        facts = f"{each.get('date') or '?':25}  {each.get('seconds') or 0:8.1f} s  {each['bytes'] / 1e6:6.1f} MB"
        facts += f"  {'published' if each['published'] else 'own':9}"
        rows.append((each["kind"], each.get("date") or "", each["id"], facts, _about(each["recipe"])))
        stands[each["id"]] = usage.stands_on(each)
    used = usage.needed(settings.build, store, stands)
    for kind, _, identity, facts, about in sorted(rows):
        print(f"{kind:11}  {identity}  {facts}  {'used' if identity in used else '':4}  {about}".rstrip())
    print(f"own ones in {store.root}")


def _about(recipe: dict[str, Any]) -> str:
    if recipe.get("recipe", {}).get("quantized"):
        return "8-bit"
    if "architecture" in recipe:
        return recipe["architecture"]
    return f"camera {recipe['target']}" if "target" in recipe else ""


@app.command("show")
def show(
    identity: Annotated[
        str, typer.Argument(metavar="ID", help="An id, or how it begins, as 'camgan store list' shows.")
    ],
    build: Build = None,
) -> None:
    """Print a manifest: recipe, metrics, provenance."""
    store = store_of(settings_of(build))
    named = [name for name in store.names() if name[1].startswith(identity)]
    found = [each for name in named if (each := store.outline(*name, metrics=True)) is not None]
    if len(found) != 1:
        raise CamganError(
            f"{len(found)} stored things have an id that begins with {identity!r}; see 'camgan store list'"
        )
    print(json.dumps(found[0], indent=1, ensure_ascii=False))


@app.command("prune")
def prune(
    yes: Annotated[bool, typer.Option("--yes", help="Remove them; without it they are only named.")] = False,
    build: Build = None,
) -> None:
    """Remove what no chapter, sweep or trial of this build needs, and no process is making."""
    settings = settings_of(build)
    if not settings.own_store:
        raise CamganError("the store is one that CAMGAN_STORE names: what other builds use of it can't be known here")
    with contextlib.ExitStack() as held:
        if yes and settings.build.exists():
            held.enter_context(alone(settings.build))
            held.enter_context(usage.naming(settings.build))
        _prune(settings, yes)


def _prune(settings: Settings, yes: bool) -> None:
    store = store_of(settings)
    used = usage.needed(settings.build, store)
    unused = (each for each in store.manifests(without=used) if not each["published"])
    stored: list[dict[str, Any]] = [
        {name: each.get(name) for name in ("kind", "date", "id", "bytes")} for each in unused
    ]
    stored.sort(key=lambda each: (each["kind"], each["date"] or "", each["id"]))
    finished = {(each["kind"], each["id"]) for each in stored}
    unfinished = [{**each, "unfinished": True} for each in store.checkpoints()]
    stored += [each for each in unfinished if (each["kind"], each["id"]) not in finished]
    gone = []
    for each in stored:
        if each["id"] in used:
            continue
        removed = not yes or store.remove(each["kind"], each["id"])
        gone += [each] if removed else []
        note = ("  unfinished" if each.get("unfinished") else "") + ("" if removed else "  kept, it is being made")
        print(f"{each['kind']:11}  {each['id']}  {each['bytes'] / 1e6:6.1f} MB{note}")
    size = sum(each["bytes"] for each in gone) / 1e6
    print(f"{'removed' if yes else 'would remove (with --yes)'} {len(gone)}, {size:.1f} MB")
