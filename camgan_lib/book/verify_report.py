"""The report of `camgan verify`: what agreed with the record, and where record and new run come from.

It is plain JSON, made of two results and of facts, without running anything.
"""

import json
from pathlib import Path
from typing import Any

from camgan_lib.base.files import file_sha256
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.versions import code_version
from camgan_lib.book import chapters, published
from camgan_lib.book.verify_record import Recorded, unrecorded
from camgan_lib.verdicts import verification

KINDS = {
    "simulated": "simulated photos",
    "crops": "crops",
    "reading": "the reading of photos",
    "nostyle": "pictures without a camera",
    "classifier": "classifiers",
    "generator": "generators",
    "camera": "generators that are built as cameras",
    "judge": "judges",
    "identifier": "networks for own photos",
    "measurement": "measurements of sweeps",
}
"""What the code of each kind makes, in words."""

LISTED = 5
"""How many changed files a sentence names."""

ABOUT = ("profile", "data", "nostyle", "seed", "commit", "device", "started", "seconds")


def report(recorded: Recorded, here: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """Everything that a verification says, as plain JSON.

    `here`: the results of the run that was made again, with estimates as such. `facts`: `machine`, `libraries`,
    `changes` (files that are not as committed), `begun` (when each attempt began), `fresh`, passed on as they are.

    Beside these: `agrees`, whether all came out again; `said`, the same in sentences; `notes`, what else a reviewer
    should know, in sentences; `record` and `here`, where both come from; `seconds`, by chapter, of both; `parameters`;
    `files`, see `check_files`; `networks`; and what `verification.checked` found.
    """
    found, files = verification.checked(recorded.results, here), check_files(recorded)
    return {
        "run": recorded.name,
        "agrees": verification.agrees(found) and not files["wrong"],
        "said": verification.sentences(found) + [f"published files: {each}" for each in files["wrong"]],
        "notes": notes(recorded, here, facts),
        "record": {**_about(recorded.run), "sha256": recorded.sha256, "libraries": recorded.run.get("versions", {})},
        "here": _about(here["run"]),
        **facts,
        "seconds": {side: results["run"].get("seconds_by_chapter", {}) for side, results in _sides(recorded, here)},
        "parameters": {"from": recorded.source, "not_recorded": unrecorded(recorded)},
        "files": files,
        "networks": networks(recorded, here),
        "rules": verification.RULES,
        **found,
    }


def _sides(recorded: Recorded, here: dict[str, Any]) -> tuple[tuple[str, dict], ...]:
    return ("record", recorded.results), ("here", here)


def _about(run: dict[str, Any]) -> dict[str, Any]:
    return {name: run.get(name) for name in ABOUT}


# --- what a reviewer should know beside the numbers


def notes(recorded: Recorded, here: dict[str, Any], facts: dict[str, Any]) -> list[str]:
    """Sentences on commits, changed code, parameters, networks and what is shown without being computed again."""
    commit, own = recorded.run.get("commit"), here["run"].get("commit")
    said = [note] if (note := _older(recorded)) else []
    if commit != own:
        said.append(f"The record was made at {_at(commit)}, this run at {_at(own)}.")
    if changes := facts["changes"]:
        more = f" and {len(changes) - LISTED} more" if len(changes) > LISTED else ""
        said.append(f"Files that are not as committed: {', '.join(changes[:LISTED])}{more}.")
    before, now = recorded.run.get("versions", {}), here["run"].get("versions", {})
    if other := [f"{name} {before[name]} → {now.get(name)}" for name in before if before[name] != now.get(name)]:
        said.append(f"Other versions than the record's: {', '.join(other)}.")
    said += changed_code(recorded)
    if not recorded.has_parameters:
        said.append(f"The parameters are those of {recorded.source}.")
    if (new := unrecorded(recorded)) and recorded.has_parameters:
        said.append(f"Parameters that the record does not know have their defaults: {', '.join(new)}.")
    said += _of_networks(networks(recorded, here), facts["fresh"])
    shown = " and ".join(chapters.SHOW_SWEEPS)
    said.append(f"Sweeps and trials are not computed again: what {shown} show of them is read from published/.")
    return said


def _at(commit: str | None) -> str:
    """A recorded commit in words. Its + stands for changes that were not committed."""
    if commit is None:
        return "a commit that is not known"
    return f"commit {commit.rstrip('+')}" + (" with changes that were not committed" if commit.endswith("+") else "")


def _older(recorded: Recorded) -> str:
    """That a record has the form of an earlier version, or ""."""
    return published.older(recorded.results) if "auxiliary_accuracy" in recorded.results.get("classifier", {}) else ""


def changed_code(recorded: Recorded) -> list[str]:
    """A sentence for each kind of thing whose code has another version than at the time of the record."""
    return [
        f"The code that makes {KINDS.get(kind, kind)} has changed since the record (version {before} there, "
        f"{code_version(kind)} here): what it makes is made again, and so are the networks that learn from it."
        for kind, before in sorted(_versions(recorded).items())
        if before != code_version(kind)
    ]


def _versions(recorded: Recorded) -> dict[str, int]:
    """The versions of the code that the record names, or else those in the manifests of its networks."""
    if isinstance(recorded.run.get("code"), dict):
        return {kind: version for kind, version in recorded.run["code"].items() if kind in KINDS}
    found = {}
    for network in recorded.run.get("networks", []):
        recipe = (_manifest(recorded, network) or {}).get("recipe", {})
        if network["kind"] in KINDS and isinstance(recipe.get("code"), int):
            found[network["kind"]] = recipe["code"]
    return found


def networks(recorded: Recorded, here: dict[str, Any]) -> list[dict[str, Any]]:
    """The networks of both runs by name: `kind`, `record` and `here` (their ids, None where there is none), `published`
    (its weights came with the project), `same_data`, and `seconds` of its training."""
    before, after = (
        {each["name"]: each for each in results["run"].get("networks", [])} for _, results in _sides(recorded, here)
    )
    found = []
    for name in {**before, **after}:
        a, b = before.get(name, {}), after.get(name, {})
        facts = {fact: b.get(fact) for fact in ("published", "same_data", "seconds", "device", "date")}
        found.append({"name": name, "kind": (a or b)["kind"], "record": a.get("id"), "here": b.get("id"), **facts})
    return found


def _of_networks(found: list[dict[str, Any]], fresh: bool) -> list[str]:
    used = [each for each in found if each["here"]]
    came = sum(bool(each["published"]) for each in used)
    said = []
    if used:
        why = " (--fresh)" if fresh else ""
        said.append(f"Of {len(used)} networks {came} came with the project; {len(used) - came} were trained here{why}.")
    if other := [each["name"] for each in used if each["record"] and each["record"] != each["here"]]:
        said.append(f"Trained by another recipe than the record's: {', '.join(other)}.")
    if apart := sum(each["same_data"] is False for each in used):
        said.append(
            f"{apart} networks were trained on data that differ in some bytes from those made here: another processor "
            "or another version of a library rounds otherwise."
        )
    return said


# --- published files


def check_files(recorded: Recorded) -> dict[str, Any]:
    """Whether weights and manifests of a run are what they say: `checked`, how many; `wrong`, a sentence for each.

    Weights have the SHA-256 that their manifest states, a manifest the id that follows from its recipe, and each
    network that the run names has a manifest. Looked at are the published store, and what lies beside the results.
    """
    named = {each["id"] for each in recorded.run.get("networks", [])}
    folders = [each for each in sorted(published.store_folder().glob("*/[!.]*")) if each.is_dir()]
    folders += [each for each in sorted(recorded.file.parent.glob("store/*/[!.]*")) if each.name in named]
    beside = [each for each in sorted(recorded.file.parent.glob("*/*.json")) if each.stem in named]
    wrong = [said for each in folders if (said := _wrong(each / "manifest.json", each.name, each))]
    wrong += [said for each in beside if (said := _wrong(each, each.stem, None))]
    wrong += [
        f"{each['kind']} {each['id']} ({each['name']}) of the run has no manifest"
        for each in recorded.run.get("networks", [])
        if not _manifest_file(recorded, each)
    ]
    return {"checked": len(folders) + len(beside), "wrong": wrong}


def _wrong(file: Path, identity: str, weights: Path | None) -> str:
    """What is wrong with a manifest and the weights in a folder, or ""."""
    name = f"{file.parent.parent.name if weights else file.parent.name} {identity}"
    try:
        manifest = json.loads(file.read_text("utf-8"))
        if recipe_id(manifest["recipe"]) != identity or manifest["id"] != identity:
            return f"{name} is not named by its recipe"
        if weights and file_sha256(weights / "weights.safetensors") != manifest["weights_sha256"]:
            return f"the weights of {name} are not those that its manifest states (SHA-256)"
    except (OSError, ValueError, KeyError, TypeError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        return f"{name} can't be read ({words})"
    return ""


def _manifest_file(recorded: Recorded, network: dict[str, Any]) -> Path | None:
    kind, identity, folder = network["kind"], network["id"], recorded.file.parent
    stores = (published.store_folder(), folder / "store")
    places = [folder / kind / f"{identity}.json", *(store / kind / identity / "manifest.json" for store in stores)]
    return next((each for each in places if each.is_file()), None)


def _manifest(recorded: Recorded, network: dict[str, Any]) -> dict[str, Any] | None:
    file = _manifest_file(recorded, network)
    try:
        return json.loads(file.read_text("utf-8")) if file else None
    except (OSError, ValueError):
        return None
