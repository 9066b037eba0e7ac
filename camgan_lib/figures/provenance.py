"""Where a chapter's numbers come from: the networks that it used, and the line under it."""

import html
from typing import Any

from IPython.display import HTML

from camgan_lib.figures.style import table


def network_table(networks: list[dict]) -> Any:
    """A table of `Run.networks()`: recipe, origin, date, device and duration of each training."""
    rows = [{**each, "from": origin(each), "took": duration(each["seconds"])} for each in networks]
    columns = {"name": ("Network", "{}"), "id": ("Recipe", "{}"), "from": ("Weights", "{}"), "date": ("Trained", "{}")}
    columns |= {"device": ("On", "{}"), "took": ("For", "{}")}
    return table(rows, columns, "All else on this page is computed from these weights in this run")


def origin(network: dict) -> str:
    """Whether a network came with the project or was trained here, in words."""
    if not network["published"]:
        return "trained by this build"
    return "published" if network["same_data"] else "published (data here differ in some bytes)"


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
        used = ", ".join(f"{n['name']} {n['id']} ({origin(n)})" for n in record["networks"])
        parts.append(f"recipes: {used}")
    return HTML(f'<p class="camgan-provenance">{html.escape(" · ".join(parts))}</p>')
