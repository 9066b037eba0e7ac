"""Model cards of published networks, made from their manifests: `python -m camgan_lib.book.model_card`.

A card is Markdown with the front matter that Hugging Face reads: what the network is, how well it does, its recipe and
data, where it comes from, how to load it, and what it can't do.
"""

import json
from pathlib import Path
from typing import Any

import yaml

from camgan_lib.base.files import write_aside
from camgan_lib.book import published
from camgan_lib.book.card_texts import LIMITS, LOADING, TASKS, what_it_is
from camgan_lib.book.citation import read_citation
from camgan_lib.measure.estimates import Estimate

Manifest = dict[str, Any]
Results = dict[str, Any]
Measured = list[tuple[str, str, Estimate]]
"""What was measured: a name for machines, the same in words, the estimate."""


def write_cards() -> list[Path]:
    """Writes the card of every network in the published store, as README.md beside its manifest; returns their paths.

    Numbers come from the published run that used the network. A card that is already so is left alone.
    """
    runs = {name: published.results(name) for name in published.names()}
    return [_write_card(path, runs) for path in sorted(published.store_folder().glob("*/[!.]*/manifest.json"))]


def _write_card(path: Path, runs: dict[str, Results]) -> Path:
    manifest = json.loads(path.read_text("utf-8"))
    using = [name for name, found in runs.items() if _name_in(manifest["id"], found) is not None]
    text = card(manifest, using[0] if using else "", runs[using[0]] if using else None)
    target = path.with_name("README.md")
    if not target.is_file() or target.read_text("utf-8") != text:
        with write_aside(target) as aside:
            aside.write_text(text, "utf-8")
    return target


def _name_in(identity: str, results: Results) -> str | None:
    """The name by which a run knows a network: "auxiliary", a camera, "plain 2"; None where it did not use it."""
    return next((each.get("name", "") for each in results["run"]["networks"] if each["id"] == identity), None)


def card(manifest: Manifest, run: str = "", results: Results | None = None) -> str:
    """The card of a network.

    `results`: those of the published run named `run` that used the network, with estimates as such. Without them the
    card has the numbers of the training alone, which have no intervals.
    """
    name = _name_in(manifest["id"], results) if results else None
    measured = measurements(manifest, name, results) if results and name else []
    cameras = tuple(results.get("dataset", {}).get("cameras", ())) if results else ()
    parts = [
        _front_matter(manifest, measured),
        f"# {manifest['kind'].capitalize()} {manifest['id']}",
        what_it_is(manifest, name, cameras),
        "## How well it does",
        _numbers(manifest, run, results, measured),
        "## Recipe and data",
        _recipe(manifest),
        "## Where it comes from",
        _origin(manifest),
        "## How to load it",
        LOADING[manifest["kind"]],
        "## Limits",
        LIMITS[manifest["kind"]],
    ]
    return "\n\n".join(parts) + "\n"


def measurements(manifest: Manifest, name: str, results: Results) -> Measured:
    """What a run has measured of a network that it knows by `name`."""
    if manifest["kind"] == "classifier":
        found, words = results.get("classifier", {}), {"accuracy": "test crops named right"}
        words |= {"photo_accuracy": "test photos named right, by the sum over their crops"}
        measured = [(key, text, found.get(f"{name}_{key}")) for key, text in words.items()]
    elif manifest["kind"] == "generator":
        rows = results.get("style_gan", {}).get("table1", [])
        row: Results = next((row for row in rows if row["camera"] == name), {})
        judged = "taken for the camera by the"
        words = {
            "no_style": f"test images as they are, {judged} auxiliary classifier",
            "train": f"stylised training images {judged} auxiliary classifier",
            "test": f"stylised test images {judged} auxiliary classifier",
            "transfer": f"stylised test images {judged} 8-bit classifier",
            "l1": "mean change of a pixel, with pixels in −1 to 1",
        }
        measured = [(key, text, row.get(key)) for key, text in words.items()]
    elif manifest["kind"] == "judge":
        row = results.get("style_gan", {}).get("judges", {}).get(manifest["recipe"]["architecture"], {})
        among = ", mean over the networks of this architecture"
        words = {"accuracy": f"test crops named right{among}", "turned": f"stylised images turned{among}"}
        measured = [(key, text, row.get(key)) for key, text in words.items()]
    else:
        measured = []
    return [(key, text, each) for key, text, each in measured if isinstance(each, Estimate)]


def _front_matter(manifest: Manifest, measured: Measured) -> str:
    task, tags = TASKS[manifest["kind"]]
    simulated = is_simulated(manifest)
    about: dict[str, Any] = {
        "license": read_citation().license.lower(),
        "library_name": "camgan",
        "pipeline_tag": task,
        "tags": ["pytorch", "safetensors", "source-camera-identification", *tags],
    }
    if measured:
        data = "simulated cameras" if simulated else "photos of real cameras"
        dataset = {"name": data, "type": "simulated" if simulated else "own"}
        metrics = [{"type": key, "name": text, "value": round(each.value, 4)} for key, text, each in measured]
        results = [{"task": {"type": task}, "dataset": dataset, "metrics": metrics}]
        about["model-index"] = [{"name": f"camgan-{manifest['kind']}-{manifest['id']}", "results": results}]
    return f"---\n{yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=120)}---"


def is_simulated(manifest: Manifest) -> bool:
    """Whether a network was trained on simulated photos. These are known by their recipe, others by their content."""
    return manifest["recipe"].get("data") != manifest.get("data_fingerprint")


def _numbers(manifest: Manifest, run: str, results: Results | None, measured: Measured) -> str:
    history = manifest["metrics"].get("history") or [{}]
    last = ", ".join(f"{key} {value:.4g}" for key, value in history[-1].items() if value is not None)
    trained = f"At the end of its training (one number each, no interval): {last}." if last else ""
    if not measured or results is None:
        return trained or "No number is recorded."
    lines = ["| measured | value | 95 % interval | of |", "|---|---|---|---|"]
    for _, text, each in measured:
        interval = f"{each.low:.4f} to {each.high:.4f}" if each.known else "unknown"
        lines.append(f"| {text} | {each.value:.4f} | {interval} | {each.n} {each.unit}s; {each.method} |")
    source = f"From the published run `{run}` (`published/{run}/results.json`, commit {results['run'].get('commit')})."
    return "\n\n".join(each for each in ("\n".join(lines), source, trained) if each)


def _recipe(manifest: Manifest) -> str:
    """The recipe as a table, and the data by their ids."""
    recipe = manifest["recipe"]
    rows = {**{key: value for key, value in recipe.items() if key != "recipe"}, **recipe.get("recipe", {})}
    lines = ["| field | value |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows.items())]
    kind = "Simulated cameras on scenes that no camera took" if is_simulated(manifest) else "Photos of real cameras"
    print_of = f"{kind}; SHA-256 of the crops, labels and numbers of photos: `{manifest.get('data_fingerprint')}`."
    more = manifest.get("nostyle_fingerprint")
    nostyle = f" No-style images: `{more}`." if more else ""
    id_of = "The id is the hash of this recipe: `data`, `nostyle` and `auxiliary` are ids of what it was trained from, "
    return "\n".join(lines) + f"\n\n{print_of}{nostyle} {id_of}`code` is the version of the code that trains it."


def _origin(manifest: Manifest) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in manifest.get("versions", {}).items())
    rows = {
        "trained": f"{manifest.get('date')}, {manifest.get('seconds')} s",
        "on": manifest.get("device"),
        "commit": manifest.get("commit"),
        "profile": manifest.get("profile"),
        "versions": versions,
        "weights (SHA-256)": f"`{manifest['weights_sha256']}`",
    }
    return "\n".join(f"- {name}: {value}" for name, value in rows.items() if value)


if __name__ == "__main__":
    print("\n".join(path.parent.name for path in write_cards()))
