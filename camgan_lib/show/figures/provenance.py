"""Where a chapter's numbers come from: the networks that it used, and the line under it."""

import html
from typing import Any

from IPython.display import HTML

from camgan_lib.show.figures.style import Table, table
from camgan_lib.verdicts.wording import shown


def network_table(networks: list[dict]) -> Table:
    """Where the networks of `Run.networks()` come from: recipe, origin, date, device and duration of each training."""
    return _trainings(networks, "All else on this page is computed from these weights in this run")


def training_table(networks: list[dict]) -> Table:
    """The same of another run's networks, whose weights are not here."""
    rows = [{**each, "published": None} for each in networks]
    return _trainings(rows, "The networks of that run")


def _trainings(networks: list[dict], caption: str) -> Table:
    rows = [
        {
            **each,
            "name": shown(each["name"]),
            "from": origin(each),
            "took": duration(each["seconds"]),
            "date": each["date"][:10],
        }
        for each in networks
    ]
    columns = {"name": ("Network", "{}"), "id": ("Recipe", "{}"), "from": ("Weights", "{}"), "date": ("Trained", "{}")}
    columns |= {"device": ("On", "{}"), "took": ("For", "{}")}
    return table(rows, columns, caption)


def origin(network: dict) -> str:
    """Whether a network came with the project or was trained here, in words."""
    if network["published"] is None:
        return "kept there"
    words = "published" if network["published"] else "trained here"
    return words if network["same_data"] else f"{words}, on data that differ in some bytes from those here"


def duration(seconds: float) -> str:
    """Seconds in words: "45 s", "12 min"."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def line(record: dict) -> Any:
    """The line under a chapter: profile, data, seed, commit, device, duration, versions, recipes of the networks."""
    facts = record["provenance"]
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    parts = [
        f"Profile {facts['profile']}, data {facts['data']}, seed {facts['seed']}",
        f"commit {facts['commit']}",
        facts["device"],
        f"executed {facts['started']} in {facts['seconds']:.0f} s",
        versions,
    ]
    if record["networks"]:
        used = ", ".join(f"{shown(n['name'])} {n['id']} ({origin(n)})" for n in record["networks"])
        parts.append(f"recipes: {used}")
    return HTML(f'<p class="camgan-provenance" id="provenance">{html.escape(" · ".join(parts))}</p>')


def recorded_accuracy(classifier: dict, name: str) -> dict:
    """What chapter classifier recorded of one of its networks, by the names of `evaluation.evaluate`."""
    return {key: classifier[f"{name}_{key}"] for key in ("accuracy", "ci95", "photo_accuracy")}
